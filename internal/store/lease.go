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
}

// Claim leases feeds, those due longest first. A feed that is leased already is
// passed over until its lease runs out; no two callers get the same.
func (db *DB) Claim(ctx context.Context, claim Claim) (leases []Lease, err error) {
	now := db.now()
	args := []any{millis(now), millis(now), claim.Limit, millis(now.Add(claim.Lease))}
	which := "next_due <= ?"
	if claim.Only != nil {
		which, args[0] = db.dialect.among("id"), db.dialect.list(claim.Only)
	}
	// The rows are chosen apart from the update, so that they are locked once.
	query := "WITH chosen AS (SELECT id FROM feeds WHERE " + which + " AND lease_until <= ? ORDER BY next_due, id LIMIT ?" + db.dialect.skipLocked + `)
		UPDATE feeds SET lease_until = ?, epoch = epoch + 1 WHERE id IN (SELECT id FROM chosen) RETURNING ` + feedColumns + ", epoch"
	err = db.write(ctx, "claim feeds", func(c *conn) error {
		leases, err = rows(ctx, c, scanLease, query, args...)
		return err
	})
	slices.SortFunc(leases, func(a, b Lease) int {
		return cmp.Or(a.Feed.NextDue.Compare(b.Feed.NextDue), cmp.Compare(a.Feed.ID, b.Feed.ID))
	})
	return leases, err
}

// ReleaseLeases gives back every lease, whoever holds it, so that feeds whose
// poll died with its process are polled at once. Only who knows that nobody else
// polls may call it: SaveRefresh of a poll still under way is fenced.
func (db *DB) ReleaseLeases(ctx context.Context) error {
	return db.write(ctx, "release leases", func(c *conn) error {
		_, err := c.exec(ctx, "UPDATE feeds SET lease_until = 0, epoch = epoch + 1 WHERE lease_until > ?", millis(db.now()))
		return err
	})
}

// Release gives a lease back without having polled: the feed can be claimed
// again at once. One that is no longer held is no error.
func (db *DB) Release(ctx context.Context, l Lease) error {
	return db.write(ctx, "release a lease", func(c *conn) error {
		_, err := c.exec(ctx, "UPDATE feeds SET lease_until = 0 WHERE id = ? AND epoch = ?", l.Feed.ID, l.Epoch)
		return err
	})
}

func scanLease(r *sql.Rows) (l Lease, err error) {
	err = scanFeedAnd(r, &l.Feed, &l.Epoch)
	return l, err
}

// Refresh is what one poll brought. Empty Title, Site, Language and URL leave
// the feed's as they are; a title that the feed has already is kept.
type Refresh struct {
	Lease                 Lease
	Outcome               news.Outcome
	Err                   string // why it failed, for people
	ETag, LastModified    string
	Title, Site, Language string
	URL                   string // where the feed moved for good
	NextDue               time.Time
	Articles              []Incoming // their ids follow this order
}

// SaveRefresh saves articles, validators and the next due time, and gives the
// lease back, in one transaction. The error is news.ErrFenced, and nothing is
// saved, if another caller has claimed the feed since, or it was removed.
func (db *DB) SaveRefresh(ctx context.Context, r Refresh) (Saved, error) {
	var s saver
	if err := db.prepare(ctx, &s, r.Articles); err != nil {
		return Saved{}, err
	}
	err := db.write(ctx, "save a poll", func(c *conn) error {
		if err := c.release(ctx, &r); err != nil {
			return err
		}
		return s.save(ctx, c)
	})
	return s.result(err)
}

// release records the poll on the feed and gives the lease back, if it is still
// held.
func (c *conn) release(ctx context.Context, r *Refresh) error {
	failed := 1
	if r.Outcome == news.OutcomeOK || r.Outcome == news.OutcomeNotModified {
		failed = 0
	}
	n, err := c.exec(ctx, `UPDATE feeds SET status = ?, error = ?, etag = ?, last_modified = ?,
			title = CASE WHEN title = '' THEN ? ELSE title END,
			site = COALESCE(NULLIF(?, ''), site), language = COALESCE(NULLIF(?, ''), language),
			failures = CASE WHEN ? = 1 THEN failures + 1 ELSE 0 END,
			last_poll = ?, next_due = ?, lease_until = 0
		WHERE id = ? AND epoch = ?`,
		string(r.Outcome), text(r.Err), text(r.ETag), text(r.LastModified), text(r.Title), text(r.Site), text(r.Language),
		failed, millis(c.db.now()), millis(r.NextDue), r.Lease.Feed.ID, r.Lease.Epoch)
	if err != nil {
		return err
	}
	if n == 0 {
		return news.ErrFenced
	}
	if r.URL == "" {
		return nil
	}
	_, err = c.exec(ctx, "UPDATE feeds SET url = ? WHERE id = ? AND NOT EXISTS (SELECT 1 FROM feeds WHERE url = ?)",
		text(r.URL), r.Lease.Feed.ID, text(r.URL))
	return err
}
