package cluster

import (
	"cmp"
	"slices"

	"kliping/internal/news"
)

// Decision says where an article belongs.
type Decision struct {
	Story  news.StoryID // 0: it founds a new one
	Reason news.Reason
	Merge  []Merge // stories that this article proves to be one; empty as a rule
}

// Merge says that two stories are one. Into is the older.
type Merge struct {
	From, Into news.StoryID
	Reason     news.Reason
}

// match is an article of the window found to carry the same text.
type match struct {
	entry  *Entry
	reason news.Reason
}

// Assign decides which story an article belongs to, and whether it proves two
// stories to be one. It changes nothing: the caller adds the article with the
// story it was given, and merges. e.Story is not looked at.
func (w *Window) Assign(e Entry) Decision {
	matches := w.copies(&e)
	if len(matches) == 0 {
		return w.translated(&e)
	}
	best := matches[0]
	d := Decision{Story: best.entry.Story, Reason: best.reason}
	for _, m := range matches[1:] {
		if m.entry.Story == d.Story || m.reason.Containment < 0.8 ||
			slices.ContainsFunc(d.Merge, func(x Merge) bool { return x.From == m.entry.Story || x.Into == m.entry.Story }) {
			continue
		}
		from, into := m.entry.Story, d.Story
		if from < into {
			from, into = into, from
		}
		d.Merge = append(d.Merge, Merge{From: from, Into: into, Reason: m.reason})
		d.Story = into
	}
	return d
}

// translated decides for an article that is a copy of nothing in its language.
func (w *Window) translated(e *Entry) Decision {
	found := w.translations.best(e)
	if len(found) == 0 {
		return Decision{Reason: news.Reason{Relation: news.Founder}}
	}
	c := found[0]
	return Decision{Story: c.Story, Reason: news.Reason{
		Relation: news.Translation, Of: c.Of, Score: c.Score, Pivots: c.Pivots,
	}}
}

// copies returns the window's articles that carry e's text, best first.
func (w *Window) copies(e *Entry) []match {
	w.table.load(e.Sketch.print)
	var found []match
	for _, c := range w.candidates(e) {
		if r, ok := w.judge(e, c); ok {
			found = append(found, match{c, r})
		}
	}
	slices.SortStableFunc(found, func(a, b match) int {
		return cmp.Or(cmp.Compare(b.reason.Containment+b.reason.Jaccard, a.reason.Containment+a.reason.Jaccard),
			cmp.Compare(a.entry.ID, b.entry.ID))
	})
	return found
}

// candidates returns the articles that share most keys with e.
func (w *Window) candidates(e *Entry) []*Entry {
	counts := map[*Entry]int{}
	var found []*Entry
	for _, k := range keys(e.Sketch.print) {
		for _, c := range w.postings[k] {
			if c.ID == e.ID {
				continue
			}
			if counts[c]++; counts[c] == 1 {
				found = append(found, c)
			}
		}
	}
	slices.SortFunc(found, func(a, b *Entry) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.ID, b.ID))
	})
	return found[:min(len(found), w.opt.Verify)]
}

// judge compares e with c and says what e is to it.
func (w *Window) judge(e, c *Entry) (news.Reason, bool) {
	a, b := e.Sketch, c.Sketch
	cmp := w.table.compare(b.print)
	r := news.Reason{Of: c.ID, Jaccard: cmp.jaccard(a, b), Containment: cmp.containment(a, b), Shared: cmp.shared}
	if r.Jaccard < w.opt.Jaccard && r.Containment < w.opt.Containment {
		return r, false
	}
	r.Relation = relation(e, c, r)
	return r, true
}

// relation names what e is to c.
func relation(e, c *Entry, r news.Reason) news.Relation {
	size := ratio(int(e.Sketch.shingles), int(c.Sketch.shingles))
	switch {
	case e.Outlet == c.Outlet:
		return news.Version
	case r.Jaccard >= 0.8:
		return news.Copy
	case size < 0.5 && r.Containment >= 0.8:
		return news.Excerpt
	case size > 2 && r.Containment >= 0.8:
		return news.Extended
	}
	return news.Edited
}
