package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kliping/internal/news"
)

// DigestPlan is what is told to whom, and when. What its words mean is the matter of
// those who read it; the store keeps them.
type DigestPlan struct {
	Name     string   `json:"name"`
	Title    string   `json:"title,omitempty"`    // above the digest; empty: the name
	Schedule string   `json:"schedule,omitempty"` // cron spec; empty: sent by hand only
	Window   string   `json:"window,omitempty"`   // a duration such as 24h; empty: since the last digest
	Draft    string   `json:"draft,omitempty"`    // how long before its slot it is drafted; empty: not
	Query    string   `json:"query,omitempty"`    // stories that match; empty: all
	Watch    string   `json:"watch,omitempty"`    // the name of a saved query instead
	By       string   `json:"by,omitempty"`       // arrival (the default) or published
	Limit    int      `json:"limit,omitempty"`    // stories told; 0: the configured number
	Show     string   `json:"show,omitempty"`     // which copy: first (the default), preferred or licensed
	Outlets  []string `json:"outlets,omitempty"`  // those preferred, best first, or licensed: domains, tier:1, tag:national
	To       []string `json:"to"`                 // addresses
	Formats  []string `json:"formats,omitempty"`  // of the mail: text, html; empty: both

	Added time.Time `json:"added,omitzero"` // digests of that name from before are another plan's

	Since time.Time `json:"-"` // when it got its schedule: no slot before is made up
}

// AddPlan adds a plan, or returns news.ErrExists.
func (db *DB) AddPlan(ctx context.Context, p DigestPlan) error {
	p.Added = moment(millis(db.now()))
	return db.write(ctx, "add the digest plan "+p.Name, func(c *conn) error {
		body, err := json.Marshal(p)
		if err != nil {
			return err
		}
		n, err := c.exec(ctx, "INSERT INTO plans (name, since, body) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING", p.Name, millis(p.Added), body)
		if err == nil && n == 0 {
			err = news.ErrExists
		}
		return err
	})
}

// UpdatePlan changes a plan, or returns news.ErrNotFound. One with another schedule
// than before counts its slots from now. A draft for the slot from is one for the slot
// to then, unless that has one.
func (db *DB) UpdatePlan(ctx context.Context, p DigestPlan, from, to string) error {
	return db.write(ctx, "change the digest plan "+p.Name, func(c *conn) error {
		old, err := c.digestPlans(ctx, "name = ?", p.Name)
		if err != nil {
			return err
		}
		if len(old) == 0 {
			return news.ErrNotFound
		}
		p.Added, p.Since = old[0].Added, old[0].Since
		if old[0].Schedule != p.Schedule {
			p.Since = db.now()
		}
		if err := c.savePlan(ctx, p); err != nil || from == to {
			return err
		}
		_, err = c.exec(ctx, `UPDATE drafts SET slot = ? WHERE name = ? AND slot = ?
			AND NOT EXISTS (SELECT 1 FROM drafts WHERE name = ? AND slot = ?)`, to, p.Name, from, p.Name, to)
		return err
	})
}

// RemovePlan removes a plan with its drafts, or returns news.ErrNotFound. Its
// digests stay in the archive.
func (db *DB) RemovePlan(ctx context.Context, name string) error {
	return db.write(ctx, "remove the digest plan "+name, func(c *conn) error {
		n, err := c.exec(ctx, "DELETE FROM plans WHERE name = ?", name)
		if err != nil {
			return err
		}
		if n == 0 {
			return news.ErrNotFound
		}
		_, err = c.exec(ctx, "DELETE FROM drafts WHERE name = ?", name)
		return err
	})
}

// Plans returns all plans by name.
func (db *DB) Plans(ctx context.Context) (all []DigestPlan, err error) {
	err = db.read(ctx, "read the digest plans", func(c *conn) error {
		all, err = c.digestPlans(ctx, "name <> ''")
		return err
	})
	return all, err
}

// plansOf are the plans that are of a watch, which a person named as [DB.FindWatch]
// takes it.
func (c *conn) plansOf(ctx context.Context, w Watch) ([]DigestPlan, error) {
	all, err := c.digestPlans(ctx, "name <> ''")
	return slices.DeleteFunc(all, func(p DigestPlan) bool {
		return !strings.EqualFold(p.Watch, w.Name) && p.Watch != strconv.FormatInt(int64(w.ID), 10)
	}), err
}

// renameWatch lets the plans of a watch have its new name.
func (c *conn) renameWatch(ctx context.Context, w Watch, name string) error {
	plans, err := c.plansOf(ctx, w)
	if err != nil {
		return err
	}
	for _, p := range plans {
		p.Watch = name
		if err := c.savePlan(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *conn) savePlan(ctx context.Context, p DigestPlan) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = c.exec(ctx, "UPDATE plans SET since = ?, body = ? WHERE name = ?", millis(p.Since), body, p.Name)
	return err
}

func (c *conn) digestPlans(ctx context.Context, where string, args ...any) ([]DigestPlan, error) {
	return rows(ctx, c, func(r *sql.Rows) (p DigestPlan, err error) {
		var since int64
		var body []byte
		var name string
		if err := r.Scan(&name, &since, &body); err != nil {
			return p, err
		}
		if err := json.Unmarshal(body, &p); err != nil {
			return p, fmt.Errorf("digest plan %s: %w: %w", name, news.ErrDamaged, err)
		}
		p.Name, p.Since = name, moment(since)
		return p, nil
	}, "SELECT name, since, body FROM plans WHERE "+where+" ORDER BY name", args...)
}

// Draft is a digest made ahead.
type Draft struct {
	Name     string    `json:"name"` // of its plan
	Slot     string    `json:"slot"` // that it is for
	Made     time.Time `json:"made"`
	Edit     int       `json:"edit"` // how often it was curated
	Body     []byte    `json:"-"`
	Curation []byte    `json:"-"`
}

// AddDraft keeps a draft, and reports whether there was none for its slot, nor a
// digest; if there was, that stays.
func (db *DB) AddDraft(ctx context.Context, d Draft) (added bool, err error) {
	err = db.write(ctx, "keep the draft "+d.Name+"/"+d.Slot, func(c *conn) error {
		sent := 0
		if _, err := c.row(ctx, []any{&sent}, "SELECT COUNT(*) FROM slots WHERE name = ? AND slot = ?", DigestJob(d.Name), d.Slot); err != nil {
			return err
		}
		if added = false; sent > 0 {
			return nil
		}
		n, err := c.exec(ctx, "INSERT INTO drafts (name, slot, made, body, curation) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name, slot) DO NOTHING",
			d.Name, d.Slot, millis(db.now()), append([]byte{}, d.Body...), append([]byte{}, d.Curation...))
		added = n == 1
		return err
	})
	return added && err == nil, err
}

// CurateDraft replaces a draft's curation if nobody has since the edit that d
// was read at. The error is news.ErrNotFound, or news.ErrExists if one has.
func (db *DB) CurateDraft(ctx context.Context, d Draft) error {
	return db.write(ctx, "curate the draft "+d.Name+"/"+d.Slot, func(c *conn) error {
		n, err := c.exec(ctx, "UPDATE drafts SET curation = ?, edit = edit + 1 WHERE name = ? AND slot = ? AND edit = ?",
			append([]byte{}, d.Curation...), d.Name, d.Slot, d.Edit)
		if err != nil || n == 1 {
			return err
		}
		there := 0
		if _, err := c.row(ctx, []any{&there}, "SELECT COUNT(*) FROM drafts WHERE name = ? AND slot = ?", d.Name, d.Slot); err != nil {
			return err
		}
		if there == 0 {
			return news.ErrNotFound
		}
		return news.ErrExists
	})
}

// RemoveDraft throws a draft away, or returns news.ErrNotFound.
func (db *DB) RemoveDraft(ctx context.Context, name, slot string) error {
	return db.write(ctx, "remove the draft "+name+"/"+slot, func(c *conn) error {
		n, err := c.exec(ctx, "DELETE FROM drafts WHERE name = ? AND slot = ?", name, slot)
		if err == nil && n == 0 {
			err = news.ErrNotFound
		}
		return err
	})
}

// Drafts returns the drafts that wait, of one plan or of all if name is empty,
// the newest slot first.
func (db *DB) Drafts(ctx context.Context, name string) (all []Draft, err error) {
	err = db.read(ctx, "read the drafts", func(c *conn) error {
		all, err = rows(ctx, c, scanDraft, "SELECT name, slot, made, edit, body, curation FROM drafts WHERE ? = '' OR name = ? ORDER BY slot DESC, name", name, name)
		return err
	})
	return all, err
}

// Draft returns the draft for a slot, or news.ErrNotFound.
func (db *DB) Draft(ctx context.Context, name, slot string) (d Draft, err error) {
	err = db.read(ctx, "read the draft "+name+"/"+slot, func(c *conn) error {
		all, err := rows(ctx, c, scanDraft, "SELECT name, slot, made, edit, body, curation FROM drafts WHERE name = ? AND slot = ?", name, slot)
		if err == nil && len(all) == 0 {
			return news.ErrNotFound
		}
		if err == nil {
			d = all[0]
		}
		return err
	})
	return d, err
}

func scanDraft(r *sql.Rows) (d Draft, err error) {
	var made int64
	err = r.Scan(&d.Name, &d.Slot, &made, &d.Edit, &d.Body, &d.Curation)
	d.Made = moment(made)
	return d, err
}
