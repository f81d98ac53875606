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
	copies, outlets                      int64
	published, firstArrived, lastArrived int64
}

// finish computes the rows of all touched stories anew, each with a change
// number, in a few queries that read one index: a story of thousands costs a
// scan of its entries there, whatever the number of articles placed.
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
	list := g.c.list(ids)
	counted, err := rows(ctx, g.c, func(r *sql.Rows) (s *storyRow, err error) {
		s = &storyRow{}
		return s, r.Scan(&s.id, &s.copies, &s.outlets, &s.firstArrived, &s.lastArrived)
	}, `SELECT story, COUNT(*), COUNT(DISTINCT outlet), MIN(arrived), MAX(arrived) FROM articles
		WHERE `+g.c.among("story")+" GROUP BY story", list)
	if err != nil {
		return nil, err
	}
	all := make(map[news.StoryID]*storyRow, len(counted))
	for _, s := range counted {
		all[news.StoryID(s.id)] = s
	}
	if err := g.languages(ctx, all, list); err != nil {
		return nil, err
	}
	return all, g.leads(ctx, all, list)
}

func (g *Grouping) languages(ctx context.Context, all map[news.StoryID]*storyRow, list any) error {
	_, err := rows(ctx, g.c, func(r *sql.Rows) (id news.StoryID, err error) {
		var language string
		if err := r.Scan(&id, &language); err != nil {
			return 0, err
		}
		if language != "" {
			all[id].languages = append(all[id].languages, language)
		}
		return id, nil
	}, "SELECT DISTINCT story, language FROM articles WHERE "+g.c.among("story")+" ORDER BY story, language", list)
	return err
}

// leads finds the member of each story with the earliest credible time, the
// first to arrive among equals.
func (g *Grouping) leads(ctx context.Context, all map[news.StoryID]*storyRow, list any) error {
	_, err := rows(ctx, g.c, func(r *sql.Rows) (id news.StoryID, err error) {
		var lead storyRow
		if err := r.Scan(&id, &lead.lead, &lead.title, &lead.outlet, &lead.published); err != nil {
			return 0, err
		}
		s := all[id]
		s.lead, s.title, s.outlet, s.published = lead.lead, lead.title, lead.outlet, lead.published
		return id, nil
	}, `SELECT s.id, a.id, a.title, a.outlet, a.dated FROM stories s
		JOIN articles a ON a.id = (SELECT m.id FROM articles m WHERE m.story = s.id ORDER BY m.dated, m.id LIMIT 1)
		WHERE `+g.c.among("s.id"), list)
	return err
}

func (g *Grouping) store(ctx context.Context, s *storyRow) error {
	err := g.c.repeat(ctx, `UPDATE stories SET change = ?, gone = 0, into_story = NULL, title = ?, lead = ?, copies = ?, texts = ?, outlets = ?,
		languages = ?, first_outlet = ?, first_published = ?, first_arrived = ?, last_arrived = ? WHERE id = ?`,
		g.next(), s.title, s.lead, s.copies, max(1, len(s.languages)), s.outlets, strings.Join(s.languages, " "), s.outlet,
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
