package store

import "context"

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

// LastSlot returns the newest slot of a job that was taken, "" for none.
func (db *DB) LastSlot(ctx context.Context, name string) (local string, err error) {
	err = db.read(ctx, "read the last slot of "+name, func(c *conn) error {
		_, err := c.row(ctx, []any{&local}, "SELECT COALESCE(MAX(slot), '') FROM slots WHERE name = ?", name)
		return err
	})
	return local, err
}
