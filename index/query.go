package index

import (
	"fmt"
	"time"

	"kliping/internal/news"
)

// Query asks for stories. The zero value finds all of them.
//
// Text is read as monitors write it:
//
//	minister resigns         both words, in any form the language gives them
//	"prime minister"         these words, in this order, as they stand
//	a AND b, a OR b, NOT a   AND binds tighter than OR; -a is NOT a
//	(a OR b) c               parentheses group
//	title:x                  in a title; takes a phrase or a group too
//	outlet:x lang:x agency:x tag:x
//	                         stories with such a copy
//	after:2026-05-01         arrived on that day or later
//	before:2026-05-01        arrived before that day
//
// Curly quotes, non-breaking spaces and dashes from a word processor are
// understood.
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
	Now          time.Time      // what freshness counts from; zero: the time of the search
}

func (q *Query) now() time.Time {
	if q.Now.IsZero() {
		return time.Now()
	}
	return q.Now
}

// MaxLimit is the most hits, with what is left out at the top, one search gives.
const MaxLimit = 10_000

// Sorts are the orders hits can have: the best first, the newest first, or
// those that most outlets carried first.
func Sorts() []string { return []string{"relevance", "time", "spread"} }

// Limits of one query. They bound the time it takes.
const (
	maxRunes = 10_000 // characters
	maxDepth = 100    // parentheses and NOTs inside one another
	maxWords = 256    // words and values
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

// expr is a query understood: one of the types below.
type expr interface{ isExpr() }

type (
	// allOf holds if every part does; no parts: always.
	allOf []expr
	// anyOf holds if one part does.
	anyOf []expr
	// not holds if its part does not.
	not struct{ part expr }
	// wording holds if the words stand in a title or text, next to one another.
	wording struct {
		original string   // as asked for
		words    []string // the same, folded
		title    bool     // in a title only
		exact    bool     // as it stands: a phrase in quotes
	}
	// value holds if a field of the story has the value.
	value struct{ field, value string }
	// arrived holds if the story's first arrival is in [since, until); a zero
	// time is open.
	arrived struct{ since, until time.Time }
)

func (allOf) isExpr()   {}
func (anyOf) isExpr()   {}
func (not) isExpr()     {}
func (wording) isExpr() {}
func (value) isExpr()   {}
func (arrived) isExpr() {}
