package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"kliping/internal/news"
)

// Alert is one story that a watch told, and why.
type Alert struct {
	ID      int64          `json:"id,omitempty"` // 0 in what is sent at once
	Watch   WatchID        `json:"watch"`
	Story   news.StoryID   `json:"story"`
	At      time.Time      `json:"at"`
	Sent    time.Time      `json:"sent,omitzero"` // when it went into the outbox; zero: it waits for its slot or its hour
	Event   string         `json:"event"`
	Reasons []string       `json:"reasons"` // in words
	Title   string         `json:"title"`   // of story and article as they were then, as is all below
	Article news.ArticleID `json:"article"` // the lead
	URL     string         `json:"url,omitempty"`
	Outlet  string         `json:"outlet"`

	Language  string   `json:"language,omitempty"`
	Copies    int      `json:"copies"`
	Texts     int      `json:"texts"`
	Outlets   int      `json:"outlets"`
	Languages []string `json:"languages"`
}

// Told is what a watch was last told of a story.
type Told struct {
	Watch     WatchID
	Story     news.StoryID
	Shown     news.ArticleID // the lead of that time
	Outlets   int
	Texts     int
	Languages []string
	Versions  map[news.ArticleID]int // of the articles that had more than one
	Gone      []news.ArticleID       // whose page was taken down
}

// WatchState is how far stories were looked at for all watches.
type WatchState struct {
	Cursor news.Change // up to here
	Last   news.Change // the last there is
	Set    int64       // goes up whenever a watch changes
}

// WatchState returns how far stories were looked at.
func (db *DB) WatchState(ctx context.Context) (s WatchState, err error) {
	err = db.read(ctx, "read how far watches are", func(c *conn) error {
		s, err = c.watchState(ctx, "")
		return err
	})
	return s, err
}

// watchState reads the state, or with a lock all but the last change, which who
// groups must not wait for.
func (c *conn) watchState(ctx context.Context, lock string) (s WatchState, err error) {
	names := "'watched', 'watches'"
	if lock == "" {
		names += ", 'change'"
	}
	_, err = rows(ctx, c, func(r *sql.Rows) (none struct{}, err error) {
		var name string
		var value int64
		if err := r.Scan(&name, &value); err != nil {
			return none, err
		}
		switch name {
		case "watched":
			s.Cursor = news.Change(value)
		case "change":
			s.Last = news.Change(value)
		case "watches":
			s.Set = value
		}
		return none, nil
	}, "SELECT name, value FROM counters WHERE name IN ("+names+") ORDER BY name"+lock)
	return s, err
}

// Told returns what watches were told of any of the stories, or of stories whose
// face was one of the articles.
func (db *DB) Told(ctx context.Context, stories []news.StoryID, articles []news.ArticleID) (all []Told, err error) {
	const columns = "SELECT watch, story, shown, outlets, texts, languages, editions FROM told WHERE "
	err = db.read(ctx, "read what watches were told", func(c *conn) error {
		all, err = rows(ctx, c, scanTold, columns+c.among("story")+" UNION "+columns+c.among("shown")+" ORDER BY 1, 2", c.list(stories), c.list(articles))
		return err
	})
	return all, err
}

func scanTold(r *sql.Rows) (t Told, err error) {
	var languages, editions string
	if err := r.Scan(&t.Watch, &t.Story, &t.Shown, &t.Outlets, &t.Texts, &languages, &editions); err != nil {
		return t, err
	}
	t.Languages = strings.Fields(languages)
	if editions != "" {
		var e editionsTold
		if err := json.Unmarshal([]byte(editions), &e); err != nil {
			return t, fmt.Errorf("what watch %d was told of story %d: %w: %w", t.Watch, t.Story, news.ErrDamaged, err)
		}
		t.Versions, t.Gone = e.Versions, e.Gone
	}
	return t, nil
}

// editionsTold is what of a Told lies in one column.
type editionsTold struct {
	Versions map[news.ArticleID]int `json:"versions,omitempty"`
	Gone     []news.ArticleID       `json:"gone,omitempty"`
}

func (t *Told) editions() string {
	if len(t.Versions) == 0 && len(t.Gone) == 0 {
		return ""
	}
	b, _ := json.Marshal(editionsTold{t.Versions, t.Gone}) // numbers
	return string(b)
}

// Pace is how much a watch has sent of late.
type Pace struct {
	Messages int // times that it sent something
	Waiting  int // alerts that wait
}

// Pace returns how often watches sent something since the given time, and what
// waits; a watch that did neither has no entry. What was sent by a clock that was
// ahead does not count.
func (db *DB) Pace(ctx context.Context, since time.Time) (map[WatchID]Pace, error) {
	all := map[WatchID]Pace{}
	err := db.read(ctx, "read the pace of watches", func(c *conn) error {
		_, err := rows(ctx, c, func(r *sql.Rows) (none struct{}, err error) {
			var id WatchID
			var p Pace
			err = r.Scan(&id, &p.Messages, &p.Waiting)
			all[id] = p
			return none, err
		}, `SELECT watch, COUNT(DISTINCT CASE WHEN sent > 0 THEN sent END), SUM(CASE WHEN sent = 0 THEN 1 ELSE 0 END)
			FROM alerts WHERE sent = 0 OR sent BETWEEN ? AND ? GROUP BY watch`, millis(since), millis(db.now()))
		return err
	})
	return all, err
}

// Watched is what one look at changed stories came to.
type Watched struct {
	From     WatchState  // as it was read; if that changed, nothing is saved
	To       news.Change // up to where was looked
	Told     []Told
	Alerts   []Alert // with Sent where Messages tell them
	Messages []Message
	Revisits Revisits
}

// SaveWatched saves alerts, what is to be sent of them, and how far stories were
// looked at, in one transaction. The error is news.ErrFenced, and nothing is
// saved, if somebody else came that far or a watch changed since.
func (db *DB) SaveWatched(ctx context.Context, w Watched) error {
	return db.write(ctx, "save alerts", func(c *conn) error {
		now, err := c.watchState(ctx, db.dialect.forUpdate)
		if err != nil {
			return err
		}
		if now.Cursor != w.From.Cursor || now.Set != w.From.Set {
			return news.ErrFenced
		}
		if _, err := c.exec(ctx, "UPDATE counters SET value = ? WHERE name = 'watched'", int64(w.To)); err != nil {
			return err
		}
		if err := c.saveTold(ctx, w.Told); err != nil {
			return err
		}
		if err := c.saveAlerts(ctx, w.Alerts); err != nil {
			return err
		}
		if err := c.addRevisits(ctx, w.Revisits); err != nil {
			return err
		}
		return c.enqueueAll(ctx, w.Messages)
	})
}

func (c *conn) enqueueAll(ctx context.Context, all []Message) error {
	for _, m := range all {
		if err := c.enqueue(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (c *conn) saveTold(ctx context.Context, all []Told) error {
	for part := range slices.Chunk(all, rowsAtOnce) {
		args := make([]any, 0, 7*len(part))
		for _, t := range part {
			args = append(args, t.Watch, t.Story, t.Shown, t.Outlets, t.Texts, strings.Join(t.Languages, " "), t.editions())
		}
		_, err := c.exec(ctx, "INSERT INTO told (watch, story, shown, outlets, texts, languages, editions) VALUES "+repeated("(?, ?, ?, ?, ?, ?, ?)", len(part))+`
			ON CONFLICT (watch, story) DO UPDATE SET shown = excluded.shown, outlets = excluded.outlets, texts = excluded.texts,
				languages = excluded.languages, editions = excluded.editions`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *conn) saveAlerts(ctx context.Context, all []Alert) error {
	for part := range slices.Chunk(all, rowsAtOnce) {
		args := make([]any, 0, 5*len(part))
		for i := range part {
			a := &part[i]
			body, err := json.Marshal(a)
			if err != nil {
				return err
			}
			args = append(args, a.Watch, a.Story, millis(a.At), millis(a.Sent), text(string(body)))
		}
		if _, err := c.exec(ctx, "INSERT INTO alerts (watch, story, at, sent, body) VALUES "+repeated("(?, ?, ?, ?, ?)", len(part)), args...); err != nil {
			return err
		}
	}
	return nil
}

// Alerts returns a watch's last alerts, newest first; limit 0 is all.
func (db *DB) Alerts(ctx context.Context, watch WatchID, limit int) (all []Alert, err error) {
	err = db.read(ctx, fmt.Sprintf("alerts of watch %d", watch), func(c *conn) error {
		all, err = c.alerts(ctx, "watch = ? ORDER BY id DESC LIMIT ?", watch, cmp.Or(limit, 1<<31-1))
		return err
	})
	return all, err
}

func (c *conn) alerts(ctx context.Context, where string, args ...any) ([]Alert, error) {
	return rows(ctx, c, func(r *sql.Rows) (a Alert, err error) {
		var at, sent int64
		var id int64
		var watch WatchID
		var body string
		if err := r.Scan(&id, &watch, &at, &sent, &body); err != nil {
			return a, err
		}
		if err := json.Unmarshal([]byte(body), &a); err != nil {
			return a, fmt.Errorf("alert %d: %w: %w", id, news.ErrDamaged, err)
		}
		a.ID, a.Watch, a.At, a.Sent = id, watch, moment(at), moment(sent)
		return a, nil
	}, "SELECT id, watch, at, sent, body FROM alerts WHERE "+where, args...)
}

// Waiting is what a watch has to send.
type Waiting struct {
	Alerts []Alert // the oldest, as many as were asked for
	Count  int     // all there are
	Last   int64   // the number of the newest
}

// Waiting returns what of a watch waits to be sent.
func (db *DB) Waiting(ctx context.Context, watch WatchID, limit int) (w Waiting, err error) {
	err = db.read(ctx, fmt.Sprintf("what watch %d has to send", watch), func(c *conn) error {
		if _, err := c.row(ctx, []any{&w.Count, &w.Last}, "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM alerts WHERE watch = ? AND sent = 0", watch); err != nil {
			return err
		}
		w.Alerts, err = c.alerts(ctx, "watch = ? AND sent = 0 ORDER BY id LIMIT ?", watch, limit)
		return err
	})
	return w, err
}

// Dispatch is what of a watch leaves together.
type Dispatch struct {
	Watch    Watch
	Slot     string // that it leaves in; empty: in none
	Waiting  Waiting
	Messages []Message
}

// Dispatch puts messages into the outbox for all that waits, and takes the slot,
// if one is named; all in one transaction. The error is news.ErrFenced, and nothing
// happens, if the slot was taken, or what waits is not what it was.
func (db *DB) Dispatch(ctx context.Context, d Dispatch) error {
	return db.write(ctx, "send what the watch "+d.Watch.Name+" has", func(c *conn) error {
		if d.Slot != "" {
			n, err := c.exec(ctx, "UPDATE watches SET slot = ? WHERE id = ? AND slot = ?", d.Slot, d.Watch.ID, d.Watch.Slot)
			if err != nil || n == 0 {
				return cmp.Or(err, news.ErrFenced)
			}
		}
		n, err := c.exec(ctx, "UPDATE alerts SET sent = ? WHERE watch = ? AND sent = 0 AND id <= ?", millis(db.now()), d.Watch.ID, d.Waiting.Last)
		if err == nil && n != int64(d.Waiting.Count) {
			err = news.ErrFenced
		}
		if err != nil {
			return err
		}
		return c.enqueueAll(ctx, d.Messages)
	})
}

// AlertCounts returns how many alerts each watch had since the given time.
func (db *DB) AlertCounts(ctx context.Context, since time.Time) (counts map[WatchID]int, err error) {
	counts = map[WatchID]int{}
	err = db.read(ctx, "count alerts", func(c *conn) error {
		clear(counts)
		_, err := rows(ctx, c, func(r *sql.Rows) (none struct{}, err error) {
			var id WatchID
			var n int
			err = r.Scan(&id, &n)
			counts[id] = n
			return none, err
		}, "SELECT watch, COUNT(*) FROM alerts WHERE at >= ? GROUP BY watch", millis(since))
		return err
	})
	return counts, err
}
