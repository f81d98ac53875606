package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kliping/internal/news"
)

// hour is a moment of the day that windows are read of.
func hour(h int) time.Time { return time.Date(2026, 5, 1, h, 0, 0, 0, time.UTC) }

func testWindow(t *testing.T, w *world) {
	ids := w.save(
		sample("old", arrived(hour(1)), published(hour(0)), outlet("a.example")),
		sample("early", arrived(hour(6)), published(hour(5)), outlet("a.example")),
		sample("in1", arrived(hour(9)), published(hour(7)), outlet("b.example"), inLanguage("id")),
		sample("in2", arrived(hour(10)), published(hour(6)), outlet("a.example")),
		sample("late", arrived(hour(20)), published(hour(19)), outlet("c.example")),
		sample("new", arrived(hour(8)), published(hour(8)), outlet("d.example")),
		sample("waiting", arrived(hour(9))),
	)
	w.story(ids[0])                                  // ended before the window
	grown := w.story(ids[1], ids[2], ids[3], ids[4]) // goes on after it
	fresh := w.story(ids[5])                         // begins with the window's first moment

	if at, err := w.db.FirstWaiting(t.Context()); err != nil || !at.Equal(hour(9)) {
		t.Errorf("the first that waits arrived at %v (%v)", at, err)
	}
	asked := 0
	win, err := w.db.ReadWindow(t.Context(), Span{Since: hour(8), Until: hour(20)}, func(got *Window) []news.ArticleID {
		asked++
		return []news.ArticleID{got.Stories[0].Lead, 999}
	})
	w.ok(err)
	type row struct {
		ID                                     news.StoryID
		Copies, Outlets, Before, BeforeOutlets int
		In, Carriers                           []string
		Languages                              []string
	}
	var got []row
	for _, s := range win.Stories {
		got = append(got, row{s.ID, s.Copies, s.Outlets, s.Before.Copies, s.Before.Outlets, outletsOf(s.In), outletsOf(s.Carriers), s.Languages})
	}
	want := []row{
		{grown, 3, 2, 1, 1, []string{"b.example", "a.example"}, []string{"a.example", "b.example"}, []string{"en", "id"}},
		{fresh, 1, 1, 0, 0, []string{"d.example"}, []string{"d.example"}, []string{"en"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("by arrival (-want +got):\n%s", diff)
	}
	if asked != 1 || len(win.Articles) != 1 || win.Articles[ids[1]] == nil || win.Articles[ids[1]].Text() != "Of early." {
		t.Errorf("asked %d times, read %v", asked, win.Articles)
	}
	if n := w.counts().LastChange; win.Change != n || n == 0 {
		t.Errorf("the change number is %d, want %d", win.Change, n)
	}

	win, err = w.db.ReadWindow(t.Context(), Span{Since: hour(6), Until: hour(8), ByPublished: true}, nobody)
	w.ok(err)
	if len(win.Stories) != 1 || win.Stories[0].ID != grown || win.Stories[0].Before.Copies != 1 || len(win.Stories[0].In) != 2 {
		t.Errorf("by publication: %+v", win.Stories)
	}

	win, err = w.db.ReadWindow(t.Context(), Span{Since: hour(8), Until: hour(20), Before: hour(10)}, nobody)
	w.ok(err)
	if b := win.Stories[0].Before; b.Copies != 2 || b.Outlets != 2 || win.Stories[1].Before.ID != fresh {
		t.Errorf("what was told before: %+v", b)
	}
	win, err = w.db.ReadWindow(t.Context(), Span{Since: hour(8), Until: hour(20), Match: func(s *StoryDetail) bool {
		return s.Members[len(s.Members)-1].Outlet == "c.example" // which came after the window
	}}, nobody)
	if err != nil || len(win.Stories) != 1 || win.Stories[0].ID != grown || win.Stories[0].Copies != 3 {
		t.Errorf("of those that match: %+v (%v)", win.Stories, err)
	}
	if win, err = w.db.ReadWindow(t.Context(), Span{}, nobody); err != nil || len(win.Stories) != 3 {
		t.Errorf("an open window has %d stories (%v), want all", len(win.Stories), err)
	}
}

func nobody(*Window) []news.ArticleID { return nil }

func outletsOf(all []Dated) (names []string) {
	for _, d := range all {
		names = append(names, d.Outlet)
	}
	return names
}

func testRevisions(t *testing.T, w *world) {
	edit := func(guid, title, html string, at time.Time) {
		w.mu.Lock()
		w.clock = at
		w.mu.Unlock()
		w.save(sample(guid, withTitle(title), withHTML(html), arrived(at)))
	}
	edit("head", "Dam breaks", "x", hour(1))
	edit("text", "Same", "x", hour(1))
	edit("back", "One", "x", hour(1))
	edit("later", "One", "x", hour(1))
	for _, id := range []news.ArticleID{1, 2, 3, 4} {
		w.story(id)
	}
	edit("head", "Dam may break", "x", hour(9))
	edit("head", "Dam holds", "x", hour(10))
	edit("head", "Dam is no dam", "y", hour(21)) // after the window
	edit("text", "Same", "y", hour(11))
	edit("back", "Two", "x", hour(9))
	edit("back", "One", "x", hour(10))
	edit("later", "Two", "x", hour(20))

	win, err := w.db.ReadWindow(t.Context(), Span{Since: hour(8), Until: hour(20)}, nobody)
	w.ok(err)
	want := []Revision{
		{Article: 2, Outlet: "daily.example", At: hour(11), Was: "Same", Is: "Same", Text: true},
		{Article: 1, Outlet: "daily.example", At: hour(10), Was: "Dam breaks", Is: "Dam holds"},
	}
	if diff := cmp.Diff(want, win.Changed, cmpopts.IgnoreFields(Revision{}, "Story")); diff != "" {
		t.Errorf("revisions (-want +got):\n%s", diff)
	}
	if win.Revised != 3 {
		t.Errorf("%d articles were revised, want 3", win.Revised)
	}
	// Of those that match are told only the changes, though no article of theirs is of the window.
	win, err = w.db.ReadWindow(t.Context(), Span{Since: hour(8), Until: hour(20), Match: func(s *StoryDetail) bool { return s.Lead == 2 }}, nobody)
	if err != nil || win.Revised != 1 || len(win.Changed) != 1 || win.Changed[0].Article != 2 {
		t.Errorf("of those that match %d were revised: %+v (%v)", win.Revised, win.Changed, err)
	}
}

func testPlans(t *testing.T, w *world) {
	morning := DigestPlan{Name: "morning", Schedule: "0 7 * * *", To: []string{"Désk <desk@example.org>"}, Outlets: []string{"a.example"}}
	w.ok(w.db.AddPlan(t.Context(), morning))
	w.is(w.db.AddPlan(t.Context(), morning), news.ErrExists)
	added := w.now()
	w.wait(time.Hour)
	morning.Title = "Good morning"
	morning.Added = w.now() // which stays
	w.ok(w.db.UpdatePlan(t.Context(), morning, "", ""))
	all, err := w.db.Plans(t.Context())
	w.ok(err)
	morning.Since, morning.Added = added, added
	if diff := cmp.Diff([]DigestPlan{morning}, all); diff != "" {
		t.Errorf("plans (-want +got):\n%s", diff)
	}
	morning.Schedule = "0 8 * * *"
	w.ok(w.db.UpdatePlan(t.Context(), morning, "", ""))
	if all, err = w.db.Plans(t.Context()); err != nil || !all[0].Since.Equal(w.now()) {
		t.Errorf("a plan that was moved counts from %v (%v)", all[0].Since, err)
	}
	w.is(w.db.UpdatePlan(t.Context(), DigestPlan{Name: "evening"}, "", ""), news.ErrNotFound)
	w.ok(w.db.RemovePlan(t.Context(), "morning"))
	w.is(w.db.RemovePlan(t.Context(), "morning"), news.ErrNotFound)
}

func testDrafts(t *testing.T, w *world) {
	d := Draft{Name: "morning", Slot: "2026-05-01T07:00", Body: []byte(`{"title":"é"}`), Curation: []byte("{}")}
	for i, want := range []bool{true, false} {
		if added, err := w.db.AddDraft(t.Context(), d); err != nil || added != want {
			t.Errorf("draft %d: added %v (%v)", i, added, err)
		}
	}
	mine, err := w.db.Draft(t.Context(), "morning", d.Slot)
	w.ok(err)
	theirs := mine
	mine.Curation = []byte("mine")
	w.ok(w.db.CurateDraft(t.Context(), mine))
	theirs.Curation = []byte("theirs")
	w.is(w.db.CurateDraft(t.Context(), theirs), news.ErrExists)
	got, err := w.db.Drafts(t.Context(), "")
	w.ok(err)
	want := []Draft{{Name: "morning", Slot: d.Slot, Made: w.now(), Edit: 1, Body: d.Body, Curation: []byte("mine")}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("drafts (-want +got):\n%s", diff)
	}
	w.is(w.db.CurateDraft(t.Context(), Draft{Name: "none"}), news.ErrNotFound)

	const moved = "2026-05-01T08:00"
	w.ok(w.db.AddPlan(t.Context(), DigestPlan{Name: "morning"}))
	w.ok(w.db.UpdatePlan(t.Context(), DigestPlan{Name: "morning"}, d.Slot, moved))
	d.Slot = moved
	if got, err := w.db.Draft(t.Context(), "morning", moved); err != nil || string(got.Curation) != "mine" || got.Edit != 1 {
		t.Errorf("the draft of the plan that was moved is %+v (%v)", got, err)
	}
	_, err = w.db.AddDraft(t.Context(), Draft{Name: "morning", Slot: "2026-05-02T08:00"})
	w.ok(err)
	w.ok(w.db.UpdatePlan(t.Context(), DigestPlan{Name: "morning"}, moved, "2026-05-02T08:00"))
	if got, err := w.db.Drafts(t.Context(), "morning"); err != nil || len(got) != 2 {
		t.Errorf("there are the drafts %v (%v), want both where they were", got, err)
	}
	w.ok(w.db.RemoveDraft(t.Context(), "morning", d.Slot))
	w.is(w.db.RemoveDraft(t.Context(), "morning", d.Slot), news.ErrNotFound)
}

func testPublish(t *testing.T, w *world) {
	const slot = "2026-05-01T07:00"
	_, err := w.db.AddDraft(t.Context(), Draft{Name: "morning", Slot: slot})
	w.ok(err)
	row, err := w.db.Draft(t.Context(), "morning", slot)
	w.ok(err)
	w.ok(w.db.CurateDraft(t.Context(), row))
	p := Publication{Name: "morning", Slot: slot, Until: hour(6), Body: []byte("{}"), Edit: row.Edit}
	for i := range 3 {
		p.Mails = append(p.Mails, Message{Kind: "mail", Key: fmt.Sprintf("digest/morning/%s/%d", slot, i), Payload: []byte("m")})
	}
	_, err = w.db.Publish(t.Context(), p) // of the draft before it was curated
	w.is(err, news.ErrExists)
	if all, err := w.db.ClaimMessages(t.Context(), 10, 0); err != nil || len(all) != 0 {
		t.Errorf("what was refused left %v (%v)", all, err)
	}
	p.Edit++
	if ours, err := w.open().Publish(t.Context(), p); err != nil || !ours {
		t.Errorf("the draft as it is now is not published: %v (%v)", ours, err)
	}
	p.Edit = 0 // there is no draft any more
	if ours, err := w.open().Publish(t.Context(), p); err != nil || ours {
		t.Errorf("published a second time: %v (%v)", ours, err)
	}
	if all, err := w.db.ClaimMessages(t.Context(), 10, time.Minute); err != nil || len(all) != 3 {
		t.Errorf("%d mails (%v), want 3", len(all), err)
	}
	if until, err := w.db.LastDigest(t.Context(), "morning", time.Time{}); err != nil || !until.Equal(hour(6)) {
		t.Errorf("the last ended at %v (%v)", until, err)
	}
	w.wait(time.Minute)
	if until, err := w.db.LastDigest(t.Context(), "morning", w.now()); err != nil || !until.IsZero() {
		t.Errorf("the last of a plan that was added since ended at %v (%v)", until, err)
	}
	if all, err := w.db.Drafts(t.Context(), "morning"); err != nil || len(all) != 0 {
		t.Errorf("the draft stayed: %v (%v)", all, err)
	}
	if added, err := w.db.AddDraft(t.Context(), Draft{Name: "morning", Slot: slot}); err != nil || added {
		t.Errorf("a slot that was sent is drafted: %v (%v)", added, err)
	}
	if got, err := w.db.Digests(t.Context(), "morning", 9); err != nil || len(got) != 1 {
		t.Errorf("the archive has %v (%v)", got, err)
	}
	if got, err := w.db.Digests(t.Context(), "evening", 9); err != nil || len(got) != 0 {
		t.Errorf("another plan's archive has %v (%v)", got, err)
	}
}

// BenchmarkReadWindow reads a day of ten thousand stories with three articles
// each, in a store that holds as many again.
func BenchmarkReadWindow(b *testing.B) {
	db := openBench(b)
	ctx := context.Background()
	const stories, each = 20_000, 3
	start := time.UnixMilli(1_780_000_060_000)
	for first := 0; first < stories*each; first += 3000 {
		saved, err := db.SaveArticles(ctx, short(first, 3000))
		if err != nil {
			b.Fatal(err)
		}
		err = db.Group(ctx, func(ctx context.Context, g *Grouping) error {
			for i := 0; i < len(saved.IDs); i += each {
				story, err := g.NewStory(ctx)
				if err != nil {
					return err
				}
				for _, id := range saved.IDs[i : i+each] {
					if _, err := g.Place(ctx, id, story, news.Reason{Relation: news.Copy, Of: saved.IDs[i]}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	span := Span{Since: start.Add(stories * each / 2 * time.Second), Until: start.Add(stories * each * time.Second)}
	for b.Loop() {
		w, err := db.ReadWindow(ctx, span, nobody)
		if err != nil {
			b.Fatal(err)
		}
		if len(w.Stories) != stories/2 {
			b.Fatalf("%d stories, want %d", len(w.Stories), stories/2)
		}
	}
}

// short are articles with little text, a second apart.
func short(first, n int) []Incoming {
	batch := make([]Incoming, n)
	for i := range batch {
		id := first + i
		batch[i] = sample(fmt.Sprint(id), outlet(fmt.Sprintf("outlet%d.example", id%50)), arrived(time.UnixMilli(1_780_000_060_000+int64(id)*1000)),
			published(time.UnixMilli(1_780_000_000_000+int64(id)*1000)))
	}
	return batch
}
