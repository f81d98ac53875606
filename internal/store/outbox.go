package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"kliping/internal/news"
)

// Message is something to be sent: a mail, a webhook call.
type Message struct {
	ID       int64
	Kind     string
	Key      string // stable and unique for ever, by which the receiver can tell a repetition
	Payload  []byte
	Due      time.Time
	Attempts int    // that failed
	Error    string // of the last one
	Epoch    int64  // of the lease; Sent and Retry are fenced by it
}

// Enqueue adds a message, due at m.Due or at once if that is zero. A key that was
// ever enqueued before is passed over, so that it is safe to repeat.
func (db *DB) Enqueue(ctx context.Context, m Message) error {
	return db.write(ctx, "enqueue message "+m.Key, func(c *conn) error { return c.enqueue(ctx, m) })
}

func (c *conn) enqueue(ctx context.Context, m Message) error {
	_, err := c.exec(ctx, "INSERT INTO outbox (kind, key, payload, due) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
		m.Kind, m.Key, append([]byte{}, m.Payload...), cmp.Or(millis(m.Due), millis(c.db.now())))
	return err
}

// ClaimMessages leases up to limit messages that are due, longest first. One
// that is neither Sent nor Retried comes again when its lease runs out.
func (db *DB) ClaimMessages(ctx context.Context, limit int, lease time.Duration) (all []Message, err error) {
	now := db.now()
	query := "WITH chosen AS (SELECT id FROM outbox WHERE sent = 0 AND due <= ? AND lease_until <= ? ORDER BY due, id LIMIT ?" + db.dialect.skipLocked + `)
		UPDATE outbox SET lease_until = ?, epoch = epoch + 1 WHERE id IN (SELECT id FROM chosen)
		RETURNING id, kind, key, payload, due, attempts, error, epoch`
	err = db.write(ctx, "claim messages", func(c *conn) error {
		all, err = rows(ctx, c, scanMessage, query, millis(now), millis(now), limit, millis(now.Add(lease)))
		return err
	})
	slices.SortFunc(all, func(a, b Message) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	return all, err
}

func scanMessage(r *sql.Rows) (m Message, err error) {
	var due int64
	err = r.Scan(&m.ID, &m.Kind, &m.Key, &m.Payload, &due, &m.Attempts, &m.Error, &m.Epoch)
	m.Due = moment(due)
	return m, err
}

// Sent records that a claimed message went out, or returns news.ErrFenced if
// another has claimed it since.
func (db *DB) Sent(ctx context.Context, id, epoch int64) error {
	return db.settle(ctx, id, epoch, "sent = ?, error = ''", millis(db.now()))
}

// Retry records that a claimed message could not be sent, why, and when to try
// again, or returns news.ErrFenced if another has claimed it since.
func (db *DB) Retry(ctx context.Context, id, epoch int64, next time.Time, why string) error {
	return db.settle(ctx, id, epoch, "due = ?, error = ?, attempts = attempts + 1", millis(next), text(why))
}

func (db *DB) settle(ctx context.Context, id, epoch int64, set string, args ...any) error {
	return db.write(ctx, fmt.Sprintf("settle message %d", id), func(c *conn) error {
		n, err := c.exec(ctx, "UPDATE outbox SET lease_until = 0, "+set+" WHERE id = ? AND epoch = ? AND sent = 0", append(args, id, epoch)...)
		if err == nil && n == 0 {
			err = news.ErrFenced
		}
		return err
	})
}
