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
		return fmt.Sprintf("translation of article %d: score %.2f, both have %s", r.Of, r.Score, labels(r.Pivots))
	}
	if r.Shared == 0 {
		return fmt.Sprintf("%s article %d: the same headline, and no text to compare", r.Relation.phrase(), r.Of)
	}
	return fmt.Sprintf("%s article %d: containment %.2f, Jaccard %.2f, %d shared shingles", r.Relation.phrase(), r.Of, r.Containment, r.Jaccard, r.Shared)
}

// labels joins pivots. One that holds letters written from right to left is kept
// apart by Unicode's isolates (U+2068, U+2069), or the list would be read in
// another order than it has.
func labels(pivots []string) string {
	all := make([]string, len(pivots))
	for i, p := range pivots {
		all[i] = p
		if strings.ContainsFunc(p, rightToLeft) {
			all[i] = "\u2068" + p + "\u2069"
		}
	}
	return strings.Join(all, ", ")
}

// rightToLeft covers the blocks of Hebrew, Arabic, Syriac, Thaana, N'Ko and
// their neighbours.
func rightToLeft(r rune) bool {
	return r >= 0x590 && r < 0x900 || r >= 0xfb1d && r < 0xfdff || r >= 0xfe70 && r < 0xfeff || r >= 0x10800 && r < 0x11000 || r >= 0x1e800 && r < 0x1f000
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
