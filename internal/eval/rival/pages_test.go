// Package rival measures Kliping beside the library that does best on the pages
// of article-extraction-benchmark. It is a module of its own, so that the library
// and the forty that it needs are none of Kliping's.
//
//	cd internal/eval/rival && KLIPING_TEST_PAGES=DIR go test -v -bench . -benchmem
package rival

import (
	"bytes"
	"hash/fnv"
	"net/url"
	"os"
	"testing"

	"github.com/markusmobius/go-trafilatura"

	"kliping/internal/eval"
	"kliping/internal/pipeline"
)

// margin is by how much Kliping's F1 has to be above the library's.
const margin = .005

func TestPages(t *testing.T) {
	pages := read(t)
	tuned, kept := split(pages)
	ours := kliping(t)
	for _, set := range []struct {
		name  string
		pages []eval.Page
	}{{"tuned", tuned}, {"kept aside", kept}, {"all", pages}} {
		own, theirs := run(t, set.pages, ours), run(t, set.pages, rival)
		t.Logf("%-10s  %3d pages  Kliping %.4f (%.4f, %.4f)  go-trafilatura %.4f (%.4f, %.4f)", set.name, own.Pages,
			own.F1, own.Precision, own.Recall, theirs.F1, theirs.Precision, theirs.Recall)
		if own.F1 < theirs.F1+margin {
			t.Errorf("%s: F1 %.4f, wanted %.4f", set.name, own.F1, theirs.F1+margin)
		}
	}
}

func BenchmarkKliping(b *testing.B)     { bench(b, kliping(b)) }
func BenchmarkTrafilatura(b *testing.B) { bench(b, rival) }

func bench(b *testing.B, extract func(eval.Page) string) {
	pages := read(b)
	i := 0
	for b.Loop() {
		extract(pages[i%len(pages)])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
}

func read(t testing.TB) []eval.Page {
	dir := os.Getenv("KLIPING_TEST_PAGES")
	if dir == "" {
		t.Skip("KLIPING_TEST_PAGES names no directory of pages")
	}
	pages, err := eval.ReadPages(dir)
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// split sets a third of the pages aside, at which nobody looks who makes rules.
func split(pages []eval.Page) (tuned, kept []eval.Page) {
	for _, p := range pages {
		h := fnv.New32a()
		h.Write([]byte(p.Name))
		if h.Sum32()%3 == 0 {
			kept = append(kept, p)
		} else {
			tuned = append(tuned, p)
		}
	}
	return tuned, kept
}

func run(t *testing.T, pages []eval.Page, extract func(eval.Page) string) eval.PageReport {
	r, err := eval.RunPages(t.Context(), pages, extract, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func kliping(t testing.TB) func(eval.Page) string {
	p, err := pipeline.NewPreparer()
	if err != nil {
		t.Fatal(err)
	}
	return func(page eval.Page) string { return p.PageText(page.HTML, "text/html", page.URL) }
}

// rival is go-trafilatura at its best: with its fallbacks.
func rival(p eval.Page) string {
	at, err := url.Parse(p.URL)
	if err != nil {
		return ""
	}
	found, err := trafilatura.Extract(bytes.NewReader(p.HTML), trafilatura.Options{OriginalURL: at, EnableFallback: true})
	if err != nil {
		return ""
	}
	return found.ContentText
}
