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
	openToken
	closeToken
	andToken
	orToken
	notToken // NOT, or a dash before what it excludes
)

// token is a piece of a query.
type token struct {
	kind   kind
	text   string
	column int // of its first character, from 1
}

// scan cuts a query into tokens; the last is always an endToken. Word
// processors' quotes, dashes and spaces are read as the plain ones.
func scan(query string) ([]token, error) {
	s := scanner{in: []rune(query)}
	if len(s.in) > maxRunes {
		return nil, &QueryError{Column: maxRunes + 1, Message: fmt.Sprintf("the query has %d characters; the limit is %d", len(s.in), maxRunes)}
	}
	for s.at < len(s.in) {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	return append(s.tokens, token{kind: endToken, column: len(s.in) + 1}), nil
}

type scanner struct {
	in     []rune
	at     int
	tokens []token
}

func (s *scanner) add(k kind, text string, at int) {
	s.tokens = append(s.tokens, token{k, text, at + 1})
}

// next reads one token, or what lies between tokens.
func (s *scanner) next() error {
	r := s.in[s.at]
	switch {
	case unicode.IsSpace(r) || ignored(r):
		s.at++
	case r == '(' || r == '（':
		s.add(openToken, "(", s.at)
		s.at++
	case r == ')' || r == '）':
		s.add(closeToken, ")", s.at)
		s.at++
	case isQuote(r):
		return s.phrase()
	case isDash(r):
		if s.at+1 < len(s.in) && excludable(s.in[s.at+1]) {
			s.add(notToken, "-", s.at)
		}
		s.at++
	default:
		return s.word()
	}
	return nil
}

// excludable reports whether a dash before r excludes what begins there.
func excludable(r rune) bool { return startsWord(r) || isQuote(r) || r == '(' || r == '（' }

func (s *scanner) phrase() error {
	begin := s.at
	for s.at++; s.at < len(s.in); s.at++ {
		if isQuote(s.in[s.at]) {
			s.add(phraseToken, string(s.in[begin+1:s.at]), begin)
			s.at++
			return nil
		}
	}
	return &QueryError{begin + 1, "this quote is never closed; put another \" behind the phrase", clip(string(s.in[begin:]))}
}

// word reads up to a space, quote or parenthesis, or to the colon of a field.
func (s *scanner) word() error {
	begin := s.at
	for ; s.at < len(s.in); s.at++ {
		r := s.in[s.at]
		if unicode.IsSpace(r) || isQuote(r) || strings.ContainsRune("()（）", r) {
			break
		}
		if isColon(r) && s.endsField(begin) {
			s.add(fieldToken, strings.ToLower(string(s.in[begin:s.at])), begin)
			s.at++
			return nil
		}
	}
	word := string(s.in[begin:s.at])
	switch word {
	case "AND", "&&":
		s.add(andToken, word, begin)
	case "OR", "||":
		s.add(orToken, word, begin)
	case "NOT":
		s.add(notToken, word, begin)
	default:
		return s.plain(word, begin)
	}
	return nil
}

// plain adds a word; a piece without any letter or digit is punctuation and
// left out.
func (s *scanner) plain(word string, begin int) error {
	if strings.HasPrefix(word, "NEAR/") {
		return &QueryError{begin + 1, "NEAR is not understood yet; write the words without it, or a \"phrase\"", clip(word)}
	}
	if strings.ContainsRune(word, '*') {
		return &QueryError{begin + 1, "* is not understood yet; write the whole word, whose other forms are found too", clip(word)}
	}
	if strings.IndexFunc(word, startsWord) >= 0 {
		s.add(wordToken, word, begin)
	}
	return nil
}

// endsField reports whether the colon here ends a field's name: letters only
// before it, and it is neither an address's nor the last of a clause.
func (s *scanner) endsField(begin int) bool {
	for _, r := range s.in[begin:s.at] {
		if r >= unicode.MaxASCII || !unicode.IsLetter(r) {
			return false
		}
	}
	return s.at > begin && (s.at+1 == len(s.in) || s.in[s.at+1] != '/')
}

func isQuote(r rune) bool { return strings.ContainsRune("\"“”„‟«»＂", r) }
func isDash(r rune) bool  { return strings.ContainsRune("-–—−‐‑", r) }
func isColon(r rune) bool { return r == ':' || r == '：' }

// clip shortens a piece of a query for a message.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
