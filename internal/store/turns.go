package store

import (
	"context"
	"database/sql"
	"time"
)

// Turn is a domain's turn to be asked. It is the caller's until it leaves it or its
// lease runs out; whoever has the domain then is not disturbed by a late LeaveTurn.
type Turn struct {
	domain string
	number int64
}

// noTurn is of who has none: the numbers of those taken are positive.
const noTurn = -1

// TurnWanted asks for a domain's turn.
type TurnWanted struct {
	Domain string        // as Domain names it
	Lease  time.Duration // longer than the visit can take
	Page   bool          // a page's: of two in a row a feed that is due goes first
}

// courtesy is how long a page lets a due feed go first once the domain is free:
// where nobody polls, pages need not wait for it.
const courtesy = 5 * time.Second

// TakeTurn takes the turn of a domain that nobody is asking and that is not to be
// left alone. If ok is false, wait is for how long it is to be left alone still; 0
// means that somebody is asking it, which will not be for long.
func (db *DB) TakeTurn(ctx context.Context, w TurnWanted) (t Turn, wait time.Duration, ok bool, err error) {
	if wait, ok, err = db.lookAtTurn(ctx, w.Domain); err != nil || !ok {
		return Turn{}, wait, false, err // as waiting goes: no write transaction
	}
	now, page := millis(db.now()), 0
	if w.Page {
		page = 1
	}
	err = db.write(ctx, "take the turn of "+w.Domain, func(c *conn) error {
		if _, err := c.exec(ctx, "INSERT INTO domains (name) VALUES (?) ON CONFLICT (name) DO NOTHING", w.Domain); err != nil {
			return err
		}
		taken, err := rows(ctx, c, scanOne[int64], `UPDATE domains SET busy_until = ?, turn = turn + 1, paged = ?
			WHERE name = ? AND busy_until <= ? AND free_at <= ? AND (? = 0 OR paged = 0 OR free_at <= ? OR NOT EXISTS (
				SELECT 1 FROM feeds f WHERE f.domain = domains.name AND f.retired = 0 AND f.next_due <= ? AND f.lease_until <= ?))
			RETURNING turn`,
			millis(db.now().Add(w.Lease)), page, w.Domain, now, now, page, now-courtesy.Milliseconds(), now, now)
		if ok = len(taken) == 1; ok {
			t = Turn{w.Domain, taken[0]}
		}
		return err
	})
	return t, 0, ok && err == nil, err
}

// lookAtTurn reports whether a domain's turn might be had now.
func (db *DB) lookAtTurn(ctx context.Context, domain string) (wait time.Duration, ok bool, err error) {
	var busy, free int64
	err = db.read(ctx, "look whose turn it is", func(c *conn) error {
		_, err := c.row(ctx, []any{&busy, &free}, "SELECT busy_until, free_at FROM domains WHERE name = ?", domain)
		return err
	})
	now := millis(db.now())
	wait = time.Duration(max(0, free-now)) * time.Millisecond
	return wait, wait == 0 && busy <= now, err
}

// TurnLeft says what the next who asks a domain has to mind.
type TurnLeft struct {
	Gap time.Duration // the domain is left alone for so long
	// Held is for how long the server asked to be left alone, 0 if it did not: so
	// long none of the domain's feeds is due, for the Reason given in words.
	Held   time.Duration
	Reason string
	// Delay is what robots.txt asks for between requests; nil: it was not read.
	Delay *time.Duration
}

// LeaveTurn gives a turn back. One that is no longer the caller's is no error, and
// what the server asked for holds all the same.
func (db *DB) LeaveTurn(ctx context.Context, t Turn, left TurnLeft) error {
	return db.write(ctx, "leave the turn of "+t.domain, func(c *conn) error {
		if left.Delay != nil { // hosts of a domain may ask for several; downside: one that is taken back still holds
			if _, err := c.exec(ctx, "UPDATE domains SET delay = "+db.dialect.greatest+"(delay, ?) WHERE name = ?", left.Delay.Milliseconds(), t.domain); err != nil {
				return err
			}
		}
		if err := c.leave(ctx, t, db.now().Add(max(left.Gap, left.Held))); err != nil || left.Held == 0 {
			return err
		}
		return c.hold(ctx, t.domain, db.now().Add(left.Held), left.Reason)
	})
}

// leave frees the domain of a turn, if that is still the holder's, from a time on or
// once the delay that its robots.txt asks for is over.
func (c *conn) leave(ctx context.Context, t Turn, free time.Time) error {
	greatest := c.db.dialect.greatest
	_, err := c.exec(ctx, "UPDATE domains SET busy_until = CASE WHEN turn = ? THEN 0 ELSE busy_until END, free_at = "+greatest+"(free_at, ?, ? + delay) WHERE name = ?",
		t.number, millis(free), millis(c.db.now()), t.domain)
	return err
}

// hold remembers that a domain's server asked to be left alone, and puts off those of
// its feeds that are due before.
func (c *conn) hold(ctx context.Context, domain string, until time.Time, reason string) error {
	at := millis(until)
	if _, err := c.exec(ctx, "UPDATE domains SET held_until = ? WHERE name = ? AND held_until < ?", at, domain, at); err != nil {
		return err
	}
	if _, err := c.exec(ctx, "UPDATE feeds SET held_until = ? WHERE domain = ? AND held_until < ?", at, domain, at); err != nil {
		return err
	}
	_, err := c.exec(ctx, "UPDATE feeds SET next_due = ?, reason = ? WHERE domain = ? AND retired = 0 AND next_due < ?", at, text(reason), domain, at)
	return err
}

// takeTurns marks the domains of claimed feeds as being asked.
func (c *conn) takeTurns(ctx context.Context, leases []Lease, until time.Time) error {
	domains := make([]string, len(leases))
	for i := range leases {
		domains[i] = leases[i].turn.domain
	}
	taken, err := rows(ctx, c, func(r *sql.Rows) (t Turn, err error) { return t, r.Scan(&t.domain, &t.number) },
		"UPDATE domains SET busy_until = ?, turn = turn + 1, paged = 0 WHERE "+c.among("name")+" RETURNING name, turn", millis(until), c.list(domains))
	numbers := map[string]int64{}
	for _, t := range taken {
		numbers[t.domain] = t.number
	}
	for i := range leases {
		leases[i].turn.number = numbers[leases[i].turn.domain]
	}
	return err
}

// Turn is the turn of the feed's domain that came with the lease: its name, or ""
// where it takes none.
func (l Lease) Turn() string {
	if _, own := Domain(l.Feed.URL); own || l.turn.number == noTurn {
		return ""
	}
	return l.turn.domain
}
