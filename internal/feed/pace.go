package feed

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"kliping/internal/news"
)

// paceTokens bounds how far into a feed its pace is looked for.
const paceTokens = 4000

// pace reads how often a feed asks to be read: ttl, skipHours and skipDays of RSS
// 2.0, updatePeriod and updateFrequency of the syndication module, which WordPress
// writes everywhere. It looks before the items only; the few feeds that have them
// behind are polled as if they did not ask.
func pace(text string) (p news.Pace) {
	said := map[string]string{}
	var name string
	s := newScanner(text)
	for range paceTokens {
		t, more := s.next()
		if !more {
			break
		}
		switch t.kind {
		case startToken:
			name = strings.ToLower(localName(t.name))
		case endToken:
			name = ""
		case textToken, cdataToken:
			value := strings.ToLower(strings.TrimSpace(t.text))
			switch name {
			case "ttl", "updateperiod", "updatefrequency":
				said[name] = value
			case "hour":
				p.SkipHours = withHour(p.SkipHours, value)
			case "day":
				p.SkipDays = withDay(p.SkipDays, value)
			}
		}
		if name == "item" || name == "entry" {
			break
		}
	}
	p.Every, p.Source = every(said)
	return p
}

// every is the least time between polls that was asked for: the longer of the two
// ways to say it.
func every(said map[string]string) (d time.Duration, source string) {
	if n, err := strconv.Atoi(said["ttl"]); err == nil && n > 0 {
		d, source = time.Duration(min(n, longestPace))*time.Minute, "ttl"
	}
	if u := updates(said); u > d {
		return u, "sy:updatePeriod"
	}
	return d, source
}

// longestPace is a year in minutes: more is not believed, nor could it be counted.
const longestPace = 366 * 24 * 60

// updates is the time between updates by the syndication module: a period, a day if
// it is not named, shared by a frequency, 1 if it is not named.
func updates(said map[string]string) time.Duration {
	name, frequency := said["updateperiod"], said["updatefrequency"]
	if name == "" && frequency == "" {
		return 0
	}
	const day = 24 * time.Hour
	period, known := map[string]time.Duration{
		"": day, "hourly": time.Hour, "daily": day, "weekly": 7 * day, "monthly": 30 * day, "yearly": 365 * day,
	}[name]
	if !known {
		return 0
	}
	times := 1
	if n, err := strconv.Atoi(frequency); err == nil && n > 0 {
		times = n
	}
	return period / time.Duration(times)
}

// withHour adds an hour of the day; RSS 0.91 counted to 24.
func withHour(hours []int, value string) []int {
	h, err := strconv.Atoi(value)
	if err != nil || h < 0 || h > 24 || slices.Contains(hours, h%24) {
		return hours
	}
	return append(hours, h%24)
}

func withDay(days []time.Weekday, value string) []time.Weekday {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(d.String(), value) && !slices.Contains(days, d) {
			return append(days, d)
		}
	}
	return days
}
