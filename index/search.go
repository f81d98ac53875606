package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search"

	"kliping/internal/news"
)

// Result is what a search found.
type Result struct {
	Total  int                // stories that match, however many are given
	Hits   []Hit              // in the order asked for
	Facets map[string][]Count // by field: outlet, lang, agency, tag; nil unless asked for
}

// Hit is one story that matches.
type Hit struct {
	ID    news.StoryID
	Score float64 // how well the words match; comparable within one result only
}

// Count is how many of the stories that match have a value, the most frequent
// value first.
type Count struct {
	Value string
	Count int
}

// Search finds stories. A mistake in the query is a [*QueryError], which wraps
// [news.ErrInvalid]; an index that cannot be read is [news.ErrDamaged]. Ties are
// broken by id, the newest story first, so that pages do not overlap.
func (ix *Index) Search(ctx context.Context, q Query) (Result, error) {
	e, err := q.parse()
	if err != nil {
		return Result{}, err
	}
	request, err := ix.request(q)
	if err != nil {
		return Result{}, err
	}
	var found *bleve.SearchResult
	err = ix.use(func(b bleve.Index) (err error) {
		if request.Query, err = ix.resolve(ctx, b, e, q.now()); err != nil {
			return err
		}
		found, err = b.SearchInContext(ctx, request)
		return err
	})
	if err != nil {
		if cause := ctx.Err(); cause != nil {
			return Result{}, cause
		}
		if mistake := (*QueryError)(nil); errors.As(err, &mistake) {
			return Result{}, mistake
		}
		return Result{}, fmt.Errorf("search the index %s: %w", ix.path, err)
	}
	return result(found)
}

// request gives Bleve's form of what a query asks beside its text.
func (ix *Index) request(q Query) (*bleve.SearchRequest, error) {
	limit := q.Limit
	if limit == 0 {
		limit = 20
	}
	if limit < 0 || q.Offset < 0 || limit > MaxLimit-q.Offset {
		return nil, fmt.Errorf("limit %d with offset %d is %w: both count from 0, together to at most %d", q.Limit, q.Offset, news.ErrInvalid, MaxLimit)
	}
	request := bleve.NewSearchRequestOptions(nil, limit, q.Offset, false)
	order, err := sortOrder(q.Sort)
	if err != nil {
		return nil, err
	}
	request.SortBy(order)
	request.Score = "none"
	if order[0] == "-_score" {
		request.Score = ""
	}
	if q.Facets > 0 {
		for _, f := range []string{fieldOutlet, fieldLang, fieldAgency, fieldTag} {
			request.AddFacet(f, bleve.NewFacetRequest(f, q.Facets))
		}
	}
	return request, nil
}

func sortOrder(name string) ([]string, error) {
	switch name {
	case "", "relevance":
		return []string{"-_score", "-_id"}, nil
	case "time":
		return []string{"-" + fieldFirst, "-_id"}, nil
	case "spread":
		return []string{"-" + fieldOutlets, "-" + fieldFirst, "-_id"}, nil
	}
	return nil, fmt.Errorf("order %q is %w: there is %s", name, news.ErrInvalid, strings.Join(Sorts(), ", "))
}

func result(found *bleve.SearchResult) (Result, error) {
	r := Result{Total: int(found.Total), Hits: make([]Hit, len(found.Hits))}
	var errs []error
	for i, h := range found.Hits {
		id, err := keyID(h.ID)
		if err != nil {
			errs = append(errs, fmt.Errorf("index is %w: it knows a story %q", news.ErrDamaged, h.ID))
		}
		r.Hits[i] = Hit{id, h.Score}
	}
	if len(found.Facets) > 0 {
		r.Facets = make(map[string][]Count, len(found.Facets))
		for name, f := range found.Facets {
			r.Facets[name] = counts(f)
		}
	}
	return r, errors.Join(errs...)
}

func counts(f *search.FacetResult) []Count {
	all := []Count{}
	for _, t := range f.Terms.Terms() {
		all = append(all, Count{t.Term, t.Count})
	}
	slices.SortStableFunc(all, func(a, b Count) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Value, b.Value)
	})
	return all
}
