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
