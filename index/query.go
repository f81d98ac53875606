package index

import (
	"fmt"
	"time"

	"kliping/internal/news"
)

// Query asks for stories. The zero value finds all of them. docs/query.md says
// what Text may say.
type Query struct {
	Text         string
	Since, Until time.Time      // of the story's first arrival; zero: open. Until itself is out.
	Language     string         // only stories with a copy in it
	Outlet       string         // only stories with a copy of it
	Limit        int            // hits given; 0: 20, at most [MaxLimit]
	Offset       int            // hits left out at the top; not with a cursor
	Cursor       string         // [Result.Next] of the page before, of the same search; empty: the first page
	Sort         string         // see [Sorts]; empty: relevance
	Facets       int            // values given for each facet, the most frequent; 0: no facets
	Location     *time.Location // of the dates in Text, and of the facet of days; nil: UTC
	Now          time.Time      // what since: and freshness count back from; zero: the time of the search
}

// MaxLimit is the most hits, with what is left out at the top, one search gives.
const MaxLimit = 10_000

// Sorts are the orders hits can have: the best first, the newest first, or
// those that most outlets carried first.
func Sorts() []string { return []string{"relevance", "time", "spread"} }

// Limits of one query. They bound the time and the memory it takes.
const (
	maxRunes  = 10_000 // characters
	maxDepth  = 100    // parentheses and NOTs inside one another
	maxWords  = 1_000  // words and values
	maxWild   = 100    // words with wildcards
	maxTails  = 20     // words that begin with one, for which all words of the index are looked at
	maxWithin = 255    // of a NEAR; textGap is more
	maxForms  = 5_000  // words of the index that one wildcard stands for
	maxRead   = 10_000 // stories whose texts are read for one search, see [Options]
)

// QueryError says where a query cannot be understood and what to write. It
// wraps [news.ErrInvalid].
type QueryError struct {
	Column  int    // counted in characters from 1
	Message string // what is wrong and what was meant
	Near    string // the piece of the query it is about; may be empty
}

func (e *QueryError) Error() string {
	if e.Near == "" {
		return fmt.Sprintf("query, column %d: %s", e.Column, e.Message)
	}
	return fmt.Sprintf("query, column %d, at %q: %s", e.Column, e.Near, e.Message)
}

// Unwrap gives [news.ErrInvalid].
func (e *QueryError) Unwrap() error { return news.ErrInvalid }

// parse understands the query's text, with what else it asks of a story.
func (q *Query) parse() (expr, error) {
	e, err := parse(q.Text, q.Location)
	if err != nil {
		return nil, err
	}
	parts := allOf{e}
	if q.Language != "" {
		parts = append(parts, value{field: fieldLang, value: foldValue(q.Language)})
	}
	if q.Outlet != "" {
		parts = append(parts, value{field: fieldOutlet, value: hostOf(foldValue(q.Outlet))}.orBare())
	}
	if !q.Since.IsZero() || !q.Until.IsZero() {
		parts = append(parts, arrived{q.Since, q.Until})
	}
	if len(parts) == 1 {
		return e, nil
	}
	return parts, nil
}

func (q *Query) now() time.Time {
	if q.Now.IsZero() {
		return time.Now()
	}
	return q.Now
}
