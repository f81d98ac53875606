package pipeline_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

var byCLI = store.By{Who: "cli"}

// reprocess cleans everything again and groups it with a grouper that knows
// nothing yet.
func (d *desk) reprocess() {
	d.t.Helper()
	if err := pipeline.Reprocess(d.t.Context(), d.db, d.preparer, nil); err != nil {
		d.t.Fatal(err)
	}
	d.groupAll(d.grouper())
}

func (d *desk) expect(when string, want ...[]news.ArticleID) {
	d.t.Helper()
	if diff := cmp.Diff(want, d.stories()); diff != "" {
		d.t.Errorf("%s: %s", when, diff)
	}
}

func (d *desk) storyOf(id news.ArticleID) news.StoryID {
	d.t.Helper()
	return d.article(id).Story
}

// A person splits copies that the machine cannot tell apart, beside a grouper
// that goes on working.
func TestSplitIsNeverOverturned(t *testing.T) {
	d := newDesk(t)
	running := d.grouper()
	text := paragraphs(1)
	a := d.publish("first.example", "As first told", text...)
	b := d.publish("second.example", "As told again", text...)
	c := d.publish("third.example", "As told by a third", text...)
	d.groupAll(running)
	d.expect("before", []news.ArticleID{a, b, c})
	if _, err := d.db.SplitStory(t.Context(), byCLI, d.storyOf(a), b); err != nil {
		t.Fatal(err)
	}
	d.groupAll(running)
	d.expect("split", []news.ArticleID{a, c}, []news.ArticleID{b})
	d.reprocess()
	d.expect("cleaned again", []news.ArticleID{a, c}, []news.ArticleID{b})

	// A copy that matches both proves nothing, and is put with one of them.
	e := d.publish("fourth.example", "As told by a fourth", text...)
	d.groupAll(running)
	if s := d.storyOf(e); s != d.storyOf(a) && s != d.storyOf(b) || d.storyOf(a) == d.storyOf(b) {
		t.Errorf("a further copy is in story %d; those split are in %d and %d", s, d.storyOf(a), d.storyOf(b))
	}
	d.reprocess()
	if d.storyOf(a) == d.storyOf(b) || d.storyOf(a) != d.storyOf(c) {
		t.Errorf("cleaned again: %d, %d, %d", d.storyOf(a), d.storyOf(b), d.storyOf(c))
	}
}

// Two halves of a text are one story once the whole comes; taken apart before by
// a person, they are not.
func TestLateProofDoesNotMergeWhatIsApart(t *testing.T) {
	text := append(paragraphs(1), paragraphs(2)...)
	for _, apart := range []bool{false, true} {
		d := newDesk(t)
		g := d.grouper()
		a := d.publish("first.example", "The one half", text[:5]...)
		b := d.publish("second.example", "The other half", text[5:]...)
		d.groupAll(g)
		if d.storyOf(a) == d.storyOf(b) {
			t.Fatal("the halves are one story already")
		}
		if apart {
			story, err := d.db.MergeStories(t.Context(), byCLI, d.storyOf(a), d.storyOf(b))
			if err == nil {
				_, err = d.db.SplitStory(t.Context(), byCLI, story, b)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		d.publish("third.example", "The whole", text...)
		d.groupAll(g)
		d.reprocess()
		if merged := d.storyOf(a) == d.storyOf(b); merged == apart {
			t.Errorf("kept apart: %v, and merged: %v", apart, merged)
		}
	}
}

func TestMergeAndPinAreNeverOverturned(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	a := d.publish("first.example", "One thing", paragraphs(1)...)
	b := d.publish("second.example", "Another thing", paragraphs(2)...)
	c := d.publish("third.example", "Another thing again", paragraphs(2)...)
	e := d.publish("fourth.example", "A third thing", paragraphs(3)...)
	d.groupAll(g)
	d.expect("before", []news.ArticleID{a}, []news.ArticleID{b, c}, []news.ArticleID{e})
	if _, err := d.db.MergeStories(t.Context(), byCLI, d.storyOf(b), d.storyOf(a)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.db.PinArticles(t.Context(), byCLI, d.storyOf(e), c); err != nil {
		t.Fatal(err)
	}
	want := [][]news.ArticleID{{a, b}, {c, e}}
	d.expect("decided", want...)
	d.reprocess()
	d.expect("cleaned again", want...)

	// Another copy of what was pinned elsewhere, and of what was merged.
	f := d.publish("fifth.example", "One thing, told once more", paragraphs(1)...)
	d.groupAll(g)
	d.expect("a further copy", []news.ArticleID{a, b, f}, []news.ArticleID{c, e})
	// One that matches what was pinned and what it was taken from.
	h := d.publish("sixth.example", "Another thing, told once more", paragraphs(2)...)
	d.groupAll(g)
	if d.storyOf(b) == d.storyOf(c) {
		t.Error("a further copy merged what the pin took apart")
	}
	if reason := d.article(c).Reason.Relation; reason != news.Placed {
		t.Errorf("the pinned article is there as %q", reason)
	}

	if _, err := d.db.UnpinArticles(t.Context(), byCLI, d.storyOf(e)); err != nil {
		t.Fatal(err)
	}
	d.groupAll(g)
	d.expect("taken back", []news.ArticleID{a, b, c, f, h}, []news.ArticleID{e})
}

func TestOrigins(t *testing.T) {
	d := newDesk(t)
	text := paragraphs(1)
	wire := d.publish("wire.example", "As first told", text...)
	short := d.publish("short.example", "In short", text[:3]...)
	shorter := d.publish("shorter.example", "In short, again", text[:3]...)
	whole := d.publish("whole.example", "As told again", text...)
	d.groupAll(d.grouper())
	s, err := d.db.Story(t.Context(), d.storyOf(wire))
	if err != nil {
		t.Fatal(err)
	}
	find := func() map[news.ArticleID]news.ArticleID {
		origins, err := pipeline.Origins(t.Context(), d.db, s)
		if err != nil {
			t.Fatal(err)
		}
		from := map[news.ArticleID]news.ArticleID{}
		for _, o := range origins {
			from[o.Article] = o.From
		}
		return from
	}
	if diff := cmp.Diff(map[news.ArticleID]news.ArticleID{short: wire, shorter: short, whole: wire}, find()); diff != "" {
		t.Error(diff)
	}
	i := slices.IndexFunc(s.Members, func(a news.Article) bool { return a.ID == whole })
	s.Members[i].Source = "shorter.example"
	if diff := cmp.Diff(map[news.ArticleID]news.ArticleID{short: wire, shorter: short, whole: shorter}, find()); diff != "" {
		t.Error(diff)
	}
	s.Members[i].Source, s.Members[i].Agency = "", "Shorter"
	if diff := cmp.Diff(map[news.ArticleID]news.ArticleID{short: wire, shorter: short, whole: shorter}, find()); diff != "" {
		t.Error(diff)
	}
	for want, o := range map[string]pipeline.Origin{
		"most likely from article 3 of wire.example":                                                               {From: 3, Outlet: "wire.example"},
		"most likely from article 3 of wire.example: containment 0.90, Jaccard 0.40":                               {From: 3, Outlet: "wire.example", Containment: .9, Jaccard: .4},
		"most likely from article 3 of wire.example, which it names as its source: containment 0.90, Jaccard 0.40": {From: 3, Outlet: "wire.example", Named: true, Containment: .9, Jaccard: .4},
		"most likely from article 3 of wire.example, the agency that it credits":                                   {From: 3, Outlet: "wire.example", Credited: true},
	} {
		if got := o.String(); got != want {
			t.Errorf("%+v says %q, want %q", o, got, want)
		}
	}
}

func TestSourceIsAnOutlet(t *testing.T) {
	d := newDesk(t)
	const feed, page = "https://news.wire.example/feed", "https://www.first.example/1"
	link := func(to string) string { return `<p>T</p><link rel="canonical" href="` + to + `">` }
	for _, test := range []struct {
		name string
		item news.Item
		want string
	}{
		{"none", news.Item{}, ""},
		{"the source", news.Item{SourceURL: feed}, "wire.example"},
		{"no address", news.Item{SourceURL: "not a URL at all"}, ""},
		{"the feed's canonical page", news.Item{Canonical: page}, "first.example"},
		{"the text's canonical page", news.Item{HTML: link(page)}, "first.example"},
		{"the feed before the text", news.Item{Canonical: page, HTML: link("https://other.example/1")}, "first.example"},
		{"the page before the source", news.Item{Canonical: page, SourceURL: feed}, "first.example"},
		{"its own page", news.Item{HTML: link("https://daily.example/1")}, ""},
		{"its own page, and a source", news.Item{Canonical: "https://daily.example/1", SourceURL: feed}, "wire.example"},
	} {
		test.item.GUID, test.item.Link, test.item.Title = "g", "https://daily.example/1", "T"
		if got := d.preparer.Prepare(news.Feed{}, test.item, d.clock).Article.Source; got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
