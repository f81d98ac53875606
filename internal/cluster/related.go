package cluster

import (
	"cmp"
	"math"
	"slices"
	"time"

	"kliping/internal/news"
)

// Kin is a story of the window that is about the same event as an article of
// another story.
type Kin struct {
	Story news.StoryID
	Score float64 // 0 to 1, from kindred up
	Why   news.Kinship
}

const (
	// kindred is the score from which on two texts are taken to be about one event.
	kindred = 0.24
	// maxKin is how many stories are named, the likest first.
	maxKin = 5
	// maxWeighed is how many candidates are compared.
	maxWeighed = 24
	// leastKinNames is how much names, places and large figures must weigh in what
	// is shared, in units of the rarest pivot's; fewestKin how many must be shared.
	leastKinNames = 1.2
	fewestKin     = 3
	// leastTelling is how many of them must be names or places that weigh at least
	// telltale of the rarest: figures and words such as Inc meet by chance in any
	// two short texts of business.
	leastTelling = 2
	telltale     = 0.45
	// sparse is added to what the two texts have, in squares of the rarest's weight,
	// so that a text of few names must share more than its share.
	sparse = 0.7
	// headlined is what a headline shared in full adds to the score.
	headlined = 0.25
	// nearness is how long after it happened an event is still told for the first
	// time; what came later counts less, down to distant after the window.
	nearness = 48 * time.Hour
	distant  = 0.5
	fading   = 10 * 24 * time.Hour
)

// Related returns the stories about the same event as an article, which may be in
// the window or not, but for its own. They share names, places, dates and figures
// that few others have, weighed as for translations but wherever they stand: two
// reporters tell one event in two orders.
//
// The score is the cosine of the two texts' weights, with what their headlines
// share on top, less where days lie between. It is the same from either side as
// long as the window is. Cost: a posting of at most 48 articles a pivot, and 24
// comparisons.
func (w *Window) Related(e Entry) []Kin {
	t := w.translations
	t.scratch.shared, t.scratch.floats = t.scratch.shared[:0], t.scratch.floats[:0]
	s := &t.scratch
	x := t.read(&e, s.read[:0])
	s.read = x.marks
	t.resolve(&x)
	a := t.ask(&x)
	var all []Kin
	for _, place := range t.kinsfolk(&a, e.Story) {
		if k, ok := t.kin(&a, &e, place); ok {
			all = append(all, k)
		}
	}
	slices.SortStableFunc(all, func(a, b Kin) int { return cmp.Compare(b.Score, a.Score) })
	return all[:min(len(all), maxKin)]
}

// kinsfolk are the places of the articles, one a story, that share most weight
// with x, but for those of one story.
func (t *translations) kinsfolk(x *asked, but news.StoryID) []uint32 {
	s := &t.scratch
	s.hits.reset()
	for i := range x.marks {
		p := &t.pivots[x.marks[i].pivot]
		if !specific(p.hash) {
			continue
		}
		weight := weigh(p.hash, max(x.own[i], leastShare))
		newest := t.lists.newest(p)
		t.steps += len(newest)
		for _, place := range newest {
			s.hits.add(place, weight)
		}
	}
	var out []uint32
	for _, c := range t.strongest() {
		story := t.shelf.at(c.place).story
		if story == but || slices.ContainsFunc(out, func(p uint32) bool { return t.shelf.at(p).story == story }) {
			continue
		}
		if out = append(out, c.place); len(out) == maxWeighed {
			break
		}
	}
	return out
}

// kin judges the article at a place.
func (t *translations) kin(a *asked, e *Entry, place uint32) (Kin, bool) {
	h := t.shelf.at(place)
	b := t.unpack(place)
	from := len(t.scratch.shared)
	both, named, mine := t.common(a, &b)
	theirs := float64(0)
	for i := range b.marks {
		p := &t.pivots[b.marks[i].pivot]
		theirs += square(t.weight(p, a.lang, b.lang))
	}
	shared := t.scratch.shared[from:]
	rarest := math.Log(float64(assumed + min(t.docs[a.lang], t.docs[b.lang], grown)))
	if named < leastKinNames*rarest || tellingNames(shared, rarest) < leastTelling {
		return Kin{}, false
	}
	k := Kin{Story: h.story, Score: both / (math.Sqrt(mine*theirs) + sparse*rarest*rarest)}
	if a.lang == b.lang {
		var share float64
		k.Why.Words, share = commonWords(e.Sketch.title, h.sketch().title)
		k.Score += headlined * share
	}
	apart := e.At.Sub(time.UnixMicro(h.at)).Abs()
	k.Score = min(k.Score*faded(apart), 1)
	k.Why.Days = int((apart + 24*time.Hour - 1) / (24 * time.Hour))
	k.Why.Shared = labels(shared, e.Sketch.Pivots, namesFirst)
	return k, k.Score >= kindred && len(k.Why.Shared) >= fewestKin
}

// common sums the squares of the weights that two texts share and of all that the
// first has, and the weights of the names among what they share.
func (t *translations) common(a *asked, b *indexed) (both, named, mine float64) {
	s := &t.scratch
	for i := range len(a.marks) + len(a.alone) {
		mine += square(t.weight(a.posting(t, i), a.lang, b.lang))
	}
	for i, j := 0, 0; i < len(a.marks) && j < len(b.marks); {
		x, y := &a.marks[i], &b.marks[j]
		switch {
		case x.pivot < y.pivot:
			i++
		case x.pivot > y.pivot:
			j++
		default:
			p := &t.pivots[x.pivot]
			w := t.weight(p, a.lang, b.lang)
			both += square(w)
			if specific(p.hash) {
				named += float64(w)
			}
			s.shared = append(s.shared, weighed{p.hash, w})
			i++
			j++
		}
	}
	return both, named, mine
}

// tellingNames counts the names and places that weigh something. One name stands
// under several kinds, of which the first sounds are the one that all have.
func tellingNames(shared []weighed, rarest float64) (n int) {
	for _, s := range shared {
		switch k := kindOf(s.hash); k {
		case kindPlace, kindName, kindShort:
			if float64(s.weight) >= telltale*rarest*float64(traits[k].weight) {
				n++
			}
		}
	}
	return n
}

// namesFirst orders what two texts share by how much it says to people: names and
// places, then dates and large figures, then what any two texts may have, such as
// the year; the weightiest of each first. Only what is said is ordered so: where
// numbers and years weighed less in the score as well, it told events apart no
// better, for the small figures of a report are what a second one repeats.
func namesFirst(a, b weighed) int {
	return cmp.Or(cmp.Compare(obscurity(a.hash), obscurity(b.hash)), heaviestFirst(a, b))
}

// obscurity is how little a pivot says of an event by itself.
func obscurity(hash uint32) int {
	switch kindOf(hash) {
	case kindPlace, kindWhole, kindName, kindShort:
		return 0
	case kindDate, kindFigure, kindExact:
		return 1
	default:
		return 2
	}
}

func square(w float32) float64 { return float64(w) * float64(w) }

// commonWords counts the telling words that two headlines share, and says which
// share of the shorter one's that is.
func commonWords(a, b []titleToken) (n int, share float64) {
	for i, t := range a {
		if t&1 == 0 && slices.Contains(b, t) && !slices.Contains(a[:i], t) {
			n++
		}
	}
	if least := min(telling(a), telling(b)); least > 0 {
		share = min(float64(n)/float64(least), 1)
	}
	return n, share
}

// faded is how much a likeness counts of texts that lie a time apart.
func faded(apart time.Duration) float64 {
	if apart <= nearness {
		return 1
	}
	return 1 - (1-distant)*min(float64(apart-nearness)/float64(fading), 1)
}
