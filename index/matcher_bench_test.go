//go:build unix

package index

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// cpu is the processor time this process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkMatcher shows documents of 3 KB to 5,000 saved queries.
// It counts processor time, which other work on the machine disturbs less.
func BenchmarkMatcher(b *testing.B) {
	p := newProse()
	m, _ := saved(b, p, 5000)
	docs := p.documents(1, 200)
	n, found, begin := 0, 0, cpu(b)
	for b.Loop() {
		found += len(m.Match(&docs[n%len(docs)], day))
		n++
	}
	b.ReportMetric(float64(n)/(cpu(b)-begin).Seconds(), "docs/cpu-s")
	b.ReportMetric(float64(found)/float64(n), "found/doc")
}

// BenchmarkMatchByIndex is what a Matcher replaces: an index of a batch of 100
// documents, asked each of the 5,000 queries.
func BenchmarkMatchByIndex(b *testing.B) {
	p := newProse()
	_, queries := saved(b, p, 5000)
	docs := p.documents(1, 100)
	n, found, begin := 0, 0, cpu(b)
	for b.Loop() {
		ix, err := Open(filepath.Join(b.TempDir(), "index"), loader(docs...))
		must(b, err)
		apply(b, ix, State{}, docs...)
		for _, q := range queries {
			r, err := ix.Search(b.Context(), Query{Text: q, Limit: 100, Sort: "time", Now: day})
			must(b, err)
			found += r.Total
		}
		must(b, ix.Close())
		n += len(docs)
	}
	b.ReportMetric(float64(n)/(cpu(b)-begin).Seconds(), "docs/cpu-s")
	b.ReportMetric(float64(found)/float64(n), "found/doc")
}
