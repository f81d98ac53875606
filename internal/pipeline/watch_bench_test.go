package pipeline

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"kliping/internal/news"
	"kliping/internal/store"
)

// benchWatches is how many watches a large desk has.
const benchWatches = 5000

// BenchmarkWatch has 5,000 watches look at new stories of 500 words: reading them
// out of the store, matching, and saving alerts and mails in one transaction.
func BenchmarkWatch(b *testing.B) {
	const stories = 2000
	var told, passed time.Duration
	alerts, looked := 0, 0
	for b.Loop() {
		b.StopTimer()
		w := benchDesk(b, stories)
		b.StartTimer()
		start, used := time.Now(), cpu(b)
		for n := 1; n > 0; {
			var err error
			if n, err = w.Watch(b.Context()); err != nil {
				b.Fatal(err)
			}
			looked += n
		}
		passed, told = passed+time.Since(start), told+cpu(b)-used
		b.StopTimer()
		counts, err := w.DB.AlertCounts(b.Context(), time.Time{})
		if err != nil {
			b.Fatal(err)
		}
		for _, n := range counts {
			alerts += n
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(looked)/passed.Seconds(), "stories/s")
	b.ReportMetric(float64(looked)/told.Seconds(), "stories/cpu-s")
	b.ReportMetric(float64(alerts)/float64(looked), "alerts/story")
}

// benchDesk is a watcher that knows its watches, and stories it has not seen.
func benchDesk(b *testing.B, stories int) *Watcher {
	b.Helper()
	db, err := store.Open(b.Context(), store.Options{Path: filepath.Join(b.TempDir(), "kliping.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	rnd := rand.New(rand.NewPCG(5, 5))
	for i := range benchWatches {
		w := store.Watch{Name: fmt.Sprintf("watch %d", i), Query: benchQuery(rnd, i), Outlets: []int{3, 10}, Languages: true, Mail: []string{"ann@example.org"}}
		if _, err := db.AddWatch(b.Context(), w); err != nil {
			b.Fatal(err)
		}
	}
	p, err := NewPreparer()
	if err != nil {
		b.Fatal(err)
	}
	w := &Watcher{DB: db, Preparer: p, Location: time.UTC, Now: time.Now, Log: slog.New(slog.DiscardHandler), Letter: Letter{PublicURL: "https://kliping.example"}}
	if _, err := w.Watch(b.Context()); err != nil { // reads the watches
		b.Fatal(err)
	}
	fillStories(b, db, p, stories)
	return w
}

// benchQuery is what one desk asks for: a name, words together, a phrase, some of
// several without another.
func benchQuery(rnd *rand.Rand, i int) string {
	word := func() string { return letters(50 + rnd.Uint64N(5000)) }
	switch name := "K" + letters(200+rnd.Uint64N(40_000)); i % 10 {
	case 0, 1, 2, 3:
		return name
	case 4, 5, 6:
		return word() + " " + word() + " " + word()
	case 7, 8:
		return fmt.Sprintf("%q OR %s", word()+" "+word(), name)
	default:
		return fmt.Sprintf("(%s OR %s) %s NOT %s", word(), word(), word(), word())
	}
}

// fillStories saves stories of one article each, with their text.
func fillStories(b *testing.B, db *store.DB, p *Preparer, size int) {
	b.Helper()
	s := newStrangers()
	for first := 0; first < size; first += 1000 {
		batch := make([]store.Incoming, 1000)
		for i := range batch {
			link := fmt.Sprintf("https://o%d.example/%d", i%500, first+i)
			item := news.Item{GUID: link, Link: link, Title: s.text(8), HTML: "<p>" + s.text(250) + "</p><p>" + s.text(250) + "</p>", Language: "en", Published: time.Now()}
			batch[i] = p.Prepare(news.Feed{}, item, time.Now())
		}
		if _, err := db.SaveArticles(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		if err := db.Group(b.Context(), placeWaiting); err != nil {
			b.Fatal(err)
		}
	}
}
