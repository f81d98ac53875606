package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"kliping/internal/news"
)

// Machine is who moves articles when no person does.
const Machine = "machine"

// Action is what happened to memberships.
type Action string

// The actions. An article's first membership is none: its reason says it.
const (
	Merged   Action = "merged"   // all members of From went into Into
	Moved    Action = "moved"    // the article went from From into Into
	Split    Action = "split"    // a person took the article out of From; with the others taken it is Into
	Pinned   Action = "pinned"   // a person said that the article stays in Into, and put it there if From says where it was
	Unpinned Action = "unpinned" // a person took back what was decided about the article, then in Into or barred from it
)

// Audit is one change of memberships after the first.
type Audit struct {
	At      time.Time      `json:"at"`
	Who     string         `json:"who"` // "machine", or what a person used: "cli"
	Action  Action         `json:"action"`
	Article news.ArticleID `json:"article,omitempty"` // 0: a whole story
	From    news.StoryID   `json:"from,omitempty"`
	Into    news.StoryID   `json:"into,omitempty"`
	Reason  news.Reason    `json:"reason,omitzero"` // the machine's
	Note    string         `json:"note,omitempty"`  // the person's
}

// String says what happened, and why.
func (a Audit) String() string {
	var s string
	switch {
	case a.Action == Merged:
		s = fmt.Sprintf("merged story %d into %d", a.From, a.Into)
	case a.Action == Moved:
		s = fmt.Sprintf("moved article %d from story %d into %d", a.Article, a.From, a.Into)
	case a.Action == Split:
		s = fmt.Sprintf("split article %d off story %d, into %d", a.Article, a.From, a.Into)
	case a.Action == Pinned && a.From != 0:
		s = fmt.Sprintf("pinned article %d to story %d, from %d", a.Article, a.Into, a.From)
	case a.Action == Pinned:
		s = fmt.Sprintf("pinned article %d to story %d", a.Article, a.Into)
	case a.Action == Unpinned:
		s = fmt.Sprintf("unpinned article %d, story %d", a.Article, a.Into)
	}
	if !a.Reason.IsZero() {
		s += ": " + a.Reason.String()
	}
	if a.Note != "" {
		s += ": " + a.Note
	}
	return s
}

// audit records a change, now, by whoever decides, with their note.
func (g *Grouping) audit(ctx context.Context, a Audit) error {
	reason := ""
	if g.by.Who == Machine {
		reason = reasonJSON(a.Reason)
	}
	err := g.c.repeat(ctx, "INSERT INTO audit (at, who, action, article, from_story, into_story, reason, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		millis(g.c.db.now()), g.by.Who, string(a.Action), a.Article, a.From, a.Into, reason, text(g.by.Note))
	if err != nil {
		return fmt.Errorf("record that story %d changed: %w", a.Into, err)
	}
	return nil
}

// History returns what happened to a story and to those that were merged into
// it, oldest first.
func (db *DB) History(ctx context.Context, story news.StoryID) (all []Audit, err error) {
	err = db.read(ctx, fmt.Sprintf("history of story %d", story), func(c *conn) error {
		all, err = rows(ctx, c, scanAudit, `WITH RECURSIVE part (id) AS (
				SELECT CAST(? AS BIGINT) UNION SELECT s.id FROM stories s JOIN part ON s.into_story = part.id
			) SELECT at, who, action, article, from_story, into_story, reason, note FROM audit
			WHERE from_story IN (SELECT id FROM part) OR into_story IN (SELECT id FROM part) ORDER BY id`, story)
		return err
	})
	return all, err
}

func scanAudit(r *sql.Rows) (a Audit, err error) {
	var at int64
	var reason string
	if err := r.Scan(&at, &a.Who, &a.Action, &a.Article, &a.From, &a.Into, &reason, &a.Note); err != nil {
		return a, err
	}
	a.At = moment(at)
	if reason != "" {
		if err := json.Unmarshal([]byte(reason), &a.Reason); err != nil {
			return a, fmt.Errorf("a reason in the audit: %w: %w", news.ErrDamaged, err)
		}
	}
	return a, nil
}

// Move is an article that the machine moved from one story into another.
type Move struct {
	Article    news.ArticleID
	From, Into news.StoryID
}

// MovesInto returns the articles that were moved into stories, the latest move first.
func (db *DB) MovesInto(ctx context.Context, stories []news.StoryID) (all []Move, err error) {
	err = db.read(ctx, "read what was moved", func(c *conn) error {
		all, err = rows(ctx, c, func(r *sql.Rows) (m Move, err error) {
			return m, r.Scan(&m.Article, &m.From, &m.Into)
		}, "SELECT article, from_story, into_story FROM audit WHERE action = '"+string(Moved)+"' AND "+c.among("into_story")+" ORDER BY id DESC", c.list(stories))
		return err
	})
	return all, err
}
