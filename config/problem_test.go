package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"

	"kliping/internal/news"
)

// The texts that people see. Each case is a file and the lines of its error.
func TestFileProblems(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"all at once", `
dota: ./data
fetch:
  timeout: 5 parsecs
  alow: [10.0.0.0/8]
  workers: 0
  allow:
    - 127.0.0.0/8
    - localhost
    - [1]
digest:
  schedule: "61 * * * *"
time_zone: Asia/Yakarta
listen: 8411
log:
  level: Info
  format: xml
retention: 90d
`, `
kliping.yaml:2:1: dota: no setting has this name; did you mean data?
kliping.yaml:4:3: fetch.timeout: "5 parsecs" is no duration; write for example 30s, 12h or 14d
kliping.yaml:5:3: fetch.alow: no setting has this name; did you mean fetch.allow?
kliping.yaml:6:3: fetch.workers: 0 is too little; the least is 1
kliping.yaml:9:7: fetch.allow: "localhost" is no address and no prefix; write for example 192.168.1.10 or 10.0.0.0/8
kliping.yaml:10:7: fetch.allow: one value is wanted here, on the same line
kliping.yaml:12:3: digest.schedule: "61 * * * *": minute 61 is above 59; write for example "*/15 * * * *", "@every 30m" or "TZ=Asia/Jakarta 0 7 * * *"
kliping.yaml:13:1: time_zone: no time zone is called "Asia/Yakarta"; write for example Asia/Jakarta, UTC or Local
kliping.yaml:14:1: listen: "8411" is no address to listen on; write for example 127.0.0.1:8411, or :8411 for all interfaces
kliping.yaml:16:3: log.level: "Info" is not known; did you mean info?; write one of debug, info, warn, error
kliping.yaml:17:3: log.format: "xml" is not known; write one of text, json
kliping.yaml:18:1: retention: no setting has this name`},
		{"numbers", `
fetch: {timeout: 2m, max_bytes: 16MB, workers: many, max_items: 99999999999999999999, user_agent: "a\tb"}
group: {window: 400d, batch: 1.5}
digest: {limit: -1, by: publish, window: 30}
keep: -1d
`, `
kliping.yaml:2:9: fetch.timeout: 2m is too much; the most is 1m
kliping.yaml:2:22: fetch.max_bytes: "16MB" is no size; write bytes or for example 512KiB, 16MiB or 1GiB
kliping.yaml:2:39: fetch.workers: "many" is no whole number; write one from 1 to 1000
kliping.yaml:2:54: fetch.max_items: 9223372036854775807 is too much; the most is 1000000
kliping.yaml:2:87: fetch.user_agent: "a\tb" holds control characters, which HTTP cannot send
kliping.yaml:3:9: group.window: 400d is too much; the most is 366d
kliping.yaml:3:23: group.batch: "1.5" is no whole number; write one from 1 to 10000
kliping.yaml:4:10: digest.limit: -1 is too little; the least is 1
kliping.yaml:4:21: digest.by: "publish" is not known; did you mean published?; write one of arrival, published
kliping.yaml:4:34: digest.window: "30" is no duration; write for example 30s, 12h or 14d
kliping.yaml:5:1: keep: -24h is too little; the least is 0`},
		{"shapes", `
data: [a, b]
listen: {port: 8411}
log: text
fetch:
  - timeout: 3s
digest:
  limit: 3
  limit: 4
feeds: https://news.example/feed.xml
data: ""
`, `
kliping.yaml:2:7: data: one value is wanted here, on the same line
kliping.yaml:3:9: listen: one value is wanted here, on the same line
kliping.yaml:4:6: log: settings are wanted here, each on a line of its own: level, format
kliping.yaml:6:3: fetch: settings are wanted here, each on a line of its own: schedule, fastest, slowest, gap, timeout, max_bytes, max_items, workers, allow, proxy, user_agent
kliping.yaml:9:3: digest.limit: it is set twice, first in line 8
kliping.yaml:10:8: feeds: a list is wanted here, each feed beginning with "- url: "
kliping.yaml:11:1: data: it is set twice, first in line 2`},
		{"feeds", `
feeds:
  - https://news.example/feed.xml
  - news.example/feed.xml
  - title: No URL
  - url: ftp://news.example/
    schedul: daily
  - url: https://daily.example/
    schedule: "@every 3 days"
    language: english
    tags: [""]
  - url: https://news.example/feed.xml
  -
  - [https://news.example/]
  - url: "https://ann:se%zzcret@news.example/"
`, `
kliping.yaml:4:5: feeds.url: "news.example/feed.xml" is no web address; write for example https://news.example/feed.xml
kliping.yaml:5:5: feeds.url: it is missing; write for example https://news.example/feed.xml
kliping.yaml:6:5: feeds.url: "ftp://news.example/" is no web address; write for example https://news.example/feed.xml
kliping.yaml:7:5: feeds.schedul: no setting has this name; did you mean feeds.schedule?
kliping.yaml:9:5: feeds.schedule: "@every 3 days": "3 days" is no duration of hours, minutes and seconds; write for example "*/15 * * * *", "@every 30m" or "TZ=Asia/Jakarta 0 7 * * *"
kliping.yaml:10:5: feeds.language: "english" is no language; write its code, for example id, en or pt-BR
kliping.yaml:11:12: feeds.tags: it is empty; write a value or leave the key out
kliping.yaml:12:5: feeds.url: https://news.example/feed.xml is listed twice, first in line 3
kliping.yaml:13:4: feeds.url: it is missing; write for example https://news.example/feed.xml
kliping.yaml:14:5: feeds: settings are wanted here, each on a line of its own: url, title, schedule, full_text, outlet, language, tags
kliping.yaml:15:5: feeds.url: the URL is malformed; write for example https://news.example/feed.xml`},
		{"no settings", "hello", `
kliping.yaml:1:1: settings are wanted here, each on a line of its own: data, store, listen, public_url, password, token, feed_token, time_zone, keep, log, fetch, pages, group, digest, mail, feeds`},
		{"without its section", "timeout: 3s\nFetch-Timeout: 3s\nfech:\n  timeout: 3s", `
kliping.yaml:1:1: timeout: no setting has this name; did you mean fetch.timeout?
kliping.yaml:2:1: Fetch-Timeout: no setting has this name; did you mean fetch.timeout?
kliping.yaml:3:1: fech: no setting has this name; did you mean fetch?`},
		{"star without quotes", "fetch:\n  schedule: */30 * * * *", `
kliping.yaml:2: this is not YAML: did not find expected alphabetic or numeric character; put a value that begins with * or @ in quotes, and indent with spaces, not tabs`},
		{"tab", "fetch:\n\ttimeout: 3s", `
kliping.yaml:2: this is not YAML: found character that cannot start any token; put a value that begins with * or @ in quotes, and indent with spaces, not tabs`},
		{"cut off", "fetch: [1", `
kliping.yaml:1: this is not YAML: did not find expected ',' or ']'`},
		{"two documents", "keep: 1d\n---\nkeep: 2d", `
kliping.yaml:2:1: a second YAML document begins here; only one is read`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.yaml)
			if diff := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), fmt.Sprint(err)); diff != "" {
				t.Error(diff)
			}
			if !errors.Is(err, news.ErrInvalid) {
				t.Error("not marked as invalid")
			}
		})
	}
}

func TestEnvironProblems(t *testing.T) {
	_, err := load(t, "kep: 1d",
		"KLIPING_FETCH_TIMEOUT=soon", "KLIPING_FETCH_ALLOW=10.0.0.0/8,home", "KLIPING_TIMEOUT=3s", "KLIPING_XYZZY=1",
		"KLIPING_FEEDS=https://news.example/", "KLIPING_FETCH=1", "KLIPINGS=1", "KLIPING_FETCH_WORKERS=")
	want := `kliping.yaml:1:1: kep: no setting has this name; did you mean keep?
KLIPING_FETCH_TIMEOUT: "soon" is no duration; write for example 30s, 12h or 14d
KLIPING_FETCH_ALLOW: "home" is no address and no prefix; write for example 192.168.1.10 or 10.0.0.0/8
KLIPING_TIMEOUT: no setting has this name; did you mean KLIPING_FETCH_TIMEOUT?
KLIPING_XYZZY: no setting has this name
KLIPING_FEEDS: feeds can be listed in the configuration file only; add others with 'kliping feeds add'
KLIPING_FETCH: no setting has this name
KLIPING_FETCH_WORKERS: "" is no whole number; write one from 1 to 1000`
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
		t.Error(diff)
	}
}

func TestSetProblems(t *testing.T) {
	c := Default()
	for _, tt := range []struct{ key, value, want string }{
		{"fetch.timeout", "x", `fetch.timeout: "x" is no duration; write for example 30s, 12h or 14d`},
		{"fetch.time-out", "3s", `fetch.time-out: no setting has this name; did you mean fetch.timeout?`},
		{"feeds", "x", `feeds: feeds can be listed in the configuration file only; add others with 'kliping feeds add'`},
		{"", "x", `no setting has this name`},
	} {
		if got := fmt.Sprint(c.Set(tt.key, tt.value)); got != tt.want {
			t.Errorf("%s=%s: %s, want %s", tt.key, tt.value, got, tt.want)
		}
	}
}

func TestCheckSchedule(t *testing.T) {
	tests := map[string]string{
		"0 7 * * *":                     "",
		"*/15 0-6,22 1 jan-mar MON-FRI": "",
		"0 0 29 2 *":                    "",
		" @hourly ":                     "",
		"@every 1h30m":                  "",
		"TZ=Asia/Jakarta 0 7 * * *":     "",
		"CRON_TZ=UTC @daily":            "",
		"TZ=Asia/Jakarta @every 10m":    "",
		"":                              "it has no fields",
		"TZ=Asia/Jakarta":               "it has no fields",
		"CRON_TZ=Asia/Jakarta ":         "it has no fields",
		"TZ=":                           `no time zone is called ""`,
		"TZ= 0 7 * * *":                 `no time zone is called ""`,
		"TZ=Mars/Base 0 7 * * *":        `no time zone is called "Mars/Base"`,
		"TZ=../../etc/passwd 0 7 * * *": `no time zone is called "../../etc/passwd"`,
		"TZ=Asia/Jakarta\t0 7 * * *":    `no time zone is called "Asia/Jakarta\t0"`,
		"TZ=UTC CRON_TZ=UTC 0 7 * * *":  "it has 6 fields, not five (minute, hour, day of month, month, day of week)",
		"0 7 * *":                       "it has 4 fields, not five (minute, hour, day of month, month, day of week)",
		"0 0 7 * * *":                   "it has 6 fields, not five (minute, hour, day of month, month, day of week)",
		"61 * * * *":                    "minute 61 is above 59",
		"0 24 * * *":                    "hour 24 is above 23",
		"0 0 0 * *":                     "day of month 0 is below 1",
		"0 0 * 1-13 *":                  "month 13 is above 12",
		"0 0 * * 7":                     "day of week 7 is above 6; Sunday is 0",
		"0 18-6 * * *":                  "hour 18-6 runs backwards",
		"0 7 * * weekdays":              `day of week "weekdays" is neither a number nor *, a range (1-5), a list (1,15) or a step (*/15); Sunday is 0`,
		"*/0 * * * *":                   `minute "*/0" is neither a number nor *, a range (1-5), a list (1,15) or a step (*/15)`,
		"-5 * * * *":                    `minute "-5" is neither a number nor *, a range (1-5), a list (1,15) or a step (*/15)`,
		", * * * *":                     "minute is empty",
		"0 0 30 2 *":                    "no such day ever comes",
		"@reboot":                       "@reboot is not known; there are @every, @hourly, @daily, @weekly, @monthly and @yearly",
		"@every":                        "@every is not known; there are @every, @hourly, @daily, @weekly, @monthly and @yearly",
		"@every day":                    `"day" is no duration of hours, minutes and seconds`,
		"@every 10ms":                   "10ms is less than a second",
		"@every -5m":                    "-5m is less than a second",
	}
	for spec, why := range tests {
		want := "<nil>"
		if why != "" {
			want = fmt.Sprintf("%q: %s; %s", spec, why, scheduleExample)
		}
		if got := fmt.Sprint(CheckSchedule(spec)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// FuzzCheckSchedule holds that what passes is what the parser takes, and does
// come due.
func FuzzCheckSchedule(f *testing.F) {
	f.Add("TZ=Asia/Jakarta 0 7 * * *")
	f.Add("*/15 0-6,22 1 jan-mar MON-FRI")
	f.Add("@every 1h30m")
	f.Add("CRON_TZ=UTC")
	f.Fuzz(func(t *testing.T, spec string) {
		if CheckSchedule(spec) != nil {
			return
		}
		schedule, err := cron.ParseStandard(strings.TrimSpace(spec))
		if err != nil {
			t.Fatalf("%q passes: %v", spec, err)
		}
		if schedule.Next(time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)).IsZero() {
			t.Errorf("%q passes and never comes due", spec)
		}
	})
}
