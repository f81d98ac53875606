package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/feed"
	"kliping/internal/fetch"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// node is one process's view of a store.
type node struct {
	t         *testing.T
	db        *store.DB
	refresher *pipeline.Refresher
}

// newNode opens the store at path, which several nodes may share. Feeds it polls
// are due again after the given time.
func newNode(t *testing.T, path string, again time.Duration) *node {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	preparer, err := pipeline.NewPreparer()
	if err != nil {
		t.Fatal(err)
	}
	return &node{t, db, &pipeline.Refresher{
		DB: db, Client: fetch.New(fetch.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}), Preparer: preparer, Limits: feed.Options{},
		Next: func(_ news.Feed, _ pipeline.Answer, now time.Time) store.Plan {
			return store.Plan{NextDue: now.Add(again)}
		},
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}}
}

func storePath(t *testing.T) string { return filepath.Join(t.TempDir(), "kliping.db") }

// addFeeds adds feeds /0, /1, … of the server.
func (n *node) addFeeds(server string, count int) {
	n.t.Helper()
	for i := range count {
		if _, err := n.db.AddFeed(n.t.Context(), news.Feed{URL: fmt.Sprintf("%s/%d", server, i)}); err != nil {
			n.t.Fatal(err)
		}
	}
}

// poll is a poll of every feed that is due, once.
func (n *node) poll(workers int, report func(pipeline.Refreshed)) *Poll {
	return &Poll{
		Refresher: n.refresher, Workers: workers, Report: report,
		Claim: func(ctx context.Context, most int) ([]store.Lease, bool, error) {
			leases, err := n.db.Claim(ctx, store.Claim{Limit: most, Lease: time.Minute})
			return leases, len(leases) == 0, err
		},
	}
}

// free claims every feed that nobody holds, and counts them.
func (n *node) free() int {
	n.t.Helper()
	leases, err := n.db.Claim(n.t.Context(), store.Claim{Limit: 1 << 20, Lease: time.Minute})
	if err != nil {
		n.t.Fatal(err)
	}
	return len(leases)
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func writeFeed(w http.ResponseWriter, items ...string) {
	w.Header().Set("Content-Type", "application/rss+xml")
	fmt.Fprintf(w, `<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title>%s</channel></rss>`, strings.Join(items, ""))
}

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// receive waits for a value that must come.
func receive[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("%s never came", what)
		panic("not reached")
	}
}

func TestPollUsesEveryWorkerAndNoMore(t *testing.T) {
	const workers, feeds = 4, 25
	var mu sync.Mutex
	under, most, allIn := 0, 0, make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		under++
		if most = max(most, under); under == workers && most == workers {
			select {
			case <-allIn:
			default:
				close(allIn)
			}
		}
		mu.Unlock()
		select {
		case <-allIn: // the first wait for one another
		case <-time.After(patience):
		}
		mu.Lock()
		under--
		mu.Unlock()
		writeFeed(w)
	})
	n := newNode(t, storePath(t), time.Hour)
	n.addFeeds(url, feeds)
	var reporting atomic.Int32
	polled := map[string]int{} // unguarded, so that -race sees reports that run at once
	err := n.poll(workers, func(r pipeline.Refreshed) {
		if reporting.Add(1) != 1 {
			t.Error("two reports at once")
		}
		polled[r.Feed.URL]++
		reporting.Add(-1)
	}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if most != workers {
		t.Errorf("%d polls at once, want %d", most, workers)
	}
	want := map[string]int{}
	for i := range feeds {
		want[url+"/"+strconv.Itoa(i)] = 1
	}
	if diff := cmp.Diff(want, polled); diff != "" {
		t.Errorf("polls of each feed (-want +got):\n%s", diff)
	}
}

// TestSlowFeedHoldsUpNoOther has a feed that answers only when all others were
// polled.
func TestSlowFeedHoldsUpNoOther(t *testing.T) {
	const feeds = 20
	others := make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/0" {
			select {
			case <-others:
			case <-r.Context().Done():
			}
		}
		writeFeed(w)
	})
	n := newNode(t, storePath(t), time.Hour)
	n.addFeeds(url, feeds)
	var order []pipeline.Refreshed
	err := n.poll(2, func(r pipeline.Refreshed) {
		if order = append(order, r); len(order) == feeds-1 {
			close(others)
		}
	}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(order) != feeds {
		t.Fatalf("%d feeds polled, want %d", len(order), feeds)
	}
	if last := order[feeds-1]; last.Feed.URL != url+"/0" || last.Outcome != news.OutcomeOK {
		t.Errorf("the last is %s (%s %s), want the slow feed", last.Feed.URL, last.Outcome, last.Err)
	}
}

// TestPollEndsWithItsContext cancels while polls are under way, and expects every
// feed to be free when Run is back.
func TestPollEndsWithItsContext(t *testing.T) {
	const workers, feeds = 3, 10
	arrived := make(chan string, feeds)
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		arrived <- r.URL.Path
		<-r.Context().Done()
	})
	n := newNode(t, storePath(t), time.Hour)
	n.addFeeds(url, feeds)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- n.poll(workers, func(r pipeline.Refreshed) { t.Errorf("%s counts as polled", r.Feed.URL) }).Run(ctx)
	}()
	for range workers {
		receive(t, arrived, "a request")
	}
	cancel()
	if err := receive(t, ended, "the end"); !errors.Is(err, context.Canceled) {
		t.Errorf("Run says %v", err)
	}
	if got := n.free(); got != feeds {
		t.Errorf("%d feeds are free afterwards, want all %d", got, feeds)
	}
}

func TestPollEndsWhenTheStoreFails(t *testing.T) {
	path := storePath(t)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/0" {
			<-r.Context().Done() // what else is under way is called off
			return
		}
		writeFeed(w)
	})
	n := newNode(t, path, time.Hour)
	n.addFeeds(url, 5)
	closed := newNode(t, path, time.Hour)
	closed.db.Close()

	none := func(r pipeline.Refreshed) { t.Errorf("%s counts as polled", r.Feed.URL) }
	if err := closed.poll(3, none).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "claim feeds") {
		t.Errorf("a claim that fails ends polling with %v", err)
	}
	saving := n.poll(3, none)
	saving.Refresher = closed.refresher
	if err := saving.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "save feed "+url+"/0") {
		t.Errorf("a save that fails ends polling with %v", err)
	}
}

// TestLostLeaseEndsNothing has each feed's lease taken back while it is polled.
func TestLostLeaseEndsNothing(t *testing.T) {
	n := newNode(t, storePath(t), time.Hour)
	first := true
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/0" && first {
			first = false
			if err := n.db.ReleaseLeases(r.Context()); err != nil {
				t.Error(err)
			}
		}
		writeFeed(w)
	})
	n.addFeeds(url, 3)
	var polled []string
	if err := n.poll(1, func(r pipeline.Refreshed) { polled = append(polled, strings.TrimPrefix(r.Feed.URL, url)) }).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/0", "/1", "/2"}, polled); diff != "" {
		t.Errorf("feeds polled, the lost one again (-want +got):\n%s", diff)
	}
}
