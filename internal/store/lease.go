package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"kliping/internal/news"
)

// Claim asks for feeds to poll.
type Claim struct {
	Limit int           // feeds at most; 0: none
	Lease time.Duration // how long they are the caller's; longer than a poll can take
	Only  []news.FeedID // claim among these, due or not; nil: among those that are due
}

// Lease is a feed that is the caller's for a while.
type Lease struct {
	Feed  news.Feed
	Epoch int64 // grows with every claim; SaveRefresh is fenced by it

	domain string
}

// Claim leases feeds, those due longest first. A feed that is leased already is
// passed over until its lease runs out; no two callers get the same. Of a domain
// there is one at a time, and none before the domain is free.
func (db *DB) Claim(ctx context.Context, claim Claim) (leases []Lease, err error) {
	now, until := millis(db.now()), millis(db.now().Add(claim.Lease))
	which := func(feed string) (condition string, arg any) {
		if claim.Only != nil {
			return db.dialect.among(feed + ".id"), db.dialect.list(claim.Only)
		}
		return feed + ".retired = 0 AND " + feed + ".next_due <= ?", now
	}
	ours, arg := which("f")
	earlier, earlierArg := which("e")
	// The rows are chosen apart from the update, so that they are locked once.
	query := "WITH chosen AS (SELECT f.id FROM feeds f JOIN domains d ON d.name = f.domain WHERE " + ours + `
			AND f.lease_until <= ? AND d.busy_until <= ? AND d.free_at <= ?
			AND NOT EXISTS (SELECT 1 FROM feeds e WHERE e.domain = f.domain AND ` + earlier + ` AND e.lease_until <= ?
				AND (e.next_due < f.next_due OR e.next_due = f.next_due AND e.id < f.id))
			ORDER BY f.next_due, f.id LIMIT ?` + db.dialect.skipLocked + `)
		UPDATE feeds SET lease_until = ?, epoch = epoch + 1 WHERE id IN (SELECT id FROM chosen) RETURNING ` + feedColumns + ", epoch, domain"
	err = db.write(ctx, "claim feeds", func(c *conn) error {
		leases, err = rows(ctx, c, scanLease, query, arg, now, now, now, earlierArg, now, claim.Limit, until)
		if err != nil || len(leases) == 0 {
			return err
		}
		domains := make([]string, len(leases))
		for i, l := range leases {
			domains[i] = l.domain
		}
		_, err = c.exec(ctx, "UPDATE domains SET busy_until = ? WHERE "+db.dialect.among("name"), until, db.dialect.list(domains))
		return err
	})
	slices.SortFunc(leases, func(a, b Lease) int {
		return cmp.Or(a.Feed.NextDue.Compare(b.Feed.NextDue), cmp.Compare(a.Feed.ID, b.Feed.ID))
	})
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
		if _, err := c.exec(ctx, "UPDATE domains SET busy_until = 0 WHERE busy_until > 0"); err != nil {
			return err
		}
		return c.releaseMessages(ctx)
	})
}

// Release gives a lease back without having polled: the feed can be claimed
// again at once. One that is no longer held is no error.
func (db *DB) Release(ctx context.Context, l Lease) error {
	return db.write(ctx, "release a lease", func(c *conn) error {
		n, err := c.exec(ctx, "UPDATE feeds SET lease_until = 0 WHERE id = ? AND epoch = ?", l.Feed.ID, l.Epoch)
		if err != nil || n == 0 {
			return err
		}
		_, err = c.exec(ctx, "UPDATE domains SET busy_until = 0 WHERE name = ?", l.domain)
		return err
	})
}

func scanLease(r *sql.Rows) (l Lease, err error) {
	err = scanFeedAnd(r, &l.Feed, &l.Epoch, &l.domain)
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
	failed := 1
	if r.Outcome.Good() {
		failed = 0
	}
	n, err := c.exec(ctx, `UPDATE feeds SET status = ?, error = ?, etag = ?, last_modified = ?,
			title = CASE WHEN title = '' THEN ? ELSE title END,
			site = COALESCE(NULLIF(?, ''), site), language = COALESCE(NULLIF(?, ''), language),
			failures = CASE WHEN ? = 1 THEN failures + 1 ELSE 0 END,
			last_poll = ?, next_due = ?, reason = ?, timing = ?, retired = ?, lease_until = 0
		WHERE id = ? AND epoch = ?`,
		string(r.Outcome), text(r.Err), text(r.ETag), text(r.LastModified), text(r.Title), text(r.Site), text(r.Language),
		failed, millis(c.db.now()), millis(p.NextDue), text(p.Reason), timing(p.Timing), millis(p.Retired), r.Lease.Feed.ID, r.Lease.Epoch)
	if err != nil {
		return err
	}
	if n == 0 {
		return news.ErrFenced
	}
	if err := c.freeDomain(ctx, r.Lease.domain, p); err != nil || p.URL == "" {
		return err
	}
	n, err = c.exec(ctx, "UPDATE feeds SET url = ? WHERE id = ? AND NOT EXISTS (SELECT 1 FROM feeds WHERE url = ?)",
		text(p.URL), r.Lease.Feed.ID, text(p.URL))
	if err != nil || n == 0 {
		return err
	}
	return c.setDomain(ctx, r.Lease.Feed.ID, text(p.URL))
}

// freeDomain says from when on the domain of a poll may be asked again.
func (c *conn) freeDomain(ctx context.Context, domain string, p *Plan) error {
	_, err := c.exec(ctx, "UPDATE domains SET busy_until = 0, free_at = ? WHERE name = ?", millis(p.FreeAt), domain)
	if err != nil || !p.Held {
		return err
	}
	until := millis(p.FreeAt)
	_, err = c.exec(ctx, "UPDATE feeds SET next_due = ?, reason = ? WHERE domain = ? AND retired = 0 AND next_due < ?", until, text(p.Reason), domain, until)
	return err
}
