package pipeline_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// desk is a store with everything that works on it.
type desk struct {
	t        *testing.T
	db       *store.DB
	preparer *pipeline.Preparer
	clock    time.Time
	path     string // of the store
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, clock: time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC)}
	d.path = filepath.Join(t.TempDir(), "kliping.db")
	var err error
	if d.db, err = store.Open(t.Context(), store.Options{Path: d.path, Now: d.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.db.Close() })
	if d.preparer, err = pipeline.NewPreparer(); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) now() time.Time { return d.clock }

func (d *desk) grouper() *pipeline.Grouper {
	return pipeline.NewGrouper(d.db, d.preparer, pipeline.GroupOptions{Batch: 7, Now: d.now})
}

// publish saves one article of an outlet, made of paragraphs.
func (d *desk) publish(outlet, title string, paragraphs ...string) news.ArticleID {
	d.t.Helper()
	d.clock = d.clock.Add(time.Minute)
	link := fmt.Sprintf("https://%s/%d", outlet, d.clock.Unix())
	item := news.Item{GUID: link, Link: link, Title: title, HTML: "<p>" + strings.Join(paragraphs, "</p><p>") + "</p>", Published: d.clock}
	saved, err := d.db.SaveArticles(d.t.Context(), []store.Incoming{d.preparer.Prepare(news.Feed{}, item, d.clock)})
	if err != nil {
		d.t.Fatal(err)
	}
	return saved.IDs[0]
}

func (d *desk) groupAll(g *pipeline.Grouper) {
	d.t.Helper()
	if err := g.GroupAll(d.t.Context(), nil); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) article(id news.ArticleID) *news.Article {
	d.t.Helper()
	a, err := d.db.Article(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return a
}

// vocabulary is what test texts are made of.
var vocabulary = strings.Fields(`harbour council ferry minister river bridge market school winter budget engineer
storm island railway hospital orchard museum festival election fishermen copper drought valley airport
library tunnel stadium vineyard lighthouse quarry reservoir bakery cathedral glacier monastery canal`)

// paragraph is prose of no meaning, another for each seed.
func paragraph(seed uint64) string {
	dice := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	for range 3 {
		words := make([]string, 12)
		for i := range words {
			words[i] = vocabulary[dice.IntN(len(vocabulary))]
		}
		fmt.Fprintf(&b, "The %s of %d. ", strings.Join(words, " "), dice.IntN(9000)+100)
	}
	return strings.TrimSpace(b.String())
}

// paragraphs is a text of five paragraphs, another for each story number.
func paragraphs(story int) []string {
	all := make([]string, 5)
	for i := range all {
		all[i] = paragraph(uint64(story*100 + i))
	}
	return all
}

// publishWorld publishes stories in turns by several outlets: the second copies
// whole, the third cuts to the first three paragraphs.
func (d *desk) publishWorld(from, to int) {
	for story := from; story < to; story++ {
		text := paragraphs(story)
		d.publish("first.example", fmt.Sprintf("Story number %d as first told", story), text...)
		d.publish("second.example", fmt.Sprintf("What happened, part %d", story), text...)
		d.publish("third.example", fmt.Sprintf("In short: %d", story), text[:3]...)
	}
}

// stories lists each story's articles, as sets in a fixed order.
func (d *desk) stories() [][]news.ArticleID {
	d.t.Helper()
	all, err := d.db.Stories(d.t.Context(), store.Filter{})
	if err != nil {
		d.t.Fatal(err)
	}
	var sets [][]news.ArticleID
	for _, s := range all {
		detail, err := d.db.Story(d.t.Context(), s.ID)
		if err != nil {
			d.t.Fatal(err)
		}
		var ids []news.ArticleID
		for _, m := range detail.Members {
			ids = append(ids, m.ID)
		}
		slices.Sort(ids)
		sets = append(sets, ids)
	}
	slices.SortFunc(sets, func(a, b []news.ArticleID) int { return slices.Compare(a, b) })
	return sets
}

// wantWorld is how the articles of publishWorld belong together.
func wantWorld(stories int) [][]news.ArticleID {
	var sets [][]news.ArticleID
	for i := range stories {
		id := news.ArticleID(3*i + 1)
		sets = append(sets, []news.ArticleID{id, id + 1, id + 2})
	}
	return sets
}

func TestCopiesBecomeOneStory(t *testing.T) {
	d := newDesk(t)
	d.publishWorld(0, 12)
	d.groupAll(d.grouper())
	if diff := cmp.Diff(wantWorld(12), d.stories()); diff != "" {
		t.Errorf("stories (-want +got):\n%s", diff)
	}
	first, third := d.article(1), d.article(3)
	if first.Reason.Relation != news.Founder {
		t.Errorf("the first article is %q, want the founder", first.Reason.Relation)
	}
	if third.Reason.Of == 0 || third.Reason.Containment < .9 {
		t.Errorf("the cut copy's reason is %+v, want another article and a containment near 1", third.Reason)
	}
}

// TestRestartChangesNothing groups half with one grouper and the rest with
// another that has to derive its window from the store.
func TestRestartChangesNothing(t *testing.T) {
	d := newDesk(t)
	d.publish("first.example", "Story number 0 as first told", paragraphs(0)...)
	d.groupAll(d.grouper())
	d.publish("second.example", "What happened, part 0", paragraphs(0)...)
	d.groupAll(d.grouper())
	d.publish("third.example", "In short: 0", paragraphs(0)[:3]...)
	d.groupAll(d.grouper())
	if diff := cmp.Diff(wantWorld(1), d.stories()); diff != "" {
		t.Errorf("stories (-want +got):\n%s", diff)
	}
}

// TestTwoNodesTakeTurns lets two groupers share one store, as two nodes do.
func TestTwoNodesTakeTurns(t *testing.T) {
	d := newDesk(t)
	nodes := []*pipeline.Grouper{d.grouper(), d.grouper()}
	d.publishWorld(0, 10)
	for turn := 0; ; turn++ {
		done, err := nodes[turn%2].Group(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if done.Articles == 0 {
			break
		}
	}
	if diff := cmp.Diff(wantWorld(10), d.stories()); diff != "" {
		t.Errorf("stories (-want +got):\n%s", diff)
	}
}

// TestStoppedBatchLosesNothing stops a batch at its start and goes on.
func TestStoppedBatchLosesNothing(t *testing.T) {
	d := newDesk(t)
	d.publishWorld(0, 4)
	g := d.grouper()
	if _, err := g.Group(t.Context()); err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := g.Group(stopped); err == nil {
		t.Fatal("a stopped batch reports no error")
	}
	d.groupAll(g)
	if diff := cmp.Diff(wantWorld(4), d.stories()); diff != "" {
		t.Errorf("stories (-want +got):\n%s", diff)
	}
}

// TestLateTemplateCleansWhatCameBefore repeats a line that no list of pleas
// knows: it shows itself with the third article.
func TestLateTemplateCleansWhatCameBefore(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	const line = "The Lantern Weekly has been printed above the old mill since 1904."
	var ids []news.ArticleID
	for story := range 3 {
		ids = append(ids, d.publish("lantern.example", fmt.Sprintf("Headline %d", story), append(paragraphs(story)[:2], line)...))
		d.groupAll(g)
		if got := d.article(ids[0]); story < 2 && !strings.Contains(got.Text(), line) {
			t.Errorf("after %d articles the line is gone already", story+1)
		}
	}
	for _, id := range ids {
		a := d.article(id)
		if strings.Contains(a.Text(), line) {
			t.Errorf("article %d still has the line", id)
		}
		last := a.Blocks[len(a.Blocks)-1]
		if last.Strip == nil || last.Strip.Evidence != news.ByTemplate || !strings.Contains(last.Strip.Detail, "3 articles") {
			t.Errorf("article %d: the line's mark is %+v, want a template with its count", id, last.Strip)
		}
	}
	// A node that starts now knows the template from the store.
	fresh, err := pipeline.NewPreparer()
	if err != nil {
		t.Fatal(err)
	}
	d.preparer = fresh
	d.groupAll(d.grouper())
	id := d.publish("lantern.example", "Headline 9", append(paragraphs(9)[:2], line)...)
	if strings.Contains(d.article(id).Text(), line) {
		t.Error("a node started later does not know the template")
	}
}

// TestNewEditionIsGroupedAgain publishes an article, a copy, and then another
// text under the same guid.
func TestNewEditionIsGroupedAgain(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	item := news.Item{GUID: "a", Link: "https://first.example/a", Title: "One", HTML: "<p>" + strings.Join(paragraphs(1), "</p><p>") + "</p>"}
	save := func() {
		t.Helper()
		if _, err := d.db.SaveArticles(t.Context(), []store.Incoming{d.preparer.Prepare(news.Feed{}, item, d.clock)}); err != nil {
			t.Fatal(err)
		}
		d.groupAll(g)
	}
	save()
	d.publish("second.example", "One again", paragraphs(1)...)
	d.groupAll(g)
	item.HTML = "<p>" + strings.Join(paragraphs(2), "</p><p>") + "</p>"
	save()
	if diff := cmp.Diff([][]news.ArticleID{{1}, {2}}, d.stories()); diff != "" {
		t.Errorf("after the outlet put another text in its place (-want +got):\n%s", diff)
	}
	if got := d.article(1); got.Version != 2 || !strings.Contains(got.Text(), paragraphs(2)[0]) {
		t.Errorf("the article is version %d, want the second", got.Version)
	}
}

// TestReprocessingLeavesOldStoriesTogether runs the rules again over stories that
// are older than the window, whose copies can no longer be compared.
func TestReprocessingLeavesOldStoriesTogether(t *testing.T) {
	d := newDesk(t)
	d.publishWorld(0, 4)
	d.groupAll(d.grouper())
	reasons := func() (all []news.Reason) {
		for id := range 12 {
			all = append(all, d.article(news.ArticleID(id+1)).Reason)
		}
		return all
	}
	before := reasons()
	d.clock = d.clock.AddDate(0, 2, 0)
	d.publishWorld(4, 6)
	g := d.grouper()
	d.groupAll(g)
	if err := pipeline.Reprocess(t.Context(), d.db, d.preparer, nil); err != nil {
		t.Fatal(err)
	}
	d.groupAll(g)
	if diff := cmp.Diff(wantWorld(6), d.stories()); diff != "" {
		t.Errorf("stories (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, reasons()); diff != "" {
		t.Errorf("why old articles belong (-before +after):\n%s", diff)
	}
}

// TestIndexFollowsTheStore groups, indexes, regroups by reprocessing, and looks
// whether the index holds exactly the stories that the store has.
func TestIndexFollowsTheStore(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	path := filepath.Join(t.TempDir(), "index")
	ix, err := pipeline.OpenIndex(t.Context(), path, d.db, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	follower := &pipeline.Follower{DB: d.db, Index: ix, Batch: 3}
	check := func(when string) {
		t.Helper()
		d.groupAll(g)
		if err := follower.FollowAll(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		compareIndex(t, when, d, ix)
	}
	d.publishWorld(0, 5)
	check("at first")
	d.publishWorld(5, 8)
	check("after more")
	if err := pipeline.Reprocess(t.Context(), d.db, d.preparer, nil); err != nil {
		t.Fatal(err)
	}
	check("after reprocessing")
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	if ix, err = pipeline.NewIndex(path, d.db); err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	follower.Index = ix
	check("built again")
}

// TestIndexFollowsInParts follows a batch that is put in several parts, where the
// process before had died between two of them.
func TestIndexFollowsInParts(t *testing.T) {
	d := newDesk(t)
	const stories = 450
	for i := range stories {
		d.publish("first.example", fmt.Sprintf("Story number %d as first told", i), paragraphs(i)...)
	}
	d.groupAll(d.grouper())
	path := filepath.Join(t.TempDir(), "index")
	ix, err := pipeline.NewIndex(path, d.db)
	if err != nil {
		t.Fatal(err)
	}
	var part []index.Document
	for id := range news.StoryID(200) {
		part = append(part, index.Document{ID: id + 1, Titles: []string{"Not the latest"}})
	}
	if err := ix.Put(t.Context(), part); err != nil {
		t.Fatal(err)
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	if ix, err = pipeline.OpenIndex(t.Context(), path, d.db, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	if at := ix.State(); at != (index.State{}) {
		t.Fatalf("after one part the index says that it knows %+v", at)
	}
	n, err := (&pipeline.Follower{DB: d.db, Index: ix}).Follow(t.Context())
	if err != nil || n != stories {
		t.Fatalf("a batch took up %d stories (%v), want %d", n, err, stories)
	}
	compareIndex(t, "in parts", d, ix)
	if left, err := (&pipeline.Follower{DB: d.db, Index: ix}).Follow(t.Context()); left != 0 || err != nil {
		t.Errorf("%d stories were left over (%v)", left, err)
	}
}

func compareIndex(t *testing.T, when string, d *desk, ix *index.Index) {
	t.Helper()
	stories, err := d.db.Stories(t.Context(), store.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	n, err := ix.Count()
	if err != nil {
		t.Fatal(err)
	}
	if n != len(stories) {
		t.Errorf("%s: the index has %d stories, the store %d", when, n, len(stories))
	}
	for _, s := range stories {
		phrase := strings.Join(strings.Fields(s.Title), " ")
		found, err := pipeline.Search(t.Context(), d.db, ix, index.Query{Text: `title:"` + phrase + `"`, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Stories) == 0 || found.Stories[0].ID != s.ID || found.Stories[0].Copies != s.Copies {
			t.Errorf("%s: story %d %q is found as %+v", when, s.ID, s.Title, found.Stories)
		}
	}
}

// TestOpenIndexBuildsAgain opens indexes that cannot belong to the store.
func TestOpenIndexBuildsAgain(t *testing.T) {
	d := newDesk(t)
	d.publishWorld(0, 2)
	d.groupAll(d.grouper())
	epoch, err := d.db.Epoch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, state := range map[string]index.State{
		"of another store":        {Epoch: "another", Change: 1},
		"of a newer store's copy": {Epoch: epoch, Change: 1 << 40},
	} {
		path := filepath.Join(t.TempDir(), "index")
		ix, err := pipeline.NewIndex(path, d.db)
		if err != nil {
			t.Fatal(err)
		}
		stale := index.Document{ID: 99, Titles: []string{"Stale"}}
		if err := ix.Apply(t.Context(), []index.Document{stale}, nil, state); err != nil {
			t.Fatal(err)
		}
		if err := ix.Close(); err != nil {
			t.Fatal(err)
		}
		ix, err = pipeline.OpenIndex(t.Context(), path, d.db, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := (&pipeline.Follower{DB: d.db, Index: ix}).FollowAll(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if n, err := ix.Count(); err != nil || n != 2 {
			t.Errorf("an index %s: built again it has %d stories (%v), want 2", name, n, err)
		}
		ix.Close()
	}
}
