package fetch

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// mostAsked is the longest that a server is left alone for its asking: some mean
// never, and forget it.
const mostAsked = 30 * 24 * time.Hour

// retryAfter reads Retry-After (RFC 9110, 10.2.3). A date is taken relative to
// the server's own clock where it tells it, as clocks differ.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if wait, ok := seconds(value); ok {
		return min(wait, mostAsked)
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(0, until.Sub(now)), mostAsked)
}

// fresh is for how long an answer, 200 or 304, need not be asked for again (RFC
// 9111, 4.2): max-age, else Expires, less the age it came with. s-maxage is not for
// us. It is read here and not by a library because those at hand give the whole
// header up for one mistake in it, which would be to poll too often.
func fresh(h http.Header, now time.Time) *time.Duration {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	lifetime, given := maxAge(h.Values("Cache-Control"))
	if !given {
		value := h.Get("Expires")
		if value == "" {
			return nil
		}
		if until, err := http.ParseTime(value); err == nil { // what is no date, such as 0, is in the past
			lifetime = until.Sub(now)
		}
	}
	age, _ := seconds(h.Get("Age"))
	lifetime = max(0, lifetime-age)
	return &lifetime
}

// maxAge reads max-age out of Cache-Control. An answer that is not to be stored, or
// only to be used when asked about, is fresh for no time.
func maxAge(values []string) (lifetime time.Duration, given bool) {
	for directive := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "no-cache", "no-store":
			return 0, true
		case "max-age":
			if age, ok := seconds(strings.Trim(strings.TrimSpace(value), `"`)); ok && !given {
				lifetime, given = age, true
			}
		}
	}
	return lifetime, given
}

// seconds reads a number of seconds; one too large for us is 68 years.
func seconds(value string) (time.Duration, bool) {
	n, err := strconv.ParseUint(value, 10, 31) // no overflow
	return time.Duration(n) * time.Second, err == nil || errors.Is(err, strconv.ErrRange)
}
