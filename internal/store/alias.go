package store

import (
	"context"
	"database/sql"
	"fmt"

	"kliping/internal/news"
)

// mostTwins is how many articles Twins returns: an outlet whose pages all name one
// address would have thousands.
const mostTwins = 5

// Twins returns the other articles of an article's outlet that stand at an address,
// by their feed's word or their page's, in order of id; at is in the form of
// Incoming.Same.
func (db *DB) Twins(ctx context.Context, it StoredItem, at string) (all []StoredItem, err error) {
	err = db.read(ctx, "look for an article's twins", func(c *conn) error {
		all, err = rows(ctx, c, db.scanItem, "SELECT "+itemColumns+` FROM articles a JOIN texts t ON t.article = a.id
			WHERE a.id IN (SELECT id FROM articles WHERE url_key = ? UNION SELECT id FROM articles WHERE page_key = ?)
			AND a.outlet = ? AND a.id <> ? ORDER BY a.id LIMIT ?`, urlKey(at), urlKey(at), text(it.Outlet), it.ID, mostTwins)
		return err
	})
	return all, err
}

// Absorb makes an article a second address of another of its outlet: what was
// received of it is kept, its feed's item is known by it from now on, and changes
// nothing any more. better, if not nil, is what the other becomes by it. An article
// of which a person decided where it belongs is left as it is, and ok is false; so
// is one that is gone.
func (db *DB) Absorb(ctx context.Context, from, into news.ArticleID, better *Incoming) (ok bool, err error) {
	one := incoming{verdict: changed}
	if better != nil {
		one.Incoming = better
		if err := one.pack(db); err != nil {
			return false, err
		}
	}
	err = db.Group(ctx, func(ctx context.Context, g *Grouping) error {
		var found, decided int
		_, err := g.c.row(ctx, []any{&found, &decided}, `SELECT (SELECT COUNT(*) FROM articles WHERE id IN (?, ?)),
			(SELECT COUNT(*) FROM decisions WHERE article = ?)`, from, into, from)
		if ok = err == nil && found == 2 && decided == 0; !ok {
			return err
		}
		if err := g.absorb(ctx, from, into); err != nil || better == nil {
			return err
		}
		if err := g.c.repeat(ctx, "UPDATE articles SET page_due = 0 WHERE id = ?", into); err != nil {
			return err
		}
		if err := g.c.repeat(ctx, "UPDATE texts SET item = ? WHERE article = ?", one.item, into); err != nil {
			return err
		}
		return g.c.rewrite(ctx, into, better, one.blocks)
	})
	if err != nil {
		return false, fmt.Errorf("make article %d a second address of article %d: %w", from, into, err)
	}
	return ok, nil
}

func (g *Grouping) absorb(ctx context.Context, from, into news.ArticleID) error {
	var story sql.Null[news.StoryID]
	var feed news.FeedID
	if _, err := g.c.row(ctx, []any{&story, &feed}, "SELECT story, feed FROM articles WHERE id = ?", from); err != nil {
		return err
	}
	if story.Valid {
		if err := g.leave(ctx, from, story.V); err != nil {
			return err
		}
	}
	if err := g.c.addAliases(ctx, from, into); err != nil {
		return err
	}
	if _, err := g.c.exec(ctx, "UPDATE feeds SET articles = articles - 1 WHERE id = ?", feed); err != nil {
		return err
	}
	if _, err := g.c.exec(ctx, "DELETE FROM articles WHERE id = ?", from); err != nil {
		return err
	}
	return g.c.add(ctx, "articles", -1)
}

// leave takes an article that is about to go out of its story. Those that are there
// because of it are grouped again.
func (g *Grouping) leave(ctx context.Context, article news.ArticleID, story news.StoryID) error {
	leaning, err := g.Leaning(ctx, story, []news.ArticleID{article})
	if err != nil {
		return err
	}
	for i := range leaning {
		if err := g.Wait(ctx, leaning[i].Article.ID); err != nil {
			return err
		}
	}
	g.touched[story] = true
	return g.c.repeat(ctx, "INSERT INTO removed (article, change) VALUES (?, ?)", article, g.next())
}

// addAliases keeps all editions of an article as those of another, with the
// aliases that it had itself.
func (c *conn) addAliases(ctx context.Context, from, into news.ArticleID) error {
	const columns = "feed, guid_key, version, article, was, guid, outlet, url, url_key, title, arrived, item"
	const values = ", CAST(? AS BIGINT), a.id, a.guid, a.outlet, a.url, a.url_key, a.title, a.arrived, "
	for _, query := range []string{
		"SELECT a.feed, a.guid_key, a.version" + values + "t.item FROM articles a JOIN texts t ON t.article = a.id WHERE a.id = ?",
		"SELECT a.feed, a.guid_key, v.version" + values + "v.item FROM articles a JOIN versions v ON v.article = a.id WHERE a.id = ?",
	} {
		if _, err := c.exec(ctx, "INSERT INTO aliases ("+columns+") "+query+" ON CONFLICT (feed, guid_key, version) DO NOTHING", into, from); err != nil {
			return err
		}
	}
	_, err := c.exec(ctx, "UPDATE aliases SET article = ? WHERE article = ?", into, from)
	return err
}

// Alias is an article that turned out to be another one under a second address.
type Alias struct {
	Was     news.ArticleID `json:"was"` // the number that it had
	Feed    news.FeedID    `json:"feed"`
	URL     string         `json:"url,omitempty"`
	Version int            `json:"version"`
	Item    news.Item      `json:"item"` // as received
}

// AliasOf returns the article that one turned out to be, or news.ErrNotFound.
func (db *DB) AliasOf(ctx context.Context, was news.ArticleID) (id news.ArticleID, err error) {
	err = db.read(ctx, fmt.Sprintf("article %d", was), func(c *conn) error {
		ok, err := c.row(ctx, []any{&id}, "SELECT article FROM aliases WHERE was = ? LIMIT 1", was)
		if err == nil && !ok {
			err = news.ErrNotFound
		}
		return err
	})
	return id, err
}

// Aliases returns what was received of an article under other addresses, each
// edition, in order of their numbers.
func (db *DB) Aliases(ctx context.Context, id news.ArticleID) (all []Alias, err error) {
	err = db.read(ctx, fmt.Sprintf("other addresses of article %d", id), func(c *conn) error {
		all, err = rows(ctx, c, func(r *sql.Rows) (a Alias, err error) {
			var data sql.RawBytes
			if err := r.Scan(&a.Was, &a.Feed, &a.URL, &a.Version, &data); err != nil {
				return a, err
			}
			return a, db.codec.unpack(data, &a.Item, "an item under another address", id)
		}, "SELECT was, feed, url, version, item FROM aliases WHERE article = ? ORDER BY was, version", id)
		return err
	})
	return all, err
}
