package schedule

import (
	"errors"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func mustSpec(t *testing.T, text string, loc *time.Location) Spec {
	t.Helper()
	s, err := ParseSpec(text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParseSpecRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"":                       "no fields",
		"TZ=Asia/Jakarta":        "no fields",
		"TZ=":                    `no time zone is called ""`,
		"TZ=Mars/Olympus @daily": `no time zone is called "Mars/Olympus"`,
		"61 * * * *":             "above maximum",
		"* * *":                  "expected exactly 5 fields",
		"@every soon":            "soon",
		"@sometimes":             "@sometimes",
	} {
		_, err := ParseSpec(text, time.UTC)
		if !errors.Is(err, news.ErrInvalid) {
			t.Errorf("ParseSpec(%q) = %v, want it refused", text, err)
			continue
		}
		if !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "@every 30m") {
			t.Errorf("ParseSpec(%q) says %q, want %q and an example", text, err, says)
		}
	}
}

func TestNextSpeaksLocalTime(t *testing.T) {
	jakarta := zone(t, "Asia/Jakarta")
	s := mustSpec(t, "TZ=Asia/Jakarta 0 7 * * *", time.UTC)
	from := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC) // 19:00 in Jakarta
	if got, want := s.Next(from), time.Date(2026, 5, 2, 7, 0, 0, 0, jakarta); !got.Equal(want) {
		t.Errorf("next is %v, want %v", got, want)
	}
}

func TestLastIsTheNewestMissedSlot(t *testing.T) {
	s := mustSpec(t, "0 7 * * *", time.UTC)
	now := time.Date(2026, 5, 10, 9, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name  string
		since time.Time
		want  time.Time
	}{
		{"after five days of downtime", now.AddDate(0, 0, -5), time.Date(2026, 5, 10, 7, 0, 0, 0, time.UTC)},
		{"done already", time.Date(2026, 5, 10, 7, 0, 0, 0, time.UTC), time.Time{}},
		{"never ran", time.Time{}, time.Date(2026, 5, 10, 7, 0, 0, 0, time.UTC)},
	} {
		if got := s.Last(test.since, now); !got.Equal(test.want) {
			t.Errorf("%s: last slot is %v, want %v", test.name, got, test.want)
		}
	}
}

func TestNextDue(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	feeds := Feeds{Default: mustSpec(t, "@every 30m", time.UTC), Location: time.UTC}
	for _, test := range []struct {
		name       string
		feed       news.Feed
		outcome    news.Outcome
		retryAfter time.Duration
		least      time.Duration
		most       time.Duration
	}{
		{"default, with up to a tenth of jitter", news.Feed{URL: "https://a.example/"}, news.OutcomeOK, 0, 30 * time.Minute, 33 * time.Minute},
		{"own spec", news.Feed{Schedule: "0 * * * *"}, news.OutcomeNotModified, 0, time.Hour, time.Hour},
		{"told to wait", news.Feed{Schedule: "* * * * *"}, news.OutcomeRateLimited, 2 * time.Hour, 2 * time.Hour, 2 * time.Hour},
		{"first failure", news.Feed{Schedule: "* * * * *"}, news.OutcomeTimeout, 0, 5 * time.Minute, 5 * time.Minute},
		{"fourth failure", news.Feed{Schedule: "* * * * *", Failures: 3}, news.OutcomeTimeout, 0, 40 * time.Minute, 40 * time.Minute},
		{"hundredth failure", news.Feed{Schedule: "* * * * *", Failures: 99}, news.OutcomeTimeout, 0, 24 * time.Hour, 24 * time.Hour},
		{"spec gone bad", news.Feed{Schedule: "nonsense"}, news.OutcomeOK, 0, 30 * time.Minute, 33 * time.Minute},
	} {
		wait := feeds.NextDue(test.feed, test.outcome, test.retryAfter, now).Sub(now)
		if wait < test.least || wait > test.most {
			t.Errorf("%s: polled again after %v, want %v to %v", test.name, wait, test.least, test.most)
		}
	}
}
