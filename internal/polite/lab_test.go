package polite

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kliping/internal/feed"
	"kliping/internal/fetch"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/schedule"
	"kliping/internal/store"
)

const day = 24 * time.Hour

// reader is who is scored.
type reader struct {
	transport func(http.RoundTripper) http.RoundTripper
	next      func(schedule.Feeds) func(news.Feed, pipeline.Answer, time.Time) store.Plan
	restart   func(context.Context, *store.DB) error
	gated     bool // whether it takes turns for more than polls
	workers   int
	agent     string
}

// The bounds that the reader is given.
const (
	fastest = 15 * time.Minute
	slowest = 6 * time.Hour
	gap     = 2 * time.Second
)

// lab is a world, a reader in it, and what was seen.
type lab struct {
	t       *testing.T
	path    string
	outlets *outlets
	reader  reader
	db      *store.DB
	told    string // the feed of whose articles watches are told
	// due is when each feed was to be polled next as the reader was started again,
	// by the times it was.
	due map[time.Time]map[string]time.Time
}

// live runs the reader for some days, starting it anew every 26 hours.
func (l *lab) live(days int) {
	end := time.Now().Add(time.Duration(days) * day)
	for first := true; time.Now().Before(end); first = false {
		l.open(first)
		ctx, cancel := context.WithDeadline(l.t.Context(), earlier(end, time.Now().Add(26*time.Hour)))
		l.poll(ctx)
		cancel()
		if time.Now().Before(end) {
			l.ok(l.db.Close())
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (l *lab) ok(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// open opens the store as the daemon does, and notes what it holds.
func (l *lab) open(first bool) {
	ctx := l.t.Context()
	db, err := store.Open(ctx, store.Options{Path: l.path})
	l.ok(err)
	l.db = db
	l.ok(db.ReleaseLeases(ctx))
	if first {
		for _, s := range l.outlets.sites {
			if s.schedule != "unasked" {
				f := news.Feed{URL: s.url, Schedule: s.schedule, FullText: news.FullTextNever}
				if s.fullText {
					f.FullText = news.FullTextAlways
				}
				_, err := db.AddFeed(ctx, f)
				l.ok(err)
			}
		}
		return
	}
	feeds, err := db.Feeds(ctx)
	l.ok(err)
	due := map[string]time.Time{}
	for _, f := range feeds {
		due[f.URL] = f.NextDue
	}
	l.due[time.Now()] = due
	if l.reader.restart != nil {
		l.ok(l.reader.restart(ctx, db))
	}
}

// poll polls until ctx ends. It waits without looking where nothing is under way,
// which is all that keeps a month from taking hours.
func (l *lab) poll(ctx context.Context) {
	preparer, err := pipeline.NewPreparer()
	l.ok(err)
	times := schedule.Feeds{Location: time.UTC, Fastest: fastest, Slowest: slowest, Gap: gap}
	log := slog.New(slog.DiscardHandler)
	out := fetch.Options{Transport: l.reader.transport(l.outlets), UserAgent: l.reader.agent}
	if l.reader.gated {
		out.Gate = &schedule.Gate{DB: l.db, Gap: gap, Lease: 90 * time.Second, Log: log}
	}
	client := fetch.New(out)
	poll := schedule.Poll{
		Refresher: &pipeline.Refresher{
			DB: l.db, Preparer: preparer, Limits: feed.Options{}, Now: time.Now, Gap: gap, Log: log, Client: client,
			FullText: pipeline.FullText{Pages: fetch.NewPages(fetch.PagesOptions{Client: client, Agent: "Kliping"}), PerPoll: 10},
			Next:     l.reader.next(times),
		},
		Workers: l.reader.workers,
		Report: func(r pipeline.Refreshed) {
			if r.Feed.URL == l.told && r.New > 0 {
				l.tell(ctx, r.IDs)
			}
		},
		Claim: func(ctx context.Context, most int) ([]store.Lease, bool, error) {
			leases, err := l.db.Claim(ctx, store.Claim{Limit: most, Lease: 90 * time.Second})
			if err == nil && len(leases) == 0 && most == l.reader.workers {
				at, err := l.db.Claimable(ctx, nil)
				if err != nil {
					return nil, false, err
				}
				select {
				case <-time.After(time.Until(at)):
				case <-ctx.Done():
				}
			}
			return leases, false, err
		},
	}
	var again sync.WaitGroup
	again.Go(func() { l.revisit(ctx, poll.Refresher) })
	if err := poll.Run(ctx); err != nil && ctx.Err() == nil {
		l.t.Fatal(err)
	}
	again.Wait()
}

// tell has a watch told of articles.
func (l *lab) tell(ctx context.Context, ids []news.ArticleID) {
	state, err := l.db.WatchState(ctx)
	if err == nil {
		now := time.Now()
		err = l.db.SaveWatched(ctx, store.Watched{From: state, To: state.Last, Revisits: store.Revisits{Articles: ids, Told: now, Due: now.Add(time.Hour)}})
	}
	if err != nil && ctx.Err() == nil {
		l.t.Error(err)
	}
}

// revisit asks again for pages of what watches were told until ctx ends. It looks
// seldom, for the same reason as poll.
func (l *lab) revisit(ctx context.Context, r *pipeline.Refresher) {
	for ctx.Err() == nil {
		claimed, err := l.db.ClaimRevisits(ctx, 4, pipeline.RevisitLease)
		for _, v := range claimed {
			if err == nil {
				_, err = r.Revisit(ctx, v)
			}
		}
		if err != nil && ctx.Err() == nil {
			l.t.Error(err)
		}
		select {
		case <-time.After(10 * time.Minute):
		case <-ctx.Done():
		}
	}
}

// experiment lets a reader live and scores it.
func experiment(t *testing.T, r reader, days int) (table []row) {
	path := filepath.Join(t.TempDir(), "kliping.db")
	synctest.Test(t, func(t *testing.T) {
		l := &lab{t: t, path: path, reader: r, due: map[time.Time]map[string]time.Time{}}
		l.outlets = &outlets{began: time.Now(), sites: map[string]*site{}}
		rules := l.rules()
		l.live(days)
		for _, rule := range rules {
			table = append(table, rule.score())
		}
		l.ok(l.db.Close())
	})
	return table
}

// kliping is the reader that the product is.
func kliping() reader {
	return reader{
		transport: func(rt http.RoundTripper) http.RoundTripper { return rt },
		next: func(f schedule.Feeds) func(news.Feed, pipeline.Answer, time.Time) store.Plan {
			return f.Next
		},
		gated: true, workers: 64, agent: "Kliping/1 (+https://kliping.example/about)",
	}
}

// TestPoliteness holds that the product has full marks in every rule over a month,
// or five days where that would take too long.
func TestPoliteness(t *testing.T) {
	days := 30
	if testing.Short() || raced {
		days = 5
	}
	table := experiment(t, kliping(), days)
	for _, r := range table {
		if r.marks < r.full {
			t.Errorf("%s: %d of %d marks: %s", r.rule, r.marks, r.full, r.worst)
		}
	}
	document(t, table)
	if testing.Verbose() {
		print(fmt.Sprintf("Politeness over %d simulated days", days), table)
	}
}

var update = flag.Bool("update", false, "write the table of docs/politeness.md anew")

// document holds that docs/politeness.md has the table. How many turns there were is
// left out: it depends on the days, and on chance.
func document(t *testing.T, table []row) {
	const path, start = "../../docs/politeness.md", "| rule | marks |\n|---|---|\n"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	prose, had, _ := strings.Cut(string(page), start)
	var want strings.Builder
	marks, full := 0, 0
	for _, r := range table {
		fmt.Fprintf(&want, "| %s | %d of %d |\n", r.rule, r.marks, r.full)
		marks, full = marks+r.marks, full+r.full
	}
	fmt.Fprintf(&want, "| in all | %d of %d |\n", marks, full)
	if *update {
		if err := os.WriteFile(path, []byte(prose+start+want.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if had != want.String() {
		t.Errorf("%s has another table; -update writes it anew", path)
	}
}

func print(title string, table []row) {
	fmt.Printf("\n%s\n\n  score  full  turns  rule\n", title)
	marks, full := 0, 0
	for _, r := range table {
		fmt.Printf("  %5d %5d %6d  %s\n", r.marks, r.full, r.turns, r.rule)
		marks, full = marks+r.marks, full+r.full
	}
	fmt.Printf("  %5d %5d         in all\n\n", marks, full)
}

// TestRudeReader holds that the lab can fail: a reader who minds nothing loses marks
// in every rule.
func TestRudeReader(t *testing.T) {
	if raced {
		t.Skip("the lab is the same as in TestPoliteness")
	}
	table := experiment(t, rude(), 2)
	for _, r := range table {
		if r.marks == r.full {
			t.Errorf("%s: the rude reader has full marks", r.rule)
		}
	}
	if testing.Verbose() {
		print("The rude reader, over 2 simulated days", table)
	}
}

// rude minds nothing: it asks twice at once, every quarter of an hour, forgets and mends
// validators, tells who it was sent by but not who it is, takes every redirect for
// good, gives up what fails, starts all over when it is started, waits for no turn but
// a feed's and takes every robots.txt for missing.
func rude() reader {
	return reader{
		transport: func(rt http.RoundTripper) http.RoundTripper { return &twice{to: rt} },
		next: func(schedule.Feeds) func(news.Feed, pipeline.Answer, time.Time) store.Plan {
			return func(f news.Feed, a pipeline.Answer, now time.Time) store.Plan {
				plan := store.Plan{NextDue: now.Add(14 * time.Minute)}
				if a.URL != f.URL && a.Good() {
					plan.URL = a.URL
				}
				if f.Failures > 50 && a.Outcome != news.OutcomeGone {
					plan.Retired = now
				}
				return plan
			}
		},
		restart: func(ctx context.Context, db *store.DB) error {
			feeds, err := db.Feeds(ctx)
			for _, f := range feeds {
				if f.Retired.IsZero() && err == nil {
					err = db.ReviveFeed(ctx, f.ID)
				}
			}
			return err
		},
		workers: 1, agent: "Mozilla/5.0",
	}
}

// twice is the rude reader's way to the network.
type twice struct {
	to http.RoundTripper
	n  int
}

func (w *twice) RoundTrip(r *http.Request) (*http.Response, error) {
	w.n++
	r = r.Clone(r.Context())
	r.Header.Set("Cookie", "id=7")
	r.Header.Set("Referer", "https://reader.example/")
	r.Header.Set("Accept-Encoding", "identity")
	if w.n%2 == 0 {
		r.Header.Del("If-None-Match")
		r.Header.Del("If-Modified-Since")
	} else if etag := r.Header.Get("If-None-Match"); etag != "" {
		r.Header.Set("If-None-Match", etag[2:])
	}
	r.URL.RawQuery = fmt.Sprint("_=", w.n)
	var also sync.WaitGroup
	also.Go(func() {
		if got, err := w.to.RoundTrip(r); err == nil {
			_ = got.Body.Close()
		}
	})
	got, err := w.to.RoundTrip(r)
	also.Wait()
	if err == nil && r.URL.Path == "/robots.txt" {
		got.StatusCode = http.StatusNotFound
	}
	return got, err
}
