package index

import (
	"fmt"
	"strings"
	"unicode"
)

// kind says what a token of a query is.
type kind int

const (
	endToken kind = iota
	wordToken
	phraseToken
	fieldToken // text is the field's name, without the colon
	casedToken // cs, before its parenthesis
	openToken
	closeToken
	andToken
	orToken
	notToken // NOT, or a dash before what it excludes
	nearToken
)

// token is a piece of a query.
type token struct {
	kind   kind
	text   string // as the language has it, see [plainRune]
	typed  string // as it was typed, for messages
	column int    // of its first character, from 1
}

// scan cuts a query into tokens; the last is always an endToken. Word
// processors' quotes, dashes, spaces and wide characters are read as the plain
// ones, character by character, so that columns stay those of what was typed.
func scan(query string) ([]token, error) {
	s := scanner{typed: []rune(query)}
	if len(s.typed) > maxRunes {
		return nil, &QueryError{Column: maxRunes + 1, Message: fmt.Sprintf("the query has %d characters; the limit is %d", len(s.typed), maxRunes)}
	}
	s.in = make([]rune, len(s.typed))
	for i, r := range s.typed {
		s.in[i] = plainRune(r)
	}
	for s.at < len(s.in) {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	return append(s.tokens, token{kind: endToken, column: len(s.in) + 1}), nil
}

// plainRune is a character as the language knows it: one quote, one dash, and
// no wide forms, which editors of Chinese and Japanese put where others do not.
func plainRune(r rune) rune {
	switch {
	case r < 0x80:
		return r
	case 0xFF01 <= r && r <= 0xFF5E: // wide forms of ASCII
		return r - 0xFF01 + '!'
	case isQuote(r):
		return '"'
	}
	return r
}

type scanner struct {
	typed  []rune
	in     []rune // typed, each as a plainRune
	at     int
	tokens []token
}

// add adds the token that began at begin and ends before at.
func (s *scanner) add(k kind, text string, begin int) {
	s.tokens = append(s.tokens, token{k, text, string(s.typed[begin:s.at]), begin + 1})
}

// last is the kind of the token before.
func (s *scanner) last() kind {
	if len(s.tokens) == 0 {
		return endToken
	}
	return s.tokens[len(s.tokens)-1].kind
}

// one adds a token of one character.
func (s *scanner) one(k kind, text string) {
	s.at++
	s.add(k, text, s.at-1)
}

// next reads one token, or what lies between tokens.
func (s *scanner) next() error {
	r := s.in[s.at]
	switch {
	case unicode.IsSpace(r) || ignored(r):
		s.at++
	case r == '(':
		s.one(openToken, "(")
	case r == ')':
		s.one(closeToken, ")")
	case r == '"':
		return s.phrase()
	case isDash(r):
		if s.at+1 < len(s.in) && excludable(s.in[s.at+1]) {
			s.one(notToken, "-")
			return nil
		}
		if s.last() == fieldToken {
			return s.word()
		}
		s.at++
	default:
		return s.word()
	}
	return nil
}

// excludable reports whether a dash before r excludes what begins there.
func excludable(r rune) bool { return startsWord(r) || strings.ContainsRune(`"(*?`, r) }

func (s *scanner) phrase() error {
	begin := s.at
	for s.at++; s.at < len(s.in); s.at++ {
		if s.in[s.at] == '"' {
			s.at++
			s.add(phraseToken, string(s.in[begin+1:s.at-1]), begin)
			return nil
		}
	}
	return &QueryError{begin + 1, "this quote is never closed; put another \" behind the phrase", clip(string(s.typed[begin:]))}
}

// word reads up to a space, quote or parenthesis, or to the colon of a field.
func (s *scanner) word() error {
	begin := s.at
	for ; s.at < len(s.in); s.at++ {
		r := s.in[s.at]
		if unicode.IsSpace(r) || r == '"' || r == ')' {
			break
		}
		if r == '(' {
			return s.before(begin)
		}
		if r == ':' && s.endsField(begin) {
			s.at++
			s.add(fieldToken, strings.ToLower(string(s.in[begin:s.at-1])), begin)
			return nil
		}
	}
	s.plain(begin)
	return nil
}

// before adds a word that touches an opening parenthesis: cs( is one thing.
func (s *scanner) before(begin int) error {
	if strings.EqualFold(string(s.in[begin:s.at]), "cs") {
		s.add(casedToken, "cs", begin)
		return nil
	}
	s.plain(begin)
	return nil
}

// plain adds an operator or a word; a piece without any letter or digit is
// punctuation and left out, except where a field needs something.
func (s *scanner) plain(begin int) {
	word := string(s.in[begin:s.at])
	switch word {
	case "AND", "&&":
		s.add(andToken, word, begin)
	case "OR", "||":
		s.add(orToken, word, begin)
	case "NOT":
		s.add(notToken, word, begin)
	default:
		if isNear(word) {
			s.add(nearToken, word, begin)
		} else if strings.IndexFunc(word, startsWord) >= 0 || strings.ContainsRune(word, '*') || s.last() == fieldToken {
			s.add(wordToken, word, begin)
		}
	}
}

// isNear reports whether a word is NEAR/5 or w/5, or tries to be one.
func isNear(word string) bool {
	head, _, slash := strings.Cut(word, "/")
	if slash {
		return strings.EqualFold(head, "near") || strings.EqualFold(head, "w")
	}
	return strings.TrimRight(word, "0123456789~") == "NEAR"
}

// endsField reports whether the colon here ends a field's name: letters only
// before it, and it is not an address's.
func (s *scanner) endsField(begin int) bool {
	for _, r := range s.in[begin:s.at] {
		if r >= unicode.MaxASCII || !unicode.IsLetter(r) {
			return false
		}
	}
	return s.at > begin && (s.at+1 == len(s.in) || s.in[s.at+1] != '/')
}

func isQuote(r rune) bool {
	return strings.ContainsRune("\"“”„‟«»‹›＂「」『』〝〞", r)
}
func isDash(r rune) bool { return strings.ContainsRune("-–—−‐‑", r) }

// plainDashes writes a date or range with plain dashes.
func plainDashes(s string) string {
	return strings.Map(func(r rune) rune {
		if isDash(r) {
			return '-'
		}
		return r
	}, s)
}

// clip shortens a piece of a query for a message.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
