package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kliping/internal/news"
)

// What a person decided is kept article by article, in two kinds of mark: the
// article stays in a story, or it is barred from one.
//
//   - merge: every member of both stories stays in the one that remains
//   - split: those split off stay in their new story, and those left behind are
//     barred from it
//   - pin: the articles stay in the story; where one has to be moved there, it is
//     split off from where it was and merged: the members that it joins stay too,
//     and those that it leaves are barred
//
// Marks name a story by its id, and a merge of stories renames it in them, so they
// outlive merges; articles keep their ids when they are cleaned again, so marks
// outlive that too. From the marks follows which stories must not be merged: those
// of which one has a member that is barred from the other. The newest decision
// wins over older ones that it contradicts. An article that is removed takes its
// marks along.

// Decision is what a person decided about one article.
type Decision struct {
	Stay   news.StoryID   // the story it stays in; 0: none was named
	Barred []news.StoryID // those it is not to be put in
}

// Decision returns what a person decided about an article.
func (g *Grouping) Decision(ctx context.Context, article news.ArticleID) (d Decision, err error) {
	_, err = rows(ctx, g.c, func(r *sql.Rows) (story news.StoryID, err error) {
		var stay int
		if err := r.Scan(&story, &stay); err != nil {
			return 0, err
		}
		if stay == 1 {
			d.Stay = story
		} else {
			d.Barred = append(d.Barred, story)
		}
		return story, nil
	}, "SELECT story, stay FROM decisions WHERE article = ? ORDER BY story", article)
	if err != nil {
		return Decision{}, fmt.Errorf("read what was decided about article %d: %w", article, err)
	}
	return d, nil
}

// Apart reports whether a person decided that two stories are not one.
func (g *Grouping) Apart(ctx context.Context, a, b news.StoryID) (apart bool, err error) {
	_, err = g.c.row(ctx, []any{&apart}, `SELECT EXISTS (SELECT 1 FROM decisions d JOIN articles m ON m.id = d.article
		WHERE d.stay = 0 AND d.story IN (?, ?) AND m.story IN (?, ?))`, a, b, a, b)
	if err != nil {
		return false, fmt.Errorf("read whether stories %d and %d are kept apart: %w", a, b, err)
	}
	return apart, nil
}

// StoryOf returns the story that an article is in, 0 for none.
func (g *Grouping) StoryOf(ctx context.Context, article news.ArticleID) (story news.StoryID, err error) {
	if story, ok := g.present[article]; ok {
		return story, nil
	}
	_, err = g.c.row(ctx, []any{&story}, "SELECT COALESCE(story, 0) FROM articles WHERE id = ?", article)
	if err != nil {
		return 0, fmt.Errorf("read the story of article %d: %w", article, err)
	}
	return story, nil
}

// carryOver lets the marks of a story that is merged away name the one it is in.
func (g *Grouping) carryOver(ctx context.Context, from, into news.StoryID) error {
	_, err := g.c.exec(ctx, "DELETE FROM decisions WHERE story = ? AND article IN (SELECT article FROM decisions WHERE story = ?)", from, into)
	if err == nil {
		_, err = g.c.exec(ctx, "UPDATE decisions SET story = ? WHERE story = ?", into, from)
	}
	if err != nil {
		return fmt.Errorf("carry decisions over from story %d to %d: %w", from, into, err)
	}
	return nil
}

// By says who decides and, if they want to, why.
type By struct {
	Who  string // such as "cli"
	Note string
}

// MergeStories makes stories one, for good: all members of the others move into
// the first, and none leaves again by itself. It returns the story they are in.
func (db *DB) MergeStories(ctx context.Context, by By, into news.StoryID, from ...news.StoryID) (news.StoryID, error) {
	err := db.decide(ctx, by, func(ctx context.Context, g *Grouping) (err error) {
		if into, err = g.resolve(ctx, into); err != nil {
			return err
		}
		for _, id := range from {
			other, err := g.resolve(ctx, id)
			if err != nil {
				return err
			}
			if other == into {
				if id == into {
					return fmt.Errorf("story %d is to be merged into itself: %w", id, news.ErrInvalid)
				}
				continue // merged already; it stays so from now on
			}
			if err := g.mergeFor(ctx, other, into); err != nil {
				return err
			}
		}
		members, err := g.membersOf(ctx, into)
		if err != nil {
			return err
		}
		return g.keep(ctx, into, members)
	})
	return into, err
}

// mergeFor merges two stories for a person, whatever was decided before.
func (g *Grouping) mergeFor(ctx context.Context, from, into news.StoryID) error {
	_, err := g.c.exec(ctx, `DELETE FROM decisions WHERE stay = 0 AND story IN (?, ?)
		AND article IN (SELECT id FROM articles WHERE story IN (?, ?))`, from, into, from, into)
	if err != nil {
		return err
	}
	_, err = g.Merge(ctx, from, into, news.Reason{Relation: news.Placed})
	return err
}

// SplitStory makes articles of a story a story of their own, for good: they do
// not return by themselves, and what stays behind does not follow them.
func (db *DB) SplitStory(ctx context.Context, by By, story news.StoryID, articles ...news.ArticleID) (split news.StoryID, err error) {
	err = db.decide(ctx, by, func(ctx context.Context, g *Grouping) error {
		if story, err = g.resolve(ctx, story); err != nil {
			return err
		}
		members, err := g.chosen(ctx, story, articles)
		if err != nil {
			return err
		}
		if len(members.left) == 0 {
			return fmt.Errorf("these are all articles of story %d, nothing would be left of it: %w", story, news.ErrInvalid)
		}
		if split, err = g.NewStory(ctx); err != nil {
			return err
		}
		for _, m := range members.taken {
			reason := m.Reason
			if !members.has[reason.Of] {
				reason = news.Reason{Relation: news.Placed}
			}
			if err := g.put(ctx, Split, m.ID, split, reason); err != nil {
				return err
			}
		}
		if err := g.keep(ctx, split, slices.Collect(maps.Keys(members.has))); err != nil {
			return err
		}
		return g.bar(ctx, split, members.left)
	})
	return split, err
}

// PinArticles puts articles in a story, if they are not there, and keeps them
// there for good. It returns the story, which may go by another id by now.
func (db *DB) PinArticles(ctx context.Context, by By, story news.StoryID, articles ...news.ArticleID) (news.StoryID, error) {
	err := db.decide(ctx, by, func(ctx context.Context, g *Grouping) (err error) {
		if story, err = g.resolve(ctx, story); err != nil {
			return err
		}
		found, err := g.Articles(ctx, articles)
		if err != nil {
			return err
		}
		if err := missing(articles, found); err != nil {
			return err
		}
		stay := articles
		moved, err := g.gather(ctx, story, found)
		if err != nil {
			return err
		}
		if moved {
			if stay, err = g.membersOf(ctx, story); err != nil {
				return err
			}
		}
		return g.keep(ctx, story, stay)
	})
	return story, err
}

// gather puts articles in a story for a person, bars those that they leave from
// it, and reports whether any was elsewhere.
func (g *Grouping) gather(ctx context.Context, story news.StoryID, articles []Pending) (moved bool, err error) {
	left := map[news.StoryID]bool{}
	for _, p := range articles {
		before := p.Article.Story
		if before == story {
			err = g.audit(ctx, Audit{Action: Pinned, Article: p.Article.ID, Into: story})
		} else {
			moved, left[before] = true, true
			err = g.put(ctx, Pinned, p.Article.ID, story, news.Reason{Relation: news.Placed})
		}
		if err != nil {
			return false, err
		}
	}
	for _, before := range slices.Sorted(maps.Keys(left)) {
		behind, err := g.membersOf(ctx, before)
		if err != nil {
			return false, err
		}
		if err := g.bar(ctx, story, behind); err != nil {
			return false, err
		}
	}
	return moved, nil
}

// UnpinArticles takes back what was decided about articles of a story, or without
// articles about the whole story. They wait to be grouped again, as the machine
// sees fit. It returns how many decisions it took back.
func (db *DB) UnpinArticles(ctx context.Context, by By, story news.StoryID, articles ...news.ArticleID) (undone int, err error) {
	err = db.decide(ctx, by, func(ctx context.Context, g *Grouping) error {
		if story, err = g.resolve(ctx, story); err != nil {
			return err
		}
		whole := len(articles) == 0
		if whole {
			if articles, err = g.membersOf(ctx, story); err != nil {
				return err
			}
		} else if _, err := g.chosen(ctx, story, articles); err != nil {
			return err
		}
		undone, err = g.release(ctx, story, articles, whole)
		return err
	})
	return undone, err
}

// release takes marks away: those of the articles, and with whole also those that
// bar others from the story.
func (g *Grouping) release(ctx context.Context, story news.StoryID, articles []news.ArticleID, whole bool) (int, error) {
	marked, err := rows(ctx, g.c, scanOne[news.ArticleID], "SELECT DISTINCT article FROM decisions WHERE "+g.c.among("article")+" ORDER BY article", g.c.list(articles))
	if err != nil {
		return 0, err
	}
	if whole {
		barred, err := rows(ctx, g.c, scanOne[news.ArticleID], "SELECT article FROM decisions WHERE story = ? AND stay = 0 ORDER BY article", story)
		if err != nil {
			return 0, err
		}
		if _, err := g.c.exec(ctx, "DELETE FROM decisions WHERE story = ?", story); err != nil {
			return 0, err
		}
		marked = append(marked, barred...)
	}
	if _, err := g.c.exec(ctx, "DELETE FROM decisions WHERE "+g.c.among("article"), g.c.list(articles)); err != nil {
		return 0, err
	}
	for _, id := range marked {
		if err := g.c.repeat(ctx, "UPDATE articles SET pending = 1 WHERE id = ?", id); err != nil {
			return 0, err
		}
		if err := g.audit(ctx, Audit{Action: Unpinned, Article: id, Into: story}); err != nil {
			return 0, err
		}
	}
	return len(marked), nil
}

// decide runs f under the grouping lock in the name of a person.
func (db *DB) decide(ctx context.Context, by By, f func(context.Context, *Grouping) error) error {
	return db.Group(ctx, func(ctx context.Context, g *Grouping) error {
		g.by = by
		return f(ctx, g)
	})
}

// put places an article for a person.
func (g *Grouping) put(ctx context.Context, action Action, article news.ArticleID, story news.StoryID, r news.Reason) error {
	before, err := g.place(ctx, article, story, r)
	if err != nil {
		return err
	}
	return g.audit(ctx, Audit{Action: action, Article: article, From: before, Into: story})
}

// keep marks articles as staying in a story, and in no other.
func (g *Grouping) keep(ctx context.Context, story news.StoryID, articles []news.ArticleID) error {
	for _, id := range articles {
		if err := g.c.repeat(ctx, "DELETE FROM decisions WHERE article = ? AND (stay = 1 OR story = ?)", id, story); err != nil {
			return err
		}
		if err := g.c.repeat(ctx, "INSERT INTO decisions (article, story, stay) VALUES (?, ?, 1)", id, story); err != nil {
			return err
		}
	}
	return nil
}

// bar marks articles as not belonging in a story.
func (g *Grouping) bar(ctx context.Context, story news.StoryID, articles []news.ArticleID) error {
	for _, id := range articles {
		if err := g.c.repeat(ctx, "INSERT INTO decisions (article, story, stay) VALUES (?, ?, 0) ON CONFLICT (article, story) DO NOTHING", id, story); err != nil {
			return err
		}
	}
	return nil
}

// resolve follows tombstones to the story that has the members now.
func (g *Grouping) resolve(ctx context.Context, id news.StoryID) (news.StoryID, error) {
	asked := id
	for {
		var copies int
		var into news.StoryID
		ok, err := g.c.row(ctx, []any{&copies, &into}, "SELECT copies, COALESCE(into_story, 0) FROM stories WHERE id = ?", id)
		switch {
		case err != nil:
			return 0, err
		case !ok || copies == 0 && into == 0:
			return 0, fmt.Errorf("story %d: %w", asked, news.ErrNotFound)
		case copies > 0:
			return id, nil
		}
		id = into
	}
}

func (g *Grouping) membersOf(ctx context.Context, story news.StoryID) ([]news.ArticleID, error) {
	return rows(ctx, g.c, scanOne[news.ArticleID], "SELECT id FROM articles WHERE story = ? ORDER BY id", story)
}

// choice is some members of a story, and the others.
type choice struct {
	taken []news.Article
	has   map[news.ArticleID]bool // those taken
	left  []news.ArticleID
}

// chosen finds articles among a story's members; each must be one.
func (g *Grouping) chosen(ctx context.Context, story news.StoryID, articles []news.ArticleID) (*choice, error) {
	found, err := g.Articles(ctx, articles)
	if err != nil {
		return nil, err
	}
	if err := missing(articles, found); err != nil {
		return nil, err
	}
	c := &choice{has: map[news.ArticleID]bool{}}
	for _, p := range found {
		if p.Article.Story != story {
			return nil, fmt.Errorf("article %d is not in story %d but in %d: %w", p.Article.ID, story, p.Article.Story, news.ErrInvalid)
		}
		c.taken, c.has[p.Article.ID] = append(c.taken, p.Article), true
	}
	all, err := g.membersOf(ctx, story)
	c.left = slices.DeleteFunc(all, func(id news.ArticleID) bool { return c.has[id] })
	return c, err
}

// missing names the articles that were not found.
func missing(asked []news.ArticleID, found []Pending) error {
	var not []string
	for _, id := range asked {
		if !slices.ContainsFunc(found, func(p Pending) bool { return p.Article.ID == id }) {
			not = append(not, fmt.Sprint(id))
		}
	}
	if len(not) > 0 {
		return fmt.Errorf("article %s: %w", strings.Join(not, ", "), news.ErrNotFound)
	}
	return nil
}
