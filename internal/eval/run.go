package eval

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// batchSize is how many rows are saved in one transaction, as feeds polled at
// the same time would be.
const batchSize = 100

// Run sends the rows, in order of publication, through cleaning and grouping on
// a temporary store with nothing in it, the clock standing at each row's
// publication, and judges the state at the end. progress, which may be nil, is
// told how many rows are done.
func Run(ctx context.Context, rows []Row, progress func(done int)) (Report, error) {
	dir, err := os.MkdirTemp("", "kliping-eval-")
	if err != nil {
		return Report{}, fmt.Errorf("make a temporary store: %w", err)
	}
	defer os.RemoveAll(dir)
	r := runner{rows: rows}
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(dir, "kliping.db"), Now: r.now})
	if err != nil {
		return Report{}, fmt.Errorf("open a temporary store: %w", err)
	}
	defer db.Close()
	r.db = db
	start := time.Now()
	if err := r.feed(ctx, progress); err != nil {
		return Report{}, err
	}
	seconds := time.Since(start).Seconds()
	found, err := r.found(ctx)
	if err != nil {
		return Report{}, err
	}
	report := judge(rows, found)
	report.Seconds, report.PeakRSSBytes = seconds, peakRSS()
	report.ArticlesPerSecond = float64(len(rows)) / max(seconds, 1e-9)
	return report, nil
}

// runner is one run: its rows, and which article each became.
type runner struct {
	rows  []Row
	db    *store.DB
	ids   []news.ArticleID
	clock time.Time
}

func (r *runner) now() time.Time { return r.clock }

// feed saves and groups the rows batch by batch.
func (r *runner) feed(ctx context.Context, progress func(int)) error {
	preparer, err := pipeline.NewPreparer()
	if err != nil {
		return err
	}
	grouper := pipeline.NewGrouper(r.db, preparer, pipeline.GroupOptions{Now: r.now})
	editions := map[string]int{}
	for from := 0; from < len(r.rows); from += batchSize {
		rows := r.rows[from:min(from+batchSize, len(r.rows))]
		r.clock = rows[len(rows)-1].Published
		saved, err := r.db.SaveArticles(ctx, prepare(preparer, rows, editions))
		if err != nil {
			return fmt.Errorf("save labelled articles: %w", err)
		}
		r.ids = append(r.ids, saved.IDs...)
		if err := grouper.GroupAll(ctx, nil); err != nil {
			return err
		}
		if progress != nil {
			progress(from + len(rows))
		}
	}
	return nil
}

// prepare makes articles of rows, each as it would be at its publication, many at
// once as feeds polled at the same time are.
func prepare(p *pipeline.Preparer, rows []Row, editions map[string]int) []store.Incoming {
	batch := make([]store.Incoming, len(rows))
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for i := range rows {
		it := item(&rows[i], editions)
		work.Go(func() error {
			batch[i] = p.Prepare(news.Feed{Outlet: rows[i].Outlet}, it, rows[i].Published)
			return nil
		})
	}
	_ = work.Wait() // preparing cannot fail
	return batch
}

// item is the row as a feed would give it. Every row is an article of its own:
// a URL that another row had already is set apart by a query, or the store
// would take the later row for a new version of the earlier.
func item(r *Row, editions map[string]int) news.Item {
	it := news.Item{GUID: r.ID, Link: r.URL, Title: r.Title, HTML: r.HTML, Published: r.Published}
	key := r.Outlet + " " + r.URL
	if n := editions[key]; n > 0 {
		it.GUID = fmt.Sprintf("%s (%d)", r.ID, n+1)
		it.Link = fmt.Sprintf("%s?edition=%d", r.URL, n+1)
	}
	editions[key]++
	return it
}

// found reads back what became of each row.
func (r *runner) found(ctx context.Context) ([]outcome, error) {
	found := make([]outcome, len(r.rows))
	for i, id := range r.ids {
		a, err := r.db.Article(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("read back article %d: %w", id, err)
		}
		found[i] = outcome{a.Story, a.Blocks}
	}
	return found, nil
}
