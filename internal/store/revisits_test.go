package store

import (
	"context"
	"slices"
	"testing"
	"time"

	"kliping/internal/news"
)

// testRevisits asks for pages of two domains again.
func testRevisits(t *testing.T, w *world) {
	at := func(url string) func(*Incoming) { return func(in *Incoming) { in.Article.URL = url } }
	ids := w.save(sample("1", at("https://a.example/1")), sample("2", at("https://www.a.example/2")), sample("3", at("https://b.example/3")), sample("4", at("")))
	story := w.story(ids[:3]...)
	feed, err := w.db.AddFeed(t.Context(), news.Feed{URL: "https://a.example/rss", NextDue: w.now().Add(90 * time.Minute)})
	w.ok(err)
	told := func() {
		state, err := w.db.WatchState(t.Context())
		w.ok(err)
		w.ok(w.db.SaveWatched(t.Context(), Watched{From: state, To: state.Last, Revisits: Revisits{Articles: append(ids, ids[0], 999), Told: w.now(), Due: w.now().Add(time.Hour)}}))
	}
	claim := func(what string, want ...news.ArticleID) []Revisit {
		t.Helper()
		all, err := w.db.ClaimRevisits(t.Context(), 9, 10*time.Minute)
		w.ok(err)
		got := []news.ArticleID{}
		for _, v := range all {
			got = append(got, v.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: claimed %v, want %v", what, got, want)
		}
		return all
	}
	save := func(v Revisit, out Visited, want bool) {
		t.Helper()
		if ok, err := w.db.SaveRevisit(t.Context(), v, out); err != nil || ok != want {
			t.Errorf("saved what was found: %v, %v; want %v", ok, err, want)
		}
	}

	told()
	claim("before the time")
	w.wait(time.Hour)
	turn, _, _, err := w.db.TakeTurn(t.Context(), TurnWanted{Domain: "a.example", Lease: time.Minute, Page: true})
	w.ok(err)
	b := claim("while a domain is being asked", ids[2])[0]
	w.ok(w.db.LeaveTurn(t.Context(), turn, TurnLeft{Gap: time.Second}))
	claim("in the gap")
	w.wait(time.Second)
	first := claim("one of a domain", ids[0])[0]
	claim("soon after another of the domain")
	if first.Item.GUID != "1" || !first.Told.Equal(w.now().Add(-time.Hour-time.Second)) {
		t.Errorf("claimed %+v", first)
	}
	w.wait(2 * time.Minute)
	second := claim("a while after", ids[1])[0]
	w.wait(10 * time.Minute)
	again := claim("once a lease ran out", ids[0], ids[2])
	save(first, Visited{}, false)
	save(b, Visited{}, false)
	memo := RevisitMemo{ETag: `"1"`, Missing: w.now(), Version: 1, Base: &news.Page{State: news.PageFull, HTML: "<p>Of 1.</p>"}}
	save(again[0], Visited{Next: w.now().Add(time.Minute), Memo: memo}, true)
	w.wait(20 * time.Minute)
	due, err := w.db.Claim(t.Context(), Claim{Only: []news.FeedID{feed.ID}, Limit: 1, Lease: time.Second})
	w.ok(err)
	claim("while a feed is asked", ids[2])
	_, err = w.db.SaveRefresh(t.Context(), Refresh{Lease: due[0], Outcome: news.OutcomeOK, Plan: func(int) Plan { return Plan{NextDue: w.now().Add(time.Second), FreeAt: w.now()} }})
	w.ok(err)
	w.wait(time.Second)
	claim("while a feed is due")
	due, err = w.db.Claim(t.Context(), Claim{Limit: 1, Lease: time.Second})
	w.ok(err)
	_, err = w.db.SaveRefresh(t.Context(), Refresh{Lease: due[0], Outcome: news.OutcomeOK, Plan: func(int) Plan { return Plan{NextDue: w.now().Add(24 * time.Hour), FreeAt: w.now()} }})
	w.ok(err)
	w.wait(2 * time.Minute)
	save(second, Visited{}, true) // late, but nobody else has it
	first = claim("the feed was polled, and the other is over", ids[0])[0]
	if got := first.Memo; got.ETag != memo.ETag || !got.Missing.Equal(memo.Missing) || got.Base == nil || *got.Base != *memo.Base {
		t.Errorf("remembered %+v, want %+v", got, memo)
	}
	told() // again: what was asked for is not begun anew

	last := w.counts().LastChange
	down := news.Takedown{Since: w.now(), Why: "410 Gone"}
	save(first, Visited{Next: w.now().Add(time.Hour), TakenDown: down}, true)
	if got := w.changes(last); len(got) != 1 {
		t.Errorf("a page taken down gave %v, want its story", got)
	}
	if detail := w.detail(story); detail.Members[0].TakenDown != down || !detail.Members[1].TakenDown.IsZero() {
		t.Errorf("taken down: %+v", detail.Members)
	}
	w.wait(2 * time.Hour)
	again = claim("later", ids[0], ids[2])
	if again[0].TakenDown != down {
		t.Errorf("claimed as taken down: %+v", again[0].TakenDown)
	}
	edition := &PageEdition{Incoming: sample("1"), Before: again[0].Item}
	edition.Item.Page = &news.Page{State: news.PageFull, HTML: "<p>Of 2.</p>"}
	edition.Before.Page = memo.Base
	save(again[0], Visited{Edition: edition}, true)
	a, err := w.db.Article(t.Context(), ids[0])
	w.ok(err)
	versions, err := w.db.Versions(t.Context(), ids[0])
	w.ok(err)
	if a.Version != 2 || !a.TakenDown.IsZero() || len(versions) != 1 || *versions[0].Item.Page != *memo.Base {
		t.Errorf("version %d, taken down %+v, before it %+v", a.Version, a.TakenDown, versions)
	}
	win, err := w.db.ReadWindow(t.Context(), Span{Since: w.now().Add(-time.Hour), Until: w.now().Add(time.Hour)}, nobody)
	w.ok(err)
	if len(win.Changed) != 1 || win.Changed[0].Article != ids[0] || !win.Changed[0].Text {
		t.Errorf("a digest is told of the changes %+v", win.Changed)
	}
	saved, err := w.db.SaveArticles(t.Context(), []Incoming{sample("1", at("https://a.example/1"))})
	w.ok(err)
	if saved.Same != 1 {
		t.Errorf("the feed's own item is now %+v, want the same", saved)
	}
	stale := again[1]
	stale.Version = 7
	save(stale, Visited{TakenDown: down}, true)
	if a, err := w.db.Article(t.Context(), ids[2]); err != nil || !a.TakenDown.IsZero() {
		t.Errorf("an article that was changed meanwhile is taken down: %v", err)
	}
	w.wait(1000 * time.Hour)
	claim("after the last visits")
	w.group(func(ctx context.Context, g *Grouping) error { return g.touch(ctx, 999) }) // one that is gone
}
