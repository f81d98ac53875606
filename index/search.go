package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2"

	"kliping/internal/news"
)

// Result is what a search found.
type Result struct {
	Total  int                // stories that match, however many are given
	Hits   []Hit              // in the order asked for
	Next   string             // the cursor of the hits behind these; empty: there are none
	Facets map[string][]Count // by field: outlet, lang, agency, tag, day; nil unless asked for
}

// Hit is one story that matches.
type Hit struct {
	ID    news.StoryID
	Score float64 // its relevance, see score.go; comparable within one search only; 0 in other orders
}

// Count is how many of the stories that match have a value. Of each facet the
// most frequent value comes first; of days, which are all given, the first day.
type Count struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Search finds stories. A mistake in the query is a [*QueryError], which wraps
// [news.ErrInvalid], as a cursor of another search does; an index that cannot be
// read is [news.ErrDamaged]. Ties are broken by id, the newest story first.
//
// Pages by cursor do not overlap and miss nothing while stories arrive: freshness
// and the weights of words stay as they were on the first page. A story that
// changes in between may move across the border of a page.
func (ix *Index) Search(ctx context.Context, q Query) (Result, error) {
	e, err := q.parse()
	if err != nil {
		return Result{}, err
	}
	c, err := newCollector(&q)
	if err != nil {
		return Result{}, err
	}
	c.words = ix.stems.scoredWords(e)
	if len(c.after.weights.idf) > 0 && len(c.after.weights.idf) != len(c.words) {
		return Result{}, errOtherCursor()
	}
	var result Result
	err = ix.use(func(b bleve.Index) error {
		built, err := ix.resolve(ctx, b, e, c.after.now)
		if err == nil {
			result, err = c.collect(ctx, b, &ix.rows, built)
		}
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
	return result, nil
}

// checkLimits says what is wrong with how many hits are asked for.
func checkLimits(q *Query) error {
	if q.Limit < 0 || q.Offset < 0 || hitsGiven(q) > MaxLimit-q.Offset {
		return fmt.Errorf("limit %d with offset %d is %w: both count from 0, together to at most %d", q.Limit, q.Offset, news.ErrInvalid, MaxLimit)
	}
	if q.Cursor != "" && q.Offset > 0 {
		return fmt.Errorf("offset %d with a cursor is %w: the cursor says where to go on", q.Offset, news.ErrInvalid)
	}
	if q.Facets < 0 || q.Facets > MaxLimit {
		return fmt.Errorf("%d values of each facet is %w: they count from 0 to %d", q.Facets, news.ErrInvalid, MaxLimit)
	}
	return nil
}

func hitsGiven(q *Query) int { return cmp.Or(q.Limit, 20) }

// sortOrder is the number of an order in [Sorts].
func sortOrder(name string) (order, error) {
	if name == "" {
		return byRelevance, nil
	}
	for i, s := range Sorts() {
		if s == name {
			return order(i), nil
		}
	}
	return 0, fmt.Errorf("order %q is %w: there is %s", name, news.ErrInvalid, strings.Join(Sorts(), ", "))
}

// Refine is a query that asks for one more thing than query does: a value of one
// of the facets.
func Refine(query, field, value string) string {
	if e, err := parse(query, nil); err == nil {
		if _, or := e.(anyOf); or {
			query = "(" + query + ")"
		}
	}
	return strings.TrimSpace(query + " " + filter(field, value))
}

func filter(field, value string) string {
	if field == fieldDay {
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			return "after:" + value + " before:" + day.AddDate(0, 0, 1).Format(time.DateOnly)
		}
	}
	plain := func(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '.' || r == '-' }
	if strings.TrimFunc(value, plain) == "" && value != "" {
		return field + ":" + value
	}
	return field + `:"` + strings.ReplaceAll(value, `"`, " ") + `"`
}
