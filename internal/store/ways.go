package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// Way is something that messages go by, such as the mail server, while it is down.
type Way struct {
	Name     string
	Attempts int       // that failed in a row
	Failing  time.Time // since when
	Until    time.Time // nothing goes this way before
	Error    string    // of the last attempt
}

// longestPause is the longest that a way is put off; what is put off for longer was
// by a clock that was ahead, and is due.
const longestPause = 24 * time.Hour

// DueWays returns the ways by which messages of a kind are due: those that are not
// known to be down first, and then those for which one waits longest.
func (db *DB) DueWays(ctx context.Context, kind string) (all []string, err error) {
	now := millis(db.now())
	err = db.read(ctx, "read by what ways messages are due", func(c *conn) error {
		all, err = rows(ctx, c, scanOne[string], `SELECT way FROM outbox WHERE kind = ? AND `+isDue+`
			GROUP BY way ORDER BY CASE WHEN way IN (SELECT way FROM ways) THEN 1 ELSE 0 END, MIN(due), way`, kind, now, now, now, now)
		return err
	})
	return all, err
}

// PutOff records that a way is down, and why, and lets nothing go by it for as long
// as pause says (a day at most) after so many attempts that failed in a row before.
// A way that is put off already stays so, since another node found it down.
func (db *DB) PutOff(ctx context.Context, way, why string, pause func(attempts int) time.Duration) (w Way, err error) {
	err = db.write(ctx, "put off a way", func(c *conn) error {
		down, err := c.waysDown(ctx)
		if err != nil {
			return err
		}
		now := moment(millis(db.now()))
		w = down[way]
		if w.Until.After(now) && !w.Until.After(now.Add(longestPause)) {
			return nil
		}
		if w.Attempts == 0 || w.Failing.After(now) {
			w = Way{Name: text(way), Failing: now}
		}
		w.Until, w.Error, w.Attempts = now.Add(pause(w.Attempts)), text(why), w.Attempts+1
		_, err = c.exec(ctx, `INSERT INTO ways (way, attempts, failing, until, error) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (way) DO UPDATE SET attempts = excluded.attempts, failing = excluded.failing, until = excluded.until, error = excluded.error`,
			w.Name, w.Attempts, millis(w.Failing), millis(w.Until), w.Error)
		return err
	})
	return w, err
}

// WayIsUp records that a way is not down.
func (db *DB) WayIsUp(ctx context.Context, way string) error {
	return db.write(ctx, "way is up", func(c *conn) error {
		_, err := c.exec(ctx, "DELETE FROM ways WHERE way = ?", way)
		return err
	})
}

// TryWays has what is down tried now: whoever starts a daemon may have put it right,
// and a clock that was wrong may have put it off.
func (db *DB) TryWays(ctx context.Context) error {
	return db.write(ctx, "try what is down", func(c *conn) error { return c.tryWays(ctx) })
}

func (c *conn) tryWays(ctx context.Context) error {
	if err := c.nameWays(ctx); err != nil {
		return err
	}
	_, err := c.exec(ctx, "UPDATE ways SET until = 0")
	return err
}

// nameWays names the way of messages that have none: those of a program that knew no
// ways, and may still run as another node.
func (c *conn) nameWays(ctx context.Context) error {
	type nameless struct {
		id        int64
		kind, way string
	}
	all, err := rows(ctx, c, func(r *sql.Rows) (n nameless, err error) {
		var payload []byte
		if err := r.Scan(&n.id, &n.kind, &payload); err != nil {
			return n, err
		}
		var to struct {
			URL string `json:"url"`
		}
		_ = json.Unmarshal(payload, &to) // who sends it says what is wrong with it
		n.way = cmp.Or(to.URL, n.kind)
		return n, nil
	}, "SELECT id, kind, payload FROM outbox WHERE way = '' AND sent = 0")
	for _, n := range all {
		if err == nil {
			_, err = c.exec(ctx, "UPDATE outbox SET way = ? WHERE id = ?", text(n.way), n.id)
		}
	}
	return err
}

// FailWay gives up what was due by a way before the given time, and says why. It
// returns how many messages that is.
func (db *DB) FailWay(ctx context.Context, way string, before time.Time, why string) (n int64, err error) {
	now := millis(db.now())
	err = db.write(ctx, "give up what waits", func(c *conn) error {
		n, err = c.exec(ctx, `UPDATE outbox SET failed = ?, error = ? WHERE way = ? AND sent = 0 AND failed = 0 AND due <= ? AND lease_until <= ?`,
			now, text(why), way, millis(before), now)
		return err
	})
	return n, err
}

// waysDown are the ways that are down, by name.
func (c *conn) waysDown(ctx context.Context) (map[string]Way, error) {
	all, err := rows(ctx, c, func(r *sql.Rows) (w Way, err error) {
		var failing, until int64
		err = r.Scan(&w.Name, &w.Attempts, &failing, &until, &w.Error)
		w.Failing, w.Until = moment(failing), moment(until)
		return w, err
	}, "SELECT way, attempts, failing, until, error FROM ways")
	down := make(map[string]Way, len(all))
	for _, w := range all {
		down[w.Name] = w
	}
	return down, err
}
