package diff

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// token is a word, a figure, a letter of a script without spaces, or a sign.
type token struct {
	text   string // as written
	key    string // what it is compared by
	at     int    // where it starts, in bytes
	figure bool
}

func (t *token) end() int { return t.at + len(t.text) }

// tokenize takes text apart. Punctuation is left out.
func tokenize(text string) []token {
	var all []token
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsDigit(r):
			start, end := signed(text, i), figureEnd(text, i)
			all = append(all, token{text[start:end], figureKey(text[start:end]), start, true})
			i = end
			continue
		case unicode.IsLetter(r):
			end := wordEnd(text, i)
			all = append(all, token{text: text[i:end], key: strings.ToLower(norm.NFKC.String(text[i:end])), at: i})
			i = end
			continue
		case unicode.Is(unicode.Sc, r) || strings.ContainsRune("%％٪‰°", r):
			all = append(all, token{text: text[i : i+size], key: norm.NFKC.String(text[i : i+size]), at: i})
		}
		i += size
	}
	return all
}

// unspaced are the scripts that write words without spaces between them: each
// of their letters is a token.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// wordEnd is where the word that starts at i ends. Marks belong to the letter
// before them, an apostrophe between letters to its word.
func wordEnd(text string, i int) int {
	first, size := utf8.DecodeRuneInString(text[i:])
	i += size
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsMark(r):
		case unspaced(first):
			return i
		case unicode.IsLetter(r) && !unspaced(r):
		case r == '\'' || r == '’':
			if next, _ := utf8.DecodeRuneInString(text[i+size:]); !unicode.IsLetter(next) {
				return i
			}
		default:
			return i
		}
		i += size
	}
	return i
}

// groupers part the digits of a figure; what they mean differs by language.
const groupers = ".,'’٫٬\u00a0\u202f"

// figureEnd is where the figure that starts at i ends: digits, and a single
// mark between two of them.
func figureEnd(text string, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsDigit(r) {
			next, _ := utf8.DecodeRuneInString(text[i+size:])
			if !strings.ContainsRune(groupers, r) || !unicode.IsDigit(next) {
				return i
			}
		}
		i += size
	}
	return i
}

// signed is where the figure that starts at i starts with its minus sign, if it
// has one: a dash after a space and before a digit.
func signed(text string, i int) int {
	dash, size := utf8.DecodeLastRuneInString(text[:i])
	if dash != '-' && dash != '−' {
		return i
	}
	if before, _ := utf8.DecodeLastRuneInString(text[:i-size]); i == size || unicode.IsSpace(before) {
		return i - size
	}
	return i
}

// figureKey writes a figure one way whatever the language: digits 0 to 9, no
// thousands marks, a point before decimals. A mark before exactly three digits
// is taken for a thousands mark: 1.250 is read as in Jakarta and Berlin.
func figureKey(text string) string {
	parts := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) })
	var b strings.Builder
	if r, _ := utf8.DecodeRuneInString(text); !unicode.IsDigit(r) {
		b.WriteByte('-')
	}
	for i, part := range parts {
		if i > 0 && utf8.RuneCountInString(part) != 3 {
			b.WriteByte('.')
		}
		for _, r := range part {
			b.WriteByte('0' + digit(r))
		}
	}
	return b.String()
}

// digit is the value of a decimal digit of any script: Unicode encodes each
// script's ten in a row, in order, and a range of the table holds whole rows.
func digit(r rune) byte {
	for _, rows := range unicode.Nd.R16 {
		if uint16(r) >= rows.Lo && r <= rune(rows.Hi) && r <= 0xffff {
			return byte((r - rune(rows.Lo)) % 10)
		}
	}
	for _, rows := range unicode.Nd.R32 {
		if uint32(r) >= rows.Lo && uint32(r) <= rows.Hi {
			return byte((r - rune(rows.Lo)) % 10)
		}
	}
	return 0
}
