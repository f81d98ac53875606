package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"kliping/internal/cluster"
	"kliping/internal/content"
	"kliping/internal/news"
	"kliping/internal/store"
)

// renewPage is how many articles are renewed in one transaction.
const renewPage = 500

// form names how articles' addresses and sketches are made today.
var form = fmt.Sprintf("addresses %d, sketches %d", content.AddressForm, cluster.SketchVersion)

// Renew brings a store that an earlier program wrote up to date: the addresses that
// its articles are known by, and the sketches that they are compared by. It is to
// be called once a store is open, before anything is polled or grouped; where there
// is nothing to do, which is nearly always, it asks one question. It can be stopped
// at any time, and goes on where it was. Long work is told to log.
func Renew(ctx context.Context, db *store.DB, log *slog.Logger) error {
	have, after, err := db.Form(ctx, form)
	if err != nil || have == form {
		return err
	}
	counts, err := db.Counts(ctx)
	if err != nil {
		return err
	}
	told := time.Now()
	for done := 0; ; {
		articles, err := db.EachMade(ctx, after, renewPage)
		if err != nil {
			return fmt.Errorf("bring the store up to date: %w", err)
		}
		if len(articles) == 0 {
			return db.SetForm(ctx, form)
		}
		after = articles[len(articles)-1].ID
		if err := db.Renew(ctx, form, after, renewed(articles, log)); err != nil {
			return fmt.Errorf("bring the store up to date: %w", err)
		}
		if done += len(articles); time.Since(told) > 5*time.Second {
			told = time.Now()
			log.LogAttrs(ctx, slog.LevelWarn, "the store is of an earlier version and is brought up to date",
				slog.Int("articles", done), slog.Int("of", counts.Articles))
		}
	}
}

// renewed makes again what is outdated of articles. Damaged ones are left as they
// are: they have their say when somebody asks for them.
func renewed(articles []store.Made, log *slog.Logger) []store.Renewed {
	all := make([]store.Renewed, 0, len(articles))
	for i := range articles {
		m := &articles[i]
		if m.Err != nil {
			log.Warn("an article is left out of bringing the store up to date", "article", m.ID, "error", m.Err)
			continue
		}
		_, link, same := address(m.Item)
		one := store.Renewed{ID: m.ID, Incoming: store.Incoming{
			Article: news.Article{URL: m.Article.URL}, Item: m.Item, Link: link, Same: content.SamePage(same), Canon: pagesOwn(m.Item, link),
		}}
		if cluster.Outdated(m.Sketch) {
			one.Sketch = sketch(&m.Article)
		}
		all = append(all, one)
	}
	return all
}
