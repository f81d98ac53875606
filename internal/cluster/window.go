package cluster

import (
	"slices"
	"time"

	"kliping/internal/news"
)

// Options are the thresholds of recognition. The zero value of each means its
// default.
type Options struct {
	Jaccard     float64 // share of all shingles that makes a copy by itself; default 0.35
	Containment float64 // share of the smaller text's shingles that makes a copy; default 0.6
	Headed      float64 // the same between outlets whose headlines are alike; default 0.3
	Translation float64 // score of a translation that makes two stories one; default 0.7
	Verify      int     // articles compared in full with a new one, at most; default 12
}

func (o Options) withDefaults() Options {
	if o.Jaccard == 0 {
		o.Jaccard = 0.35
	}
	if o.Containment == 0 {
		o.Containment = 0.6
	}
	if o.Headed == 0 {
		o.Headed = 0.3
	}
	if o.Translation == 0 {
		o.Translation = 0.7
	}
	if o.Verify == 0 {
		o.Verify = 12
	}
	return o
}

// Entry is an article in the window.
type Entry struct {
	ID     news.ArticleID
	Story  news.StoryID
	Outlet string
	At     time.Time // arrival
	Sketch *Sketch
}

// Window holds the articles of the last days and decides for a new one which
// story it belongs to. It is not safe for concurrent use.
//
// An article costs its sketch and some hundred bytes; further copies of a text
// cost less, for a story stands under each key but once.
type Window struct {
	opt          Options
	byID         map[news.ArticleID]*item
	stories      map[news.StoryID]*item // the first member
	places       []*item                // by place, which is what the index knows; 0 is never used
	free         []uint32               // places to be used again
	hours        map[int64][]*item      // by hour of arrival; some may have been removed
	names        map[string]string      // one string for each outlet and language
	index        index
	translations *translations
	scratch      scratch
}

// item is an entry with its place in the window.
type item struct {
	Entry
	place uint32 // 0: removed
	next  *item  // the story's next member, in order of adding
}

// scratch is memory used again from call to call.
type scratch struct {
	table  shingleTable
	keys   []uint64
	found  []uint32
	scores []float32 // by place; all zero between calls
	seen   []uint32
}

// NewWindow returns an empty window.
func NewWindow(opt Options) *Window {
	return &Window{
		opt:          opt.withDefaults(),
		byID:         map[news.ArticleID]*item{},
		stories:      map[news.StoryID]*item{},
		places:       make([]*item, 1),
		hours:        map[int64][]*item{},
		names:        map[string]string{},
		translations: newTranslations(),
		scratch:      scratch{scores: make([]float32, 1)},
	}
}

// Len returns the number of articles in the window.
func (w *Window) Len() int { return len(w.byID) }

// Add puts an article in its story, or moves it there: an article known
// already is taken out first, so its story and sketch may have changed.
func (w *Window) Add(e Entry) {
	w.Remove(e.ID)
	e.Outlet = w.name(e.Outlet)
	it := &item{Entry: e}
	w.byID[e.ID] = it
	w.take(it)
	w.enlist(it)
	hour := e.At.Unix() / 3600
	w.hours[hour] = append(w.hours[hour], it)
	w.post(it)
	w.translations.add(&it.Entry)

	// The translations hold what they need of the pivots; for copies they are
	// not needed again.
	slim := *e.Sketch
	slim.Pivots, slim.Lang = nil, w.name(slim.Lang)
	it.Sketch = &slim
}

// name returns the one string kept for all that are equal to s.
func (w *Window) name(s string) string {
	if kept, ok := w.names[s]; ok {
		return kept
	}
	w.names[s] = s
	return s
}

// take gives an item a place.
func (w *Window) take(it *item) {
	if n := len(w.free); n > 0 {
		it.place, w.free = w.free[n-1], w.free[:n-1]
		w.places[it.place] = it
		return
	}
	it.place = uint32(len(w.places))
	w.places = append(w.places, it)
	w.scratch.scores = append(w.scratch.scores, 0)
}

// enlist puts an item at the end of its story's members.
func (w *Window) enlist(it *item) {
	last := w.stories[it.Story]
	if last == nil {
		w.stories[it.Story] = it
		return
	}
	for last.next != nil {
		last = last.next
	}
	last.next = it
}

// post puts an item under those of its keys under which its story does not
// stand yet. Where a key leads to too many stories already, the item takes the
// place of one of them, not always the same.
func (w *Window) post(it *item) {
	s := &w.scratch
	s.keys = it.Sketch.keys(s.keys[:0])
	for _, k := range s.keys {
		s.found = w.index.find(s.found[:0], k)
		switch {
		case slices.ContainsFunc(s.found, func(p uint32) bool { return w.places[p].Story == it.Story }):
		case len(s.found) < maxStories:
			w.index.insert(k, it.place)
		default:
			w.index.replace(k, s.found[mix(k^uint64(it.ID))%maxStories], it.place)
		}
	}
}

// Remove takes an article out; one that is not there is no error.
func (w *Window) Remove(id news.ArticleID) {
	it, ok := w.byID[id]
	if !ok {
		return
	}
	w.translations.remove(id)
	delete(w.byID, id)
	w.scratch.keys = it.Sketch.keys(w.scratch.keys[:0])
	for _, k := range w.scratch.keys {
		w.index.remove(k, it.place)
	}
	w.delist(it)
	w.free = append(w.free, it.place)
	w.places[it.place], it.place = nil, 0
	w.inherit(it.Story)
}

// delist takes an item out of its story's members.
func (w *Window) delist(it *item) {
	at := w.stories[it.Story]
	if at == it {
		if it.next == nil {
			delete(w.stories, it.Story)
		} else {
			w.stories[it.Story] = it.next
		}
		it.next = nil
		return
	}
	for at.next != it {
		at = at.next
	}
	at.next, it.next = it.next, nil
}

// inherit lets the next members of a story stand under the keys that one taken
// out leaves.
func (w *Window) inherit(s news.StoryID) {
	const heirs = 4
	it := w.stories[s]
	for n := 0; it != nil && n < heirs; n++ {
		w.post(it)
		it = it.next
	}
}

// Merge moves every article of one story to another.
func (w *Window) Merge(from, into news.StoryID) {
	first := w.stories[from]
	if from == into || first == nil {
		return
	}
	delete(w.stories, from)
	for it := first; it != nil; it = it.next {
		it.Story = into
	}
	w.enlist(first)
}

// Expire takes out the articles that arrived before a time.
func (w *Window) Expire(before time.Time) {
	var old []int64
	for hour := range w.hours {
		if hour <= before.Unix()/3600 {
			old = append(old, hour)
		}
	}
	slices.Sort(old)
	for _, hour := range old {
		kept := w.hours[hour][:0]
		for _, it := range w.hours[hour] {
			switch {
			case it.place == 0:
			case it.At.Before(before):
				w.Remove(it.ID)
			default:
				kept = append(kept, it)
			}
		}
		if w.hours[hour] = kept; len(kept) == 0 {
			delete(w.hours, hour)
		}
	}
}
