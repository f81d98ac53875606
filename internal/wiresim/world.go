package wiresim

import (
	"container/heap"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	regionSize = 30
	feedSize   = 20               // items a feed holds, the newest
	birthEvery = 10 * time.Minute // mean time between two tales of a region, at tempo 1
	writtenOdd = 0.6              // share of tales taken from the written ones while they last
)

// Options says which world to make. The zero value is a usable one.
type Options struct {
	Seed    uint64    // of the dice
	Outlets int       // default 30; thousands are cheap
	Start   time.Time // when the world begins, with empty feeds; default 24 November 2026
}

// World is a running world. All methods are safe for concurrent use.
type World struct {
	mu      sync.Mutex
	dice    *rand.Rand
	library *library
	deck    []*tale // written tales not told yet, the next one last
	grown   uint64  // tales taken from the grammar so far
	outlets []*outlet
	byName  map[string]*outlet
	items   []*item // everything ever published, for Truth
	due     queue
	serial  uint64 // orders events of the same moment

	// The world's own age is age + tempo × (clock − clockAt). Events are kept by
	// age, so a change of tempo moves all that is to come and nothing that was.
	age     time.Duration
	clockAt time.Time
	tempo   float64
}

// New makes a world in which nothing has happened yet; Step makes it live.
func New(o Options) *World {
	if o.Outlets <= 0 {
		o.Outlets = regionSize
	}
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	}
	w := &World{
		dice:    rand.New(rand.NewPCG(o.Seed, 0x6b6c6970696e67)),
		library: readLibrary(),
		byName:  make(map[string]*outlet, o.Outlets),
		clockAt: o.Start.UTC(),
		tempo:   1,
	}
	w.deck = append(w.deck, w.library.written...)
	w.dice.Shuffle(len(w.deck), func(i, j int) { w.deck[i], w.deck[j] = w.deck[j], w.deck[i] })
	w.settle(o.Outlets)
	for first := 0; first < o.Outlets; first += regionSize {
		w.schedule(event{at: w.wait(birthEvery), region: first / regionSize})
	}
	return w
}

// Step publishes everything due by now. Each item's published time is the
// moment the world's rules give it, which is never after now. Steps may be of
// any length, and a step back in time does nothing.
func (w *World) Step(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !now.After(w.clockAt) {
		return
	}
	until := w.age + time.Duration(float64(now.Sub(w.clockAt))*w.tempo)
	for len(w.due) > 0 && w.due[0].at <= until {
		e := heap.Pop(&w.due).(event)
		w.clockAt, w.age = w.clock(e.at), e.at
		if e.tale == nil {
			w.birth(e.region)
			continue
		}
		w.publish(e.tale, e.outlet)
	}
	w.clockAt, w.age = now.UTC(), until
}

// SetTempo makes the world live x hours an hour from the last Step on: news
// and copies come x times as fast. A tempo of zero or less changes nothing.
func (w *World) SetTempo(x float64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if x > 0 {
		w.tempo = x
	}
}

// clock is the time at which the world reaches an age, at the present tempo.
func (w *World) clock(age time.Duration) time.Time {
	return w.clockAt.Add(time.Duration(float64(age-w.age) / w.tempo))
}

// wait draws a waiting time with the given mean.
func (w *World) wait(mean time.Duration) time.Duration {
	return time.Duration(w.dice.ExpFloat64() * float64(mean))
}

// birth lets an outlet of the region write a new tale, and schedules the next.
func (w *World) birth(region int) {
	w.schedule(event{at: w.age + w.wait(birthEvery), region: region})
	t := w.newTale()
	home := w.outlets[region*regionSize : min((region+1)*regionSize, len(w.outlets))]
	var writers []*outlet
	for _, o := range home {
		if !t.speaks(o.language) {
			continue
		}
		writers = append(writers, o)
		if o.wire { // most news begins with an agency
			writers = append(writers, o, o, o, o, o, o, o)
		}
	}
	if len(writers) == 0 {
		return
	}
	o := writers[w.dice.IntN(len(writers))]
	t.origin = o
	t.takers = append(t.takers, o)
	w.publish(t, o)
}

func (w *World) newTale() *tale {
	if n := len(w.deck); n > 0 && w.dice.Float64() < writtenOdd {
		t := *w.deck[n-1]
		w.deck = w.deck[:n-1]
		return &t
	}
	w.grown++
	return w.library.grow(w.grown, w.dice.Uint64())
}

// publish puts the outlet's edition of the tale into its feed and lets those
// who read the outlet decide whether and when to take it over.
func (w *World) publish(t *tale, o *outlet) {
	it := &item{tale: t, outlet: o, at: w.clockAt.Truncate(time.Second), number: len(w.items) + 1, seed: w.dice.Uint64()}
	w.items = append(w.items, it)
	o.add(it)
	for _, r := range o.readers {
		if t.speaks(r.language) && w.dice.Float64() < r.appetite && t.take(r) {
			late := time.Duration((0.3 + w.dice.ExpFloat64()) * float64(r.late))
			w.schedule(event{at: w.age + late, tale: t, outlet: r})
		}
	}
}

// event is a publication, or without a tale the birth of one in a region.
type event struct {
	at     time.Duration // the world's age
	serial uint64
	region int
	tale   *tale
	outlet *outlet
}

func (w *World) schedule(e event) {
	w.serial++
	e.serial = w.serial
	heap.Push(&w.due, e)
}

// queue is a heap of events, the soonest first.
type queue []event

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].serial < q[j].serial
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(event)) }
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	*q = old[:len(old)-1]
	return e
}

// Truth is what the world knows about one published item. It is for tests and
// measurements; nothing of it is in the feeds.
type Truth struct {
	Outlet   string // host
	URL      string // without tracking parameters
	GUID     string // empty where the outlet gives none
	Story    string // key of the tale; the same for all its copies
	Relation string // original, copy, soiled, excerpt, truncated, edited or translation
	Language string
	Residue  []string // lines that are not the article, as plain text
}

// Truth tells all items ever published, in the order of publication.
func (w *World) Truth() []Truth {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]Truth, len(w.items))
	for i, it := range w.items {
		e := it.compose()
		all[i] = Truth{
			Outlet: it.outlet.host(), URL: it.link(), GUID: it.guid(), Story: it.tale.key,
			Relation: e.relation, Language: it.outlet.language, Residue: e.residue,
		}
	}
	return all
}
