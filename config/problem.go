package config

import (
	"strings"

	"kliping/internal/meant"
	"kliping/internal/news"
)

// Error is one mistake in the configuration. It wraps [news.ErrInvalid] and
// shows no passwords.
type Error struct {
	Where string // "kliping.yaml:7:3" or the environment variable; empty: given in code or by a flag
	Key   string // dotted name; empty: Where says it, or the whole file is meant
	What  string // what is wrong, and what to write instead
}

func (e *Error) Error() string {
	var parts []string
	for _, part := range []string{e.Where, e.Key, e.What} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Unwrap tells callers that the input was at fault.
func (e *Error) Unwrap() error { return news.ErrInvalid }

// unknown is what to say of a name that no setting has; near may be empty.
func unknown(near string) string { return "no setting has this name" + didYouMean(near) }

func didYouMean(near string) string {
	if near == "" {
		return ""
	}
	return "; did you mean " + near + "?"
}

// nearest returns the known name that is so like name that it may be meant, or
// nothing. A name without its section is like the full one.
func nearest(name string, known []string) string {
	plain := strings.NewReplacer("-", "_", ".", "_")
	name = plain.Replace(strings.ToLower(name))
	best, least := "", 1+len(name)/3
	for _, k := range known {
		near := meant.Edits(name, plain.Replace(k))
		if _, last, ok := strings.Cut(k, "."); ok {
			near = min(near, meant.Edits(name, last))
		}
		if near < least {
			best, least = k, near
		}
	}
	return best
}
