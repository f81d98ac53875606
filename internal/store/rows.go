package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"kliping/internal/news"
)

// storyRow is what is computed of a story's members.
type storyRow struct {
	id, lead                             int64
	title, outlet                        string
	languages                            []string
	copies, outlets, texts               int
	published, firstArrived, lastArrived int64
}

// finish computes the rows of all touched stories anew, each with a change
// number, in two queries, of which one reads one index only: a story of thousands
// costs a scan of its entries there, whatever the number of articles placed.
func (g *Grouping) finish(ctx context.Context) error {
	if len(g.touched) == 0 {
		return nil
	}
	touched := slices.Sorted(maps.Keys(g.touched))
	before, err := g.alive(ctx, touched)
	if err != nil {
		return err
	}
	all, err := g.compute(ctx, touched)
	if err != nil {
		return err
	}
	for _, id := range touched {
		if row, ok := all[id]; ok {
			err = g.store(ctx, row)
		} else {
			err = g.bury(ctx, id)
		}
		if err != nil {
			return err
		}
	}
	return g.c.add(ctx, "stories", int64(len(all))-before)
}

// alive counts those of the stories that had members.
func (g *Grouping) alive(ctx context.Context, ids []news.StoryID) (n int64, err error) {
	_, err = g.c.row(ctx, []any{&n}, "SELECT COUNT(*) FROM stories WHERE copies > 0 AND "+g.c.among("id"), g.c.list(ids))
	return n, err
}

// compute returns a row for each of the stories that has members.
func (g *Grouping) compute(ctx context.Context, ids []news.StoryID) (map[news.StoryID]*storyRow, error) {
	all := make(map[news.StoryID]*storyRow, len(ids))
	var members []member // of one story
	end := func() {
		if len(members) > 0 {
			all[members[0].story] = summed(members)
			members = members[:0]
		}
	}
	_, err := rows(ctx, g.c, func(r *sql.Rows) (none struct{}, err error) {
		var m member
		if err := r.Scan(&m.story, &m.dated, &m.id, &m.outlet, &m.language, &m.arrived, &m.textOf, &m.source, &m.agency); err != nil {
			return none, err
		}
		if len(members) > 0 && members[0].story != m.story {
			end()
		}
		members = append(members, m)
		return none, nil
	}, `SELECT story, dated, id, outlet, language, arrived, text_of, source, agency FROM articles
		WHERE `+g.c.among("story")+" ORDER BY story, dated, id", g.c.list(ids))
	if err != nil {
		return nil, err
	}
	end()
	return all, g.titles(ctx, all)
}

// titles gives each row its lead's title.
func (g *Grouping) titles(ctx context.Context, all map[news.StoryID]*storyRow) error {
	leads := make([]int64, 0, len(all))
	for _, s := range all {
		leads = append(leads, s.lead)
	}
	_, err := rows(ctx, g.c, func(r *sql.Rows) (id news.StoryID, err error) {
		var title string
		if err := r.Scan(&id, &title); err != nil {
			return 0, err
		}
		all[id].title = title
		return id, nil
	}, "SELECT story, title FROM articles WHERE "+g.c.among("id"), g.c.list(leads))
	return err
}

func (g *Grouping) store(ctx context.Context, s *storyRow) error {
	err := g.c.repeat(ctx, `UPDATE stories SET change = ?, gone = 0, into_story = NULL, title = ?, lead = ?, copies = ?, texts = ?, outlets = ?,
		languages = ?, first_outlet = ?, first_published = ?, first_arrived = ?, last_arrived = ? WHERE id = ?`,
		g.next(), s.title, s.lead, s.copies, s.texts, s.outlets, strings.Join(s.languages, " "), s.outlet,
		s.published, s.firstArrived, s.lastArrived, s.id)
	return err
}

// bury makes a story without members a tombstone.
func (g *Grouping) bury(ctx context.Context, id news.StoryID) error {
	var into any
	if to := g.merged[id]; to != 0 {
		into = to
	}
	err := g.c.repeat(ctx, `UPDATE stories SET change = ?, gone = 1, into_story = ?, title = '', lead = 0, copies = 0, texts = 0, outlets = 0,
		languages = '', first_outlet = '', first_published = 0, first_arrived = 0, last_arrived = 0 WHERE id = ?`, g.next(), into, id)
	return err
}
