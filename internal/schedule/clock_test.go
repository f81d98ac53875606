package schedule

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSlotsAtClockChanges lists the slots of a night in which clocks change.
func TestSlotsAtClockChanges(t *testing.T) {
	for _, test := range []struct {
		name, spec, from, to string
		want                 []string // local, with offset
	}{
		{"skipped: the first moment after the gap", "TZ=Europe/Berlin 30 2 * * *", "2026-03-28T23:00Z", "2026-03-30T12:00Z",
			[]string{"03-29 03:00 +02", "03-30 02:30 +02"}},
		{"repeated: the first of the two", "TZ=Europe/Berlin 30 2 * * *", "2026-10-24T23:00Z", "2026-10-26T12:00Z",
			[]string{"10-25 02:30 +02", "10-26 02:30 +01"}},
		{"several times in the gap are one slot", "TZ=Europe/Berlin 0,30 1-3 * * *", "2026-03-28T23:00Z", "2026-03-29T12:00Z",
			[]string{"03-29 01:00 +01", "03-29 01:30 +01", "03-29 03:00 +02", "03-29 03:30 +02"}},
		{"midnight is skipped", "TZ=America/Sao_Paulo 0 0 * * 0", "2017-10-14T12:00Z", "2017-10-16T12:00Z",
			[]string{"10-15 01:00 -02"}},
		{"the hour before midnight is repeated", "TZ=America/Sao_Paulo 30 23 * * *", "2018-02-17T12:00Z", "2018-02-18T12:00Z",
			[]string{"02-17 23:30 -02"}},
		{"half an hour is skipped", "TZ=Australia/Lord_Howe 15 2 * * *", "2026-10-03T12:00Z", "2026-10-04T12:00Z",
			[]string{"10-04 02:30 +11"}},
		{"half an hour is repeated", "TZ=Australia/Lord_Howe 45 1 * * *", "2026-04-04T12:00Z", "2026-04-05T12:00Z",
			[]string{"04-05 01:45 +11"}},
		{"a whole day is skipped", "TZ=Pacific/Apia 0 7 30 12 *", "2011-12-01T00:00Z", "2012-01-31T00:00Z",
			[]string{"12-31 00:00 +14"}},
		{"every half hour in the skipped one", "TZ=Europe/Berlin */30 * * * *", "2026-03-29T00:00Z", "2026-03-29T02:00Z",
			[]string{"03-29 01:30 +01", "03-29 03:00 +02", "03-29 03:30 +02", "03-29 04:00 +02"}},
		{"every half hour in the repeated one", "TZ=Europe/Berlin */30 * * * *", "2026-10-25T00:00Z", "2026-10-25T02:00Z",
			[]string{"10-25 02:30 +02", "10-25 02:00 +01", "10-25 02:30 +01", "10-25 03:00 +01"}},
		{"an interval in the repeated hour", "TZ=Europe/Berlin @every 30m", "2026-10-25T00:00Z", "2026-10-25T01:30Z",
			[]string{"10-25 02:30 +02", "10-25 02:00 +01", "10-25 02:30 +01"}},
		{"every hour of a day that begins late", "TZ=Asia/Beirut 0 * * * 0", "2012-03-24T12:00Z", "2012-03-25T00:30Z",
			[]string{"03-25 01:00 +03", "03-25 02:00 +03", "03-25 03:00 +03"}},
	} {
		s := mustSpec(t, test.spec, time.UTC)
		from, to := at(t, test.from), at(t, test.to)
		var got []string
		for next := s.Next(from); !next.After(to); next = s.Next(next) {
			got = append(got, next.Format("01-02 15:04 -07"))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse("2006-01-02T15:04Z07:00", text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestOneSlotALocalDay holds that a daily spec comes due once on every day of
// three years, at its time or, where clocks skip that, as soon as they show a
// later one; and that steady specs never miss a beat in one.
func TestOneSlotALocalDay(t *testing.T) {
	for name, year := range map[string]int{
		"Europe/Berlin": 2025, "America/New_York": 2025, "America/Sao_Paulo": 2016,
		"Australia/Lord_Howe": 2025, "Africa/Casablanca": 2024, "Asia/Jakarta": 2025,
	} {
		loc := zone(t, name)
		from, to := time.Date(year, 1, 1, 0, 0, 0, -1, loc), time.Date(year+3, 1, 1, 0, 0, 0, 0, loc)
		for _, spec := range []string{"0 0", "45 1", "15 2", "30 2", "0 3", "30 23"} {
			oneADay(t, mustSpec(t, spec+" * * *", loc), from, to)
		}
		quarters := mustSpec(t, "*/15 * * * *", loc)
		for before := quarters.Next(from); before.Before(from.AddDate(1, 0, 0)); before = before.Add(15 * time.Minute) {
			if next := quarters.Next(before); next.Sub(before) != 15*time.Minute {
				t.Fatalf("%s: after %v a quarter of an hour is %v", name, before, next.Sub(before))
			}
		}
	}
}

// oneADay checks the slots of a daily spec against a count of the days.
func oneADay(t *testing.T, s Spec, from, to time.Time) {
	t.Helper()
	keys := map[string]bool{}
	before := from
	for day := clock(to.AddDate(-3, 0, 0), s.loc); day.Before(clock(to, s.loc)); day = day.AddDate(0, 0, 1) {
		next := s.Next(before)
		wanted := s.schedule.Next(day.Add(-time.Second)) // as a clock that never changes has it
		shown, justBefore := clock(next, s.loc), clock(next.Add(-time.Second), s.loc)
		if shown.Format(time.DateOnly) != day.Format(time.DateOnly) {
			t.Fatalf("%s in %s: after %v comes %v, not a slot on %s", s, s.loc, before, next, day.Format(time.DateOnly))
		}
		if shown.Before(wanted) || shown.After(wanted) && !justBefore.Before(wanted) {
			t.Fatalf("%s in %s: on %s it comes due at %v", s, s.loc, day.Format(time.DateOnly), next)
		}
		if last := s.Last(before, next.Add(time.Minute)); !last.Equal(next) {
			t.Fatalf("%s in %s: the newest slot at %v is %v", s, s.loc, next, last)
		}
		if last := s.Last(next, s.Next(next).Add(-time.Second)); !last.IsZero() {
			t.Fatalf("%s in %s: after the slot %v there is another, %v", s, s.loc, next, last)
		}
		key := s.Slot(next)
		if named, err := s.slotTime(key); err != nil || !named.Equal(next) || keys[key] {
			t.Fatalf("%s in %s: the key of %v is %s, which names %v (%v); seen before: %v", s, s.loc, next, key, named, err, keys[key])
		}
		keys[key] = true
		before = next
	}
}

// TestSlotTimeOfTheOtherKind reads the keys that were made before a schedule was
// changed.
func TestSlotTimeOfTheOtherKind(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	when := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC) // 02:30, for the first time
	daily, hourly := mustSpec(t, "30 2 * * *", berlin), mustSpec(t, "30 * * * *", berlin)
	for _, test := range []struct{ made, read Spec }{{daily, hourly}, {hourly, daily}} {
		if got, err := test.read.slotTime(test.made.Slot(when)); err != nil || !got.Equal(when) {
			t.Errorf("the slot of %q is, to %q, %v (%v), want %v", test.made, test.read, got, err, when)
		}
	}
	if a, b := hourly.Slot(when), hourly.Slot(when.Add(time.Hour)); a == b {
		t.Errorf("the repeated hour runs once for an hourly spec: %s", a)
	}
	if _, err := daily.slotTime("yesterday"); err == nil {
		t.Error("a key that is none is read")
	}
}
