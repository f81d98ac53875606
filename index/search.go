package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
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

// limits bound what searches take of the machine.
type limits struct {
	turns chan struct{} // has room for the searches that look at the same time
	wait  time.Duration // the longest one waits for its turn
	look  time.Duration // the longest one looks, from its turn on
}

// newLimits lets two searches look for each core, as one may be reading texts, and
// sixteen at most: the dearest that are let through, of 20,000 words, take a core
// and about 150 megabytes each.
func newLimits() limits {
	return limits{make(chan struct{}, min(2*runtime.GOMAXPROCS(0), 16)), 10 * time.Second, 30 * time.Second}
}

// turn waits until a search may look, and gives what ends its turn.
func (l *limits) turn(ctx context.Context) (end func(), err error) {
	patience := time.NewTimer(l.wait)
	defer patience.Stop()
	select {
	case l.turns <- struct{}{}:
		return func() { <-l.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-patience.C:
		return nil, fmt.Errorf("the index is %w with %d other searches; ask again in a while", news.ErrBusy, cap(l.turns))
	}
}

// Search finds stories. A mistake in the query is a [*QueryError], which wraps
// [news.ErrInvalid], as a cursor of another search does and a query that takes
// longer than 30 seconds; where too many others are looking for too long, the
// error is [news.ErrBusy]; an index that cannot be read is [news.ErrDamaged].
// Ties are broken by id, the newest story first.
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
	end, err := ix.limits.turn(ctx)
	if err != nil {
		return Result{}, err
	}
	defer end()
	limited, cancel := context.WithTimeout(ctx, ix.limits.look)
	defer cancel()
	var result Result
	err = ix.use(func(b bleve.Index) error {
		built, err := ix.resolve(limited, b, e, c.after.now)
		if err == nil {
			result, err = c.collect(limited, b, &ix.rows, built)
		}
		return err
	})
	if err != nil {
		if cause := ctx.Err(); cause != nil {
			return Result{}, cause
		}
		if limited.Err() != nil {
			return Result{}, fmt.Errorf("this query takes longer than %s: %w; narrow it by a word or a date, or write more of the words with wildcards", ix.limits.look, news.ErrInvalid)
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
	if field == fieldOutlet && strings.Contains(value, "//") {
		value = hostOf(value) // in quotes an address would stand as it is
	}
	plain := func(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '.' || r == '-' }
	if strings.TrimFunc(value, plain) == "" && value != "" && value[0] != '-' {
		return field + ":" + value
	}
	return field + `:"` + strings.Map(unquoted, value) + `"`
}
