package index

import (
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
)

// prose makes documents of about 3 KB whose words are as unevenly frequent as
// those of a language (Zipf).
type prose struct {
	zipf  *rand.Zipf
	dice  *rand.Rand
	words []string
}

func newProse() *prose {
	dice := rand.New(rand.NewPCG(1, 2))
	p := &prose{zipf: rand.NewZipf(dice, 1.1, 8, 60_000), dice: dice, words: make([]string, 60_001)}
	for i := range p.words {
		w := make([]byte, 2+min(i, 30)/6+dice.IntN(6))
		for j := range w {
			w[j] = "etaoinshrdlucmfwypvbgk"[min(dice.IntN(22), dice.IntN(30))]
		}
		p.words[i] = string(w)
	}
	return p
}

func (p *prose) text(size int) string {
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(p.words[p.zipf.Uint64()])
		b.WriteByte(" .,   "[p.dice.IntN(6)])
	}
	return b.String()
}

func (p *prose) documents(from news.StoryID, n int) []Document {
	docs := make([]Document, n)
	for i := range docs {
		lang := []string{"en", "en", "id", "de", "fr", "es"}[p.dice.IntN(6)]
		docs[i] = Document{
			ID: from + news.StoryID(i), Titles: []string{p.text(60)}, Texts: []Text{{lang, p.text(3000)}}, Languages: []string{lang},
			Outlets: []string{p.words[p.dice.IntN(500)] + ".example"}, Agencies: []string{p.words[p.dice.IntN(20)]},
			OutletCount: 1 + p.dice.IntN(9), Copies: 3, FirstArrived: day.Add(time.Duration(int(from)+i) * time.Minute),
		}
	}
	return docs
}

// BenchmarkApply writes batches of 200 documents of 3 KB and reports documents a
// second and how large the index is, beside the raw text.
func BenchmarkApply(b *testing.B) {
	p := newProse()
	path := filepath.Join(b.TempDir(), "index")
	ix, err := Open(path, Options{})
	must(b, err)
	raw, n := 0, 0
	for b.Loop() {
		b.StopTimer()
		docs := p.documents(news.StoryID(n+1), 200)
		for _, d := range docs {
			raw += len(d.Texts[0].Body) + len(d.Titles[0])
		}
		b.StartTimer()
		apply(b, ix, State{Change: news.Change(n)}, docs...)
		n += 200
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "docs/s")
	must(b, ix.Close())
	b.ReportMetric(float64(diskUse(b, path))/float64(raw), "disk/raw")
}

func diskUse(b *testing.B, path string) (total int64) {
	must(b, filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	}))
	return total
}

// BenchmarkSearch asks an index of 20,000 documents in several ways.
func BenchmarkSearch(b *testing.B) {
	p := newProse()
	ix := newIndex(b)
	for at := 0; at < 20_000; at += 500 {
		apply(b, ix, State{Change: news.Change(at)}, p.documents(news.StoryID(at+1), 500)...)
	}
	common, middle, rare := p.words[3], p.words[200], p.words[5000]
	for name, q := range map[string]Query{
		"rare":     {Text: rare},
		"common":   {Text: common},
		"two":      {Text: common + " " + middle},
		"phrase":   {Text: `"` + common + " " + p.words[1] + `"`},
		"boolean":  {Text: middle + " (" + common + " OR " + rare + ") -" + p.words[300]},
		"time":     {Text: middle, Sort: "time", Since: day.Add(100 * time.Hour)},
		"facets":   {Text: middle, Facets: 10},
		"all_time": {Sort: "time"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := ix.Search(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOpen reads every file of an index of 10,000 documents once.
func BenchmarkOpen(b *testing.B) {
	p := newProse()
	path := filepath.Join(b.TempDir(), "index")
	ix, err := Open(path, Options{})
	must(b, err)
	for at := 0; at < 10_000; at += 500 {
		apply(b, ix, State{}, p.documents(news.StoryID(at+1), 500)...)
	}
	must(b, ix.Close())
	b.SetBytes(diskUse(b, path))
	for b.Loop() {
		ix, err := Open(path, Options{})
		must(b, err)
		b.StopTimer()
		must(b, ix.Close())
		b.StartTimer()
	}
}
