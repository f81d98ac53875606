package schedule

import (
	"hash/fnv"
	"time"

	"kliping/internal/news"
)

// Feeds says when feeds are polled: by their own spec, else by the default.
type Feeds struct {
	Default  Spec
	Location *time.Location
}

// Backoff after failures in a row: doubling from the first bound to the second,
// so that a feed is never given up and never hammered.
const (
	firstBackoff = 5 * time.Minute
	lastBackoff  = 24 * time.Hour
)

// NextDue is when the feed is polled again after a poll that ended with o at
// now. A failing feed waits at least as long as its backoff, one that was told
// to wait (retryAfter) at least that long.
func (f Feeds) NextDue(feed news.Feed, o news.Outcome, retryAfter time.Duration, now time.Time) time.Time {
	spec := f.spec(feed)
	next := spec.Next(now)
	if every, plain := spec.Every(); plain {
		next = now.Add(every + jitter(feed.URL, every))
	}
	if next.IsZero() {
		next = now.Add(lastBackoff)
	}
	earliest := now.Add(retryAfter)
	if o != news.OutcomeOK && o != news.OutcomeNotModified {
		earliest = latest(earliest, now.Add(backoff(feed.Failures+1)))
	}
	return latest(next, earliest)
}

// spec is the feed's own schedule. One that cannot be read, which the commands
// refuse, falls back to the default rather than stop the feed.
func (f Feeds) spec(feed news.Feed) Spec {
	if feed.Schedule == "" {
		return f.Default
	}
	s, err := ParseSpec(feed.Schedule, f.Location)
	if err != nil {
		return f.Default
	}
	return s
}

// backoff is the least wait after this many failures in a row.
func backoff(failures int) time.Duration {
	wait := firstBackoff
	for i := 1; i < failures && wait < lastBackoff; i++ {
		wait *= 2
	}
	return min(wait, lastBackoff)
}

// jitter spreads feeds of one interval over a tenth of it, each always by the
// same share, so that feeds added together do not stay together.
func jitter(url string, every time.Duration) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(url))
	return time.Duration(h.Sum32()%1000) * every / 10000
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
