package pipeline

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/store"
)

// WatchCheck approves of watches before they are saved.
type WatchCheck struct {
	Schedule func(spec string, loc *time.Location) error // says what is wrong with a cron spec
	Location *time.Location                              // of watches that name none
}

// Bounds of a watch.
const (
	longestName    = 100
	mostRecipients = 100
)

// Check puts a watch in order and says all that is wrong with it at once; the
// error wraps news.ErrInvalid. A query's error says the column.
func (c WatchCheck) Check(w *store.Watch) error {
	var wrong []error
	say := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf(format+": %w", append(args, news.ErrInvalid)...))
	}
	if w.Name = strings.TrimSpace(w.Name); w.Name == "" || utf8.RuneCountInString(w.Name) > longestName || strings.ContainsFunc(w.Name, unicode.IsControl) {
		say("a watch's name is one line of 1 to %d characters", longestName)
	}
	loc := c.Location
	if w.TimeZone != "" {
		var err error
		if loc, err = time.LoadLocation(w.TimeZone); err != nil {
			say("no time zone is called %q; write for example Asia/Jakarta", w.TimeZone)
			loc = c.Location
		}
	}
	if strings.TrimSpace(w.Query) == "" {
		say("the query is empty")
	} else if err := index.NewMatcher().Put(1, watchQuery(w, loc)); err != nil {
		wrong = append(wrong, err)
	}
	if w.Schedule != "" {
		if err := c.Schedule(w.Schedule, loc); err != nil {
			wrong = append(wrong, err)
		}
	}
	for _, n := range w.Outlets {
		if n < 2 {
			say("%d outlets are no threshold; write numbers from 2", n)
		}
	}
	slices.Sort(w.Outlets)
	w.Outlets = slices.Compact(w.Outlets)
	for i, to := range w.Mail {
		w.Mail[i] = strings.TrimSpace(to)
		if _, why := parseAddress(w.Mail[i]); why != "" {
			say("%q is no mail address: %s", to, why)
		}
	}
	for i := range w.Hooks {
		w.Hooks[i].URL = strings.TrimSpace(w.Hooks[i].URL)
		if why := badHook(w.Hooks[i].URL); why != "" {
			say("%q is no webhook: %s", news.RedactedURL(w.Hooks[i].URL), why)
		}
	}
	w.Mail = distinct(w.Mail, func(s string) string {
		if a, why := parseAddress(s); why == "" {
			return recipient(a)
		}
		return s
	})
	w.Hooks = distinct(w.Hooks, func(h store.Hook) string { return h.URL })
	if n := len(w.Mail) + len(w.Hooks); n > mostRecipients {
		say("%d recipients are too many; the most is %d", n, mostRecipients)
	}
	return errors.Join(wrong...)
}

func badHook(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || strings.ContainsFunc(s, unicode.IsControl):
		return "it cannot be read as a URL"
	case u.Scheme != "http" && u.Scheme != "https":
		return "only http:// and https:// can be called"
	case u.Hostname() == "":
		return "it names no server"
	}
	return ""
}

// distinct leaves out what has the key of something before it.
func distinct[T any](all []T, key func(T) string) []T {
	seen := set[string]{}
	return slices.DeleteFunc(all, func(v T) bool { return !seen.add(key(v)) })
}
