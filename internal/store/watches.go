package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kliping/internal/news"
)

// WatchID numbers watches; zero means none. No number is given out twice.
type WatchID int64

// Watch is a saved query, what it is told again for, and whom. What its words mean
// is the matter of package pipeline; the store keeps them.
type Watch struct {
	ID       WatchID `json:"id"`
	Name     string  `json:"name"`
	Query    string  `json:"query"`
	Schedule string  `json:"schedule,omitempty"` // cron spec; empty: at once
	TimeZone string  `json:"time_zone,omitempty"`
	Paused   bool    `json:"paused,omitempty"`

	// A story is told once, and again at these.
	Outlets     []int `json:"outlets,omitempty"`     // so many outlets have it, ascending
	Languages   bool  `json:"languages,omitempty"`   // it is in a new language
	Texts       bool  `json:"texts,omitempty"`       // it has another text
	Corrections bool  `json:"corrections,omitempty"` // an article of it was corrected, or its page was taken down

	Mail  []string `json:"mail,omitempty"`  // addresses
	Hooks []Hook   `json:"hooks,omitempty"` // URLs to call

	Since time.Time `json:"since"` // what came before is not told
	Slot  string    `json:"-"`     // the last one sent, by local time
}

// Hook is a URL that is called, with the secret that the calls are signed with.
type Hook struct {
	URL    string `json:"url"`
	Secret string `json:"secret,omitempty"`
}

// Redacted is the watch as it may be shown: without secrets, and without those that
// URLs may hold.
func (w Watch) Redacted() Watch {
	hooks := make([]Hook, len(w.Hooks))
	for i, h := range w.Hooks {
		hooks[i].URL = news.RedactedURL(h.URL)
	}
	w.Hooks = hooks
	return w
}

// AddWatch adds a watch, from now on, and returns it with its number; one whose
// name is taken is news.ErrExists.
func (db *DB) AddWatch(ctx context.Context, w Watch) (Watch, error) {
	w.Name, w.Since, w.Slot = text(w.Name), moment(millis(db.now())), ""
	err := db.write(ctx, "add the watch "+w.Name, func(c *conn) error {
		if err := c.freeName(ctx, w); err != nil {
			return err
		}
		ok, err := c.row(ctx, []any{&w.ID}, "INSERT INTO watches (name, since, body) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING RETURNING id",
			w.Name, millis(w.Since), watchBody(w))
		if err == nil && !ok {
			err = news.ErrExists
		}
		if err != nil {
			return err
		}
		return c.add(ctx, "watches", 1)
	})
	return w, err
}

// freeName holds that names differ in more than their case.
func (c *conn) freeName(ctx context.Context, w Watch) error {
	var other int64
	_, err := c.row(ctx, []any{&other}, "SELECT COUNT(*) FROM watches WHERE lower(name) = lower(?) AND id <> ?", w.Name, w.ID)
	if err == nil && other > 0 {
		err = news.ErrExists
	}
	return err
}

func watchBody(w Watch) string {
	b, _ := json.Marshal(w) // strings, numbers and a time
	return text(string(b))
}

// UpdateWatch changes a watch. anew says that what it asks for, or when, is not what it
// was: it begins again now, and its slots too. Errors: news.ErrNotFound, and
// news.ErrExists if another has the name.
func (db *DB) UpdateWatch(ctx context.Context, w Watch, anew bool) error {
	w.Name = text(w.Name)
	return db.write(ctx, "change the watch "+w.Name, func(c *conn) error {
		if err := c.freeName(ctx, w); err != nil {
			return err
		}
		old, err := c.watch(ctx, "id = ?", w.ID)
		if err == nil && old.Name != w.Name {
			err = c.renameWatch(ctx, old, w.Name)
		}
		if err != nil {
			return err
		}
		set, args := "name = ?, body = ?", []any{w.Name, watchBody(w)}
		if anew {
			set, args = set+", since = ?, slot = ''", append(args, millis(db.now()))
		}
		if _, err := c.exec(ctx, "UPDATE watches SET "+set+" WHERE id = ?", append(args, w.ID)...); err != nil {
			return err
		}
		return c.add(ctx, "watches", 1)
	})
}

// RemoveWatch removes a watch with its alerts, and takes back what it has in the
// outbox that was not sent. Errors: news.ErrNotFound, and news.ErrInvalid if a digest
// plan is of it.
func (db *DB) RemoveWatch(ctx context.Context, id WatchID) error {
	return db.write(ctx, fmt.Sprintf("remove watch %d", id), func(c *conn) error {
		w, err := c.watch(ctx, "id = ?", id)
		if err != nil {
			return err
		}
		plans, err := c.plansOf(ctx, w)
		if err != nil {
			return err
		}
		if len(plans) > 0 {
			return fmt.Errorf("the digest plan %s is of it, so that is %w; give the plan another with 'kliping digest plan edit', or remove it", plans[0].Name, news.ErrInvalid)
		}
		if _, err := c.exec(ctx, "DELETE FROM watches WHERE id = ?", id); err != nil {
			return err
		}
		if _, err := c.exec(ctx, "DELETE FROM outbox WHERE sent = 0 AND key LIKE ?", WatchKey(id)+"%"); err != nil {
			return err
		}
		return c.add(ctx, "watches", 1)
	})
}

// WatchKey begins the keys of a watch's messages.
func WatchKey(id WatchID) string { return fmt.Sprintf("watch/%d/", id) }

// Watches returns all watches by name.
func (db *DB) Watches(ctx context.Context) (all []Watch, err error) {
	err = db.read(ctx, "read the watches", func(c *conn) error {
		all, err = c.watches(ctx, "id > 0 ORDER BY name")
		return err
	})
	return all, err
}

// FindWatch returns the watch that a person means: by name in any case, else by
// number. The error is news.ErrNotFound.
func (db *DB) FindWatch(ctx context.Context, ref string) (w Watch, err error) {
	ref = text(strings.TrimSpace(ref))
	err = db.read(ctx, fmt.Sprintf("watch %q", ref), func(c *conn) error {
		w, err = c.watch(ctx, "lower(name) = lower(?)", ref)
		if id, bad := strconv.ParseInt(ref, 10, 64); errors.Is(err, news.ErrNotFound) && bad == nil {
			w, err = c.watch(ctx, "id = ?", id)
		}
		return err
	})
	return w, err
}

// Watch returns one watch, or news.ErrNotFound.
func (db *DB) Watch(ctx context.Context, id WatchID) (w Watch, err error) {
	err = db.read(ctx, fmt.Sprintf("watch %d", id), func(c *conn) error {
		w, err = c.watch(ctx, "id = ?", id)
		return err
	})
	return w, err
}

// watch reads the first watch for which the condition holds; the error is
// news.ErrNotFound if there is none.
func (c *conn) watch(ctx context.Context, where string, args ...any) (Watch, error) {
	found, err := c.watches(ctx, where, args...)
	if err == nil && len(found) == 0 {
		err = news.ErrNotFound
	}
	if err != nil {
		return Watch{}, err
	}
	return found[0], nil
}

func (c *conn) watches(ctx context.Context, where string, args ...any) ([]Watch, error) {
	return rows(ctx, c, func(r *sql.Rows) (w Watch, err error) {
		var id WatchID
		var since int64
		var name, slot, body string
		if err := r.Scan(&id, &name, &since, &slot, &body); err != nil {
			return w, err
		}
		if err := json.Unmarshal([]byte(body), &w); err != nil {
			return w, fmt.Errorf("watch %s: %w: %w", name, news.ErrDamaged, err)
		}
		w.ID, w.Name, w.Since, w.Slot = id, name, moment(since), slot
		return w, nil
	}, "SELECT id, name, since, slot, body FROM watches WHERE "+where, args...)
}
