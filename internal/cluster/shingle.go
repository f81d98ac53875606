package cluster

import (
	"encoding/binary"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/zeebo/xxh3"
	"golang.org/x/text/unicode/norm"
)

const (
	// shingleLen is the number of tokens in a shingle.
	shingleLen = 5
	// figures is the number of byte values kept for tokens with a digit in
	// them, from 0 up; all others share the rest. So a print tells figures from
	// words, though one pair of figures in 64 looks the same.
	figures = 64
)

// tokenizers are kept, because the memory of one serves the next article too.
var tokenizers = sync.Pool{New: func() any { return new(tokenizer) }}

// tokenizer turns text into hashes of folded tokens, in order. Its zero value
// is ready.
type tokenizer struct {
	word    []byte // the token being read, folded
	run     []rune // a run of a script without spaces
	digits  bool   // word has a digit
	capital bool   // word began with a capital
	inside  bool   // a word of this sentence came before
	out     []token
}

// token is a folded token's hash and what kind it is.
type token struct {
	hash   uint64
	size   int32 // bytes, folded
	figure bool  // has a digit
	name   bool  // written with a capital inside a sentence
}

// byte is the token as a print holds it.
func (t token) byte() byte {
	if t.figure {
		return byte(t.hash >> 32 % figures)
	}
	return figures + byte(t.hash>>32%(256-figures))
}

// tokens reads text and appends its tokens to z.out, until there are max.
// The text is brought to NFKC; case, punctuation, apostrophes within words,
// invisible characters and the optional vowel marks of Arabic and Hebrew are
// dropped. Separators within a figure are dropped, so that 1,750 is one token.
func (z *tokenizer) tokens(text string, max int) {
	if first := len(z.out); !z.read(text, max, false) {
		text = strings.ToValidUTF8(text, " ")
		if norm.NFKC.QuickSpanString(text) != len(text) {
			text = norm.NFKC.String(text)
		}
		z.word, z.run, z.out = z.word[:0], z.run[:0], z.out[:first]
		z.digits, z.capital = false, false
		z.read(text, max, true)
	}
	z.flush()
	if len(z.out) > max {
		z.out = z.out[:max]
	}
}

// read takes in a text that is valid and in NFKC. If that is not known, it gives
// up at the first character for which it may not be so, and reports that it did
// not read to the end: most texts have none, and looking for it beforehand would
// cost as much as the rest.
func (z *tokenizer) read(text string, max int, normal bool) bool {
	all := letters()
	z.inside = false
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
		if len(z.out) >= max {
			break // not before the character was looked at: the one before it may have hung on it
		}
		z.letter(r, l, text[i:])
	}
	return true
}

// letter takes in one character; rest is the text after it.
func (z *tokenizer) letter(r rune, l letter, rest string) {
	switch l.class {
	case classLetter, classCapital:
		z.flushRun()
		if len(z.word) == 0 {
			z.capital = l.class == classCapital
		}
		z.write(l.fold)
	case classFigure:
		z.flushRun()
		z.write(l.fold)
		z.digits = true
	case classMark:
		if len(z.word) == 0 {
			z.flush()
			return
		}
		z.flushRun()
		z.write(l.fold)
	case classRun:
		z.flushWord()
		if len(z.run) > 0 && spaceless(z.run[0]) != spaceless(r) {
			z.flushRun()
		}
		z.run = append(z.run, r)
	case classPoint:
		if !z.within(r, rest) {
			z.flush()
			z.inside = z.inside && r != '.' && r != '!' && r != '?' && r != ':'
		}
	case classGap:
		z.flush()
	}
}

func (z *tokenizer) write(r rune) {
	if r < utf8.RuneSelf {
		z.word = append(z.word, byte(r))
		return
	}
	z.word = utf8.AppendRune(z.word, r)
}

// within reports whether the ASCII mark r stands inside a word or a figure, so
// that it does not end it.
func (z *tokenizer) within(r rune, rest string) bool {
	if len(z.word) == 0 || len(rest) == 0 {
		return false
	}
	next := rest[0]
	switch r {
	case '\'':
		return next >= 'a' && next <= 'z' || next >= 'A' && next <= 'Z' || next >= utf8.RuneSelf
	case '.', ',', ':':
		last := z.word[len(z.word)-1]
		return last >= '0' && last <= '9' && next >= '0' && next <= '9'
	}
	return false
}

func (z *tokenizer) flush() {
	z.flushWord()
	z.flushRun()
}

func (z *tokenizer) flushWord() {
	if len(z.word) == 0 {
		return
	}
	z.out = append(z.out, token{xxh3.Hash(z.word), int32(len(z.word)), z.digits, z.capital && z.inside})
	z.word, z.digits, z.capital, z.inside = z.word[:0], false, false, true
}

// flushRun ends a run of a script without spaces: at every character begins a
// token of as many characters as spaceless says, fewer at the run's end.
func (z *tokenizer) flushRun() {
	if len(z.run) > 0 {
		z.cutRun()
	}
}

func (z *tokenizer) cutRun() {
	n := spaceless(z.run[0])
	for i := range z.run {
		z.word = z.word[:0]
		for _, r := range z.run[i:min(i+n, len(z.run))] {
			z.word = utf8.AppendRune(z.word, r)
		}
		z.out = append(z.out, token{hash: xxh3.Hash(z.word), size: int32(len(z.word))})
	}
	z.word, z.run = z.word[:0], z.run[:0]
}

// class is what a character does to the token being read.
type class uint8

const (
	classNone    class = iota // as if it were not there
	classLetter               // goes on
	classCapital              // goes on, a capital
	classFigure               // goes on, and makes it a figure
	classMark                 // goes on, but begins none
	classRun                  // stands in a run of a script without spaces
	classPoint                // ASCII between words, or within one
	classGap                  // between words
)

// letter is what the tokenizer knows of a character.
type letter struct {
	fold      rune // as a token has it
	class     class
	unsettled bool // NFKC may change it, or a text for having it; or it stands for damage
}

// letterTable holds the characters of the basic plane: asking the tables of
// Unicode anew for each would take most of the time.
type letterTable [1 << 16]letter

var letters = sync.OnceValue(func() *letterTable {
	all := new(letterTable)
	for r := range rune(len(all)) {
		all[r] = letterOf(r)
	}
	return all
})

func (all *letterTable) of(r rune) letter {
	if int(r) < len(all) {
		return all[r]
	}
	return letterOf(r)
}

func letterOf(r rune) letter {
	l := letter{fold: fold(r), class: classOf(r)}
	if l.class == classFigure {
		l.fold = '0' + rune(digitValue(r))
	}
	c := string(r)
	l.unsettled = r == utf8.RuneError || !norm.NFKC.PropertiesString(c).BoundaryBefore() || norm.NFKC.QuickSpanString(c) != len(c)
	return l
}

// classOf asks the tables of Unicode.
func classOf(r rune) class {
	switch {
	case spaceless(r) > 0:
		return classRun
	case optionalMark(r) || r == '’' || r == 'ʼ' || unicode.Is(unicode.Cf, r):
		return classNone
	case unicode.IsDigit(r):
		return classFigure
	case unicode.IsUpper(r):
		return classCapital
	case unicode.IsLetter(r):
		return classLetter
	case unicode.IsMark(r):
		return classMark
	case r < utf8.RuneSelf:
		return classPoint
	}
	return classGap
}

// spaceless returns how many characters make a token in r's script if it is
// written without spaces between words, and 0 if it is not: two of the many
// characters of Chinese and Japanese, four of the few letters of Thai, Lao,
// Burmese and Khmer.
func spaceless(r rune) int {
	switch {
	case r < 0x0E00 || unicode.IsDigit(r):
		return 0
	case r <= 0x0EFF, 0x1000 <= r && r <= 0x109F, 0x1780 <= r && r <= 0x17FF:
		return 4
	case 0x3041 <= r && r <= 0x30FF, 0x31F0 <= r && r <= 0x31FF, 0x3400 <= r && r <= 0x4DBF,
		0x4E00 <= r && r <= 0x9FFF, 0xF900 <= r && r <= 0xFAFF, 0x20000 <= r && r <= 0x3FFFF:
		return 2
	}
	return 0
}

// optionalMark reports whether r is a vowel mark or stretcher that Arabic and
// Hebrew texts may have or lack.
func optionalMark(r rune) bool {
	return 0x0591 <= r && r <= 0x05C7 && unicode.IsMark(r) ||
		0x064B <= r && r <= 0x065F || r == 0x0670 || r == 0x0640
}

// fold drops case; both forms of the Greek sigma become one.
func fold(r rune) rune {
	if r == 'ς' {
		return 'σ'
	}
	return unicode.ToLower(r)
}

// digitValue returns the value of a decimal digit of any script: Unicode keeps
// each script's ten together, in order.
func digitValue(r rune) byte {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	return 0
}

// shingleCount returns how many shingles a print of n tokens has: one for a
// text shorter than a shingle.
func shingleCount(n int) int {
	if n == 0 {
		return 0
	}
	return max(n-shingleLen+1, 1)
}

// shingleAt returns the shingle that begins at print[i] as a number: its bytes,
// and its length on top, so that short texts differ from parts of long ones.
func shingleAt(print []byte, i int) uint64 {
	if i+8 <= len(print) {
		return binary.BigEndian.Uint64(print[i:])>>(8*(8-shingleLen)) | shingleLen<<(8*shingleLen)
	}
	var s uint64
	n := min(shingleLen, len(print)-i)
	for _, b := range print[i : i+n] {
		s = s<<8 | uint64(b)
	}
	return s | uint64(n)<<(8*shingleLen)
}

// mix spreads a shingle's bits evenly (the finaliser of SplitMix64, Steele,
// Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
