package store

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

func testRelated(t *testing.T, w *world) {
	ids := w.save(sample("1"), sample("2"), sample("3"), sample("4"), sample("5"))
	var s [5]news.StoryID
	for i, id := range ids {
		s[i] = w.story(id)
	}
	why := news.Kinship{Shared: []string{"Ann", "Lima \xff", "16–19"}, Days: 2, Words: 1}
	relate := func(story news.StoryID, kin ...Kin) {
		t.Helper()
		w.group(func(ctx context.Context, g *Grouping) error { return g.Relate(ctx, story, kin) })
	}
	read := func(limit int, of ...news.StoryID) map[news.StoryID][]news.StoryID {
		t.Helper()
		all, err := w.db.Related(t.Context(), of, limit)
		w.ok(err)
		got := map[news.StoryID][]news.StoryID{}
		for id, some := range all {
			got[id] = storyIDs(some)
		}
		return got
	}
	check := func(what string, want, got map[news.StoryID][]news.StoryID) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	type m = map[news.StoryID][]news.StoryID
	relate(s[1], Kin{s[0], .5, why})
	relate(s[2], Kin{s[0], .9, why}, Kin{s[1], .4, why})
	relate(s[0], Kin{s[1], .5, why}, Kin{s[2], .9, why}) // both found one another
	check("from either side", m{s[0]: {s[2], s[1]}, s[1]: {s[0], s[2]}}, read(5, s[0], s[1], s[4]))
	check("the likest", m{s[0]: {s[2]}}, read(1, s[0]))
	all, err := w.db.Related(t.Context(), []news.StoryID{s[0]}, 1)
	w.ok(err)
	got := all[s[0]][0]
	why.Shared[1] = "Lima \uFFFD"
	if diff := cmp.Diff(why, got.Why); diff != "" || got.Score != .9 || got.Story.Title != "On 3" {
		t.Errorf("%+v %s", got, diff)
	}

	w.group(func(ctx context.Context, g *Grouping) error {
		_, err := g.Merge(ctx, s[2], s[3], news.Reason{Relation: news.Copy, Of: ids[3]})
		return err
	})
	check("merged away on the other side", m{s[0]: {s[3], s[1]}}, read(5, s[0]))
	check("merged into this one", m{s[3]: {s[0], s[1]}}, read(5, s[3]))
	w.group(func(ctx context.Context, g *Grouping) error {
		_, err := g.Merge(ctx, s[3], s[0], news.Reason{Relation: news.Copy, Of: ids[0]})
		return err
	})
	check("never to itself", m{s[0]: {s[1]}}, read(5, s[0]))
	check("after two merges", m{s[1]: {s[0]}}, read(5, s[1]))
	w.group(func(ctx context.Context, g *Grouping) error { return g.Unrelate(ctx, s[1]) })
	check("not any more", m{}, read(5, s[1]))
	relate(s[4], Kin{s[1], .3, why})
	w.wait(1000 * time.Hour)
	_, err = w.db.Prune(t.Context(), w.now())
	w.ok(err)
	check("pruned", m{}, read(5, s[:]...))
}

func storyIDs(all []Related) (ids []news.StoryID) {
	for _, r := range all {
		ids = append(ids, r.Story.ID)
	}
	return ids
}
