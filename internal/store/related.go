package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"kliping/internal/news"
)

// Related is a story about the same event as another: linked, and never merged.
type Related struct {
	Story news.Story   `json:"story"`
	Score float64      `json:"score"` // 0 to 1
	Why   news.Kinship `json:"why"`
}

// Kin is one link, as the window found it.
type Kin struct {
	Story news.StoryID
	Score float64
	Why   news.Kinship
}

// Relate records which stories are about the same event as a story. They outlive
// merges: what is read follows them.
func (g *Grouping) Relate(ctx context.Context, story news.StoryID, kin []Kin) error {
	for _, k := range kin {
		why, err := json.Marshal(k.Why)
		if err != nil {
			return err
		}
		// One row for two stories that founded one another's link in one batch.
		later, earlier := max(story, k.Story), min(story, k.Story)
		err = g.c.repeat(ctx, `INSERT INTO related (story, other, score, why) VALUES (?, ?, ?, ?)
			ON CONFLICT (story, other) DO UPDATE SET score = excluded.score, why = excluded.why`, later, earlier, k.Score, text(string(why)))
		if err != nil {
			return fmt.Errorf("relate story %d to %d: %w", story, k.Story, err)
		}
	}
	return nil
}

// Unrelate forgets what stories a story is related to.
func (g *Grouping) Unrelate(ctx context.Context, story news.StoryID) error {
	if err := g.c.repeat(ctx, "DELETE FROM related WHERE story = ?", story); err != nil {
		return fmt.Errorf("forget what story %d is related to: %w", story, err)
	}
	if err := g.c.repeat(ctx, "DELETE FROM related WHERE other = ?", story); err != nil {
		return fmt.Errorf("forget what is related to story %d: %w", story, err)
	}
	return nil
}

// Related returns, for each of the given stories that has any, up to limit stories
// about the same event, the likest first.
func (db *DB) Related(ctx context.Context, ids []news.StoryID, limit int) (all map[news.StoryID][]Related, err error) {
	err = db.read(ctx, "read related stories", func(c *conn) error {
		all, err = c.related(ctx, ids, limit)
		return err
	})
	return all, err
}

// link is a row of related, from the side of a story that was asked for.
type link struct {
	of, other news.StoryID
	score     float64
	why       string
}

func (c *conn) related(ctx context.Context, ids []news.StoryID, limit int) (map[news.StoryID][]Related, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	asked, err := c.withMerged(ctx, ids)
	if err != nil {
		return nil, err
	}
	links, err := c.links(ctx, asked)
	if err != nil || len(links) == 0 {
		return nil, err
	}
	var others []news.StoryID
	for _, l := range links {
		others = append(others, l.other)
	}
	stories, err := c.presentStories(ctx, others)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(links, func(a, b link) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.other, a.other))
	})
	all := map[news.StoryID][]Related{}
	for _, l := range links {
		s, ok := stories[l.other]
		known := all[l.of]
		if !ok || s.ID == l.of || len(known) == limit || slices.ContainsFunc(known, func(r Related) bool { return r.Story.ID == s.ID }) {
			continue
		}
		r := Related{Story: s, Score: l.score}
		if err := json.Unmarshal([]byte(l.why), &r.Why); err != nil {
			return nil, fmt.Errorf("why stories %d and %d are related: %w: %w", l.of, l.other, news.ErrDamaged, err)
		}
		all[l.of] = append(known, r)
	}
	return all, nil
}

// mostMerges is how many merges in a row are followed.
const mostMerges = 5

// withMerged maps the stories, and those that were merged into them, to themselves
// and to what they were merged into.
func (c *conn) withMerged(ctx context.Context, ids []news.StoryID) (map[news.StoryID]news.StoryID, error) {
	into := make(map[news.StoryID]news.StoryID, len(ids))
	for _, id := range ids {
		into[id] = id
	}
	for range mostMerges {
		var more []news.StoryID
		_, err := rows(ctx, c, func(r *sql.Rows) (none struct{}, err error) {
			var from, to news.StoryID
			if err := r.Scan(&from, &to); err != nil {
				return none, err
			}
			if into[from] == 0 {
				into[from], more = into[to], append(more, from)
			}
			return none, nil
		}, "SELECT id, into_story FROM stories WHERE "+c.among("into_story"), c.list(ids))
		if err != nil || len(more) == 0 {
			return into, err
		}
		ids = more
	}
	return into, nil
}

// links are the rows that have one of the stories on either side.
func (c *conn) links(ctx context.Context, asked map[news.StoryID]news.StoryID) ([]link, error) {
	ids := make([]news.StoryID, 0, len(asked))
	for id := range asked {
		ids = append(ids, id)
	}
	var all []link
	for _, side := range [][2]string{{"story", "other"}, {"other", "story"}} {
		some, err := rows(ctx, c, func(r *sql.Rows) (l link, err error) {
			err = r.Scan(&l.of, &l.other, &l.score, &l.why)
			l.of = asked[l.of]
			return l, err
		}, "SELECT "+side[0]+", "+side[1]+", score, why FROM related WHERE "+c.among(side[0]), c.list(ids))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// presentStories are stories by the ids that they have or had: where one was
// merged, the one that it is in now.
func (c *conn) presentStories(ctx context.Context, ids []news.StoryID) (map[news.StoryID]news.Story, error) {
	now := make(map[news.StoryID]news.StoryID, len(ids))
	for _, id := range ids {
		now[id] = id
	}
	for range mostMerges {
		moved, err := c.intos(ctx, now)
		if err != nil {
			return nil, err
		}
		if len(moved) == 0 {
			break
		}
		for id, at := range now {
			if to := moved[at]; to != 0 {
				now[id] = to
			}
		}
	}
	var wanted []news.StoryID
	for _, at := range now {
		wanted = append(wanted, at)
	}
	found, err := c.stories(ctx, wanted)
	all := make(map[news.StoryID]news.Story, len(now))
	for id, at := range now {
		if i := slices.IndexFunc(found, func(s news.Story) bool { return s.ID == at }); i >= 0 {
			all[id] = found[i]
		}
	}
	return all, err
}

// intos says of the stories that were merged into which.
func (c *conn) intos(ctx context.Context, of map[news.StoryID]news.StoryID) (map[news.StoryID]news.StoryID, error) {
	var ids []news.StoryID
	for _, at := range of {
		ids = append(ids, at)
	}
	all := map[news.StoryID]news.StoryID{}
	_, err := rows(ctx, c, func(r *sql.Rows) (none struct{}, err error) {
		var from, to news.StoryID
		err = r.Scan(&from, &to)
		all[from] = to
		return none, err
	}, "SELECT id, into_story FROM stories WHERE into_story IS NOT NULL AND "+c.among("id"), c.list(ids))
	return all, err
}
