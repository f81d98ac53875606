package pipeline

import (
	"cmp"
	"context"
	"fmt"

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
	for _, e := range editions {
		if e.Version == version {
			return recall(ctx, db, present, e)
		}
	}
	return nil, fmt.Errorf("version %d of article %d, which has %d: %w", version, id, present.Version, news.ErrNotFound)
}

// recall cleans an earlier edition of an article.
func recall(ctx context.Context, db *store.DB, present *news.Article, e store.Edition) (*news.Article, error) {
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
	a := p.Prepare(f, e.Item, present.Arrived).Article
	a.ID, a.Feed, a.Version = present.ID, present.Feed, e.Version
	return &a, nil
}
