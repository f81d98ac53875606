package news

import (
	"fmt"
	"strings"
)

// String says in words and figures why an article is in its story.
func (r Reason) String() string {
	switch r.Relation {
	case "":
		return "not grouped yet"
	case Founder:
		return "the story began with it"
	case Placed:
		return "put here by a person"
	case Translation:
		return fmt.Sprintf("translation of article %d: score %.2f, both have %s", r.Of, r.Score, strings.Join(r.Pivots, ", "))
	}
	return fmt.Sprintf("%s article %d: containment %.2f, Jaccard %.2f, %d shared shingles", r.Relation.phrase(), r.Of, r.Containment, r.Jaccard, r.Shared)
}

// phrase is the relation as the beginning of a sentence about another article.
func (r Relation) phrase() string {
	switch r {
	case Copy:
		return "copy of"
	case Edited:
		return "edited from"
	case Excerpt:
		return "excerpt of"
	case Extended:
		return "longer text around"
	case Version:
		return "another edition of"
	}
	return string(r) + " of"
}

// String names the evidence and the rule, with what was seen where that says
// more.
func (s Strip) String() string {
	if s.Detail == "" {
		return fmt.Sprintf("%s: %s", s.Evidence, s.Rule)
	}
	return fmt.Sprintf("%s: %s, %s", s.Evidence, s.Rule, s.Detail)
}
