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
	schedule cron.Schedule
	loc      *time.Location
}

// ParseSpec reads a spec; times without a zone of their own are meant in loc.
// The error wraps news.ErrInvalid and shows what a spec looks like.
func ParseSpec(text string, loc *time.Location) (Spec, error) {
	bare, zone := strings.TrimSpace(text), loc
	for _, prefix := range []string{"TZ=", "CRON_TZ="} {
		rest, ok := strings.CutPrefix(bare, prefix)
		if !ok {
			continue
		}
		name, fields, _ := strings.Cut(rest, " ")
		named, err := time.LoadLocation(name)
		if err != nil {
			return Spec{}, invalid(text, fmt.Sprintf("no time zone is called %q", name))
		}
		bare, zone = strings.TrimSpace(fields), named
	}
	if bare == "" {
		return Spec{}, invalid(text, "it has no fields")
	}
	schedule, err := cron.ParseStandard(bare)
	if err != nil {
		return Spec{}, invalid(text, err.Error())
	}
	return Spec{text: text, schedule: schedule, loc: zone}, nil
}

func invalid(text, why string) error {
	return fmt.Errorf("schedule %q: %s; write for example \"*/15 * * * *\", \"@every 30m\" or \"TZ=Asia/Jakarta 0 7 * * *\": %w", text, why, news.ErrInvalid)
}

// String is the spec as it was written.
func (s Spec) String() string { return s.text }

// Next is the first time after t at which the spec comes due; the zero time if
// it never does.
func (s Spec) Next(t time.Time) time.Time {
	if s.schedule == nil {
		return time.Time{}
	}
	return s.schedule.Next(t.In(s.loc))
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
func (s Spec) Last(since, t time.Time) time.Time {
	if floor := t.Add(-slotSearch); since.Before(floor) {
		since = floor
	}
	var last time.Time
	for next := s.Next(since); !next.IsZero() && !next.After(t); next = s.Next(next) {
		last = next
	}
	return last
}

// Slot is the key of the run that came due at t: local time to the minute, so
// that the hour a clock change repeats does not run twice.
func (s Spec) Slot(t time.Time) string { return t.In(s.loc).Format("2006-01-02T15:04") }

// slotTime is the local time that a slot's key names.
func (s Spec) slotTime(key string) (time.Time, error) {
	t, err := time.ParseInLocation("2006-01-02T15:04", key, s.loc)
	if err != nil {
		return time.Time{}, fmt.Errorf("slot key %q: %w", key, err)
	}
	return t, nil
}
