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
	entry    *Entry
	evidence evidence
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
	d := Decision{Story: best.entry.Story, Reason: best.evidence.reason(&e, best.entry)}
	if !best.evidence.proves(&e, best.entry) {
		return d
	}
	for _, m := range matches[1:] {
		if !d.settles(m.entry.Story) && m.evidence.proves(&e, m.entry) {
			d.merge(m.entry.Story, m.evidence.reason(&e, m.entry))
		}
	}
	return d
}

// settles reports whether the decision has put story s together with the
// article already.
func (d *Decision) settles(s news.StoryID) bool {
	return s == d.Story || slices.ContainsFunc(d.Merge, func(m Merge) bool { return m.From == s })
}

// merge puts story s together with the article's own; the older remains.
func (d *Decision) merge(s news.StoryID, r news.Reason) {
	from, into := max(s, d.Story), min(s, d.Story)
	d.Merge = append(d.Merge, Merge{From: from, Into: into, Reason: r})
	d.Story = into
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

// copies returns the window's articles that carry e's text, most similar first,
// the earlier where they are equal.
func (w *Window) copies(e *Entry) []match {
	w.table.load(e.Sketch.print)
	var found []match
	for _, c := range w.candidates(e) {
		if ev := w.table.weigh(e.Sketch, c.Sketch); w.opt.accepts(&ev, e, c) {
			found = append(found, match{c, ev})
		}
	}
	slices.SortStableFunc(found, func(a, b match) int {
		return cmp.Or(
			cmp.Compare(b.evidence.containment+b.evidence.jaccard, a.evidence.containment+a.evidence.jaccard),
			a.entry.At.Compare(b.entry.At),
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
