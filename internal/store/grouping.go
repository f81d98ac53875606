package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"kliping/internal/news"
)

// Grouping is the transaction in which memberships change. While it lasts, no
// other changes any. It is for one goroutine, and of the store only its own
// methods may write meanwhile.
type Grouping struct {
	c       *conn
	began   news.Change // the last change number before this transaction
	change  news.Change // the last one given out
	present map[news.ArticleID]news.StoryID
	touched map[news.StoryID]bool
	merged  map[news.StoryID]news.StoryID
	last    news.ArticleID // placed last
	by      By             // who decides, for the audit
}

// Group runs f under the grouping lock and commits what it did, with the rows of
// all stories that it touched, if f returns nil; else nothing was done. An error
// that wraps news.ErrLocked says that another transaction was in the way, and
// that the same call may be made again.
func (db *DB) Group(ctx context.Context, f func(context.Context, *Grouping) error) error {
	return db.write(ctx, "group", func(c *conn) error {
		g := &Grouping{c: c, by: By{Who: Machine}, present: map[news.ArticleID]news.StoryID{}, touched: map[news.StoryID]bool{}, merged: map[news.StoryID]news.StoryID{}}
		// On PostgreSQL the lock is this row; on SQLite the transaction holds it.
		_, err := c.row(ctx, []any{&g.began}, "SELECT value FROM counters WHERE name = 'change'"+db.dialect.forUpdate)
		if err != nil {
			return err
		}
		g.change = g.began
		if err := f(ctx, g); err != nil {
			return err
		}
		if err := g.finish(ctx); err != nil {
			return err
		}
		return c.add(ctx, "change", int64(g.change-g.began))
	})
}

// next gives out a change number.
func (g *Grouping) next() news.Change {
	g.change++
	return g.change
}

// Members is DB.Members, under the lock.
func (g *Grouping) Members(ctx context.Context, after news.Change, limit int) ([]Member, error) {
	return g.c.members(ctx, after, limit)
}

// Pending is an article that is to be grouped. Article has its blocks, and the
// story it is in if it is grouped again.
type Pending struct {
	Article news.Article
	Sketch  []byte
	Prints  []uint64
	Decided bool // a person decided where it belongs, or does not: see Grouping.Decision
	Waiting bool // to be grouped
}

// Pending returns up to limit articles that wait to be grouped, in order of id.
func (g *Grouping) Pending(ctx context.Context, limit int) ([]Pending, error) {
	return g.read(ctx, "a.id IN (SELECT id FROM articles WHERE pending = 1 ORDER BY id LIMIT ?)", limit)
}

// Articles returns the given articles, as Pending does, in order of id. Those
// that are gone are left out.
func (g *Grouping) Articles(ctx context.Context, ids []news.ArticleID) ([]Pending, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return g.read(ctx, g.c.among("a.id"), g.c.list(ids))
}

// Earliest returns the story's articles that are dated first, of one language or,
// where that is empty, of all, up to limit of them, in order of id.
func (g *Grouping) Earliest(ctx context.Context, story news.StoryID, language string, limit int) ([]Pending, error) {
	return g.read(ctx, "a.id IN (SELECT id FROM articles WHERE story = ? AND (language = ? OR ? = '') ORDER BY dated, id LIMIT ?)", story, language, language, limit)
}

func (g *Grouping) read(ctx context.Context, where string, args ...any) ([]Pending, error) {
	return rows(ctx, g.c, func(r *sql.Rows) (p Pending, err error) {
		var prints sql.RawBytes
		err = g.c.db.scanArticle(r, &p.Article, &p.Sketch, &prints, &p.Waiting, &p.Decided)
		p.Prints = unpackPrints(prints)
		g.present[p.Article.ID] = p.Article.Story
		return p, err
	}, "SELECT "+articleColumns+`, s.sketch, s.prints, a.pending = 1, EXISTS (SELECT 1 FROM decisions d WHERE d.article = a.id)
		FROM articles a JOIN texts t ON t.article = a.id JOIN sketches s ON s.article = a.id
		WHERE `+where+" ORDER BY a.id", args...)
}

// NewStory founds a story that has no members yet.
func (g *Grouping) NewStory(ctx context.Context) (id news.StoryID, err error) {
	_, err = g.c.row(ctx, []any{&id}, "INSERT INTO stories (gone) VALUES (0) RETURNING id")
	if err != nil {
		return 0, fmt.Errorf("found a story: %w", err)
	}
	g.touched[id] = true
	return id, nil
}

// Place puts an article into a story, moving it there if it is in another, and
// returns the change number of that. It no longer waits to be grouped. A story
// that was gone comes back. A move is audited.
func (g *Grouping) Place(ctx context.Context, article news.ArticleID, story news.StoryID, r news.Reason) (news.Change, error) {
	before, err := g.place(ctx, article, story, r)
	if err == nil && before != 0 && before != story {
		err = g.audit(ctx, Audit{Action: Moved, Article: article, From: before, Into: story, Reason: r})
	}
	if err != nil {
		return 0, err
	}
	return g.change, nil
}

// place is Place without the audit; it returns the story that the article was in.
func (g *Grouping) place(ctx context.Context, article news.ArticleID, story news.StoryID, r news.Reason) (before news.StoryID, err error) {
	before, known := g.present[article]
	if !known {
		ok, err := g.c.row(ctx, []any{&before}, "SELECT COALESCE(story, 0) FROM articles WHERE id = ?", article)
		if err == nil && !ok {
			err = news.ErrNotFound
		}
		if err != nil {
			return 0, fmt.Errorf("place article %d: %w", article, err)
		}
	}
	if err := g.c.repeat(ctx, "UPDATE articles SET story = ?, change = ?, reason = ?, text_of = ?, pending = 0 WHERE id = ?",
		story, g.next(), reasonJSON(r), r.TextOf(), article); err != nil {
		return 0, fmt.Errorf("place article %d in story %d: %w", article, story, err)
	}
	if before != 0 {
		g.touched[before] = true
	}
	g.touched[story] = true
	g.present[article], g.last = story, article
	delete(g.merged, story)
	return before, nil
}

func reasonJSON(r news.Reason) string {
	if r.IsZero() {
		return ""
	}
	b, _ := json.Marshal(r) // strings and finite numbers
	return text(string(b))
}

// Merge moves all members of one story into another, each with a change number,
// and returns the last of these; from becomes a tombstone that points to into.
// Members keep their reasons, but for the founder of from, which takes r. Where r
// names a member of from itself, because the article that proved the two one was
// matched with it, that article, which was placed last, stands for it. What a
// person decided about from holds for into.
func (g *Grouping) Merge(ctx context.Context, from, into news.StoryID, r news.Reason) (news.Change, error) {
	if from == into || g.merged[into] != 0 {
		return 0, fmt.Errorf("merge story %d into %d, which is no other story: %w", from, into, news.ErrInvalid)
	}
	members, err := rows(ctx, g.c, scanMembership, "SELECT id, reason, text_of FROM articles WHERE story = ? ORDER BY id", from)
	if err != nil {
		return 0, fmt.Errorf("merge story %d into %d: %w", from, into, err)
	}
	for _, m := range members {
		if m.id == r.Of && g.present[g.last] == into {
			r.Of = g.last
		}
	}
	for _, m := range members {
		if m.founder() {
			m.reason, m.textOf = reasonJSON(r), r.TextOf()
		}
		if err := g.c.repeat(ctx, "UPDATE articles SET story = ?, change = ?, reason = ?, text_of = ? WHERE id = ?", into, g.next(), m.reason, m.textOf, m.id); err != nil {
			return 0, fmt.Errorf("merge story %d into %d: %w", from, into, err)
		}
		g.present[m.id] = into
	}
	g.touched[from], g.touched[into] = true, true
	g.merged[from] = into
	if err := g.carryOver(ctx, from, into); err != nil {
		return 0, err
	}
	return g.change, g.audit(ctx, Audit{Action: Merged, From: from, Into: into, Reason: r})
}

// membership is an article's reason to be where it is.
type membership struct {
	id     news.ArticleID
	reason string
	textOf news.ArticleID
}

func scanMembership(r *sql.Rows) (m membership, err error) {
	return m, r.Scan(&m.id, &m.reason, &m.textOf)
}

// why is the reason, or none where it cannot be read.
func (m membership) why() (r news.Reason) {
	if json.Unmarshal([]byte(m.reason), &r) != nil {
		return news.Reason{}
	}
	return r
}

func (m membership) founder() bool { return m.why().Relation == news.Founder }

// Leaning returns the articles of a story whose reason to be there names one of
// the given articles, as Pending does, in order of id.
func (g *Grouping) Leaning(ctx context.Context, story news.StoryID, on []news.ArticleID) ([]Pending, error) {
	members, err := rows(ctx, g.c, scanMembership, "SELECT id, reason, text_of FROM articles WHERE story = ? ORDER BY id", story)
	if err != nil {
		return nil, fmt.Errorf("read the reasons of story %d: %w", story, err)
	}
	var ids []news.ArticleID
	for _, m := range members {
		if slices.Contains(on, m.why().Of) {
			ids = append(ids, m.id)
		}
	}
	return g.Articles(ctx, ids)
}

// Only reports whether a story has no members but the given ones.
func (g *Grouping) Only(ctx context.Context, story news.StoryID, articles []news.ArticleID) (bool, error) {
	var members, among int
	_, err := g.c.row(ctx, []any{&members, &among}, "SELECT COUNT(*), COALESCE(SUM(CASE WHEN "+g.c.among("id")+" THEN 1 ELSE 0 END), 0) FROM articles WHERE story = ?", g.c.list(articles), story)
	if err != nil {
		return false, fmt.Errorf("count the members of story %d: %w", story, err)
	}
	return members == among, nil
}

// Wait has an article wait to be grouped.
func (g *Grouping) Wait(ctx context.Context, article news.ArticleID) error {
	if err := g.c.repeat(ctx, "UPDATE articles SET pending = 1 WHERE id = ?", article); err != nil {
		return fmt.Errorf("have article %d wait: %w", article, err)
	}
	return nil
}

// Reclean saves an article's blocks, its credits and its sketch after its residue
// was judged anew, and leaves it waiting to be grouped again; Place ends that.
func (g *Grouping) Reclean(ctx context.Context, a *news.Article, sketch []byte) error {
	packed, err := g.c.db.codec.pack(a.Blocks)
	if err != nil {
		return fmt.Errorf("pack the text of article %d: %w", a.ID, err)
	}
	if err := g.c.repeat(ctx, "UPDATE texts SET blocks = ? WHERE article = ?", packed, a.ID); err != nil {
		return fmt.Errorf("clean article %d again: %w", a.ID, err)
	}
	if err := g.c.repeat(ctx, "UPDATE sketches SET sketch = ? WHERE article = ?", append([]byte{}, sketch...), a.ID); err != nil {
		return fmt.Errorf("clean article %d again: %w", a.ID, err)
	}
	if err := g.c.repeat(ctx, "UPDATE articles SET author = ?, agency = ?, dateline = ?, pending = 1 WHERE id = ?",
		text(a.Author), text(a.Agency), text(a.Dateline), a.ID); err != nil {
		return fmt.Errorf("clean article %d again: %w", a.ID, err)
	}
	return nil
}
