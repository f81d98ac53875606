package cluster

import (
	"cmp"
	"slices"

	"kliping/internal/news"
)

// candidate is a story that carries an article's text in another language.
type candidate struct {
	Story  news.StoryID
	Of     news.ArticleID // the member most alike
	Score  float64        // from accepted up to 1
	Pivots []string       // what the two share, weightiest first, as the new article has it
}

// translations finds the stories of the window that carry an article's text in
// another language. It is an index from pivots to the newest articles that have
// them, which also counts how many articles of each language do: the weight of
// a shared pivot comes from these counts, and they drift as articles come and go.
//
// It holds the window's *Entry values and reads their Story when asked, so a
// merge of stories needs no call. Of the sketch it keeps a copy of the pivots
// without their labels; those needed for the explanation are taken from the
// article asked about.
//
// Not safe for concurrent use.
type translations struct {
	langs   map[string]uint8
	docs    []int             // articles indexed, by language
	numbers map[uint32]uint32 // a pivot's place in pivots, by its hash
	pivots  []posting
	unused  []uint32 // places in pivots to be used again
	texts   []indexed
	langOf  []uint8 // of texts, packed
	free    []uint32
	byID    map[news.ArticleID]uint32
	members map[news.StoryID][]uint32 // may be behind a merge: see settle
	scratch translationScratch
}

// indexed is an article in the index.
type indexed struct {
	entry  *Entry
	story  news.StoryID // under which it stands in members
	marks  []placed     // ascending by pivot
	alone  []placed     // of an article asked about: pivots, by hash, that no other has
	length uint16       // its last pivot's position
	names  uint16       // pivots that are, or may be, names
	lang   uint8
	latin  bool // written in Latin letters
	silent bool // one more copy of a text that is indexed already
}

// placed is a pivot in a text: its hash, or in the index its number.
type placed struct {
	pivot uint32
	pos   places
}

// posting says which articles have a pivot: the newest, and how many there are
// in each language.
type posting struct {
	hash   uint32
	newest []uint32
	counts []uint32 // language in the upper byte, number in the rest
}

// translationScratch is memory used again from call to call.
type translationScratch struct {
	hits    []float32 // by text; all zero between calls
	touched []uint32
	weights [maxLangs + 1]float32 // of one pivot, by language
	points  []point
}

const (
	// maxPosting is how many articles a pivot leads to, the newest: one that
	// more have is too common to find anything by. It keeps the cost of an
	// article flat as the window grows.
	maxPosting = 48
	// maxAlike is how many copies of one text in one language are indexed; the
	// fortieth copy of a wire story does not make its names common.
	maxAlike = 3
	// maxLangs bounds the languages told apart; more count as one.
	maxLangs = 250
)

func newTranslations() *translations {
	return &translations{
		langs:   map[string]uint8{},
		numbers: map[uint32]uint32{},
		byID:    map[news.ArticleID]uint32{},
		members: map[news.StoryID][]uint32{},
	}
}

// lang numbers a language.
func (t *translations) lang(tag string) uint8 {
	if l, ok := t.langs[tag]; ok {
		return l
	}
	l := min(len(t.docs), maxLangs)
	if l == len(t.docs) {
		t.docs = append(t.docs, 0)
	}
	t.langs[tag] = uint8(l)
	return uint8(l)
}

// add indexes an entry; one known already is replaced.
func (t *translations) add(e *Entry) {
	t.remove(e.ID)
	x := t.read(e)
	x.story = e.Story
	slot := t.slot()
	t.byID[e.ID] = slot
	x.silent = t.alike(&x) >= maxAlike
	if x.silent {
		x.marks = nil
	} else {
		t.enter(&x, slot)
	}
	t.texts[slot], t.langOf[slot] = x, x.lang
}

// read takes an entry's pivots without their labels.
func (t *translations) read(e *Entry) indexed {
	x := indexed{entry: e, lang: t.lang(e.Sketch.Lang), marks: make([]placed, len(e.Sketch.Pivots))}
	exact := uint16(0)
	for i := range e.Sketch.Pivots {
		p := &e.Sketch.Pivots[i]
		x.marks[i] = placed{p.Hash, p.Pos}
		if n := p.Pos.len(); n > 0 {
			x.length = max(x.length, p.Pos[n-1])
		}
		switch kindOf(p.Hash) {
		case kindName, kindShort:
			x.names++
		case kindExact:
			exact++
		}
	}
	x.latin = exact*2 > x.names
	return x
}

func (t *translations) slot() uint32 {
	if n := len(t.free); n > 0 {
		slot := t.free[n-1]
		t.free = t.free[:n-1]
		return slot
	}
	t.texts = append(t.texts, indexed{})
	t.langOf = append(t.langOf, 0)
	t.scratch.hits = append(t.scratch.hits, 0)
	return uint32(len(t.texts) - 1)
}

// alike counts the indexed articles of x's story in its language.
func (t *translations) alike(x *indexed) int {
	n := 0
	for _, slot := range t.members[x.story] {
		if t.langOf[slot] == x.lang {
			n++
		}
	}
	return n
}

// enter puts x, at slot, under its pivots, and replaces their hashes in it by
// their numbers.
func (t *translations) enter(x *indexed, slot uint32) {
	t.docs[x.lang]++
	t.members[x.story] = append(t.members[x.story], slot)
	for i := range x.marks {
		number, ok := t.numbers[x.marks[i].pivot]
		if !ok {
			number = t.number(x.marks[i].pivot)
		}
		x.marks[i].pivot = number
		p := &t.pivots[number]
		p.count(x.lang, 1)
		if len(p.newest) == maxPosting {
			copy(p.newest, p.newest[1:])
			p.newest[maxPosting-1] = slot
		} else {
			p.newest = append(p.newest, slot)
		}
	}
	slices.SortFunc(x.marks, func(a, b placed) int { return cmp.Compare(a.pivot, b.pivot) })
}

// number gives a new pivot its place.
func (t *translations) number(hash uint32) uint32 {
	var number uint32
	if n := len(t.unused); n > 0 {
		number, t.unused = t.unused[n-1], t.unused[:n-1]
		t.pivots[number].hash = hash
	} else {
		number = uint32(len(t.pivots))
		t.pivots = append(t.pivots, posting{hash: hash})
	}
	t.numbers[hash] = number
	return number
}

func (p *posting) count(lang uint8, by int) {
	for i, c := range p.counts {
		if uint8(c>>24) == lang {
			p.counts[i] = uint32(int(c) + by)
			return
		}
	}
	p.counts = append(p.counts, uint32(lang)<<24|uint32(by))
}

// in is how many articles of a language have the pivot.
func (p *posting) in(lang uint8) int {
	for _, c := range p.counts {
		if uint8(c>>24) == lang {
			return int(c & 0xffffff)
		}
	}
	return 0
}

func (p *posting) empty() bool {
	for _, c := range p.counts {
		if c&0xffffff != 0 {
			return false
		}
	}
	return true
}

// remove takes an article out; one that is not there is no error.
func (t *translations) remove(id news.ArticleID) {
	slot, ok := t.byID[id]
	if !ok {
		return
	}
	delete(t.byID, id)
	x := &t.texts[slot]
	if !x.silent {
		t.leave(x, slot)
	}
	*x = indexed{}
	t.free = append(t.free, slot)
}

func (t *translations) leave(x *indexed, slot uint32) {
	is := func(s uint32) bool { return s == slot }
	t.docs[x.lang]--
	if left := slices.DeleteFunc(t.members[x.story], is); len(left) > 0 {
		t.members[x.story] = left
	} else {
		delete(t.members, x.story)
	}
	for i := range x.marks {
		number := x.marks[i].pivot
		p := &t.pivots[number]
		p.count(x.lang, -1)
		p.newest = slices.DeleteFunc(p.newest, is)
		if p.empty() {
			delete(t.numbers, p.hash)
			*p = posting{}
			t.unused = append(t.unused, number)
		}
	}
}

// settle moves the members of a story that was merged into another to where
// they belong now.
func (t *translations) settle(slot uint32) {
	x := &t.texts[slot]
	if x.story == x.entry.Story {
		return
	}
	moved := t.members[x.story]
	delete(t.members, x.story)
	for _, s := range moved {
		y := &t.texts[s]
		y.story = y.entry.Story
		t.members[y.story] = append(t.members[y.story], s)
	}
}

// best returns the stories that carry e's text in another language, best first.
func (t *translations) best(e *Entry) []candidate {
	return accept(e, t.rateAll(e))
}

// rateAll rates the likeliest stories for e.
func (t *translations) rateAll(e *Entry) []rating {
	x := t.read(e)
	t.resolve(&x)
	var rated []rating
	var seen []news.StoryID
	for _, slot := range t.likely(&x) {
		t.settle(slot)
		story := t.texts[slot].story
		if slices.Contains(seen, story) || t.texts[slot].entry.ID == e.ID {
			continue
		}
		if seen = append(seen, story); len(seen) > maxRated {
			break
		}
		rated = append(rated, t.rate(&x, slot))
	}
	return rated
}

// resolve replaces the hashes of x's pivots by their numbers, and sets those
// apart that have none.
func (t *translations) resolve(x *indexed) {
	marks := x.marks[:0]
	for _, m := range x.marks {
		if number, ok := t.numbers[m.pivot]; ok {
			m.pivot = number
			marks = append(marks, m)
		} else {
			x.alone = append(x.alone, m)
		}
	}
	x.marks = marks
	slices.SortFunc(x.marks, func(a, b placed) int { return cmp.Compare(a.pivot, b.pivot) })
}

// likely returns the articles in other languages that share most weight with x,
// most first.
func (t *translations) likely(x *indexed) []uint32 {
	s := &t.scratch
	s.touched = s.touched[:0]
	for i := range x.marks {
		p := &t.pivots[x.marks[i].pivot]
		own := t.share(p, x.lang)
		for _, c := range p.counts {
			l := uint8(c >> 24)
			s.weights[l] = weigh(p.hash, max(own, t.share(p, l)))
		}
		s.weights[x.lang] = 0
		for _, slot := range p.newest {
			w := s.weights[t.langOf[slot]]
			if w == 0 {
				continue
			}
			if s.hits[slot] == 0 {
				s.touched = append(s.touched, slot)
			}
			s.hits[slot] += w
		}
	}
	return t.strongest()
}

// strongest picks, of the articles touched, those that have a good part of the
// strongest one's hits, and resets the hits.
func (t *translations) strongest() []uint32 {
	s := &t.scratch
	top := float32(0)
	for _, slot := range s.touched {
		top = max(top, s.hits[slot])
	}
	best := s.touched
	least := top * worthRating
	for range 6 { // raise the mark until few are left
		n := 0
		for _, slot := range best {
			if h := s.hits[slot]; h >= max(least, minWeight) {
				best[n] = slot
				n++
			} else {
				s.hits[slot] = 0
			}
		}
		if best = best[:n]; n <= 8*maxRated {
			break
		}
		least += (top - least) / 3
	}
	slices.SortFunc(best, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(s.hits[b], s.hits[a]), cmp.Compare(t.texts[a].entry.ID, t.texts[b].entry.ID))
	})
	for _, slot := range best {
		s.hits[slot] = 0
	}
	return best[:min(len(best), 8*maxRated)]
}
