package schedule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

func (n *node) daemon(workers int) *Daemon {
	return &Daemon{DB: n.db, Refresher: n.refresher, Workers: workers, Lease: time.Minute, Now: time.Now, Log: n.refresher.Log}
}

// TestClaimsAreAsManyAsFreeWorkers lets every worker wait, and expects every
// other feed to be free for other nodes.
func TestClaimsAreAsManyAsFreeWorkers(t *testing.T) {
	const workers, feeds = 8, 1000
	arrived := make(chan string, feeds)
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		arrived <- r.URL.Path
		<-r.Context().Done()
	})
	path := storePath(t)
	n, other := newNode(t, path, time.Hour), newNode(t, path, time.Hour)
	n.addFeeds(url, feeds)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { n.daemon(workers).pollFeeds(ctx) })
	for range workers {
		receive(t, arrived, "a request")
	}
	if free := other.free(); free != feeds-workers {
		t.Errorf("with %d feeds due and %d workers %d feeds are free, want %d", feeds, workers, free, feeds-workers)
	}
	cancel()
	all.Wait()
	if free := other.free(); free != workers {
		t.Errorf("afterwards %d feeds were given back, want %d", free, workers)
	}
}

// TestNodesNeverPollOneFeedAtOnce polls feeds that are always due from two nodes,
// by a server that answers each request when three more have come.
func TestNodesNeverPollOneFeedAtOnce(t *testing.T) {
	const feeds, polls = 6, 60
	var mu sync.Mutex
	var held []chan struct{}
	under, done := map[string]int{}, make(chan string, 1000)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer := make(chan struct{})
		mu.Lock()
		if under[r.URL.Path]++; under[r.URL.Path] > 1 {
			t.Errorf("%s is polled by two at once", r.URL.Path)
		}
		if held = append(held, answer); len(held) > 3 {
			close(held[0])
			held = held[1:]
		}
		mu.Unlock()
		select {
		case <-answer:
		case <-r.Context().Done():
		}
		mu.Lock()
		under[r.URL.Path]--
		mu.Unlock()
		writeFeed(w)
		done <- r.URL.Path
	})
	path := storePath(t)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	counts := make([]int, 2) // polls of each node
	for i := range counts {
		n := newNode(t, path, 0)
		if i == 0 {
			n.addFeeds(url, feeds)
		}
		next := n.refresher.Next
		n.refresher.Next = func(f news.Feed, a pipeline.Answer, now time.Time) store.Plan {
			mu.Lock()
			counts[i]++
			mu.Unlock()
			return next(f, a, now)
		}
		all.Go(func() { n.daemon(3).pollFeeds(ctx) })
	}
	for enough := false; !enough; {
		receive(t, done, "a poll")
		mu.Lock()
		enough = counts[0]+counts[1] >= polls && min(counts[0], counts[1]) > 0
		mu.Unlock()
	}
}

// item is an article of a feed, as RSS.
func item(id int, text string) string {
	return fmt.Sprintf(`<item><guid isPermaLink="false">%d</guid><title>Number %d</title><description>%s</description></item>`, id, id, text)
}

// TestDaemonRunsTheLine expects an article that a feed brings, and one that
// another process saves without a word, in the index.
func TestDaemonRunsTheLine(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		writeFeed(w, item(1, "The harbour council has voted to keep the old ferry."))
	})
	path := storePath(t)
	n, other := newNode(t, path, time.Hour), newNode(t, path, time.Hour)
	n.addFeeds(url, 1)
	ix, err := pipeline.NewIndex(filepath.Join(t.TempDir(), "index"), n.db)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	followed, ended := make(chan int, 10), make(chan error)
	d := n.daemon(2)
	d.Grouper = pipeline.NewGrouper(n.db, n.refresher.Preparer, pipeline.GroupOptions{})
	d.Follower = &pipeline.Follower{DB: n.db, Index: ix}
	d.OnFollow = func(stories int) { followed <- stories }
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- d.Run(ctx) }()
	stories := func() uint64 {
		count, err := ix.Count()
		if err != nil {
			t.Fatal(err)
		}
		return uint64(count)
	}

	receive(t, followed, "the feed's story")
	if got := stories(); got != 1 {
		t.Errorf("the index has %d stories, want the feed's", got)
	}
	other.publish("A drought has emptied the reservoir above the valley.")
	receive(t, followed, "the other process's story")
	if got := stories(); got != 2 {
		t.Errorf("the index has %d stories, want the other process's too", got)
	}
	cancel()
	if err := receive(t, ended, "the daemon's end"); !errors.Is(err, context.Canceled) {
		t.Errorf("the daemon ends with %v", err)
	}
}

// publish saves an article without a feed.
func (n *node) publish(text string) (news.ArticleID, store.Incoming) {
	n.t.Helper()
	in := n.refresher.Preparer.Prepare(news.Feed{}, news.Item{GUID: text, Link: "https://a.example/" + text[:5], Title: text, HTML: text}, time.Now())
	saved, err := n.db.SaveArticles(n.t.Context(), []store.Incoming{in})
	if err != nil {
		n.t.Fatal(err)
	}
	return saved.IDs[0], in
}

// TestFailingStepIsTriedAgain damages what grouping reads, and mends it.
func TestFailingStepIsTriedAgain(t *testing.T) {
	path := storePath(t)
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, path, time.Hour)
		id, good := n.publish("A drought has emptied the reservoir above the valley.")
		bad := good
		bad.Sketch = []byte("no sketch")
		replace := func(in store.Incoming) {
			if err := n.db.ReplaceCleaned(t.Context(), []store.Recleaned{{ID: id, Incoming: in}}); err != nil {
				t.Fatal(err)
			}
		}
		replace(bad)
		d, grouped := n.daemon(1), 0
		var log bytes.Buffer
		d.Log = slog.New(slog.NewTextHandler(&log, nil))
		d.Grouper = pipeline.NewGrouper(n.db, n.refresher.Preparer, pipeline.GroupOptions{})
		d.OnGroup = func(g pipeline.Grouped) { grouped += g.Articles }
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		d.group = newWake()
		all.Go(func() { d.loop(ctx, "group articles", d.group, d.groupBatch) })

		time.Sleep(afterError / 2)
		d.group.up() // by which it does not fail the more often
		synctest.Wait()
		if text := log.String(); strings.Count(text, "group articles failed, trying again") != 1 || !strings.Contains(text, "sketch of article") {
			t.Errorf("the log says, where one failure was to be told:\n%s", text)
		}
		replace(good)
		time.Sleep(afterError)
		synctest.Wait()
		if grouped != 1 {
			t.Errorf("%d articles grouped when the fault was mended, want 1", grouped)
		}
		cancel()
		all.Wait()
	})
}

// ran records which slots ran.
type ran struct {
	mu    sync.Mutex
	slots []string
}

func (r *ran) job(t *testing.T, spec string, fail func(slot string) error) Job {
	s := mustSpec(t, spec, time.UTC)
	return Job{Name: "job", Spec: s, Run: func(_ context.Context, slot time.Time) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		key := slot.Format("15:04")
		r.slots = append(r.slots, key)
		return fail(key)
	}}
}

func never(string) error { return nil }

// during runs the job's slots on every node for a while.
func during(t *testing.T, d time.Duration, job Job, nodes ...*node) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	var all sync.WaitGroup
	for _, n := range nodes {
		all.Go(func() { d := n.daemon(1); d.loop(ctx, job.Name, nil, d.slots(job)) })
	}
	all.Wait()
}

// TestSlots lives through some hours on a clock that begins at midnight.
func TestSlots(t *testing.T) {
	for _, test := range []struct {
		name string
		live func(t *testing.T, r *ran, a, b *node)
		want []string
	}{
		{"once over two nodes, and on time", func(t *testing.T, r *ran, a, b *node) {
			onTime := r.job(t, "0 6-8 * * *", never)
			run := onTime.Run
			onTime.Run = func(ctx context.Context, slot time.Time) error {
				if late := time.Since(slot); late > time.Second {
					t.Errorf("the slot of %v runs %v late", slot, late)
				}
				return run(ctx, slot)
			}
			time.Sleep(5*time.Hour + 59*time.Minute + 13*time.Second)
			during(t, 3*time.Hour, onTime, a, b)
		}, []string{"06:00", "07:00", "08:00"}},
		{"a job that never ran does not make up the past", func(t *testing.T, r *ran, a, b *node) {
			time.Sleep(10*time.Hour + 30*time.Second)
			during(t, time.Hour, r.job(t, "0 * * * *", never), a, b)
		}, []string{"11:00"}},
		{"after downtime the newest only, once", func(t *testing.T, r *ran, a, b *node) {
			job := r.job(t, "0 * * * *", never)
			during(t, 90*time.Minute, job, a)
			time.Sleep(5 * time.Hour)
			during(t, time.Minute, job, b, a)
			during(t, 30*time.Minute, job, a, b)
		}, []string{"01:00", "06:00", "07:00"}},
		{"an interval longer than a look, whenever the nodes began", func(t *testing.T, r *ran, a, b *node) {
			time.Sleep(30 * time.Minute)
			during(t, 9*time.Hour, r.job(t, "@every 4h", never), a, b)
		}, []string{"04:00", "08:00"}},
		{"a failing run is tried again", func(t *testing.T, r *ran, a, b *node) {
			during(t, 2*time.Hour, r.job(t, "0 1 * * *", func(string) error {
				if len(r.slots) < 3 {
					return errors.New("no luck yet")
				}
				return nil
			}), a, b)
		}, []string{"01:00", "01:00", "01:00"}},
		{"a run that was stopped is made up by another node", func(t *testing.T, r *ran, a, b *node) {
			job := r.job(t, "0 * * * *", never)
			during(t, 90*time.Minute, job, a)
			stopped := job
			stopped.Run = func(ctx context.Context, slot time.Time) error {
				<-ctx.Done()
				return errors.Join(job.Run(ctx, slot), ctx.Err())
			}
			during(t, time.Hour, stopped, a)
			during(t, time.Minute, job, b)
		}, []string{"01:00", "02:00", "02:00"}},
		{"until the next slot comes", func(t *testing.T, r *ran, a, _ *node) {
			during(t, 123*time.Second, r.job(t, "* * * * *", func(slot string) error {
				if slot == "00:01" {
					return errors.New("never any luck")
				}
				return nil
			}), a)
			first, last := r.slots[0], r.slots[len(r.slots)-1]
			if tries := len(r.slots); first != "00:01" || last != "00:02" || tries != 13 {
				t.Errorf("%d tries, from %s to %s, want 12 of 00:01 and one of 00:02", tries, first, last)
			}
			r.slots = nil
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := storePath(t)
			synctest.Test(t, func(t *testing.T) {
				var r ran
				test.live(t, &r, newNode(t, path, 0), newNode(t, path, 0))
				if diff := cmp.Diff(test.want, r.slots); diff != "" {
					t.Errorf("slots that ran (-want +got):\n%s", diff)
				}
			})
		})
	}
}
