package schedule

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kliping/internal/news"
	"kliping/internal/pipeline"
)

// noon is a Friday's.
var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func long(d time.Duration) *time.Duration { return &d }

func good(brought int) pipeline.Answer {
	return pipeline.Answer{Outcome: news.OutcomeOK, Code: 200, Brought: brought, Pace: &news.Pace{}}
}

func failed(o news.Outcome) pipeline.Answer { return pipeline.Answer{Outcome: o} }

// TestNext is the table of states and answers. A wait may be longer than least by
// the given jitter.
func TestNext(t *testing.T) {
	cron := func(spec string) news.Feed {
		return news.Feed{URL: "https://a.example/rss", Schedule: spec, LastPoll: noon.Add(-time.Hour)}
	}
	adaptive := cron("")
	adaptive.Timing.Interval = time.Hour
	with := func(f news.Feed, change func(*news.Feed)) news.Feed {
		change(&f)
		return f
	}
	answer := func(a pipeline.Answer, change func(*pipeline.Answer)) pipeline.Answer {
		change(&a)
		return a
	}
	unchanged := pipeline.Answer{Outcome: news.OutcomeNotModified, Code: 304}
	limited := pipeline.Answer{Outcome: news.OutcomeRateLimited, Code: 429, URL: "https://a.example/rss", RetryAfter: 2 * time.Hour}
	for _, test := range []struct {
		name          string
		feed          news.Feed
		answer        pipeline.Answer
		least, jitter time.Duration
		why           string
	}{
		{"a new feed", news.Feed{URL: "https://a.example/"}, good(20), 30 * time.Minute, 3 * time.Minute, "every 30 min, by how often"},
		{"it brings something: half", adaptive, good(1), 30 * time.Minute, 3 * time.Minute, "every 30 min"},
		{"it brings nothing: a fifth more", adaptive, unchanged, 72 * time.Minute, 432 * time.Second, "every 1 h 12 min"},
		{"the fastest", with(adaptive, func(f *news.Feed) { f.Timing.Interval = 16 * time.Minute }), good(1), 15 * time.Minute, 90 * time.Second, "every 15 min"},
		{"the slowest", with(adaptive, func(f *news.Feed) { f.Timing.Interval = 6 * time.Hour }), unchanged, 6 * time.Hour, 36 * time.Minute, "every 6 h"},
		{"own interval", cron("@every 20m"), good(0), 20 * time.Minute, 2 * time.Minute, "its own schedule, @every 20m"},
		{"own spec", cron("0 * * * *"), unchanged, time.Hour, 30 * time.Second, "its own schedule, 0 * * * *"},
		{"spec gone bad", cron("nonsense"), good(0), 30 * time.Minute, 3 * time.Minute, "every 30 min"},

		{"fresh for longer", cron("*/5 * * * *"), answer(good(1), func(a *pipeline.Answer) { a.Fresh = long(time.Hour) }), time.Hour, 3 * time.Minute, "does for 1 h"},
		{"fresh for less", cron("0 * * * *"), answer(good(1), func(a *pipeline.Answer) { a.Fresh = long(time.Minute) }), time.Hour, 30 * time.Second, "its own schedule"},
		{"fresh as the answer before said", with(cron("*/5 * * * *"), func(f *news.Feed) { f.Timing.Fresh = time.Hour }), unchanged, time.Hour, 3 * time.Minute, "does for 1 h"},
		{"a 304 says otherwise", with(cron("*/5 * * * *"), func(f *news.Feed) { f.Timing.Fresh = time.Hour }),
			answer(unchanged, func(a *pipeline.Answer) { a.Fresh = long(10 * time.Minute) }), 10 * time.Minute, 30 * time.Second, "does for 10 min"},
		{"a 200 says nothing", with(cron("*/5 * * * *"), func(f *news.Feed) { f.Timing.Fresh = time.Hour }), good(1), 5 * time.Minute, 30 * time.Second, "its own schedule"},
		{"fresh for a year", cron("*/5 * * * *"), answer(good(1), func(a *pipeline.Answer) { a.Fresh = long(8760 * time.Hour) }), 24 * time.Hour, 5 * time.Minute, "does for 24 h"},

		{"ttl", adaptive, answer(good(1), func(a *pipeline.Answer) { a.Pace = &news.Pace{Every: 3 * time.Hour, Source: "ttl"} }), 3 * time.Hour, 5 * time.Minute, "every 3 h at most (ttl)"},
		{"ttl, known", with(adaptive, func(f *news.Feed) { f.Timing.Pace = news.Pace{Every: 3 * time.Hour, Source: "ttl"} }), unchanged, 3 * time.Hour, 5 * time.Minute, "(ttl)"},
		{"ttl, but a person said otherwise", with(cron("*/5 * * * *"), func(f *news.Feed) { f.Timing.Pace = news.Pace{Every: 3 * time.Hour} }), unchanged, 5 * time.Minute, 30 * time.Second, "its own schedule"},
		{"skipped hours", with(adaptive, func(f *news.Feed) { f.Timing.SkipHours = []int{12, 13, 14} }), unchanged, 3 * time.Hour, time.Hour, "asks to skip"},
		{"skipped days", with(adaptive, func(f *news.Feed) { f.Timing.SkipDays = []time.Weekday{time.Friday, time.Saturday} }),
			unchanged, 36 * time.Hour, time.Hour, "asks to skip"},
		{"all days skipped", with(adaptive, func(f *news.Feed) { f.Timing.SkipDays = []time.Weekday{0, 1, 2, 3, 4, 5, 6} }), unchanged, 72 * time.Minute, 432 * time.Second, "every 1 h 12 min"},

		{"told to wait", cron("* * * * *"), limited, 2 * time.Hour, 5 * time.Minute, "left alone for 2 h (status 429"},
		{"told to wait for ever", cron("* * * * *"), answer(limited, func(a *pipeline.Answer) { a.RetryAfter = 1e6 * time.Hour }), 30 * 24 * time.Hour, 5 * time.Minute, "for 30 days"},
		{"first failure", cron("* * * * *"), failed(news.OutcomeTimeout), 5 * time.Minute, 15 * time.Second, "timeout, once in a row: tried again after 5 min"},
		{"fourth failure", with(cron("* * * * *"), func(f *news.Feed) { f.Failures = 3 }), failed(news.OutcomeTimeout), 40 * time.Minute, 2 * time.Minute, "4 times in a row"},
		{"hundredth failure", with(cron("* * * * *"), func(f *news.Feed) { f.Failures = 99 }), failed(news.OutcomeTimeout), 24 * time.Hour, 5 * time.Minute, "after 24 h"},
	} {
		t.Run(test.name, func(t *testing.T) {
			feeds := Feeds{Location: time.UTC, Fastest: 15 * time.Minute, Slowest: 6 * time.Hour, Gap: 2 * time.Second}
			plan := feeds.Next(test.feed, test.answer, noon)
			if wait := plan.NextDue.Sub(noon); wait < test.least || wait > test.least+test.jitter {
				t.Errorf("polled again after %v, want %v and up to %v more", wait, test.least, test.jitter)
			}
			if !strings.Contains(plan.Reason, test.why) || !plan.Retired.IsZero() || plan.URL != "" {
				t.Errorf("%q, retired %v, moved to %q; want a reason like %q", plan.Reason, plan.Retired, plan.URL, test.why)
			}
			if diff := cmp.Diff(plan, feeds.Next(test.feed, test.answer, noon)); diff != "" {
				t.Errorf("the same poll gives another plan: %s", diff)
			}
		})
	}
}

// TestRescheduled changes the schedule of a feed that was polled ten minutes ago.
func TestRescheduled(t *testing.T) {
	feed := func(spec string, change func(*news.Feed)) news.Feed {
		f := news.Feed{URL: "https://a.example/rss", Schedule: spec, Status: news.OutcomeOK, LastPoll: noon.Add(-10 * time.Minute), Timing: news.Timing{Interval: time.Hour}}
		if change != nil {
			change(&f)
		}
		return f
	}
	for _, test := range []struct {
		name string
		feed news.Feed
		want time.Duration // from now
		why  string
	}{
		{"never polled", news.Feed{Schedule: "0 7 * * *"}, 0, ""},
		{"an interval that has passed", feed("@every 5m", nil), 0, "its own schedule"},
		{"an interval that has not", feed("@every 20m", nil), 10 * time.Minute, "its own schedule"},
		{"a spec", feed("0 13 * * *", nil), time.Hour, "its own schedule, 0 13 * * *"},
		{"none", feed("", nil), 50 * time.Minute, "every 1 h"},
		{"the server's answer does", feed("@every 5m", func(f *news.Feed) { f.Timing.Fresh = time.Hour }), 50 * time.Minute, "does for 1 h"},
		{"the server asked", feed("@every 5m", func(f *news.Feed) { f.Timing.HeldUntil = noon.Add(time.Hour) }), time.Hour, "the server asked"},
		{"it asked long ago", feed("@every 20m", func(f *news.Feed) { f.Timing.HeldUntil = noon.Add(-time.Hour) }), 10 * time.Minute, "its own schedule"},
		{"it failed", feed("@every 5m", func(f *news.Feed) { f.Status, f.Failures = news.OutcomeTimeout, 3 }), 10 * time.Minute, "timeout, 3 times in a row"},
		{"the feed asks", feed("", func(f *news.Feed) { f.Timing.Pace = news.Pace{Every: 2 * time.Hour, Source: "ttl"} }), 110 * time.Minute, "(ttl)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			at, why := Feeds{Location: time.UTC, Fastest: 15 * time.Minute, Slowest: 6 * time.Hour}.Rescheduled(test.feed, noon)
			if at.Sub(noon) != test.want || !strings.Contains(why, test.why) {
				t.Errorf("in %v, %q; want %v, %q", at.Sub(noon), why, test.want, test.why)
			}
		})
	}
}

// TestHeldUntil remembers until when the server asked to be left alone, and no longer.
func TestHeldUntil(t *testing.T) {
	feed := news.Feed{URL: "https://a.medium.com/feed"}
	plan := Feeds{}.Next(feed, pipeline.Answer{Outcome: news.OutcomeRateLimited, RetryAfter: 2 * time.Hour}, noon)
	if !plan.Timing.HeldUntil.Equal(noon.Add(2 * time.Hour)) {
		t.Errorf("held until %v", plan.Timing.HeldUntil)
	}
	feed.Timing = plan.Timing
	if plan = (Feeds{}).Next(feed, good(1), noon.Add(3*time.Hour)); !plan.Timing.HeldUntil.IsZero() {
		t.Errorf("held until %v after it answered", plan.Timing.HeldUntil)
	}
}

// TestGone expects a feed that the server says is gone to be retired, with a word.
func TestGone(t *testing.T) {
	plan := Feeds{}.Next(news.Feed{URL: "https://a.example/"}, pipeline.Answer{Outcome: news.OutcomeGone, Code: 410}, noon)
	if !plan.Retired.Equal(noon) || !strings.Contains(plan.Reason, "gone for good (410)") {
		t.Errorf("%+v", plan)
	}
}

// TestMove lives through a feed's answers, each after so many hours.
func TestMove(t *testing.T) {
	const there, elsewhere = "https://b.example/rss", "https://c.example/rss"
	moved := func(to string) pipeline.Answer {
		return pipeline.Answer{Outcome: news.OutcomeNotModified, MovedTo: to}
	}
	for _, test := range []struct {
		name    string
		answers map[int]pipeline.Answer
		want    map[int]string
	}{
		{"held for a day", map[int]pipeline.Answer{0: moved(there), 12: moved(there), 23: moved(there), 24: moved(there)}, map[int]string{24: there}},
		{"broken off", map[int]pipeline.Answer{0: moved(there), 12: moved(""), 24: moved(there), 47: moved(there)}, nil},
		{"the target fails", map[int]pipeline.Answer{0: moved(there), 12: failed(news.OutcomeNotFound), 24: moved(there)}, map[int]string{24: there}},
		{"the target fails for a while, then the move is taken back", map[int]pipeline.Answer{0: moved(there), 12: failed(news.OutcomeTimeout), 20: moved(""), 25: moved(there)}, nil},
		{"to another place", map[int]pipeline.Answer{0: moved(there), 20: moved(elsewhere), 30: moved(elsewhere), 44: moved(elsewhere)}, map[int]string{44: elsewhere}},
		{"for the time being", map[int]pipeline.Answer{0: moved(""), 48: moved("")}, nil},
	} {
		feed := news.Feed{URL: "https://a.example/rss"}
		got := map[int]string{}
		for hour := range 100 {
			if a, polled := test.answers[hour]; polled {
				plan := Feeds{Location: time.UTC}.Next(feed, a, noon.Add(time.Duration(hour)*time.Hour))
				feed.Timing = plan.Timing
				if plan.URL != "" {
					got[hour] = plan.URL
				}
			}
		}
		if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: rewritten (-want +got): %s", test.name, diff)
		}
	}
}

// TestFree says how long a domain is left alone, and whether all its feeds are.
func TestFree(t *testing.T) {
	const gap, asked = 2 * time.Second, time.Hour
	for _, test := range []struct {
		name, feed, answered string
		outcome              news.Outcome
		wait                 time.Duration
		held                 bool
	}{
		{"a good poll", "https://www.a.example/", "https://www.a.example/", news.OutcomeOK, gap, false},
		{"an outlet's domain", "https://www.a.example/", "https://www.a.example/", news.OutcomeRateLimited, asked, true},
		{"many who have nothing in common", "https://medium.com/feed/@ann", "https://medium.com/feed/@ann", news.OutcomeRateLimited, gap, false},
		{"a blog that is a domain by the list", "https://ann.github.io/rss", "https://ann.github.io/rss", news.OutcomeRateLimited, asked, true},
		{"another domain says so", "https://a.example/", "https://b.example/", news.OutcomeRateLimited, gap, false},
		{"on the operator's own network", "http://10.1.2.3/rss", "http://10.1.2.3/rss", news.OutcomeRateLimited, 0, false},
	} {
		plan := Feeds{Location: time.UTC, Gap: gap}.Next(news.Feed{URL: test.feed}, pipeline.Answer{Outcome: test.outcome, RetryAfter: asked, URL: test.answered}, noon)
		want := noon.Add(test.wait)
		if test.wait == 0 {
			want = time.Time{}
		}
		if !plan.FreeAt.Equal(want) || plan.Held != test.held {
			t.Errorf("%s: free at %v, all held %v; want %v, %v", test.name, plan.FreeAt, plan.Held, want, test.held)
		}
	}
}

// TestJitter expects shares from none to all, of short times and of long ones.
func TestJitter(t *testing.T) {
	for _, most := range []time.Duration{0, time.Second, 36 * time.Minute, 30 * 24 * time.Hour} {
		least, greatest := most, time.Duration(0)
		for i := range 1000 {
			d := jitter("https://a.example/", noon.Add(time.Duration(i)*time.Second), most)
			least, greatest = min(least, d), max(greatest, d)
		}
		if least < 0 || greatest > most || least > most/50 || greatest < most-most/50 {
			t.Errorf("of %v from %v to %v", most, least, greatest)
		}
	}
}
