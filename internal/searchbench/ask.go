package main

import (
	"context"

	"kliping/index"
	"kliping/internal/pipeline"
)

// ask is what a reader's click costs, but for writing the page.
func (b *bench) ask(ctx context.Context, ix *index.Index, q index.Query) (int, error) {
	found, err := pipeline.Search(ctx, b.db, ix, q)
	return found.Total, err
}
