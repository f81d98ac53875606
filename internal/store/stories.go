package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"kliping/internal/news"
)

const storyColumns = `id, change, title, lead, copies, texts, outlets, languages, first_outlet, first_published, first_arrived, last_arrived`

func scanStory(r *sql.Rows) (s news.Story, err error) {
	var languages string
	var published, first, last int64
	err = r.Scan(&s.ID, &s.Change, &s.Title, &s.Lead, &s.Copies, &s.Texts, &s.Outlets, &languages, &s.FirstOutlet, &published, &first, &last)
	s.Languages = strings.Fields(languages) // never null in JSON
	s.FirstPublished, s.FirstArrived, s.LastArrived = moment(published), moment(first), moment(last)
	return s, err
}

// StoryDetail is a story with its members, the lead first, then by credible time.
type StoryDetail struct {
	news.Story
	Members []news.Article   `json:"members"`          // with their blocks
	Pinned  []news.ArticleID `json:"pinned,omitempty"` // members that stay because a person said so; read by Story only
}

// Order is how stories are listed.
type Order string

// The orders.
const (
	ByRank Order = "rank" // most outlets first, then texts, then copies, then newest
	ByTime Order = "time" // newest first
)

// Filter chooses stories. The zero Filter takes all.
type Filter struct {
	// A story is dated by the arrival of its first member, or with ByPublished
	// by the credible time of its lead. Since counts, Until does not; zero is
	// no bound.
	Since, Until time.Time
	ByPublished  bool
	Outlet       string // stories with a member of this outlet
	Language     string // stories with a member in this language
	Order        Order  // default ByTime
	Limit        int    // 0: no limit
}

// Stories returns the stories that the filter takes.
func (db *DB) Stories(ctx context.Context, f Filter) (all []news.Story, err error) {
	query, args := f.query()
	err = db.read(ctx, "read stories", func(c *conn) error {
		all, err = rows(ctx, c, scanStory, query, args...)
		return err
	})
	return all, err
}

// query writes the filter as SQL.
func (f *Filter) query() (string, []any) {
	date := "first_arrived"
	if f.ByPublished {
		date = "first_published"
	}
	where, args := []string{"gone = 0", "copies > 0"}, []any{}
	and := func(condition string, arg any) {
		where, args = append(where, condition), append(args, arg)
	}
	if !f.Since.IsZero() {
		and(date+" >= ?", millis(f.Since))
	}
	if !f.Until.IsZero() {
		and(date+" < ?", millis(f.Until))
	}
	if f.Outlet != "" {
		and("EXISTS (SELECT 1 FROM articles a WHERE a.story = stories.id AND a.outlet = ?)", f.Outlet)
	}
	if f.Language != "" {
		and("EXISTS (SELECT 1 FROM articles a WHERE a.story = stories.id AND a.language = ?)", f.Language)
	}
	query := "SELECT " + storyColumns + " FROM stories WHERE " + strings.Join(where, " AND ") + " ORDER BY "
	if f.Order == ByRank {
		query += "outlets DESC, texts DESC, copies DESC, "
	}
	query += date + " DESC, id DESC"
	if f.Limit > 0 {
		query, args = query+" LIMIT ?", append(args, f.Limit)
	}
	return query, args
}

// StoriesByID returns stories in the order of ids. Those that are gone or never
// were are left out.
func (db *DB) StoriesByID(ctx context.Context, ids []news.StoryID) (all []news.Story, err error) {
	err = db.read(ctx, "read stories", func(c *conn) error {
		all, err = c.stories(ctx, ids)
		return err
	})
	return all, err
}

func (c *conn) stories(ctx context.Context, ids []news.StoryID) ([]news.Story, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	all, err := rows(ctx, c, scanStory, "SELECT "+storyColumns+" FROM stories WHERE copies > 0 AND "+c.among("id"), c.list(ids))
	place := make(map[news.StoryID]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(all, func(a, b news.Story) int { return cmp.Compare(place[a.ID], place[b.ID]) })
	return all, err
}

// Story returns a story with its members. One that was merged away gives the
// story it is in now; one that is gone, or never was, news.ErrNotFound.
func (db *DB) Story(ctx context.Context, id news.StoryID) (s *StoryDetail, err error) {
	err = db.read(ctx, fmt.Sprintf("story %d", id), func(c *conn) error {
		found, err := c.details(ctx, []news.StoryID{id})
		for err == nil && len(found) == 0 {
			var into news.StoryID
			if ok, bad := c.row(ctx, []any{&into}, "SELECT into_story FROM stories WHERE id = ? AND into_story IS NOT NULL", id); bad != nil || !ok {
				return cmp.Or(bad, news.ErrNotFound)
			}
			id = into
			found, err = c.details(ctx, []news.StoryID{id})
		}
		if err == nil {
			s = &found[0]
			s.Pinned, err = rows(ctx, c, scanOne[news.ArticleID], "SELECT article FROM decisions WHERE story = ? AND stay = 1 ORDER BY article", s.ID)
		}
		return err
	})
	return s, err
}

// Documents returns stories with their members and texts, in the order of ids.
// Those that are gone are left out.
func (db *DB) Documents(ctx context.Context, ids []news.StoryID) (all []StoryDetail, err error) {
	err = db.read(ctx, "read stories with their articles", func(c *conn) error {
		all, err = c.details(ctx, ids)
		return err
	})
	return all, err
}

func (c *conn) details(ctx context.Context, ids []news.StoryID) ([]StoryDetail, error) {
	stories, err := c.stories(ctx, ids)
	if err != nil || len(stories) == 0 {
		return nil, err
	}
	members, err := c.articles(ctx, c.among("a.story")+" ORDER BY a.story, a.dated, a.id", c.list(ids))
	if err != nil {
		return nil, err
	}
	all := make([]StoryDetail, len(stories))
	place := make(map[news.StoryID]*StoryDetail, len(stories))
	for i, s := range stories {
		all[i].Story = s
		place[s.ID] = &all[i]
	}
	for _, a := range members {
		if s := place[a.Story]; s != nil {
			s.Members = append(s.Members, a)
		}
	}
	for i := range all {
		all[i].leadFirst()
	}
	return all, nil
}
