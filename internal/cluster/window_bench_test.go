//go:build unix

package cluster

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"kliping/internal/news"
)

// corpus makes articles whose words are as unevenly common as a language's
// (Zipf) and follow one another by habit, so that unrelated articles share
// phrases. Their pivots are as many as those of real articles of 500 words, in
// several languages: of 60,000 pivots of 2,000 Reuters articles 22 % are
// distinct and 14 % stand in one article; of these 21 % and 15 %.
type corpus struct {
	rnd   *rand.Rand
	words *rand.Zipf
	names *rand.Zipf
}

var benchLangs = []string{"en", "id", "ru", "es", "zh"}

func newCorpus(seed uint64) *corpus {
	rnd := rand.New(rand.NewPCG(seed, 1))
	return &corpus{rnd, rand.NewZipf(rnd, 1.1, 8, 60_000), rand.NewZipf(rnd, 1.35, 15, 10_000_000)}
}

// spell writes word number n.
func spell(b *strings.Builder, n uint64) {
	for n += 30; n > 0; n /= 26 {
		b.WriteByte('a' + byte(n%26))
	}
}

// text writes n words; half follow the word before them by habit.
func (c *corpus) text(n int) string {
	var b strings.Builder
	for i, w := range c.run(n) {
		switch {
		case w >= 1<<32:
			fmt.Fprintf(&b, "%d, ", w-1<<32)
		case i%17 == 0:
			spell(&b, w)
			b.WriteString(". ")
		default:
			spell(&b, w)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// run is n words by number; figures are numbers from 1<<32.
func (c *corpus) run(n int) []uint64 {
	all := make([]uint64, n)
	w := c.words.Uint64()
	for i := range all {
		if c.rnd.IntN(2) == 0 {
			w = mix(w*4+c.rnd.Uint64N(4)) % 5000
		} else {
			w = c.words.Uint64()
		}
		if all[i] = w; c.rnd.IntN(40) == 0 {
			all[i] = 1<<32 + c.rnd.Uint64N(5000)
		}
	}
	return all
}

// sketch makes the sketch that such an article would have, without writing it.
func (c *corpus) sketch(words int) *Sketch {
	tokens := func(n int) []token {
		var out []token
		for i, w := range c.run(n) {
			out = append(out, token{hash: mix(w + 1), size: 5, figure: w >= 1<<32, name: i%17 != 0 && w%15 == 0})
		}
		return out
	}
	k := &Sketch{Lang: benchLangs[c.rnd.IntN(len(benchLangs))], Words: words, Pivots: c.pivots(55)}
	k.hold(make([]byte, words+(words+7)/8), words)
	text := tokens(words)
	for i, t := range text {
		if k.print[i] = t.byte(); t.name {
			k.names.set(i)
		}
	}
	k.setTitle(tokens(8), text)
	k.shingles = int32(countShingles(k.print))
	return k
}

// pivots are n pivots, three of each name, at one or two places.
func (c *corpus) pivots(n int) []Pivot {
	var all []Pivot
	put := func(k kind, v uint64) {
		p := Pivot{Label: "x", Hash: makeHash(k, uint32(mix(v))), Pos: places{noPlace, noPlace, noPlace, noPlace}}
		p.Pos[0] = uint16(c.rnd.IntN(150))
		if c.rnd.IntN(2) == 0 {
			p.Pos[1] = p.Pos[0] + uint16(c.rnd.IntN(50))
		}
		all = append(all, p)
	}
	for len(all) < n {
		switch c.rnd.IntN(8) {
		case 0:
			put(kindPlace, c.names.Uint64()%400)
		case 1:
			put(kindSmall, c.rnd.Uint64N(100))
		case 2:
			put(kindFigure, c.names.Uint64())
		default:
			name := c.names.Uint64()
			put(kindName, mix(name)%30_000)
			put(kindWhole, name)
			put(kindExact, name)
		}
	}
	slices.SortFunc(all, func(a, b Pivot) int { return cmp.Compare(a.Hash, b.Hash) })
	return slices.CompactFunc(all, func(a, b Pivot) bool { return a.Hash == b.Hash })
}

// translated is a sketch of another text in another language that has most of
// the pivots.
func (c *corpus) translated(k *Sketch) *Sketch {
	t := c.sketch(500)
	for t.Lang == k.Lang {
		t.Lang = benchLangs[c.rnd.IntN(len(benchLangs))]
	}
	t.Pivots = slices.DeleteFunc(slices.Clone(k.Pivots), func(Pivot) bool { return c.rnd.IntN(3) == 0 })
	return t
}

// queries are articles to be assigned to a window, half of them copies.
func (c *corpus) queries(w *Window) []Entry {
	all := make([]Entry, 1000)
	for i := range all {
		k := c.held(w)
		switch {
		case i%10 == 1:
			k = c.translated(k)
		case i%2 == 1:
			k = c.sketch(500)
		}
		all[i] = Entry{ID: -1, Outlet: "new.example", Sketch: k}
	}
	return all
}

// held is the sketch of some article of a window, with its pivots.
func (c *corpus) held(w *Window) *Sketch {
	place := 1 + c.rnd.Uint32N(uint32(w.Len()))
	k := w.shelf.item(place).Sketch
	for _, m := range readMarks(nil, w.shelf.at(place).marks()) {
		k.Pivots = append(k.Pivots, Pivot{Label: "x", Hash: w.translations.pivots[m.pivot].hash, Pos: m.pos})
	}
	slices.SortFunc(k.Pivots, func(a, b Pivot) int { return cmp.Compare(a.Hash, b.Hash) })
	return k
}

// fill adds n articles, each a story of its own.
func (c *corpus) fill(w *Window, n int) {
	for i := range n {
		id := news.ArticleID(w.Len() + 1)
		w.Add(Entry{
			ID: id, Story: news.StoryID(id), Outlet: fmt.Sprintf("o%d.example", i%500),
			At: time.Unix(int64(i)*20, 0), Sketch: c.sketch(500),
		})
	}
}

// cpu is the processor time this process has used. On a machine that does other
// work too it says more than the clock.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkNewSketch(b *testing.B) {
	c := newCorpus(1)
	title, body := c.text(8), []string{c.text(100), c.text(150), c.text(250)}
	b.ReportAllocs()
	for b.Loop() {
		NewSketch("xx", title, body)
	}
}

// BenchmarkAssign measures one article of 500 words against windows of several
// sizes, half of them copies of an article there, a tenth translations, and the
// bytes an article takes: print, keys, pivots, tables, all. The largest needs
// some minutes and 3 GB; -short leaves it out.
func BenchmarkAssign(b *testing.B) {
	for _, size := range []int{10_000, 100_000, 1_000_000} {
		if testing.Short() && size > 100_000 {
			continue
		}
		c := newCorpus(2)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		w := NewWindow(Options{})
		c.fill(w, size)
		runtime.GC()
		runtime.ReadMemStats(&after)
		queries := c.queries(w)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			i, start := 0, cpu(b)
			for b.Loop() {
				w.Assign(queries[i%len(queries)])
				i++
			}
			b.ReportMetric(float64((cpu(b)-start).Nanoseconds())/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(size), "B/article")
		})
	}
}
