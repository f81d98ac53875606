package schedule

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"kliping/internal/fetch"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// Each local time is one slot: one that the clock skips comes after the gap, and
// one that it repeats comes once.
func TestWatchSlots(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]time.Time{
		"the clock skips 02:30":   time.Date(2026, 3, 28, 12, 0, 0, 0, berlin),
		"the clock repeats 02:30": time.Date(2026, 10, 24, 12, 0, 0, 0, berlin),
	} {
		w := store.Watch{Name: "w", Schedule: "30 2 * * *", TimeZone: "Europe/Berlin", Since: from}
		var slots []string
		for now := from; now.Before(from.Add(48 * time.Hour)); now = now.Add(20 * time.Second) {
			slot, _, err := dueSlot(w, time.UTC, now)
			if err != nil {
				t.Fatal(err)
			}
			if slot != "" {
				slots = append(slots, slot)
				w.Slot = slot
			}
		}
		if len(slots) != 2 {
			t.Errorf("%s: sent at %v, want two nights", name, slots)
		}
	}
	w := store.Watch{Schedule: "0 7 * * *", Since: time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)}
	if slot, _, err := dueSlot(w, time.UTC, w.Since.Add(time.Hour)); slot != "" || err != nil {
		t.Errorf("a slot before the watch was made: %s, %v", slot, err)
	}
	if slot, _, err := dueSlot(w, time.UTC, w.Since.Add(30*24*time.Hour)); slot != "2026-05-31T07:00" || err != nil {
		t.Errorf("after a month without a daemon: %s, %v", slot, err)
	}
	w.Slot = "2027-05-01T07:00" // sent by a clock that was ahead
	if slot, _, err := dueSlot(w, time.UTC, w.Since.Add(30*24*time.Hour)); slot != "2026-05-31T07:00" || err != nil {
		t.Errorf("after a clock that was ahead: %q, %v", slot, err)
	}
	w.Since = w.Since.AddDate(1, 0, 0) // added by it
	if slot, _, err := dueSlot(w, time.UTC, w.Since.AddDate(-1, 0, 30)); slot != "2026-05-31T07:00" || err != nil {
		t.Errorf("added by a clock that was ahead: %q, %v", slot, err)
	}
	w.Since = w.Since.AddDate(-1, 0, 0)
	w.Paused = true
	if slot, _, err := dueSlot(w, time.UTC, w.Since.Add(30*24*time.Hour)); slot != "" || err != nil {
		t.Errorf("paused: %s, %v", slot, err)
	}
}

// Alerts of a watch with a schedule leave together, once, whatever the number of
// nodes.
func TestWatchWithSchedule(t *testing.T) {
	clock := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	now := func() time.Time { return clock }
	path := storePath(t)
	var nodes []*Daemon
	for range 2 {
		db, err := store.Open(t.Context(), store.Options{Path: path, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		w := &pipeline.Watcher{DB: db, Location: time.UTC, Now: now, Log: slog.New(slog.DiscardHandler)}
		nodes = append(nodes, &Daemon{DB: db, Watcher: w, Now: now, Log: w.Log})
	}
	db := nodes[0].DB
	watch, err := db.AddWatch(t.Context(), store.Watch{Name: "w", Query: "x", Schedule: "0 7 * * *", Mail: []string{"ann@example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	tell := func(story news.StoryID) {
		t.Helper()
		state, err := db.WatchState(t.Context())
		if err == nil {
			err = db.SaveWatched(t.Context(), store.Watched{From: state, To: state.Cursor + 1, Alerts: []store.Alert{{Watch: watch.ID, Story: story, At: clock, Title: "On it"}}})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	sent := func(when string, want int) {
		t.Helper()
		for _, d := range nodes {
			if _, err := d.sendWatches(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := db.Outbox(t.Context(), store.MessagesWaiting, 10); err != nil || len(all) != want {
			t.Errorf("%s: %d messages, %v; want %d", when, len(all), err, want)
		}
	}
	tell(1)
	tell(2)
	sent("before the slot", 0)
	clock = clock.Add(23*time.Hour + time.Minute)
	sent("in the slot", 1)
	tell(3)
	sent("after it", 1)
	clock = clock.Add(24 * time.Hour)
	sent("in the next", 2)
	clock = clock.Add(24 * time.Hour)
	sent("with nothing to send", 2)
	tell(4)
	clock = clock.Add(time.Hour)
	sent("a slot without alerts is over", 2)
}

// TestRevisitsHoldUpNoFeed asks for pages again of a server that never answers, and one
// worker goes on polling.
func TestRevisitsHoldUpNoFeed(t *testing.T) {
	asked, polled := make(chan string, 100), make(chan string, 1000)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/page/"):
			asked <- r.URL.Path
			<-r.Context().Done()
		case r.URL.Path != "/robots.txt":
			writeFeed(w)
			polled <- r.URL.Path
		}
	})
	n := newNode(t, storePath(t), 0)
	n.addFeeds(url, 1)
	client := fetch.New(fetch.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	n.refresher.FullText.Pages = fetch.NewPages(fetch.PagesOptions{Client: client, Agent: "Kliping"})
	var told store.Watched
	told.Revisits.Told, told.Revisits.Due = time.Now(), time.Now()
	for i := range 2 * revisitsAtOnce {
		item := news.Item{Link: fmt.Sprintf("%s/page/%d", url, i), Title: "Ports", HTML: "The port is shut."}
		saved, err := n.db.SaveArticles(t.Context(), []store.Incoming{n.refresher.Preparer.Prepare(news.Feed{}, item, time.Now())})
		if err != nil {
			t.Fatal(err)
		}
		told.Revisits.Articles = append(told.Revisits.Articles, saved.IDs...)
	}
	if err := n.db.SaveWatched(t.Context(), told); err != nil {
		t.Fatal(err)
	}
	d := n.daemon(1)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { d.pollFeeds(ctx) })
	all.Go(func() { d.loop(ctx, "ask for pages again", nil, d.revisitPages) })
	for range revisitsAtOnce {
		receive(t, asked, "a page asked for again")
	}
	for len(polled) > 0 {
		<-polled
	}
	for range 3 {
		receive(t, polled, "a poll")
	}
	if more := len(asked); more > 0 {
		t.Errorf("%d more pages asked for at once than %d", more, revisitsAtOnce)
	}
	cancel()
	all.Wait()
}
