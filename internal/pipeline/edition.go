package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"kliping/internal/diff"
	"kliping/internal/news"
	"kliping/internal/store"
)

// Edition returns an article as its outlet published it in one of its versions,
// cleaned by today's rules. Version 0 is the present one, which is returned as it
// is stored. An edition before the present has no story of its own.
func Edition(ctx context.Context, db *store.DB, id news.ArticleID, version int) (*news.Article, error) {
	present, err := db.Article(ctx, id)
	if err != nil || cmp.Or(version, present.Version) == present.Version {
		return present, err
	}
	editions, err := db.Versions(ctx, id)
	if err != nil {
		return nil, err
	}
	recall, err := newRecall(ctx, db, present)
	if err != nil {
		return nil, err
	}
	for _, e := range editions {
		if e.Version == version {
			return recall(e), nil
		}
	}
	return nil, fmt.Errorf("version %d of article %d, which has %d: %w", version, id, present.Version, news.ErrNotFound)
}

// newRecall returns what cleans earlier editions of an article.
func newRecall(ctx context.Context, db *store.DB, present *news.Article) (func(store.Edition) *news.Article, error) {
	p, err := NewPreparer()
	if err != nil {
		return nil, err
	}
	rows, err := db.Templates(ctx)
	if err != nil {
		return nil, err
	}
	p.templates.replace(templatesOf(rows))
	feeds, err := feedsByID(ctx, db)
	if err != nil {
		return nil, err
	}
	f := feeds[present.Feed]
	f.Outlet = present.Outlet
	return func(e store.Edition) *news.Article {
		a := p.Prepare(f, e.Item, present.Arrived).Article
		a.ID, a.Feed, a.Version = present.ID, present.Feed, e.Version
		return &a
	}, nil
}

// Version is an article in one of its versions.
type Version struct {
	Version int           `json:"version"`
	Until   time.Time     `json:"until,omitzero"` // when the next one came; the last has none
	Title   string        `json:"title"`
	Text    string        `json:"text"`
	Changes *diff.Changes `json:"changes,omitempty"` // against the version before, residue left out; the first here has none
}

// mostVersions is how many versions are read: some outlets edit by the minute.
const mostVersions = 100

// Versions returns an article's versions, the last ones if it has very many, the
// oldest first and the present one last, each cleaned by today's rules, with what
// changed.
func Versions(ctx context.Context, db *store.DB, id news.ArticleID) ([]Version, error) {
	present, err := db.Article(ctx, id)
	if err != nil {
		return nil, err
	}
	editions, err := db.Versions(ctx, id)
	if err != nil {
		return nil, err
	}
	editions = editions[max(0, len(editions)-mostVersions):]
	all := make([]Version, 0, len(editions)+1)
	var before *news.Article
	add := func(a *news.Article, until time.Time) {
		v := Version{Version: a.Version, Until: until, Title: a.Title, Text: a.Text()}
		if before != nil {
			changes := diff.Compare(before, a)
			v.Changes = &changes
		}
		before, all = a, append(all, v)
	}
	if len(editions) > 0 {
		recall, err := newRecall(ctx, db, present)
		if err != nil {
			return nil, err
		}
		for _, e := range editions {
			add(recall(e), e.Replaced)
		}
	}
	add(present, time.Time{})
	return all, nil
}
