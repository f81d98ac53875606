package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

const scheduleExample = `write for example "*/15 * * * *", "@every 30m" or "TZ=Asia/Jakarta 0 7 * * *"`

// CheckSchedule says what is wrong with a cron spec. A spec has five fields
// (minute, hour, day of month, month, day of week) or is @every with a duration
// or @hourly, @daily, @weekly, @monthly, @yearly; before it a time zone may
// stand as TZ=Name or CRON_TZ=Name.
func CheckSchedule(spec string) error {
	if why := scheduleProblem(strings.TrimSpace(spec)); why != "" {
		return fmt.Errorf("%q: %s; %s", spec, why, scheduleExample)
	}
	return nil
}

func scheduleProblem(spec string) string {
	// The parser takes the zone's name to end at a space and panics without one.
	zone, rest, _ := strings.Cut(spec, " ")
	if _, name, ok := strings.Cut(zone, "TZ="); ok && (strings.HasPrefix(zone, "TZ=") || strings.HasPrefix(zone, "CRON_TZ=")) {
		if _, err := time.LoadLocation(name); err != nil || name == "" {
			return fmt.Sprintf("no time zone is called %q", name)
		}
		spec = strings.TrimSpace(rest)
	}
	switch {
	case spec == "":
		return "it has no fields"
	case strings.HasPrefix(spec, "@"):
		return descriptorProblem(spec)
	}
	return fieldsProblem(strings.Fields(spec))
}

func descriptorProblem(spec string) string {
	if text, ok := strings.CutPrefix(spec, "@every "); ok {
		switch every, err := time.ParseDuration(text); {
		case err != nil:
			return fmt.Sprintf("%q is no duration of hours, minutes and seconds", text)
		case every < time.Second: // the parser would make it one second
			return fmt.Sprintf("%s is less than a second", text)
		}
	}
	if _, err := cron.ParseStandard(spec); err != nil {
		return spec + " is not known; there are @every, @hourly, @daily, @weekly, @monthly and @yearly"
	}
	return ""
}

// fieldsProblem lets the parser read one field at a time, to be able to name it.
func fieldsProblem(fields []string) string {
	names := []string{"minute", "hour", "day of month", "month", "day of week"}
	if len(fields) != len(names) {
		return fmt.Sprintf("it has %d fields, not five (%s)", len(fields), strings.Join(names, ", "))
	}
	for i, field := range fields {
		if strings.Trim(field, ",") == "" {
			return names[i] + " is empty" // which the parser takes for never
		}
		alone := []string{"*", "*", "*", "*", "*"}
		alone[i] = field
		if _, err := cron.ParseStandard(strings.Join(alone, " ")); err != nil {
			problem := names[i] + " " + fieldProblem(field, err.Error())
			if names[i] == "day of week" {
				problem += "; Sunday is 0"
			}
			return problem
		}
	}
	whole, err := cron.ParseStandard(strings.Join(fields, " "))
	if err != nil {
		return err.Error()
	}
	if whole.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() { // within five years
		return "no such day ever comes"
	}
	return ""
}

// fieldProblem puts the parser's finding in plain words.
func fieldProblem(field, finding string) string {
	var a, b int
	for format, plain := range map[string]string{
		"end of range (%d) above maximum (%d)":             "%d is above %d",
		"beginning of range (%d) below minimum (%d)":       "%d is below %d",
		"beginning of range (%d) beyond end of range (%d)": "%d-%d runs backwards",
	} {
		if n, _ := fmt.Sscanf(finding, format, &a, &b); n == 2 {
			return fmt.Sprintf(plain, a, b)
		}
	}
	return fmt.Sprintf("%q is neither a number nor *, a range (1-5), a list (1,15) or a step (*/15)", field)
}
