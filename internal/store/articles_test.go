package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

func testIdentity(t *testing.T, w *world) {
	first := sample("1")
	first.Article.Author, first.Article.Agency, first.Article.Dateline, first.Article.Tags = "Ann", "AP", "JAKARTA", []string{"a", "b"}
	first.Article.Blocks = append(first.Article.Blocks, news.Block{Kind: news.ListItem, Text: "<ads>", Path: "ul/li", Links: .5, Strip: &news.Strip{Evidence: news.ByShape, Rule: "r", Detail: "d"}})
	w.save(first)
	a, err := w.db.Article(t.Context(), 1)
	w.ok(err)
	want := first.Article
	want.ID, want.Version = 1, 1
	if diff := cmp.Diff(&want, a); diff != "" {
		t.Error(diff)
	}
	item, err := w.db.Item(t.Context(), 1)
	w.ok(err)
	if diff := cmp.Diff(first.Item, item); diff != "" {
		t.Error(diff)
	}

	sameURL := func(in *Incoming) { in.Article.URL = first.Article.URL }
	for _, test := range []struct {
		name string
		in   Incoming
		want Saved
	}{
		{"unchanged", first, Saved{Same: 1, IDs: []news.ArticleID{1}}},
		{"another guid at the same URL", sample("g", sameURL, withTitle("On 1"), withHTML(first.Item.HTML)), Saved{Same: 1, IDs: []news.ArticleID{1}}},
		{"the same in another feed, shorter", sample("1", ofFeed(7), withHTML("short")), Saved{Same: 1, IDs: []news.ArticleID{1}}},
		{"another title at the same URL", sample("live", sameURL), Saved{New: 1, IDs: []news.ArticleID{2}}},
		{"the same URL and title of another outlet", sample("1", ofFeed(7), outlet("b.example")), Saved{New: 1, IDs: []news.ArticleID{3}}},
		{"no guid and no URL", sample("", func(in *Incoming) { in.Article.URL = "" }), Saved{New: 1, IDs: []news.ArticleID{4}}},
		{"other text", sample("1", withHTML("<p>more</p>")), Saved{Changed: 1, IDs: []news.ArticleID{1}}},
		{"other title", sample("1", withTitle("On one")), Saved{Changed: 1, IDs: []news.ArticleID{1}}},
	} {
		got, err := w.db.SaveArticles(t.Context(), []Incoming{test.in})
		w.ok(err)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
	got, err := w.db.SaveArticles(t.Context(), []Incoming{sample("9"), sample("1", withTitle("On one")), sample("8"), sample("9", withHTML("twice in a batch"))})
	w.ok(err)
	if diff := cmp.Diff(Saved{New: 2, Same: 2, IDs: []news.ArticleID{5, 1, 6, 5}}, got); diff != "" {
		t.Error(diff)
	}
	if got, err := w.db.SaveArticles(t.Context(), nil); err != nil || len(got.IDs) != 0 {
		t.Errorf("nothing: %+v, %v", got, err)
	}
	if n := w.counts(); n.Articles != 6 || n.Ungrouped != 6 {
		t.Errorf("counts %+v, want 6 articles, all waiting", n)
	}
}

// A feed that gives all its items one guid must not turn them into versions of
// one another, poll after poll.
func testGUIDTwice(t *testing.T, w *world) {
	home := func(url string) Incoming {
		return sample("home", withTitle("On "+url), func(in *Incoming) { in.Article.URL = url })
	}
	for _, test := range []struct {
		batch []Incoming
		want  Saved
	}{
		{[]Incoming{home("u1"), home("u2"), home("u1")}, Saved{New: 2, Same: 1, IDs: []news.ArticleID{1, 2, 1}}},
		{[]Incoming{home("u1"), home("u2")}, Saved{Same: 2, IDs: []news.ArticleID{1, 2}}},
		{[]Incoming{home("u2")}, Saved{Same: 1, IDs: []news.ArticleID{2}}},
		{[]Incoming{home("u3"), home("u2")}, Saved{New: 1, Same: 1, IDs: []news.ArticleID{3, 2}}},
	} {
		got, err := w.db.SaveArticles(t.Context(), test.batch)
		w.ok(err)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// testOneGUID polls a feed that has one guid for all of its items.
func testOneGUID(t *testing.T, w *world) {
	item := func(name string, more ...func(*Incoming)) Incoming {
		return sample("all", append(more, withTitle("On "+name), func(in *Incoming) { in.Article.URL = "https://a.example/" + name })...)
	}
	a, b, c := item("a"), item("b"), item("c")
	for _, test := range []struct {
		name  string
		batch []Incoming
		want  Saved
	}{
		{"the first", []Incoming{a}, Saved{New: 1, IDs: []news.ArticleID{1}}},
		{"a second beside it", []Incoming{b, a}, Saved{New: 1, Same: 1, IDs: []news.ArticleID{2, 1}}},
		{"the second alone", []Incoming{b}, Saved{Same: 1, IDs: []news.ArticleID{2}}},
		{"a third beside it", []Incoming{c, b}, Saved{New: 1, Same: 1, IDs: []news.ArticleID{3, 2}}},
		{"the third alone", []Incoming{c}, Saved{Same: 1, IDs: []news.ArticleID{3}}},
		{"a fourth alone", []Incoming{item("d")}, Saved{New: 1, IDs: []news.ArticleID{4}}},
		{"an edition of the first", []Incoming{item("a", withHTML("more"))}, Saved{Changed: 1, IDs: []news.ArticleID{1}}},
		{"editions of two", []Incoming{item("b", withHTML("more")), item("a", withHTML("most"))}, Saved{Changed: 2, IDs: []news.ArticleID{2, 1}}},
		{"a guid that looks like one told apart", []Incoming{item("e"), sample("all https://a.example/e"), item("f")}, Saved{New: 2, Same: 1, IDs: []news.ArticleID{5, 5, 6}}},
	} {
		got, err := w.db.SaveArticles(t.Context(), test.batch)
		w.ok(err)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// testOneGUIDNoLinks polls a feed that has one guid for all of its items, and no
// links.
func testOneGUIDNoLinks(t *testing.T, w *world) {
	item := func(name string) Incoming {
		return sample("n/a", withTitle("On "+name), withHTML("Text about "+name), func(in *Incoming) { in.Article.URL = "" })
	}
	for _, test := range []struct {
		name  string
		batch []Incoming
		want  Saved
	}{
		{"two", []Incoming{item("a"), item("b")}, Saved{New: 2, IDs: []news.ArticleID{1, 2}}},
		{"the same", []Incoming{item("a"), item("b")}, Saved{Same: 2, IDs: []news.ArticleID{1, 2}}},
		{"a third beside them", []Incoming{item("c"), item("b"), item("a")}, Saved{New: 1, Same: 2, IDs: []news.ArticleID{3, 2, 1}}},
	} {
		got, err := w.db.SaveArticles(t.Context(), test.batch)
		w.ok(err)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// testLivePage polls a feed without guids whose items all link to one page.
func testLivePage(t *testing.T, w *world) {
	post := func(n, text string) Incoming {
		return sample("", withTitle("Post "+n), withHTML(text), func(in *Incoming) { in.Article.URL = "https://daily.example/live" })
	}
	for _, test := range []struct {
		name  string
		batch []Incoming
		want  Saved
	}{
		{"one", []Incoming{post("1", "one")}, Saved{New: 1, IDs: []news.ArticleID{1}}},
		{"three", []Incoming{post("3", "three"), post("2", "two"), post("1", "one")}, Saved{New: 2, Same: 1, IDs: []news.ArticleID{2, 3, 1}}},
		{"the same", []Incoming{post("3", "three"), post("2", "two"), post("1", "one")}, Saved{Same: 3, IDs: []news.ArticleID{2, 3, 1}}},
		{"later ones", []Incoming{post("5", "five"), post("4", "four"), post("3", "three")}, Saved{New: 2, Same: 1, IDs: []news.ArticleID{4, 5, 2}}},
		{"an edited one", []Incoming{post("5", "five, edited"), post("4", "four")}, Saved{Changed: 1, Same: 1, IDs: []news.ArticleID{4, 5}}},
	} {
		got, err := w.db.SaveArticles(t.Context(), test.batch)
		w.ok(err)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// testNewGUIDs polls a feed that makes new guids for what it gave before.
func testNewGUIDs(t *testing.T, w *world) {
	at := func(url string) func(*Incoming) { return func(in *Incoming) { in.Article.URL = url } }
	same := withTitle("The same")
	for _, test := range []struct {
		name string
		in   Incoming
		want Saved
	}{
		{"with a link", sample("1", same, at("https://a.example/1"), withHTML("text")), Saved{New: 1, IDs: []news.ArticleID{1}}},
		{"the same link and text", sample("2", same, at("https://a.example/1"), withHTML("text")), Saved{Same: 1, IDs: []news.ArticleID{1}}},
		{"the same link, edited", sample("3", same, at("https://a.example/1"), withHTML("more")), Saved{Changed: 1, IDs: []news.ArticleID{1}}},
		{"without a link", sample("4", same, at(""), withHTML("text")), Saved{New: 1, IDs: []news.ArticleID{2}}},
		{"the same text", sample("5", same, at(""), withHTML("text")), Saved{Same: 1, IDs: []news.ArticleID{2}}},
		{"another text", sample("6", same, at(""), withHTML("other")), Saved{New: 1, IDs: []news.ArticleID{3}}},
		{"an edition of it", sample("6", same, at(""), withHTML("edited")), Saved{Changed: 1, IDs: []news.ArticleID{3}}},
		{"that again", sample("7", same, at(""), withHTML("edited")), Saved{Same: 1, IDs: []news.ArticleID{3}}},
		{"neither link nor text", sample("8", same, at(""), withHTML("")), Saved{New: 1, IDs: []news.ArticleID{4}}},
		{"neither, another guid", sample("9", same, at(""), withHTML("")), Saved{New: 1, IDs: []news.ArticleID{5}}},
	} {
		got, err := w.db.SaveArticles(t.Context(), []Incoming{test.in})
		w.ok(err)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func testTwoFeedsAtOnce(t *testing.T, w *world) {
	nodes := []*DB{w.db, w.open()}
	for i := range 20 {
		var both sync.WaitGroup
		for feed, node := range nodes {
			both.Go(func() {
				if _, err := node.SaveArticles(t.Context(), []Incoming{sample(fmt.Sprint(i), ofFeed(news.FeedID(feed)))}); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
	}
	if n := w.counts(); n.Articles != 20 {
		t.Errorf("%d articles, want 20", n.Articles)
	}
}

func testHostileText(t *testing.T, w *world) {
	long := strings.Repeat("x", 200_000)
	in := sample("a\x00b\xff"+long, withTitle("nul \x00 and \xff"), published(time.Unix(1<<40, 0)))
	in.Article.URL, in.Article.Tags, in.Article.Author = "https://daily.example/"+long, []string{"\xff", "\x00"}, "\xf0\x9f"
	in.Item.Summary = "\x00\xff"
	id := w.save(in, sample("plain"))[0]
	a, err := w.db.Article(t.Context(), id)
	w.ok(err)
	if a.Title != "nul  and \uFFFD" || a.Author != "\uFFFD" {
		t.Errorf("title %q, author %q", a.Title, a.Author)
	}
	if again := w.save(in)[0]; again != id {
		t.Errorf("saved again as %d, want %d", again, id)
	}
	w.story(id)
	f, err := w.db.AddFeed(t.Context(), news.Feed{URL: "https://a.example/\x00", Title: "\xff"})
	w.ok(err)
	if f.URL != "https://a.example/" {
		t.Errorf("feed's URL is %q", f.URL)
	}
}

func testVersions(t *testing.T, w *world) {
	first := sample("1")
	id := w.save(first)[0]
	story := w.story(id)
	w.wait(time.Hour)
	second := sample("1", withTitle("Second"), withHTML("<p>2</p>"), inLanguage("id"), arrived(w.now()), published(w.now()))
	second.Article.Blocks, second.Sketch, second.Prints = []news.Block{{Text: "2"}}, []byte("two"), []uint64{2}
	saved, err := w.db.SaveArticles(t.Context(), []Incoming{second})
	w.ok(err)
	if saved.Changed != 1 {
		t.Fatalf("saved %+v", saved)
	}
	a, err := w.db.Article(t.Context(), id)
	w.ok(err)
	want := second.Article
	want.ID, want.Version, want.Story, want.Reason, want.Arrived = id, 2, story, news.Reason{Relation: news.Founder}, first.Article.Arrived
	if diff := cmp.Diff(&want, a); diff != "" {
		t.Error(diff)
	}
	w.wait(time.Hour)
	w.save(sample("1", withTitle("Third")))
	got, err := w.db.Versions(t.Context(), id)
	w.ok(err)
	if diff := cmp.Diff([]Edition{{1, w.now().Add(-time.Hour), first.Item}, {2, w.now(), second.Item}}, got); diff != "" {
		t.Error(diff)
	}
	item, err := w.db.Item(t.Context(), id)
	w.ok(err)
	if item.Title != "Third" {
		t.Errorf("the present item is %q", item.Title)
	}
	if n := w.counts(); n.Articles != 1 || n.Ungrouped != 1 {
		t.Errorf("counts %+v, want one article, waiting to be grouped again", n)
	}
}

func testReprocess(t *testing.T, w *world) {
	all := w.save(sample("1"), sample("2"), sample("3"))
	w.story(all...)
	page, err := w.db.EachItem(t.Context(), 0, 2)
	w.ok(err)
	rest, err := w.db.EachItem(t.Context(), page[1].ID, 2)
	w.ok(err)
	var want []StoredItem
	for i, guid := range []string{"1", "2", "3"} {
		in := sample(guid)
		want = append(want, StoredItem{ID: all[i], Outlet: in.Article.Outlet, Version: 1, Arrived: in.Article.Arrived, Item: in.Item})
	}
	if diff := cmp.Diff(want, append(page, rest...)); diff != "" {
		t.Error(diff)
	}
	again := sample("2", arrived(w.now()), inLanguage("ms"), published(time.Time{}))
	again.Article.Blocks, again.Article.Agency = []news.Block{{Text: "again"}}, "AP"
	w.ok(w.db.ReplaceCleaned(t.Context(), []Recleaned{{ID: all[1], Incoming: again}, {ID: 99, Incoming: again}}))
	a, err := w.db.Article(t.Context(), all[1])
	w.ok(err)
	if a.Text() != "again" || a.Language != "ms" || a.Agency != "AP" || a.Version != 1 || !a.Arrived.Equal(sample("2").Article.Arrived) || !a.Published.IsZero() {
		t.Errorf("made again: %+v", a)
	}
	w.group(func(ctx context.Context, g *Grouping) error {
		waiting, err := g.Pending(ctx, 10)
		if len(waiting) != 1 || waiting[0].Article.ID != all[1] || waiting[0].Article.Story == 0 {
			t.Errorf("waiting: %+v", waiting)
		}
		return err
	})
}

func testNotFound(t *testing.T, w *world) {
	_, article := w.db.Article(t.Context(), 1)
	_, item := w.db.Item(t.Context(), 1)
	_, story := w.db.Story(t.Context(), 1)
	_, feed := w.db.Feed(t.Context(), 1)
	_, digest := w.db.Digest(t.Context(), "x", "y")
	for name, err := range map[string]error{"article": article, "item": item, "story": story, "feed": feed, "digest": digest} {
		if !errors.Is(err, news.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"place an article that is not there": w.db.Group(t.Context(), func(ctx context.Context, g *Grouping) error {
			_, err := g.Place(ctx, 1, 1, news.Reason{})
			return err
		}),
	} {
		if !errors.Is(err, news.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
