package cluster

import (
	"cmp"
	"math"
	"slices"

	"kliping/internal/news"
)

// trait is what is known of a kind of pivot before any article is read. The
// figures were fitted on news in ten languages, a third of the documents and
// five more languages kept aside, and then rounded.
type trait struct {
	prior  float32 // share of articles that have one such pivot, as a start
	weight float32 // how much it counts: names stand under several kinds at once
	yield  float32 // how surely one expects to find it again in a translation
}

var traits = [kinds]trait{
	kindDate:     {.006, 1.6, 1.2},
	kindFigure:   {.002, 1.4, .6},
	kindYear:     {.04, 1.1, .3},
	kindPlace:    {.02, .7, 1},
	kindCalendar: {.08, 1.1, .45},
	kindLanguage: {.03, .4, .7},
	kindSmall:    {.016, 1.4, 1},
	kindTiny:     {.14, 1.1, .75},
	kindWhole:    {.018, .4, .5},
	kindName:     {.007, .5, .5},
	kindShort:    {.03, .55, 1.3},
	kindExact:    {.002, .25, .33},
}

const (
	// accepted is the score from which on a story is the article's.
	accepted = 0.3
	// youth is how much more is asked while a language has so few articles that
	// weights are mostly prior: then names that are common look rare.
	youth = 0.18
	// assumed is how many articles of a language the priors count for.
	assumed = 30
	// grown is from how many articles of a language on a pivot that hardly any
	// has weighs no more: else, as the window grew, the few rarest would come to
	// count for everything, and a text without them would be found no more.
	grown = 500
	// minWeight is the least weight of shared pivots: some three rare names of
	// a young window, which knows no pivot to be rarer than one in assumed.
	minWeight = 6
	// maxRated is how many stories are compared in full with an article, and
	// worthRating the share of the likeliest one's hits the others need.
	maxRated    = 8
	worthRating = 0.4
	// maxMembers is how many members of a story, of different languages, an
	// article is compared with. Those after the first are looked at only if
	// the first reaches worthMore.
	maxMembers = 6
	worthMore  = 0.2
	// rivalry is how much of the best other story's score is taken off, the more
	// the nearer that score is: where two stories look alike, neither is sure.
	rivalry = 0.5
	// bestShare is the part of a story's score that comes from the best
	// member; the rest is the mean.
	bestShare = 0.6
	// soft is how many of the rarest pivots are added to what the two texts
	// lead one to expect, so that a text with few must share more than its
	// share; and fewest how many must be shared at least.
	soft   = 2
	fewest = 1.5
	// leastNamed is how much of it, at least, must be names and large figures:
	// small numbers and weekdays meet by chance in any two texts of a kind.
	leastNamed = 0.75
	// otherScript makes up for the pivots that are lost between scripts.
	otherLetters = 1.45
	// oneMore likewise damps scores that rest on few places in the text.
	oneMore = 0.6
	// density is how many names a text has, at most, to a unit of position;
	// what goes beyond are nouns with capitals, or words of a script without.
	density = 0.11
	// gapCost is what a unit of difference between the two texts' distances
	// from one shared pivot to the next takes off a chain.
	gapCost = 0.02
	// inOrder is the share of the shared weight that stands in one order in
	// both texts of a translation; less counts with the power steep, or
	// steepAlone within a language, where a second account of the same match
	// names the same men in another order.
	inOrder    = 0.8
	steep      = 1.75
	steepAlone = 3
	// ownLanguage is the score one expects with a member in the article's own
	// language, and doubt how hard it counts when that falls short.
	ownLanguage = 0.75
	doubt       = 2
)

// share is the frequency of a pivot in a language, drawn towards its kind's.
func (t *translations) share(p *posting, lang uint8) float32 {
	return (float32(p.in(lang)) + assumed*traits[kindOf(p.hash)].prior) / (float32(t.docs[lang]) + assumed)
}

// weigh is the weight of a pivot that the given share of articles has.
func weigh(hash uint32, share float32) float32 {
	return traits[kindOf(hash)].weight * -logarithm(min(share, 1))
}

// logarithm approximates the natural logarithm of x > 0 within 0.01.
func logarithm(x float32) float32 {
	bits := math.Float32bits(x)
	exponent := float32(int32(bits>>23) - 127)
	m := math.Float32frombits(bits&0x7fffff | 127<<23)
	return (exponent + (-1.0/3*m+2)*m - 5.0/3) * math.Ln2
}

// weight is a pivot's between the languages of two texts: of its two
// frequencies the higher counts.
func (t *translations) weight(p *posting, a, b uint8) float32 {
	return weigh(p.hash, max(t.share(p, a), t.share(p, b), 1.0/(assumed+grown)))
}

// rating is how well an article matches a story.
type rating struct {
	of     *indexed // the member it matches best
	score  float64
	weight float64 // in units of the rarest pivot's
	young  float64 // how much of the weights is prior, 0 to 1
	shared []weighed
	langs  []langScore
}

type langScore struct {
	lang  uint8
	score float64
}

type weighed struct {
	hash   uint32
	weight float32
}

// rate compares x with the story of the text in slot: with one member a
// language, and with all of x's own language.
func (t *translations) rate(x *indexed, slot uint32) rating {
	first := &t.texts[slot]
	best := t.compare(x, first)
	r := []langScore{{first.lang, best.score}}
	sum := best.score
	if best.score < worthMore {
		best.langs = r
		return best
	}
	own := -1.0
	for _, s := range t.members[first.story] {
		y := &t.texts[s]
		switch {
		case y.entry.ID == x.entry.ID:
		case y.lang == x.lang:
			own = max(own, t.compare(x, y).score)
		case len(r) < maxMembers && !slices.ContainsFunc(r, func(l langScore) bool { return l.lang == y.lang }):
			m := t.compare(x, y)
			r = append(r, langScore{y.lang, m.score})
			sum += m.score
			if m.score > best.score {
				best = m
			}
		}
	}
	top := best.score
	best.score = bestShare*top + (1-bestShare)*sum/float64(len(r))
	if own >= 0 {
		best.score *= doubted(own, top)
	}
	best.langs = r
	return best
}

// doubted is the factor by which a score counts where the texts of one language
// have the score own, and the best of others the score top.
func doubted(own, top float64) float64 { return 1 - doubt + doubt*min(1, own/max(top, ownLanguage)) }

// compare scores two texts: the weight of the pivots they share, so far as they
// stand in the same order, over the weight one expects where the texts overlap.
func (t *translations) compare(a, b *indexed) rating {
	r := rating{of: b, young: float64(assumed) / float64(assumed+min(t.docs[a.lang], t.docs[b.lang]))}
	all := t.meet(a, b, &r)
	points := t.scratch.points
	if len(points) == 0 {
		return r
	}
	chain, first, last := align(points)
	steepness := float64(steep)
	if a.lang == b.lang {
		steepness = steepAlone
	}
	rarest := math.Log(float64(assumed + min(t.docs[a.lang], t.docs[b.lang], grown)))
	weight := all * math.Pow(min(1, max(chain, 0)/all/inOrder), steepness)
	if r.weight = weight / rarest; r.weight < fewest/2 || r.named() < leastNamed*rarest {
		return r
	}
	from, to := overlap(&first, &last, a, b)
	n := float64(distinct(points))
	r.score = weight / (math.Sqrt(t.expected(a, b, from)*t.expected(b, a, to)) + soft*rarest) * n / (n + oneMore)
	if a.lang != b.lang && (!a.latin || !b.latin) {
		r.score *= otherLetters
	}
	return r
}

// meet gathers the pivots that a and b share and the points where they do, and
// returns their weight.
func (t *translations) meet(a, b *indexed, r *rating) float64 {
	points := t.scratch.points[:0]
	var all float32
	for i, j := 0, 0; i < len(a.marks) && j < len(b.marks); {
		x, y := &a.marks[i], &b.marks[j]
		if x.pivot != y.pivot {
			if x.pivot < y.pivot {
				i++
			} else {
				j++
			}
			continue
		}
		p := &t.pivots[x.pivot]
		w := t.weight(p, a.lang, b.lang)
		all += w
		r.shared = append(r.shared, weighed{p.hash, w})
		points = cross(points, &x.pos, &y.pos, w)
		i++
		j++
	}
	t.scratch.points = gather(points)
	return float64(all)
}

// expected is the weight of a's pivots within a span that one expects to find
// again in b.
func (t *translations) expected(a, b *indexed, in span) float64 {
	plausible := min(1, density*float32(a.length+10)/float32(max(a.names, 1)))
	var sum float32
	one := func(p *posting, pos *places) {
		k := kindOf(p.hash)
		if k == kindExact && a.latin && !b.latin || !in.holds(pos) {
			return
		}
		w := traits[k].yield * t.weight(p, a.lang, b.lang)
		if k >= kindWhole {
			w *= plausible
		}
		sum += w
	}
	for i := range a.marks {
		one(&t.pivots[a.marks[i].pivot], &a.marks[i].pos)
	}
	for i := range a.alone {
		one(&posting{hash: a.alone[i].pivot}, &a.alone[i].pos)
	}
	return float64(sum)
}

// named is the weight of what is shared but for small numbers and the calendar.
func (r *rating) named() float64 {
	sum := float32(0)
	for _, s := range r.shared {
		switch kindOf(s.hash) {
		case kindTiny, kindSmall, kindCalendar, kindYear:
		default:
			sum += s.weight
		}
	}
	return float64(sum)
}

// accept returns the stories that e belongs to, best first.
func accept(e *Entry, rated []rating) []candidate {
	var out []candidate
	for i := range rated {
		r := &rated[i]
		if score := net(rated, i); r.accepted(score) {
			c := candidate{Story: r.of.story, Score: score, Reason: r.reason(score)}
			c.Reason.Pivots = labels(r.shared, e.Sketch.Pivots)
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// accepted reports whether a score, which is the rating's less what rivals take
// off, is enough.
func (r *rating) accepted(score float64) bool {
	return score >= accepted+youth*r.young && r.weight >= fewest
}

// reason is why an article with this rating is in the story, but for the pivots.
func (r *rating) reason(score float64) news.Reason {
	return news.Reason{Relation: news.Translation, Of: r.of.entry.ID, Score: min(score, 1)}
}

// net is the score of one story less what its best rival takes off.
func net(rated []rating, i int) float64 {
	best := 0.0
	for j := range rated {
		if j != i {
			best = max(best, rated[i].rival(&rated[j]))
		}
	}
	score := rated[i].score
	if score <= 0 {
		return score
	}
	return score - rivalry*best*best/score
}

// rival is how well another story does in a language that both have. In
// different languages two stories may both be the article's.
func (r *rating) rival(other *rating) float64 {
	best := 0.0
	for _, a := range r.langs {
		for _, b := range other.langs {
			if a.lang == b.lang {
				best = max(best, b.score)
			}
		}
	}
	return min(best, r.score)
}

// maxLabels is how many pivots explain a decision.
const maxLabels = 8

// labels are the weightiest of the shared pivots, as an article has them.
func labels(shared []weighed, pivots []Pivot) []string {
	slices.SortStableFunc(shared, func(a, b weighed) int { return cmp.Compare(b.weight, a.weight) })
	var out []string
	for _, s := range shared {
		i, ok := slices.BinarySearchFunc(pivots, s.hash, func(p Pivot, h uint32) int { return cmp.Compare(p.Hash, h) })
		if !ok || slices.Contains(out, pivots[i].Label) {
			continue
		}
		if out = append(out, pivots[i].Label); len(out) == maxLabels {
			break
		}
	}
	return out
}
