package cluster

import (
	"encoding/binary"
	"iter"
	"time"

	"kliping/internal/news"
)

// shelf holds the window's articles, each at its place, and knows which are of
// one story. An article is one record and one piece of memory without pointers,
// so that a million of them cost the garbage collector little.
type shelf struct {
	pages   [][]held // by place; 0 is never used
	langOf  []uint8  // by place
	free    []uint32 // places to be used again
	ids     index    // from articles to places
	stories index    // from stories to the place of the first member
	count   int
	names   names
	steps   int // members walked over so far; see index.steps
	met     int // see index.met
}

const pageSize = 256 // articles of a page of the shelf

// held is what is kept of an article. Its story's members are a ring: first
// those that the translations know, then those that are silent; each part in
// order of adding.
type held struct {
	id         news.ArticleID
	story      news.StoryID
	at         int64  // arrival, in microseconds of Unix time
	data       []byte // the text's tokens, which of them are names, the headline, the marks
	next, prev uint32 // in the ring
	outlet     uint32 // in names
	lang       uint32 // in names
	words      uint16 // of the text
	shingles   uint16
	length     uint16 // the last pivot's position
	named      uint16 // pivots that are, or may be, names
	title      uint8  // tokens of the headline
	flags      uint8
	moves      uint8 // how often it was moved from story to story
}

// The flags of an article that is held.
const (
	flagQuoted uint8 = 1 << iota
	flagTold
	flagLatin  // written in Latin letters
	flagSilent // one more copy of a text that the translations know already
)

// names keeps one string for all that are equal.
type names struct {
	numbers map[string]uint32
	list    []string
}

func (n *names) number(s string) uint32 {
	if k, ok := n.numbers[s]; ok {
		return k
	}
	k := uint32(len(n.list))
	n.numbers[s], n.list = k, append(n.list, s)
	return k
}

func newShelf() *shelf {
	return &shelf{langOf: make([]uint8, 1), names: names{numbers: map[string]uint32{}}}
}

// item is an article taken from the shelf to be looked at.
type item struct {
	Entry
	place uint32
}

func (s *shelf) at(place uint32) *held { return &s.pages[place/pageSize][place%pageSize] }

// find returns an article's place, or 0.
func (s *shelf) find(id news.ArticleID) uint32 {
	var found [4]uint32
	for _, place := range s.ids.find(found[:0], mix(uint64(id))) {
		if s.at(place).id == id {
			return place
		}
	}
	return 0
}

// first returns the place of a story's first member, or 0.
func (s *shelf) first(story news.StoryID) uint32 {
	var found [4]uint32
	for _, place := range s.stories.find(found[:0], mix(uint64(story))) {
		if s.at(place).story == story {
			return place
		}
	}
	return 0
}

// spoken are the places of a story's members that are not silent, in order.
func (s *shelf) spoken(story news.StoryID) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		first := s.first(story)
		for place := first; place != 0 && s.at(place).flags&flagSilent == 0; {
			if !yield(place) {
				return
			}
			if place = s.at(place).next; place == first {
				return
			}
		}
	}
}

// take puts an article that is not there yet on the shelf, in its story. lang
// is its language's number among the translations.
func (s *shelf) take(e *Entry, lang uint8) uint32 {
	place := s.place()
	s.langOf[place] = lang
	h := s.at(place)
	*h = held{
		id: e.ID, story: e.Story, at: e.At.UnixMicro(),
		outlet: s.names.number(e.Outlet), lang: s.names.number(e.Sketch.Lang),
	}
	h.keep(e.Sketch)
	s.ids.insert(mix(uint64(e.ID)), place)
	s.count++
	s.enlist(place)
	return place
}

// movesTo is how often an article will have moved once it is in the story that e
// names.
func (s *shelf) movesTo(e *Entry) uint8 {
	place := s.find(e.ID)
	switch {
	case place == 0:
		return 0
	case s.at(place).story == e.Story:
		return s.at(place).moves
	}
	return min(s.at(place).moves, mostMoves) + 1
}

// keep packs what copies are recognised by.
func (h *held) keep(k *Sketch) {
	h.words, h.shingles, h.title = uint16(len(k.print)), uint16(k.shingles), uint8(len(k.title))
	h.data = make([]byte, 0, len(k.print)+len(k.names)+2*len(k.title))
	h.data = append(append(h.data, k.print...), k.names...)
	for _, t := range k.title {
		h.data = binary.LittleEndian.AppendUint16(h.data, uint16(t))
	}
	h.flags |= oneIf(k.quoted)*flagQuoted | oneIf(k.told)*flagTold
}

// sketch unpacks what keep packed; print and names are not copied.
func (h *held) sketch() *Sketch {
	k := &Sketch{Words: int(h.words), shingles: int32(h.shingles), quoted: h.flags&flagQuoted != 0, told: h.flags&flagTold != 0}
	n := int(h.words)
	k.hold(h.data[:n+(n+7)/8:n+(n+7)/8], n)
	title := h.data[n+(n+7)/8:]
	for i := range int(h.title) {
		k.title = append(k.title, titleToken(binary.LittleEndian.Uint16(title[2*i:])))
	}
	return k
}

// marks are the packed marks of the article's pivots; empty if it is silent.
func (h *held) marks() []byte {
	n := int(h.words)
	return h.data[n+(n+7)/8+2*int(h.title):]
}

// mark keeps what translations are recognised by: the packed marks behind the
// rest, all in memory of just that size.
func (h *held) mark(x *indexed, marks []byte) {
	h.length, h.named = x.length, x.names
	h.flags |= oneIf(x.latin) * flagLatin
	data := make([]byte, 0, len(h.data)+len(marks))
	h.data = append(append(data, h.data...), marks...)
}

// unmark takes the marks away.
func (h *held) unmark() {
	h.data = h.data[:len(h.data)-len(h.marks())]
}

// fetch asks for the memory of many articles at once, as index.warm does for
// keys.
func (s *shelf) fetch(places []uint32) {
	sum := 0
	for _, place := range places {
		sum += len(s.at(place).data)
	}
	for _, place := range places {
		data := s.at(place).data
		for k := 0; k < len(data); k += 128 { // two lines of cache
			sum += int(data[k])
		}
	}
	s.met = sum
}

// entry unpacks what is known of the article at a place, but for its sketch.
func (s *shelf) entry(place uint32) Entry {
	h := s.at(place)
	return Entry{ID: h.id, Story: h.story, Outlet: s.names.list[h.outlet], At: time.UnixMicro(h.at)}
}

// item unpacks all of the article at a place but its pivots.
func (s *shelf) item(place uint32) *item {
	it := &item{s.entry(place), place}
	it.Sketch = s.at(place).sketch()
	it.Sketch.Lang = s.names.list[s.at(place).lang]
	return it
}

// place returns a place that is free.
func (s *shelf) place() uint32 {
	if n := len(s.free); n > 0 {
		place := s.free[n-1]
		s.free = s.free[:n-1]
		return place
	}
	place := uint32(len(s.langOf))
	s.langOf = append(s.langOf, 0)
	if int(place/pageSize) == len(s.pages) {
		s.pages = append(s.pages, make([]held, pageSize))
	}
	return place
}

// drop takes the article at a place off the shelf.
func (s *shelf) drop(place uint32) {
	h := s.at(place)
	s.ids.remove(mix(uint64(h.id)), place)
	s.delist(place)
	*h = held{}
	s.count--
	s.free = append(s.free, place)
}

// enlist puts an article into its story's ring: among those that the
// translations know, unless it is silent or as many of its language are there.
// It walks over a bounded number of members, however many the story has.
func (s *shelf) enlist(place uint32) {
	h := s.at(place)
	first := s.first(h.story)
	if first == 0 {
		s.stories.insert(mix(uint64(h.story)), place)
		h.next, h.prev = place, place
		return
	}
	if h.flags&flagSilent != 0 {
		s.link(place, first)
		return
	}
	before, alike := first, 0
	for s.at(before).flags&flagSilent == 0 {
		if s.langOf[before] == s.langOf[place] {
			alike++
		}
		s.steps++
		if before = s.at(before).next; before == first {
			break
		}
	}
	if alike >= maxAlike {
		h.flags |= flagSilent
		before = first
	}
	s.link(place, before)
	if before == first && s.at(first).flags&flagSilent != 0 && h.flags&flagSilent == 0 {
		s.stories.replace(mix(uint64(h.story)), first, place)
	}
}

// link puts an article into a ring, before another.
func (s *shelf) link(place, next uint32) {
	prev := s.at(next).prev
	h := s.at(place)
	h.next, h.prev = next, prev
	s.at(prev).next, s.at(next).prev = place, place
}

// delist takes an article out of its story's ring.
func (s *shelf) delist(place uint32) {
	h := s.at(place)
	key := mix(uint64(h.story))
	if h.next == place {
		s.stories.remove(key, place)
		return
	}
	s.stories.replace(key, place, h.next) // if it is the first
	s.at(h.prev).next, s.at(h.next).prev = h.next, h.prev
}

// merge moves every article of one story to another and returns those that the
// translations need not know any more. Its cost grows with the story that
// ends, as that of the store's does.
func (s *shelf) merge(from, into news.StoryID) (silenced []uint32) {
	for place := s.first(from); place != 0; place = s.first(from) {
		s.delist(place)
		h := s.at(place)
		spoke := h.flags&flagSilent == 0
		h.story = into
		s.enlist(place)
		if spoke && h.flags&flagSilent != 0 {
			silenced = append(silenced, place)
		}
	}
	return silenced
}
