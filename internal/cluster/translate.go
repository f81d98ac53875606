package cluster

import (
	"slices"

	"kliping/internal/news"
)

// candidate is a story that carries an article's text in another language.
type candidate struct {
	Story  news.StoryID
	Score  float64 // from accepted up, rivals taken into account
	Reason news.Reason
}

// translations finds the stories of the window that carry an article's text in
// another language. It is an index from pivots to the newest articles that have
// them, which also counts how many articles of each language do: the weight of
// a shared pivot comes from these counts, and they drift as articles come and go.
//
// The articles stand on the window's shelf, which keeps their pivots without
// labels; those needed for the explanation are taken from the article asked
// about.
//
// Not safe for concurrent use.
type translations struct {
	shelf   *shelf
	langs   map[string]uint8
	docs    []int // articles indexed, by language
	numbers index // from pivots' hashes to their numbers
	pivots  []posting
	unused  []uint32 // numbers to be used again
	lists   lists
	steps   int // articles looked at so far; see index.steps
	scratch translationScratch
}

// indexed is an article taken from the index, or one asked about.
type indexed struct {
	id     news.ArticleID
	story  news.StoryID // 0: of an article that is not in the window
	marks  []placed     // ascending by pivot
	alone  []placed     // of an article asked about: pivots, by hash, that no other has
	length uint16       // its last pivot's position
	names  uint16       // pivots that are, or may be, names
	lang   uint8
	latin  bool // written in Latin letters
}

// placed is a pivot in a text: its hash, or in the index its number.
type placed struct {
	pivot uint32
	pos   places
}

// translationScratch is memory used again from call to call.
type translationScratch struct {
	hits     tally
	weights  [maxLangs + 1]float32 // of one pivot, by language
	points   []point
	gathered []point
	marks    []placed
	read     []placed
	alone    []placed
	sorted   []placed
	shared   []weighed
	floats   []float32
	packed   []byte
	keys     []uint64
	order    []uint64
}

const (
	// maxPosting is how many articles a pivot leads to, the newest: one that
	// more have is too common to find anything by. It keeps the cost of an
	// article flat as the window grows.
	maxPosting = 48
	// maxAlike is how many copies of one text in one language are indexed; the
	// fortieth copy of a wire story does not make its names common.
	maxAlike = 3
	// maxLangs bounds the languages told apart; more count as one.
	maxLangs = 250
)

func newTranslations(s *shelf) *translations {
	return &translations{shelf: s, langs: map[string]uint8{}, pivots: make([]posting, 1)}
}

// lang numbers a language.
func (t *translations) lang(tag string) uint8 {
	if l, ok := t.langs[tag]; ok {
		return l
	}
	l := min(len(t.docs), maxLangs)
	if l == len(t.docs) {
		t.docs = append(t.docs, 0)
	}
	t.langs[tag] = uint8(l)
	return uint8(l)
}

// read takes an entry's pivots without their labels; marks is the memory for them.
func (t *translations) read(e *Entry, marks []placed) indexed {
	x := indexed{id: e.ID, lang: t.lang(e.Sketch.Lang)}
	exact := uint16(0)
	for i := range e.Sketch.Pivots {
		p := &e.Sketch.Pivots[i]
		marks = append(marks, placed{p.Hash, p.Pos})
		if n := p.Pos.len(); n > 0 {
			x.length = max(x.length, p.Pos[n-1])
		}
		switch kindOf(p.Hash) {
		case kindName, kindShort:
			x.names++
		case kindExact:
			exact++
		}
	}
	x.marks, x.latin = marks, exact*2 > x.names
	return x
}

// enter puts the article at a place of the shelf under its pivots, unless it is
// silent.
func (t *translations) enter(place uint32, e *Entry) {
	h := t.shelf.at(place)
	if h.flags&flagSilent != 0 {
		return
	}
	s := &t.scratch
	x := t.read(e, s.marks[:0])
	t.docs[x.lang]++
	t.warm(x.marks)
	for i := range x.marks {
		number := t.number(x.marks[i].pivot)
		x.marks[i].pivot = number
		p := &t.pivots[number]
		p.add(x.lang, 1)
		t.lists.push(p, place)
	}
	t.sort(x.marks)
	s.packed = appendMarks(s.packed[:0], x.marks)
	h.mark(&x, s.packed)
	s.marks = x.marks
}

// sort brings marks into the order of their pivots: by sorting numbers, which
// is three times as fast as sorting marks.
func (t *translations) sort(marks []placed) {
	s := &t.scratch
	s.order = s.order[:0]
	for i := range marks {
		s.order = append(s.order, uint64(marks[i].pivot)<<32|uint64(i))
	}
	slices.Sort(s.order)
	s.sorted = append(s.sorted[:0], marks...)
	for i, k := range s.order {
		marks[i] = s.sorted[uint32(k)]
	}
}

// warm asks for the memory of many pivots at once.
func (t *translations) warm(marks []placed) {
	s := &t.scratch
	s.keys = s.keys[:0]
	for i := range marks {
		s.keys = append(s.keys, pivotKey(marks[i].pivot))
	}
	t.numbers.warm(s.keys)
}

// pivotKey spreads a pivot's hash over the index. No two hashes share a key.
func pivotKey(hash uint32) uint64 {
	k := hash * 0x9e3779b1
	return uint64(k)<<(64-partBits) | uint64(k)
}

// known returns a pivot's number, or 0.
func (t *translations) known(hash uint32) uint32 {
	var found [1]uint32
	if all := t.numbers.find(found[:0], pivotKey(hash)); len(all) > 0 {
		return all[0]
	}
	return 0
}

// number returns a pivot's number, a new one if it has none.
func (t *translations) number(hash uint32) uint32 {
	number := t.known(hash)
	if number != 0 {
		return number
	}
	if n := len(t.unused); n > 0 {
		number, t.unused = t.unused[n-1], t.unused[:n-1]
		t.pivots[number].hash = hash
	} else {
		number = uint32(len(t.pivots))
		t.pivots = append(t.pivots, posting{hash: hash})
	}
	t.numbers.insert(pivotKey(hash), number)
	return number
}

// leave takes the article at a place out of the index, if it is there.
func (t *translations) leave(place uint32) {
	h := t.shelf.at(place)
	s := &t.scratch
	s.marks = readMarks(s.marks[:0], h.marks())
	lang := t.shelf.langOf[place]
	t.docs[lang]--
	for _, m := range s.marks {
		p := &t.pivots[m.pivot]
		p.add(lang, -1)
		t.lists.pull(p, place)
		if p.empty() {
			t.numbers.remove(pivotKey(p.hash), m.pivot)
			t.lists.drop(p)
			t.unused = append(t.unused, m.pivot)
		}
	}
	h.unmark()
}

// unpack is the article at a place, to be compared; until the next call.
func (t *translations) unpack(place uint32) indexed {
	t.steps++
	t.scratch.marks = readMarks(t.scratch.marks[:0], t.shelf.at(place).marks())
	return t.with(place, t.scratch.marks)
}

// with is the article at a place, with its marks unpacked.
func (t *translations) with(place uint32, marks []placed) indexed {
	h := t.shelf.at(place)
	return indexed{
		id: h.id, story: h.story, marks: marks,
		length: h.length, names: h.named, lang: t.shelf.langOf[place], latin: h.flags&flagLatin != 0,
	}
}

// taken is the article at a place, in memory of its own.
func (t *translations) taken(place uint32) indexed {
	return t.with(place, readMarks(nil, t.shelf.at(place).marks()))
}

// rateAll rates the likeliest stories for e.
func (t *translations) rateAll(e *Entry) []rating {
	s := &t.scratch
	x := t.read(e, s.read[:0])
	s.read = x.marks
	t.resolve(&x)
	return t.rateLike(&x)
}

// rateLike rates the likeliest stories for x, which is passed over in them: all
// of them if one that is not x's own may be accepted or in doubt, and none
// otherwise. What it returns holds until the next call.
//
// Few articles are like any story. So it is first asked only whether one is; a
// low score counts for nothing but to be a high one's rival.
func (t *translations) rateLike(x *indexed) []rating {
	t.scratch.shared, t.scratch.floats = t.scratch.shared[:0], t.scratch.floats[:0]
	var top [maxRated]uint32
	a := t.ask(x)
	firsts := t.firsts(top[:0], &a)
	rated := make([]rating, 0, maxRated)
	near := false
	t.shelf.fetch(firsts)
	for _, place := range firsts {
		y := t.unpack(place)
		r := t.rate(&a, &y, worthMore)
		near = near || r.story != x.story && r.nearest() >= min(doubtful, accepted)
		rated = append(rated, r)
	}
	if !near {
		return nil
	}
	for i, place := range firsts {
		if rated[i].cut {
			y := t.unpack(place)
			rated[i] = t.rate(&a, &y, 0)
		}
	}
	return rated
}

// firsts appends the places of the articles likeliest to be translations of x,
// one a story.
func (t *translations) firsts(out []uint32, x *asked) []uint32 {
	for _, c := range t.likely(x) {
		h := t.shelf.at(c.place)
		if h.id == x.id || slices.ContainsFunc(out, func(p uint32) bool { return t.shelf.at(p).story == h.story }) {
			continue
		}
		if out = append(out, c.place); len(out) == maxRated {
			break
		}
	}
	return out
}

// resolve replaces the hashes of x's pivots by their numbers, and sets those
// apart that have none.
func (t *translations) resolve(x *indexed) {
	t.warm(x.marks)
	marks := x.marks[:0]
	x.alone = t.scratch.alone[:0]
	for _, m := range x.marks {
		if number := t.known(m.pivot); number != 0 {
			m.pivot = number
			marks = append(marks, m)
		} else {
			x.alone = append(x.alone, m)
		}
	}
	x.marks, t.scratch.alone = marks, x.alone
	t.sort(x.marks)
	t.fetch(x.marks)
}

// fetch asks for the memory of many postings and their lists at once, as
// index.warm does for keys.
func (t *translations) fetch(marks []placed) {
	sum := uint32(0)
	for i := range marks {
		sum += t.pivots[marks[i].pivot].count
	}
	for i := range marks {
		p := &t.pivots[marks[i].pivot]
		newest := t.lists.newest(p)
		for k := 0; k < len(newest); k += 16 { // a line of cache
			sum += newest[k]
		}
		if p.more != nil {
			sum += uint32(len(*p.more))
		}
	}
	t.numbers.met += sum // so that the compiler cannot leave it out
}

// likely returns the articles in other languages that share most weight with x,
// most first.
func (t *translations) likely(x *asked) []scored {
	s := &t.scratch
	s.hits.reset()
	for i := range x.marks {
		p := &t.pivots[x.marks[i].pivot]
		s.weights[uint8(p.count>>24)] = t.weighCount(p.hash, p.count, x.own[i])
		for _, c := range p.further() {
			s.weights[uint8(c>>24)] = t.weighCount(p.hash, c, x.own[i])
		}
		s.weights[x.lang] = 0
		newest := t.lists.newest(p)
		t.steps += len(newest)
		for _, place := range newest {
			if w := s.weights[t.shelf.langOf[place]]; w != 0 {
				s.hits.add(place, w)
			}
		}
	}
	return t.strongest()
}

// weighCount is the weight of a pivot of which own is the share in one language
// and count what a posting counts of another.
func (t *translations) weighCount(hash, count uint32, own float32) float32 {
	return weigh(hash, max(own, t.shareOf(hash, int(count&0xffffff), uint8(count>>24))))
}

// strongest picks, of the articles that were hit, those that have a good part of
// the strongest one's hits.
func (t *translations) strongest() []scored {
	best := t.scratch.hits.scores()
	top := float32(0)
	for i := range best {
		top = max(top, best[i].score)
	}
	least := top * worthRating
	for range 6 { // raise the mark until few are left
		best = slices.DeleteFunc(best, func(c scored) bool { return c.score < max(least, minWeight) })
		if len(best) <= 8*maxRated {
			break
		}
		least += (top - least) / 3
	}
	slices.SortFunc(best, t.shelf.byScore)
	return best[:min(len(best), 8*maxRated)]
}
