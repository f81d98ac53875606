package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"kliping/internal/news"
)

// StoredItem is an item as received, with the article that was made from it.
type StoredItem struct {
	ID      news.ArticleID
	Feed    news.FeedID
	Outlet  string
	Version int
	Arrived time.Time
	Item    news.Item

	PageTries int  // how often its page was asked for in vain
	PageWaits bool // its page is to be fetched
	TakenDown news.Takedown
}

// EachItem returns the items of up to limit articles after the given one, in
// order of id. Fewer than limit means that these are the last.
func (db *DB) EachItem(ctx context.Context, after news.ArticleID, limit int) (all []StoredItem, err error) {
	err = db.read(ctx, "read items", func(c *conn) error {
		all, err = rows(ctx, c, db.scanItem, `SELECT `+itemColumns+` FROM articles a JOIN texts t ON t.article = a.id
			WHERE a.id > ? ORDER BY a.id LIMIT ?`, after, limit)
		return err
	})
	return all, err
}

const itemColumns = "a.id, a.feed, a.outlet, a.version, a.arrived, a.page_tries, a.page_due > 0, a.down_since, a.down_why, t.item"

func (db *DB) scanItem(r *sql.Rows) (it StoredItem, err error) {
	err = db.scanItemAnd(r, &it)
	return it, err
}

// scanItemAnd reads itemColumns and what a query gives after them.
func (db *DB) scanItemAnd(r *sql.Rows, it *StoredItem, more ...any) error {
	var arrived, down int64
	var data sql.RawBytes
	dest := []any{&it.ID, &it.Feed, &it.Outlet, &it.Version, &arrived, &it.PageTries, &it.PageWaits, &down, &it.TakenDown.Why, &data}
	if err := r.Scan(append(dest, more...)...); err != nil {
		return err
	}
	it.Arrived, it.TakenDown.Since = moment(arrived), moment(down)
	return db.codec.unpack(data, &it.Item, "item", it.ID)
}

// Recleaned is an article made again from its item.
type Recleaned struct {
	ID news.ArticleID
	Incoming
}

// ReplaceCleaned replaces what was made from the articles' items, in one
// transaction, and leaves them waiting to be grouped again. Identity, arrival
// and version stay. Articles that are gone are passed over.
func (db *DB) ReplaceCleaned(ctx context.Context, all []Recleaned) error {
	blocks := make([][]byte, len(all))
	for i := range all {
		var err error
		if blocks[i], err = db.codec.pack(all[i].Article.Blocks); err != nil {
			return fmt.Errorf("pack the text of article %d: %w", all[i].ID, err)
		}
	}
	return db.write(ctx, "replace cleaned articles", func(c *conn) error {
		for i := range all {
			if err := c.rewrite(ctx, all[i].ID, &all[i].Incoming, blocks[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
