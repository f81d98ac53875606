package residue

import (
	"slices"
	"time"

	"kliping/internal/news"
)

// Learner finds the blocks that each outlet repeats in otherwise different
// articles, and those that several outlets carry in such. It remembers prints, not
// texts: about a kilobyte for an article of twenty blocks. It is not safe for
// concurrent use.
type Learner struct {
	outlets  map[string]*outlet
	numbered map[uint32]*outlet // by number
	last     uint32             // the last number given; 0 is none
	first    map[uint32]uint32  // half of a print's hash → number of the one outlet that carries it
	across   map[uint64]*across // prints that several outlets carry
}

// Learned is a block that just became a template of an outlet.
type Learned struct {
	Print       uint64
	Articles    []news.ArticleID // all that carry it, in order of id: to be cleaned again
	Count       int              // how many they are
	First, Last time.Time        // when the first and the last of them came
}

// NewLearner returns a learner that has seen nothing.
func NewLearner() *Learner {
	return &Learner{outlets: map[string]*outlet{}, numbered: map[uint32]*outlet{}, first: map[uint32]uint32{}, across: map[uint64]*across{}}
}

const (
	// maxPrints bounds what is remembered of one article: half from its head,
	// half from its tail.
	maxPrints = 64

	// A block is a template once it stands in so many articles of which each
	// two differ in the most of what else they say.
	enough = 3
	// The same for blocks that are as likely to belong to the text: not at an
	// edge, or short figures such as "12 mths".
	enoughInside = 5
	// And for a word or two in the middle, which are more likely a heading or a
	// cell: "Analysis", "Year".
	enoughSubhead = 12
	subhead       = 2
	// And for blocks that share most of their articles with other repeated
	// blocks: a stub under a legal notice, which is a few blocks long. More that
	// two articles have in common are paragraphs of editions of one story, however
	// many editions there are.
	enoughStubs = 6
	noticeMost  = 3
)

// outlet is what is remembered of one outlet.
type outlet struct {
	number   uint32
	across   map[uint64]*across // the learner's
	articles map[news.ArticleID]*seen
	once     map[uint64]news.ArticleID // prints seen in one article
	repeated map[uint64]*repeat        // prints seen in more
}

type seen struct {
	at     time.Time
	prints []uint64 // distinct, in order
}

// repeat is a print that stands in more than one article.
type repeat struct {
	in      []news.ArticleID // in order of sighting
	apart   []news.ArticleID // some of them, of which each two differ in most
	unlike  []news.ArticleID // some of them, of which each two differ in something
	inside  int              // sightings that were not at an edge
	learned bool
}

// See takes in an article's prints, all of them and in order, and returns what
// just became a template of its outlet. An article seen before is forgotten
// first, so seeing the same again changes nothing, and a later edition replaces
// the earlier one.
func (l *Learner) See(name string, id news.ArticleID, at time.Time, prints []uint64) []Learned {
	o := l.outlet(name)
	prints = distinct(prints)
	if old := o.articles[id]; old != nil {
		if slices.Equal(old.prints, prints) {
			return nil
		}
		l.forget(o, map[news.ArticleID]bool{id: true})
	}
	o.articles[id] = &seen{at: at, prints: prints}
	for _, p := range prints {
		o.count(p, id)
	}
	for _, p := range prints {
		l.meet(o, id, p)
	}
	var learned []Learned
	for _, p := range prints {
		if r := o.repeated[p]; r != nil && !r.learned && o.weigh(p, r, id) {
			r.learned = true
			learned = append(learned, o.learned(p, r.in))
		}
	}
	return learned
}

// outlet returns what is remembered of an outlet, which may be nothing yet.
func (l *Learner) outlet(name string) *outlet {
	o := l.outlets[name]
	if o == nil {
		l.last++
		o = &outlet{
			number: l.last, across: l.across,
			articles: map[news.ArticleID]*seen{}, once: map[uint64]news.ArticleID{}, repeated: map[uint64]*repeat{},
		}
		l.outlets[name], l.numbered[o.number] = o, o
	}
	return o
}

// distinct returns the prints to remember of an article: each once, those of
// empty blocks left out, the middle of a long one left out.
func distinct(prints []uint64) []uint64 {
	kept := make([]uint64, 0, min(len(prints), maxPrints))
	met := make(map[uint64]bool, min(len(prints), maxPrints))
	for i, p := range prints {
		if i >= maxPrints/2 && i < len(prints)-maxPrints/2 {
			continue
		}
		if p != 0 && !met[p] {
			met[p] = true
			kept = append(kept, p)
		}
	}
	return slices.Clip(kept)
}

// count notes that article id carries print p.
func (o *outlet) count(p uint64, id news.ArticleID) {
	if r := o.repeated[p]; r != nil {
		r.in = append(r.in, id)
		return
	}
	first, ok := o.once[p]
	if !ok {
		o.once[p] = id
		return
	}
	delete(o.once, p)
	o.repeated[p] = &repeat{in: []news.ArticleID{first, id}, apart: []news.ArticleID{first}, unlike: []news.ArticleID{first}}
}

// weigh compares article id, which carries p, with the articles that spoke for
// p before, and reports whether p is a template now.
func (o *outlet) weigh(p uint64, r *repeat, id news.ArticleID) bool {
	if !o.atEdge(p, id) {
		r.inside++
	}
	if o.differs(p, id, r.apart, mostly) {
		r.apart = append(r.apart, id)
	}
	if o.differs(p, id, r.unlike, somewhat) {
		r.unlike = append(r.unlike, id)
	}
	need := enough
	switch inside := 2*r.inside > len(r.in); {
	case inside && printWords(p) <= subhead:
		need = enoughSubhead
	case inside, p&figureBit != 0 && printWords(p) < 6:
		need = enoughInside
	}
	return len(r.apart) >= need || len(r.unlike) >= enoughStubs
}

// atEdge reports whether fewer than two blocks that the outlet does not repeat
// stand between p and an end of the article.
func (o *outlet) atEdge(p uint64, id news.ArticleID) bool {
	prints := o.articles[id].prints
	at := slices.Index(prints, p)
	return o.unrepeated(prints[:at]) < 2 || o.unrepeated(prints[at+1:]) < 2
}

func (o *outlet) unrepeated(prints []uint64) int {
	n := 0
	for _, p := range prints {
		if _, ok := o.once[p]; ok {
			n++
		}
	}
	return n
}

// differs reports whether what article id says besides p is unlike what each of
// the others says besides p. Templates known already say nothing.
func (o *outlet) differs(p uint64, id news.ArticleID, others []news.ArticleID, unlike func(overlapping) bool) bool {
	mine := o.articles[id].prints
	for _, other := range others {
		if other == id {
			return false
		}
		if !unlike(overlap(p, o, mine, o, o.articles[other].prints)) {
			return false
		}
	}
	return true
}

// overlapping is what two articles have in common besides a block.
type overlapping struct {
	a, b, both int // words of either and of both
	blocks     int // in both
}

// mostly: less than half of the shorter article's words stand in both.
func mostly(o overlapping) bool { return o.both*2 < min(o.a, o.b) }

// somewhat: each has words of its own under what may be a notice.
func somewhat(o overlapping) bool { return o.both < o.a && o.both < o.b && o.blocks < noticeMost }

// overlap counts the words of the blocks of two outlets' articles, and of the
// blocks that stand in both; p and known templates are left out.
func overlap(p uint64, ofA *outlet, a []uint64, ofB *outlet, b []uint64) (o overlapping) {
	for _, x := range a {
		if ofA.says(x, p) {
			o.a += printWords(x)
			if slices.Contains(b, x) {
				o.both += printWords(x)
				o.blocks++
			}
		}
	}
	for _, x := range b {
		if ofB.says(x, p) {
			o.b += printWords(x)
		}
	}
	return o
}

// says reports whether x is neither p nor a known template.
func (o *outlet) says(x, p uint64) bool {
	if x == p {
		return false
	}
	if r := o.repeated[x]; r != nil && r.learned {
		return false
	}
	r := o.across[x]
	return r == nil || !r.learned
}

// carriers are the articles that carry a print, in order of sighting.
func (o *outlet) carriers(p uint64) []news.ArticleID {
	if r := o.repeated[p]; r != nil {
		return r.in
	}
	if id, ok := o.once[p]; ok {
		return []news.ArticleID{id}
	}
	return nil
}

func (o *outlet) carries(p uint64) bool { return len(o.carriers(p)) > 0 }

// learned is the account of a print that became a template, by the articles that
// carry it.
func (o *outlet) learned(p uint64, in []news.ArticleID) Learned {
	l := Learned{Print: p, Articles: slices.Clone(in), Count: len(in)}
	slices.Sort(l.Articles)
	for _, id := range in {
		at := o.articles[id].at
		if l.First.IsZero() || at.Before(l.First) {
			l.First = at
		}
		if at.After(l.Last) {
			l.Last = at
		}
	}
	return l
}

// Expire forgets articles that came before the given time, and with them what
// they had to say about templates. A template that no remembered article
// carries has to be learned anew.
func (l *Learner) Expire(before time.Time) {
	for name, o := range l.outlets {
		gone := map[news.ArticleID]bool{}
		for id, s := range o.articles {
			if s.at.Before(before) {
				gone[id] = true
			}
		}
		l.forget(o, gone)
		if len(o.articles) == 0 {
			delete(l.outlets, name)
			delete(l.numbered, o.number)
		}
	}
}

// forget removes an outlet's articles. Each print they carry is visited once,
// however many of them carry it.
func (l *Learner) forget(o *outlet, gone map[news.ArticleID]bool) {
	visited := map[uint64]bool{}
	for id := range gone {
		for _, p := range o.articles[id].prints {
			if !visited[p] {
				visited[p] = true
				o.drop(p, gone)
				l.part(o, p, gone)
			}
		}
		delete(o.articles, id)
	}
}

// drop forgets that articles which are gone carried a print.
func (o *outlet) drop(p uint64, gone map[news.ArticleID]bool) {
	r := o.repeated[p]
	if r == nil {
		delete(o.once, p)
		return
	}
	is := func(id news.ArticleID) bool { return gone[id] }
	r.in = slices.DeleteFunc(r.in, is)
	r.apart = slices.DeleteFunc(r.apart, is)
	r.unlike = slices.DeleteFunc(r.unlike, is)
	r.inside = min(r.inside, len(r.in))
	if len(r.in) == 0 {
		delete(o.repeated, p)
	}
}

// Count is the number of remembered articles of the outlet that carry a block
// with that print.
func (l *Learner) Count(name string, print uint64) int {
	if o := l.outlets[name]; o != nil {
		return len(o.carriers(print))
	}
	return 0
}
