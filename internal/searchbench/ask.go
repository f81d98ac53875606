package main

import (
	"context"
	"strings"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/pipeline"
)

func (b *bench) ask(ctx context.Context, ix *index.Index, q index.Query) (int, error) {
	found, err := pipeline.Search(ctx, b.db, ix, q)
	if err != nil {
		return 0, err
	}
	h, err := ix.Highlighter(q.Text)
	if err != nil {
		return 0, err
	}
	var ids []news.StoryID
	for _, f := range found.Stories {
		ids = append(ids, f.ID)
	}
	details, err := b.db.Documents(ctx, ids)
	if err != nil {
		return 0, err
	}
	for i := range details {
		for j := range details[i].Members {
			m := &details[i].Members[j]
			if h.Fragments(m.Language, strings.ReplaceAll(m.Text(), "\n\n", " "), 160, 2) != nil {
				break
			}
		}
	}
	return found.Total, nil
}
