package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kliping/internal/cluster"
	"kliping/internal/news"
	"kliping/internal/store"
)

// twin finds the article that one is under a second address, by the address that
// its page gives as its own. strange is true if others stand at that address which
// it is not like: sites err, and name one address on all their pages.
func (r *Refresher) twin(ctx context.Context, it store.StoredItem, in *store.Incoming) (twin *store.StoredItem, strange bool, err error) {
	if in.Canon == "" {
		return nil, false, nil
	}
	all, err := r.DB.Twins(ctx, it, in.Canon)
	if err != nil {
		return nil, false, fmt.Errorf("article %d: %w", it.ID, err)
	}
	for i := range all {
		other, err := r.again(ctx, all[i])
		if err != nil {
			return nil, false, err
		}
		same, err := alike(in, &other)
		if err != nil || same {
			return &all[i], false, err
		}
	}
	return nil, len(all) > 0, nil
}

// again is the article that was made from an item.
func (r *Refresher) again(ctx context.Context, it store.StoredItem) (store.Incoming, error) {
	f, err := r.feedOf(ctx, it)
	if err != nil {
		return store.Incoming{}, err
	}
	return r.Preparer.Prepare(f, it.Item, it.Arrived), nil
}

// feedOf is the feed of an item, as far as is known of one that was removed, with the
// item's outlet.
func (r *Refresher) feedOf(ctx context.Context, it store.StoredItem) (news.Feed, error) {
	f, err := r.DB.Feed(ctx, it.Feed)
	if errors.Is(err, news.ErrNotFound) {
		err = nil
	}
	f.ID, f.Outlet = it.Feed, it.Outlet
	return f, err
}

// How alike two articles have to be that stand at one address to be one: as many of
// the shorter's shingles in the other or, where one has too few characters to tell,
// one title within so long. Columns have one title every day.
const (
	twinShare   = .5
	twinShingle = 10
	twinShort   = 400
	twinTime    = 48 * time.Hour
)

func alike(a, b *store.Incoming) (bool, error) {
	short := min(len(a.Article.Text()), len(b.Article.Text())) < twinShort
	if short && a.Article.Title == b.Article.Title && a.Article.Time().Sub(b.Article.Time()).Abs() <= twinTime {
		return true, nil
	}
	one, err := cluster.UnmarshalSketch(a.Sketch)
	if err != nil {
		return false, err
	}
	other, err := cluster.UnmarshalSketch(b.Sketch)
	if err != nil {
		return false, err
	}
	_, share, shared := cluster.Similarity(one, other)
	return share >= twinShare && shared >= twinShingle, nil
}

// becomeOne makes the later of two articles a second address of the earlier, which
// takes over its page if it has no full text of its own.
func (r *Refresher) becomeOne(ctx context.Context, it, twin store.StoredItem) error {
	early, late := twin, it
	if it.ID < twin.ID {
		early, late = it, twin
	}
	var better *store.Incoming
	if page := late.Item.Page; full(page) && !full(early.Item.Page) {
		early.Item.Page = page
		in, err := r.again(ctx, early)
		if err != nil {
			return err
		}
		better = &in
	}
	ok, err := r.DB.Absorb(ctx, late.ID, early.ID, better)
	for range 2 { // it is not tried again later
		if errors.Is(err, news.ErrLocked) {
			ok, err = r.DB.Absorb(ctx, late.ID, early.ID, better)
		}
	}
	if err != nil || !ok {
		return err
	}
	r.Log.LogAttrs(ctx, slog.LevelInfo, "an article is another one under a second address",
		slog.Int64("article", int64(late.ID)), slog.Int64("is", int64(early.ID)), slog.String("address", late.Item.Link))
	return nil
}

func full(page *news.Page) bool { return page != nil && page.State == news.PageFull }
