package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"kliping/internal/news"
)

// Claim asks for feeds to poll.
type Claim struct {
	Limit int           // feeds at most; 0: none
	Lease time.Duration // how long they are the caller's; longer than a poll can take
	Only  []news.FeedID // claim among these, due or not, but none before its server lets it; nil: among those that are due
	// Asked is of who has asked already, in a turn that is over, and has an answer to
	// save: whose turn it is does not matter. Only has to name the feeds.
	Asked bool
}

// Lease is a feed that is the caller's for a while.
type Lease struct {
	Feed  news.Feed
	Epoch int64 // grows with every claim; SaveRefresh is fenced by it

	turn Turn // of its domain
}

// Claim leases feeds, those due longest first. A feed that is leased already is
// passed over until its lease runs out; no two callers get the same. Of a domain
// there is one at a time, and none before the domain is free.
func (db *DB) Claim(ctx context.Context, claim Claim) (leases []Lease, err error) {
	now, until := millis(db.now()), millis(db.now().Add(claim.Lease))
	which := func(feed string) (condition string) {
		if claim.Only != nil {
			return db.dialect.among(feed+".id") + " AND " + feed + ".held_until <= ?"
		}
		return feed + ".retired = 0 AND " + feed + ".next_due <= ?"
	}
	args := []any{now}
	if claim.Only != nil {
		args = []any{db.dialect.list(claim.Only), now}
	}
	if claim.Asked {
		return db.claimAsked(ctx, claim)
	}
	// The rows are chosen apart from the update, so that they are locked once.
	query := "WITH chosen AS (SELECT f.id FROM feeds f JOIN domains d ON d.name = f.domain WHERE " + which("f") + `
			AND f.lease_until <= ? AND d.busy_until <= ? AND d.free_at <= ?
			AND NOT EXISTS (SELECT 1 FROM feeds e WHERE e.domain = f.domain AND ` + which("e") + ` AND e.lease_until <= ?
				AND (e.next_due < f.next_due OR e.next_due = f.next_due AND e.id < f.id))
			ORDER BY f.next_due, f.id LIMIT ?` + db.dialect.skipLocked + `)
		UPDATE feeds SET lease_until = ?, epoch = epoch + 1 WHERE id IN (SELECT id FROM chosen) RETURNING ` + feedColumns + ", epoch, domain"
	err = db.write(ctx, "claim feeds", func(c *conn) error {
		leases, err = rows(ctx, c, scanLease, query, slices.Concat(args, []any{now, now, now}, args, []any{now, claim.Limit, until})...)
		if err != nil || len(leases) == 0 {
			return err
		}
		return c.takeTurns(ctx, leases, db.now().Add(claim.Lease))
	})
	slices.SortFunc(leases, func(a, b Lease) int {
		return cmp.Or(a.Feed.NextDue.Compare(b.Feed.NextDue), cmp.Compare(a.Feed.ID, b.Feed.ID))
	})
	return leases, err
}

// claimAsked leases feeds without their domains' turns.
func (db *DB) claimAsked(ctx context.Context, claim Claim) (leases []Lease, err error) {
	err = db.write(ctx, "claim feeds that were asked", func(c *conn) error {
		leases, err = rows(ctx, c, scanLease, "UPDATE feeds SET lease_until = ?, epoch = epoch + 1 WHERE "+c.among("id")+" AND lease_until <= ? RETURNING "+feedColumns+", epoch, domain",
			millis(db.now().Add(claim.Lease)), c.list(claim.Only), millis(db.now()))
		return err
	})
	for i := range leases {
		leases[i].turn.number = noTurn
	}
	return leases, err
}

// ReleaseLeases gives back every lease, whoever holds it, so that feeds whose
// poll died with its process are polled at once, and messages sent. Only who knows
// that nobody else polls or sends may call it: SaveRefresh of a poll still under way
// is fenced.
func (db *DB) ReleaseLeases(ctx context.Context) error {
	return db.write(ctx, "release leases", func(c *conn) error {
		if _, err := c.exec(ctx, "UPDATE feeds SET lease_until = 0, epoch = epoch + 1 WHERE lease_until > ?", millis(db.now())); err != nil {
			return err
		}
		if _, err := c.exec(ctx, "UPDATE domains SET busy_until = 0, turn = turn + 1 WHERE busy_until > 0"); err != nil {
			return err
		}
		if err := c.mistrust(ctx); err != nil {
			return err
		}
		return c.releaseMessages(ctx)
	})
}

// Nobody is left alone for longer than longestHeld, and no schedule is rarer than
// rarest: what is beyond was written by a clock that was wrong.
const (
	longestHeld = 31 * 24 * time.Hour
	rarest      = 4 * 366 * 24 * time.Hour // 29 February
)

// mistrust forgets times that only a wrong clock can have written.
func (c *conn) mistrust(ctx context.Context) error {
	now := c.db.now()
	held, due := millis(now.Add(longestHeld)), millis(now.Add(rarest))
	for _, fix := range []struct {
		query string
		args  []any
	}{
		{"UPDATE domains SET free_at = 0 WHERE free_at > ?", []any{held}},
		{"UPDATE domains SET held_until = 0 WHERE held_until > ?", []any{held}},
		{"UPDATE feeds SET held_until = 0 WHERE held_until > ?", []any{held}},
		{"UPDATE revisits SET due = 0 WHERE due > ?", []any{held}},
		{"UPDATE feeds SET next_due = ? WHERE next_due > ?", []any{millis(now), due}},
	} {
		if _, err := c.exec(ctx, fix.query, fix.args...); err != nil {
			return err
		}
	}
	return nil
}

// Release gives a lease back without having polled: the feed can be claimed
// again at once. One that is no longer held is no error.
func (db *DB) Release(ctx context.Context, l Lease) error {
	return db.write(ctx, "release a lease", func(c *conn) error {
		n, err := c.exec(ctx, "UPDATE feeds SET lease_until = 0 WHERE id = ? AND epoch = ?", l.Feed.ID, l.Epoch)
		if err != nil || n == 0 {
			return err
		}
		_, err = c.exec(ctx, "UPDATE domains SET busy_until = 0 WHERE name = ? AND turn = ?", l.turn.domain, l.turn.number)
		return err
	})
}

func scanLease(r *sql.Rows) (l Lease, err error) {
	err = scanFeedAnd(r, &l.Feed, &l.Epoch, &l.turn.domain)
	return l, err
}

// Refresh is what one poll brought. Empty Title, Site and Language leave
// the feed's as they are; a title that the feed has already is kept.
type Refresh struct {
	Lease                 Lease
	Outcome               news.Outcome
	Err                   string // why it failed, for people
	ETag, LastModified    string
	Title, Site, Language string
	Articles              []Incoming // their ids follow this order
	// Plan says what comes next; it is asked once, before anything is written, and
	// told how many articles are new or changed as far as can be seen then.
	Plan func(brought int) Plan
}

// Plan is when a feed is polled again and why, with what that rests on.
type Plan struct {
	NextDue time.Time
	Reason  string // in words
	Timing  news.Timing
	Retired time.Time // when the server said that the feed is gone for good; zero: it is not
	URL     string    // where the feed moved for good; empty: it did not, or another feed has it
	// FreeAt is when the domain may be asked again. Held means that the server
	// asked for it, of all its feeds: none of them is due before.
	FreeAt time.Time
	Held   bool
}

// SaveRefresh saves articles, validators and the next due time, and gives the
// lease back, in one transaction. The error is news.ErrFenced, and nothing is
// saved, if another caller has claimed the feed since, or it was removed.
func (db *DB) SaveRefresh(ctx context.Context, r Refresh) (Saved, error) {
	var s saver
	if err := db.prepare(ctx, &s, r.Articles); err != nil {
		return Saved{}, err
	}
	plan := r.Plan(s.brought())
	err := db.write(ctx, "save a poll", func(c *conn) error {
		if err := c.release(ctx, &r, &plan); err != nil {
			return err
		}
		return s.save(ctx, c)
	})
	return s.result(err)
}

// release records the poll on the feed and gives the lease back, if it is still
// held.
func (c *conn) release(ctx context.Context, r *Refresh, p *Plan) error {
	if r.Outcome == news.OutcomeBusy {
		return c.putOff(ctx, r, p)
	}
	failed := 1
	if r.Outcome.Good() {
		failed = 0
	}
	n, err := c.exec(ctx, `UPDATE feeds SET status = ?, error = ?, etag = ?, last_modified = ?,
			title = CASE WHEN title = '' THEN ? ELSE title END,
			site = COALESCE(NULLIF(?, ''), site), language = COALESCE(NULLIF(?, ''), language),
			failures = CASE WHEN ? = 1 THEN failures + 1 ELSE 0 END,
			last_poll = ?, next_due = ?, reason = ?, timing = ?, held_until = `+c.db.dialect.greatest+`(held_until, ?), retired = ?, lease_until = 0
		WHERE id = ? AND epoch = ?`,
		string(r.Outcome), text(r.Err), text(r.ETag), text(r.LastModified), text(r.Title), text(r.Site), text(r.Language),
		failed, millis(c.db.now()), millis(p.NextDue), text(p.Reason), timing(p.Timing), millis(p.Timing.HeldUntil), millis(p.Retired), r.Lease.Feed.ID, r.Lease.Epoch)
	if err != nil {
		return err
	}
	if n == 0 {
		return news.ErrFenced
	}
	if err := c.freeDomain(ctx, r.Lease.turn, p); err != nil || p.URL == "" {
		return err
	}
	return c.move(ctx, r.Lease.Feed.ID, text(p.URL), p.Reason)
}

// putOff records a poll that came to no answer for want of a turn: what is known of
// the feed stays.
func (c *conn) putOff(ctx context.Context, r *Refresh, p *Plan) error {
	n, err := c.exec(ctx, "UPDATE feeds SET last_poll = ?, next_due = ?, reason = ?, lease_until = 0 WHERE id = ? AND epoch = ?",
		millis(c.db.now()), millis(p.NextDue), text(p.Reason), r.Lease.Feed.ID, r.Lease.Epoch)
	if err == nil && n == 0 {
		err = news.ErrFenced
	}
	if err != nil {
		return err
	}
	return c.freeDomain(ctx, r.Lease.turn, p)
}

// move gives a feed the address that it moved to for good. If another feed has that,
// the reason says so, and nothing moves.
func (c *conn) move(ctx context.Context, id news.FeedID, url, reason string) error {
	other, err := c.feed(ctx, "url = ?", url)
	switch {
	case err == nil && other.ID != id:
		reason = fmt.Sprintf("%s; moved for good to %s, which feed %d reads already", reason, other.Redacted().URL, other.ID)
		_, err = c.exec(ctx, "UPDATE feeds SET reason = ? WHERE id = ?", text(reason), id)
		return err
	case err == nil:
		return nil // it was there already
	case !errors.Is(err, news.ErrNotFound):
		return err
	}
	if _, err := c.exec(ctx, "UPDATE feeds SET url = ? WHERE id = ?", url, id); err != nil {
		return err
	}
	return c.enterDomain(ctx, id, url)
}

// freeDomain says from when on the domain of a poll may be asked again.
func (c *conn) freeDomain(ctx context.Context, t Turn, p *Plan) error {
	if err := c.leave(ctx, t, p.FreeAt); err != nil || !p.Held {
		return err
	}
	return c.hold(ctx, t.domain, p.FreeAt, p.Reason)
}
