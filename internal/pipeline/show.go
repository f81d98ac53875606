package pipeline

import (
	"context"

	"kliping/internal/content"
	"kliping/internal/news"
	"kliping/internal/store"
)

// Show gives an article's blocks, residue included, the links and emphasis that
// they had where they came from, safe to put into a page; content.Body makes one
// piece of those that are the article. It reads the item as it was received, so
// that it holds for articles of any age.
func Show(ctx context.Context, db *store.DB, a *news.Article) ([]content.Shown, error) {
	item, err := db.Item(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	source := item.HTML
	if !ownText(item, content.Blocks(source)) {
		source = item.Page.HTML
	}
	return content.Show(source, a.URL, a.Blocks), nil
}

// ShownBody is the article as one piece of safe HTML, without its residue.
func ShownBody(ctx context.Context, db *store.DB, a *news.Article) (string, error) {
	shown, err := Show(ctx, db, a)
	return content.Body(shown), err
}
