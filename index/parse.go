package index

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// queryFields are the names a query may put before a colon.
var queryFields = []string{"title", "outlet", "lang", "agency", "tag", "after", "before"}

// parse understands the text of a query. An empty text is everything.
func parse(query string, loc *time.Location) (expr, error) {
	tokens, err := scan(query)
	if err != nil {
		return nil, err
	}
	p := parser{tokens: tokens, loc: loc}
	if p.loc == nil {
		p.loc = time.UTC
	}
	if p.peek().kind == endToken {
		if strings.TrimSpace(query) != "" {
			return nil, &QueryError{1, "there is no word in it", clip(query)}
		}
		return allOf{}, nil
	}
	e, err := p.anyOf("")
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind == closeToken {
		return nil, &QueryError{t.column, "this parenthesis was never opened", ")"}
	}
	return e, nil
}

// parser reads tokens by recursive descent. Every method that takes a field
// reads what stands in it: empty, everything but the fields with names.
type parser struct {
	tokens []token
	at     int
	depth  int
	words  int
	loc    *time.Location
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != endToken {
		p.at++
	}
	return t
}

// anyOf = allOf { OR allOf }
func (p *parser) anyOf(field string) (expr, error) {
	var parts anyOf
	for {
		e, err := p.allOf(field)
		if err != nil {
			return nil, err
		}
		parts = append(parts, e)
		if p.peek().kind != orToken {
			break
		}
		p.take()
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return parts, nil
}

// allOf = unary { [AND] unary }
func (p *parser) allOf(field string) (expr, error) {
	var parts allOf
	for {
		e, err := p.unary(field)
		if err != nil {
			return nil, err
		}
		parts = append(parts, e)
		switch p.peek().kind {
		case andToken:
			p.take()
			continue
		case orToken, closeToken, endToken:
		default:
			continue
		}
		break
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return parts, nil
}

// unary = { NOT } ( group | field | phrase | word )
func (p *parser) unary(field string) (expr, error) {
	p.depth++
	defer func() { p.depth-- }()
	t := p.take()
	if p.depth > maxDepth {
		return nil, &QueryError{t.column, fmt.Sprintf("more than %d levels of parentheses and NOT", maxDepth), ""}
	}
	switch t.kind {
	case notToken:
		if err := p.wants(t, "excludes what follows it, but nothing does"); err != nil {
			return nil, err
		}
		part, err := p.unary(field)
		return not{part}, err
	case openToken:
		return p.group(t, field)
	case fieldToken:
		return p.field(t)
	case phraseToken, wordToken:
		return p.operand(t, field)
	}
	return nil, p.missing(t)
}

// wants fails if no operand follows the token.
func (p *parser) wants(t token, message string) error {
	if k := p.peek().kind; k == endToken || k == closeToken {
		return &QueryError{t.column, t.text + " " + message, ""}
	}
	return nil
}

// missing is the error of a token that stands where an operand should.
func (p *parser) missing(t token) error {
	switch t.kind {
	case andToken, orToken:
		return &QueryError{t.column, fmt.Sprintf("%s joins what stands before and behind it, and one is missing; for the word itself write \"%s\"", t.text, strings.ToLower(t.text)), t.text}
	case closeToken:
		if p.at > 1 && p.tokens[p.at-2].kind == openToken {
			return &QueryError{t.column, "there is nothing between these parentheses", "()"}
		}
		return &QueryError{t.column, "this parenthesis was never opened, or something is missing before it", ")"}
	}
	return &QueryError{t.column, "the query ends where a word is missing", ""}
}

func (p *parser) group(open token, field string) (expr, error) {
	if p.peek().kind == endToken {
		return nil, &QueryError{open.column, "this parenthesis is never closed", "("}
	}
	e, err := p.anyOf(field)
	if err != nil {
		return nil, err
	}
	if p.take().kind != closeToken {
		return nil, &QueryError{open.column, "this parenthesis is never closed", "("}
	}
	return e, nil
}

func (p *parser) field(t token) (expr, error) {
	if !slices.Contains(queryFields, t.text) {
		return nil, &QueryError{t.column, unknownField(t.text), t.text + ":"}
	}
	if err := p.wants(token{text: t.text + ":", column: t.column}, "needs a word behind it"); err != nil {
		return nil, err
	}
	if k := p.peek().kind; k == wordToken || k == phraseToken {
		return p.operand(p.take(), t.text)
	} else if k != openToken {
		return nil, &QueryError{p.peek().column, t.text + ": needs a word, a phrase or a group in parentheses behind it", p.peek().text}
	}
	return p.unary(t.text)
}

func unknownField(name string) string {
	for _, f := range queryFields {
		if len(name) > 1 && (strings.HasPrefix(f, name) || strings.HasPrefix(name, f) || oneEditApart(name, f)) {
			return fmt.Sprintf("there is no field %s:, perhaps %s: was meant", name, f)
		}
	}
	return fmt.Sprintf("there is no field %s:; there are %s:. To search the word itself put a space before the colon", name, strings.Join(queryFields, ": "))
}

// oneEditApart reports whether two words of letters differ in one character
// put in, left out or changed, or in two neighbours that changed places.
func oneEditApart(a, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	a, b = a[i:], b[i:]
	if a == "" || b == "" {
		return len(a)+len(b) == 1
	}
	swapped := len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
	return a[1:] == b[1:] || a == b[1:] || a[1:] == b || swapped
}

// operand is a word or phrase in a field.
func (p *parser) operand(t token, field string) (expr, error) {
	switch field {
	case "", "title":
		found := foldWords(t.text)
		if len(found) == 0 {
			return nil, &QueryError{t.column, "there is no word in these quotes", clip(t.text)}
		}
		if p.words += len(found); p.words > maxWords {
			return nil, &QueryError{t.column, fmt.Sprintf("the query has more than %d words", maxWords), clip(t.text)}
		}
		return wording{original: t.text, words: found, title: field == "title", exact: t.kind == phraseToken}, nil
	case "after", "before":
		return p.date(t, field)
	}
	v := foldValue(t.text)
	if v == "" {
		return nil, &QueryError{t.column, "there is nothing in these quotes", ""}
	}
	if p.words++; p.words > maxWords {
		return nil, &QueryError{t.column, fmt.Sprintf("the query has more than %d words", maxWords), clip(t.text)}
	}
	return value{field, v}, nil
}

// date reads a day, month, year or minute; after: and before: both mean its
// beginning.
func (p *parser) date(t token, field string) (expr, error) {
	for _, layout := range []string{"2006-01-02", "2006-01", "2006", "2006-01-02T15:04"} {
		at, err := time.ParseInLocation(layout, t.text, p.loc)
		if err != nil {
			continue
		}
		if field == "after" {
			return arrived{since: at}, nil
		}
		return arrived{until: at}, nil
	}
	return nil, &QueryError{t.column, field + ": needs a date such as 2026-05-01, 2026-05 or 2026-05-01T07:00", clip(t.text)}
}
