package access

import (
	"net/netip"
	"sync"
	"time"
)

// A client may be wrong this often before it waits. With a password of twelve
// characters that is as good as never.
const (
	mostWrong = 10
	span      = time.Minute
	mostKnown = 10_000 // clients remembered
)

// attempts counts the wrong passwords of each client. The zero value is ready.
type attempts struct {
	mu    sync.Mutex
	wrong map[netip.Prefix]count
}

type count struct {
	n     int
	until time.Time // then it is forgotten
}

// note counts an attempt and returns how long its client has to wait, however
// right it is: else guessing could go on while waiting. last is true for the
// attempt that brings the wait about.
func (a *attempts) note(from netip.Prefix, right bool, now time.Time) (wait time.Duration, last bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.wrong[from]
	if !now.Before(c.until) {
		c = count{until: now.Add(span)}
	}
	if c.n >= mostWrong {
		return c.until.Sub(now), false
	}
	if right {
		return 0, false
	}
	if c.n++; c.n == mostWrong {
		c.until, last = now.Add(span), true
	}
	a.forget(now)
	a.wrong[from] = c
	return 0, last
}

// forget keeps the table small. When it is full of the present, all is forgotten:
// who has ten thousand addresses is not held up by a count for each.
func (a *attempts) forget(now time.Time) {
	if len(a.wrong) < mostKnown && a.wrong != nil {
		return
	}
	for from, c := range a.wrong {
		if !now.Before(c.until) {
			delete(a.wrong, from)
		}
	}
	if len(a.wrong) >= mostKnown || a.wrong == nil {
		a.wrong = map[netip.Prefix]count{}
	}
}
