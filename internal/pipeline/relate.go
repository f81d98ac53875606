package pipeline

import (
	"context"
	"maps"
	"slices"

	"kliping/internal/cluster"
	"kliping/internal/news"
	"kliping/internal/store"
)

// founder is an article that a story began with.
type founder struct {
	cluster.Entry
	again bool // it had before: what it was linked to may hold no more
}

// relate links the stories that began in this batch with those of the window that
// are about the same event. They are asked for when all of the batch is in, so that
// two reports in one batch find one another.
//
// It is done once a story, here, where the window knows which names are rare and
// who has them; what is read later is a few rows, by whatever process. Downside: a
// story is linked by the article it began with, as of then; those that began
// before this was there have no links until they are processed again.
func (b *batch) relate(ctx context.Context) error {
	stories := slices.Sorted(maps.Keys(b.founders))
	for _, story := range stories {
		if !b.founders[story].again {
			continue
		}
		if err := b.tx.Unrelate(ctx, story); err != nil {
			return err
		}
	}
	for _, story := range stories {
		if b.merged[story] != 0 {
			continue // what it was linked to is found from the story that it is in
		}
		var kin []store.Kin
		for _, k := range b.window.Related(b.founders[story].Entry) {
			kin = append(kin, store.Kin(k))
		}
		if err := b.tx.Relate(ctx, story, kin); err != nil {
			return err
		}
	}
	return nil
}

// RelatedShown is how many related stories are told of a story.
const RelatedShown = 5

// Related returns the stories about the same event as a story, the likest first.
func Related(ctx context.Context, db *store.DB, story news.StoryID) ([]store.Related, error) {
	all, err := db.Related(ctx, []news.StoryID{story}, RelatedShown)
	return append([]store.Related{}, all[story]...), err // never null in JSON
}
