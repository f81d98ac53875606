package main

import (
	"testing"
	"time"

	"kliping/config"
	"kliping/internal/schedule"
)

// specs are cron specs, and whether they are good.
func specs() map[string]bool {
	return map[string]bool{
		"0 7 * * *":                     true,
		"  0\t7  * * * ":                true,
		"*/15 0-6,22 1 jan-mar MON-FRI": true,
		"0 0 29 2 *":                    true,
		"0 0 ? * ?":                     true,
		" @hourly ":                     true,
		"@midnight":                     true,
		"@every 1h30m":                  true,
		"@every 1s":                     true,
		"TZ=Asia/Jakarta 0 7 * * *":     true,
		"TZ=Local @daily":               true,
		"CRON_TZ=UTC   @daily":          true,
		"TZ=Asia/Jakarta @every 10m":    true,

		"":                               false,
		" ":                              false,
		"TZ=":                            false,
		"TZ= 0 7 * * *":                  false,
		"TZ=Asia/Jakarta":                false,
		"CRON_TZ=Asia/Jakarta ":          false,
		"TZ=Mars/Base 0 7 * * *":         false,
		"TZ=../../etc/passwd 0 7 * * *":  false,
		"TZ=Asia/Jakarta\t0 7 * * *":     false,
		"TZ=UTC CRON_TZ=UTC 0 7 * * *":   false,
		"CRON_TZ=UTC TZ=UTC 0 7 * * *":   false,
		"CRON_TZ=UTC TZ=UTC":             false,
		"CRON_TZ=UTC TZ=UTC @daily":      false,
		"UTC TZ=UTC\t7\t*\t*\t*":         false,
		"CRON_TZ=UTC TZ=UTC\t7\t*\t*\t*": false,
		"0 7 * *":                        false,
		"0 0 7 * * *":                    false,
		"61 * * * *":                     false,
		"0 24 * * *":                     false,
		"0 0 * * 7":                      false,
		"0 18-6 * * *":                   false,
		"*/0 * * * *":                    false,
		"-5 * * * *":                     false,
		", * * * *":                      false,
		"0 7 , * 1":                      false,
		"0 0 30 2 *":                     false,
		"@reboot":                        false,
		"@every":                         false,
		"@every day":                     false,
		"@every  5m":                     false,
		"@every 10ms":                    false,
		"@every 999ms":                   false,
		"@every 0s":                      false,
		"@every -5m":                     false,
		"@daily please":                  false,
		"CRON_@daily":                    false,
		"tz=UTC @daily":                  false,
		"@Daily":                         false,
		"@every 1e9h":                    false,
		"0 7 * * * # 7h":                 false,
	}
}

// TestSpecsPassBothOrNeither holds what the configuration takes against what the
// daemon can run.
func TestSpecsPassBothOrNeither(t *testing.T) {
	for spec, good := range specs() {
		checked := config.CheckSchedule(spec)
		if (checked == nil) != good {
			t.Errorf("config says of %q: %v", spec, checked)
		}
		_, parsed := schedule.ParseSpec(spec, time.UTC)
		if (parsed == nil) != good {
			t.Errorf("schedule says of %q: %v", spec, parsed)
		}
	}
}

// FuzzSpecsPassBothOrNeither looks for a spec on which the two disagree, or that
// passes and does not come due.
func FuzzSpecsPassBothOrNeither(f *testing.F) {
	for spec := range specs() {
		f.Add(spec)
	}
	now := time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		checked := config.CheckSchedule(text)
		spec, parsed := schedule.ParseSpec(text, time.UTC)
		if (checked == nil) != (parsed == nil) {
			t.Fatalf("of %q config says %v, schedule %v", text, checked, parsed)
		}
		if parsed != nil {
			return
		}
		if next := spec.Next(now); !next.After(now) {
			t.Errorf("%q passes and comes due at %v", text, next)
		}
	})
}
