package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

func testPending(t *testing.T, w *world) {
	all := w.save(sample("1"), sample("2"), sample("3"))
	if !slices.IsSorted(all) {
		t.Errorf("ids %v do not follow arrival", all)
	}
	story := w.story(all[1])
	w.group(func(ctx context.Context, g *Grouping) error {
		waiting, err := g.Pending(ctx, 1)
		if err != nil {
			return err
		}
		want := sample("1")
		want.Article.ID, want.Article.Version = all[0], 1
		if diff := cmp.Diff([]Pending{{Article: want.Article, Sketch: want.Sketch, Prints: want.Prints, Waiting: true}}, waiting); diff != "" {
			t.Error(diff)
		}
		waiting, err = g.Pending(ctx, 10)
		if diff := cmp.Diff([]news.ArticleID{all[0], all[2]}, ids(waiting, func(p Pending) news.ArticleID { return p.Article.ID })); diff != "" {
			t.Error(diff)
		}
		if err != nil {
			return err
		}
		for _, test := range []struct {
			given []news.ArticleID
			only  bool
		}{{all[1:2], true}, {all, true}, {all[:1], false}, {nil, false}} {
			if only, err := g.Only(ctx, story, test.given); err != nil || only != test.only {
				t.Errorf("story %d has only %v: %v, %v", story, test.given, only, err)
			}
		}
		given, err := g.Articles(ctx, []news.ArticleID{all[2], 99, all[1]})
		if diff := cmp.Diff([]news.ArticleID{all[1], all[2]}, ids(given, func(p Pending) news.ArticleID { return p.Article.ID })); diff != "" {
			t.Error(diff)
		}
		return err
	})
	members, err := w.db.Members(t.Context(), 0, 10)
	w.ok(err)
	in := sample("2")
	if diff := cmp.Diff([]Member{{1, all[1], story, in.Article.Outlet, in.Article.Arrived, in.Sketch, in.Prints}}, members); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Counts{Articles: 3, Stories: 1, Ungrouped: 2, LastChange: 2}, w.counts()); diff != "" {
		t.Error(diff)
	}
}

func testGroupFails(t *testing.T, w *world) {
	id := w.save(sample("1"))[0]
	before := w.counts()
	stop := errors.New("stop")
	err := w.db.Group(t.Context(), func(ctx context.Context, g *Grouping) error {
		story, err := g.NewStory(ctx)
		w.ok(err)
		_, err = g.Place(ctx, id, story, news.Reason{Relation: news.Founder})
		w.ok(err)
		w.ok(g.Reclean(ctx, &news.Article{ID: id}, nil))
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("the failure comes back as %v", err)
	}
	if diff := cmp.Diff(before, w.counts()); diff != "" {
		t.Error(diff)
	}
	a, err := w.db.Article(t.Context(), id)
	w.ok(err)
	if a.Story != 0 || a.Text() == "" {
		t.Errorf("the article became %+v", a)
	}
}

// Nodes group at the same time while a reader follows: whatever it has seen, it
// must have missed nothing before that.
func testChangeOrder(t *testing.T, w *world) {
	const groupers, batches, size = 4, 6, 5
	var batch []Incoming
	for i := range groupers * batches * size {
		batch = append(batch, sample(fmt.Sprint(i)))
	}
	w.save(batch...)
	nodes := []*DB{w.db, w.open()}
	var all sync.WaitGroup
	for i := range groupers {
		all.Go(func() {
			for range batches {
				if err := groupSome(t.Context(), nodes[i%2], size); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	articles, stories := map[news.ArticleID]bool{}, map[news.StoryID]bool{}
	var member, story news.Change
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true // and read once more
		default:
		}
		members, err := w.db.Members(t.Context(), member, 7)
		w.ok(err)
		for _, m := range members {
			if m.Change <= member || articles[m.Article] {
				t.Errorf("change %d of article %d came after %d", m.Change, m.Article, member)
			}
			member, articles[m.Article] = m.Change, true
		}
		changes, err := w.db.Changes(t.Context(), story, 3)
		w.ok(err)
		for _, c := range changes {
			if c.Change <= story || stories[c.Story] {
				t.Errorf("change %d of story %d came after %d", c.Change, c.Story, story)
			}
			story, stories[c.Story] = c.Change, true
		}
		ended = ended && len(members) == 0 && len(changes) == 0
	}
	n := w.counts()
	if len(articles) != len(batch) || len(stories) != n.Stories || n.Stories != groupers*batches || n.Ungrouped != 0 {
		t.Errorf("the reader saw %d articles of %d, and %d stories; %+v", len(articles), len(batch), len(stories), n)
	}
	if want := news.Change(len(batch) + n.Stories); n.LastChange != want {
		t.Errorf("last change %d, want %d: a number was given twice or never", n.LastChange, want)
	}
}

// groupSome puts some waiting articles into a story of their own.
func groupSome(ctx context.Context, db *DB, n int) error {
	return db.Group(ctx, func(ctx context.Context, g *Grouping) error {
		waiting, err := g.Pending(ctx, n)
		if err != nil {
			return err
		}
		story, err := g.NewStory(ctx)
		for _, p := range waiting {
			if err == nil {
				_, err = g.Place(ctx, p.Article.ID, story, news.Reason{Relation: news.Founder})
			}
		}
		return err
	})
}

func testStoryRow(t *testing.T, w *world) {
	day := func(d int) time.Time { return time.Date(2026, 5, d, 0, 0, 0, 0, time.UTC) }
	all := w.save(
		sample("1", outlet("b.example"), inLanguage("id"), published(day(2)), arrived(day(3))),
		sample("2", outlet("a.example"), published(day(1)), arrived(day(5)), withTitle("Lead")),
		sample("3", outlet("a.example"), published(day(4)), arrived(day(4))))
	story := w.story(all...)
	got, err := w.db.Story(t.Context(), story)
	w.ok(err)
	want := news.Story{ID: story, Change: 4, Title: "Lead", Lead: all[1], Copies: 3, Texts: 1, Outlets: 2, Languages: []string{"en", "id"},
		FirstOutlet: "a.example", FirstPublished: day(1), FirstArrived: day(3), LastArrived: day(5)}
	if diff := cmp.Diff(want, got.Story); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]news.ArticleID{all[1], all[0], all[2]}, ids(got.Members, func(a news.Article) news.ArticleID { return a.ID })); diff != "" {
		t.Error(diff)
	}
	if m := got.Members[1]; m.Text() != "Of 1." || m.Story != story || m.Reason.Relation != news.Founder {
		t.Errorf("a member is %+v", m)
	}

	other := w.story(all[1]) // moves there
	left, err := w.db.Story(t.Context(), story)
	w.ok(err)
	if left.Copies != 2 || left.Lead != all[0] || left.Outlets != 2 || !left.LastArrived.Equal(day(4)) {
		t.Errorf("after its lead left: %+v", left.Story)
	}
	docs, err := w.db.Documents(t.Context(), []news.StoryID{other, 99, story})
	w.ok(err)
	if diff := cmp.Diff([]news.StoryID{other, story}, ids(docs, func(s StoryDetail) news.StoryID { return s.ID })); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"1 changed", "2 changed"}, w.changes(4)); diff != "" {
		t.Error(diff)
	}
}

func testLead(t *testing.T, w *world) {
	at := time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name  string
		batch []Incoming
		lead  int
		time  time.Time
	}{
		{"earliest publication", []Incoming{sample("a", arrived(at), published(at.Add(-time.Hour))), sample("b", arrived(at), published(at.Add(-2*time.Hour)))}, 1, at.Add(-2 * time.Hour)},
		{"not 1970", []Incoming{sample("c", arrived(at), published(at.Add(-time.Hour))), sample("d", arrived(at), published(time.Unix(0, 0)))}, 0, at.Add(-time.Hour)},
		{"not 1994", []Incoming{sample("e", arrived(at), published(time.Date(1994, 12, 31, 0, 0, 0, 0, time.UTC)))}, 0, at},
		{"not tomorrow", []Incoming{sample("f", arrived(at), published(at.Add(24*time.Hour))), sample("g", arrived(at.Add(time.Hour)), published(time.Time{}))}, 0, at},
		{"a little in the future", []Incoming{sample("h", arrived(at), published(at.Add(time.Minute)))}, 0, at.Add(time.Minute)},
		{"the first among equals", []Incoming{sample("i", arrived(at), published(at)), sample("j", arrived(at), published(at))}, 0, at},
	} {
		all := w.save(test.batch...)
		story := w.story(all[len(all)-1])
		w.group(func(ctx context.Context, g *Grouping) error {
			for _, id := range all[:len(all)-1] {
				if _, err := g.Place(ctx, id, story, news.Reason{Relation: news.Copy}); err != nil {
					return err
				}
			}
			return nil
		})
		got, err := w.db.Story(t.Context(), story)
		w.ok(err)
		if got.Lead != all[test.lead] || !got.FirstPublished.Equal(test.time) || got.Members[0].ID != got.Lead {
			t.Errorf("%s: lead is %d of %v at %v, want number %d at %v", test.name, got.Lead, all, got.FirstPublished, test.lead, test.time)
		}
	}
}

func testChangeBefore(t *testing.T, w *world) {
	day := sample("1").Article.Arrived
	var batch []Incoming
	for i := range 4 {
		in := sample(fmt.Sprint(i))
		in.Article.Arrived = day.AddDate(0, 0, i)
		batch = append(batch, in)
	}
	all := w.save(batch...)
	for _, id := range all {
		w.story(id)
	}
	w.story(all[0]) // an old article that moves does not matter to who needs late ones
	for days, want := range []int{4, 3, 2, 1, 0} {
		from, err := w.db.ChangeBefore(t.Context(), day.AddDate(0, 0, days))
		w.ok(err)
		members, err := w.db.Members(t.Context(), from, 10)
		w.ok(err)
		members = slices.DeleteFunc(members, func(m Member) bool { return m.Article == all[0] && days > 0 })
		if len(members) != want {
			t.Errorf("from day %d on there are %d members, want %d", days, len(members), want)
		}
	}
}

func testMerge(t *testing.T, w *world) {
	all := w.save(sample("1"), sample("2"), sample("3"), sample("4"))
	older, younger, youngest := w.story(all[0]), w.story(all[1], all[2]), w.story(all[3])
	before := w.counts()
	why := news.Reason{Relation: news.Translation, Of: all[0], Score: .7, Pivots: []string{"CN", "2022"}}
	var last news.Change
	w.group(func(ctx context.Context, g *Grouping) (err error) {
		last, err = g.Merge(ctx, younger, older, why)
		return err
	})
	moved, err := w.db.Members(t.Context(), before.LastChange, 10)
	w.ok(err)
	if diff := cmp.Diff([]news.ArticleID{all[1], all[2]}, ids(moved, func(m Member) news.ArticleID { return m.Article })); diff != "" {
		t.Error(diff)
	}
	if moved[1].Change != last || moved[0].Story != older {
		t.Errorf("moved %+v, and the last change is %d", moved, last)
	}
	if diff := cmp.Diff([]string{"1 changed", "2 is in 1"}, w.changes(before.LastChange)); diff != "" {
		t.Error(diff)
	}
	got, err := w.db.Story(t.Context(), younger)
	w.ok(err)
	if got.ID != older || got.Copies != 3 {
		t.Errorf("the merged story gives %+v", got.Story)
	}
	reasons := map[news.ArticleID]news.Reason{}
	for _, m := range got.Members {
		reasons[m.ID] = m.Reason
	}
	want := map[news.ArticleID]news.Reason{all[0]: {Relation: news.Founder}, all[1]: why, all[2]: {Relation: news.Copy, Of: all[1], Containment: 1}}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Error(diff)
	}

	// The article that proves two stories one is placed first, and was matched
	// with a member of the story that goes.
	bridge := w.save(sample("5"))[0]
	w.group(func(ctx context.Context, g *Grouping) error {
		if _, err := g.Place(ctx, bridge, older, news.Reason{Relation: news.Copy, Of: all[0]}); err != nil {
			return err
		}
		_, err := g.Merge(ctx, youngest, older, news.Reason{Relation: news.Copy, Of: all[3]})
		return err
	})
	a, err := w.db.Article(t.Context(), all[3])
	w.ok(err)
	if a.Reason.Of != bridge || a.Story != older {
		t.Errorf("the founder that was merged in: %+v in story %d", a.Reason, a.Story)
	}
	if n := w.counts(); n.Stories != 1 {
		t.Errorf("%d stories, want 1", n.Stories)
	}
	for _, from := range []news.StoryID{older, 99} {
		err := w.db.Group(t.Context(), func(ctx context.Context, g *Grouping) error {
			_, err := g.Merge(ctx, from, from, why)
			return err
		})
		if !errors.Is(err, news.ErrInvalid) {
			t.Errorf("merge of %d into itself: %v", from, err)
		}
	}
	// A chain of merges leads to its end.
	next := w.story(w.save(sample("6"))[0])
	w.group(func(ctx context.Context, g *Grouping) error {
		_, err := g.Merge(ctx, older, next, why)
		return err
	})
	if got, err := w.db.Story(t.Context(), younger); err != nil || got.ID != next || got.Copies != 6 {
		t.Errorf("the chain ends in %+v, %v", got, err)
	}
}

func testEmptied(t *testing.T, w *world) {
	id := w.save(sample("1"))[0]
	first := w.story(id)
	before := w.counts().LastChange
	w.story(id) // takes the only member away
	if diff := cmp.Diff([]string{"1 is gone", "2 changed"}, w.changes(before)); diff != "" {
		t.Error(diff)
	}
	if _, err := w.db.Story(t.Context(), first); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("the emptied story: %v", err)
	}
	if all, err := w.db.StoriesByID(t.Context(), []news.StoryID{2, 1}); err != nil || len(all) != 1 {
		t.Errorf("stories by id: %v, %v", all, err)
	}
	w.group(func(ctx context.Context, g *Grouping) error {
		if _, err := g.Merge(ctx, 2, 1, news.Reason{Relation: news.Placed}); err != nil {
			return err
		}
		_, err := g.Place(ctx, id, first, news.Reason{Relation: news.Placed})
		return err
	})
	if diff := cmp.Diff([]string{"1 changed", "2 is in 1"}, w.changes(before)); diff != "" {
		t.Error(diff)
	}
	if n := w.counts(); n.Stories != 1 {
		t.Errorf("%d stories, want 1", n.Stories)
	}
}

func testReclean(t *testing.T, w *world) {
	id := w.save(sample("1"))[0]
	story := w.story(id)
	blocks := []news.Block{{Text: "Kept."}, {Text: "Subscribe!", Strip: &news.Strip{Evidence: news.ByTemplate, Rule: "template"}}}
	anew := &news.Article{ID: id, Blocks: blocks, Agency: "AP", Dateline: "LONDON", Author: "A. Writer"}
	w.group(func(ctx context.Context, g *Grouping) error { return g.Reclean(ctx, anew, []byte("anew")) })
	w.group(func(ctx context.Context, g *Grouping) error {
		waiting, err := g.Pending(ctx, 10)
		if err != nil {
			return err
		}
		if len(waiting) != 1 || waiting[0].Article.Story != story || string(waiting[0].Sketch) != "anew" {
			t.Fatalf("waiting: %+v", waiting)
		}
		if diff := cmp.Diff(blocks, waiting[0].Article.Blocks); diff != "" {
			t.Error(diff)
		}
		if a := waiting[0].Article; a.Agency != "AP" || a.Dateline != "LONDON" || a.Author != "A. Writer" {
			t.Errorf("credits became %q, %q, %q", a.Agency, a.Dateline, a.Author)
		}
		_, err = g.Place(ctx, id, story, waiting[0].Article.Reason)
		return err
	})
	if n := w.counts(); n.Ungrouped != 0 || n.Stories != 1 {
		t.Errorf("counts %+v", n)
	}
}

func testTemplates(t *testing.T, w *world) {
	at := w.now()
	one := Template{Outlet: "a.example", Print: 1<<63 + 5, Count: 3, First: at, Last: at.Add(time.Hour), Sample: "Subscribe!", State: "learned"}
	two := Template{Outlet: "a.example", Print: 7, Count: 3, First: at, Last: at, Sample: "No", State: "vetoed"}
	save := func(all ...Template) {
		w.group(func(ctx context.Context, g *Grouping) error { return g.SaveTemplates(ctx, all) })
	}
	save(one, two)
	one.Count, one.Sample = 4, ""
	two.Count, two.State = 9, "learned"
	save(one, two)
	one.Sample, two.State = "Subscribe!", "vetoed"
	got, err := w.db.Templates(t.Context())
	w.ok(err)
	slices.SortFunc(got, func(a, b Template) int { return b.Count - a.Count })
	if diff := cmp.Diff([]Template{two, one}, got); diff != "" {
		t.Error(diff)
	}
}

// Templates of outlets in general are read again by every node, and judging one
// concerns the articles of all.
func testGeneralTemplates(t *testing.T, w *world) {
	const print = 1<<63 + 5
	carries := func(prints ...uint64) func(*Incoming) { return func(in *Incoming) { in.Prints = prints } }
	now := w.now()
	w.story(w.save(
		sample("1", outlet("a.example"), arrived(now), carries(3, print)),
		sample("2", outlet("b.example"), arrived(now), carries(print)),
		sample("3", outlet("c.example"), arrived(now), carries(3)))...)
	var before, after int64
	var waiting int
	w.group(func(ctx context.Context, g *Grouping) (err error) {
		if before, err = g.Judged(ctx); err != nil {
			return err
		}
		if err = g.SaveTemplates(ctx, []Template{{Outlet: "a.example", Print: 3, Count: 3, State: learnedState}}); err != nil {
			return err
		}
		if err = g.SaveTemplates(ctx, []Template{{Outlet: news.AnyOutlet, Print: print, Count: 3, State: learnedState}}); err != nil {
			return err
		}
		if after, err = g.Judged(ctx); err != nil {
			return err
		}
		waiting, err = g.Judge(ctx, Template{Outlet: news.AnyOutlet, Print: print, State: "vetoed"}, now.AddDate(0, 0, -14))
		return err
	})
	if after != before+1 {
		t.Errorf("the counter went from %d to %d, want one more for the template of all", before, after)
	}
	if waiting != 2 {
		t.Errorf("%d articles wait, want the two that carry it", waiting)
	}
}

func testJudge(t *testing.T, w *world) {
	const print = 1<<63 + 5
	carries := func(prints ...uint64) func(*Incoming) { return func(in *Incoming) { in.Prints = prints } }
	now := w.now()
	ids := w.save(
		sample("1", outlet("a.example"), arrived(now), carries(3, print)),
		sample("2", outlet("a.example"), arrived(now), carries(3)),
		sample("3", outlet("b.example"), arrived(now), carries(print)),
		sample("4", outlet("a.example"), arrived(now.AddDate(0, -1, 0)), carries(print)))
	w.story(ids...)
	judge := func(state string) (n int, judged int64, err error) {
		err = w.db.Group(t.Context(), func(ctx context.Context, g *Grouping) error {
			if n, err = g.Judge(ctx, Template{Outlet: "a.example", Print: print, Sample: "Hello", State: state}, now.AddDate(0, 0, -14)); err != nil {
				return err
			}
			judged, err = g.Judged(ctx)
			return err
		})
		return n, judged, err
	}
	want := func(states ...string) {
		t.Helper()
		all, err := w.db.Templates(t.Context())
		w.ok(err)
		var got []string
		for _, row := range all {
			got = append(got, row.State+" "+row.Sample)
		}
		if diff := cmp.Diff(states, got); diff != "" {
			t.Error(diff)
		}
	}
	n, judged, err := judge("pinned")
	w.ok(err)
	if n != 1 || judged != 1 {
		t.Errorf("%d articles wait and %d judgements are counted, want 1 and 1", n, judged)
	}
	want("pinned Hello")
	w.group(func(ctx context.Context, g *Grouping) error {
		waiting, err := g.Pending(ctx, 10)
		if err == nil && (len(waiting) != 1 || waiting[0].Article.ID != ids[0]) {
			t.Errorf("what waits is %v, want article %d", waiting, ids[0])
		}
		return err
	})
	_, _, err = judge("")
	w.ok(err)
	want()
	if _, _, err = judge(""); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("forgetting what nobody said ends with %v, want not found", err)
	}
	learned := Template{Outlet: "a.example", Print: print, Count: 3, First: now, Last: now, Sample: "Hi", State: "learned"}
	w.group(func(ctx context.Context, g *Grouping) error { return g.SaveTemplates(ctx, []Template{learned}) })
	_, _, err = judge("vetoed")
	w.ok(err)
	want("vetoed Hi")
	_, judged, err = judge("")
	w.ok(err)
	want("learned Hi")
	if judged != 4 {
		t.Errorf("%d judgements are counted, want 4", judged)
	}
}

func testEarliest(t *testing.T, w *world) {
	day := func(d int) func(*Incoming) { return published(time.Date(2026, 4, d, 0, 0, 0, 0, time.UTC)) }
	ids := w.save(sample("1", day(4)), sample("2", day(2), inLanguage("id")), sample("3", day(3)), sample("4", day(1)))
	w.story(ids...)
	for language, want := range map[string][]news.ArticleID{"": {ids[1], ids[3]}, "id": {ids[1]}, "fr": nil} {
		w.group(func(ctx context.Context, g *Grouping) error {
			var got []news.ArticleID
			all, err := g.Earliest(ctx, 1, language, 2)
			for _, p := range all {
				got = append(got, p.Article.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("in %q: %s", language, diff)
			}
			return err
		})
	}
}

func testStories(t *testing.T, w *world) {
	day := func(d int) time.Time { return time.Date(2026, 5, d, 0, 0, 0, 0, time.UTC) }
	one := w.save(sample("1", arrived(day(9)), published(day(1))))
	two := w.save(sample("2", arrived(day(8)), published(day(7)), outlet("a.example")), sample("3", arrived(day(10)), published(day(8)), outlet("b.example")))
	three := w.save(sample("4", arrived(day(7)), published(day(7)), inLanguage("id")), sample("5", arrived(day(7)), published(day(7))))
	for _, members := range [][]news.ArticleID{one, two, three} {
		w.story(members...)
	}
	gone := w.save(sample("6", arrived(day(9))))
	w.story(gone...) // number 4
	w.group(func(ctx context.Context, g *Grouping) error {
		_, err := g.Merge(ctx, 4, 1, news.Reason{Relation: news.Translation, Of: one[0]}) // makes it two texts
		return err
	})
	for _, test := range []struct {
		name   string
		filter Filter
		want   []news.StoryID
	}{
		{"all, newest first", Filter{}, []news.StoryID{1, 2, 3}},
		{"by publication", Filter{ByPublished: true}, []news.StoryID{3, 2, 1}},
		{"by rank", Filter{Order: ByRank}, []news.StoryID{2, 1, 3}},
		{"the first", Filter{Order: ByTime, Limit: 1}, []news.StoryID{1}},
		{"since counts", Filter{Since: day(8)}, []news.StoryID{1, 2}},
		{"until does not", Filter{Until: day(8)}, []news.StoryID{3}},
		{"published in", Filter{Since: day(1), Until: day(7), ByPublished: true}, []news.StoryID{1}},
		{"by outlet", Filter{Outlet: "b.example"}, []news.StoryID{2}},
		{"by language", Filter{Language: "id"}, []news.StoryID{3}},
		{"by both", Filter{Language: "id", Outlet: "b.example"}, nil},
	} {
		got, err := w.db.Stories(t.Context(), test.filter)
		w.ok(err)
		if diff := cmp.Diff(test.want, ids(got, func(s news.Story) news.StoryID { return s.ID })); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
	byID, err := w.db.StoriesByID(t.Context(), []news.StoryID{3, 4, 1})
	w.ok(err)
	if diff := cmp.Diff([]news.StoryID{3, 1}, ids(byID, func(s news.Story) news.StoryID { return s.ID })); diff != "" {
		t.Error(diff)
	}
}

func testPrune(t *testing.T, w *world) {
	day := func(d int) time.Time { return time.Date(2026, 5, d, 0, 0, 0, 0, time.UTC) }
	f := w.feed("a")
	all := w.save(sample("1", arrived(day(1)), ofFeed(f.ID)), sample("2", arrived(day(2))), sample("3", arrived(day(1))), sample("4", arrived(day(9))), sample("5", arrived(day(1))))
	w.story(all[0], all[1])
	grown := w.story(all[2], all[3])
	w.ok(w.db.write(t.Context(), "count", func(c *conn) error {
		_, err := c.exec(t.Context(), "UPDATE feeds SET articles = 1 WHERE id = ?", f.ID)
		return err
	}))
	before := w.counts().LastChange
	n, err := w.db.Prune(t.Context(), day(5))
	w.ok(err)
	if n != 2 {
		t.Errorf("%d articles were removed, want 2", n)
	}
	if diff := cmp.Diff([]string{"1 is gone"}, w.changes(before)); diff != "" {
		t.Error(diff)
	}
	members, err := w.db.Members(t.Context(), before, 10)
	w.ok(err)
	want := []Member{{Change: before + 1, Article: all[0], Prints: []uint64{}}, {Change: before + 2, Article: all[1], Prints: []uint64{}}}
	if diff := cmp.Diff(want, members); diff != "" {
		t.Error(diff)
	}
	got := w.counts()
	if got.Articles != 3 || got.Stories != 1 || got.Ungrouped != 1 {
		t.Errorf("left: %+v", got)
	}
	if _, err := w.db.Item(t.Context(), all[0]); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("a removed article's item: %v", err)
	}
	if s, err := w.db.Story(t.Context(), grown); err != nil || s.Copies != 2 {
		t.Errorf("a story that grew since: %+v, %v", s, err)
	}
	if left, err := w.db.Feed(t.Context(), f.ID); err != nil || left.Articles != 0 {
		t.Errorf("the feed counts %d, %v", left.Articles, err)
	}
	if n, err := w.db.Prune(t.Context(), day(5)); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
}
