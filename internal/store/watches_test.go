package store

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

func (w *world) watch(name string) Watch {
	w.t.Helper()
	got, err := w.db.AddWatch(w.t.Context(), Watch{Name: name, Query: "merger"})
	w.ok(err)
	return got
}

func testWatches(t *testing.T, w *world) {
	before, err := w.db.WatchState(t.Context())
	w.ok(err)
	full := Watch{
		Name: "Ports", Query: "port OR harbour", Schedule: "0 7 * * *", TimeZone: "Asia/Jakarta", Outlets: []int{3, 10}, Languages: true,
		Texts: true, Corrections: true, Mail: []string{"ann@example.org"}, Hooks: []Hook{{URL: "https://a.example/", Secret: "s"}},
	}
	added, err := w.db.AddWatch(t.Context(), full)
	w.ok(err)
	full.ID, full.Since = added.ID, w.now()
	for _, ref := range []string{"Ports", "pORTS", "1"} {
		got, err := w.db.FindWatch(t.Context(), ref)
		if diff := cmp.Diff(full, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", ref, err, diff)
		}
	}
	if _, err := w.db.AddWatch(t.Context(), Watch{Name: "PORTS", Query: "x"}); !errors.Is(err, news.ErrExists) {
		t.Errorf("a name twice: %v", err)
	}
	w.watch("ships")
	w.wait(time.Hour)
	full.Name, full.Query = "Harbours", "harbour"
	w.ok(w.db.UpdateWatch(t.Context(), full, true))
	got, err := w.db.FindWatch(t.Context(), "harbours")
	if err != nil || !got.Since.Equal(w.now()) || got.Query != "harbour" {
		t.Errorf("changed: %+v, %v", got, err)
	}
	full.Name = "Ships"
	if err := w.db.UpdateWatch(t.Context(), full, false); !errors.Is(err, news.ErrExists) {
		t.Errorf("renamed to another's name: %v", err)
	}
	after, err := w.db.WatchState(t.Context())
	if err != nil || after.Set <= before.Set {
		t.Errorf("nobody hears of the change: %+v, %v", after, err)
	}
	w.ok(w.db.Enqueue(t.Context(), Message{Kind: "mail", Key: WatchKey(full.ID) + "c1/x"}))
	w.ok(w.db.RemoveWatch(t.Context(), full.ID))
	if all, err := w.db.Watches(t.Context()); err != nil || len(all) != 1 || all[0].Name != "ships" {
		t.Errorf("left: %+v, %v", all, err)
	}
	if left, err := w.db.Outbox(t.Context(), MessagesWaiting, 10); err != nil || left != nil {
		t.Errorf("still to be sent: %+v, %v", left, err)
	}
	for name, err := range map[string]error{
		"removed": w.db.RemoveWatch(t.Context(), full.ID),
		"changed": w.db.UpdateWatch(t.Context(), Watch{ID: full.ID, Name: "new"}, false),
	} {
		if !errors.Is(err, news.ErrNotFound) {
			t.Errorf("one that is not there, %s: %v", name, err)
		}
	}
	if _, err := w.db.FindWatch(t.Context(), "Harbours"); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("found: %v", err)
	}
}

// testWatchOfPlans renames and removes a watch that digest plans are of.
func testWatchOfPlans(t *testing.T, w *world) {
	watch, other := w.watch("Floods"), w.watch("Ships")
	for _, p := range []DigestPlan{{Name: "morning", Watch: "floods"}, {Name: "noon", Watch: "Ships"}, {Name: "night"}} {
		w.ok(w.db.AddPlan(t.Context(), p))
	}
	watch.Name = "High water"
	w.ok(w.db.UpdateWatch(t.Context(), watch, false))
	all, err := w.db.Plans(t.Context())
	if err != nil || len(all) != 3 || all[0].Watch != "High water" || all[1].Watch != "" || all[2].Watch != "Ships" {
		t.Errorf("the plans are %+v (%v)", all, err)
	}
	if err := w.db.RemoveWatch(t.Context(), watch.ID); !errors.Is(err, news.ErrInvalid) || !strings.Contains(err.Error(), "morning") {
		t.Errorf("a watch that a plan is of is removed: %v", err)
	}
	if _, err := w.db.Watch(t.Context(), watch.ID); err != nil {
		t.Error(err)
	}
	w.ok(w.db.UpdatePlan(t.Context(), DigestPlan{Name: "morning", Watch: "Ships"}, "", ""))
	w.ok(w.db.RemoveWatch(t.Context(), watch.ID))
	w.is(w.db.RemoveWatch(t.Context(), other.ID), news.ErrInvalid)
}

// alertOf is an alert of a story.
func alertOf(w Watch, story news.StoryID, at time.Time) Alert {
	return Alert{Watch: w.ID, Story: story, At: at, Event: "story.new", Reasons: []string{"a new story"}, Title: "On it", Outlet: "a.example", Languages: []string{"en"}}
}

func testWatched(t *testing.T, w *world) {
	watch := w.watch("ships")
	nodes := []*DB{w.db, w.open()}
	state, err := w.db.WatchState(t.Context())
	w.ok(err)
	batch := Watched{From: state, To: 7, Alerts: []Alert{alertOf(watch, 3, w.now())}, Told: []Told{{Watch: watch.ID, Story: 3, Shown: 5}},
		Messages: []Message{{Kind: "mail", Key: WatchKey(watch.ID) + "c7/x", Payload: []byte("{}")}}}
	var saved atomic.Int32
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			switch err := nodes[i%2].SaveWatched(t.Context(), batch); {
			case err == nil:
				saved.Add(1)
			case !errors.Is(err, news.ErrFenced):
				t.Error(err)
			}
		})
	}
	all.Wait()
	alerts, err := w.db.Alerts(t.Context(), watch.ID, 0)
	w.ok(err)
	sent, err := w.db.Outbox(t.Context(), MessagesWaiting, 10)
	w.ok(err)
	if saved.Load() != 1 || len(alerts) != 1 || len(sent) != 1 {
		t.Fatalf("saved %d times, %d alerts, %d messages", saved.Load(), len(alerts), len(sent))
	}
	want := batch.Alerts[0]
	want.ID = alerts[0].ID
	if diff := cmp.Diff(want, alerts[0]); diff != "" {
		t.Error(diff)
	}
	state.Cursor = 7
	w.watch("boats")
	if err := w.db.SaveWatched(t.Context(), Watched{From: state, To: 8}); !errors.Is(err, news.ErrFenced) {
		t.Errorf("saved though the watches are others now: %v", err)
	}
	if now, err := w.db.WatchState(t.Context()); err != nil || now.Cursor != 7 {
		t.Errorf("the cursor is %+v, %v", now, err)
	}
}

func testDispatch(t *testing.T, w *world) {
	watch := w.watch("ships")
	state, err := w.db.WatchState(t.Context())
	w.ok(err)
	early := alertOf(watch, 1, w.now())
	early.Sent = w.now()
	w.ok(w.db.SaveWatched(t.Context(), Watched{From: state, To: 5, Alerts: []Alert{early, alertOf(watch, 2, w.now()), alertOf(watch, 3, w.now())}}))
	pace, err := w.db.Pace(t.Context(), w.now().Add(-time.Hour))
	if diff := cmp.Diff(map[WatchID]Pace{watch.ID: {Messages: 1, Waiting: 2}}, pace); err != nil || diff != "" {
		t.Error(err, diff)
	}
	waiting, err := w.db.Waiting(t.Context(), watch.ID, 1)
	if err != nil || waiting.Count != 2 || len(waiting.Alerts) != 1 || waiting.Alerts[0].Story != 2 {
		t.Fatalf("waiting: %+v, %v", waiting, err)
	}
	d := Dispatch{Watch: watch, Slot: "2026-05-01T07:00", Waiting: waiting, Messages: []Message{{Kind: "mail", Key: "k"}}}
	var sent atomic.Int32
	var all sync.WaitGroup
	nodes := []*DB{w.db, w.open()}
	for i := range 8 {
		all.Go(func() {
			switch err := nodes[i%2].Dispatch(t.Context(), d); {
			case err == nil:
				sent.Add(1)
			case !errors.Is(err, news.ErrFenced):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if sent.Load() != 1 {
		t.Errorf("left %d times", sent.Load())
	}
	if got, err := w.db.FindWatch(t.Context(), "ships"); err != nil || got.Slot != d.Slot {
		t.Errorf("the slot is %q, %v", got.Slot, err)
	}
	watch.Slot = d.Slot
	stale := Dispatch{Watch: watch, Slot: "2026-05-02T07:00", Waiting: waiting}
	if err := w.db.Dispatch(t.Context(), stale); !errors.Is(err, news.ErrFenced) {
		t.Errorf("alerts left twice: %v", err)
	}
	if got, err := w.db.FindWatch(t.Context(), "ships"); err != nil || got.Slot != d.Slot {
		t.Errorf("a slot whose messages did not leave was taken: %q, %v", got.Slot, err)
	}
	w.wait(2 * time.Hour)
	if pace, err := w.db.Pace(t.Context(), w.now().Add(-time.Hour)); err != nil || len(pace) != 0 {
		t.Errorf("the pace of an hour without: %v, %v", pace, err)
	}
	w.wait(-365 * 24 * time.Hour) // the clock was a year ahead
	if pace, err := w.db.Pace(t.Context(), w.now().Add(-time.Hour)); err != nil || len(pace) != 0 {
		t.Errorf("what was sent by a wrong clock counts: %v, %v", pace, err)
	}
	if counts, err := w.db.AlertCounts(t.Context(), w.now().Add(-3*time.Hour)); err != nil || counts[watch.ID] != 3 {
		t.Errorf("counts: %v, %v", counts, err)
	}
}

func testTold(t *testing.T, w *world) {
	watch := w.watch("ships")
	state, err := w.db.WatchState(t.Context())
	w.ok(err)
	full := Told{Watch: watch.ID, Story: 3, Shown: 30, Outlets: 4, Texts: 2, Languages: []string{"en", "id"},
		Versions: map[news.ArticleID]int{31: 2}, Gone: []news.ArticleID{32}}
	w.ok(w.db.SaveWatched(t.Context(), Watched{From: state, To: 5, Told: []Told{{Watch: watch.ID, Story: 3, Shown: 1}, {Watch: watch.ID, Story: 4, Shown: 40}}}))
	state.Cursor = 5
	w.ok(w.db.SaveWatched(t.Context(), Watched{From: state, To: 6, Told: []Told{full}}))
	for name, ask := range map[string]struct {
		stories  []news.StoryID
		articles []news.ArticleID
	}{"by story": {[]news.StoryID{3, 9}, nil}, "by article": {[]news.StoryID{}, []news.ArticleID{30}}, "by both": {[]news.StoryID{3}, []news.ArticleID{30}}} {
		got, err := w.db.Told(t.Context(), ask.stories, ask.articles)
		if diff := cmp.Diff([]Told{full}, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func testOutboxFails(t *testing.T, w *world) {
	claim := func() Message {
		t.Helper()
		all, err := w.db.ClaimMessages(t.Context(), 1, time.Minute)
		w.ok(err)
		if len(all) != 1 {
			t.Fatalf("claimed %+v", all)
		}
		return all[0]
	}
	w.ok(w.db.Enqueue(t.Context(), Message{Kind: "mail", Key: "k1", Payload: []byte("text")}))
	m, start := claim(), w.now()
	w.ok(w.db.Retry(t.Context(), m.ID, m.Epoch, w.now().Add(time.Minute), "busy"))
	w.wait(time.Hour)
	m = claim()
	if !m.Failing.Equal(start) {
		t.Errorf("failing since %v", m.Failing)
	}
	w.ok(w.db.Fail(t.Context(), m.ID, m.Epoch, "550 nobody here"))
	w.wait(24 * time.Hour)
	if again, err := w.db.ClaimMessages(t.Context(), 1, time.Minute); err != nil || again != nil {
		t.Errorf("tried again: %+v, %v", again, err)
	}
	failed, err := w.db.Outbox(t.Context(), MessagesFailed, 10)
	if err != nil || len(failed) != 1 || failed[0].Error != "550 nobody here" || failed[0].Attempts != 2 || failed[0].Failed.IsZero() {
		t.Errorf("failed: %+v, %v", failed, err)
	}
	if n, err := w.db.Resend(t.Context(), m.ID); err != nil || n != 1 {
		t.Errorf("sent again: %d, %v", n, err)
	}
	m = claim()
	if m.Attempts != 0 || !m.Failing.IsZero() {
		t.Errorf("begins anew: %+v", m)
	}
	w.ok(w.db.Sent(t.Context(), m.ID, m.Epoch))
	if _, err := w.db.Resend(t.Context(), m.ID); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("a sent one is sent again: %v", err)
	}
	if n, err := w.db.Resend(t.Context(), 0); err != nil || n != 0 {
		t.Errorf("all that failed: %d, %v", n, err)
	}
	if sent, err := w.db.Outbox(t.Context(), MessagesSent, 10); err != nil || len(sent) != 1 || string(sent[0].Payload) != "text" {
		t.Errorf("sent: %+v, %v", sent, err)
	}
	w.wait(time.Hour)
	for _, want := range []int64{1, 0} {
		if n, err := w.db.ForgetSent(t.Context(), w.now()); err != nil || n != want {
			t.Errorf("forgotten: %d, %v; want %d", n, err, want)
		}
	}
	if sent, err := w.db.Outbox(t.Context(), MessagesSent, 10); err != nil || len(sent) != 1 || len(sent[0].Payload) > 0 {
		t.Errorf("after its text was forgotten: %+v, %v", sent, err)
	}
}

func testClaimWays(t *testing.T, w *world) {
	for _, m := range []Message{{Kind: "mail", Key: "a"}, {Kind: "hook", Key: "b"}} {
		w.ok(w.db.Enqueue(t.Context(), m))
	}
	if got, err := w.db.ClaimMessages(t.Context(), 10, time.Hour, "hook"); err != nil || len(got) != 1 || got[0].Key != "b" {
		t.Errorf("hooks: %+v, %v", got, err)
	}
	w.ok(w.db.ReleaseLeases(t.Context()))
	if got, err := w.db.ClaimMessages(t.Context(), 10, time.Minute, "hook", "mail"); err != nil || len(got) != 2 {
		t.Errorf("after leases were released: %+v, %v", got, err)
	}
}
