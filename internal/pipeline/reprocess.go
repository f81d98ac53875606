package pipeline

import (
	"context"
	"fmt"

	"kliping/internal/news"
	"kliping/internal/store"
)

// reprocessPage is how many items are read, prepared and saved at once.
const reprocessPage = 200

// Reprocess runs today's rules over every item as it was received, and leaves
// the articles waiting to be grouped again. progress, which may be nil, is told
// how many were done. It can be stopped and run again at any time.
func Reprocess(ctx context.Context, db *store.DB, p *Preparer, progress func(int)) error {
	feeds, err := feedsByID(ctx, db)
	if err != nil {
		return err
	}
	var after news.ArticleID
	for {
		items, err := db.EachItem(ctx, after, reprocessPage)
		if err != nil {
			return fmt.Errorf("read items as received: %w", err)
		}
		if len(items) == 0 {
			return nil
		}
		cleaned := make([]store.Recleaned, len(items))
		for i, it := range items {
			f := feeds[it.Feed]
			f.Outlet = it.Outlet
			cleaned[i] = store.Recleaned{ID: it.ID, Incoming: p.Prepare(f, it.Item, it.Arrived)}
			after = it.ID
		}
		if err := db.ReplaceCleaned(ctx, cleaned); err != nil {
			return fmt.Errorf("save what was cleaned again: %w", err)
		}
		if progress != nil {
			progress(len(items))
		}
	}
}

func feedsByID(ctx context.Context, db *store.DB) (map[news.FeedID]news.Feed, error) {
	feeds, err := db.Feeds(ctx)
	if err != nil {
		return nil, fmt.Errorf("read feeds: %w", err)
	}
	byID := make(map[news.FeedID]news.Feed, len(feeds))
	for _, f := range feeds {
		byID[f.ID] = f
	}
	return byID, nil
}
