package residue

import (
	"fmt"
	"time"

	"kliping/internal/news"
)

// Template is what is known of a block that an outlet repeats, or that several
// outlets carry.
type Template struct {
	Outlet      string // news.AnyOutlet: of outlets in general
	Print       uint64
	Count       int       // articles, or outlets, it was seen in when it was learned; 0: a person named it
	First, Last time.Time // when the first and, to a day, the last that has it came
	Sample      string    // the block's text, as one article has it
	State       string    // StateLearned, StatePinned or StateVetoed
}

// The states of a template.
const (
	StateLearned = "learned" // by machine
	StatePinned  = "pinned"  // a person says it is residue
	StateVetoed  = "vetoed"  // a person says it is the article's
)

// forgotten is how long a learned template is believed after it was last seen:
// last year's campaign is not to be held against a text that speaks of it.
const forgotten = 180 * 24 * time.Hour

// Stale reports whether a template says nothing of an article that came at the
// given time, because none since has had the block for too long. What a person
// said is never stale.
func (t *Template) Stale(at time.Time) bool {
	return t.State == StateLearned && at.Sub(t.Last) > forgotten
}

// strip says for people why a template takes its block out of the article.
func (t *Template) strip() *news.Strip {
	if t.State == StatePinned {
		return &news.Strip{Evidence: news.ByPerson, Rule: "pinned"}
	}
	s, in := &news.Strip{Evidence: news.ByTemplate, Rule: "repeated"}, "articles of "+t.Outlet
	if t.Outlet == news.AnyOutlet {
		s, in = &news.Strip{Evidence: news.ByOutlets, Rule: "shared"}, "outlets' otherwise different articles"
	}
	if t.Count > 0 {
		s.Detail = fmt.Sprintf("seen in %d %s since %s", t.Count, in, t.First.Format("2 January 2006"))
	}
	return s
}
