package residue

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is a text as rules and prints see it: lower case, without accents,
// punctuation and invisible characters.
type folded struct {
	buf   []byte // the words, one space between two
	ends  []int  // where each word ends in buf
	marks []mark // the punctuation before each word and, last, after them all

	unspaced bool // a character is a word of its own

	// What the lexicon has for it; see find.
	known        []known // for each word
	found, inner []match // patterns, and those of one sentence
}

// texts are kept, because the memory of one serves the next too.
var texts = sync.Pool{New: func() any { return new(folded) }}

// foldText folds a text; whoever calls it releases what it returns.
func foldText(text string) *folded {
	f := texts.Get().(*folded)
	f.fold(text)
	return f
}

func (f *folded) release() { texts.Put(f) }

// mark says what punctuation stands in a gap between words.
type mark uint8

const (
	stop    mark = 1 << iota // a sentence ends
	colon                    // something is announced
	quote                    // a quotation mark
	pause                    // a clause ends: comma or dash
	capital                  // the word behind the gap begins with a capital
	other                    // anything else
)

// len is the number of words. In scripts that put no spaces between words every
// character is one.
func (f *folded) len() int { return len(f.ends) }

// word returns the i-th word; it is valid until the next fold.
func (f *folded) word(i int) []byte {
	start := 0
	if i > 0 {
		start = f.ends[i-1] + 1
	}
	return f.buf[start:f.ends[i]]
}

// fold reads text into f, whose memory is used again.
func (f *folded) fold(text string) {
	if f.read(text, false) {
		return
	}
	if norm.NFKC.QuickSpanString(text) != len(text) {
		text = norm.NFKC.String(text)
	}
	f.read(text, true)
}

// read is fold for text in NFKC. If that is not known, it gives up at the first
// character that NFKC may change and reports that it did not read to the end:
// most texts have none, and looking for it beforehand would cost as much as the
// rest.
func (f *folded) read(text string, normal bool) bool {
	f.buf, f.ends, f.marks, f.unspaced = f.buf[:0], f.ends[:0], append(f.marks[:0], 0), false
	all := letters()
	open := false // a word is being read
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		i += size
		l := all.of(r)
		if l.unsettled && !normal {
			return false
		}
		switch l.class {
		case invisible:
		case wordRune:
			if !open {
				f.begin()
				open = true
				if l.capital {
					f.marks[len(f.marks)-1] |= capital
				}
			}
			f.write(l.fold)
		case loneRune:
			f.close(open)
			f.begin()
			f.write(l.fold)
			f.close(true)
			open, f.unspaced = false, true
		default:
			f.close(open)
			open = false
			if r != ' ' {
				f.marks[len(f.marks)-1] |= punctuation(r, text[i:])
			}
		}
	}
	f.close(open)
	return true
}

func (f *folded) begin() {
	if len(f.buf) > 0 {
		f.buf = append(f.buf, ' ')
	}
}

// close ends the word being read, if one is.
func (f *folded) close(open bool) {
	if open {
		f.ends = append(f.ends, len(f.buf))
		f.marks = append(f.marks, 0)
	}
}

// write appends a folded letter or digit.
func (f *folded) write(r rune) {
	switch {
	case r < utf8.RuneSelf:
		f.buf = append(f.buf, byte(r))
	case r == 'ß':
		f.buf = append(f.buf, "ss"...)
	case r == 'æ':
		f.buf = append(f.buf, "ae"...)
	case r == 'œ':
		f.buf = append(f.buf, "oe"...)
	default:
		f.buf = utf8.AppendRune(f.buf, r)
	}
}

// letter is what fold knows of a character.
type letter struct {
	fold      rune // in lower case and without accents
	class     class
	digit     bool
	capital   bool
	unsettled bool // NFKC may change it, or a text for having it
}

// alphabet holds the characters of the basic plane: asking the tables of Unicode
// anew for each would take most of the time.
type alphabet [1 << 16]letter

var letters = sync.OnceValue(func() *alphabet {
	all := new(alphabet)
	for r := range rune(len(all)) {
		all[r] = letterOf(r)
	}
	return all
})

func (all *alphabet) of(r rune) letter {
	if int(r) < len(all) {
		return all[r]
	}
	return letterOf(r)
}

func letterOf(r rune) letter {
	l := letter{fold: unicode.ToLower(r), class: classOf(r), digit: unicode.IsDigit(r), capital: unicode.IsUpper(r)}
	if unicode.In(l.fold, unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Arabic) {
		l.fold = base(l.fold)
	}
	c := string(r)
	l.unsettled = !norm.NFKC.PropertiesString(c).BoundaryBefore() || norm.NFKC.QuickSpanString(c) != len(c)
	return l
}

// base is the letter without its accents, and one letter for those that writers
// of the same language exchange.
func base(r rune) rune {
	switch r {
	case 'ı':
		return 'i'
	case 'ł':
		return 'l'
	case 'ø':
		return 'o'
	case 'đ', 'ð':
		return 'd'
	case 'ς':
		return 'σ'
	case 'ة', 'ە':
		return 'ه'
	case 'ى', 'ی', 'ې':
		return 'ي'
	case 'ک':
		return 'ك'
	}
	var utf [utf8.UTFMax]byte
	n := utf8.EncodeRune(utf[:], r)
	if d := norm.NFD.Properties(utf[:n]).Decomposition(); len(d) > 0 {
		r, _ = utf8.DecodeRune(d)
	}
	return r
}

// class is what a character does to the words.
type class uint8

const (
	gap       class = iota // between words
	wordRune               // part of a word
	loneRune               // a word of its own
	invisible              // as if it were not there
)

func classOf(r rune) class {
	if r < utf8.RuneSelf {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return wordRune
		}
		return gap
	}
	switch {
	case isVowelSign(r), r == 'ـ':
		return invisible
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		if r < firstLone && unicode.IsPunct(r) {
			return gap // Khmer and Burmese have their own
		}
		return loneRune
	case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r):
		return wordRune
	case unicode.Is(unicode.Cf, r):
		return invisible
	}
	return gap
}

// isVowelSign reports marks that the same word is written with and without:
// combining accents, the points of Hebrew and Arabic, the nukta of Indic
// scripts.
func isVowelSign(r rune) bool {
	switch {
	case 0x0300 <= r && r <= 0x036F, 0x0591 <= r && r <= 0x05C7, 0x064B <= r && r <= 0x065F, r == 0x0670:
		return true
	case r == 0x093C, r == 0x09BC, r == 0x0A3C, r == 0x0ABC, r == 0x0B3C, r == 0x0CBC:
		return true
	}
	return false
}

// punctuation classes one character between words; rest is the text after it.
func punctuation(r rune, rest string) mark {
	switch r {
	case ' ', '\t', '\n', '\r', '\u00a0':
		return 0
	case '!', '?', '…', '。', '؟', '।', '۔', '։', '።', '။', '។', '|', '·', '•', '»':
		if r == '»' {
			return quote
		}
		return stop
	case '.':
		if rest == "" || rest[0] == ' ' || rest[0] == '"' || strings.HasPrefix(rest, "”") {
			return stop
		}
		return other
	case ':', '>', '›', '՝', '៖', '፡', '፦': // Armenian, Khmer and Ethiopic have their own
		return colon
	case ',', '，', '、', '،', '፣', '၊', '—', '–':
		return pause
	case '"', '“', '”', '„', '«', '「', '」', '『', '』':
		return quote
	}
	return other
}
