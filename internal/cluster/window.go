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
	Headed      float64 // the same, if the headlines are alike; default 0.3
	Verify      int     // candidates compared in full for one article; default 12
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
type Window struct {
	opt          Options
	entries      map[news.ArticleID]*Entry
	stories      map[news.StoryID][]*Entry // members in order of adding
	postings     map[uint64][]*Entry
	translations *translations
	table        shingleTable
}

// NewWindow returns an empty window.
func NewWindow(opt Options) *Window {
	return &Window{
		opt:          opt.withDefaults(),
		entries:      map[news.ArticleID]*Entry{},
		stories:      map[news.StoryID][]*Entry{},
		postings:     map[uint64][]*Entry{},
		translations: newTranslations(),
	}
}

// Len returns the number of articles in the window.
func (w *Window) Len() int { return len(w.entries) }

// Add puts an article in its story, or moves it there: an article known
// already is taken out first, so its story and sketch may have changed.
func (w *Window) Add(e Entry) {
	w.Remove(e.ID)
	p := &e
	w.entries[e.ID] = p
	w.stories[e.Story] = append(w.stories[e.Story], p)
	for _, k := range keys(e.Sketch.print) {
		w.postings[k] = append(w.postings[k], p)
	}
	w.translations.add(p)
}

// Remove takes an article out; one that is not there is no error.
func (w *Window) Remove(id news.ArticleID) {
	e, ok := w.entries[id]
	if !ok {
		return
	}
	delete(w.entries, id)
	w.translations.remove(id)
	w.stories[e.Story] = slices.DeleteFunc(w.stories[e.Story], func(x *Entry) bool { return x == e })
	if len(w.stories[e.Story]) == 0 {
		delete(w.stories, e.Story)
	}
	for _, k := range keys(e.Sketch.print) {
		w.postings[k] = slices.DeleteFunc(w.postings[k], func(x *Entry) bool { return x == e })
		if len(w.postings[k]) == 0 {
			delete(w.postings, k)
		}
	}
}

// Merge moves every article of one story to another.
func (w *Window) Merge(from, into news.StoryID) {
	if from == into {
		return
	}
	for _, e := range w.stories[from] {
		e.Story = into
		w.stories[into] = append(w.stories[into], e)
	}
	delete(w.stories, from)
}

// Expire takes out the articles that arrived before a time.
func (w *Window) Expire(before time.Time) {
	var old []news.ArticleID
	for id, e := range w.entries {
		if e.At.Before(before) {
			old = append(old, id)
		}
	}
	slices.Sort(old)
	for _, id := range old {
		w.Remove(id)
	}
}

// keys returns the shingles of print that stand in the index, each once.
func keys(print []byte) []uint64 {
	var out []uint64
	for i := range shingleCount(len(print)) {
		if h := mix(shingleAt(print, i)); h%4 == 0 || len(print) < 3*shingleLen {
			out = append(out, h)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
