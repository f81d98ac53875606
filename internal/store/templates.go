package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"kliping/internal/news"
)

// Template is a block that an outlet repeats in otherwise different articles, or
// that several outlets carry in such.
type Template struct {
	Outlet      string // news.AnyOutlet: of outlets in general
	Print       uint64 // fingerprint of the block
	Count       int    // articles, or outlets, it was seen in
	First, Last time.Time
	Sample      string // the block's text
	State       string // learnedState, or what a person said of it
}

// learnedState is the state of a template that no person has judged.
const learnedState = "learned"

// SaveTemplates adds templates, or brings those that are there up to date. What
// a person said of one stays, and so does a sample where none is given. Those of
// outlets in general are no node's to find out by itself: all read them again.
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
		if t.Outlet == news.AnyOutlet {
			if err := g.c.add(ctx, "judged", 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// Judge records what a person says of a block of an outlet, whether it is known
// as a template or not. Where no state is given, what a person said before is
// forgotten: a block that was learned is a learned template again, any other is
// unknown. The outlet's articles, or with news.AnyOutlet all, that came since the given time and carry the
// block wait to be grouped again; their number is returned. A block of which there
// is nothing to forget is news.ErrNotFound.
func (g *Grouping) Judge(ctx context.Context, t Template, since time.Time) (int, error) {
	if err := g.judge(ctx, t); err != nil {
		return 0, fmt.Errorf("judge a block of %s: %w", t.Outlet, err)
	}
	if err := g.c.add(ctx, "judged", 1); err != nil {
		return 0, err
	}
	carriers, err := rows(ctx, g.c, func(r *sql.Rows) (id news.ArticleID, err error) {
		var prints sql.RawBytes
		if err := r.Scan(&id, &prints); err != nil || !slices.Contains(unpackPrints(prints), t.Print) {
			return 0, err
		}
		return id, nil
	}, "SELECT a.id, s.prints FROM articles a JOIN sketches s ON s.article = a.id WHERE (a.outlet = ? OR ? = '*') AND a.arrived >= ?", t.Outlet, t.Outlet, millis(since))
	if err != nil {
		return 0, fmt.Errorf("look for a block of %s: %w", t.Outlet, err)
	}
	n := 0
	for _, id := range carriers {
		if id == 0 {
			continue
		}
		n++
		if err := g.c.repeat(ctx, "UPDATE articles SET pending = 1 WHERE id = ?", id); err != nil {
			return 0, fmt.Errorf("mark article %d to be cleaned again: %w", id, err)
		}
	}
	return n, nil
}

func (g *Grouping) judge(ctx context.Context, t Template) error {
	if t.State != "" {
		_, err := g.c.exec(ctx, `INSERT INTO templates (outlet, print, seen, first_seen, last_seen, sample, state) VALUES (?, ?, 0, 0, 0, ?, ?)
			ON CONFLICT (outlet, print) DO UPDATE SET state = excluded.state,
				sample = CASE WHEN templates.sample = '' THEN excluded.sample ELSE templates.sample END`,
			text(t.Outlet), int64(t.Print), text(t.Sample), t.State)
		return err
	}
	back, err := g.c.exec(ctx, "UPDATE templates SET state = ? WHERE outlet = ? AND print = ? AND state <> ? AND seen > 0", learnedState, t.Outlet, int64(t.Print), learnedState)
	if err != nil {
		return err
	}
	gone, err := g.c.exec(ctx, "DELETE FROM templates WHERE outlet = ? AND print = ? AND state <> ?", t.Outlet, int64(t.Print), learnedState)
	if err == nil && back+gone == 0 {
		err = fmt.Errorf("%w: no person has judged it", news.ErrNotFound)
	}
	return err
}

// Judged is a number that goes up whenever a person judges a template, and when
// one of outlets in general is learned.
func (g *Grouping) Judged(ctx context.Context) (n int64, err error) {
	if _, err = g.c.row(ctx, []any{&n}, "SELECT value FROM counters WHERE name = 'judged'"); err != nil {
		return 0, fmt.Errorf("read how often templates were judged: %w", err)
	}
	return n, nil
}

// Templates is DB.Templates, under the lock.
func (g *Grouping) Templates(ctx context.Context) ([]Template, error) { return g.c.templates(ctx) }

// Templates returns all templates, outlet by outlet.
func (db *DB) Templates(ctx context.Context) (all []Template, err error) {
	err = db.read(ctx, "read templates", func(c *conn) error {
		all, err = c.templates(ctx)
		return err
	})
	return all, err
}

func (c *conn) templates(ctx context.Context) ([]Template, error) {
	return rows(ctx, c, scanTemplate, "SELECT outlet, print, seen, first_seen, last_seen, sample, state FROM templates ORDER BY outlet, print")
}

func scanTemplate(r *sql.Rows) (t Template, err error) {
	var print, first, last int64
	err = r.Scan(&t.Outlet, &print, &t.Count, &first, &last, &t.Sample, &t.State)
	t.Print, t.First, t.Last = uint64(print), moment(first), moment(last)
	return t, err
}
