package index

import (
	"fmt"
	"strings"
	"time"
)

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
		return nil, t.wrong("this parenthesis was never opened")
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
	wild   int
	tails  int
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

// wrong is a mistake at the token.
func (t token) wrong(format string, args ...any) error {
	return &QueryError{t.column, fmt.Sprintf(format, args...), clip(t.typed)}
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

// allOf = negated { [AND] negated }
func (p *parser) allOf(field string) (expr, error) {
	var parts allOf
	for {
		e, err := p.negated(field)
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

// deeper counts one level more until the function it gives is called.
func (p *parser) deeper(t token) (func(), error) {
	p.depth++
	if p.depth > maxDepth {
		return nil, &QueryError{t.column, fmt.Sprintf("more than %d levels of parentheses and NOT", maxDepth), ""}
	}
	return func() { p.depth-- }, nil
}

// negated = { NOT } chain
func (p *parser) negated(field string) (expr, error) {
	t := p.peek()
	if t.kind != notToken {
		return p.chain(field)
	}
	p.take()
	done, err := p.deeper(t)
	if err != nil {
		return nil, err
	}
	defer done()
	if p.peek().kind == nearToken {
		return nil, p.peek().wrong("NOT and %s cannot be joined; write NOT (one %s other)", p.peek().text, p.peek().text)
	}
	if err := p.wants(t, "excludes what follows it, but nothing does"); err != nil {
		return nil, err
	}
	part, err := p.negated(field)
	return not{part}, err
}

// chain = unary { NEAR/n unary }
func (p *parser) chain(field string) (expr, error) {
	first := p.peek()
	e, err := p.unary(field)
	if err != nil || p.peek().kind != nearToken {
		return e, err
	}
	chain := near{column: p.peek().column}
	group, err := groupOf(e, first, p.peek())
	for {
		if err != nil {
			return nil, err
		}
		chain.groups = append(chain.groups, group)
		if p.peek().kind != nearToken {
			break
		}
		t := p.take()
		if group, err = p.nearTo(t, field, &chain); err != nil {
			return nil, err
		}
	}
	return chain, chain.inOnePlace(first)
}

// nearTo reads the distance of a NEAR and the group behind it.
func (p *parser) nearTo(t token, field string, chain *near) ([]wording, error) {
	within, err := distance(t)
	if err != nil {
		return nil, err
	}
	chain.within = append(chain.within, within)
	if err := p.wants(t, "needs a word behind it"); err != nil {
		return nil, err
	}
	next := p.peek()
	if next.kind == notToken {
		return nil, next.wrong("%s and NOT cannot be joined; write NOT (one %s other)", t.text, t.text)
	}
	e, err := p.unary(field)
	if err != nil {
		return nil, err
	}
	return groupOf(e, next, t)
}

// groupOf gives the words and phrases of one side of a NEAR, which begins at t.
func groupOf(e expr, t, operator token) ([]wording, error) {
	what := "a field"
	switch e := e.(type) {
	case wording:
		return []wording{e}, nil
	case anyOf:
		var all []wording
		for _, part := range e {
			group, err := groupOf(part, t, operator)
			if err != nil {
				return nil, err
			}
			all = append(all, group...)
		}
		return all, nil
	case allOf:
		what = "AND"
	case not:
		what = "NOT"
	case near:
		what = "another NEAR"
	}
	return nil, t.wrong("%s joins words, phrases and (these OR those), not %s", operator.text, what)
}

// inOnePlace holds that a chain does not ask for one side in titles alone: one
// side of a NEAR cannot be in another text than the other.
func (e near) inOnePlace(first token) error {
	for _, g := range e.groups {
		for _, w := range g {
			if w.title != e.groups[0][0].title {
				return first.wrong("NEAR joins what stands in one text; for titles write title:(one NEAR/%d other)", e.within[0])
			}
		}
	}
	return nil
}

// unary = group | field | cased | phrase | word
func (p *parser) unary(field string) (expr, error) {
	t := p.take()
	done, err := p.deeper(t)
	if err != nil {
		return nil, err
	}
	defer done()
	switch t.kind {
	case openToken:
		return p.group(t, field)
	case fieldToken:
		return p.field(t)
	case casedToken:
		return p.cased(t, field)
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
	case nearToken:
		if _, err := distance(t); err != nil {
			return err
		}
		fallthrough
	case andToken, orToken:
		return t.wrong("%s joins what stands before and behind it, and one is missing; for the word itself write \"%s\"", t.text, strings.ToLower(t.text))
	case notToken:
		return t.wrong("NOT cannot stand here; put what it excludes in parentheses with it")
	case closeToken:
		if p.at > 1 && p.tokens[p.at-2].kind == openToken {
			return &QueryError{t.column, "there is nothing between these parentheses", "()"}
		}
		return t.wrong("this parenthesis was never opened, or something is missing before it")
	}
	return &QueryError{t.column, "the query ends where a word is missing", ""}
}

func (p *parser) group(open token, field string) (expr, error) {
	unclosed := open.wrong("this parenthesis is never closed")
	if p.peek().kind == endToken {
		return nil, unclosed
	}
	e, err := p.anyOf(field)
	if err != nil {
		return nil, err
	}
	if p.take().kind != closeToken {
		return nil, unclosed
	}
	return e, nil
}

// cased = cs ( word | phrase )
func (p *parser) cased(t token, field string) (expr, error) {
	if field != "" && field != fieldTitle {
		return nil, t.wrong("cs() is for words of titles and texts; %s: does not tell capitals apart", field)
	}
	p.take() // the parenthesis, which made it a casedToken
	inner := p.take()
	if inner.kind != wordToken && inner.kind != phraseToken {
		return nil, &QueryError{t.column, "cs() holds one word or phrase, such as cs(US) or cs(\"White House\")", "cs("}
	}
	if next := p.take(); next.kind != closeToken {
		if next.kind == endToken {
			return nil, &QueryError{t.column, "this parenthesis is never closed", "cs("}
		}
		return nil, next.wrong("cs() holds one word or phrase; write cs(\"%s …\") for a phrase, or one cs() for each", clip(inner.text))
	}
	e, err := p.wording(inner, field)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(strings.Join(e.words, ""), "*?") {
		return nil, inner.wrong("cs() takes no wildcards")
	}
	e.cased = true
	return e, nil
}

func (p *parser) field(t token) (expr, error) {
	if err := knownField(t); err != nil {
		return nil, err
	}
	if err := p.wants(token{text: t.text + ":", column: t.column}, "needs a word behind it"); err != nil {
		return nil, err
	}
	switch p.peek().kind {
	case wordToken, phraseToken:
		return p.operand(p.take(), t.text)
	case openToken, casedToken:
		return p.unary(t.text)
	}
	return nil, p.peek().wrong("%s: needs a word, a phrase or a group in parentheses behind it", t.text)
}
