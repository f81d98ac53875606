package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"kliping/internal/news"
)

// Renewed is what programs derive of an article to find it by, made again: where
// it stands, and its sketch, nil where it can stay.
type Renewed struct {
	ID news.ArticleID
	Incoming
}

// Made is an article with what it is found by.
type Made struct {
	StoredItem
	Article news.Article
	Sketch  []byte
	Err     error // what of it cannot be read, which wraps news.ErrDamaged
}

// The rows of meta that say in which form articles' keys and sketches are, and how
// far bringing them into another got: its form, a line's end, the last article.
const formKey, renewingKey = "form", "renewing"

// Form returns the form that the keys and sketches of all articles are in, as
// Renewed was told it, "" for that of programs that did not say; and where bringing
// them into the form next was left off.
func (db *DB) Form(ctx context.Context, next string) (form string, done news.ArticleID, err error) {
	err = db.read(ctx, "read the store's form", func(c *conn) error {
		var renewing string
		_, err := c.row(ctx, []any{&form}, "SELECT value FROM meta WHERE key = ?", formKey)
		if err == nil {
			_, err = c.row(ctx, []any{&renewing}, "SELECT value FROM meta WHERE key = ?", renewingKey)
		}
		if at, rest, ok := strings.Cut(renewing, "\n"); ok && at == next {
			id, _ := strconv.ParseInt(rest, 10, 64) // ours; from the start, if it is not
			done = news.ArticleID(id)
		}
		return err
	})
	return form, done, err
}

// SetForm says that the keys and sketches of all articles are in a form.
func (db *DB) SetForm(ctx context.Context, form string) error {
	return db.write(ctx, "record the store's form", func(c *conn) error {
		if _, err := c.exec(ctx, "DELETE FROM meta WHERE key = ?", renewingKey); err != nil {
			return err
		}
		return c.setMeta(ctx, formKey, form)
	})
}

func (c *conn) setMeta(ctx context.Context, key, value string) error {
	_, err := c.exec(ctx, "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
	return err
}

// EachMade returns up to limit articles after the given one, in order of id. One
// that cannot be read is there with its error.
func (db *DB) EachMade(ctx context.Context, after news.ArticleID, limit int) (all []Made, err error) {
	err = db.read(ctx, "read articles", func(c *conn) error {
		all, err = rows(ctx, c, func(r *sql.Rows) (m Made, err error) {
			var data, blocks sql.RawBytes
			a := &m.Article
			if err := r.Scan(&m.ID, &a.Outlet, &a.URL, &a.Title, &a.Language, &data, &blocks, &m.Sketch); err != nil {
				return m, err
			}
			m.Outlet = a.Outlet
			m.Err = errors.Join(db.codec.unpack(data, &m.Item, "item", m.ID), db.codec.unpack(blocks, &a.Blocks, "text", m.ID))
			return m, nil
		}, `SELECT a.id, a.outlet, a.url, a.title, a.language, t.item, t.blocks, s.sketch FROM articles a
			JOIN texts t ON t.article = a.id JOIN sketches s ON s.article = a.id WHERE a.id > ? ORDER BY a.id LIMIT ?`, after, limit)
		return err
	})
	return all, err
}

// Renew brings articles into a form, and records that all up to done are in it.
// Nothing of them is grouped again.
func (db *DB) Renew(ctx context.Context, form string, done news.ArticleID, all []Renewed) error {
	return db.write(ctx, "bring articles up to date", func(c *conn) error {
		for i := range all {
			in := &all[i]
			if err := c.repeat(ctx, "UPDATE articles SET url_key = ?, page_key = ? WHERE id = ?", urlKey(in.place()), in.pageKey(), in.ID); err != nil {
				return err
			}
			if in.Sketch == nil {
				continue
			}
			if err := c.repeat(ctx, "UPDATE sketches SET sketch = ? WHERE article = ?", in.Sketch, in.ID); err != nil {
				return err
			}
		}
		return c.setMeta(ctx, renewingKey, fmt.Sprintf("%s\n%d", form, done))
	})
}
