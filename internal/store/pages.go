package store

import (
	"context"
	"fmt"
	"time"

	"kliping/internal/news"
)

// pageDue is the value of page_due of an article that is new or changed.
func (c *conn) pageDue(in *Incoming) int64 {
	if !in.WantPage {
		return 0
	}
	return millis(c.db.now())
}

// ClaimPage returns the newest article of a feed whose page is to be fetched; ok
// is false if there is none. No other caller gets it while the lease lasts, and
// after that anybody, if neither SavePage nor DeferPage was called.
func (db *DB) ClaimPage(ctx context.Context, feed news.FeedID, lease time.Duration) (it StoredItem, ok bool, err error) {
	err = db.read(ctx, "look for a page to fetch", func(c *conn) error {
		ok, err = c.row(ctx, []any{new(int64)}, "SELECT id FROM articles WHERE feed = ? AND page_due > 0 AND page_due <= ? LIMIT 1", feed, millis(db.now()))
		return err
	})
	if err != nil || !ok {
		return it, false, err // as nearly always: no write transaction
	}
	err = db.write(ctx, "claim a page", func(c *conn) error {
		found, err := rows(ctx, c, db.scanItem, "SELECT "+itemColumns+` FROM articles a JOIN texts t ON t.article = a.id
			WHERE a.feed = ? AND a.page_due > 0 AND a.page_due <= ? ORDER BY a.dated DESC, a.id DESC LIMIT 1`+db.dialect.skipLocked, feed, millis(db.now()))
		if err != nil {
			return err
		}
		if ok = len(found) > 0; !ok {
			return nil
		}
		it = found[0]
		_, err = c.exec(ctx, "UPDATE articles SET page_due = ? WHERE id = ?", millis(db.now().Add(lease)), it.ID)
		return err
	})
	return it, ok, err
}

// DeferPage lets an article's page be fetched later. tried means that it was asked
// for in vain, which StoredItem.PageTries counts.
func (db *DB) DeferPage(ctx context.Context, id news.ArticleID, until time.Time, tried bool) error {
	more := 0
	if tried {
		more = 1
	}
	return db.write(ctx, "put off a page", func(c *conn) error {
		_, err := c.exec(ctx, "UPDATE articles SET page_due = ?, page_tries = page_tries + ? WHERE id = ? AND page_due > 0", millis(until), more, id)
		return err
	})
}

// SavePage saves what an article became by its page, which is not fetched again.
// It is grouped again if it has the page's text, or if that was taken down or is
// there again, so that whoever follows its story hears of it. An article that was
// changed or removed since it was claimed is left as it is.
func (db *DB) SavePage(ctx context.Context, it StoredItem, in Incoming) error {
	one := incoming{Incoming: &in, verdict: changed}
	if err := one.pack(db); err != nil {
		return err
	}
	down := in.Article.TakenDown
	return db.write(ctx, fmt.Sprintf("save the page of article %d", it.ID), func(c *conn) error {
		n, err := c.exec(ctx, "UPDATE articles SET page_due = 0, page = ?, page_error = ?, page_key = ?, down_since = ?, down_why = ?, pending = CASE WHEN ? THEN 1 ELSE pending END WHERE id = ? AND version = ? AND page_due > 0",
			string(in.Article.Page), text(in.Article.PageError), in.pageKey(), millis(down.Since), text(down.Why), down.IsZero() != it.TakenDown.IsZero(), it.ID, it.Version)
		if err != nil || n == 0 {
			return err
		}
		if err := c.repeat(ctx, "UPDATE texts SET item = ? WHERE article = ?", one.item, it.ID); err != nil {
			return err
		}
		if in.Article.Page != news.PageFull && in.Article.Page != news.PagePaywall {
			return nil // its text is what it was
		}
		return c.rewrite(ctx, it.ID, &in, one.blocks)
	})
}
