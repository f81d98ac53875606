package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kliping/internal/news"
)

func testFeeds(t *testing.T, w *world) {
	due := w.now().Add(time.Hour)
	full := news.Feed{URL: " https://a.example/rss ", Title: "A", Site: "https://a.example", Outlet: "a.example", Language: "id", Schedule: "@hourly", Tags: []string{"asia/id", "press"}, NextDue: due}
	added, err := w.db.AddFeed(t.Context(), full)
	w.ok(err)
	want := full
	want.ID, want.URL = 1, "https://a.example/rss"
	if diff := cmp.Diff(want, added); diff != "" {
		t.Error(diff)
	}
	bare := w.feed("b")
	if !bare.NextDue.Equal(w.now()) || bare.Tags == nil {
		t.Errorf("a bare feed is due %v with tags %v, want now, and none rather than null", bare.NextDue, bare.Tags)
	}
	again, err := w.db.AddFeed(t.Context(), news.Feed{URL: "https://a.example/rss", Title: "other"})
	if !errors.Is(err, news.ErrExists) || again.ID != 1 || again.Title != "A" {
		t.Errorf("added again: %+v, %v", again, err)
	}
	if _, err := w.db.AddFeed(t.Context(), news.Feed{URL: " "}); !errors.Is(err, news.ErrInvalid) {
		t.Errorf("no URL: %v", err)
	}
	all, err := w.db.Feeds(t.Context())
	w.ok(err)
	if diff := cmp.Diff([]news.Feed{want, bare}, all); diff != "" {
		t.Error(diff)
	}
	_, err = w.db.AddFeed(t.Context(), news.Feed{URL: "https://c.example/rss", Title: "B"})
	w.ok(err)
	for ref, want := range map[string]news.FeedID{"1": 1, "https://b.example/rss": 2, "a": 1, "A": 1} {
		if f, err := w.db.FindFeed(t.Context(), ref); err != nil || f.ID != want {
			t.Errorf("%q finds feed %d, %v; want %d", ref, f.ID, err, want)
		}
	}
	for ref, want := range map[string]error{"9": news.ErrNotFound, "x": news.ErrNotFound, "b": news.ErrInvalid} {
		if f, err := w.db.FindFeed(t.Context(), ref); !errors.Is(err, want) {
			t.Errorf("%q finds feed %d, %v; want %v", ref, f.ID, err, want)
		}
	}
}

func testUpdateFeed(t *testing.T, w *world) {
	a, b := w.feed("a"), w.feed("b")
	leases, err := w.db.Claim(t.Context(), Claim{Limit: 1, Lease: time.Minute, Only: []news.FeedID{a.ID}})
	w.ok(err)
	later := w.now().Add(time.Hour)
	_, err = w.db.SaveRefresh(t.Context(), Refresh{Lease: leases[0], Outcome: news.OutcomeOK, ETag: `"1"`, Plan: due(later), Articles: []Incoming{sample("x", ofFeed(a.ID))}})
	w.ok(err)

	a.Title, a.Tags = "Ä", []string{"x"}
	w.ok(w.db.UpdateFeed(t.Context(), a, noNext))
	got, err := w.db.Feed(t.Context(), a.ID)
	w.ok(err)
	if got.Title != "Ä" || got.ETag != `"1"` || !got.NextDue.Equal(later) || got.Articles != 1 {
		t.Errorf("a new title gives %+v", got)
	}
	a.URL = "https://a.example/new"
	w.ok(w.db.UpdateFeed(t.Context(), a, noNext))
	got, err = w.db.Feed(t.Context(), a.ID)
	w.ok(err)
	if got.URL != a.URL || got.ETag != "" || !got.NextDue.Equal(w.now()) {
		t.Errorf("a new URL gives %+v; want no validator, due now", got)
	}
	a.URL = b.URL
	if err := w.db.UpdateFeed(t.Context(), a, noNext); !errors.Is(err, news.ErrExists) {
		t.Errorf("another feed's URL: %v", err)
	}

	w.ok(w.db.RemoveFeed(t.Context(), a.ID))
	if err := w.db.RemoveFeed(t.Context(), a.ID); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if n := w.counts(); n.Feeds != 1 || n.Articles != 1 {
		t.Errorf("after removing a feed: %+v; want its article kept", n)
	}
	if c := w.feed("a"); c.ID == a.ID {
		t.Error("a removed feed's number is used again")
	}
}

// noNext stands for the schedule of feeds whose schedule is not changed.
func noNext(news.Feed) (time.Time, string) { panic("the schedule has not changed") }

// testHeld has servers ask to be left alone for two hours, and what a person does
// meanwhile undo none of it.
func testHeld(t *testing.T, w *world) {
	a, b := w.feed("a"), w.feed("b")
	until := w.now().Add(2 * time.Hour)
	soon := func(f news.Feed) (time.Time, string) { return w.now().Add(time.Minute), "as " + f.Schedule }
	poll := func(f news.Feed, p Plan) {
		t.Helper()
		leases, err := w.db.Claim(t.Context(), Claim{Limit: 1, Lease: time.Minute, Only: []news.FeedID{f.ID}})
		w.ok(err)
		_, err = w.db.SaveRefresh(t.Context(), Refresh{Lease: leases[0], Outcome: news.OutcomeRateLimited, Plan: func(int) Plan { return p }})
		w.ok(err)
	}
	held := news.Timing{HeldUntil: until, Interval: time.Hour}
	poll(a, Plan{NextDue: until, Reason: "it asked", Timing: held})
	poll(b, Plan{Retired: w.now(), NextDue: w.now(), Reason: "gone", Timing: held})
	now := func(id news.FeedID) news.Feed {
		t.Helper()
		f, err := w.db.Feed(t.Context(), id)
		w.ok(err)
		if !f.Timing.HeldUntil.Equal(until) {
			t.Errorf("feed %d: held until %v, want %v", id, f.Timing.HeldUntil, until)
		}
		return f
	}
	only := []news.FeedID{a.ID, b.ID}
	if got, err := w.db.Claim(t.Context(), Claim{Limit: 2, Lease: time.Minute, Only: only}); err != nil || len(got) != 0 {
		t.Errorf("feeds whose servers ask to be left alone are claimed: %v, %v", got, err)
	}
	if at, err := w.db.Claimable(t.Context(), only); err != nil || !at.Equal(until) {
		t.Errorf("they can be claimed at %v, %v, want %v", at, err, until)
	}
	a, b = now(a.ID), now(b.ID)
	a.Schedule, b.Schedule = "@every 1m", "@every 1m"
	w.ok(w.db.UpdateFeed(t.Context(), a, soon))
	w.ok(w.db.UpdateFeed(t.Context(), b, soon))
	if f := now(a.ID); !f.NextDue.Equal(until) || f.Reason != "as @every 1m" || f.Schedule != "@every 1m" || f.Timing.Interval != time.Hour {
		t.Errorf("a new schedule of a held feed gives %+v", f)
	}
	if f := now(b.ID); f.Retired.IsZero() || f.Reason != "gone" || f.Schedule != "@every 1m" {
		t.Errorf("a new schedule of a retired feed gives %+v", f)
	}
	b.Schedule, b.URL = "@every 1m", "https://www.b.example/new"
	w.ok(w.db.UpdateFeed(t.Context(), b, noNext))
	if f := now(b.ID); f.Retired.IsZero() {
		t.Errorf("a new URL revives a feed: %+v", f)
	}
	w.ok(w.db.ReviveFeed(t.Context(), b.ID))
	if f := now(b.ID); !f.Retired.IsZero() || !f.NextDue.Equal(until) {
		t.Errorf("revived while it is held: %+v", f)
	}
	a = now(a.ID)
	a.URL = "https://elsewhere.example/"
	w.ok(w.db.UpdateFeed(t.Context(), a, noNext))
	if f, err := w.db.Feed(t.Context(), a.ID); err != nil || !f.NextDue.Equal(w.now()) || !f.Timing.HeldUntil.IsZero() {
		t.Errorf("another server is held like the first: %+v, %v", f, err)
	}
	w.wait(2 * time.Hour)
	if got, err := w.db.Claim(t.Context(), Claim{Limit: 2, Lease: time.Minute, Only: only}); err != nil || len(got) != 2 {
		t.Errorf("afterwards %d are claimed, %v", len(got), err)
	}
}

func leased(all []Lease) []string {
	return ids(all, func(l Lease) string { return fmt.Sprintf("%s %d", l.Feed.Title, l.Epoch) })
}

func testClaimOrder(t *testing.T, w *world) {
	if due, err := w.db.Claimable(t.Context(), nil); err != nil || !due.IsZero() {
		t.Errorf("no feed is due %v, %v", due, err)
	}
	start := w.now()
	for i, name := range []string{"third", "first", "second", "later"} {
		after := []time.Duration{-1, -3, -2, 1}[i] * time.Minute
		_, err := w.db.AddFeed(t.Context(), news.Feed{URL: "https://" + name + ".example/", Title: name, NextDue: start.Add(after)})
		w.ok(err)
	}
	for _, want := range [][]string{{"first 1", "second 1"}, {"third 1"}, nil} {
		got, err := w.db.Claim(t.Context(), Claim{Limit: 2, Lease: time.Hour})
		w.ok(err)
		if diff := cmp.Diff(want, leased(got)); diff != "" {
			t.Error(diff)
		}
	}
	due, err := w.db.Claimable(t.Context(), nil)
	w.ok(err)
	if want := start.Add(time.Minute); !due.Equal(want) {
		t.Errorf("next due %v, want %v", due, want)
	}
	got, err := w.db.Claim(t.Context(), Claim{Limit: 9, Lease: time.Hour, Only: []news.FeedID{1, 4, 99}})
	w.ok(err)
	if diff := cmp.Diff([]string{"later 1"}, leased(got)); diff != "" {
		t.Errorf("of a leased, a not yet due and no feed: %s", diff)
	}
	if got, err := w.db.Claim(t.Context(), Claim{Limit: 9, Lease: time.Hour, Only: []news.FeedID{}}); err != nil || got != nil {
		t.Errorf("of none: %v, %v", got, err)
	}
}

func testLeaseRunsOut(t *testing.T, w *world) {
	w.feed("a")
	for _, want := range [][]string{{"a 1"}, nil, {"a 2"}} {
		got, err := w.db.Claim(t.Context(), Claim{Limit: 1, Lease: 90 * time.Second})
		w.ok(err)
		if diff := cmp.Diff(want, leased(got)); diff != "" {
			t.Error(diff)
		}
		w.wait(time.Minute)
	}
}

// testWrongClock polls a feed while the clock is ten years ahead, and puts it back.
func testWrongClock(t *testing.T, w *world) {
	f, err := w.db.AddFeed(t.Context(), news.Feed{URL: "https://a.example/rss"})
	w.ok(err)
	const years = 10 * 366 * 24 * time.Hour
	w.wait(years)
	got, err := w.db.Claim(t.Context(), Claim{Limit: 1, Lease: time.Minute, Only: []news.FeedID{f.ID}})
	w.ok(err)
	next := w.now().Add(time.Hour)
	_, err = w.db.SaveRefresh(t.Context(), Refresh{Lease: got[0], Outcome: news.OutcomeOK, Plan: func(int) Plan { return Plan{NextDue: next, FreeAt: next} }})
	w.ok(err)
	w.wait(-years)
	w.ok(w.db.ReleaseLeases(t.Context()))
	got, err = w.db.Claim(t.Context(), Claim{Limit: 1, Lease: time.Minute})
	w.ok(err)
	if len(got) != 1 {
		t.Errorf("%d feeds claimed after the clock was put right", len(got))
	}
}

func testClaimersNeverShare(t *testing.T, w *world) {
	const feeds = 60
	for i := range feeds {
		w.feed(fmt.Sprint("f", i))
	}
	nodes := []*DB{w.db, w.open()}
	var mu sync.Mutex
	times := map[news.FeedID]int{}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for {
				got, err := nodes[i%2].Claim(t.Context(), Claim{Limit: 3, Lease: time.Hour})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, l := range got {
					times[l.Feed.ID]++
				}
				done := len(times) == feeds
				mu.Unlock()
				if done || err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	for id, n := range times {
		if n != 1 {
			t.Errorf("feed %d was claimed %d times", id, n)
		}
	}
}

func testFencing(t *testing.T, w *world) {
	f := w.feed("a")
	stale, err := w.db.Claim(t.Context(), Claim{Limit: 1, Lease: time.Minute})
	w.ok(err)
	w.wait(2 * time.Minute)
	held, err := w.db.Claim(t.Context(), Claim{Limit: 1, Lease: time.Minute})
	w.ok(err)
	refresh := Refresh{Lease: stale[0], Plan: due(w.now()), Outcome: news.OutcomeOK, ETag: "stale", Articles: []Incoming{sample("x", ofFeed(f.ID))}}
	if _, err := w.db.SaveRefresh(t.Context(), refresh); !errors.Is(err, news.ErrFenced) {
		t.Errorf("a stale lease: %v", err)
	}
	if n := w.counts(); n.Articles != 0 {
		t.Errorf("a fenced poll saved %d articles", n.Articles)
	}
	refresh.Lease = held[0]
	saved, err := w.db.SaveRefresh(t.Context(), refresh)
	w.ok(err)
	if saved.New != 1 {
		t.Errorf("the held lease saved %+v", saved)
	}
	w.ok(w.db.RemoveFeed(t.Context(), f.ID))
	if _, err := w.db.SaveRefresh(t.Context(), refresh); !errors.Is(err, news.ErrFenced) {
		t.Errorf("a removed feed: %v", err)
	}
}

func testPollRecorded(t *testing.T, w *world) {
	other := w.feed("other")
	f, err := w.db.AddFeed(t.Context(), news.Feed{URL: "https://a.example/rss"})
	w.ok(err)
	poll := func(r Refresh) news.Feed {
		t.Helper()
		w.wait(time.Minute)
		leases, err := w.db.Claim(t.Context(), Claim{Limit: 1, Lease: time.Hour, Only: []news.FeedID{f.ID}})
		w.ok(err)
		r.Lease = leases[0]
		if r.Plan == nil {
			r.Plan = due(w.now().Add(time.Hour))
		}
		_, err = w.db.SaveRefresh(t.Context(), r)
		w.ok(err)
		got, err := w.db.Feed(t.Context(), f.ID)
		w.ok(err)
		return got
	}
	moved := func(url string) func(int) Plan {
		return func(int) Plan { return Plan{URL: url, NextDue: w.now().Add(time.Hour)} }
	}
	want := news.Feed{ID: f.ID, URL: f.URL, Tags: []string{}}
	check := func(what string, got news.Feed) {
		t.Helper()
		want.LastPoll, want.NextDue = w.now(), w.now().Add(time.Hour)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}

	got := poll(Refresh{Outcome: news.OutcomeOK, ETag: `W/"ä\x"`, LastModified: "Fri, 01 May 2026 10:00:00 GMT", Title: "A", Site: "https://a.example", Language: "id",
		Articles: []Incoming{sample("1", ofFeed(f.ID)), sample("2", ofFeed(f.ID))}})
	want.Status, want.ETag, want.LastModified, want.Title, want.Site, want.Language = news.OutcomeOK, `W/"ä\x"`, "Fri, 01 May 2026 10:00:00 GMT", "A", "https://a.example", "id"
	want.Articles, want.LastNew = 2, w.now()
	check("first", got)

	got = poll(Refresh{Outcome: news.OutcomeTimeout, Err: "no answer in 30s", ETag: want.ETag, LastModified: want.LastModified})
	want.Status, want.Error, want.Failures = news.OutcomeTimeout, "no answer in 30s", 1
	check("timeout", got)
	got = poll(Refresh{Outcome: news.OutcomeGone, ETag: want.ETag, LastModified: want.LastModified, Err: "410"})
	want.Status, want.Error, want.Failures = news.OutcomeGone, "410", 2
	check("gone", got)

	got = poll(Refresh{Outcome: news.OutcomeNotModified, Title: "B", Language: "en", Plan: moved("https://a.example/moved")})
	want.Status, want.Error, want.Failures, want.ETag, want.LastModified = news.OutcomeNotModified, "", 0, "", ""
	want.Language, want.URL = "en", "https://a.example/moved"
	check("moved", got)
	want.Reason = fmt.Sprintf("; moved for good to %s, which feed %d reads already", other.URL, other.ID)
	check("moved to where another feed is", poll(Refresh{Outcome: news.OutcomeNotModified, Plan: moved(other.URL)}))
}

// due is a plan that says only when.
func due(at time.Time) func(int) Plan {
	return func(int) Plan { return Plan{NextDue: at} }
}

// testDomains claims feeds of one domain one at a time, after its rest, and leaves all
// of them alone when its server asks for it.
func testDomains(t *testing.T, w *world) {
	add := func(url string) news.Feed {
		t.Helper()
		f, err := w.db.AddFeed(t.Context(), news.Feed{URL: url, Title: url})
		w.ok(err)
		return f
	}
	a, b, other := add("https://www.a.example/rss"), add("https://b.a.example/rss"), add("https://other.example/rss")
	private := []string{add("http://10.0.0.1/1").Title + " 1", add("http://10.0.0.1/2").Title + " 1"}
	claim := func(want ...string) []Lease {
		t.Helper()
		got, err := w.db.Claim(t.Context(), Claim{Limit: 9, Lease: time.Minute})
		w.ok(err)
		if diff := cmp.Diff(want, leased(got), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("claimed (-want +got): %s", diff)
		}
		return got
	}
	save := func(l Lease, p Plan) {
		t.Helper()
		_, err := w.db.SaveRefresh(t.Context(), Refresh{Lease: l, Outcome: news.OutcomeOK, Plan: func(int) Plan { return p }})
		w.ok(err)
	}
	first := claim(append([]string{a.Title + " 1", other.Title + " 1"}, private...)...)
	claim() // b waits for its neighbour
	later := w.now().Add(time.Hour)
	save(first[0], Plan{NextDue: later, FreeAt: w.now().Add(2 * time.Second)})
	claim()
	if at, err := w.db.Claimable(t.Context(), []news.FeedID{b.ID}); err != nil || !at.Equal(w.now().Add(2*time.Second)) {
		t.Errorf("b can be claimed at %v, %v; want after the gap", at, err)
	}
	w.wait(2 * time.Second)
	second := claim(b.Title + " 1")
	w.ok(w.db.Release(t.Context(), second[0]))
	second = claim(b.Title + " 2")
	until := w.now().Add(3 * time.Hour)
	save(second[0], Plan{NextDue: until, FreeAt: until, Held: true, Reason: "asked to"})
	w.ok(w.db.ReleaseLeases(t.Context()))
	for _, id := range []news.FeedID{a.ID, b.ID} {
		if f, err := w.db.Feed(t.Context(), id); err != nil || !f.NextDue.Equal(until) || !f.Timing.HeldUntil.Equal(until) || id == a.ID && f.Reason != "asked to" {
			t.Errorf("feed %d is due %v, %q, %v; want it held like the whole domain", id, f.NextDue, f.Reason, err)
		}
	}
	held := add("https://c.a.example/rss")
	if f, err := w.db.Feed(t.Context(), held.ID); err != nil || !f.NextDue.Equal(until) || !f.Timing.HeldUntil.Equal(until) {
		t.Errorf("it is due %v, held until %v, %v", f.NextDue, f.Timing.HeldUntil, err)
	}
	if got, err := w.db.Claim(t.Context(), Claim{Limit: 9, Lease: time.Minute, Only: []news.FeedID{held.ID}}); err != nil || len(got) != 0 {
		t.Errorf("a feed added while the domain is held: %v, %v", got, err)
	}
}

// testRetired keeps what is learned, polls a retired feed no more, and revives it.
func testRetired(t *testing.T, w *world) {
	f := w.feed("a")
	leases, err := w.db.Claim(t.Context(), Claim{Limit: 1, Lease: time.Minute})
	w.ok(err)
	learned := news.Timing{Pace: news.Pace{Every: time.Hour, Source: "ttl", SkipHours: []int{1}, SkipDays: []time.Weekday{time.Sunday}}, Interval: time.Minute,
		Fresh: time.Second, MovedTo: "https://b.example/", MovedSince: w.now()}
	_, err = w.db.SaveRefresh(t.Context(), Refresh{Lease: leases[0], Outcome: news.OutcomeGone, Plan: func(int) Plan {
		return Plan{Retired: w.now(), Reason: "gone", Timing: learned}
	}})
	w.ok(err)
	got, err := w.db.Feed(t.Context(), f.ID)
	w.ok(err)
	if diff := cmp.Diff(learned, got.Timing); diff != "" || !got.Retired.Equal(w.now()) || got.Reason != "gone" {
		t.Errorf("kept as %+v; learned (-want +got): %s", got, diff)
	}
	w.wait(time.Hour)
	if got, err := w.db.Claim(t.Context(), Claim{Limit: 1, Lease: time.Minute}); err != nil || len(got) != 0 {
		t.Errorf("a retired feed is claimed: %v, %v", got, err)
	}
	w.ok(w.db.ReviveFeed(t.Context(), f.ID))
	if got, err := w.db.Claim(t.Context(), Claim{Limit: 1, Lease: time.Minute}); err != nil || len(got) != 1 || !got[0].Feed.Retired.IsZero() {
		t.Errorf("a revived feed: %v, %v", got, err)
	}
	if err := w.db.ReviveFeed(t.Context(), 99); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("no feed revived: %v", err)
	}
}
