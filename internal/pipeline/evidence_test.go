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
