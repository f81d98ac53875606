package index

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// expr is a query understood: one of the types below. String writes it as a
// query that means the same.
type expr interface {
	fmt.Stringer
	isExpr()
}

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
		words    []string // the same, folded; * and ? are wildcards in them
		title    bool     // in a title only
		exact    bool     // as it stands: a phrase in quotes
		cased    bool     // and spelled as it stands
		forms    []stem   // under which other forms of it are found; see withForms
		column   int
	}
	// near holds if in one title or text every group has a match such that
	// neighbours in the chain are near: they share no word, and at most
	// within[i] words stand between a match of groups[i] and one of groups[i+1].
	near struct {
		groups [][]wording // all of titles, or none
		within []int       // one fewer than groups
		column int
	}
	// value holds if a field of the story has the value.
	value struct {
		field, value string
		wild         bool // * and ? in it are wildcards
		column       int
	}
	// amount holds if a number of the story is in [least, most].
	amount struct {
		field       string
		least, most int
	}
	// arrived holds if the story's first arrival is in [since, until); a zero
	// time is open.
	arrived struct{ since, until time.Time }
	// recent holds if the story's first arrival is no longer ago.
	recent struct{ age time.Duration }
	// state holds if the story is what it says: see stateNames.
	state string
)

// The states a story may be in.
const (
	translated state = "translated" // has copies in several languages
	single     state = "single"     // has one article
)

var stateNames = []string{string(translated), string(single)}

func (allOf) isExpr()   {}
func (anyOf) isExpr()   {}
func (not) isExpr()     {}
func (wording) isExpr() {}
func (near) isExpr()    {}
func (value) isExpr()   {}
func (amount) isExpr()  {}
func (arrived) isExpr() {}
func (recent) isExpr()  {}
func (state) isExpr()   {}

func (e allOf) String() string { return joined(e, " AND ") }
func (e anyOf) String() string { return joined(e, " OR ") }
func (e not) String() string   { return "NOT " + inside(e.part) }

func joined[E expr](parts []E, with string) string {
	all := make([]string, len(parts))
	for i, p := range parts {
		all[i] = inside(p)
	}
	return strings.Join(all, with)
}

// inside writes a part of something larger, in parentheses where it has parts.
func inside(e expr) string {
	switch e.(type) {
	case allOf, anyOf, near:
		return "(" + e.String() + ")"
	}
	return e.String()
}

func (e wording) String() string {
	s := e.original
	if e.exact || e.cased {
		s = `"` + s + `"`
	}
	if e.cased {
		s = "cs(" + s + ")"
	}
	if e.title {
		s = "title:(" + s + ")"
	}
	return s
}

func (e near) String() string {
	var b strings.Builder
	for i, g := range e.groups {
		if i > 0 {
			fmt.Fprintf(&b, " NEAR/%d ", e.within[i-1])
		}
		group := joined(g, " OR ")
		if len(g) > 1 {
			group = "(" + group + ")"
		}
		b.WriteString(group)
	}
	return b.String()
}

func (e value) String() string {
	if e.wild {
		return e.field + ":(" + e.value + ")"
	}
	return e.field + `:"` + e.value + `"`
}

func (e amount) String() string {
	if e.most == math.MaxInt && e.least > 0 {
		return fmt.Sprintf("%s:>%d", e.field, e.least-1)
	}
	if e.most == math.MaxInt {
		return e.field + ":>=0"
	}
	return fmt.Sprintf("%s:%d..%d", e.field, e.least, e.most)
}

func (e arrived) String() string {
	if e.since.IsZero() {
		return "before:" + e.until.Format(time.RFC3339)
	}
	return "after:" + e.since.Format(time.RFC3339)
}

func (e recent) String() string {
	if e.age%time.Hour == 0 {
		return fmt.Sprintf("since:%dh", e.age/time.Hour)
	}
	return fmt.Sprintf("since:%dmin", e.age/time.Minute)
}

func (e state) String() string { return "is:" + string(e) }
