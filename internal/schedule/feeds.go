package schedule

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// Feeds says when feeds are polled: by their own spec, else by the default, else as
// often as each brings something.
type Feeds struct {
	Default  Spec // zero: none
	Location *time.Location

	// The bounds of what is found by itself for a feed without a spec.
	Fastest, Slowest time.Duration
	// Gap is how long a domain is left alone after a request.
	Gap time.Duration
}

const (
	// Backoff after failures in a row doubles from the first bound to the second,
	// so that a feed is never given up and never hammered.
	firstBackoff = 5 * time.Minute
	lastBackoff  = 24 * time.Hour

	// firstInterval is that of a feed of which nothing is known.
	firstInterval = 30 * time.Minute

	// More than this is not believed: servers that say a year of everything they
	// serve mean their pictures, and a feed must not fall silent for a slip. The
	// downside: one that means it is asked oftener than it likes.
	mostFresh = 24 * time.Hour
	mostAsked = 30 * 24 * time.Hour
)

// wait is a time before which a feed is not polled, and why, for people.
type wait struct {
	until time.Time
	why   string
}

// Next says when the feed is polled again after a poll that ended with a at now, and
// what is to be remembered. It depends on nothing else: the same poll at the same
// moment gives the same plan.
func (f Feeds) Next(feed news.Feed, a pipeline.Answer, now time.Time) store.Plan {
	plan := store.Plan{Timing: feed.Timing}
	if a.Outcome == news.OutcomeBusy {
		return f.putOff(plan, feed, a, now)
	}
	learn(&plan, a, now)
	f.free(&plan, feed, a, now)
	if a.Outcome == news.OutcomeGone {
		plan.Retired, plan.Reason = now, "retired: the server says that it is gone for good (410)"
		return plan
	}
	usual, spread := f.usual(&plan.Timing, feed, a, now, now)
	next := last(usual, asked(plan.Timing, feed, a, now))
	if next != usual {
		spread = min(next.until.Sub(now)/20, 5*time.Minute)
	}
	next.until = next.until.Add(jitter(feed.URL, now, spread))
	if feed.Schedule == "" {
		next = unskipped(next, plan.Timing.Pace)
	}
	plan.NextDue, plan.Reason = next.until, next.why
	return plan
}

// Rescheduled says when a feed is polled next whose schedule a person has changed,
// and why: as if its last poll had gone by the new one, and not before its server
// lets it.
func (f Feeds) Rescheduled(feed news.Feed, now time.Time) (time.Time, string) {
	if feed.LastPoll.IsZero() {
		return latest(now, feed.Timing.HeldUntil), ""
	}
	polled := pipeline.Answer{Outcome: feed.Status}
	before := feed
	before.Failures-- // asked counts the failure that the answer is
	waits := asked(feed.Timing, before, polled, feed.LastPoll)
	waits = append(waits, wait{feed.Timing.HeldUntil, "the server asked to be left alone until then (Retry-After)"})
	usual, _ := f.usual(&feed.Timing, feed, pipeline.Answer{}, feed.LastPoll, now)
	next := last(usual, waits)
	if feed.Schedule == "" {
		next = unskipped(next, feed.Timing.Pace)
	}
	return latest(next.until, now), next.why
}

// last is the latest of the waits, the first if none is later.
func last(first wait, more []wait) wait {
	for _, w := range more {
		if w.until.After(first.until) {
			first = w
		}
	}
	return first
}

// putOff is the plan after a poll that came to no answer, because it led to a domain
// whose turn did not come. Nothing is learned of it, and it is no failure.
func (f Feeds) putOff(plan store.Plan, feed news.Feed, a pipeline.Answer, now time.Time) store.Plan {
	f.free(&plan, feed, a, now)
	wait := min(max(a.RetryAfter, leastPutOff), lastBackoff)
	plan.NextDue = now.Add(wait + jitter(feed.URL, now, min(wait/2, firstBackoff)))
	plan.Reason = a.Why + ": tried again after " + words(wait)
	return plan
}

// leastPutOff is the least wait for a turn that did not come: the address that led
// there has to be asked again.
const leastPutOff = time.Minute

// learn takes over what the answer says of freshness, pace and place. A 304 that
// says nothing of freshness leaves what the answer it stands for said (RFC 9111,
// 4.3.4); its body, and so the pace, is the one known.
func learn(plan *store.Plan, a pipeline.Answer, now time.Time) {
	t := &plan.Timing
	switch {
	case !a.Good():
	case a.Fresh != nil:
		t.Fresh = *a.Fresh
	case a.Outcome == news.OutcomeOK:
		t.Fresh = 0
	}
	if a.Good() {
		t.Map = a.Map
	}
	if a.Pace != nil {
		t.Pace = *a.Pace
	}
	t.HeldUntil = time.Time{}
	if a.RetryAfter > 0 {
		t.HeldUntil = now.Add(min(a.RetryAfter, mostAsked))
	}
	switch {
	case !a.Good(): // whoever failed said nothing of the move
	case a.MovedTo != t.MovedTo:
		t.MovedTo, t.MovedSince = a.MovedTo, now
		if a.MovedTo == "" {
			t.MovedSince = time.Time{}
		}
	case a.MovedTo != "" && now.Sub(t.MovedSince) >= heldMove:
		plan.URL = a.MovedTo // what is known of the move stays: another feed may have the address
	}
}

// heldMove is how long a server has to say without a break that a feed moved for
// good before it is believed: some say so of everything while they are repaired.
const heldMove = 24 * time.Hour

// free says when the domain may be asked again. A server that asks to be left alone
// speaks for all its feeds, but where strangers share it, for the one. What it says
// at the end of a redirect to somewhere else it does not say for this domain.
func (f Feeds) free(plan *store.Plan, feed news.Feed, a pipeline.Answer, now time.Time) {
	domain, own := store.Domain(feed.URL)
	if own {
		return
	}
	plan.FreeAt = now.Add(f.Gap)
	if a.Outcome != news.OutcomeRateLimited || a.RetryAfter == 0 || slices.Contains(shared, domain) {
		return
	}
	if answered, _ := store.Domain(a.URL); answered == domain {
		plan.FreeAt, plan.Held = now.Add(min(a.RetryAfter, mostAsked)), true
	}
}

// usual is when a feed that was last polled at polled comes due if nobody asks
// otherwise, and how far that may be put off so that feeds do not come in step.
func (f Feeds) usual(t *news.Timing, feed news.Feed, a pipeline.Answer, polled, now time.Time) (w wait, spread time.Duration) {
	spec, whose := f.Default, "fetch.schedule"
	if own, err := ParseSpec(feed.Schedule, f.Location); feed.Schedule != "" && err == nil { // the commands refuse others
		spec, whose = own, "its own schedule"
	}
	every, plain := spec.Every()
	switch {
	case plain:
		return wait{polled.Add(every), fmt.Sprintf("%s, %s", whose, spec)}, every / 10
	case spec.schedule != nil:
		next := spec.Next(now)
		if next.IsZero() {
			next = now.Add(lastBackoff)
		}
		return wait{next, fmt.Sprintf("%s, %s", whose, spec)}, min(next.Sub(now)/10, 30*time.Second)
	}
	t.Interval = f.adapt(t.Interval, feed, a)
	return wait{polled.Add(t.Interval), "every " + words(t.Interval) + ", by how often it brings something"}, t.Interval / 10
}

// adapt finds a feed's interval: halved by a poll that brought something, a fifth
// longer after one that did not, which settles at some five polls for each one that
// brings something.
func (f Feeds) adapt(interval time.Duration, feed news.Feed, a pipeline.Answer) time.Duration {
	switch {
	case interval == 0, feed.LastPoll.IsZero():
		interval = firstInterval
	case !a.Good():
	case a.Brought > 0:
		interval /= 2
	default:
		interval += interval / 5
	}
	return min(max(interval, f.Fastest), f.Slowest).Round(time.Second)
}

// asked are the times before which server or feed ask not to be polled. A person's
// schedule goes before what the feed's text suggests of itself, not before what the
// server says.
func asked(t news.Timing, feed news.Feed, a pipeline.Answer, now time.Time) (all []wait) {
	if t.Fresh > 0 && a.Good() {
		fresh := min(t.Fresh, mostFresh)
		all = append(all, wait{now.Add(fresh), "the server says that its answer does for " + words(fresh) + " (Cache-Control or Expires)"})
	}
	if t.Every > 0 && feed.Schedule == "" {
		every := min(t.Every, mostFresh)
		all = append(all, wait{now.Add(every), "the feed asks to be read every " + words(every) + " at most (" + t.Source + ")"})
	}
	if !a.Good() {
		failures := feed.Failures + 1
		all = append(all, wait{now.Add(backoff(failures)), fmt.Sprintf("%s, %s in a row: tried again after %s", a.Outcome, times(failures), words(backoff(failures)))})
	}
	if a.RetryAfter > 0 {
		asked := min(a.RetryAfter, mostAsked)
		all = append(all, wait{now.Add(asked), leftAlone(asked, a.Code)})
	}
	return all
}

// unskipped moves a time out of the hours and days in which the feed asks to be left
// alone. One that names them all asks for nothing.
func unskipped(w wait, p news.Pace) wait {
	if len(p.SkipHours) == 0 && len(p.SkipDays) == 0 {
		return w
	}
	into := w.until.Sub(w.until.Truncate(time.Hour)) // kept, for the sake of jitter
	t := w.until.UTC()
	for range 8 * 24 {
		if !slices.Contains(p.SkipHours, t.Hour()) && !slices.Contains(p.SkipDays, t.Weekday()) {
			if !t.Equal(w.until) {
				w = wait{t, w.why + "; not at hours or on days that the feed asks to skip"}
			}
			return w
		}
		t = t.Truncate(time.Hour).Add(time.Hour + into)
	}
	return w
}

// backoff is the least wait after this many failures in a row.
func backoff(failures int) time.Duration {
	wait := firstBackoff
	for i := 1; i < failures && wait < lastBackoff; i++ {
		wait *= 2
	}
	return min(wait, lastBackoff)
}

// jitter is a share of most that differs from feed to feed and from poll to poll, so
// that neither feeds added together stay together nor do all who run this program.
func jitter(url string, now time.Time, most time.Duration) time.Duration {
	h := fnv.New64a()
	h.Write([]byte(url))
	h.Write(strconv.AppendInt(nil, now.UnixNano(), 10))
	return time.Duration(float64(h.Sum64()>>11) / (1 << 53) * float64(most))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// words is a duration for people: no more exact than its size asks for.
func words(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= 10*time.Minute:
		d = d.Round(time.Minute)
	default:
		d = d.Round(time.Second)
	}
	hours, minutes, seconds := d/time.Hour, d/time.Minute%60, d/time.Second%60
	text := ""
	for _, part := range []struct {
		n    time.Duration
		unit string
	}{{hours, " h"}, {minutes, " min"}, {seconds, " s"}} {
		if part.n > 0 {
			text += " " + strconv.Itoa(int(part.n)) + part.unit
		}
	}
	if text == "" {
		return "0 s"
	}
	return text[1:]
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}
