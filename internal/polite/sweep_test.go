package polite

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kliping/internal/feed"
	"kliping/internal/fetch"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/schedule"
	"kliping/internal/store"
	"kliping/internal/wiresim"
)

// TestSweep polls ten thousand feeds, each of a domain of its own, over loopback and
// in real time: one in twenty is dead (half of those refuse, half never answer), one
// in fifty slow. It runs when KLIPING_TEST_SWEEP says for how long, such as 10m, and
// KLIPING_TEST_SWEEP_EVERY how often each is polled, 5m if it does not. With
// KLIPING_TEST_SWEEP_PAGES=20 the pages of so many percent of the feeds are fetched,
// from the feeds' own domains.
//
// The bar: healthy feeds are late by a tenth of their interval at the most, at the
// 95th percentile once the dead are known, and memory stays below 1 GB, the world's
// own included.
func TestSweep(t *testing.T) {
	long, err := time.ParseDuration(os.Getenv("KLIPING_TEST_SWEEP"))
	if err != nil {
		t.Skip("KLIPING_TEST_SWEEP=10m runs it")
	}
	every, err := time.ParseDuration(cmp.Or(os.Getenv("KLIPING_TEST_SWEEP_EVERY"), "5m"))
	if err != nil {
		t.Fatal(err)
	}
	share, _ := strconv.Atoi(os.Getenv("KLIPING_TEST_SWEEP_PAGES")) // percent; 0 if it does not say
	const feeds = 10_000
	world := wiresim.New(wiresim.Options{Seed: 1, Outlets: feeds, Start: time.Now().Add(-time.Hour)})
	world.Step(time.Now())
	server := httptest.NewServer(sluggish(world))
	defer server.Close()
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "kliping.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	spec, err := schedule.ParseSpec("@every "+every.String(), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for i, u := range world.FeedURLs("") {
		at := time.Now().Add(time.Duration(i) * every / feeds)
		f := news.Feed{URL: "http://" + kind(i) + fmt.Sprint(i) + ".example" + u, NextDue: at}
		if i*37%100 < share {
			f.FullText = news.FullTextAlways
		}
		if _, err := db.AddFeed(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	preparer, err := pipeline.NewPreparer()
	if err != nil {
		t.Fatal(err)
	}
	const workers = 64
	began, polls, failures, pages := time.Now(), 0, 0, 0
	gate := &schedule.Gate{DB: db, Gap: gap, Lease: 90 * time.Second, Log: slog.New(slog.DiscardHandler)}
	client := fetch.New(fetch.Options{Transport: toServer(server.URL), Gate: gate})
	var late, first []time.Duration
	var memory []int
	var claimed sync.Map // when, by feed; the report of a poll waits for its pages
	poll := schedule.Poll{
		Refresher: &pipeline.Refresher{
			DB: db, Preparer: preparer, Limits: feed.Options{}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Client: client, FullText: pipeline.FullText{Pages: fetch.NewPages(fetch.PagesOptions{Client: client, Agent: "kliping"}), PerPoll: 10},
			Next: schedule.Feeds{Default: spec, Location: time.UTC, Gap: gap}.Next,
		},
		Workers: workers,
		Claim: func(ctx context.Context, most int) ([]store.Lease, bool, error) {
			leases, err := db.Claim(ctx, store.Claim{Limit: most, Lease: 90 * time.Second})
			for _, l := range leases {
				claimed.Store(l.Feed.ID, time.Now())
			}
			return leases, false, err
		},
		Report: func(r pipeline.Refreshed) {
			polls++
			pages += r.Pages
			if !r.Outcome.Good() {
				failures++
			}
			if strings.Contains(r.Feed.URL, "healthy") {
				at, _ := claimed.Load(r.Feed.ID)
				by := max(0, at.(time.Time).Sub(r.Feed.NextDue))
				if time.Since(began) > every {
					late = append(late, by)
				} else {
					first = append(first, by)
				}
			}
			if now := time.Since(began); len(memory) < int(now/(30*time.Second)) {
				memory = append(memory, resident(t))
				world.Step(time.Now())
				fmt.Printf("%5.0f s  %6d polls  %5d failed  %6d pages  %4d MB\n", now.Seconds(), polls, failures, pages, memory[len(memory)-1])
			}
		},
	}
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	if err := poll.Run(ctx); err != nil && ctx.Err() == nil {
		t.Fatal(err)
	}
	fmt.Printf("%d feeds every %v for %v, %d workers: %d polls, %.0f a second\n", feeds, every, long, workers, polls, float64(polls)/long.Seconds())
	fmt.Printf("healthy feeds late in the first sweep: p50 %v, p95 %v; then: p50 %v, p95 %v, most %v; allowed at p95 %v\n",
		at(first, 50), at(first, 95), at(late, 50), at(late, 95), at(late, 100), every/10)
	if p := at(late, 95); len(late) == 0 || p > every/10 {
		t.Errorf("late by %v at p95, want %v at most", p, every/10)
	}
	if most := slices.Max(memory); most > 1000 {
		t.Errorf("%d MB of memory, want 1000 at most", most)
	}
}

// kind says what a feed is like: 5 % dead, 2 % slow.
func kind(i int) string {
	switch i % 100 {
	case 7, 27, 47, 67, 87:
		return []string{"refuses", "silent"}[i/100%2]
	case 13, 63:
		return "slow"
	}
	return "healthy"
}

// sluggish is the world behind servers of each kind.
func sluggish(world http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait := time.Duration(0)
		switch {
		case strings.HasPrefix(r.Host, "silent"):
			wait = time.Hour
		case strings.HasPrefix(r.Host, "slow"):
			wait = 20 * time.Second
		}
		select {
		case <-time.After(wait):
			local(world, w, r)
		case <-r.Context().Done():
		}
	})
}

// local serves the world so that the pages that a feed links to are on its own host.
func local(world http.Handler, w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/robots.txt":
		http.NotFound(w, r)
	case !strings.HasPrefix(r.URL.Path, "/feeds/"):
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<html><body><article><h1>News</h1>%s</article></body></html>", strings.Repeat("<p>"+strings.Repeat("The page of "+r.URL.Path+" has more to tell. ", 12)+"</p>", 5))
	default:
		r.Header.Del("Accept-Encoding") // the links in it are to be found
		got := httptest.NewRecorder()
		world.ServeHTTP(got, r)
		maps.Copy(w.Header(), got.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(got.Code)
		_, _ = w.Write(links.ReplaceAll(got.Body.Bytes(), []byte("http://"+r.Host+"/$1")))
	}
}

var links = regexp.MustCompile(`https://[a-z0-9.-]+/(\d{4}/\d\d/\d\d/news-)`)

// toServer connects every name to one server on loopback, but for the dead.
func toServer(server string) http.RoundTripper {
	u, _ := url.Parse(server)
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if strings.HasPrefix(address, "refuses") {
				return nil, &net.OpError{Op: "dial", Net: network, Err: os.ErrDeadlineExceeded}
			}
			return (&net.Dialer{}).DialContext(ctx, network, u.Host)
		},
		DisableCompression: true, MaxIdleConns: 100, MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second,
	}
}

// at is a percentile.
func at(all []time.Duration, percent int) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[(len(all)-1)*percent/100].Round(time.Millisecond)
}

// resident is the process's memory in MB, 0 where the system does not tell.
func resident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var kb int
	_, _ = fmt.Sscan(rest, &kb)
	return kb / 1024
}
