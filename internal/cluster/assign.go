package cluster

import (
	"cmp"
	"slices"

	"kliping/internal/news"
)

// Decision says where an article belongs. Story is what remains after the
// merges, which are to be carried out in their order before the article is
// added.
type Decision struct {
	Story  news.StoryID // 0: it founds a new one
	Reason news.Reason
	Merge  []Merge          // stories that this article proves to be one; empty as a rule
	Doubt  []news.ArticleID // whose place it calls into question: ask Astray once it is added; empty as a rule
}

// Merge says that two stories are one. Into is the older.
type Merge struct {
	From, Into news.StoryID
	Reason     news.Reason
}

// match is an article of the window found to carry the same text.
type match struct {
	item     *item
	evidence evidence
}

// Assign decides which story an article belongs to, and whether it proves two
// stories to be one. It changes nothing: the caller adds the article with the
// story it was given, and merges. e.Story, the story it was in before, only
// decides between equals; if the article itself is in the window, it is passed over.
func (w *Window) Assign(e Entry) Decision {
	d := Decision{Reason: news.Reason{Relation: news.Founder}}
	if matches := w.copies(&e); len(matches) > 0 {
		d = copied(&e, matches)
	}
	w.translated(&e, &d)
	return d
}

// copied puts the article in the story of its best match. If that match proves
// the two texts one, other matches that do bring their stories in too.
func copied(e *Entry, matches []match) Decision {
	best := matches[0]
	d := Decision{Story: best.item.Story, Reason: best.evidence.reason(e, &best.item.Entry)}
	if !best.evidence.proves(e, &best.item.Entry) {
		return d
	}
	for _, m := range matches[1:] {
		if !d.settles(m.item.Story) && m.evidence.proves(e, &m.item.Entry) {
			d.merge(m.item.Story, m.evidence.reason(e, &m.item.Entry))
		}
	}
	return d
}

// translated adds what the article's pivots say: a story for one that has none
// yet, other stories that it proves to be translations of its own, and what it
// calls into question.
func (w *Window) translated(e *Entry, d *Decision) {
	rated := w.translations.rateAll(e)
	for _, c := range accept(e, rated) {
		switch {
		case slices.Contains(w.scratch.quoted, c.Story): // what the pivots find is the quotation
		case d.Story == 0:
			d.Story, d.Reason = c.Story, c.Reason
		case !d.settles(c.Story) && w.oneStory(c.Score, d.Story, c.Story):
			d.merge(c.Story, c.Reason)
		}
	}
	d.Doubt = w.doubt(e, d, rated)
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

// copies returns the window's articles that carry e's text, most similar first;
// where they are equal, those of e's own story first, then the earlier. It notes
// the stories from which e only quotes.
func (w *Window) copies(e *Entry) []match {
	var found []match
	w.scratch.quoted = w.scratch.quoted[:0]
	w.scratch.table.load(e.Sketch.print)
	for _, c := range w.candidates(e) {
		switch ev := w.scratch.table.weigh(e.Sketch, c.Sketch); {
		case w.opt.accepts(&ev, e, &c.Entry):
			found = append(found, match{c, ev})
		case ev.shared >= quotes && ev.containment < 0.5:
			w.scratch.quoted = append(w.scratch.quoted, c.Story)
		}
	}
	slices.SortFunc(found, func(a, b match) int {
		return cmp.Or(
			cmp.Compare(b.evidence.containment+b.evidence.jaccard, a.evidence.containment+a.evidence.jaccard),
			cmp.Compare(oneIf(b.item.Story == e.Story), oneIf(a.item.Story == e.Story)),
			a.item.At.Compare(b.item.At),
			cmp.Compare(a.item.ID, b.item.ID))
	})
	return found
}

// candidates returns the articles most likely to be copies of e: those that
// share most keys with it, where a key counts for less the more stories it
// leads to.
func (w *Window) candidates(e *Entry) []*item {
	s := &w.scratch
	s.keys = e.Sketch.keys(s.keys[:0])
	s.scores.reset()
	w.index.warm(s.keys)
	for _, k := range s.keys {
		s.found = w.index.find(s.found[:0], k)
		for _, place := range s.found {
			s.scores.add(place, 1/float32(len(s.found)))
		}
	}
	best := w.strongest(e.ID)
	s.found = s.found[:0]
	for _, c := range best {
		s.found = append(s.found, c.place)
	}
	w.shelf.fetch(s.found)
	items := make([]*item, len(best))
	for i, c := range best {
		items[i] = w.shelf.item(c.place)
	}
	return items
}

// strongest returns the places that have the highest scores, save that of the
// article with id not.
func (w *Window) strongest(not news.ArticleID) []scored {
	var best []scored
	least := float32(minScore)
	id := func(c scored) news.ArticleID { return w.shelf.at(c.place).id }
	for _, c := range w.scratch.scores.scores() {
		if c.score < least || id(c) == not {
			continue
		}
		i, _ := slices.BinarySearchFunc(best, c, w.shelf.byScore)
		if best = slices.Insert(best, i, c); len(best) > w.opt.Verify {
			best = best[:w.opt.Verify]
			least = best[len(best)-1].score
		}
	}
	return best
}

// quotes is how many shingles an article shares with another that it does not
// copy, to say that it quotes it, if they are the lesser part of both.
const quotes = 8

// minScore is the score from which a candidate is looked at: one key that
// hardly any other story has, or several that some have.
const minScore = 0.5
