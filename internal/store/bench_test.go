package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
)

// written makes articles like those of real feeds: 3 KB of text in eight
// blocks, a sketch of 1.2 KB.
func written(first, n int) []Incoming {
	r := rand.New(rand.NewPCG(1, uint64(first)))
	batch := make([]Incoming, n)
	for i := range batch {
		id := first + i
		a := news.Article{
			Outlet: fmt.Sprintf("outlet%d.example", id%50), GUID: fmt.Sprintf("https://outlet.example/?p=%d", id),
			URL: fmt.Sprintf("https://outlet%d.example/2026/05/%d-a-title-in-the-path-of-the-url", id%50, id), Title: fmt.Sprintf("A title of ten or so words, number %d", id),
			Language: []string{"en", "id", "de"}[id%3], Published: time.UnixMilli(1_780_000_000_000 + int64(id)*1000), Arrived: time.UnixMilli(1_780_000_060_000 + int64(id)*1000),
		}
		prints := make([]uint64, 8)
		for b := range prints {
			var text strings.Builder
			for text.Len() < 375 {
				fmt.Fprintf(&text, "w%x ", r.Uint32N(5000))
			}
			a.Blocks = append(a.Blocks, news.Block{Kind: news.Paragraph, Text: text.String(), Path: "div/p"})
			prints[b] = r.Uint64()
		}
		sketch := make([]byte, 1200)
		for j := range sketch {
			sketch[j] = byte(r.Uint32())
		}
		item := news.Item{GUID: a.GUID, Link: a.URL, Title: a.Title, HTML: "<p>" + news.JoinKept(a.Blocks) + "</p>", Published: a.Published}
		batch[i] = Incoming{Article: a, Item: item, Prints: prints, Sketch: sketch}
	}
	return batch
}

func openBench(b *testing.B) *DB {
	b.Helper()
	db, err := Open(context.Background(), Options{Path: filepath.Join(b.TempDir(), "kliping.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

func BenchmarkSaveArticles(b *testing.B) {
	for _, size := range []int{64, 200} {
		b.Run(fmt.Sprint("batch=", size), func(b *testing.B) {
			db := openBench(b)
			first := 0
			for b.Loop() {
				b.StopTimer()
				batch := written(first, size)
				first += size
				b.StartTimer()
				if _, err := db.SaveArticles(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(first)/b.Elapsed().Seconds(), "articles/s")
		})
	}
}

func BenchmarkSaveUnchanged(b *testing.B) {
	db := openBench(b)
	batch := written(0, 100)
	if _, err := db.SaveArticles(b.Context(), batch); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if s, err := db.SaveArticles(b.Context(), batch); err != nil || s.Same != 100 {
			b.Fatal(s, err)
		}
	}
}

// BenchmarkGroup places 200 articles: every other one founds a story, the rest
// join one that has many members already.
func BenchmarkGroup(b *testing.B) {
	for _, size := range []int{0, 5000} {
		b.Run(fmt.Sprint("members=", size), func(b *testing.B) {
			db := openBench(b)
			big, next := news.StoryID(0), 0
			for next < size {
				next = saveMore(b, db, next, 500)
				big = placeAll(b, db, big, false)
			}
			for b.Loop() {
				b.StopTimer()
				next = saveMore(b, db, next, 200)
				b.StartTimer()
				big = placeAll(b, db, big, true)
			}
		})
	}
}

func saveMore(b *testing.B, db *DB, first, n int) int {
	b.Helper()
	if _, err := db.SaveArticles(b.Context(), written(first, n)); err != nil {
		b.Fatal(err)
	}
	return first + n
}

// placeAll groups what waits: in the story big, founded if 0, or with spread
// half of it in stories of its own.
func placeAll(b *testing.B, db *DB, big news.StoryID, spread bool) news.StoryID {
	b.Helper()
	err := db.Group(b.Context(), func(ctx context.Context, g *Grouping) error {
		waiting, err := g.Pending(ctx, 1000)
		if err == nil && big == 0 {
			big, err = g.NewStory(ctx)
		}
		for i := 0; err == nil && i < len(waiting); i++ {
			story := big
			if spread && i%2 == 0 {
				if story, err = g.NewStory(ctx); err != nil {
					break
				}
			}
			_, err = g.Place(ctx, waiting[i].Article.ID, story, news.Reason{Relation: news.Copy, Of: 1, Containment: .9, Jaccard: .8, Shared: 41})
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return big
}

func BenchmarkMembers(b *testing.B) {
	const n = 100_000
	db := openBench(b)
	for next, big := 0, news.StoryID(0); next < n; {
		next = saveMore(b, db, next, 1000)
		big = placeAll(b, db, big, true)
	}
	b.ResetTimer()
	for b.Loop() {
		after, seen := news.Change(0), 0
		for {
			page, err := db.Members(b.Context(), after, 2000)
			if err != nil {
				b.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			after, seen = page[len(page)-1].Change, seen+len(page)
		}
		if seen != n {
			b.Fatalf("%d memberships, want %d", seen, n)
		}
	}
}
