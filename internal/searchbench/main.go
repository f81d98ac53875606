// Searchbench measures the search as a reader meets it: over a store of made-up
// stories with their copies, it prints how long queries of each kind take with
// their facets and highlights, how long the front page takes, how many stories a
// second the follower indexes, and how large the index is beside its texts.
//
//	go run ./internal/searchbench [-stories 100000] [FILES of labelled articles]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "searchbench:", err)
		os.Exit(1)
	}
}

// bench is one run.
type bench struct {
	out     io.Writer
	dir     string
	profile string
	batch   int
	reuse   bool
	stories int
	each    int // queries of each kind
	corpus  *corpus
	db      *store.DB
	raw     int64 // bytes of all texts and titles
	unique  int64 // of each story's distinct texts and titles
}

func run(ctx context.Context, args []string, out io.Writer) error {
	b := bench{out: out}
	flags := flag.NewFlagSet("searchbench", flag.ContinueOnError)
	flags.IntVar(&b.stories, "stories", 100_000, "stories made; each has three articles on average")
	flags.IntVar(&b.each, "each", 30, "queries of each kind")
	flags.StringVar(&b.profile, "profile", "", "write a processor profile of following to this `file`, and one of searching to file.search")
	flags.IntVar(&b.batch, "batch", 0, "stories the follower indexes at once; 0: its default")
	flags.BoolVar(&b.reuse, "reuse", false, "use the index that is there too")
	flags.StringVar(&b.dir, "keep", "", "work in this `directory` and keep it; a store that is there is used again")
	if err := flags.Parse(args); err != nil {
		return err
	}
	files := flags.Args()
	if len(files) == 0 {
		files, _ = filepath.Glob("internal/eval/testdata/*.jsonl") // the pattern is right
	}
	if b.dir == "" {
		dir, err := os.MkdirTemp("", "searchbench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		b.dir = dir
	}
	var err error
	if b.corpus, err = newCorpus(files, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		return err
	}
	path := filepath.Join(b.dir, "kliping.db")
	_, missing := os.Stat(path)
	if b.db, err = store.Open(ctx, store.Options{Path: path}); err != nil {
		return err
	}
	defer b.db.Close()
	if missing != nil {
		if err := b.fill(ctx); err != nil {
			return err
		}
	}
	return b.measure(ctx)
}

// fill saves the stories as the pipeline would, but places them by what they
// are instead of comparing them.
func (b *bench) fill(ctx context.Context) error {
	began, articles := time.Now(), 0
	for n := 0; n < b.stories; {
		var batch []store.Incoming
		var of []int
		for ; n < b.stories && len(batch) < 2000; n++ {
			for _, a := range b.corpus.story(n) {
				articles++
				a.GUID = fmt.Sprint(articles)
				batch = append(batch, store.Incoming{Article: a, Item: news.Item{GUID: a.GUID, Title: a.Title}, Sketch: []byte{0}})
				of = append(of, n)
			}
		}
		if err := b.save(ctx, batch, of); err != nil {
			return err
		}
	}
	fmt.Fprintf(b.out, "%d stories, %d articles made and saved in %s\n", b.stories, articles, time.Since(began).Round(time.Second))
	return nil
}

func (b *bench) save(ctx context.Context, batch []store.Incoming, of []int) error {
	saved, err := b.db.SaveArticles(ctx, batch)
	if err != nil {
		return err
	}
	return b.db.Group(ctx, func(ctx context.Context, g *store.Grouping) error {
		story, founder := news.StoryID(0), news.ArticleID(0)
		for i, id := range saved.IDs {
			r := news.Reason{Relation: news.Copy, Of: founder}
			if i == 0 || of[i] != of[i-1] {
				if story, err = g.NewStory(ctx); err != nil {
					return err
				}
				founder, r = id, news.Reason{Relation: news.Founder}
			}
			if _, err := g.Place(ctx, id, story, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *bench) measure(ctx context.Context) error {
	path := filepath.Join(b.dir, "index")
	build := pipeline.NewIndex
	if b.reuse {
		build = func(path string, db *store.DB) (*index.Index, error) {
			return pipeline.OpenIndex(ctx, path, db, slog.New(slog.DiscardHandler))
		}
	}
	ix, err := build(path, b.db)
	if err != nil {
		return err
	}
	defer ix.Close()
	if err := b.weigh(ctx); err != nil {
		return err
	}
	began, used := time.Now(), processor()
	f := pipeline.Follower{DB: b.db, Index: ix, Batch: b.batch}
	n := 0
	if err := b.profiled("", func() error { return f.FollowAll(ctx, func(done int) { n += done }) }); err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Fprintf(b.out, "follower: %d stories in %s: %.0f a second (%.0f a second of processor time)\n", n, took.Round(time.Second/10), float64(n)/took.Seconds(), float64(n)/(processor()-used).Seconds())
	if err := b.frontPage(ctx); err != nil {
		return err
	}
	if err := b.profiled(".search", func() error { return b.search(ctx, ix) }); err != nil {
		return err
	}
	if err := ix.Close(); err != nil {
		return err
	}
	size := diskUse(path)
	fmt.Fprintf(b.out, "index on disk: %.1f MB, %.2f of all texts (%.1f MB), %.2f of distinct texts (%.1f MB)\n",
		mb(size), float64(size)/float64(b.raw), mb(b.raw), float64(size)/float64(b.unique), mb(b.unique))
	fmt.Fprintf(b.out, "peak memory: %.0f MB\n", peak())
	return nil
}

// weigh counts the bytes of the texts.
func (b *bench) weigh(ctx context.Context) error {
	for after := news.Change(0); ; {
		changes, err := b.db.Changes(ctx, after, 1000)
		if err != nil || len(changes) == 0 {
			return err
		}
		ids := make([]news.StoryID, len(changes))
		for i, c := range changes {
			ids[i], after = c.Story, c.Change
		}
		details, err := b.db.Documents(ctx, ids)
		if err != nil {
			return err
		}
		for i := range details {
			seen := map[string]bool{}
			for j := range details[i].Members {
				m := &details[i].Members[j]
				for _, s := range []string{m.Title, m.Text()} {
					b.raw += int64(len(s))
					if !seen[s] {
						seen[s] = true
						b.unique += int64(len(s))
					}
				}
			}
		}
	}
}

func (b *bench) frontPage(ctx context.Context) error {
	var times []time.Duration
	end := b.corpus.start.Add(time.Duration(b.stories) * 45 * time.Second)
	for range 100 {
		began := time.Now()
		if _, err := b.db.Stories(ctx, store.Filter{Since: end.Add(-24 * time.Hour), Order: store.ByRank, Limit: 50}); err != nil {
			return err
		}
		if _, err := b.db.Counts(ctx); err != nil {
			return err
		}
		times = append(times, time.Since(began))
	}
	fmt.Fprintf(b.out, "front page: %s\n", quantiles(times))
	return nil
}

// search asks every query once to warm up, as the first readers do, then twice.
func (b *bench) search(ctx context.Context, ix *index.Index) error {
	queries := b.corpus.vocabulary().queries(b.each)
	times, work, found := map[string][]time.Duration{}, map[string][]time.Duration{}, map[string]int{}
	var kinds []string
	var all, allWork []time.Duration
	for round := range 3 {
		for _, q := range queries {
			began, used := time.Now(), processor()
			total, err := b.ask(ctx, ix, q.query)
			if err != nil {
				return fmt.Errorf("%s: %w", q.query.Text, err)
			}
			if round == 0 {
				continue
			}
			took, used := time.Since(began), processor()-used
			if times[q.kind] == nil {
				kinds = append(kinds, q.kind)
			}
			times[q.kind], all = append(times[q.kind], took), append(all, took)
			work[q.kind], allWork = append(work[q.kind], used), append(allWork, used)
			found[q.kind] += total
		}
	}
	fmt.Fprintf(b.out, "\n| %d queries | found | p50 | p90 | p99 | slowest | processor p50 | p90 | p99 | slowest |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n", len(queries))
	for _, k := range kinds {
		fmt.Fprintf(b.out, "| %s | %d | %s | %s |\n", k, found[k]/len(times[k]), quantiles(times[k]), quantiles(work[k]))
	}
	fmt.Fprintf(b.out, "| **all** | | %s | %s |\n\n", quantiles(all), quantiles(allWork))
	return nil
}

// quantiles are p50, p90, p99 and the most, in milliseconds.
func quantiles(times []time.Duration) string {
	slices.Sort(times)
	var cells []string
	for _, q := range []float64{.5, .9, .99, 1} {
		t := times[min(int(q*float64(len(times))), len(times)-1)]
		cells = append(cells, fmt.Sprintf("%.1f ms", float64(t.Microseconds())/1000))
	}
	return strings.Join(cells, " | ")
}

func diskUse(path string) (total int64) {
	_ = filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if info, err := e.Info(); err == nil {
			total += info.Size()
		}
		return nil
	})
	return total
}

func mb(n int64) float64 { return float64(n) / 1e6 }

// processor is the processor time this process has used.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail for the process itself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the most memory this process has had, in MB.
func peak() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail for the process itself
	return float64(u.Maxrss) / 1000
}

// profiled runs f, under the profiler if one was asked for.
func (b *bench) profiled(suffix string, f func() error) error {
	if b.profile == "" {
		return f()
	}
	out, err := os.Create(b.profile + suffix)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}
