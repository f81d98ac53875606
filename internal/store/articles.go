package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"kliping/internal/news"
)

const articleColumns = `a.id, a.feed, a.outlet, a.guid, a.url, a.title, a.author, a.language, a.agency, a.dateline, a.source, a.page, a.page_error, a.down_since, a.down_why, a.tags,
	a.published, a.arrived, a.version, COALESCE(a.story, 0), a.reason, t.blocks`

// scanArticle reads articleColumns, blocks included, and what a query gives
// after them.
func (db *DB) scanArticle(r *sql.Rows, a *news.Article, more ...any) error {
	var tags, reason string
	var published, arrived, down int64
	var blocks sql.RawBytes
	dest := []any{&a.ID, &a.Feed, &a.Outlet, &a.GUID, &a.URL, &a.Title, &a.Author, &a.Language, &a.Agency, &a.Dateline, &a.Source, &a.Page, &a.PageError, &down, &a.TakenDown.Why, &tags,
		&published, &arrived, &a.Version, &a.Story, &reason, &blocks}
	if err := r.Scan(append(dest, more...)...); err != nil {
		return err
	}
	a.Published, a.Arrived, a.TakenDown.Since = moment(published), moment(arrived), moment(down)
	if reason != "" {
		if err := json.Unmarshal([]byte(reason), &a.Reason); err != nil {
			return fmt.Errorf("reason of article %d: %w: %w", a.ID, news.ErrDamaged, err)
		}
	}
	var err error
	if a.Tags, err = list(tags, fmt.Sprintf("tags of article %d", a.ID)); err != nil {
		return err
	}
	return db.codec.unpack(blocks, &a.Blocks, "text", a.ID)
}

// articles reads the articles, blocks included, for which the condition holds.
func (c *conn) articles(ctx context.Context, where string, args ...any) ([]news.Article, error) {
	return rows(ctx, c, func(r *sql.Rows) (a news.Article, err error) {
		err = c.db.scanArticle(r, &a)
		return a, err
	}, "SELECT "+articleColumns+" FROM articles a JOIN texts t ON t.article = a.id WHERE "+where, args...)
}

// Article returns one article with its blocks, or news.ErrNotFound.
func (db *DB) Article(ctx context.Context, id news.ArticleID) (a *news.Article, err error) {
	err = db.read(ctx, fmt.Sprintf("article %d", id), func(c *conn) error {
		found, err := c.articles(ctx, "a.id = ?", id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return news.ErrNotFound
		}
		a = &found[0]
		return nil
	})
	return a, err
}

// Articles returns articles with their blocks, in any order; those that are gone
// are left out.
func (db *DB) Articles(ctx context.Context, ids []news.ArticleID) (all []news.Article, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = db.read(ctx, "read articles", func(c *conn) error {
		all, err = c.articles(ctx, c.among("a.id"), c.list(ids))
		return err
	})
	return all, err
}

// Item returns what an article was made from, as received, or news.ErrNotFound.
func (db *DB) Item(ctx context.Context, id news.ArticleID) (it news.Item, err error) {
	err = db.read(ctx, fmt.Sprintf("item of article %d", id), func(c *conn) error {
		it, err = c.item(ctx, id)
		return err
	})
	return it, err
}

func (c *conn) item(ctx context.Context, id news.ArticleID) (it news.Item, err error) {
	var data []byte
	ok, err := c.row(ctx, []any{&data}, "SELECT item FROM texts WHERE article = ?", id)
	if err != nil {
		return it, err
	}
	if !ok {
		return it, news.ErrNotFound
	}
	return it, c.db.codec.unpack(data, &it, "item", id)
}

// Edition is an earlier version of an article, as received.
type Edition struct {
	Version  int       `json:"version"`
	Replaced time.Time `json:"replaced"` // when the next one came
	Item     news.Item `json:"item"`
}

// Versions returns the editions that an article had before its present one,
// oldest first.
func (db *DB) Versions(ctx context.Context, id news.ArticleID) (all []Edition, err error) {
	err = db.read(ctx, fmt.Sprintf("versions of article %d", id), func(c *conn) error {
		all, err = rows(ctx, c, func(r *sql.Rows) (e Edition, err error) {
			var replaced int64
			var data sql.RawBytes
			if err := r.Scan(&e.Version, &replaced, &data); err != nil {
				return e, err
			}
			e.Replaced = moment(replaced)
			return e, db.codec.unpack(data, &e.Item, "an earlier item", id)
		}, "SELECT version, replaced, item FROM versions WHERE article = ? ORDER BY version", id)
		return err
	})
	return all, err
}

// Counts says how much there is.
type Counts struct {
	Feeds      int         `json:"feeds"`
	Articles   int         `json:"articles"`
	Stories    int         `json:"stories"`
	Ungrouped  int         `json:"ungrouped"` // articles that wait to be grouped, or to be grouped again
	LastChange news.Change `json:"last_change"`
}

// Counts returns how much there is. It does not count what grows without bound.
func (db *DB) Counts(ctx context.Context) (n Counts, err error) {
	err = db.read(ctx, "count", func(c *conn) error {
		_, err := c.row(ctx, []any{&n.Feeds, &n.Articles, &n.Stories, &n.Ungrouped, &n.LastChange}, `SELECT
			(SELECT COUNT(*) FROM feeds),
			(SELECT value FROM counters WHERE name = 'articles'),
			(SELECT value FROM counters WHERE name = 'stories'),
			(SELECT COUNT(*) FROM articles WHERE pending = 1),
			(SELECT value FROM counters WHERE name = 'change')`)
		return err
	})
	return n, err
}
