package store

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

var byCLI = By{Who: "cli", Note: "seen"}

// place puts one article somewhere, as the machine does.
func (w *world) place(id news.ArticleID, story news.StoryID, r news.Reason) {
	w.t.Helper()
	w.group(func(ctx context.Context, g *Grouping) error {
		_, err := g.Place(ctx, id, story, r)
		return err
	})
}

// machineMerges merges stories, as the machine does.
func (w *world) machineMerges(from, into news.StoryID) {
	w.t.Helper()
	w.group(func(ctx context.Context, g *Grouping) error {
		_, err := g.Merge(ctx, from, into, news.Reason{Relation: news.Copy})
		return err
	})
}

// decided is what was decided about each article.
func (w *world) decided(all ...news.ArticleID) (ds []Decision) {
	w.t.Helper()
	w.group(func(ctx context.Context, g *Grouping) error {
		for _, id := range all {
			d, err := g.Decision(ctx, id)
			if err != nil {
				return err
			}
			ds = append(ds, d)
		}
		return nil
	})
	return ds
}

func (w *world) apart(a, b news.StoryID) (apart bool) {
	w.t.Helper()
	w.group(func(ctx context.Context, g *Grouping) (err error) {
		apart, err = g.Apart(ctx, a, b)
		return err
	})
	return apart
}

func (w *world) detail(id news.StoryID) *StoryDetail {
	w.t.Helper()
	s, err := w.db.Story(w.t.Context(), id)
	w.ok(err)
	return s
}

func (w *world) membersOf(id news.StoryID) []news.ArticleID {
	w.t.Helper()
	all := ids(w.detail(id).Members, func(a news.Article) news.ArticleID { return a.ID })
	slices.Sort(all)
	return all
}

func testTexts(t *testing.T, w *world) {
	all := w.save(sample("1"), sample("2"), sample("3"), sample("4"), sample("5"), sample("6"))
	story := w.story(all[0])
	for _, step := range []struct {
		reason news.Reason
		texts  int
	}{
		{news.Reason{Relation: news.Excerpt, Of: all[0]}, 1},
		{news.Reason{Relation: news.Translation, Of: all[0]}, 2},
		{news.Reason{Relation: news.Edited, Of: all[2]}, 2},
		{news.Reason{Relation: news.Placed}, 3},
		{news.Reason{Relation: news.Version, Of: all[4]}, 3},
	} {
		s := w.detail(story)
		w.place(all[s.Copies], story, step.reason)
		if s = w.detail(story); s.Texts != step.texts {
			t.Errorf("with one more, %s: %d texts, want %d", step.reason.Relation, s.Texts, step.texts)
		}
	}
	// Grouped again, the founder is matched with its own copy: a circle.
	w.place(all[0], story, news.Reason{Relation: news.Extended, Of: all[1]})
	if s := w.detail(story); s.Texts != 3 {
		t.Errorf("in a circle: %d texts, want 3", s.Texts)
	}
	// Two copies of an article that is elsewhere now still share its wording.
	other := w.save(sample("7"), sample("8"), sample("9"))
	left := w.story(other...)
	w.story(other[0])
	if s := w.detail(left); s.Copies != 2 || s.Texts != 1 {
		t.Errorf("without the one they copied: %d copies, %d texts", s.Copies, s.Texts)
	}
}

func testLeadOfMinute(t *testing.T, w *world) {
	at := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	in := func(guid, name, source, agency string, after time.Duration) Incoming {
		return sample(guid, outlet(name), published(at.Add(after)), func(in *Incoming) { in.Article.Source, in.Article.Agency = source, agency })
	}
	for _, test := range []struct {
		name  string
		batch []Incoming
		want  int
	}{
		{"the first", []Incoming{in("a", "a.example", "", "", 0), in("b", "b.example", "", "", time.Second)}, 0},
		{"the named source", []Incoming{in("c", "a.example", "", "", 0), in("d", "b.example", "", "", 59*time.Second), in("e", "c.example", "b.example", "", time.Hour)}, 1},
		{"a source too late", []Incoming{in("f", "a.example", "", "", 0), in("g", "b.example", "", "", time.Minute), in("h", "c.example", "b.example", "", time.Hour)}, 0},
		{"one that names itself", []Incoming{in("i", "a.example", "", "", 0), in("j", "b.example", "b.example", "", time.Second)}, 0},
		{"the agency's own", []Incoming{in("k", "a.example", "", "Antara", 0), in("l", "antaranews.example", "", "", time.Second)}, 1},
		{"the agency's own, hours later, where the first credits it", []Incoming{in("o", "a.example", "", "AP", 0), in("p", "apnews.com", "", "", 3*time.Hour)}, 1},
		{"not the agency's own, where the first credits nobody", []Incoming{in("q", "a.example", "", "", 0), in("r", "b.example", "", "AP", time.Hour), in("s", "apnews.com", "", "AP", 3*time.Hour)}, 0},
		{"the source of the first", []Incoming{in("t", "a.example", "b.example", "", 0), in("u", "b.example", "", "", 5*time.Hour)}, 1},
		{"a source that is not there", []Incoming{in("v", "a.example", "b.example", "", 0), in("w", "c.example", "", "", time.Hour)}, 0},
		{"in the same minute, one that names no source", []Incoming{in("x", "a.example", "b.example", "", 0), in("y", "c.example", "", "", time.Second)}, 1},
		{"they name one another", []Incoming{in("z", "a.example", "b.example", "", 0), in("1", "b.example", "a.example", "", time.Hour)}, 0},
		{"the deep past is not believed", []Incoming{in("2", "a.example", "", "", -40*24*time.Hour), in("3", "b.example", "", "", 0)}, 1},
		{"unless the story is as old", []Incoming{in("4", "a.example", "", "", -40*24*time.Hour), in("5", "b.example", "", "", -29*24*time.Hour)}, 0},
		{"or all of it is", []Incoming{in("6", "a.example", "", "", -400*24*time.Hour), in("7", "b.example", "", "", -40*24*time.Hour)}, 0},
		{"or the others are from there", []Incoming{in("8", "a.example", "", "", -40*24*time.Hour), in("9", "b.example", "a.example", "", 0)}, 0},
		{"no agency is credited", []Incoming{in("m", "a.example", "", "", 0), in("n", "news.example", "", "", time.Second)}, 0},
	} {
		all := w.save(test.batch...)
		s := w.detail(w.story(all...))
		if s.Lead != all[test.want] || s.Members[0].ID != s.Lead || s.Title != s.Members[0].Title || s.FirstOutlet != s.Members[0].Outlet {
			t.Errorf("%s: the lead is %d of %v, want number %d; the members begin with %d", test.name, s.Lead, all, test.want, s.Members[0].ID)
		}
	}
}

func testPersonMerges(t *testing.T, w *world) {
	all := w.save(sample("1"), sample("2"), sample("3"), sample("4"))
	one, two, three := w.story(all[0]), w.story(all[1], all[2]), w.story(all[3])
	before := w.counts().LastChange
	got, err := w.db.MergeStories(t.Context(), byCLI, two, one)
	w.ok(err)
	if diff := cmp.Diff(all[:3], w.membersOf(one)); got != two || diff != "" {
		t.Errorf("merged into %d: %s", got, diff)
	}
	if diff := cmp.Diff([]string{"1 is in 2", "2 changed"}, w.changes(before)); diff != "" {
		t.Error(diff)
	}
	members, err := w.db.Members(t.Context(), before, 10)
	w.ok(err)
	if len(members) != 1 || members[0].Article != all[0] || members[0].Story != two {
		t.Errorf("memberships that changed: %+v", members)
	}
	if diff := cmp.Diff(all[:3], w.detail(two).Pinned); diff != "" {
		t.Error(diff)
	}
	// The machine merges on; what was decided goes along.
	w.machineMerges(two, three)
	stay := Decision{Stay: three}
	if diff := cmp.Diff([]Decision{stay, stay, stay, {}}, w.decided(all...)); diff != "" {
		t.Error(diff)
	}
	if _, err := w.db.MergeStories(t.Context(), byCLI, one, two); err != nil {
		t.Errorf("merged already: %v", err)
	}
	if diff := cmp.Diff([]Decision{stay}, w.decided(all[3])); diff != "" {
		t.Error(diff)
	}
}

func testPersonSplits(t *testing.T, w *world) {
	all := w.save(sample("1"), sample("2"), sample("3"), sample("4"), sample("5"))
	story, other := w.story(all[:4]...), w.story(all[4])
	split, err := w.db.SplitStory(t.Context(), byCLI, story, all[2], all[0])
	w.ok(err)
	if diff := cmp.Diff([][]news.ArticleID{{all[1], all[3]}, {all[0], all[2]}}, [][]news.ArticleID{w.membersOf(story), w.membersOf(split)}); diff != "" {
		t.Error(diff)
	}
	reasons := ids(w.detail(split).Members, func(a news.Article) news.Relation { return a.Reason.Relation })
	if diff := cmp.Diff([]news.Relation{news.Placed, news.Copy}, reasons); diff != "" {
		t.Error(diff)
	}
	stay, barred := Decision{Stay: split}, Decision{Barred: []news.StoryID{split}}
	if diff := cmp.Diff([]Decision{stay, barred, stay, barred}, w.decided(all[:4]...)); diff != "" {
		t.Error(diff)
	}
	if !w.apart(story, split) || !w.apart(split, story) || w.apart(story, other) || w.apart(other, split) {
		t.Error("the wrong stories are kept apart")
	}
	// Merges on either side change nothing in that, nor does leaving for a third.
	w.machineMerges(split, other)
	if !w.apart(story, other) {
		t.Error("what was split off may come back after a merge")
	}
	third := w.story(all[1])
	if !w.apart(third, other) || !w.apart(story, other) {
		t.Error("what was left behind may follow by a detour")
	}
	// Nor does cleaning everything again.
	in := sample("2")
	w.ok(w.db.ReplaceCleaned(t.Context(), []Recleaned{{all[1], in}}))
	w.group(func(ctx context.Context, g *Grouping) error {
		waiting, err := g.Pending(ctx, 10)
		if len(waiting) != 1 || !waiting[0].Decided {
			t.Errorf("waiting: %+v", waiting)
		}
		return err
	})
	if !w.apart(third, other) {
		t.Error("cleaned again, they are free")
	}
	// The person thinks better of it.
	_, err = w.db.MergeStories(t.Context(), byCLI, story, split, third)
	w.ok(err)
	stay = Decision{Stay: story}
	if diff := cmp.Diff([]Decision{stay, stay, stay, stay, stay}, w.decided(all...)); diff != "" {
		t.Error(diff)
	}
}

func testPersonPins(t *testing.T, w *world) {
	all := w.save(sample("1"), sample("2"), sample("3"), sample("4"))
	story, other := w.story(all[0], all[1]), w.story(all[2])
	before := w.counts().LastChange
	got, err := w.db.PinArticles(t.Context(), byCLI, story, all[1])
	w.ok(err)
	if n := w.counts(); got != story || n.LastChange != before {
		t.Errorf("where it is already, pinning to %d changed memberships", got)
	}
	_, err = w.db.PinArticles(t.Context(), byCLI, story, all[2], all[3])
	w.ok(err)
	if diff := cmp.Diff(all, w.membersOf(story)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(all, w.detail(story).Pinned); diff != "" {
		t.Error(diff)
	}
	if _, err := w.db.Story(t.Context(), other); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("the emptied story: %v", err)
	}
	n, err := w.db.UnpinArticles(t.Context(), byCLI, story, all[0], all[1])
	w.ok(err)
	if waiting := w.counts().Ungrouped; n != 2 || waiting != 2 {
		t.Errorf("%d unpinned, %d waiting", n, waiting)
	}
	if diff := cmp.Diff([]Decision{{}, {}, {Stay: story}}, w.decided(all[:3]...)); diff != "" {
		t.Error(diff)
	}
	split, err := w.db.SplitStory(t.Context(), byCLI, story, all[0])
	w.ok(err)
	n, err = w.db.UnpinArticles(t.Context(), byCLI, split)
	w.ok(err)
	if n != 4 || w.apart(story, split) {
		t.Errorf("%d freed; apart is %v", n, w.apart(story, split))
	}
	if diff := cmp.Diff([]Decision{{}, {}, {Stay: story}, {Stay: story}}, w.decided(all...)); diff != "" {
		t.Error(diff)
	}
	w.ok(w.db.write(t.Context(), "remove an article", func(c *conn) error {
		_, err := c.exec(t.Context(), "DELETE FROM articles WHERE id = ?", all[2])
		return err
	}))
	if diff := cmp.Diff([]Decision{{}}, w.decided(all[2])); diff != "" {
		t.Errorf("a removed article's decision: %s", diff)
	}
}

func testPersonMistaken(t *testing.T, w *world) {
	all := w.save(sample("1"), sample("2"), sample("3"))
	story := w.story(all[0], all[1])
	w.story(all[2])
	ctx := t.Context()
	for _, test := range []struct {
		name string
		do   func() error
		want error
	}{
		{"split what is elsewhere", func() error { _, err := w.db.SplitStory(ctx, byCLI, story, all[2]); return err }, news.ErrInvalid},
		{"split everything", func() error { _, err := w.db.SplitStory(ctx, byCLI, story, all[0], all[1]); return err }, news.ErrInvalid},
		{"split what is not there", func() error { _, err := w.db.SplitStory(ctx, byCLI, story, 99); return err }, news.ErrNotFound},
		{"split no story", func() error { _, err := w.db.SplitStory(ctx, byCLI, 99, all[0]); return err }, news.ErrNotFound},
		{"merge with itself", func() error { _, err := w.db.MergeStories(ctx, byCLI, story, story); return err }, news.ErrInvalid},
		{"merge no story", func() error { _, err := w.db.MergeStories(ctx, byCLI, story, 99); return err }, news.ErrNotFound},
		{"pin what is not there", func() error { _, err := w.db.PinArticles(ctx, byCLI, story, all[2], 99); return err }, news.ErrNotFound},
		{"unpin what is elsewhere", func() error { _, err := w.db.UnpinArticles(ctx, byCLI, story, all[2]); return err }, news.ErrInvalid},
	} {
		if err := test.do(); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if diff := cmp.Diff([]Decision{{}, {}, {}}, w.decided(all...)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(all[:2], w.membersOf(story)); diff != "" {
		t.Error(diff)
	}
}

func testHistory(t *testing.T, w *world) {
	all := w.save(sample("1"), sample("2"), sample("3"), sample("4"))
	one, two, three := w.story(all[0], all[1]), w.story(all[2]), w.story(all[3])
	told := func(story news.StoryID) (lines []string) {
		found, err := w.db.History(t.Context(), story)
		w.ok(err)
		for _, a := range found {
			if !a.At.Equal(w.now()) {
				t.Errorf("%s: at %v", a, a.At)
			}
			lines = append(lines, a.Who+" "+a.String())
		}
		return lines
	}
	if lines := told(one); lines != nil {
		t.Errorf("of its founding a story tells %q", lines)
	}
	w.place(all[1], two, news.Reason{Relation: news.Copy, Of: all[2], Containment: 1, Jaccard: 1, Shared: 5})
	w.place(all[1], two, news.Reason{Relation: news.Founder}) // no move
	w.machineMerges(two, one)
	split, err := w.db.SplitStory(t.Context(), byCLI, two, all[1])
	w.ok(err)
	_, err = w.db.PinArticles(t.Context(), By{Who: "cli"}, one, all[0], all[1])
	w.ok(err)
	_, err = w.db.MergeStories(t.Context(), byCLI, one, three)
	w.ok(err)
	_, err = w.db.UnpinArticles(t.Context(), By{Who: "cli"}, one, all[0])
	w.ok(err)
	want := []string{
		"machine moved article 2 from story 1 into 2: copy of article 3: containment 1.00, Jaccard 1.00, 5 shared shingles",
		"machine merged story 2 into 1: copy of article 0: the same headline, and no text to compare",
		"cli split article 2 off story 1, into 4: seen",
		"cli pinned article 1 to story 1",
		"cli pinned article 2 to story 1, from 4",
		"cli merged story 3 into 1: seen",
		"cli unpinned article 1, story 1",
	}
	if diff := cmp.Diff(want, told(one)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[2:3], told(split)[:1]); diff != "" {
		t.Error(diff)
	}
	if _, err := w.db.Prune(t.Context(), w.now().Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if lines := told(one); lines != nil {
		t.Errorf("pruned, it tells %q", lines)
	}
}
