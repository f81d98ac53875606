package store

import (
	"context"
	"time"

	"kliping/internal/news"
)

// pruneAtOnce is how many stories one transaction removes, so that grouping and
// polls need not wait long.
const pruneAtOnce = 500

// Prune removes the stories whose last member arrived before the given time, with
// their articles and history, and returns how many articles went. Stories leave tombstones,
// and articles memberships of no story, with change numbers, so that indexes and
// windows follow. An item that its feed still lists comes back as a new article:
// keep articles longer than feeds list them.
func (db *DB) Prune(ctx context.Context, before time.Time) (removed int, err error) {
	for {
		n := 0
		stories := 0
		err := db.Group(ctx, func(ctx context.Context, g *Grouping) error {
			old, err := rows(ctx, g.c, scanOne[news.StoryID], "SELECT id FROM stories WHERE copies > 0 AND last_arrived < ? ORDER BY id LIMIT ?", millis(before), pruneAtOnce)
			if err != nil || len(old) == 0 {
				return err
			}
			stories = len(old)
			n, err = g.remove(ctx, old)
			return err
		})
		removed += n
		if err != nil || stories < pruneAtOnce {
			return removed, err
		}
	}
}

// remove deletes stories with all their articles.
func (g *Grouping) remove(ctx context.Context, stories []news.StoryID) (int, error) {
	for _, id := range stories {
		g.touched[id] = true
		if err := g.Unrelate(ctx, id); err != nil {
			return 0, err
		}
	}
	ids, err := rows(ctx, g.c, scanOne[news.ArticleID], "SELECT id FROM articles WHERE "+g.c.among("story")+" ORDER BY id", g.c.list(stories))
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := g.c.repeat(ctx, "INSERT INTO removed (article, change) VALUES (?, ?)", id, g.next()); err != nil {
			return 0, err
		}
	}
	if _, err := g.c.exec(ctx, "UPDATE feeds SET articles = articles - (SELECT COUNT(*) FROM articles a WHERE a.feed = feeds.id AND "+g.c.among("a.story")+")", g.c.list(stories)); err != nil {
		return 0, err
	}
	if _, err := g.c.exec(ctx, "DELETE FROM articles WHERE "+g.c.among("id"), g.c.list(ids)); err != nil {
		return 0, err
	}
	_, err = g.c.exec(ctx, `WITH RECURSIVE part (id) AS (
			SELECT id FROM stories WHERE `+g.c.among("id")+` UNION SELECT s.id FROM stories s JOIN part ON s.into_story = part.id
		) DELETE FROM audit WHERE from_story IN (SELECT id FROM part) OR into_story IN (SELECT id FROM part)`, g.c.list(stories))
	if err != nil {
		return 0, err
	}
	if _, err := g.c.exec(ctx, "DELETE FROM decisions WHERE "+g.c.among("story"), g.c.list(stories)); err != nil {
		return 0, err
	}
	for _, table := range []string{"told", "alerts"} {
		if _, err := g.c.exec(ctx, "DELETE FROM "+table+" WHERE "+g.c.among("story"), g.c.list(stories)); err != nil {
			return 0, err
		}
	}
	return len(ids), g.c.add(ctx, "articles", -int64(len(ids)))
}
