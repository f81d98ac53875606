package store

import (
	"context"
	"database/sql"

	"kliping/internal/news"
)

// StoryChange is the last change of one story.
type StoryChange struct {
	Change news.Change
	Story  news.StoryID
	Gone   bool         // the story has no members left
	Into   news.StoryID // where they went, if it was merged
}

// Changes returns up to limit stories that changed after the given number, in
// the order they changed, each once with its last change. Fewer than limit means
// that these are the last.
func (db *DB) Changes(ctx context.Context, after news.Change, limit int) (all []StoryChange, err error) {
	err = db.read(ctx, "read changes", func(c *conn) error {
		all, err = rows(ctx, c, scanChange, "SELECT change, id, gone, COALESCE(into_story, 0) FROM stories WHERE change > ? ORDER BY change LIMIT ?", after, limit)
		return err
	})
	return all, err
}

func scanChange(r *sql.Rows) (s StoryChange, err error) {
	var gone int
	err = r.Scan(&s.Change, &s.Story, &gone, &s.Into)
	s.Gone = gone == 1
	return s, err
}
