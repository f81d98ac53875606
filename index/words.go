package index

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// longestWord is how many bytes of a word count; what is longer is no word of
// any language but a number, a hash or a mistake.
const longestWord = 120

// words calls yield with every word of text, folded, and where it stands, in
// bytes, until yield returns false.
//
// Words end at whatever is neither letter, digit nor mark, so "Putin's" is two
// and "COVID-19" is two: a phrase of the same words finds them again. A script
// that puts no spaces between words gives one word a character; so does Hangul,
// whose particles stick to the word.
func words(text string, yield func(word string, start, end int) bool) {
	spans(text, func(start, end int) bool {
		word := foldSpan(text, start, end)
		return word == "" || yield(word, start, end)
	})
}

// spans calls yield with where every word of text stands, until yield returns
// false. A few are of characters that folding leaves out, and are no words.
func spans(text string, yield func(start, end int) bool) {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf && !asciiWord(c) {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !startsWord(r) {
			i += size
			continue
		}
		end := wordEnd(text, i+size, alone(r))
		if !yield(i, end) {
			return
		}
		i = end
	}
}

// foldSpan is the word that stands there, folded.
func foldSpan(text string, start, end int) string {
	return fold(text[start:min(end, start+longestWord)])
}

// wordEnd is where the word whose first character ends at i ends.
func wordEnd(text string, i int, single bool) int {
	for i < len(text) {
		if c := text[i]; c < utf8.RuneSelf {
			if single || !asciiWord(c) {
				break
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !joins(r) && (single || !startsWord(r) || alone(r)) {
			break
		}
		i += size
	}
	return i
}

func asciiWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func startsWord(r rune) bool {
	if r < utf8.RuneSelf {
		return asciiWord(byte(r))
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r)
}

// alone reports whether a letter is a word of its own. Some belong to several
// scripts and so to none: those of the blocks for Chinese and Japanese, such as
// 〆, and the mark that prolongs a vowel, ー, also in half width.
func alone(r rune) bool {
	return r >= 0x0E00 && (0x3000 <= r && r <= 0x33FF || r == '\uFF70' || unicode.In(r, unicode.Han, unicode.Hiragana,
		unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan))
}

// joins reports whether a character belongs to the word before it: marks, the
// voicing marks of half-width kana among them, which Unicode has as letters, and
// what is invisible.
func joins(r rune) bool {
	return unicode.IsMark(r) || ignored(r) || r == '\uFF9E' || r == '\uFF9F'
}

// ignored reports whether a character inside a word is invisible: soft hyphens,
// joiners, direction marks.
func ignored(r rune) bool { return r >= 0xAD && unicode.Is(unicode.Cf, r) }

// fold brings the spellings of a word together: lower case, without accents,
// compatible forms as the plain ones.
func fold(word string) string {
	if isASCII(word) {
		return strings.ToLower(word)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(word) {
		if dropped(r) {
			continue
		}
		r = unicode.ToLower(r)
		if plain, ok := plainLetters(r); ok {
			b.WriteString(plain)
		} else if r != utf8.RuneError {
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// dropped reports whether folding leaves a character out: accents of European
// scripts, vowel signs of Hebrew and Arabic that most texts leave unwritten,
// and what is invisible.
func dropped(r rune) bool {
	return 0x0300 <= r && r <= 0x036F || 0x0591 <= r && r <= 0x05C7 || 0x064B <= r && r <= 0x065F ||
		r == 0x0640 || r == 0x0670 || ignored(r)
}

// plainLetters gives the plain spelling of letters that Unicode does not
// decompose, and of Arabic letters that writers and keyboards interchange.
func plainLetters(r rune) (string, bool) {
	switch r {
	case 'ß':
		return "ss", true
	case 'æ':
		return "ae", true
	case 'œ':
		return "oe", true
	case 'ø':
		return "o", true
	case 'đ', 'ð':
		return "d", true
	case 'ł':
		return "l", true
	case 'þ':
		return "th", true
	case 'ı':
		return "i", true
	case 'ς':
		return "σ", true
	case 'ی', 'ى':
		return "ي", true
	case 'ک':
		return "ك", true
	case 'ة':
		return "ه", true
	}
	return "", false
}

// foldWords is all words of a text.
func foldWords(text string) []string {
	var all []string
	words(text, func(w string, _, _ int) bool {
		all = append(all, w)
		return true
	})
	return all
}
