package schedule

import "time"

// Local times are held as if they were UTC, where no clock ever changes.

// clock is the local time that clocks in loc show at t.
func clock(t time.Time, loc *time.Location) time.Time {
	t = t.In(loc)
	return t.Add(offset(t)).UTC()
}

// offset is how far clocks at t are ahead of UTC.
func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// firstShown is the first moment at which clocks in loc show the local time or a
// later one: of a time shown twice the first, of one never shown the end of the
// gap.
func firstShown(local time.Time, loc *time.Location) time.Time {
	t := local.Add(-24 * time.Hour).In(loc) // offsets are less than a day, so it is before
	for {
		start, end := t.ZoneBounds()
		at := local.Add(-offset(t))
		switch {
		case at.Before(start):
			return start
		case end.IsZero() || at.Before(end):
			return at.In(loc)
		}
		t = end
	}
}
