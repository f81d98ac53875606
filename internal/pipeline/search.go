package pipeline

import (
	"context"
	"fmt"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/store"
)

// Found is the answer to a search: whole stories, as the store has them.
type Found struct {
	Total   int          `json:"total"` // stories that match, however many are given
	Stories []FoundStory `json:"stories"`
}

// FoundStory is one story that matches, with how well.
type FoundStory struct {
	news.Story
	Score   float64         `json:"score"`
	Related []store.Related `json:"related,omitempty"` // stories about the same event, where few stories are given
}

// A search that gives so many stories or fewer says what each is related to, and
// names so many of them.
const (
	relatedUpTo  = 100
	relatedNamed = 3
)

// Search finds stories. The index says which and in what order, the store what
// they are; a story that went since the index was last brought up to date is
// left out.
func Search(ctx context.Context, db *store.DB, ix *index.Index, q index.Query) (Found, error) {
	result, err := ix.Search(ctx, q)
	if err != nil {
		return Found{}, err
	}
	ids := make([]news.StoryID, len(result.Hits))
	for i, h := range result.Hits {
		ids[i] = h.ID
	}
	stories, err := db.StoriesByID(ctx, ids)
	if err != nil {
		return Found{}, fmt.Errorf("read the stories found: %w", err)
	}
	var related map[news.StoryID][]store.Related
	if len(ids) <= relatedUpTo {
		if related, err = db.Related(ctx, ids, relatedNamed); err != nil {
			return Found{}, err
		}
	}
	byID := make(map[news.StoryID]news.Story, len(stories))
	for _, s := range stories {
		byID[s.ID] = s
	}
	found := Found{Total: result.Total, Stories: make([]FoundStory, 0, len(stories))}
	for _, h := range result.Hits {
		if s, ok := byID[h.ID]; ok {
			found.Stories = append(found.Stories, FoundStory{s, h.Score, related[s.ID]})
		}
	}
	return found, nil
}
