package eval

import (
	"context"
	"fmt"
	"math/rand/v2"
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

// Options say how a run goes; zero values take the defaults.
type Options struct {
	// Shuffle, unless it is 0, is the seed by which the rows of each day (UTC)
	// are put into another order of arrival. They arrive a day late then, so
	// that none arrives before it is published.
	Shuffle  uint64
	Progress func(done int) // told how many rows are done; may be nil
}

// Run sends the rows, which are in order of publication, through cleaning and
// grouping on a temporary store with nothing in it, the clock standing at each
// row's arrival, and judges the state at the end.
func Run(ctx context.Context, rows []Row, opt Options) (Report, error) {
	dir, err := os.MkdirTemp("", "kliping-eval-")
	if err != nil {
		return Report{}, fmt.Errorf("make a temporary store: %w", err)
	}
	defer os.RemoveAll(dir)
	r := runner{arrivals: arrive(rows, opt.Shuffle)}
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(dir, "kliping.db"), Now: r.now})
	if err != nil {
		return Report{}, fmt.Errorf("open a temporary store: %w", err)
	}
	defer db.Close()
	r.db = db
	start := time.Now()
	if err := r.feed(ctx, opt.Progress); err != nil {
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

// arrival is a row on its way into the store.
type arrival struct {
	row   *Row
	place int // among the rows as given
	at    time.Time
}

// arrive puts the rows into their order of arrival.
func arrive(rows []Row, shuffle uint64) []arrival {
	all := make([]arrival, len(rows))
	for i := range rows {
		all[i] = arrival{&rows[i], i, rows[i].Published}
	}
	if shuffle == 0 {
		return all
	}
	day := func(i int) time.Time { return rows[i].Published.UTC().Truncate(24 * time.Hour) }
	rnd := rand.New(rand.NewPCG(shuffle, 0))
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && day(to).Equal(day(from)) {
			to++
		}
		part := all[from:to]
		rnd.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
		from = to
	}
	for i := range all {
		all[i].at = rows[i].Published.Add(24 * time.Hour)
	}
	return all
}

// runner is one run: its rows as they arrive, and which article each became.
type runner struct {
	arrivals []arrival
	db       *store.DB
	ids      []news.ArticleID
	clock    time.Time
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
	for from := 0; from < len(r.arrivals); from += batchSize {
		batch := r.arrivals[from:min(from+batchSize, len(r.arrivals))]
		r.clock = batch[len(batch)-1].at
		saved, err := r.db.SaveArticles(ctx, prepare(preparer, batch, editions))
		if err != nil {
			return fmt.Errorf("save labelled articles: %w", err)
		}
		r.ids = append(r.ids, saved.IDs...)
		if err := grouper.GroupAll(ctx, nil); err != nil {
			return err
		}
		if progress != nil {
			progress(from + len(batch))
		}
	}
	return nil
}

// prepare makes articles of rows, each as it would be at its arrival, many at
// once as feeds polled at the same time are.
func prepare(p *pipeline.Preparer, arrivals []arrival, editions map[string]int) []store.Incoming {
	batch := make([]store.Incoming, len(arrivals))
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for i, a := range arrivals {
		it := item(a.row, editions)
		work.Go(func() error {
			batch[i] = p.Prepare(news.Feed{Outlet: a.row.Outlet}, it, a.at)
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
	found := make([]outcome, len(r.arrivals))
	for i, id := range r.ids {
		a, err := r.db.Article(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("read back article %d: %w", id, err)
		}
		found[r.arrivals[i].place] = outcome{a.Story, a.Blocks}
	}
	return found, nil
}
