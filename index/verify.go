package index

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"

	"kliping/internal/news"
)

// readAtOnce is how many stories are loaded at a time.
const readAtOnce = 200

// resolve gives Bleve's query of an expression. Where the index alone cannot
// answer it, the texts of the stories in doubt are read, and those for which it
// does not hold are excluded.
func (ix *Index) resolve(ctx context.Context, b bleve.Index, e expr, now time.Time) (query.Query, error) {
	e = ix.stems.withForms(e)
	over := builder{&lexicon{found: map[[2]string][]string{}}, now, true}
	found := over.build(e)
	column := unsure(e)
	if column == 0 {
		return found, nil
	}
	under := over
	under.over = false
	doubt := query.NewBooleanQuery([]query.Query{found}, nil, []query.Query{under.build(e)})
	ids, err := ix.inDoubt(ctx, b, doubt, column)
	if err != nil {
		return nil, err
	}
	wrong, err := ix.disproved(ctx, ids, e, now)
	if err != nil || len(wrong) == 0 {
		return found, err
	}
	return query.NewBooleanQuery([]query.Query{found}, nil, []query.Query{query.NewDocIDQuery(wrong)}), nil
}

// inDoubt gives the stories whose texts have to be read.
func (ix *Index) inDoubt(ctx context.Context, b bleve.Index, q query.Query, column int) ([]news.StoryID, error) {
	request := bleve.NewSearchRequestOptions(q, maxRead, 0, false)
	request.Score = "none"
	request.SortBy([]string{"_id"})
	found, err := b.SearchInContext(ctx, request)
	if err != nil {
		return nil, err
	}
	if found.Total > maxRead {
		return nil, &QueryError{column, fmt.Sprintf("the texts of %d stories would have to be read for this; the most is %d. Add a word or a date, or put the words beside NEAR in quotes", found.Total, maxRead), ""}
	}
	ids := make([]news.StoryID, len(found.Hits))
	for i, h := range found.Hits {
		if ids[i], err = keyID(h.ID); err != nil {
			return nil, fmt.Errorf("index is %w: it knows a story %q", news.ErrDamaged, h.ID)
		}
	}
	return ids, nil
}

// disproved reads stories and gives the keys of those for which the expression
// does not hold. A story that is gone is left to whoever shows it.
func (ix *Index) disproved(ctx context.Context, ids []news.StoryID, e expr, now time.Time) ([]string, error) {
	if ix.load == nil && len(ids) > 0 {
		return nil, fmt.Errorf("this query needs the stories' texts, and the index was opened without Options.Load: %w", news.ErrInvalid)
	}
	var wrong []string
	for some := range slices.Chunk(ids, readAtOnce) {
		docs, err := ix.load(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("read %d stories: %w", len(some), err)
		}
		for i := range docs {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if !ix.stems.read(&docs[i]).holds(e, now) {
				wrong = append(wrong, key(docs[i].ID))
			}
		}
	}
	return wrong, nil
}
