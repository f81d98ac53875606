package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"kliping/internal/news"
)

// Member is the present membership of one article.
type Member struct {
	Change  news.Change // of its last change
	Article news.ArticleID
	Story   news.StoryID // 0: the article was removed; then only Change and Article are set
	Outlet  string
	Arrived time.Time
	Sketch  []byte
	Prints  []uint64
}

// Members returns up to limit memberships that changed after the given number,
// in the order they changed. Fewer than limit means that these are the last.
func (db *DB) Members(ctx context.Context, after news.Change, limit int) (all []Member, err error) {
	err = db.read(ctx, "read memberships", func(c *conn) error {
		all, err = c.members(ctx, after, limit)
		return err
	})
	return all, err
}

// ChangeBefore returns a change number at or below which every membership is of
// an article that arrived before t: whoever needs only later articles may begin
// to read memberships there, however many years the store holds. Ids follow
// arrival, so only the rows of later articles are looked at.
func (db *DB) ChangeBefore(ctx context.Context, t time.Time) (change news.Change, err error) {
	err = db.read(ctx, "read memberships", func(c *conn) error {
		_, err := c.row(ctx, []any{&change}, `
			SELECT COALESCE(
				(SELECT min(change) - 1 FROM articles WHERE change > 0 AND id > COALESCE(
					(SELECT id FROM articles WHERE arrived < ? ORDER BY id DESC LIMIT 1), 0)),
				(SELECT max(change) FROM articles), 0)`, millis(t))
		return err
	})
	return change, err
}

func (c *conn) members(ctx context.Context, after news.Change, limit int) ([]Member, error) {
	all, err := rows(ctx, c, scanMember, `
		SELECT m.change, m.article, m.story, m.outlet, m.arrived, s.sketch, s.prints
		FROM (
			SELECT * FROM (SELECT change, id AS article, story, outlet, arrived FROM articles
				WHERE change > ? ORDER BY change LIMIT ?) AS present
			UNION ALL
			SELECT * FROM (SELECT change, article, 0 AS story, '' AS outlet, 0 AS arrived FROM removed
				WHERE change > ? ORDER BY change LIMIT ?) AS past
			ORDER BY change LIMIT ?
		) AS m
		LEFT JOIN sketches s ON s.article = m.article`, after, limit, after, limit, limit)
	// Sorted here, so that the database does not carry sketches through a sort.
	slices.SortFunc(all, func(a, b Member) int { return cmp.Compare(a.Change, b.Change) })
	return all, err
}

func scanMember(r *sql.Rows) (m Member, err error) {
	var arrived int64
	var prints sql.RawBytes
	err = r.Scan(&m.Change, &m.Article, &m.Story, &m.Outlet, &arrived, &m.Sketch, &prints)
	m.Arrived, m.Prints = moment(arrived), unpackPrints(prints)
	return m, err
}

// Copies returns at most so many articles of each story, with their blocks: first
// those whose outlet or language is preferred, then those that began a text, whose
// wording the others share, then the earliest. Stories of thousands cost no more.
func (db *DB) Copies(ctx context.Context, stories []news.StoryID, prefer func(outlet, language string) bool, most int) (all map[news.StoryID][]news.Article, err error) {
	err = db.read(ctx, "read copies of stories", func(c *conn) error {
		members, err := rows(ctx, c, func(r *sql.Rows) (m member, err error) {
			err = r.Scan(&m.story, &m.id, &m.outlet, &m.language, &m.textOf)
			return m, err
		}, "SELECT story, id, outlet, language, text_of FROM articles WHERE "+c.among("story")+" ORDER BY story, dated, id", c.list(stories))
		if err != nil {
			return err
		}
		place := map[news.ArticleID]int{}
		for _, m := range foremost(members, prefer, most) {
			place[m.id] = len(place)
		}
		articles, err := c.articles(ctx, c.among("a.id"), c.list(slices.Collect(maps.Keys(place))))
		slices.SortFunc(articles, func(a, b news.Article) int { return cmp.Compare(place[a.ID], place[b.ID]) })
		all = make(map[news.StoryID][]news.Article, len(stories))
		for _, a := range articles {
			all[a.Story] = append(all[a.Story], a)
		}
		return err
	})
	return all, err
}

// foremost takes the first members of each story, in the order that Copies has.
func foremost(members []member, prefer func(outlet, language string) bool, most int) (chosen []member) {
	rank := func(m member) int {
		switch {
		case prefer(m.outlet, m.language):
			return 0
		case m.textOf == 0:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(members, func(a, b member) int { return cmp.Or(cmp.Compare(a.story, b.story), cmp.Compare(rank(a), rank(b))) })
	taken := 0
	for i, m := range members {
		if i == 0 || m.story != members[i-1].story {
			taken = 0
		}
		if taken++; taken <= most {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

// Sketches returns the articles' sketches. Those of articles that are gone are
// missing.
func (db *DB) Sketches(ctx context.Context, ids []news.ArticleID) (all map[news.ArticleID][]byte, err error) {
	err = db.read(ctx, "read sketches", func(c *conn) error {
		all = make(map[news.ArticleID][]byte, len(ids))
		_, err := rows(ctx, c, func(r *sql.Rows) (id news.ArticleID, err error) {
			var sketch []byte
			err = r.Scan(&id, &sketch)
			all[id] = sketch
			return id, err
		}, "SELECT article, sketch FROM sketches WHERE "+c.among("article"), c.list(ids))
		return err
	})
	return all, err
}
