package cluster

import (
	"slices"
	"sync"
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
// An article of 500 words costs less than 2 KB; further copies of a text cost
// less, for a story stands under each key but once.
type Window struct {
	opt          Options
	shelf        *shelf
	hours        map[int64][]news.ArticleID // by hour of arrival; some may have been removed
	index        index
	translations *translations
	scratch      scratch
}

// scratch is memory used again from call to call.
type scratch struct {
	table  shingleTable
	keys   []uint64
	found  []uint32
	scores tally
	quoted []news.StoryID // stories from which an article only quotes
}

// NewWindow returns an empty window.
func NewWindow(opt Options) *Window {
	s := newShelf()
	return &Window{opt: opt.withDefaults(), shelf: s, hours: map[int64][]news.ArticleID{}, translations: newTranslations(s)}
}

// Len returns the number of articles in the window.
func (w *Window) Len() int { return w.shelf.count }

// Add puts an article in its story, or moves it there: an article known
// already is taken out first, so its story and sketch may have changed.
func (w *Window) Add(e Entry) {
	place := w.take(&e)
	w.post(place, e.Sketch)
	w.translations.enter(place, &e)
}

// Load does what Add does with each of many articles in turn, in less time: the
// two indexes know nothing of one another, so they are filled side by side.
func (w *Window) Load(all []Entry) {
	for len(all) > 0 {
		places := make([]uint32, 0, len(all))
		for len(places) < len(all) && w.shelf.find(all[len(places)].ID) == 0 {
			places = append(places, w.take(&all[len(places)]))
		}
		w.fill(places, all)
		if all = all[len(places):]; len(all) > 0 { // one that is known already
			w.Add(all[0])
			all = all[1:]
		}
	}
}

// fill puts articles that were taken into both indexes, each at its place.
func (w *Window) fill(places []uint32, all []Entry) {
	var work sync.WaitGroup
	work.Go(func() {
		for i, place := range places {
			w.post(place, all[i].Sketch)
		}
	})
	for i, place := range places {
		w.translations.enter(place, &all[i])
	}
	work.Wait()
}

// take puts an article on the shelf.
func (w *Window) take(e *Entry) uint32 {
	moves := w.shelf.movesTo(e)
	w.Remove(e.ID)
	hour := hourOf(e.At)
	w.hours[hour] = append(w.hours[hour], e.ID)
	place := w.shelf.take(e, w.translations.lang(e.Sketch.Lang))
	w.shelf.at(place).moves = moves
	return place
}

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

// post puts an article under those of its keys under which its story does not
// stand yet. Where a key leads to too many stories already, the article takes
// the place of one of them, not always the same.
func (w *Window) post(place uint32, k *Sketch) {
	s, h := &w.scratch, w.shelf.at(place)
	s.keys = k.keys(s.keys[:0])
	w.index.warm(s.keys)
	for _, k := range s.keys {
		s.found = w.index.find(s.found[:0], k)
		switch {
		case slices.ContainsFunc(s.found, func(p uint32) bool { return w.shelf.at(p).story == h.story }):
		case len(s.found) < maxStories:
			w.index.insert(k, place)
		default:
			w.index.replace(k, s.found[mix(k^uint64(h.id))%maxStories], place)
		}
	}
}

// Remove takes an article out; one that is not there is no error.
func (w *Window) Remove(id news.ArticleID) {
	place := w.shelf.find(id)
	if place == 0 {
		return
	}
	h := w.shelf.at(place)
	if h.flags&flagSilent == 0 {
		w.translations.leave(place)
	}
	w.scratch.keys = h.sketch().keys(w.scratch.keys[:0])
	for _, k := range w.scratch.keys {
		w.index.remove(k, place)
	}
	story := h.story
	w.shelf.drop(place)
	w.inherit(story)
}

// inherit lets the next members of a story stand under the keys that one taken
// out leaves.
func (w *Window) inherit(story news.StoryID) {
	const heirs = 4
	first := w.shelf.first(story)
	place := first
	for n := 0; place != 0 && n < heirs; n++ {
		h := w.shelf.at(place)
		w.post(place, h.sketch())
		if place = h.next; place == first {
			return
		}
	}
}

// Merge moves every article of one story to another.
func (w *Window) Merge(from, into news.StoryID) {
	if from == into {
		return
	}
	for _, place := range w.shelf.merge(from, into) {
		w.translations.leave(place)
	}
}

// Expire takes out the articles that arrived before a time.
func (w *Window) Expire(before time.Time) {
	var old []int64
	for hour := range w.hours {
		if hour <= hourOf(before) {
			old = append(old, hour)
		}
	}
	slices.Sort(old)
	for _, hour := range old {
		kept := w.hours[hour][:0]
		for _, id := range w.hours[hour] {
			place := w.shelf.find(id)
			if place == 0 {
				continue
			}
			switch at := time.UnixMicro(w.shelf.at(place).at); {
			case hourOf(at) != hour: // it was added anew
			case at.Before(before):
				w.Remove(id)
			default:
				kept = append(kept, id)
			}
		}
		if w.hours[hour] = kept; len(kept) == 0 {
			delete(w.hours, hour)
		}
	}
}
