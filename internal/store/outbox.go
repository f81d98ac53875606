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
	Way      string // by what it goes, and with what it waits while that is down; empty: Kind
	Payload  []byte
	Due      time.Time
	Attempts int       // that failed
	Error    string    // of the last one
	Failing  time.Time // since when every attempt failed; zero: none did
	Failed   time.Time // when it was given up; zero: it was not
	Sent     time.Time // zero: it was not
	Epoch    int64     // of the lease; Sent, Retry and Fail are fenced by it
}

const messageColumns = "id, kind, key, way, payload, due, attempts, error, failing, failed, sent, epoch"

// Enqueue adds a message, due at m.Due or at once if that is zero. A key that was
// ever enqueued before is passed over, so that it is safe to repeat.
func (db *DB) Enqueue(ctx context.Context, m Message) error {
	return db.write(ctx, "enqueue message "+m.Key, func(c *conn) error { return c.enqueue(ctx, m) })
}

func (c *conn) enqueue(ctx context.Context, m Message) error {
	_, err := c.exec(ctx, "INSERT INTO outbox (kind, key, way, payload, due) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
		m.Kind, m.Key, text(cmp.Or(m.Way, m.Kind)), append([]byte{}, m.Payload...), cmp.Or(millis(m.Due), millis(c.db.now())))
	return err
}

// isDue is the condition of messages that may be sent now; it takes the time four
// times. The number is longestPause.
const isDue = `sent = 0 AND failed = 0 AND due <= ? AND lease_until <= ?
	AND NOT EXISTS (SELECT 1 FROM ways WHERE ways.way = outbox.way AND until > ? AND until - 86400000 <= ?)`

// ClaimMessages leases up to limit messages that are due: those that were never
// tried first, and then longest; of the given ways, or of all if none is given, and
// of none that is put off. One that is neither Sent nor Retried nor Failed nor
// Returned comes again when its lease runs out.
func (db *DB) ClaimMessages(ctx context.Context, limit int, lease time.Duration, ways ...string) (all []Message, err error) {
	now := db.now()
	args := []any{millis(now), millis(now), millis(now), millis(now)}
	which := ""
	if len(ways) > 0 {
		which, args = " AND "+db.dialect.among("way"), append(args, db.dialect.list(ways))
	}
	query := "WITH chosen AS (SELECT id FROM outbox WHERE " + isDue + which + " ORDER BY attempts > 0, due, id LIMIT ?" + db.dialect.skipLocked + `)
		UPDATE outbox SET lease_until = ?, epoch = epoch + 1 WHERE id IN (SELECT id FROM chosen)
		RETURNING ` + messageColumns
	err = db.write(ctx, "claim messages", func(c *conn) error {
		all, err = rows(ctx, c, scanMessage, query, append(args, limit, millis(now.Add(lease)))...)
		return err
	})
	slices.SortFunc(all, func(a, b Message) int {
		return cmp.Or(cmp.Compare(min(a.Attempts, 1), min(b.Attempts, 1)), a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
	})
	return all, err
}

func scanMessage(r *sql.Rows) (m Message, err error) {
	var due, failing, failed, sent int64
	err = r.Scan(&m.ID, &m.Kind, &m.Key, &m.Way, &m.Payload, &due, &m.Attempts, &m.Error, &failing, &failed, &sent, &m.Epoch)
	m.Due, m.Failing, m.Failed, m.Sent = moment(due), moment(failing), moment(failed), moment(sent)
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
	return db.settle(ctx, id, epoch, "due = ?, error = ?, attempts = attempts + 1, failing = CASE WHEN failing = 0 THEN CAST(? AS BIGINT) ELSE failing END",
		millis(next), text(why), millis(db.now()))
}

// Fail records that a claimed message is given up, and why, or returns
// news.ErrFenced if another has claimed it since. It stays until a person has it
// sent again: see Resend.
func (db *DB) Fail(ctx context.Context, id, epoch int64, why string) error {
	return db.settle(ctx, id, epoch, "failed = ?, error = ?, attempts = attempts + 1", millis(db.now()), text(why))
}

// Return gives back a claimed message that was not tried, as if it had not been
// claimed; or returns news.ErrFenced if another has claimed it since.
func (db *DB) Return(ctx context.Context, id, epoch int64) error {
	return db.settle(ctx, id, epoch, "due = due")
}

func (db *DB) settle(ctx context.Context, id, epoch int64, set string, args ...any) error {
	return db.write(ctx, fmt.Sprintf("settle message %d", id), func(c *conn) error {
		n, err := c.exec(ctx, "UPDATE outbox SET lease_until = 0, "+set+" WHERE id = ? AND epoch = ? AND sent = 0 AND failed = 0", append(args, id, epoch)...)
		if err == nil && n == 0 {
			err = news.ErrFenced
		}
		return err
	})
}

// States of messages, as Outbox takes them.
const (
	MessagesWaiting = "waiting" // to be sent, or tried again
	MessagesFailed  = "failed"  // given up
	MessagesSent    = "sent"
)

// Outbox returns up to limit messages in the given state: those that wait by when
// they are due, the others newest first. What waits for a way that is down is due,
// and says why, as that way does.
func (db *DB) Outbox(ctx context.Context, state string, limit int) (all []Message, err error) {
	where := map[string]string{
		MessagesWaiting: "sent = 0 AND failed = 0 ORDER BY due, id",
		MessagesFailed:  "failed > 0 ORDER BY failed DESC, id DESC",
		MessagesSent:    "sent > 0 ORDER BY sent DESC, id DESC",
	}[state]
	if where == "" {
		return nil, fmt.Errorf("messages that are %q: %w", state, news.ErrInvalid)
	}
	err = db.read(ctx, "read the outbox", func(c *conn) error {
		all, err = rows(ctx, c, scanMessage, "SELECT "+messageColumns+" FROM outbox WHERE "+where+" LIMIT ?", limit)
		if err != nil || state != MessagesWaiting {
			return err
		}
		down, err := c.waysDown(ctx)
		for i := range all {
			m := &all[i]
			if w, ok := down[m.Way]; ok && w.Until.After(m.Due) {
				m.Due, m.Error = w.Until, w.Error
			}
		}
		return err
	})
	return all, err
}

// Resend has a message that failed, or waits to be tried again, or for a way that
// is down, sent now; id 0 is all of them. It returns how many; one that is not
// there, or was sent, is news.ErrNotFound.
func (db *DB) Resend(ctx context.Context, id int64) (n int64, err error) {
	err = db.write(ctx, "send again", func(c *conn) error {
		if err := c.nameWays(ctx); err != nil {
			return err
		}
		now := millis(db.now())
		n, err = c.exec(ctx, `UPDATE outbox SET due = ?, failed = 0, failing = 0, attempts = 0 WHERE (id = ? OR ? = 0) AND sent = 0
			AND (failed > 0 OR attempts > 0 OR way IN (SELECT way FROM ways)) AND lease_until <= ?`, now, id, id, now)
		if err == nil && n == 0 && id != 0 {
			err = fmt.Errorf("message %d: %w among those that wait or failed", id, news.ErrNotFound)
		}
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, "DELETE FROM ways WHERE ? = 0 OR way IN (SELECT way FROM outbox WHERE id = ?)", id, id)
		return err
	})
	return n, err
}

// ForgetSent drops the texts of messages that were sent before the given time, and
// with them whom they went to. Their keys stay, so that none is sent again.
func (db *DB) ForgetSent(ctx context.Context, before time.Time) (n int64, err error) {
	err = db.write(ctx, "forget what was sent", func(c *conn) error {
		if err := c.nameWays(ctx); err != nil {
			return err
		}
		n, err = c.exec(ctx, "UPDATE outbox SET payload = ?, way = '' WHERE sent > 0 AND sent < ? AND length(payload) > 0", []byte{}, millis(before))
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, "DELETE FROM ways WHERE way NOT IN (SELECT way FROM outbox WHERE sent = 0 AND failed = 0)")
		return err
	})
	return n, err
}

// releaseMessages gives back the leases of messages, and has what is down tried now.
func (c *conn) releaseMessages(ctx context.Context) error {
	if err := c.tryWays(ctx); err != nil {
		return err
	}
	_, err := c.exec(ctx, "UPDATE outbox SET lease_until = 0, epoch = epoch + 1 WHERE sent = 0 AND failed = 0 AND lease_until > 0")
	return err
}
