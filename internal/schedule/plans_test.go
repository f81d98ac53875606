package schedule

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// planner runs plans on a store by a clock of its own.
type planner struct {
	*Plans
	t     *testing.T
	db    *store.DB
	clock time.Time
	log   strings.Builder
}

func newPlanner(t *testing.T, path string, fixed ...store.DigestPlan) *planner {
	t.Helper()
	p := &planner{t: t}
	db, err := store.Open(t.Context(), store.Options{Path: path, Now: func() time.Time { return p.clock }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p.db = db
	p.Plans = &Plans{
		Digester: &pipeline.Digester{DB: db, Location: time.UTC}, Fixed: fixed, Location: time.UTC,
		Now: func() time.Time { return p.clock }, Log: slog.New(slog.NewTextHandler(&p.log, nil)),
	}
	return p
}

// until steps through time.
func (p *planner) until(end time.Time, step time.Duration) {
	p.t.Helper()
	for ; p.clock.Before(end); p.clock = p.clock.Add(step) {
		if _, err := p.Step(p.t.Context()); err != nil {
			p.t.Fatal(err)
		}
	}
}

// slots are the digests made of a plan, oldest first.
func (p *planner) slots(plan string) (slots []string) {
	p.t.Helper()
	all, err := p.db.Digests(p.t.Context(), plan, 100_000)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, d := range all {
		slots = append(slots, d.Slot)
	}
	slices.Sort(slots)
	return slots
}

// mails counts what is in the outbox.
func (p *planner) mails() int {
	p.t.Helper()
	all, err := p.db.ClaimMessages(p.t.Context(), 100_000, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	return len(all)
}

// TestOncePerLocalDay lives through every clock change of some zones and years
// with a digest at a time of night that clocks skip and repeat.
func TestOncePerLocalDay(t *testing.T) {
	years := []int{2021, 2026, 2027}
	if testing.Short() {
		years = years[1:2]
	}
	for zoneName, at := range map[string]string{
		"Europe/Berlin": "30 2", "America/New_York": "30 1", "America/St_Johns": "30 2", "Australia/Lord_Howe": "45 1",
		"America/Santiago": "15 0", "Africa/Cairo": "30 0", "Asia/Jakarta": "30 2",
	} {
		t.Run(zoneName, func(t *testing.T) {
			loc := zone(t, zoneName)
			p := newPlanner(t, storePath(t), store.DigestPlan{Name: "night", Schedule: "TZ=" + zoneName + " " + at + " * * *", To: []string{"a@b.example"}})
			days := 0
			for _, year := range years {
				for _, change := range clockChanges(loc, year) {
					p.clock, p.start = change.Add(-36*time.Hour), time.Time{}
					made := len(p.slots("night"))
					p.until(change.Add(36*time.Hour), 15*time.Minute)
					days += len(p.slots("night")) - made
					if n := len(p.slots("night")) - made; n < 3 || n > 4 { // what was missed between is made up, once
						t.Errorf("%d digests in the three days about %v", n, change)
					}
				}
			}
			slots := p.slots("night")
			for i, s := range slots {
				if i > 0 && s[:10] == slots[i-1][:10] {
					t.Errorf("two on one day: %s and %s", slots[i-1], s)
				}
			}
			if n := p.mails(); n != len(slots) || n != days {
				t.Errorf("%d mails for %d digests", n, len(slots))
			}
		})
	}
}

// clockChanges are the moments of a year at which a zone's offset changes, and
// a summer's day.
func clockChanges(loc *time.Location, year int) []time.Time {
	all := []time.Time{time.Date(year, 1, 15, 12, 0, 0, 0, loc)}
	for t := time.Date(year, 1, 20, 0, 0, 0, 0, loc); ; {
		_, end := t.ZoneBounds()
		if end.IsZero() || end.Year() != year {
			return all
		}
		all, t = append(all, end), end
	}
}

func TestDowntimeMakesUpTheNewestOnly(t *testing.T) {
	path := storePath(t)
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	plan := store.DigestPlan{Name: "morning", Schedule: "0 7 * * *"}
	p := newPlanner(t, path, plan)
	p.clock = day
	p.until(day.Add(8*time.Hour), 10*time.Minute)
	again := newPlanner(t, path, plan)
	again.clock = day.Add(4*24*time.Hour + 9*time.Hour)
	again.until(again.clock.Add(time.Hour), 10*time.Minute)
	if got := again.slots("morning"); !slices.Equal(got, []string{"2026-05-01T07:00", "2026-05-05T07:00"}) {
		t.Errorf("made were %v", got)
	}
	d, err := pipeline.ReadDigest(t.Context(), p.db, "morning", "2026-05-05T07:00")
	if err != nil || !d.Since.Equal(day.Add(7*time.Hour-2*time.Minute)) || !d.Until.Equal(day.Add(4*24*time.Hour+7*time.Hour-2*time.Minute)) {
		t.Errorf("it is from %v to %v (%v), want all since the last", d.Since, d.Until, err)
	}
}

func TestPlansOfTheStore(t *testing.T) {
	p := newPlanner(t, storePath(t), store.DigestPlan{Name: "digest", Schedule: "0 7 * * *"})
	ctx := context.Background()
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	p.clock = day.Add(9 * time.Hour)
	p.until(day.Add(10*time.Hour), 10*time.Minute)
	for _, plan := range []store.DigestPlan{
		{Name: "early", Schedule: "0 8 * * *"}, // was before it was added
		{Name: "noon", Schedule: "0 12 * * *", Draft: "30m"},
		{Name: "byhand"},
		{Name: "broken", Schedule: "99 * * * *"},
	} {
		if err := p.db.AddPlan(ctx, plan); err != nil {
			t.Fatal(err)
		}
	}
	p.until(day.Add(11*time.Hour+40*time.Minute), 10*time.Minute)
	drafts, err := p.db.Drafts(ctx, "")
	if err != nil || len(drafts) != 1 || drafts[0].Name != "noon" || drafts[0].Slot != "2026-05-01T12:00" {
		t.Errorf("half an hour ahead there are the drafts %v (%v)", drafts, err)
	}
	p.until(day.Add(14*time.Hour), 10*time.Minute)
	if got := p.slots("noon"); !slices.Equal(got, []string{"2026-05-01T12:00"}) {
		t.Errorf("at noon were made %v", got)
	}
	if got := slices.Concat(p.slots("early"), p.slots("byhand"), p.slots("broken"), p.slots("digest")); len(got) != 0 {
		t.Errorf("made without a reason: %v", got)
	}
	if d, err := p.db.Drafts(ctx, ""); err != nil || len(d) != 0 {
		t.Errorf("the draft that went out is still there: %v (%v)", d, err)
	}
	if !strings.Contains(p.log.String(), "plan=broken") {
		t.Errorf("the log does not name the plan that failed:\n%s", p.log.String())
	}

	// A draft that was sent by hand does not go out again at its slot.
	p.until(day.Add(24*time.Hour+11*time.Hour+45*time.Minute), 10*time.Minute)
	if sent, err := p.Digester.Send(ctx, store.DigestPlan{Name: "noon"}, "2026-05-02T12:00", p.clock); err != nil || !sent {
		t.Fatalf("sent by hand: %v (%v)", sent, err)
	}
	p.until(day.Add(24*time.Hour+14*time.Hour), 10*time.Minute)
	if got := p.slots("noon"); len(got) != 2 {
		t.Errorf("after one was sent by hand there are %v", got)
	}
}

// TestClockThatWasAhead runs a night with the clock a year ahead, and puts it right.
func TestClockThatWasAhead(t *testing.T) {
	p := newPlanner(t, storePath(t), store.DigestPlan{Name: "digest", Schedule: "0 8 * * *"})
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	p.clock = day.AddDate(1, 0, 0)
	if err := p.db.AddPlan(t.Context(), store.DigestPlan{Name: "added", Schedule: "0 7 * * *"}); err != nil {
		t.Fatal(err)
	}
	p.until(p.clock.Add(10*time.Hour), time.Hour)
	p.clock = day.Add(12 * time.Hour)
	p.until(day.Add(3*24*time.Hour), time.Hour)
	for plan, at := range map[string]string{"digest": "T08:00", "added": "T07:00"} {
		if got, want := p.slots(plan), []string{"2026-05-02" + at, "2026-05-03" + at, "2027-05-01" + at}; !slices.Equal(got, want) {
			t.Errorf("of %s were made %v, want %v", plan, got, want)
		}
		d, err := pipeline.ReadDigest(t.Context(), p.db, plan, "2026-05-03"+at)
		if err != nil || d.Until.Sub(d.Since) != 24*time.Hour {
			t.Errorf("of %s the window is from %v to %v (%v)", plan, d.Since, d.Until, err)
		}
		if n := strings.Count(p.log.String(), "clock was ahead\" of="+store.DigestJob(plan)+"\n"); n != 1 {
			t.Errorf("the log says %d times that the clock was ahead:\n%s", n, p.log.String())
		}
	}
}

// TestClockAheadByADay has the clock a day ahead for two hours: the slot that it took
// is not sent again, but the next digest has what that one could not have.
func TestClockAheadByADay(t *testing.T) {
	p := newPlanner(t, storePath(t))
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	p.clock = day
	if err := p.db.AddPlan(t.Context(), store.DigestPlan{Name: "m", Schedule: "0 7 * * *"}); err != nil {
		t.Fatal(err)
	}
	p.until(day.Add(12*time.Hour), time.Hour)
	p.clock = day.Add(36 * time.Hour)
	p.until(p.clock.Add(2*time.Hour), time.Hour)
	right := day.Add(14 * time.Hour)
	p.clock = right
	p.until(day.Add(3*24*time.Hour), time.Hour)
	if got, want := p.slots("m"), []string{"2026-05-01T07:00", "2026-05-02T07:00", "2026-05-03T07:00"}; !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
	d, err := pipeline.ReadDigest(t.Context(), p.db, "m", "2026-05-03T07:00")
	if err != nil || d.Since.After(right.Add(time.Hour)) {
		t.Errorf("the next window is from %v to %v (%v), and what came from %v is in none", d.Since, d.Until, err, right)
	}
}

// TestPlanThatMoves moves a plan to other zones on a day when its digest was made: the
// same local time comes again in the west, and came already in the east.
func TestPlanThatMoves(t *testing.T) {
	p := newPlanner(t, storePath(t))
	p.clock = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	plan := store.DigestPlan{Name: "m", Schedule: "TZ=Asia/Jakarta 30 6 * * *", To: []string{"a@b.example"}, Draft: "30m"}
	if err := p.db.AddPlan(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	want := []string{"2026-05-05T06:30"} // 23:30 on the fourth
	p.until(p.clock.Add(25*time.Hour), 10*time.Minute)
	for _, move := range []struct {
		zone  string
		slots []string // of the day and a half after
	}{
		{"America/New_York", []string{"2026-05-05T06:30-04:00", "2026-05-06T06:30"}}, // 10:30
		{"Asia/Jakarta", []string{"2026-05-07T06:30", "2026-05-08T06:30"}},
	} {
		plan.Schedule = "TZ=" + move.zone + " 30 6 * * *"
		if err := p.db.UpdatePlan(t.Context(), plan, "", ""); err != nil {
			t.Fatal(err)
		}
		p.until(p.clock.Add(36*time.Hour), 10*time.Minute)
		want = append(want, move.slots...)
		if got := p.slots("m"); !slices.Equal(got, want) {
			t.Errorf("after it moved to %s there are %v, want %v", move.zone, got, want)
		}
	}
	if n := p.mails(); n != len(want) {
		t.Errorf("%d mails for %d digests", n, len(want))
	}
	var until time.Time
	for _, slot := range want {
		d, err := pipeline.ReadDigest(t.Context(), p.db, "m", slot)
		if err != nil || d.Slot != slot || !until.IsZero() && !d.Since.Equal(until) {
			t.Errorf("%s begins at %v (%v), want where the last ended, at %v", slot, d.Since, err, until)
		}
		until = d.Until
	}
}

// TestPlanAddedAgain removes a plan and adds one of its name on the same day, and again
// when months have passed.
func TestPlanAddedAgain(t *testing.T) {
	p := newPlanner(t, storePath(t))
	p.clock = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	made := 0
	plan := store.DigestPlan{Name: "m", Schedule: "0 7 * * *"}
	for _, pause := range []time.Duration{0, 90 * 24 * time.Hour} {
		p.clock = p.clock.Add(pause)
		if err := p.db.AddPlan(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
		p.until(p.clock.Add(24*time.Hour), 10*time.Minute)
		made++
		slots := p.slots("m")
		if len(slots) != made {
			t.Fatalf("made were %v", slots)
		}
		d, err := pipeline.ReadDigest(t.Context(), p.db, "m", slots[len(slots)-1])
		if err != nil || d.Until.Sub(d.Since) != 24*time.Hour {
			t.Errorf("the first digest is from %v to %v (%v), want the last day", d.Since, d.Until, err)
		}
		if err := p.db.RemovePlan(t.Context(), "m"); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDraftOfAPlanThatMoves drafts a digest, moves its plan, and sends it as curated.
func TestDraftOfAPlanThatMoves(t *testing.T) {
	p := newPlanner(t, storePath(t))
	p.clock = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	plan := store.DigestPlan{Name: "m", Schedule: "30 6 * * *", Draft: "30m"}
	if err := p.db.AddPlan(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	p.until(p.clock.Add(6*time.Hour+10*time.Minute), 5*time.Minute)
	row, err := p.db.Draft(t.Context(), "m", "2026-05-04T06:30")
	if err != nil {
		t.Fatal(err)
	}
	row.Curation = []byte(`{"note":"A quiet night","stories":[]}`)
	if err := p.db.CurateDraft(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	plan.Schedule = "0 7 * * *"
	if err := p.db.UpdatePlan(t.Context(), plan, row.Slot, "2026-05-04T07:00"); err != nil {
		t.Fatal(err)
	}
	p.until(p.clock.Add(4*time.Hour), 5*time.Minute)
	drafts, err := p.db.Drafts(t.Context(), "m")
	if got := p.slots("m"); err != nil || len(drafts) != 0 || !slices.Equal(got, []string{"2026-05-04T07:00"}) {
		t.Fatalf("made were %v, and there are the drafts %v (%v)", got, drafts, err)
	}
	d, err := pipeline.ReadDigest(t.Context(), p.db, "m", "2026-05-04T07:00")
	if err != nil || d.Note != "A quiet night" || d.Slot != "2026-05-04T07:00" {
		t.Errorf("it is of %s and has the note %q (%v)", d.Slot, d.Note, err)
	}
}

// TestOldDraft sleeps over the slot of a draft, which then tells of a time that was told.
func TestOldDraft(t *testing.T) {
	p := newPlanner(t, storePath(t))
	p.clock = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	plan := store.DigestPlan{Name: "m", Schedule: "30 6 * * *", Draft: "30m", To: []string{"a@b.example"}}
	if err := p.db.AddPlan(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	p.until(p.clock.Add(6*time.Hour+10*time.Minute), 5*time.Minute)
	p.clock = p.clock.Add(25 * time.Hour)
	p.until(p.clock.Add(time.Hour), 5*time.Minute)
	sent, err := p.Digester.Send(t.Context(), plan, "2026-05-04T06:30", p.clock)
	if sent || !errors.Is(err, news.ErrInvalid) {
		t.Errorf("a draft from before the last digest was sent: %v (%v)", sent, err)
	}
	if got := p.slots("m"); !slices.Equal(got, []string{"2026-05-05T06:30"}) || p.mails() != 1 {
		t.Errorf("made were %v", got)
	}
}
