package store

import (
	"context"
	"database/sql"
	"time"

	"kliping/internal/news"
)

// ArchivedDigest names a digest that was made.
type ArchivedDigest struct {
	Name string    `json:"name"`
	Slot string    `json:"slot"` // local time it was due
	Made time.Time `json:"made"`
}

// SaveDigest archives a digest as JSON; one made again replaces the former.
func (db *DB) SaveDigest(ctx context.Context, name, slot string, body []byte) error {
	return db.write(ctx, "archive the digest of "+slot, func(c *conn) error {
		_, err := c.exec(ctx, `INSERT INTO digests (name, slot, made, body) VALUES (?, ?, ?, ?)
			ON CONFLICT (name, slot) DO UPDATE SET made = excluded.made, body = excluded.body`, name, slot, millis(db.now()), append([]byte{}, body...))
		return err
	})
}

// Digests returns the last digests made, newest first.
func (db *DB) Digests(ctx context.Context, limit int) (all []ArchivedDigest, err error) {
	err = db.read(ctx, "read the archive of digests", func(c *conn) error {
		all, err = rows(ctx, c, func(r *sql.Rows) (d ArchivedDigest, err error) {
			var made int64
			err = r.Scan(&d.Name, &d.Slot, &made)
			d.Made = moment(made)
			return d, err
		}, "SELECT name, slot, made FROM digests ORDER BY made DESC, slot DESC, name LIMIT ?", limit)
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
