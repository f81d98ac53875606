package store

import (
	"context"
	"time"
)

// TakeSlot takes one run of a named job, and reports whether the caller got it:
// of all callers, on all nodes and for ever, exactly one does, unless that one
// gives it back. local is the run's
// local time, such as "2026-03-29T02:30".
func (db *DB) TakeSlot(ctx context.Context, name, local string) (taken bool, err error) {
	err = db.write(ctx, "take slot "+local+" of "+name, func(c *conn) error {
		n, err := c.exec(ctx, "INSERT INTO slots (name, slot, taken) VALUES (?, ?, ?) ON CONFLICT (name, slot) DO NOTHING", name, local, millis(db.now()))
		taken = n == 1
		return err
	})
	return taken && err == nil, err
}

// GiveBackSlot lets a slot be taken again: its job failed after it was taken.
// One that nobody has is no error.
func (db *DB) GiveBackSlot(ctx context.Context, name, local string) error {
	return db.write(ctx, "give back slot "+local+" of "+name, func(c *conn) error {
		_, err := c.exec(ctx, "DELETE FROM slots WHERE name = ? AND slot = ?", name, local)
		return err
	})
}

// TakenSlot is a slot that was taken.
type TakenSlot struct {
	Slot string // local time
	At   time.Time
}

// LastSlot returns the slot of a job that was taken last; the zero TakenSlot if none
// was. One taken later than now, by a clock that was ahead, does not count.
func (db *DB) LastSlot(ctx context.Context, name string) (last TakenSlot, err error) {
	err = db.read(ctx, "read the last slot of "+name, func(c *conn) error {
		var at int64
		_, err := c.row(ctx, []any{&last.Slot, &at}, "SELECT slot, taken FROM slots WHERE name = ? AND taken <= ? ORDER BY taken DESC, slot DESC LIMIT 1", name, millis(db.now()))
		last.At = moment(at)
		return err
	})
	return last, err
}

// SlotTaken returns when a slot was taken; the zero time if it is free.
func (db *DB) SlotTaken(ctx context.Context, name, local string) (at time.Time, err error) {
	err = db.read(ctx, "look for slot "+local+" of "+name, func(c *conn) error {
		var ms int64
		_, err := c.row(ctx, []any{&ms}, "SELECT taken FROM slots WHERE name = ? AND slot = ?", name, local)
		at = moment(ms)
		return err
	})
	return at, err
}

// SlotsAhead counts the slots of a job that were taken later than a time.
func (db *DB) SlotsAhead(ctx context.Context, name string, than time.Time) (n int, err error) {
	err = db.read(ctx, "count the slots ahead of "+name, func(c *conn) error {
		_, err := c.row(ctx, []any{&n}, "SELECT COUNT(*) FROM slots WHERE name = ? AND taken > ?", name, millis(than))
		return err
	})
	return n, err
}
