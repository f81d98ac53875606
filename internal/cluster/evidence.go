package cluster

import (
	"slices"

	"kliping/internal/news"
)

// evidence is all that speaks for or against two articles' carrying one text.
// The article judged is a, the one in the window b.
type evidence struct {
	jaccard     float64
	containment float64
	shared      int     // distinct shingles in both
	headline    float64 // how alike the headlines are, 0 to 1
	told        bool    // either headline has a word in common with its own text
	quoted      bool    // one headline is only the beginning of its text, or words from it

	passages int // shared by both
	crossed  int // of them, those that stand in another order
	words    int // tokens in them
	slots    int // places where both have something, but not the same
	replaced int // particulars replaced in those places
	figures  int // figures among them
	kept     int // particulars that agree
	keptFigs int // figures among them

	head, tail [2]int // tokens of a and of b before and after what they share
}

// A particular is a figure or a name: what a form has blanks for.
const (
	// maxGap is the longest gap between shared passages, in tokens of either
	// text, that counts as the same place in both.
	maxGap = 48
	// likeHeadline is the share of the shorter headline's telling words from
	// which headlines count as alike.
	likeHeadline = 0.5
	// minTokens is the size from which a text can stand for itself; a shorter
	// one needs a like headline too.
	minTokens = 12
	// leastHeaded is how many words two texts must share that are like by less
	// than containment: reports written to a formula, under headlines written to
	// one, share a sentence or two.
	leastHeaded = 50
	// manyPassages and shortPassage, in words, are how much patchwork has at
	// least and how long its patches are on average at most.
	manyPassages, shortPassage = 6, 12
	// maxStub is the size up to which a text that has nothing to do with its
	// headlines counts as no article.
	maxStub = 100
)

// weigh gathers the evidence on a, whose print is loaded in t, and b.
func (t *shingleTable) weigh(a, b *Sketch) evidence {
	c := t.compare(b.print)
	if min(a.shingles, b.shingles) == 0 {
		return headlinesOnly(a, b)
	}
	e := evidence{
		jaccard:     jaccardOf(a, b, c.shared),
		containment: containmentOf(a, b, c.shared),
		shared:      c.shared,
		headline:    headlineLikeness(a, b),
		told:        a.told || b.told,
		quoted:      a.quoted || b.quoted,
	}
	var end run // where the passage before ended
	for i, r := range c.runs {
		if i > 0 && r.a >= end.a {
			e.gap(a, b, end, r)
		} else if i > 0 {
			e.crossed++
		}
		if i == 0 || e.words < minTokens && e.slots > 0 {
			e.head = [2]int{r.a, r.b}
		}
		e.passage(a, r)
		end = run{a: r.a + r.n, b: r.b + r.n}
	}
	e.tail = [2]int{len(a.print) - end.a, len(b.print) - end.b}
	return e
}

// headlinesOnly is the evidence on two articles of which one has no text: only
// the very same headline speaks for them, and then as if it were the text.
func headlinesOnly(a, b *Sketch) evidence {
	e := evidence{headline: headlineLikeness(a, b)}
	if !sameHeadline(a, b) {
		return e
	}
	e.containment = 1
	if a.shingles == b.shingles {
		e.jaccard = 1
	}
	return e
}

// passage counts a shared passage's particulars.
func (e *evidence) passage(a *Sketch, r run) {
	e.passages++
	e.words += r.n
	for i := r.a; i < r.a+r.n; i++ {
		if a.print[i] < figures {
			e.keptFigs++
			e.kept++
		} else if a.names.has(i) {
			e.kept++
		}
	}
}

// gap compares what stands in a and in b between two shared passages. What only
// one of them has is an edit; where each has something of its own, it was
// replaced.
func (e *evidence) gap(a, b *Sketch, from, to run) {
	na, nb := to.a-from.a, to.b-from.b
	if na <= 0 || nb <= 0 || na > maxGap || nb > maxGap {
		return
	}
	var have [256]int8 // tokens of a not yet met in b
	var inA, inB, common, figsA, figsB, figsCommon, partCommon int
	for i := from.a; i < to.a; i++ {
		have[a.print[i]]++
		inA, figsA = inA+a.particular(i), figsA+a.figure(i)
	}
	for i := from.b; i < to.b; i++ {
		inB, figsB = inB+b.particular(i), figsB+b.figure(i)
		if t := b.print[i]; have[t] > 0 {
			have[t]--
			common++
			partCommon, figsCommon = partCommon+b.particular(i), figsCommon+b.figure(i)
		}
	}
	if common < min(na, nb) {
		e.slots++
	}
	e.replaced += max(min(inA, inB)-partCommon, 0)
	e.figures += max(min(figsA, figsB)-figsCommon, 0)
	e.kept += partCommon
	e.keptFigs += figsCommon
}

// particular returns 1 if the token at i is a figure or a name.
func (s *Sketch) particular(i int) int {
	if s.print[i] < figures || s.names.has(i) {
		return 1
	}
	return 0
}

func (s *Sketch) figure(i int) int {
	if s.print[i] < figures {
		return 1
	}
	return 0
}

// form reports whether two texts look like one form filled in twice: their
// wording agrees, but the figures and names in it do not, or in many places
// there stands something else.
func (e *evidence) form() bool {
	return e.patchwork() || e.replaced >= 3 && 10*e.replaced >= 4*(e.replaced+e.kept) ||
		e.figures >= 2 && 10*e.figures >= 4*(e.figures+e.keptFigs) ||
		e.slots >= 4 && 100*e.slots > 4*e.words
}

// patchwork reports whether what two texts share is many short passages in
// another order: they are put together of the same stock phrases, as horoscopes
// are. An edit leaves longer ones, or their order.
func (e *evidence) patchwork() bool {
	return e.passages >= manyPassages && e.words < shortPassage*e.passages && 4*e.crossed >= e.passages
}

// foot reports whether two texts with other headlines share only what stands at
// their foot: a legal notice under texts of their own.
func (e *evidence) foot() bool {
	return e.headline < likeHeadline && min(e.head[0], e.head[1]) >= 3 && max(e.tail[0], e.tail[1]) <= 3
}

// stub reports whether two short texts seem to stand under any headline, as a
// plea to subscribe does: neither of two unlike headlines has a word in its own.
func (e *evidence) stub(a, b *Sketch) bool {
	return e.headline < likeHeadline && !e.told && max(a.Words, b.Words) < maxStub
}

// headlineLikeness returns how much two headlines have in common: telling words
// in both over those of the shorter.
func headlineLikeness(a, b *Sketch) float64 {
	both := 0
	for i, t := range a.title {
		if t&1 == 0 && !slices.Contains(a.title[:i], t) && slices.Contains(b.title, t) {
			both++
		}
	}
	return ratio(both, min(telling(a.title), telling(b.title)))
}

// telling counts the distinct tokens of a headline that say something.
func telling(title []titleToken) int {
	n := 0
	for i, t := range title {
		if t&1 == 0 && !slices.Contains(title[:i], t) {
			n++
		}
	}
	return n
}

// sameHeadline reports whether two headlines are word for word the same and say
// enough to stand for their articles.
func sameHeadline(a, b *Sketch) bool {
	return telling(a.title) >= 4 && slices.Equal(a.title, b.title)
}

// accepts reports whether the evidence makes two articles copies.
func (o *Options) accepts(e *evidence, a, b *Entry) bool {
	like := e.headline >= likeHeadline
	switch {
	case min(a.Sketch.Words, b.Sketch.Words) < minTokens:
		return like && (e.jaccard >= 0.8 || e.containment >= o.Containment && sameHeadline(a.Sketch, b.Sketch))
	case e.jaccard < o.Jaccard && e.containment < o.Containment && !(like && a.Outlet != b.Outlet && e.containment >= o.Headed):
		return false
	case e.containment < o.Containment && e.words < leastHeaded:
		return false
	case e.form() || e.foot() || e.stub(a.Sketch, b.Sketch):
		return false
	case like || e.quoted && e.containment >= 0.8:
		return true
	case a.Outlet == b.Outlet:
		return e.jaccard >= 0.8 && e.words >= 150
	}
	return e.jaccard >= o.Jaccard || e.words >= 30
}

// proves reports whether the evidence is strong enough to make two stories one:
// most of the text is shared, or b is a part of a under a headline that agrees.
// That a is a part of b proves nothing, for many can quote the same lines.
func (e *evidence) proves(a, b *Entry) bool {
	if e.jaccard >= 0.5 {
		return true
	}
	if e.containment < 0.8 || b.Sketch.shingles > a.Sketch.shingles {
		return false
	}
	return e.headline >= likeHeadline || e.quoted && e.words >= 30
}

// reason puts the evidence that made a a copy of b into words.
func (e *evidence) reason(a, b *Entry) news.Reason {
	r := news.Reason{
		Relation: news.Edited, Of: b.ID,
		Containment: e.containment, Jaccard: e.jaccard, Shared: e.shared,
	}
	switch sa, sb := a.Sketch.shingles, b.Sketch.shingles; {
	case a.Outlet == b.Outlet:
		r.Relation = news.Version
	case e.jaccard >= 0.8:
		r.Relation = news.Copy
	case e.containment < 0.8:
	case 10*sa < 6*sb:
		r.Relation = news.Excerpt
	case sa > sb:
		r.Relation = news.Extended
	}
	return r
}
