//go:build unix

package pipeline

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kliping/internal/cluster"
	"kliping/internal/content"
	"kliping/internal/news"
	"kliping/internal/store"
)

// article500 is an article of 500 words, or one paragraph more, in HTML, put together from the
// project's labelled articles of one language.
func article500(b *testing.B, language string) news.Item {
	b.Helper()
	f, err := os.Open(filepath.Join("..", "eval", "testdata", "small.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	item := news.Item{GUID: "1", Link: "https://bench.example/1"}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && len(strings.Fields(item.HTML)) < 500 {
		var row struct {
			Title, HTML string
			Language    string `json:"gold_lang"`
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			b.Fatal(err)
		}
		if row.Language != language {
			continue
		}
		item.Title = row.Title
		for p := range strings.SplitAfterSeq(row.HTML, "</p>") {
			if len(strings.Fields(item.HTML)) < 500 {
				item.HTML += p
			}
		}
	}
	if n := len(strings.Fields(item.HTML)); n < 500 {
		b.Fatalf("only %d words in %s", n, language)
	}
	return item
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

// BenchmarkPrepare makes an article of 500 words ready to be compared, on one
// core: from blocks with the language known (cleaning, sketch, pivots), and from
// HTML with everything.
func BenchmarkPrepare(b *testing.B) {
	for _, language := range []string{"en", "id", "ru"} {
		item := article500(b, language)
		p, err := NewPreparer()
		if err != nil {
			b.Fatal(err)
		}
		rate := func(b *testing.B, prepare func()) {
			b.ReportAllocs()
			start := cpu(b)
			for b.Loop() {
				prepare()
			}
			b.ReportMetric(float64(b.N)/(cpu(b)-start).Seconds(), "articles/cpu-s")
		}
		b.Run("blocks/"+language, func(b *testing.B) {
			a := news.Article{Outlet: "bench.example", Title: item.Title, Language: language, Blocks: content.Blocks(item.HTML)}
			rate(b, func() {
				one := a
				p.clean(&one)
				sketch(&one)
			})
		})
		b.Run("html/"+language, func(b *testing.B) {
			rate(b, func() { p.Prepare(news.Feed{Outlet: "bench.example"}, item, time.Time{}) })
		})
	}
}

// strangers writes articles of 500 words that share no more than chance has
// them share: words as unevenly common as a language's (Zipf), with names and
// figures among them.
type strangers struct {
	rnd   *rand.Rand
	words *rand.Zipf
}

func newStrangers() *strangers {
	rnd := rand.New(rand.NewPCG(3, 1))
	return &strangers{rnd, rand.NewZipf(rnd, 1.1, 8, 60_000)}
}

func (s *strangers) text(words int) string {
	var b strings.Builder
	for i := range words {
		n := s.words.Uint64()
		switch {
		case s.rnd.IntN(40) == 0:
			fmt.Fprintf(&b, "%d", s.rnd.IntN(5000))
		case i%17 == 0 || s.rnd.IntN(15) == 0:
			b.WriteString("K" + letters(n))
		default:
			b.WriteString(letters(n))
		}
		if i%17 == 16 {
			b.WriteByte('.')
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// letters spells a number.
func letters(n uint64) string {
	var b strings.Builder
	for n += 30; n > 0; n /= 26 {
		b.WriteByte('a' + byte(n%26))
	}
	return b.String()
}

// BenchmarkCatchUp brings a grouper that just started up to date with a window
// of 100,000 articles in a real store: what a restart costs before the first
// batch is grouped. Filling the store takes a minute or two; -short makes it a
// tenth of the size.
func BenchmarkCatchUp(b *testing.B) {
	size := 100_000
	if testing.Short() {
		size /= 10
	}
	db, err := store.Open(b.Context(), store.Options{Path: filepath.Join(b.TempDir(), "kliping.db")})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	now := time.Now()
	fillGrouped(b, db, size, now)
	p, err := NewPreparer()
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	start := cpu(b)
	defer func() { b.ReportMetric((cpu(b)-start).Seconds()/float64(b.N), "cpu-s/op") }()
	for b.Loop() {
		g := NewGrouper(db, p, GroupOptions{Now: func() time.Time { return now }})
		if err := g.catchUp(b.Context()); err != nil {
			b.Fatal(err)
		}
		if g.window.Len() != size {
			b.Fatalf("the window has %d articles, want %d", g.window.Len(), size)
		}
	}
}

// fillGrouped saves and places articles, each in a story of its own. What is
// stored of the text is short: only sketches and prints are read again.
func fillGrouped(b *testing.B, db *store.DB, size int, now time.Time) {
	b.Helper()
	s := newStrangers()
	for first := 0; first < size; first += 1000 {
		batch := make([]store.Incoming, 1000)
		for i := range batch {
			id := first + i
			sketch, err := cluster.NewSketch("en", s.text(8), []string{s.text(500)}).MarshalBinary()
			if err != nil {
				b.Fatal(err)
			}
			prints := make([]uint64, 8)
			for j := range prints {
				prints[j] = s.rnd.Uint64()
			}
			at := now.Add(-13 * 24 * time.Hour).Add(time.Duration(id) * time.Second)
			batch[i] = store.Incoming{
				Article: news.Article{Outlet: fmt.Sprintf("o%d.example", id%500), GUID: fmt.Sprint(id), Title: "A title", Language: "en", Published: at, Arrived: at},
				Item:    news.Item{GUID: fmt.Sprint(id), Title: "A title"}, Prints: prints, Sketch: sketch,
			}
		}
		if _, err := db.SaveArticles(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		if err := db.Group(b.Context(), placeWaiting); err != nil {
			b.Fatal(err)
		}
	}
}

// placeWaiting puts every waiting article into a story of its own.
func placeWaiting(ctx context.Context, g *store.Grouping) error {
	waiting, err := g.Pending(ctx, 1000)
	if err != nil {
		return err
	}
	for _, p := range waiting {
		story, err := g.NewStory(ctx)
		if err != nil {
			return err
		}
		if _, err := g.Place(ctx, p.Article.ID, story, news.Reason{Relation: news.Founder}); err != nil {
			return err
		}
	}
	return nil
}
