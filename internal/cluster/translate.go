package cluster

import (
	"cmp"
	"math"
	"slices"

	"kliping/internal/news"
)

// candidate is a story in another language that may be the same.
type candidate struct {
	Story  news.StoryID
	Of     news.ArticleID // the member most alike
	Score  float64        // 0 to 1
	Pivots []string       // what the two share, weightiest first, as the new article has it
}

// translations finds, for an article, the stories of the window that carry its
// text in another language. It is an index from pivots to the newest articles
// that have them, with the frequency of each pivot in each language.
//
// It holds the window's *Entry values and reads their Story when asked, so a
// merge of stories needs no call.
type translations struct {
	langs    map[string]uint8
	docs     []int // indexed articles by language
	texts    []indexed
	free     []uint32
	byID     map[news.ArticleID]uint32
	postings map[uint32]*posting
	members  map[news.StoryID][]uint32 // may be behind a merge; see settle
	hits     []float32                 // by text; all zero between calls
	touched  []uint32
}

// indexed is an article in the index.
type indexed struct {
	entry  *Entry
	lang   uint8
	latin  bool
	names  int
	story  news.StoryID // under which it stands in members
	silent bool         // one more copy of a text that is indexed already
	marks  []mark2
	length uint16
}

// mark2 is a pivot without its label.
type mark2 struct {
	hash uint32
	pos  places
}

// posting says where a pivot stands: how many articles of each language have
// it, and which came last.
type posting struct {
	newest []uint32
	counts []langCount
}

type langCount struct {
	lang uint8
	n    uint32
}

const (
	// maxPosting is how many articles a pivot leads to, the newest: a pivot
	// that more have is too common to find anything by.
	maxPosting = 48
	// maxAlike is how many copies of one text in one language are indexed.
	maxAlike = 3
	// maxLangs bounds the languages told apart; more count as one.
	maxLangs = 255
)

func newTranslations() *translations {
	return &translations{langs: map[string]uint8{}, byID: map[news.ArticleID]uint32{}, postings: map[uint32]*posting{}, members: map[news.StoryID][]uint32{}}
}

func (t *translations) lang(tag string) uint8 {
	if l, ok := t.langs[tag]; ok {
		return l
	}
	l := uint8(min(len(t.docs), maxLangs))
	if int(l) == len(t.docs) {
		t.docs = append(t.docs, 0)
	}
	t.langs[tag] = l
	return l
}

// add indexes an entry; one known already is replaced.
func (t *translations) add(e *Entry) {
	t.remove(e.ID)
	var slot uint32
	if n := len(t.free); n > 0 {
		slot, t.free = t.free[n-1], t.free[:n-1]
	} else {
		slot = uint32(len(t.texts))
		t.texts = append(t.texts, indexed{})
		t.hits = append(t.hits, 0)
	}
	x := &t.texts[slot]
	*x = indexed{entry: e, lang: t.lang(e.Sketch.Lang), marks: marksOf(e.Sketch.Pivots)}
	x.measure()
	t.byID[e.ID] = slot
	if x.silent = t.alike(x) >= maxAlike; x.silent {
		return
	}
	x.story = e.Story
	t.members[x.story] = append(t.members[x.story], slot)
	t.docs[x.lang]++
	for _, m := range x.marks {
		p := t.postings[m.hash]
		if p == nil {
			p = &posting{}
			t.postings[m.hash] = p
		}
		p.count(x.lang, 1)
		if len(p.newest) == maxPosting {
			p.newest = append(p.newest[:0], p.newest[1:]...)
		}
		p.newest = append(p.newest, slot)
	}
}

func marksOf(list []Pivot) []mark2 {
	out := make([]mark2, len(list))
	for i := range list {
		out[i] = mark2{list[i].Hash, list[i].Pos}
	}
	return out
}

func (x *indexed) measure() {
	x.length = lengthOf(x.marks)
	exact := 0
	for i := range x.marks {
		switch kindOf(x.marks[i].hash) {
		case kindName, kindShort:
			x.names++
		case kindExact:
			exact++
		}
	}
	x.latin = exact*2 > x.names
}

func lengthOf(marks []mark2) uint16 {
	var longest uint16
	for i := range marks {
		if n := marks[i].pos.len(); n > 0 {
			longest = max(longest, marks[i].pos[n-1])
		}
	}
	return longest
}

// alike counts the indexed articles of x's story in its language, as far as
// its pivots lead to them.
func (t *translations) alike(x *indexed) int {
	most := 0
	for _, m := range x.marks[:min(len(x.marks), 4)] {
		n := 0
		if p := t.postings[m.hash]; p != nil {
			for _, slot := range p.newest {
				if y := &t.texts[slot]; y.lang == x.lang && y.entry.Story == x.entry.Story {
					n++
				}
			}
		}
		most = max(most, n)
	}
	return most
}

func (p *posting) count(lang uint8, by int) {
	for i := range p.counts {
		if p.counts[i].lang == lang {
			p.counts[i].n = uint32(int(p.counts[i].n) + by)
			return
		}
	}
	p.counts = append(p.counts, langCount{lang, uint32(by)})
}

func (p *posting) in(lang uint8) int {
	for _, c := range p.counts {
		if c.lang == lang {
			return int(c.n)
		}
	}
	return 0
}

// remove takes an article out; one that is not there is no error.
func (t *translations) remove(id news.ArticleID) {
	slot, ok := t.byID[id]
	if !ok {
		return
	}
	delete(t.byID, id)
	x := &t.texts[slot]
	if !x.silent {
		t.docs[x.lang]--
		t.members[x.story] = slices.DeleteFunc(t.members[x.story], func(s uint32) bool { return s == slot })
		if len(t.members[x.story]) == 0 {
			delete(t.members, x.story)
		}
		for _, m := range x.marks {
			p := t.postings[m.hash]
			p.count(x.lang, -1)
			p.newest = slices.DeleteFunc(p.newest, func(s uint32) bool { return s == slot })
			if p.total() == 0 {
				delete(t.postings, m.hash)
			}
		}
	}
	*x = indexed{}
	t.free = append(t.free, slot)
}

func (p *posting) total() int {
	n := 0
	for _, c := range p.counts {
		n += int(c.n)
	}
	return n
}

// best returns the stories that carry e's text in another language, best
// first.
func (t *translations) best(e *Entry) []candidate {
	x := indexed{entry: e, lang: t.lang(e.Sketch.Lang), marks: marksOf(e.Sketch.Pivots)}
	x.measure()
	var scored []pairScore
	seen := map[news.StoryID]bool{}
	for _, slot := range t.likely(&x) {
		t.settle(slot)
		story := t.texts[slot].story
		if seen[story] {
			continue
		}
		if seen[story] = true; len(seen) > P.Verify {
			break
		}
		scored = append(scored, t.scoreStory(&x, slot, story))
	}
	return t.decide(e, scored)
}

// settle moves the members of a story that was merged away to where they belong.
func (t *translations) settle(slot uint32) {
	x := &t.texts[slot]
	if x.story == x.entry.Story {
		return
	}
	moved := t.members[x.story]
	delete(t.members, x.story)
	for _, s := range moved {
		y := &t.texts[s]
		y.story = y.entry.Story
		t.members[y.story] = append(t.members[y.story], s)
	}
}

func (t *translations) scoreStory(x *indexed, first uint32, story news.StoryID) pairScore {
	best := t.score(x, &t.texts[first])
	sum, n := best.score, 1
	langs := map[uint8]int{t.texts[first].lang: 1}
	best.langs = []langScore{{best.of.lang, best.score}}
	for _, slot := range t.members[story] {
		y := &t.texts[slot]
		if slot == first || y.lang == x.lang || langs[y.lang] > 0 || n >= P.Members {
			continue
		}
		langs[y.lang]++
		s := t.score(x, y)
		best.langs = append(best.langs, langScore{y.lang, s.score})
		sum += s.score
		n++
		if s.score > best.score {
			s.langs = best.langs
			best = s
		} else {
			s.langs = nil
		}
	}
	best.story = P.Max*best.score + (1-P.Max)*sum/float64(n)
	if same := t.sameLanguage(x, story); same >= 0 {
		best.story *= 1 - P.Same + P.Same*min(1, same/max(best.score, P.SameAbs))
	}
	return best
}

// sameLanguage is how well x matches the story's member in its own language
// that it matches best, or -1: two translations share their pivots too.
func (t *translations) sameLanguage(x *indexed, story news.StoryID) float64 {
	best := -1.0
	for _, slot := range t.members[story] {
		if y := &t.texts[slot]; y.lang == x.lang {
			best = max(best, t.score(x, y).score)
		}
	}
	return best
}

type langScore struct {
	lang  uint8
	score float64
}

// likely returns the articles in other languages that share the most weight of
// rare pivots with x, most first.
func (t *translations) likely(x *indexed) []uint32 {
	t.touched = t.touched[:0]
	for _, m := range x.marks {
		p := t.postings[m.hash]
		if p == nil {
			continue
		}
		w := float32(0)
		lang := uint8(0)
		own := t.share(p.in(x.lang), t.docs[x.lang], m.hash)
		for _, slot := range p.newest {
			y := &t.texts[slot]
			if y.lang == x.lang {
				continue
			}
			if w == 0 || y.lang != lang {
				lang = y.lang
				w = float32(weigh(m.hash, max(own, t.share(p.in(lang), t.docs[lang], m.hash))))
			}
			if t.hits[slot] == 0 {
				t.touched = append(t.touched, slot)
			}
			t.hits[slot] += w
		}
	}
	slices.SortFunc(t.touched, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(t.hits[b], t.hits[a]), cmp.Compare(t.texts[a].entry.ID, t.texts[b].entry.ID))
	})
	for _, slot := range t.touched {
		t.hits[slot] = 0
	}
	return t.touched
}

// share is the frequency of a pivot in n articles of which df have it, drawn
// towards what its kind leads one to expect.
func (t *translations) share(df, n int, hash uint32) float64 {
	const assumed = 30
	return (float64(df) + assumed*P.Prior[kindOf(hash)]) / (float64(n) + assumed)
}

func weigh(hash uint32, share float64) float64 {
	return P.Kind[kindOf(hash)] * -math.Log(min(share, 1))
}

func (t *translations) weight(a, b *indexed, hash uint32) float64 {
	p := t.postings[hash]
	ra, rb := P.Prior[kindOf(hash)], P.Prior[kindOf(hash)]
	if p != nil {
		ra = t.share(p.in(a.lang), t.docs[a.lang], hash)
		rb = t.share(p.in(b.lang), t.docs[b.lang], hash)
	}
	return weigh(hash, max(ra, rb))
}

// P are the parameters under trial.
var P = struct {
	Verify             int
	Prior              [kinds]float64
	Kind               [kinds]float64
	Yield              [kinds]float64
	Gap                float64
	Threshold          float64
	Margin             float64
	MinWeight          float64
	Soft               float64
	Order, Steep       float64
	Beta               float64
	Dens               float64
	Max                float64
	SoftX              float64
	Cross              float64
	Dist               float64
	Same               float64
	SameAbs, SteepSame float64
	Members            int
}{
	Verify:    16,
	Prior:     [kinds]float64{kindDate: 0.006317, kindFigure: 0.002, kindYear: 0.0415, kindPlace: 0.02, kindCalendar: 0.07969, kindLanguage: 0.03112, kindSmall: 0.01594, kindTiny: 0.1421, kindWhole: 0.0177, kindName: 0.006865, kindShort: 0.02956, kindExact: 0.002},
	Kind:      [kinds]float64{kindDate: 1.602, kindFigure: 1.374, kindYear: 1.118, kindPlace: 0.7239, kindCalendar: 1.102, kindLanguage: 0.3631, kindSmall: 1.414, kindTiny: 1.134, kindWhole: 0.4, kindName: 0.5, kindShort: 0.5445, kindExact: 0.2517},
	Yield:     [kinds]float64{kindDate: 1.217, kindFigure: 0.5698, kindYear: 0.2731, kindPlace: 1, kindCalendar: 0.4352, kindLanguage: 0.7137, kindSmall: 1, kindTiny: 0.732, kindWhole: 0.5, kindName: 0.5, kindShort: 1.309, kindExact: 0.3288},
	Gap:       0.02062,
	Threshold: .35,
	Margin:    0.4761,
	MinWeight: 6,
	Soft:      8.521,
	Order:     .8,
	Steep:     1.75,
	Beta:      0.5,
	Dens:      0.1087,
	Max:       0.6,
	SoftX:     8,
	Cross:     1.45,
	Dist:      0.6045,
	Same:      2.161,
	SameAbs:   .75,
	SteepSame: 3,
	Members:   6,
}

type pairScore struct {
	story  float64
	langs  []langScore
	of     *indexed
	score  float64
	weight float64
	shared int
	pivots []weighed
}

type weighed struct {
	hash uint32
	w    float64
}

type point struct {
	x, y int32
	w    float64
	best float64
	from int32
}

func (t *translations) score(a, b *indexed) pairScore {
	s := pairScore{of: b}
	var points []point
	all := 0.0
	i, j := 0, 0
	for i < len(a.marks) && j < len(b.marks) {
		switch c := cmp.Compare(a.marks[i].hash, b.marks[j].hash); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			h := a.marks[i].hash
			w := t.weight(a, b, h)
			all += w
			s.pivots = append(s.pivots, weighed{h, w})
			na, nb := a.marks[i].pos.len(), b.marks[j].pos.len()
			for _, x := range a.marks[i].pos[:na] {
				for _, y := range b.marks[j].pos[:nb] {
					points = append(points, point{x: int32(x), y: int32(y), w: w / float64(min(na, nb))})
				}
			}
			i++
			j++
		}
	}
	s.weight, s.shared = all, distinct(points)
	if len(points) == 0 {
		return s
	}
	chain, first, last := align(points)
	xa, xb := overlap(first.x, last.x, first.y, last.y, int32(a.length), int32(b.length))
	na := t.norm(a, b, xa)
	nb := t.norm(b, a, xb)
	steep := P.Steep
	if a.lang == b.lang {
		steep = P.SteepSame
	}
	mixed := all * math.Pow(min(1, max(chain, 0)/all/P.Order), steep)
	soft := P.Soft
	if a.latin != b.latin || !a.latin {
		soft = P.SoftX
	}
	s.score = mixed / (math.Pow(min(na, nb), P.Beta)*math.Pow(max(na, nb), 1-P.Beta) + soft)
	if a.latin != b.latin || !a.latin && a.lang != b.lang {
		s.score *= P.Cross
	}
	s.score *= float64(s.shared) / (float64(s.shared) + P.Dist)
	s.weight = mixed
	return s
}

// distinct counts the places in a text where something is shared: the forms of
// one name, and its repetitions, count once.
func distinct(points []point) int {
	n := 0
	for i := range points {
		new := true
		for j := range i {
			if points[j].x == points[i].x || points[j].y == points[i].y {
				new = false
				break
			}
		}
		if new {
			n++
		}
	}
	return n
}

// align finds the heaviest chain of points that ascends in both texts.
func align(points []point) (float64, point, point) {
	slices.SortFunc(points, func(a, b point) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(b.y, a.y)) })
	top := 0
	for i := range points {
		p := &points[i]
		p.best, p.from = p.w, -1
		for j := range i {
			q := &points[j]
			if q.x > p.x || q.y > p.y || q.x == p.x && q.y == p.y && false {
				continue
			}
			dx, dy := float64(p.x-q.x), float64(p.y-q.y)
			if v := q.best + p.w - P.Gap*math.Abs(dx-dy); v > p.best {
				p.best, p.from = v, int32(j)
			}
		}
		if p.best > points[top].best {
			top = i
		}
	}
	first := top
	for points[first].from >= 0 {
		first = int(points[first].from)
	}
	return points[top].best, points[first], points[top]
}

type span struct{ from, to int32 }

// overlap extends the aligned spans to where the shorter text begins and ends:
// one of two copies holds the other's text whole, but for what an editor cut.
func overlap(x0, x1, y0, y1, la, lb int32) (span, span) {
	const slack = 6
	if la <= lb {
		return span{0, la}, span{y0 - x0 - slack, y1 + la - x1 + slack}
	}
	return span{x0 - y0 - slack, x1 + lb - y1 + slack}, span{0, lb}
}

// norm is the weight of a's pivots within a span that one expects to find
// again in b's language.
func (t *translations) norm(a, b *indexed, in span) float64 {
	sum := 0.0
	yield := min(1, P.Dens*float64(a.length+10)/float64(max(a.names, 1)))
	for i := range a.marks {
		m := &a.marks[i]
		inside := false
		for _, p := range m.pos[:m.pos.len()] {
			inside = inside || int32(p) >= in.from && int32(p) <= in.to
		}
		if !inside {
			continue
		}
		v := P.Yield[kindOf(m.hash)] * t.weight(a, b, m.hash)
		if k := kindOf(m.hash); k >= kindWhole {
			v *= yield
			if k == kindExact && a.latin && !b.latin {
				continue
			}
		}
		sum += v
	}
	return sum
}

// decide groups the scores by story and keeps those above the threshold.
func (t *translations) decide(e *Entry, scored []pairScore) []candidate {
	slices.SortStableFunc(scored, func(a, b pairScore) int { return cmp.Compare(b.story, a.story) })
	var out []candidate
	for i := range scored {
		s := &scored[i]
		rival := 0.0
		for j := range scored {
			if j != i {
				rival = max(rival, rivalry(s, &scored[j]))
			}
		}
		final := s.story - P.Margin*rival
		if final >= P.Threshold && (P.Threshold < 0 || s.weight >= P.MinWeight && s.shared >= 2) {
			out = append(out, candidate{Story: s.of.story, Of: s.of.entry.ID, Score: min(final, 1), Pivots: labels(e, s.pivots)})
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// rivalry is how well another story does in a language that both have.
func rivalry(s, other *pairScore) float64 {
	best := 0.0
	for _, a := range s.langs {
		for _, b := range other.langs {
			if a.lang == b.lang {
				best = max(best, b.score)
			}
		}
	}
	return min(best, s.story)
}

const maxLabels = 8

// labels are the weightiest of the shared pivots, as e has them.
func labels(e *Entry, shared []weighed) []string {
	slices.SortStableFunc(shared, func(a, b weighed) int { return cmp.Compare(b.w, a.w) })
	var out []string
	for _, s := range shared {
		i, ok := slices.BinarySearchFunc(e.Sketch.Pivots, s.hash, func(p Pivot, h uint32) int { return cmp.Compare(p.Hash, h) })
		if !ok || slices.Contains(out, e.Sketch.Pivots[i].Label) {
			continue
		}
		if out = append(out, e.Sketch.Pivots[i].Label); len(out) == maxLabels {
			break
		}
	}
	return out
}
