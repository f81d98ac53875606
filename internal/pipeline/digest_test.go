package pipeline_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/digest"
	"kliping/internal/news"
	"kliping/internal/outbox"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// twoDays is a world in which one story grows in the second window, one begins
// in it and one ended before.
func twoDays(t *testing.T) (d *desk, noon time.Time) {
	d = newDesk(t)
	d.publish("first.example", "Dam lowered", paragraphs(1)...)
	d.publish("first.example", "Ended", paragraphs(2)...)
	d.groupAll(d.grouper())
	d.clock = d.clock.Add(6 * time.Hour)
	noon = d.clock
	for i := range 4 {
		d.publish(fmt.Sprintf("late%d.example", i), fmt.Sprintf("Dam lowered, says %d", i), paragraphs(1)...)
	}
	d.publish("third.example", "New", paragraphs(3)...)
	d.groupAll(d.grouper())
	d.clock = d.clock.Add(time.Hour)
	return d, noon
}

func (d *desk) digest(opt pipeline.DigestOptions) digest.Digest {
	d.t.Helper()
	found, err := pipeline.Digest(d.t.Context(), d.db, opt)
	if err != nil {
		d.t.Fatal(err)
	}
	return found
}

func TestDigestTellsWhatWentOn(t *testing.T) {
	d, noon := twoDays(t)
	got := d.digest(pipeline.DigestOptions{Since: noon, Until: d.clock})
	if got.TotalStories != 2 || got.NewStories != 1 || got.TotalArticles != 5 || len(got.Stories) != 2 {
		t.Fatalf("%d stories, %d new, %d articles, %d told; want 2, 1, 5, 2", got.TotalStories, got.NewStories, got.TotalArticles, len(got.Stories))
	}
	grown := got.Stories[0]
	if grown.Story.Title != "Dam lowered" || grown.New || grown.Grown.Outlets != 1 || grown.Story.Outlets != 5 || grown.Articles != 4 || grown.Share != .8 {
		t.Errorf("the story that grew is told as %+v", grown)
	}
	if fresh := got.Stories[1]; !fresh.New || fresh.Story.Title != "New" || fresh.Excerpt == "" || fresh.Shown.URL == "" {
		t.Errorf("the new story is told as %+v", fresh)
	}
	counts, err := d.db.Counts(t.Context())
	if err != nil || got.Source.Change != counts.LastChange || got.Source.Stories != "1, 3" {
		t.Errorf("made from %+v, want change %d (%v)", got.Source, counts.LastChange, err)
	}
}

// TestDigestShowsChosen wants the copies of tiers and tags as they were given when
// the digest was made, the earliest of each, and the digest to say who they were.
func TestDigestShowsChosen(t *testing.T) {
	d, noon := twoDays(t)
	said := []store.Outlet{{Domain: "late1.example", Tier: 1}, {Domain: "late3.example", Tags: []string{"licensed"}}, {Domain: "late2.example", Tier: 1, Tags: []string{"licensed"}}}
	if err := d.db.SetOutlets(t.Context(), said); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		show    string
		outlets []string
		want    string // of the story that grew, and of the one that third.example alone has
	}{
		{digest.ShowPreferred, []string{"tag:licensed"}, "late2.example third.example"},
		{digest.ShowPreferred, []string{"none.example", "tier:1", "tag:licensed"}, "late1.example third.example"},
		{digest.ShowPreferred, []string{"late3.example", "tier:1"}, "late3.example third.example"},
		{digest.ShowLicensed, []string{"tier:3", "tag:licensed"}, "late2.example "},
		{digest.ShowLicensed, []string{"tag:Licensed"}, " "}, // tags are words of people, spelled as they are
	} {
		got := d.digest(pipeline.DigestOptions{Since: noon, Until: d.clock, Show: test.show, Outlets: test.outlets})
		if shown := got.Stories[0].Shown.Outlet + " " + got.Stories[1].Shown.Outlet; shown != test.want {
			t.Errorf("%s of %q shows %q, want %q", test.show, test.outlets, shown, test.want)
		}
	}
	opt := pipeline.DigestOptions{Since: noon, Until: d.clock, Show: digest.ShowLicensed, Outlets: []string{"late0.example", "tag:licensed"}}
	made := d.digest(opt).Source
	want := []digest.Choice{{Said: "late0.example", Outlets: []string{"late0.example"}}, {Said: "tag:licensed", Outlets: []string{"late2.example", "late3.example"}}}
	if diff := cmp.Diff(want, made.Chosen); diff != "" || made.Show != digest.ShowLicensed {
		t.Errorf("made with %q of (-want +got):\n%s", made.Show, diff)
	}
	if first := d.digest(pipeline.DigestOptions{Since: noon, Until: d.clock}).Source; first.Show != "" || first.Chosen != nil {
		t.Errorf("a digest of first copies is made from %+v", first)
	}
}

// TestDigestOfThePast makes the digest of a window again when more has come.
func TestDigestOfThePast(t *testing.T) {
	d, noon := twoDays(t)
	opt := pipeline.DigestOptions{Since: noon.Add(-7 * time.Hour), Until: noon, Location: time.UTC}
	d2 := d.digest(opt)
	d.publish("more.example", "Dam again", paragraphs(1)...)
	d.groupAll(d.grouper())
	again := d.digest(opt)
	again.Source.Change = d2.Source.Change // of which there are more now
	if a, b := asText(t, d2), asText(t, again); a != b || !strings.Contains(a, "1 outlet") {
		t.Errorf("the past was\n%s\nand is\n%s", a, b)
	}
}

// TestDigestOfBeforeAnEdit makes the digest of a window again when the outlet has changed
// headline and text.
func TestDigestOfBeforeAnEdit(t *testing.T) {
	d, _ := twoDays(t)
	opt := pipeline.DigestOptions{Until: d.clock.Add(time.Minute), Location: time.UTC}
	before := d.digest(opt)
	url := before.Stories[1].Shown.URL
	for i, title := range []string{"Newer", "Newest"} {
		d.clock = d.clock.Add(2 * time.Hour)
		item := news.Item{GUID: url, Link: url, Title: title, HTML: "<p>" + strings.Join(paragraphs(20+i), "</p><p>") + "</p>"}
		if _, err := d.db.SaveArticles(t.Context(), []store.Incoming{d.preparer.Prepare(news.Feed{}, item, d.clock)}); err != nil {
			t.Fatal(err)
		}
	}
	d.groupAll(d.grouper())
	again := d.digest(opt)
	again.Source.Change = before.Source.Change // of which there are more now
	if a, b := asText(t, before), asText(t, again); a != b || !strings.Contains(a, "New\n") {
		t.Errorf("it was\n%s\nand is\n%s", a, b)
	}
	opt.Until = d.clock.Add(time.Minute)
	if now := asText(t, d.digest(opt)); !strings.Contains(now, "Newest\n") {
		t.Errorf("what it is now is not told:\n%s", now)
	}
}

func asText(t *testing.T, d digest.Digest) string {
	t.Helper()
	var b bytes.Buffer
	if err := digest.Render(&b, d, "text"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func (d *desk) digester() *pipeline.Digester {
	return &pipeline.Digester{DB: d.db, Location: time.UTC, BaseURL: "https://kliping.example/", From: "Kliping <news@kliping.example>"}
}

// sent are the mails in the outbox.
func (d *desk) sent() []store.Message {
	d.t.Helper()
	all, err := d.db.ClaimMessages(d.t.Context(), 100, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

func TestSendOnce(t *testing.T) {
	d, _ := twoDays(t)
	plan := store.DigestPlan{Name: "morning", Title: "Good morning", To: []string{"Desk <Desk@Example.org>", "night@example.org"}}
	for i, want := range []bool{true, false} {
		sent, err := d.digester().Send(t.Context(), plan, "2026-05-01T13:00", d.clock)
		if err != nil || sent != want {
			t.Errorf("sending %d: %v (%v)", i, sent, err)
		}
	}
	mails := d.sent()
	if len(mails) != 2 || mails[0].Key != "digest/morning/2026-05-01T13:00/desk@example.org" || mails[0].Kind != outbox.KindMail {
		t.Fatalf("the outbox has %+v", mails)
	}
	var m outbox.Mail
	if err := json.Unmarshal(mails[0].Payload, &m); err != nil {
		t.Fatal(err)
	}
	if m.To != plan.To[0] || m.ListID != "morning" || m.Unsubscribe != "mailto:news@kliping.example?subject=unsubscribe%20morning" {
		t.Errorf("the mail is to %s, of %s, against it %s", m.To, m.ListID, m.Unsubscribe)
	}
	for _, part := range []string{m.Subject, m.Text, m.HTML} {
		if !strings.Contains(part, "Dam lowered") {
			t.Errorf("a part does not tell the first story:\n%s", part)
		}
	}
	if !strings.Contains(m.HTML, `href="https://kliping.example/story/1"`) {
		t.Error("the mail does not lead to the story's page")
	}
	// The next begins where this one ended, and tells what came since.
	d.publish("last.example", "Dam at last", paragraphs(1)...)
	d.groupAll(d.grouper())
	next, err := d.digester().Make(t.Context(), plan, "2026-05-01T14:00", d.clock.Add(time.Hour), 1)
	if err != nil || next.TotalArticles != 1 || next.Stories[0].Grown.Outlets != 5 {
		t.Errorf("the next tells %+v (%v)", next, err)
	}
}

// TestWindowEndsBeforeWhatWaits makes a digest while grouping lags behind.
func TestWindowEndsBeforeWhatWaits(t *testing.T) {
	d, _ := twoDays(t)
	d.publish("last.example", "Waits", paragraphs(8)...)
	arrived := d.clock
	plan := store.DigestPlan{Name: "morning"}
	if sent, err := d.digester().Send(t.Context(), plan, "1", d.clock.Add(time.Hour)); err != nil || !sent {
		t.Fatalf("sent %v (%v)", sent, err)
	}
	if got, err := pipeline.ReadDigest(t.Context(), d.db, "morning", "1"); err != nil || !got.Until.Equal(arrived) {
		t.Errorf("it ends at %v (%v), want %v", got.Until, err, arrived)
	}
	d.groupAll(d.grouper())
	next, err := d.digester().Make(t.Context(), plan, "2", d.clock.Add(2*time.Hour), 1)
	if err != nil || next.TotalArticles != 1 || next.Stories[0].Story.Title != "Waits" {
		t.Errorf("the next tells %+v (%v)", next.Stories, err)
	}
}

// TestWhatIsBeingSaved drafts while an article that was fetched before is not saved yet.
func TestWhatIsBeingSaved(t *testing.T) {
	d, _ := twoDays(t)
	plan := store.DigestPlan{Name: "morning"}
	now := d.clock.Add(time.Minute + 2*time.Second) // a minute is what an article takes to be published here
	if made, err := d.digester().Draft(t.Context(), plan, "1", now); err != nil || !made {
		t.Fatalf("drafted %v (%v)", made, err)
	}
	d.publish("last.example", "Fetched before, saved after", paragraphs(8)...)
	d.groupAll(d.grouper())
	if sent, err := d.digester().Send(t.Context(), plan, "1", now); err != nil || !sent {
		t.Fatalf("sent %v (%v)", sent, err)
	}
	next, err := d.digester().Make(t.Context(), plan, "2", now.Add(2*time.Hour), 1)
	if err != nil || next.TotalArticles != 1 {
		t.Errorf("the next tells %d articles (%v), want the one", next.TotalArticles, err)
	}
}

func TestDraftGoesOutAsCurated(t *testing.T) {
	d, _ := twoDays(t)
	plan := store.DigestPlan{Name: "morning", To: []string{"desk@example.org"}, Limit: 1}
	const slot = "2026-05-01T13:00"
	for i, want := range []bool{true, false} {
		if made, err := d.digester().Draft(t.Context(), plan, slot, d.clock); err != nil || made != want {
			t.Fatalf("draft %d: %v (%v)", i, made, err)
		}
	}
	row, err := d.db.Draft(t.Context(), "morning", slot)
	if err != nil {
		t.Fatal(err)
	}
	all, c, err := pipeline.ReadDraft(row)
	if err != nil || len(all.Stories) != 2 || len(c.Stories) != 1 {
		t.Fatalf("the draft has %d stories, tells %d (%v)", len(all.Stories), len(c.Stories), err)
	}
	spareOne := all.Stories[1].Story.ID
	if err := errors.Join(c.Move(spareOne, 1), c.Drop(all.Stories[0].Story.ID), c.SetNote(spareOne, "Ours")); err != nil {
		t.Fatal(err)
	}
	if row.Curation, err = pipeline.CurationJSON(all, c); err != nil {
		t.Fatal(err)
	}
	if err := d.db.CurateDraft(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	d.publish("fourth.example", "Later", paragraphs(9)...)
	d.groupAll(d.grouper())
	if sent, err := d.digester().Send(t.Context(), plan, slot, d.clock); err != nil || !sent {
		t.Fatalf("sent %v (%v)", sent, err)
	}
	kept, err := pipeline.ReadDigest(t.Context(), d.db, "morning", slot)
	if err != nil || len(kept.Stories) != 1 || kept.Stories[0].Story.ID != spareOne || kept.Stories[0].Note != "Ours" {
		t.Errorf("kept is %+v (%v)", kept.Stories, err)
	}
	if text := string(d.sent()[0].Payload); !strings.Contains(text, "Ours") || strings.Contains(text, "Later") {
		t.Errorf("the mail is %s", text)
	}
}

// TestPlanOfAQuery needs no index: one that is behind would leave out stories that no
// later digest tells.
func TestPlanOfAQuery(t *testing.T) {
	d, noon := twoDays(t)
	m := d.digester()
	_, err := d.db.AddWatch(t.Context(), store.Watch{Name: "News", Query: "title:new"})
	if err != nil {
		t.Fatal(err)
	}
	for want, plan := range map[string]store.DigestPlan{
		"title:new": {Name: "new", Query: "title:new"}, "the watch News": {Name: "new", Watch: "news"},
	} {
		got, err := m.Make(t.Context(), plan, "s", d.clock, 1)
		if err != nil || got.TotalStories != 1 || got.Stories[0].Story.Title != "New" || got.Query != want || got.TotalArticles != 1 {
			t.Errorf("of %s: %+v (%v)", want, got, err)
		}
	}
	ago := d.clock.Sub(noon).Hours() + 1
	got, err := m.Make(t.Context(), store.DigestPlan{Name: "late", Query: fmt.Sprintf("since:%.0fh", ago)}, "s", d.clock, 1)
	if err != nil || got.TotalStories != 1 {
		t.Errorf("times of the query count from elsewhere than the window's end: %d stories (%v)", got.TotalStories, err)
	}
	if _, err := m.Make(t.Context(), store.DigestPlan{Name: "gone", Watch: "floods"}, "s", d.clock, 1); !errors.Is(err, news.ErrNotFound) {
		t.Errorf("a watch that is not there: %v", err)
	}
	if _, err := m.Make(t.Context(), store.DigestPlan{Name: "bad", Query: "(dam"}, "s", d.clock, 1); !errors.Is(err, news.ErrInvalid) {
		t.Errorf("a query that cannot be read: %v", err)
	}
}

func TestCheckPlanSaysAll(t *testing.T) {
	good := store.DigestPlan{Name: "morning-1", Window: "7d", Schedule: "0 7 * * *", Draft: "30m", To: []string{"a@b.example"}, Show: "licensed", Outlets: []string{"x.example"}}
	if err := pipeline.CheckPlan(good); err != nil {
		t.Error(err)
	}
	bad := store.DigestPlan{
		Name: "Morning/1", Title: "a\nb", Window: "1y", Draft: "x", Query: "a", Watch: "b", By: "hearsay", Limit: -1, Show: "best", Outlets: []string{"tier:0", "tag:", "tga:x", "city:x", ""}, Formats: []string{"pdf"},
		To: []string{"nobody", "a@b.example", "A <a@B.example>"},
	}
	err := pipeline.CheckPlan(bad)
	if !errors.Is(err, news.ErrInvalid) {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{"name", "control", `window "1y"`, `draft "x"`, "no slot", "give one", "hearsay", "limit -1", "show best", "tier:0: write tier:1, tier:2 or tier:3", "tag: names no tag", "did you mean tag:x?", "there is no city:; write a domain", "without a name", "format pdf", `"nobody"`, "a@B.example stands there twice"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said:\n%v", want, err)
		}
	}
}
