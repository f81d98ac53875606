package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"kliping/internal/news"
)

// Revisits are articles whose pages are to be asked for again, because a watch that
// is told corrections was told of them.
type Revisits struct {
	Articles  []news.ArticleID
	Told, Due time.Time // Due is when first
}

// Revisit is an article whose page is asked for again.
type Revisit struct {
	StoredItem
	Told time.Time // when the watch was first told of it
	Memo RevisitMemo

	due int64 // while it is the caller's
}

// RevisitMemo is what the visits so far found. Base and Draft are of the article's
// version Version.
type RevisitMemo struct {
	ETag         string     `json:"etag,omitempty"` // of the page as it was last read
	LastModified string     `json:"last_modified,omitempty"`
	Missing      time.Time  `json:"missing,omitzero"` // since when the server does not find the page; zero: it does
	Version      int        `json:"version,omitempty"`
	Base         *news.Page `json:"base,omitempty"`  // the page of that version, if it is not the item's
	Draft        *news.Page `json:"draft,omitempty"` // what stood there at the last visit, if in other words
}

// Visited is what a visit came to.
type Visited struct {
	Next      time.Time // of the next visit; zero: there is none
	Memo      RevisitMemo
	TakenDown news.Takedown
	Edition   *PageEdition // nil: the article stays as it is
}

// PageEdition is an edition of an article that only its page has.
type PageEdition struct {
	Incoming
	Before news.Item // what the edition before is kept as
}

// revisitGap is how long a domain is spared after one of its pages was asked for
// again, so that feeds and new pages have nearly all of its turns.
const revisitGap = time.Minute

// addRevisits has the pages of articles asked for again, but for those that are or
// were already, that have no address, or that are gone.
func (c *conn) addRevisits(ctx context.Context, v Revisits) error {
	if len(v.Articles) == 0 {
		return nil
	}
	urls := map[news.ArticleID]string{}
	_, err := rows(ctx, c, func(r *sql.Rows) (id news.ArticleID, err error) {
		var url string
		err = r.Scan(&id, &url)
		urls[id] = url
		return id, err
	}, "SELECT id, url FROM articles WHERE url <> '' AND "+c.among("id"), c.list(v.Articles))
	if err != nil {
		return err
	}
	memo, err := c.db.codec.pack(RevisitMemo{})
	if err != nil {
		return err
	}
	for id, url := range urls {
		domain, _ := Domain(url)
		if err := c.repeat(ctx, "INSERT INTO revisits (article, domain, told, due, memo) VALUES (?, ?, ?, ?, ?) ON CONFLICT (article) DO NOTHING",
			id, domain, millis(v.Told), millis(v.Due), memo); err != nil {
			return err
		}
	}
	return nil
}

// dueRevisits are those whose time has come: one of a domain at most, which is free,
// was spared for a while, and has no feed that is due.
const dueRevisits = `SELECT r.article FROM revisits r WHERE r.due > 0 AND r.due <= ?
	AND NOT EXISTS (SELECT 1 FROM domains d WHERE d.name = r.domain AND (d.busy_until > ? OR d.free_at > ? OR d.revisited > ?))
	AND NOT EXISTS (SELECT 1 FROM feeds f WHERE f.domain = r.domain AND f.retired = 0 AND f.next_due <= ? AND f.lease_until <= ?)
	AND NOT EXISTS (SELECT 1 FROM revisits e WHERE e.domain = r.domain AND e.due > 0 AND (e.due < r.due OR e.due = r.due AND e.article < r.article))
	ORDER BY r.due, r.article LIMIT ?`

func (db *DB) dueRevisitArgs(most int) []any {
	now := millis(db.now())
	return []any{now, now, now, now - revisitGap.Milliseconds(), now, now, most}
}

// ClaimRevisits returns up to most articles whose pages are to be asked for again,
// those due longest first. No other caller gets them while the lease lasts, and after
// that anybody, if SaveRevisit was not called.
func (db *DB) ClaimRevisits(ctx context.Context, most int, lease time.Duration) (all []Revisit, err error) {
	var some []news.ArticleID
	err = db.read(ctx, "look for pages to ask for again", func(c *conn) error {
		some, err = rows(ctx, c, scanOne[news.ArticleID], dueRevisits, db.dueRevisitArgs(1)...)
		return err
	})
	if err != nil || len(some) == 0 {
		return nil, err // as nearly always: no write transaction
	}
	err = db.write(ctx, "claim pages to ask for again", func(c *conn) error {
		due := millis(db.now().Add(lease))
		ids, err := rows(ctx, c, scanOne[news.ArticleID], "WITH chosen AS ("+dueRevisits+db.dialect.skipLocked+`)
			UPDATE revisits SET due = ? WHERE article IN (SELECT article FROM chosen) RETURNING article`, append(db.dueRevisitArgs(most), due)...)
		if err != nil || len(ids) == 0 {
			return err
		}
		if _, err := c.exec(ctx, "UPDATE domains SET revisited = ? WHERE name IN (SELECT domain FROM revisits WHERE "+c.among("article")+")", millis(db.now()), c.list(ids)); err != nil {
			return err
		}
		all, err = rows(ctx, c, db.scanRevisit, "SELECT "+itemColumns+`, r.told, r.due, r.memo FROM revisits r
			JOIN articles a ON a.id = r.article JOIN texts t ON t.article = a.id WHERE `+c.among("r.article")+" ORDER BY r.article", c.list(ids))
		return err
	})
	return all, err
}

func (db *DB) scanRevisit(r *sql.Rows) (v Revisit, err error) {
	var told int64
	var memo sql.RawBytes
	if err := db.scanItemAnd(r, &v.StoredItem, &told, &v.due, &memo); err != nil {
		return v, err
	}
	v.Told = moment(told)
	return v, db.codec.unpack(memo, &v.Memo, "what was found at the page", v.ID)
}

// SaveRevisit saves what a visit came to, in one transaction, and reports whether it
// did: not if the lease ran out and somebody else has it. An article that was changed
// or removed since, or whose page is to be fetched anyway, is left as it is. Its story
// gets a change number if its page was taken down or is there again; a new edition
// waits to be grouped.
func (db *DB) SaveRevisit(ctx context.Context, v Revisit, out Visited) (ok bool, err error) {
	one := incoming{verdict: changed}
	var before []byte
	if e := out.Edition; e != nil {
		one.Incoming = &e.Incoming
		if err := one.pack(db); err != nil {
			return false, err
		}
		if before, err = db.codec.pack(&e.Before); err != nil {
			return false, fmt.Errorf("pack the item of article %d: %w", v.ID, err)
		}
	}
	memo, err := db.codec.pack(out.Memo)
	if err != nil {
		return false, err
	}
	save := func(c *conn) error {
		n, err := c.exec(ctx, "UPDATE revisits SET due = ?, memo = ? WHERE article = ? AND due = ?", millis(out.Next), memo, v.ID, v.due)
		if ok = n > 0; err != nil || !ok {
			return err
		}
		n, err = c.exec(ctx, "UPDATE articles SET down_since = ?, down_why = ? WHERE id = ? AND version = ? AND page_due = 0",
			millis(out.TakenDown.Since), text(out.TakenDown.Why), v.ID, v.Version)
		if err != nil || n == 0 || out.Edition == nil {
			return err
		}
		return c.addPageEdition(ctx, &v, &one, before)
	}
	op := fmt.Sprintf("save what was found at the page of article %d", v.ID)
	if out.TakenDown.IsZero() == v.TakenDown.IsZero() {
		err = db.write(ctx, op, save)
		return ok, err
	}
	err = db.Group(ctx, func(ctx context.Context, g *Grouping) error {
		if err := save(g.c); err != nil || !ok {
			return err
		}
		return g.touch(ctx, v.ID)
	})
	if err != nil {
		err = fmt.Errorf("%s: %w", op, err)
	}
	return ok, err
}

// addPageEdition is replace for an edition that only the page has: the feed's item
// stays, and so does its hash.
func (c *conn) addPageEdition(ctx context.Context, v *Revisit, in *incoming, before []byte) error {
	if err := c.repeat(ctx, "INSERT INTO versions (article, version, replaced, item) VALUES (?, ?, ?, ?)", v.ID, v.Version, millis(c.db.now()), before); err != nil {
		return err
	}
	if err := c.repeat(ctx, "UPDATE articles SET version = version + 1 WHERE id = ?", v.ID); err != nil {
		return err
	}
	if err := c.repeat(ctx, "UPDATE texts SET item = ? WHERE article = ?", in.item, v.ID); err != nil {
		return err
	}
	return c.rewrite(ctx, v.ID, in.Incoming, in.blocks)
}

// touch gives an article's story a change number, though its members stay.
func (g *Grouping) touch(ctx context.Context, id news.ArticleID) error {
	var story sql.Null[news.StoryID]
	_, err := g.c.row(ctx, []any{&story}, "SELECT story FROM articles WHERE id = ?", id)
	if err == nil && story.Valid {
		g.touched[story.V] = true
	}
	return err
}
