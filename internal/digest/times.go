package digest

import "time"

// Windows longer than these are counted by days and by weeks.
const (
	longestHourly = 50 * time.Hour
	longestDaily  = 62 * 24 * time.Hour
)

// count counts the window's articles by hour, day or week of clocks in loc.
func (d *Digest) count(entries []Entry, loc *time.Location) {
	if d.TotalArticles == 0 {
		return
	}
	since, until := bounds(entries)
	if !d.Since.IsZero() {
		since = d.Since
	}
	if !d.Until.IsZero() {
		until = d.Until
	}
	since, until = since.In(loc), until.In(loc)
	start, next := hourOf, func(t time.Time) time.Time { return t.Add(time.Hour) }
	switch length := until.Sub(since); {
	case length > longestDaily:
		d.Unit, start, next = "week", mondayOf, func(t time.Time) time.Time { return t.AddDate(0, 0, 7) }
	case length > longestHourly:
		d.Unit, start, next = "day", dayOf, func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }
	default:
		d.Unit = "hour"
	}
	place := map[int64]int{}
	for t := start(since); t.Before(until); t = next(t) {
		place[t.Unix()] = len(d.Times)
		d.Times = append(d.Times, Bin{At: t})
	}
	for i := range entries {
		for _, a := range entries[i].In {
			if n, ok := place[start(a.At.In(loc)).Unix()]; ok {
				d.Times[n].Articles++
			}
		}
	}
}

// bounds are the times of the first article and after the last.
func bounds(entries []Entry) (since, until time.Time) {
	for i := range entries {
		for _, a := range entries[i].In {
			if since.IsZero() || a.At.Before(since) {
				since = a.At
			}
			if !a.At.Before(until) {
				until = a.At.Add(time.Nanosecond)
			}
		}
	}
	return since, until
}

// hourOf is the begin of an hour as clocks show it. One that a clock change
// repeats is two hours.
func hourOf(t time.Time) time.Time {
	_, offset := t.Zone()
	ahead := time.Duration(offset%3600) * time.Second
	return t.Add(ahead).Truncate(time.Hour).Add(-ahead)
}

func dayOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

func mondayOf(t time.Time) time.Time {
	return dayOf(t).AddDate(0, 0, -(int(t.Weekday())+6)%7)
}

// busiest is the bin with the most articles, the first of several.
func busiest(bins []Bin) Bin {
	var most Bin
	for _, b := range bins {
		if b.Articles > most.Articles {
			most = b
		}
	}
	return most
}
