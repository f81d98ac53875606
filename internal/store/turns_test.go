package store

import (
	"testing"
	"time"

	"kliping/internal/news"
)

func testTurns(t *testing.T, w *world) {
	f, err := w.db.AddFeed(t.Context(), news.Feed{URL: "https://www.a.example/rss"})
	w.ok(err)
	page := TurnWanted{Domain: "a.example", Lease: time.Minute, Page: true}
	take := func(want bool, wait time.Duration, what string) Turn {
		t.Helper()
		turn, left, ok, err := w.db.TakeTurn(t.Context(), page)
		w.ok(err)
		if ok != want || left != wait {
			t.Errorf("%s: a page's turn came: %v, to wait %v; want %v, %v", what, ok, left, want, wait)
		}
		return turn
	}
	claim := func(want int, what string) []Lease {
		t.Helper()
		got, err := w.db.Claim(t.Context(), Claim{Limit: 9, Lease: time.Minute})
		w.ok(err)
		if len(got) != want {
			t.Errorf("%s: claimed %d feeds, want %d", what, len(got), want)
		}
		return got
	}
	leave := func(turn Turn, left TurnLeft) { t.Helper(); w.ok(w.db.LeaveTurn(t.Context(), turn, left)) }
	save := func(l Lease, o news.Outcome, p Plan) {
		t.Helper()
		_, err := w.db.SaveRefresh(t.Context(), Refresh{Lease: l, Outcome: o, Plan: func(int) Plan { return p }})
		w.ok(err)
	}

	first := take(true, 0, "a domain that nobody asked")
	claim(0, "during a page")
	leave(first, TurnLeft{Gap: 2 * time.Second})
	take(false, 2*time.Second, "in the gap")
	claim(0, "in the gap")
	w.wait(2 * time.Second)
	take(false, 0, "a second page before a feed that is due")
	feed := claim(1, "after the gap")[0]
	take(false, 0, "during a poll")
	leave(first, TurnLeft{}) // late, and once more
	take(false, 0, "during a poll, after a late end of a page")
	save(feed, news.OutcomeBusy, Plan{NextDue: w.now().Add(time.Minute), FreeAt: w.now(), Reason: "busy"})
	if got, err := w.db.Feed(t.Context(), f.ID); err != nil || got.Failures != 0 || got.Status != "" || got.Reason != "busy" {
		t.Errorf("a poll whose turn did not come is recorded as %+v, %v", got, err)
	}

	stale := take(true, 0, "after a poll")
	w.wait(2 * time.Minute)
	feed = claim(1, "once a page's lease ran out")[0]
	leave(stale, TurnLeft{Held: time.Hour, Reason: "asked to"})
	take(false, time.Hour, "what a late page was told")
	save(feed, news.OutcomeOK, Plan{NextDue: w.now().Add(time.Minute), FreeAt: w.now()})
	take(false, time.Hour, "a poll that ends well makes no wait shorter")
	w.wait(time.Hour)
	asked, err := w.db.Claim(t.Context(), Claim{Only: []news.FeedID{f.ID}, Lease: time.Minute, Asked: true})
	w.ok(err)
	if len(asked) != 1 || asked[0].Turn() != "" {
		t.Errorf("claimed %v with an answer at hand", asked)
	}
	delayed := take(true, 0, "beside an answer that is being saved")
	save(asked[0], news.OutcomeOK, Plan{NextDue: w.now().Add(time.Minute), FreeAt: w.now()})
	claim(0, "an answer that is saved ends no page's turn")
	delay := 10 * time.Second
	leave(delayed, TurnLeft{Gap: time.Second, Delay: &delay})
	take(false, delay, "Crawl-delay")
	w.wait(time.Minute)
	feed = claim(1, "after Crawl-delay")[0]
	save(feed, news.OutcomeOK, Plan{NextDue: w.now().Add(time.Hour), FreeAt: w.now().Add(time.Second)})
	take(false, delay, "Crawl-delay after a feed")
	w.wait(time.Minute)
	leave(take(true, 0, "the first of two pages"), TurnLeft{Held: 3 * time.Hour, Reason: "asked to"})
	if got, err := w.db.Feed(t.Context(), f.ID); err != nil || !got.NextDue.Equal(w.now().Add(3*time.Hour)) || got.Reason != "asked to" {
		t.Errorf("a page's wait holds the feed until %v, %q, %v", got.NextDue, got.Reason, err)
	}
}
