package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Template is a block that an outlet repeats in otherwise different articles.
type Template struct {
	Outlet      string
	Print       uint64 // fingerprint of the block
	Count       int    // articles it was seen in
	First, Last time.Time
	Sample      string // the block's text
	State       string // learnedState, or what a person said of it
}

// learnedState is the state of a template that no person has judged.
const learnedState = "learned"

// SaveTemplates adds templates, or brings those that are there up to date. What
// a person said of one stays, and so does a sample where none is given.
func (g *Grouping) SaveTemplates(ctx context.Context, all []Template) error {
	for _, t := range all {
		err := g.c.repeat(ctx, `INSERT INTO templates (outlet, print, seen, first_seen, last_seen, sample, state) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (outlet, print) DO UPDATE SET seen = excluded.seen, first_seen = excluded.first_seen, last_seen = excluded.last_seen,
				sample = CASE WHEN excluded.sample = '' THEN templates.sample ELSE excluded.sample END,
				state = CASE WHEN templates.state = ? THEN excluded.state ELSE templates.state END`,
			text(t.Outlet), int64(t.Print), t.Count, millis(t.First), millis(t.Last), text(t.Sample), t.State, learnedState)
		if err != nil {
			return fmt.Errorf("save a template of %s: %w", t.Outlet, err)
		}
	}
	return nil
}

// Templates returns all templates, outlet by outlet.
func (db *DB) Templates(ctx context.Context) (all []Template, err error) {
	err = db.read(ctx, "read templates", func(c *conn) error {
		all, err = rows(ctx, c, scanTemplate, "SELECT outlet, print, seen, first_seen, last_seen, sample, state FROM templates ORDER BY outlet, print")
		return err
	})
	return all, err
}

func scanTemplate(r *sql.Rows) (t Template, err error) {
	var print, first, last int64
	err = r.Scan(&t.Outlet, &print, &t.Count, &first, &last, &t.Sample, &t.State)
	t.Print, t.First, t.Last = uint64(print), moment(first), moment(last)
	return t, err
}
