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
	return t.shareOf(p.hash, p.in(lang), lang)
}

// shareOf is the share of a pivot that n articles of a language have.
func (t *translations) shareOf(hash uint32, n int, lang uint8) float32 {
	return (float32(n) + assumed*traits[kindOf(hash)].prior) / (float32(t.docs[lang]) + assumed)
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

// leastShare is the least share that counts; see grown.
const leastShare = 1.0 / (assumed + grown)

// weight is a pivot's between the languages of two texts: of its two
// frequencies the higher counts.
func (t *translations) weight(p *posting, a, b uint8) float32 {
	return weigh(p.hash, max(t.share(p, a), t.share(p, b), leastShare))
}

// rating is how well an article matches a story.
type rating struct {
	story  news.StoryID
	of     news.ArticleID // the member it matches best
	score  float64
	cut    bool    // score is below the floor that was asked for, and not known
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

// rate compares x with a story by the member first: with one member a language,
// and with all of x's own language. A first member below floor is cut.
func (t *translations) rate(x *asked, first *indexed, floor float64) rating {
	best := t.compare(x, first, floor)
	if best.cut {
		return best
	}
	r := []langScore{{first.lang, best.score}}
	sum := best.score
	if best.score < worthMore {
		best.langs = r
		return best
	}
	own := -1.0
	for place := range t.shelf.spoken(first.story) {
		lang := t.shelf.langOf[place]
		switch {
		case t.shelf.at(place).id == x.id:
		case lang == x.lang:
			y := t.unpack(place)
			own = max(own, t.compare(x, &y, 0).score)
		case len(r) < maxMembers && !slices.ContainsFunc(r, func(l langScore) bool { return l.lang == lang }):
			y := t.unpack(place)
			m := t.compare(x, &y, 0)
			r = append(r, langScore{lang, m.score})
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
// A score that is sure to be below floor is cut.
func (t *translations) compare(a *asked, b *indexed, floor float64) rating {
	docs := min(t.docs[a.lang], t.docs[b.lang])
	r := rating{story: b.story, of: b.id, young: float64(assumed) / float64(assumed+docs)}
	known := a.row(t, b)
	all, named := t.meet(a, b, known.weight, &r)
	rarest := math.Log(float64(assumed + min(docs, grown)))
	if all/rarest < fewest/2 || named < leastNamed*rarest {
		return r
	}
	points := t.scratch.gather(t.scratch.points)
	chain, first, last := align(points)
	steepness := float64(steep)
	if a.lang == b.lang {
		steepness = steepAlone
	}
	weight := all * math.Pow(min(1, max(chain, 0)/all/inOrder), steepness)
	if r.weight = weight / rarest; r.weight < fewest/2 {
		return r
	}
	n := float64(distinct(points))
	letters := 1.0
	if a.lang != b.lang && (!a.latin || !b.latin) {
		letters = otherLetters
	}
	from, to := overlap(&first, &last, &a.indexed, b)
	mine := a.expected(known.expect, from)
	theirs, whole := t.expected(b, &a.indexed, to, enough(weight*letters*n/(n+oneMore)/floor-soft*rarest, mine))
	if r.cut = !whole; r.cut {
		return r
	}
	r.score = weight / (math.Sqrt(mine*theirs) + soft*rarest) * n / (n + oneMore) * letters
	return r
}

// enough is how much theirs must at least be for the mean of what is expected
// in two texts to be above need for sure, however sums were rounded.
func enough(need, mine float64) float64 {
	const sure = 1.001
	need = max(need*sure, 0)
	return need * need / mine * sure
}

// meet gathers the pivots that a and b share and the points where they do. It
// returns the weight of all and, but for small numbers and the calendar, of what
// is named.
func (t *translations) meet(a *asked, b *indexed, weights []float32, r *rating) (all, named float64) {
	s := &t.scratch
	points, shared := s.points[:0], len(s.shared)
	var sum, sumNamed float32
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
		w, hash := weights[i], t.pivots[x.pivot].hash
		sum += w
		if specific(hash) {
			sumNamed += w
		}
		s.shared = append(s.shared, weighed{hash, w})
		points = cross(points, &x.pos, &y.pos, w)
		i++
		j++
	}
	s.points, r.shared = points, s.shared[shared:len(s.shared):len(s.shared)]
	return float64(sum), float64(sumNamed)
}

// specific reports whether a pivot is more than a small number or of the calendar.
func specific(hash uint32) bool {
	switch kindOf(hash) {
	case kindTiny, kindSmall, kindCalendar, kindYear:
		return false
	default:
		return true
	}
}

// expected is the weight of a's pivots within a span that one expects to find
// again in b. It stops once that is more than enough, and says then that it is
// not the whole.
func (t *translations) expected(a, b *indexed, in span, enough float64) (weight float64, whole bool) {
	plausible := a.plausible()
	var sum float32
	for i := range a.marks {
		m := &a.marks[i]
		if !in.holds(&m.pos) {
			continue
		}
		p := &t.pivots[m.pivot]
		if sum += expect(p.hash, t.weight(p, a.lang, b.lang), plausible, a.latin && !b.latin); float64(sum) > enough {
			return 0, false
		}
	}
	return float64(sum), true
}

// expect is how much of a pivot's weight one expects to find again in a text. A
// word in Latin letters is not looked for in a text without.
func expect(hash uint32, weight, plausible float32, lost bool) float32 {
	k := kindOf(hash)
	w := traits[k].yield * weight
	if k >= kindWhole {
		w *= plausible
	}
	if k == kindExact && lost {
		return 0
	}
	return w
}

// plausible is the part of a text's names that can be ones.
func (x *indexed) plausible() float32 {
	return min(1, density*float32(x.length+10)/float32(max(x.names, 1)))
}

// accept returns the stories that e belongs to, best first.
func accept(e *Entry, rated []rating) []candidate {
	var out []candidate
	for i := range rated {
		r := &rated[i]
		if score := net(rated, i); r.accepted(score) {
			c := candidate{Story: r.story, Score: score, Reason: r.reason(score)}
			c.Reason.Pivots = labels(r.shared, e.Sketch.Pivots, heaviestFirst)
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
	return news.Reason{Relation: news.Translation, Of: r.of, Score: min(score, 1)}
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

func heaviestFirst(a, b weighed) int { return cmp.Compare(b.weight, a.weight) }

// labels are the first of the shared pivots in an order, as an article has them.
func labels(shared []weighed, pivots []Pivot, order func(a, b weighed) int) []string {
	slices.SortStableFunc(shared, order)
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
