package content_test

import (
	"os"
	"testing"

	"kliping/internal/content"
	"kliping/internal/eval"
)

// BenchmarkReadPage reads real pages in turns, where KLIPING_TEST_PAGES names
// their directory.
func BenchmarkReadPage(b *testing.B) {
	dir := os.Getenv("KLIPING_TEST_PAGES")
	if dir == "" {
		b.Skip("KLIPING_TEST_PAGES names no directory of pages")
	}
	pages, err := eval.ReadPages(dir)
	if err != nil {
		b.Fatal(err)
	}
	var bytes, i int
	b.ReportAllocs()
	for b.Loop() {
		p := pages[i%len(pages)]
		content.ReadPage(p.HTML, "text/html", p.URL)
		bytes += len(p.HTML)
		i++
	}
	b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "pages/s")
	b.ReportMetric(float64(bytes)/float64(i)/1e3, "KB/page")
}
