package pipeline_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/residue"
	"kliping/internal/store"
)

// plea is a line that no rule knows.
const plea = "Come by for a coffee in our reading room on Mill Lane"

// byCopy reports whether the article's last block is marked by its copies, and
// fails where its text does not fit that.
func (d *desk) byCopy(id news.ArticleID) bool {
	d.t.Helper()
	a := d.article(id)
	last := a.Blocks[len(a.Blocks)-1]
	if kept := strings.Contains(a.Text(), plea); last.Text != plea || kept != (last.Strip == nil) {
		d.t.Fatalf("article %d ends in %q, marked %v, and its text has the line: %v", id, last.Text, last.Strip, kept)
	}
	return last.Strip != nil && last.Strip.Evidence == news.ByCopy
}

// TestCopiesCleanWhatCameBefore publishes a soiled article, and batches later a
// copy without the line.
func TestCopiesCleanWhatCameBefore(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	text := paragraphs(1)
	soiled := d.publish("soiled.example", "One", append(text, plea)...)
	d.groupAll(g)
	if d.byCopy(soiled) {
		t.Fatal("the line is marked before a copy came")
	}
	d.publish("clean.example", "One", text...)
	done, err := g.Group(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !d.byCopy(soiled) {
		t.Error("the line is kept though a copy is without it")
	}
	if done.Recleaned != 1 || done.Articles != 2 {
		t.Errorf("the batch placed %d articles and cleaned %d again, want the copy, and the first once more", done.Articles, done.Recleaned)
	}
	if got := d.article(soiled).Reason.Relation; got != news.Founder {
		t.Errorf("cleaned again, the first article is %q, want the founder still", got)
	}
	counts, err := d.db.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if done, err = g.Group(t.Context()); err != nil || done.Articles != 0 || counts.Ungrouped != 0 {
		t.Errorf("after it %d articles wait and a batch places %d (%v), want none", counts.Ungrouped, done.Articles, err)
	}
	if same := len(d.stories()); same != 1 {
		t.Errorf("there are %d stories, want one", same)
	}
}

// TestLaterCopyTakesTheMarkOff lets a third outlet carry the line too: then it
// belongs to the text.
func TestLaterCopyTakesTheMarkOff(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	text := paragraphs(1)
	first := d.publish("first.example", "One", append(text, plea)...)
	d.publish("cut.example", "One", text...)
	d.groupAll(g)
	if !d.byCopy(first) {
		t.Fatal("the line is not marked")
	}
	third := d.publish("third.example", "One", append(text, plea)...)
	d.groupAll(g)
	if d.byCopy(first) || d.byCopy(third) {
		t.Error("the line is marked though two outlets have it")
	}
}

// TestCopyEvidenceOutlivesCleaning learns a template of the outlet afterwards,
// and runs today's rules over everything.
func TestCopyEvidenceOutlivesCleaning(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	const footer = "The Lantern Weekly has been printed above the old mill since 1904."
	text := append([]string{footer}, paragraphs(1)...)
	soiled := d.publish("lantern.example", "One", append(text, plea)...)
	d.publish("clean.example", "One", text...)
	d.groupAll(g)
	if !d.byCopy(soiled) {
		t.Fatal("the line is not marked")
	}
	for story := 2; story < 4; story++ {
		d.publish("lantern.example", fmt.Sprintf("Headline %d", story), append([]string{footer}, paragraphs(story)...)...)
	}
	d.groupAll(g)
	if first := d.article(soiled).Blocks[0].Strip; first == nil || first.Evidence != news.ByTemplate {
		t.Fatalf("the footer's mark is %v, want a template", first)
	}
	if !d.byCopy(soiled) {
		t.Error("cleaned again for a template, the article has its line back")
	}
	if err := pipeline.Reprocess(t.Context(), d.db, d.preparer, nil); err != nil {
		t.Fatal(err)
	}
	d.groupAll(g)
	if !d.byCopy(soiled) {
		t.Error("after reprocessing the article has its line back")
	}
}

// TestVetoSilencesCopies lets a person speak for the line before a copy comes.
func TestVetoSilencesCopies(t *testing.T) {
	d := newDesk(t)
	veto := store.Template{Outlet: "soiled.example", Print: residue.Print(plea), Sample: plea, State: residue.StateVetoed}
	err := d.db.Group(t.Context(), func(ctx context.Context, g *store.Grouping) error {
		return g.SaveTemplates(ctx, []store.Template{veto})
	})
	if err != nil {
		t.Fatal(err)
	}
	g := d.grouper()
	text := paragraphs(1)
	soiled := d.publish("soiled.example", "One", append(text, plea)...)
	d.groupAll(g)
	d.publish("clean.example", "One", text...)
	d.groupAll(g)
	if d.byCopy(soiled) {
		t.Error("copies overrule a person")
	}
}

// judge says of the plea what a person might, through another process's eyes.
func (d *desk) judge(outlet, state string) int {
	d.t.Helper()
	n, err := pipeline.Judge(d.t.Context(), d.db, residue.Template{Outlet: outlet, Print: residue.Print(plea), Sample: plea, State: state}, d.clock.AddDate(0, 0, -14))
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// strip is why the article's last block is out; empty: it is not.
func (d *desk) strip(id news.ArticleID) news.Evidence {
	d.t.Helper()
	a := d.article(id)
	if s := a.Blocks[len(a.Blocks)-1].Strip; s != nil {
		return s.Evidence
	}
	return ""
}

// TestPersonJudgesBesideRunningGrouper changes a person's mind about a line while
// a grouper that has seen everything goes on.
func TestPersonJudgesBesideRunningGrouper(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	var ids []news.ArticleID
	for story := range 3 {
		ids = append(ids, d.publish("lantern.example", fmt.Sprintf("Headline %d", story), append(paragraphs(story), plea)...))
	}
	other := d.publish("lantern.example", "Another", paragraphs(7)...)
	d.groupAll(g)
	before := d.stories()
	for _, step := range []struct {
		state string
		want  news.Evidence
	}{
		{residue.StateVetoed, ""}, {residue.StatePinned, news.ByPerson}, {"", news.ByTemplate},
	} {
		if n := d.judge("lantern.example", step.state); n != len(ids) {
			t.Errorf("%q: %d articles are to be cleaned again, want %d", step.state, n, len(ids))
		}
		next := d.publish("lantern.example", "Headline "+step.state, append(paragraphs(20+len(ids)), plea)...)
		d.groupAll(g)
		for _, id := range ids {
			if got := d.strip(id); got != step.want {
				t.Errorf("after %q the line of article %d is out by %q, want %q", step.state, id, got, step.want)
			}
		}
		ids = append(ids, d.publish("lantern.example", "Later "+step.state, append(paragraphs(40+len(ids)), plea)...), next)
		d.groupAll(g)
		if got := d.strip(ids[len(ids)-2]); got != step.want {
			t.Errorf("after %q the line of a later article is out by %q, want %q", step.state, got, step.want)
		}
	}
	if a := d.article(other); !strings.Contains(a.Text(), paragraphs(7)[0]) || a.Story == 0 {
		t.Errorf("an article without the line is in story %d with the text %q", a.Story, a.Text())
	}
	for i, set := range before {
		if got := d.stories()[i]; len(got) != len(set) || got[0] != set[0] {
			t.Errorf("story %d was %v and is %v", i, set, got)
		}
	}
}

// TestTemplatesFade lets half a year go by without the line.
func TestTemplatesFade(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	for story := range 3 {
		d.publish("lantern.example", fmt.Sprintf("Headline %d", story), append(paragraphs(story), plea)...)
	}
	d.groupAll(g)
	d.clock = d.clock.AddDate(0, 0, 100)
	seen := d.publish("lantern.example", "After 100 days", append(paragraphs(11), plea)...)
	d.groupAll(g)
	d.clock = d.clock.AddDate(0, 0, 170)
	again := d.publish("lantern.example", "After 170 days more", append(paragraphs(12), plea)...)
	d.groupAll(g)
	d.clock = d.clock.AddDate(0, 0, 190)
	first := d.publish("lantern.example", "After 190 days without", append(paragraphs(13), plea)...)
	d.groupAll(g)
	var err error
	if d.preparer, err = pipeline.NewPreparer(); err != nil {
		t.Fatal(err)
	}
	g = d.grouper() // another process knows no more
	if err := g.LoadTemplates(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := d.publish("lantern.example", "The next", append(paragraphs(14), plea)...)
	d.groupAll(g)
	for id, want := range map[news.ArticleID]news.Evidence{seen: news.ByTemplate, again: news.ByTemplate, first: "", second: ""} {
		if got := d.strip(id); got != want {
			t.Errorf("the line of article %d is out by %q, want %q", id, got, want)
		}
	}
	d.publish("lantern.example", "The third", append(paragraphs(15), plea)...)
	d.groupAll(g)
	if got := d.strip(first); got != news.ByTemplate {
		t.Errorf("learned anew, the line is out by %q, want a template", got)
	}
}
