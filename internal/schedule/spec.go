package schedule

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"kliping/internal/news"
)

// Spec is a parsed cron expression. The zero Spec never comes due.
type Spec struct {
	text     string
	schedule cron.Schedule // asked in UTC only: it is wrong about clock changes
	daily    bool          // names hours of the day
	loc      *time.Location
}

// ParseSpec reads a spec; times without a zone of their own are meant in loc.
// The error wraps news.ErrInvalid and shows what a spec looks like.
func ParseSpec(text string, loc *time.Location) (Spec, error) {
	bare := strings.TrimSpace(text)
	first, rest, _ := strings.Cut(bare, " ")
	if name, ok := strings.CutPrefix(strings.TrimPrefix(first, "CRON_"), "TZ="); ok {
		named, err := time.LoadLocation(name)
		if err != nil || name == "" {
			return Spec{}, invalid(text, fmt.Sprintf("no time zone is called %q", name))
		}
		bare, loc = strings.TrimSpace(rest), named
	}
	schedule, why := parseBare(bare)
	if why != "" {
		return Spec{}, invalid(text, why)
	}
	s := Spec{text: text, schedule: schedule, loc: loc}
	if fields, ok := schedule.(*cron.SpecSchedule); ok {
		const everyHour = 1<<24 - 1
		s.daily = fields.Hour&everyHour != everyHour
	}
	return s, nil
}

// parseBare reads a spec without a zone, or says why it cannot. The parser takes
// some that it should not: it panics at a second zone without fields, makes a
// second of any lesser interval, and takes an empty field for never.
func parseBare(bare string) (cron.Schedule, string) {
	switch fields := strings.Fields(bare); {
	case len(fields) == 0:
		return nil, "it has no fields"
	case strings.HasPrefix(bare, "@"):
		if every, ok := strings.CutPrefix(bare, "@every "); ok {
			if d, err := time.ParseDuration(every); err == nil && d < time.Second {
				return nil, every + " is less than a second"
			}
		}
	case len(fields) != 5:
		return nil, fmt.Sprintf("expected exactly 5 fields, found %d", len(fields))
	default:
		bare = strings.Join(fields, " ")
	}
	schedule, err := cron.ParseStandard(bare)
	if err != nil {
		return nil, err.Error()
	}
	if s, ok := schedule.(*cron.SpecSchedule); ok && min(s.Minute, s.Hour, s.Dom, s.Month, s.Dow) == 0 {
		return nil, "a field is empty"
	}
	if schedule.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() { // within five years
		return nil, "no such day ever comes"
	}
	return schedule, ""
}

func invalid(text, why string) error {
	return fmt.Errorf("schedule %q: %s; write for example \"*/15 * * * *\", \"@every 30m\" or \"TZ=Asia/Jakarta 0 7 * * *\": %w", text, why, news.ErrInvalid)
}

// String is the spec as it was written.
func (s Spec) String() string { return s.text }

// Next is the first time after t at which the spec comes due; the zero time if
// it never does. A spec that names hours comes due once for each local time: the
// first time in an hour that a clock change repeats, and when it skips the time,
// at the first moment after the gap. One of every hour counts the time that
// really passes, so that */15 stays a quarter of an hour; so does @every, in
// multiples that do not depend on t: restarts and other nodes count the same.
func (s Spec) Next(t time.Time) time.Time {
	every, plain := s.Every()
	switch {
	case s.schedule == nil:
		return time.Time{}
	case plain:
		return t.Truncate(every).Add(every).In(s.loc)
	case s.daily:
		return s.nextDaily(t)
	}
	return s.nextSteady(t)
}

// nextDaily passes over local times that came before t already, though the clock
// was put back since.
func (s Spec) nextDaily(t time.Time) time.Time {
	for local := s.schedule.Next(clock(t, s.loc)); !local.IsZero(); local = s.schedule.Next(local) {
		if at := firstShown(local, s.loc); at.After(t) {
			return at
		}
	}
	return time.Time{}
}

// nextSteady takes each stretch of time between two clock changes by itself.
func (s Spec) nextSteady(t time.Time) time.Time {
	t = t.In(s.loc)
	for local := clock(t, s.loc); ; {
		if local = s.schedule.Next(local); local.IsZero() {
			return local
		}
		_, end := t.ZoneBounds()
		at := local.Add(-offset(t))
		if end.IsZero() || at.Before(end) {
			return at.In(s.loc)
		}
		t, local = end, clock(end, s.loc).Add(-time.Nanosecond) // the stretch's first moment counts
	}
}

// Every reports whether the spec is a plain interval, and which.
func (s Spec) Every() (time.Duration, bool) {
	every, ok := s.schedule.(cron.ConstantDelaySchedule)
	return every.Delay, ok
}

// slotSearch bounds how far back Last looks: a year and a day covers every spec
// that runs at least yearly.
const slotSearch = 367 * 24 * time.Hour

// Last is the newest time at or before t, and after since, at which the spec
// came due; the zero time if there was none. After downtime only this one
// missed slot is made up.
func (s Spec) Last(since, t time.Time) (last time.Time) {
	since = latest(since, t.Add(-slotSearch))
	from := t
	// Growing steps, so that a spec of every minute costs no more than one of every year.
	for back := time.Minute; from.After(since) && last.IsZero(); back *= 4 {
		from = latest(since, t.Add(-back))
		for next := s.Next(from); !next.IsZero() && !next.After(t); next = s.Next(next) {
			last = next
		}
	}
	return last
}

// Keys of slots: a spec that names hours runs once for each local time, one that
// does not runs again when a clock change repeats the hour.
const (
	dailyKey  = "2006-01-02T15:04"
	steadyKey = dailyKey + "Z07:00"
)

// Slot is the key of the run that came due at t: local time to the minute.
func (s Spec) Slot(t time.Time) string {
	if s.daily {
		return t.In(s.loc).Format(dailyKey)
	}
	return t.In(s.loc).Format(steadyKey)
}

// slotTime is the time that a slot's key names. The spec may have been of the
// other kind when the key was made.
func (s Spec) slotTime(key string) (time.Time, error) {
	if t, err := time.Parse(steadyKey, key); err == nil {
		return t, nil
	}
	local, err := time.Parse(dailyKey, key)
	if err != nil {
		return time.Time{}, fmt.Errorf("slot key %q: %w", key, err)
	}
	return firstShown(local, s.loc), nil
}
