package residue

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"kliping/internal/news"
)

// How far from an end of the text a shape is believed: the number of kept
// blocks that may lie between is one less. Shapes that an article could have
// too are believed at the very end only.
const (
	reachEnd  = 1
	reachNear = 2
	reachEdge = 4
)

// ruleNumber is the rule for a block that is a small number: "- 0", "(12)". A
// text with more than maxNumbers of them has a table.
const (
	ruleNumber = "number"
	maxNumbers = 2
)

// shape judges a block by what it looks like, in any language.
func (c *Cleaner) shape(b news.Block, f *folded) verdict {
	rule, reach := "", 0
	switch {
	case b.Kind == news.Code:
	case f.len() == 0 && !isEllipsis(b.Text):
		rule, reach = "punctuation", reachEnd
	case isAddress(b.Text):
		rule, reach = "address", reachNear
	case f.len() > 8:
	case isHandle(b.Text):
		rule, reach = "handle", reachNear
	case c.signed(b.Text, f):
		rule, reach = "handle", reachNear
	case f.len() == 1 && isNumber(f.word(0)) && len(f.word(0)) <= 3:
		rule, reach = ruleNumber, reachNear
	case isCounter(b.Text, f):
		rule, reach = "counter", reachNear
	case c.isDate(f):
		rule, reach = "date", reachEnd
	}
	if rule == "" {
		return verdict{}
	}
	return verdict{strip: &news.Strip{Evidence: news.ByShape, Rule: rule}, head: reach, tail: reach}
}

// isEllipsis reports points that trail off: they belong to what they follow.
func isEllipsis(text string) bool {
	return strings.ContainsAny(text, ".…") && strings.Trim(text, "….[]() ") == ""
}

// isAddress reports a block that is one URL or e-mail address.
func isAddress(text string) bool {
	if len(text) < 6 || strings.ContainsAny(text, " \t\n\u00a0") {
		return false
	}
	if strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "www.") {
		return true
	}
	name, host, ok := strings.Cut(text, "@")
	return ok && name != "" && strings.Contains(host, ".") && !strings.Contains(host, "@")
}

// isHandle reports a user name standing alone: letters without capitals, then
// figures; or a name behind an at sign.
func isHandle(text string) bool {
	text = strings.TrimSpace(text)
	if name, ok := strings.CutPrefix(text, "@"); ok {
		return name != "" && !strings.ContainsAny(name, " \t")
	}
	letters, figures, joints := 0, 0, 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			figures++
		case unicode.IsLower(r) && figures == 0, unicode.In(r, unicode.Lo) && figures == 0:
			letters++
		case unicode.IsUpper(r) && letters == 0:
			letters++
		case (r == '_' || r == '.' || r == '-') && letters > 0:
			joints++
		default:
			return false
		}
	}
	return letters >= 3 && figures >= 2 && figures <= 6 && joints <= 2 && !strings.HasSuffix(text, ".") &&
		unicode.IsLower(firstRune(text)) || letters >= 3 && joints > 0 && figures > 0 && unicode.IsLower(firstRune(text))
}

func firstRune(text string) rune {
	r, _ := utf8.DecodeRuneInString(text)
	return r
}

// signed reports a user name behind a word for "by".
func (c *Cleaner) signed(text string, f *folded) bool {
	words := strings.Fields(text)
	if len(words) < 2 || len(words) > 3 || !isHandle(words[len(words)-1]) {
		return false
	}
	return c.lexicon.byLen(f) > 0
}

// isCounter reports a line that counts nothing: "0 Comments", "Kommentare: 0".
// Other numbers beside words need a word that the lexicon knows.
func isCounter(text string, f *folded) bool {
	numbers, zero := 0, false
	for i := range f.len() {
		if w := f.word(i); isNumber(w) {
			numbers++
			zero = len(w) == 1 && w[0] == '0'
		}
	}
	if words := f.len() - numbers; numbers != 1 || !zero || words == 0 || words > 2 {
		return false
	}
	return isNumber(f.word(0)) && !strings.ContainsAny(text, ",;") || strings.ContainsAny(text, ":(：")
}

// isYear reports a number that, from 1900 to 2099, can be a year.
func isYear(word []byte) bool {
	return len(word) == 4 && isNumber(word) && (word[0] == '1' && word[1] == '9' || word[0] == '2' && word[1] == '0')
}

func isNumber(word []byte) bool {
	for len(word) > 0 {
		r, size := utf8.DecodeRune(word)
		if !letters().of(r).digit {
			return false
		}
		word = word[size:]
	}
	return true
}

// isDate reports a line that is a date or a time and nothing else.
func (c *Cleaner) isDate(f *folded) bool {
	numbers, years, other := 0, 0, 0
	for i := range f.len() {
		w := f.word(i)
		switch {
		case !isNumber(w):
			other++
		case isYear(w):
			years++
			numbers++
		case len(w) <= 2:
			numbers++
		default:
			return false
		}
	}
	return years == 1 && numbers >= 2 && numbers <= 5 && other <= 3
}
