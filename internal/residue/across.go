package residue

import (
	"slices"
	"unicode"

	"kliping/internal/news"
)

// What several outlets say alike. A network's plea or a platform's boilerplate
// stands in otherwise different articles of several outlets, each of which may
// carry it once. So does news, now and then: a quotation of a press release, a
// paragraph of background that an agency uses again. So much is asked.
const (
	// Blocks of so many words are looked at: shorter ones are headings and
	// labels, longer ones paragraphs and notices.
	acrossLeast, acrossMost = 4, 40
	// So many outlets have to carry a block that reads like no sentence of news,
	// and so many more for each thing that speaks for news.
	acrossEnough, acrossDoubt = 3, 2
	// A block longer than this is as likely a paragraph.
	acrossShort = 20
	// What an article says besides is at least so many words.
	leastSaid = 20
	// So many outlets of one block are remembered.
	maxOutlets = 64
)

// across is a print that articles of several outlets carry.
type across struct {
	outlets   []*outlet // all that do, up to maxOutlets
	witnesses []sighting
	asked     int // how many witnesses there were when it was last a candidate
	learned   bool
}

// sighting is an article, one of its outlet, that carries the print at an edge
// and says besides what no other witness says.
type sighting struct {
	in *outlet
	id news.ArticleID
}

// Candidate is a block that may be a template of outlets in general.
type Candidate struct {
	Print     uint64
	Witnesses []news.ArticleID // one an outlet, each two different in most of what else they say
}

// Shared returns the blocks of an article seen before that may be templates of
// outlets in general: acrossEnough outlets and most of those that carry the block
// have an article that bears witness. A block comes up again only with another
// outlet, however many articles one outlet publishes. Prints cannot tell a text
// that every outlet edits a little from texts that differ, so whoever asks has to
// compare the witnesses, and see how much Cleaner.Asks of the block.
func (l *Learner) Shared(name string, id news.ArticleID) []Candidate {
	o := l.outlets[name]
	if o == nil || o.articles[id] == nil {
		return nil
	}
	var all []Candidate
	for _, p := range o.articles[id].prints {
		r := l.across[p]
		if r == nil || r.learned || len(r.witnesses) <= r.asked || len(r.witnesses) < acrossEnough || 2*len(r.witnesses) <= len(r.outlets) {
			continue
		}
		r.asked = len(r.witnesses)
		c := Candidate{Print: p}
		for _, w := range r.witnesses {
			c.Witnesses = append(c.Witnesses, w.id)
		}
		all = append(all, c)
	}
	return all
}

// Learn makes a candidate a template of outlets in general and returns its
// account: from now on it says nothing of an article.
func (l *Learner) Learn(print uint64) Learned {
	all := Learned{Print: print}
	r := l.across[print]
	if r == nil {
		return all
	}
	r.learned = true
	for _, o := range r.outlets {
		one := o.learned(print, o.carriers(print))
		all.Articles = append(all.Articles, one.Articles...)
		if all.First.IsZero() || one.First.Before(all.First) {
			all.First = one.First
		}
		if one.Last.After(all.Last) {
			all.Last = one.Last
		}
	}
	slices.Sort(all.Articles)
	all.Count = len(all.Articles)
	return all
}

// meet notes that an article of an outlet carries a print. As long as one outlet
// does, its number under half of the print's hash is all that is remembered:
// twelve bytes or so. Where two prints have that half in common, the later wins.
func (l *Learner) meet(o *outlet, id news.ArticleID, p uint64) {
	if n := printWords(p); n < acrossLeast || n > acrossMost {
		return
	}
	r := l.across[p]
	if r == nil {
		half := uint32(p >> 32)
		first := l.numbered[l.first[half]]
		if first == o {
			return
		}
		if first == nil || !first.carries(p) {
			l.first[half] = o.number
			return
		}
		delete(l.first, half)
		r = &across{}
		l.across[p] = r
		l.witness(r, p, first, first.carriers(p)[0])
	}
	l.witness(r, p, o, id)
}

// witness hears an article that carries the print, if its outlet is not heard yet.
func (l *Learner) witness(r *across, p uint64, o *outlet, id news.ArticleID) {
	if !slices.Contains(r.outlets, o) {
		if len(r.outlets) == maxOutlets {
			return
		}
		r.outlets = append(r.outlets, o)
	}
	if slices.ContainsFunc(r.witnesses, func(w sighting) bool { return w.in == o }) || !o.atEdge(p, id) {
		return
	}
	for _, w := range r.witnesses {
		if !hardly(overlap(p, o, o.articles[id].prints, w.in, w.in.articles[w.id].prints)) {
			return
		}
	}
	r.witnesses = append(r.witnesses, sighting{o, id})
}

// hardly: both say something, and less than a quarter of the shorter in common.
func hardly(o overlapping) bool { return min(o.a, o.b) >= leastSaid && o.both*4 < min(o.a, o.b) }

// part notes that some articles of an outlet, which carried a print, are gone.
func (l *Learner) part(o *outlet, p uint64, gone map[news.ArticleID]bool) {
	left := o.carries(p)
	if half := uint32(p >> 32); !left && l.first[half] == o.number {
		delete(l.first, half)
	}
	r := l.across[p]
	if r == nil {
		return
	}
	r.witnesses = slices.DeleteFunc(r.witnesses, func(w sighting) bool { return w.in == o && gone[w.id] })
	r.asked = min(r.asked, len(r.witnesses))
	if !left {
		r.outlets = slices.DeleteFunc(r.outlets, func(other *outlet) bool { return other == o })
	}
	if len(r.outlets) == 0 {
		delete(l.across, p)
	}
}

// Asks is how many outlets have to carry a block in otherwise different articles
// before it is taken for residue: more the more it reads like news, by its end, its
// figures, its names and its length. 0 means that no number is enough: headings,
// credits, quotations and paragraphs belong to the text.
func (c *Cleaner) Asks(b news.Block) int {
	var f folded
	f.fold(b.Text)
	size := f.size()
	if size < acrossLeast || f.len() > acrossMost || quoted(&f) >= longQuote || !c.loose(b) {
		return 0
	}
	need := acrossEnough
	for _, news := range []bool{endsSentence(b.Text), f.print()&figureBit != 0, namesInside(b.Text), size > acrossShort} {
		if news {
			need += acrossDoubt
		}
	}
	return need
}

// namesInside reports a capital at a word that begins no sentence. Lines in
// capitals throughout, and in scripts that have none, name nothing.
func namesInside(text string) bool {
	named, lower, start := false, false, true
	before := ' '
	for _, r := range text {
		switch {
		case unicode.IsUpper(r) && !unicode.IsLetter(before):
			named = named || !start
			start = false
		case unicode.IsLetter(r):
			lower = lower || unicode.IsLower(r)
			start = false
		case r == '.' || r == '!' || r == '?' || r == ':':
			start = true
		}
		before = r
	}
	return named && lower
}
