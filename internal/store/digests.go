package store

import (
	"context"
	"database/sql"
	"time"

	"kliping/internal/news"
)

// ArchivedDigest names a digest that was made.
type ArchivedDigest struct {
	Name string    `json:"name"` // of its plan
	Slot string    `json:"slot"` // local time it was due
	Made time.Time `json:"made"`
}

// Publication is a digest that goes out.
type Publication struct {
	Name, Slot string
	Until      time.Time // the end of its window
	Body       []byte    // JSON
	Mails      []Message
	Edit       int // of the draft that it was made from, 0 for none or one as it was made
}

// Publish takes the digest's slot, archives it, puts its mails in the outbox and
// removes its draft, all or none, and reports whether the slot was free: of all
// callers, on all nodes and for ever, exactly one gets it. A draft that was
// changed meanwhile is news.ErrExists, and nothing happens.
func (db *DB) Publish(ctx context.Context, p Publication) (ours bool, err error) {
	err = db.write(ctx, "publish the digest "+p.Name+"/"+p.Slot, func(c *conn) error {
		ours = false
		edit := 0
		if _, err := c.row(ctx, []any{&edit}, "SELECT edit FROM drafts WHERE name = ? AND slot = ?", p.Name, p.Slot); err != nil {
			return err
		}
		if edit != p.Edit {
			return news.ErrExists
		}
		n, err := c.exec(ctx, "INSERT INTO slots (name, slot, taken) VALUES (?, ?, ?) ON CONFLICT (name, slot) DO NOTHING", DigestJob(p.Name), p.Slot, millis(db.now()))
		if err != nil || n == 0 {
			return err
		}
		if err := c.archive(ctx, &p); err != nil {
			return err
		}
		for _, m := range p.Mails {
			if err := c.enqueue(ctx, m); err != nil {
				return err
			}
		}
		_, err = c.exec(ctx, "DELETE FROM drafts WHERE name = ? AND slot = ?", p.Name, p.Slot)
		ours = err == nil
		return err
	})
	return ours && err == nil, err
}

// DigestJob is the name under which the slots of a plan are taken. That of the
// configured one is older than plans.
func DigestJob(plan string) string {
	if plan == "digest" {
		return plan
	}
	return "digest/" + plan
}

// SaveDigest archives a digest as JSON; one made again replaces the former.
func (db *DB) SaveDigest(ctx context.Context, name, slot string, body []byte) error {
	return db.write(ctx, "archive the digest of "+slot, func(c *conn) error {
		return c.archive(ctx, &Publication{Name: name, Slot: slot, Body: body})
	})
}

func (c *conn) archive(ctx context.Context, p *Publication) error {
	_, err := c.exec(ctx, `INSERT INTO digests (name, slot, made, until, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (name, slot) DO UPDATE SET made = excluded.made, until = excluded.until, body = excluded.body`,
		p.Name, p.Slot, millis(c.db.now()), millis(p.Until), append([]byte{}, p.Body...))
	return err
}

// Digests returns the last digests made, newest first; name, if not empty, is
// the plan that they are of.
func (db *DB) Digests(ctx context.Context, name string, limit int) (all []ArchivedDigest, err error) {
	err = db.read(ctx, "read the archive of digests", func(c *conn) error {
		all, err = rows(ctx, c, func(r *sql.Rows) (d ArchivedDigest, err error) {
			var made int64
			err = r.Scan(&d.Name, &d.Slot, &made)
			d.Made = moment(made)
			return d, err
		}, "SELECT name, slot, made FROM digests WHERE ? = '' OR name = ? ORDER BY made DESC, slot DESC, name LIMIT ?", name, name, limit)
		return err
	})
	return all, err
}

// Digest returns an archived digest as JSON, or news.ErrNotFound.
func (db *DB) Digest(ctx context.Context, name, slot string) (body []byte, err error) {
	err = db.read(ctx, "read the digest of "+slot, func(c *conn) error {
		ok, err := c.row(ctx, []any{&body}, "SELECT body FROM digests WHERE name = ? AND slot = ?", name, slot)
		if err == nil && !ok {
			err = news.ErrNotFound
		}
		return err
	})
	return body, err
}

// LastDigest returns the end of the window of a plan's last digest made since a time;
// the zero time if there was none. What is later than now, by a clock that was ahead,
// does not count.
func (db *DB) LastDigest(ctx context.Context, name string, since time.Time) (until time.Time, err error) {
	err = db.read(ctx, "read the last digest of "+name, func(c *conn) error {
		var ms int64
		now := db.now()
		if since.After(now) {
			since = time.Time{}
		}
		_, err := c.row(ctx, []any{&ms}, "SELECT COALESCE(MAX(until), 0) FROM digests WHERE name = ? AND made >= ? AND until <= ?", name, millis(since), millis(now))
		until = moment(ms)
		return err
	})
	return until, err
}

// EndDigests has the windows of a plan's digests that end later than a time end now:
// a clock that was ahead made them, and what comes until then is in none of them. It
// returns how many there were.
func (db *DB) EndDigests(ctx context.Context, name string, than time.Time) (n int64, err error) {
	err = db.read(ctx, "look for digests ahead of "+name, func(c *conn) error {
		_, err := c.row(ctx, []any{&n}, "SELECT COUNT(*) FROM digests WHERE name = ? AND until > ?", name, millis(than))
		return err
	})
	if err != nil || n == 0 {
		return n, err // as nearly always: no write transaction
	}
	err = db.write(ctx, "end the digests ahead of "+name, func(c *conn) error {
		n, err = c.exec(ctx, "UPDATE digests SET until = ? WHERE name = ? AND until > ?", millis(db.now()), name, millis(than))
		return err
	})
	return n, err
}

// FirstWaiting is when the first of the articles arrived that were never grouped
// yet; the zero time if none waits.
func (db *DB) FirstWaiting(ctx context.Context) (at time.Time, err error) {
	err = db.read(ctx, "read what waits to be grouped", func(c *conn) error {
		var ms int64
		_, err := c.row(ctx, []any{&ms}, "SELECT COALESCE(MIN(arrived), 0) FROM articles WHERE pending = 1 AND story IS NULL")
		at = moment(ms)
		return err
	})
	return at, err
}
