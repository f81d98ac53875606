package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/residue"
	"kliping/internal/store"
)

// shared is a line of a network that no rule knows.
const shared = "One key opens every reading room between the two rivers"

// mark is why the article's last block is out of it, "" if it is not.
func (d *desk) mark(id news.ArticleID) news.Evidence {
	d.t.Helper()
	blocks := d.article(id).Blocks
	if s := blocks[len(blocks)-1].Strip; s != nil {
		return s.Evidence
	}
	return ""
}

// general are the templates of outlets in general.
func (d *desk) general() []store.Template {
	d.t.Helper()
	all, err := d.db.Templates(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(t store.Template) bool { return t.Outlet != news.AnyOutlet })
}

// network publishes the articles of some outlets that end in a line.
func (d *desk) network(from, to int, last string) (ids []news.ArticleID) {
	for n := from; n < to; n++ {
		ids = append(ids, d.publish(fmt.Sprintf("paper%d.example", n), fmt.Sprintf("Headline %d", n), append(paragraphs(n)[:3], last)...))
	}
	return ids
}

func TestLineOfSeveralOutlets(t *testing.T) {
	d := newDesk(t)
	g, other := d.grouper(), d.grouper()
	d.groupAll(other) // a second node, which finds nothing out by itself
	ids := d.network(0, 2, shared)
	d.groupAll(g)
	if d.mark(ids[0]) != "" || len(d.general()) != 0 {
		t.Fatal("two outlets are enough")
	}
	ids = append(ids, d.network(2, 3, shared)...)
	d.groupAll(g)
	for _, id := range ids {
		if got := d.mark(id); got != news.ByOutlets {
			t.Errorf("article %d: the line is out by %q, want by its outlets", id, got)
		}
	}
	strip := d.article(ids[0]).Blocks[3].Strip
	if want := "outlets: shared, seen in 3 outlets' otherwise different articles since 1 May 2026"; strip.String() != want {
		t.Errorf("the mark says\n%s, want\n%s", strip, want)
	}
	if all := d.general(); len(all) != 1 || all[0].Sample != shared || all[0].Count != 3 || all[0].State != residue.StateLearned {
		t.Errorf("the store has %+v", all)
	}

	// The other node hears of it, and so does one that starts now.
	fourth := d.network(3, 4, shared)[0]
	d.groupAll(other)
	d.clock = d.clock.AddDate(0, 0, 20) // beyond the window: nothing can be counted again
	var err error
	if d.preparer, err = pipeline.NewPreparer(); err != nil {
		t.Fatal(err)
	}
	fresh := d.grouper()
	d.groupAll(fresh)
	fifth := d.network(4, 5, shared)[0]
	d.groupAll(fresh)
	if d.mark(fourth) != news.ByOutlets || d.mark(fifth) != news.ByOutlets {
		t.Errorf("later articles keep the line: %q, %q", d.mark(fourth), d.mark(fifth))
	}

	// Next year the campaign is forgotten.
	d.clock = d.clock.AddDate(1, 0, 0)
	late := d.network(5, 6, shared)[0]
	d.groupAll(fresh)
	if got := d.mark(late); got != "" {
		t.Errorf("a year later the line is out by %q", got)
	}
}

func TestPersonJudgesLineOfSeveralOutlets(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	ids := d.network(0, 4, shared)
	d.groupAll(g)
	judge := func(outlet, state string, want int) {
		t.Helper()
		n, err := pipeline.Judge(t.Context(), d.db, residue.Template{Outlet: outlet, Print: residue.Print(shared), State: state}, d.clock.AddDate(0, 0, -1))
		if err != nil || n != want {
			t.Fatalf("%s for %s: %d articles wait (%v), want %d", state, outlet, n, err, want)
		}
		d.groupAll(g)
	}
	marks := func() (all []news.Evidence) {
		for _, id := range ids {
			all = append(all, d.mark(id))
		}
		return all
	}
	judge("paper1.example", residue.StateVetoed, 1)
	if got := marks(); got[0] != news.ByOutlets || got[1] != "" {
		t.Errorf("vetoed for one outlet: %q", got)
	}
	judge(news.AnyOutlet, residue.StateVetoed, 4)
	if got := marks(); strings.Join([]string{string(got[0]), string(got[1]), string(got[2])}, "") != "" {
		t.Errorf("vetoed in general: %q", got)
	}
	judge("paper2.example", residue.StatePinned, 1)
	if got := marks(); got[0] != "" || got[2] != news.ByPerson {
		t.Errorf("pinned for one outlet, vetoed in general: %q", got)
	}
	judge(news.AnyOutlet, "", 4)
	if got := marks(); got[0] != news.ByOutlets || got[1] != "" || got[2] != news.ByPerson {
		t.Errorf("the general veto taken back: %q", got)
	}
}

// Three editors change every paragraph of a wire story but the last: prints differ,
// the text is one.
func TestEditedWireStoryKeepsItsText(t *testing.T) {
	const last = "nobody aboard was hurt and the ferry sails again tomorrow"
	d := newDesk(t)
	g := d.grouper()
	for n := range 6 {
		var text []string
		for _, p := range paragraphs(1) {
			text = append(text, fmt.Sprintf("%s, editor %d says", p, n))
		}
		d.publish(fmt.Sprintf("paper%d.example", n), fmt.Sprintf("What editor %d makes of it", n), append(text, last)...)
		d.groupAll(g)
	}
	if all := d.general(); len(all) != 0 {
		t.Errorf("learned %+v", all)
	}
}

// Translations keep a foreign saying: they are one story, whatever their words.
func TestTranslationsKeepForeignWords(t *testing.T) {
	const saying = "il faut bien le faire quand même"
	d := newDesk(t)
	g := d.grouper()
	for n, text := range [][]string{
		{"The minister met Li Shangfu and Tan Kefei in Singapore on 16 May 2022, and 340 delegates from 27 countries heard him.", "They agreed on 12 points about the harbour of Rotterdam and the river Rhine, he said in Berlin."},
		{"Der Minister traf Li Shangfu und Tan Kefei am 16. Mai 2022 in Singapur, und 340 Delegierte aus 27 Ländern hörten ihn.", "Sie einigten sich auf 12 Punkte über den Hafen von Rotterdam und den Rhein, sagte er in Berlin."},
		{"Le ministre a rencontré Li Shangfu et Tan Kefei à Singapour le 16 mai 2022, et 340 délégués de 27 pays l'ont entendu.", "Ils se sont mis d'accord sur 12 points sur le port de Rotterdam et le Rhin, a-t-il dit à Berlin."},
		{"El ministro se reunió con Li Shangfu y Tan Kefei en Singapur el 16 de mayo de 2022, y lo oyeron 340 delegados de 27 países.", "Acordaron 12 puntos sobre el puerto de Rotterdam y el Rin, dijo en Berlín."},
	} {
		d.publish(fmt.Sprintf("paper%d.example", n), fmt.Sprintf("Headline %d", n), append(text, saying)...)
	}
	d.groupAll(g)
	if all := d.general(); len(all) != 0 {
		t.Errorf("learned %+v", all)
	}
}

// A press release's sentence closes three otherwise different articles.
func TestPressReleaseKeepsItsText(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	for _, last := range []string{
		"The merger is to close in the fourth quarter, subject to approval.",
		"“We are delighted to welcome every one of them to the harbour today,” the minister said",
	} {
		d.network(0, 4, last)
		d.groupAll(g)
	}
	if all := d.general(); len(all) != 0 {
		t.Errorf("learned %+v", all)
	}
}

// An article that waited while a template was learned is cleaned by it, too.
func TestWaitingArticleHearsOfTemplate(t *testing.T) {
	d := newDesk(t)
	g := d.grouper() // batches of seven
	for n := range 9 {
		d.publish("lantern.example", fmt.Sprintf("Headline %d", n), append(paragraphs(n)[:3], shared)...)
	}
	d.groupAll(g)
	for id := news.ArticleID(1); id <= 9; id++ {
		if got := d.mark(id); got != news.ByTemplate {
			t.Errorf("article %d: the line is out by %q", id, got)
		}
	}
}
