package store

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// at puts an article at an address that is one article's.
func at(url string) func(*Incoming) {
	return func(in *Incoming) {
		in.Article.URL, in.Lone = "https://daily.example/"+url, true
		in.Same = "daily.example/" + url
	}
}

// testSecondFeed has another feed of an outlet bring an article under its URL with
// another title.
func testSecondFeed(t *testing.T, w *world) {
	w.save(sample("1", ofFeed(1), at("100")))
	for _, test := range []struct {
		name string
		in   []Incoming
		want Saved
	}{
		{"another feed, another headline", []Incoming{sample("x", ofFeed(2), at("100"))}, Saved{Same: 1, IDs: []news.ArticleID{1}}},
		{"the same with another text", []Incoming{sample("x", ofFeed(2), at("100"), withHTML("y"))}, Saved{Same: 1, IDs: []news.ArticleID{1}}},
		{"a link that many have", []Incoming{sample("y", ofFeed(2), at("100"), func(in *Incoming) { in.Lone = false })}, Saved{New: 1, IDs: []news.ArticleID{2}}},
		{"now the link is known to have several titles", []Incoming{sample("z", ofFeed(3), at("100"))}, Saved{New: 1, IDs: []news.ArticleID{3}}},
		{"another outlet", []Incoming{sample("o", ofFeed(4), at("200"))}, Saved{New: 1, IDs: []news.ArticleID{4}}},
		{"another outlet", []Incoming{sample("p", ofFeed(5), at("200"), outlet("b.example"))}, Saved{New: 1, IDs: []news.ArticleID{5}}},
		{"the feed's own second item", []Incoming{sample("q", ofFeed(4), at("200"))}, Saved{New: 1, IDs: []news.ArticleID{6}}},
		{"several titles in a batch", []Incoming{sample("r", ofFeed(9), at("300")), sample("s", ofFeed(9), at("300"))}, Saved{New: 2, IDs: []news.ArticleID{7, 8}}},
	} {
		got, err := w.db.SaveArticles(t.Context(), test.in)
		w.ok(err)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// testAbsorb makes an article that was grouped a second address of another.
func testAbsorb(t *testing.T, w *world) {
	feed := w.feed("daily")
	early := sample("early", ofFeed(7), at("100"))
	late := sample("late", ofFeed(feed.ID), at("200"))
	w.save(early)
	w.save(late)
	late.Item.HTML = "<p>Later.</p>"
	w.save(late)
	leaning := w.save(sample("leaning", outlet("b.example")))[0]
	story := w.story(2, leaning)
	if _, err := w.db.SaveArticles(t.Context(), []Incoming{late}); err != nil {
		t.Fatal(err)
	}
	w.ok(w.db.SavePage(t.Context(), StoredItem{ID: 2, Version: 2}, late)) // not claimed: nothing

	twins, err := w.db.Twins(t.Context(), StoredItem{ID: 2, Outlet: "daily.example"}, "daily.example/100")
	w.ok(err)
	if len(twins) != 1 || twins[0].ID != 1 {
		t.Fatalf("twins %+v", twins)
	}
	change := w.counts().LastChange
	better := early
	better.Article.Page, better.Article.Blocks = news.PageFull, []news.Block{{Kind: news.Paragraph, Text: "All of it."}}
	ok, err := w.db.Absorb(t.Context(), 2, 1, &better)
	if err != nil || !ok {
		t.Fatalf("absorbed: %v, %v", ok, err)
	}
	if n := w.counts(); n.Articles != 2 || n.Ungrouped != 2 {
		t.Errorf("counts %+v; want two articles, which wait", n)
	}
	if f, err := w.db.Feed(t.Context(), feed.ID); err != nil || f.Articles != 0 {
		t.Errorf("the feed has %d articles: %v", f.Articles, err)
	}
	if a, err := w.db.Article(t.Context(), 1); err != nil || a.Page != news.PageFull || a.Text() != "All of it." || a.Version != 1 {
		t.Errorf("the earlier is %+v: %v", a, err)
	}
	if got := w.changes(change); len(got) != 1 || !strings.HasPrefix(got[0], "1 changed") {
		t.Errorf("changes %v of story %d", got, story)
	}
	members, err := w.db.Members(t.Context(), change, 10)
	if err != nil || len(members) != 1 || members[0].Article != 2 || members[0].Story != 0 {
		t.Errorf("members %+v: %v; want 2 in no story", members, err)
	}
	aliases, err := w.db.Aliases(t.Context(), 1)
	w.ok(err)
	if len(aliases) != 2 || aliases[0].Was != 2 || aliases[0].Item.HTML != "<p>Of late.</p>" || aliases[1].Item.HTML != "<p>Later.</p>" {
		t.Errorf("aliases %+v", aliases)
	}
	if id, err := w.db.AliasOf(t.Context(), 2); id != 1 || err != nil {
		t.Errorf("article 2 is %d: %v", id, err)
	}
	if _, err := w.db.AliasOf(t.Context(), 1); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("article 1 is another: %v", err)
	}
	for name, in := range map[string]Incoming{
		"the same":               late,
		"edited":                 sample("late", ofFeed(feed.ID), at("200"), withHTML("<p>Much later.</p>")),
		"a new guid":             sample("late2", ofFeed(feed.ID), at("200"), withTitle("On late")),
		"another feed's":         sample("x", ofFeed(33), at("200")),
		"the earlier, unchanged": early,
	} {
		got, err := w.db.SaveArticles(t.Context(), []Incoming{in})
		w.ok(err)
		if diff := cmp.Diff(Saved{Same: 1, IDs: []news.ArticleID{1}}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	w.ok(w.db.Group(t.Context(), func(ctx context.Context, g *Grouping) error {
		_, err := g.Place(ctx, 1, story, news.Reason{Relation: news.Founder})
		return err
	}))
	if ok, err := w.db.Absorb(t.Context(), 2, 1, nil); ok || err != nil {
		t.Errorf("one that is gone was absorbed: %v, %v", ok, err)
	}
	_, err = w.db.PinArticles(t.Context(), By{Who: "me"}, story, leaning)
	w.ok(err)
	if ok, err := w.db.Absorb(t.Context(), leaning, 1, nil); ok || err != nil {
		t.Errorf("one that a person pinned was absorbed: %v, %v", ok, err)
	}
}

// testRenew brings articles into another form, in two parts.
func testRenew(t *testing.T, w *world) {
	all := w.save(sample("1"), sample("2"))
	if form, done, err := w.db.Form(t.Context(), "next"); form != "" || done != 0 || err != nil {
		t.Errorf("form %q, up to %d: %v", form, done, err)
	}
	made, err := w.db.EachMade(t.Context(), 0, 1)
	w.ok(err)
	if len(made) != 1 || made[0].Err != nil || made[0].Item.GUID != "1" || made[0].Article.Text() != "Of 1." || string(made[0].Sketch) != "sketch of 1" {
		t.Errorf("made %+v", made)
	}
	moved := sample("1", at("elsewhere"))
	moved.Sketch = []byte("another")
	w.ok(w.db.Renew(t.Context(), "next", all[0], []Renewed{{ID: all[0], Incoming: moved}}))
	if _, done, err := w.db.Form(t.Context(), "next"); done != all[0] || err != nil {
		t.Errorf("done up to %d: %v", done, err)
	}
	if _, done, err := w.db.Form(t.Context(), "yet another"); done != 0 || err != nil {
		t.Errorf("another form is done up to %d: %v", done, err)
	}
	made, err = w.db.EachMade(t.Context(), 0, 2)
	w.ok(err)
	if string(made[0].Sketch) != "another" || string(made[1].Sketch) != "sketch of 2" {
		t.Errorf("sketches %q, %q", made[0].Sketch, made[1].Sketch)
	}
	w.ok(w.db.SetForm(t.Context(), "next"))
	if form, done, err := w.db.Form(t.Context(), "next"); form != "next" || done != 0 || err != nil {
		t.Errorf("form %q, up to %d: %v", form, done, err)
	}
	got, err := w.db.SaveArticles(t.Context(), []Incoming{sample("new", at("elsewhere"), withTitle("On 1"), withHTML("<p>Of 1.</p>"))})
	if err != nil || got.New != 0 {
		t.Errorf("%+v, %v: the article is not found by its new key", got, err)
	}
}
