//go:build unix

package cluster

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"kliping/internal/news"
)

// corpus writes articles whose words are as unevenly common as a language's
// (Zipf) and follow one another by habit, so that unrelated articles share
// phrases.
type corpus struct {
	rnd  *rand.Rand
	zipf *rand.Zipf
}

func newCorpus(seed uint64) *corpus {
	rnd := rand.New(rand.NewPCG(seed, 1))
	return &corpus{rnd: rnd, zipf: rand.NewZipf(rnd, 1.1, 8, 60_000)}
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
	w := c.zipf.Uint64()
	for i := range n {
		if c.rnd.IntN(2) == 0 {
			w = mix(w*4+c.rnd.Uint64N(4)) % 5000
		} else {
			w = c.zipf.Uint64()
		}
		switch {
		case c.rnd.IntN(40) == 0:
			fmt.Fprintf(&b, "%d, ", c.rnd.IntN(5000))
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

func (c *corpus) sketch(words int) *Sketch {
	return NewSketch("xx", c.text(8), []string{c.text(words)})
}

// fill adds n articles, each a story of its own, a minute apart.
func (c *corpus) fill(w *Window, n int) {
	for i := range n {
		id := news.ArticleID(w.Len() + 1)
		w.Add(Entry{
			ID: id, Story: news.StoryID(id), Outlet: fmt.Sprintf("o%d.example", i%500),
			At: time.Unix(int64(i)*60, 0), Sketch: c.sketch(500),
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
// sizes, half of them copies of an article there, and the bytes an article
// takes. The largest needs some minutes and 3 GB; -short leaves it out.
func BenchmarkAssign(b *testing.B) {
	for _, size := range []int{10_000, 100_000, 1_000_000} {
		if testing.Short() && size > 100_000 {
			continue
		}
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			c := newCorpus(2)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			w := NewWindow(Options{})
			c.fill(w, size)
			runtime.GC()
			runtime.ReadMemStats(&after)
			queries := make([]Entry, 1000)
			for i := range queries {
				s := c.sketch(500)
				if i%2 == 0 {
					s = w.shelf.item(w.shelf.find(news.ArticleID(1 + c.rnd.IntN(size)))).Sketch
				}
				queries[i] = Entry{ID: -1, Outlet: "new.example", Sketch: s}
			}
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
