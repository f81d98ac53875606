package cluster

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// script groups letters that are read by one set of rules.
type script uint8

const (
	noLetter script = iota
	mark            // part of a word, but skipped: accents, vowel points, joiners
	digit
	latin
	greek
	cyrillic
	armenian
	georgian
	hebrew
	arabic
	indic // the nine scripts of India that Unicode lays out alike
	tamil // among them, but writes one letter for voiced and unvoiced
	sinhala
	thai
	lao
	khmer
	myanmar
	ethiopic
	hangul
	kana
	katakana
	han
	otherScript
)

// cased reports whether the script has capitals that mark names.
func (s script) cased() bool { return s >= latin && s <= armenian }

// unspaced reports whether words stand without spaces between them.
func (s script) unspaced() bool {
	return s == thai || s == lao || s == khmer || s == myanmar || s == kana || s == katakana || s == han
}

// width is how much text a letter of the script carries, in sixteenths of a
// Latin letter: ratios of the lengths of translations, which let positions in
// texts of different scripts be compared.
var width = [otherScript + 1]uint8{
	latin: 16, greek: 15, cyrillic: 16, armenian: 16, georgian: 15, hebrew: 21, arabic: 20, indic: 17, tamil: 14,
	sinhala: 16, thai: 15, lao: 15, khmer: 14, myanmar: 13, ethiopic: 26, hangul: 38, kana: 35, katakana: 35, han: 44,
	otherScript: 16,
}

// alphabet tells what each character of the basic plane is: its script, the
// letter it folds to and the sounds it stands for.
type alphabet struct {
	script [1 << 16]script
	fold   [1 << 16]uint16
	sound  [1 << 16]sounds
	upper  [1 << 16 / 64]uint64 // a bit for each capital
}

// scriptOf is the script of any rune.
func (a *alphabet) scriptOf(r rune) script {
	if r < 1<<16 {
		return a.script[r]
	}
	return scriptBeyond(r)
}

// scriptBeyond is that of a rune beyond the basic plane: only Han and other
// letters are told apart.
func scriptBeyond(r rune) script {
	switch {
	case r >= 0x20000 && r < 0x32000:
		return han
	case unicode.IsLetter(r):
		return otherScript
	}
	return noLetter
}

// isCapital reports a capital letter of a script that has them.
func (a *alphabet) isCapital(r rune) bool {
	return r < 1<<16 && a.upper[r/64]&(1<<(r%64)) != 0
}

func (a *alphabet) foldOf(r rune) rune {
	if r < 1<<16 {
		return rune(a.fold[r])
	}
	return r
}

func newAlphabet() *alphabet {
	a := new(alphabet)
	for _, t := range []struct {
		table *unicode.RangeTable
		is    script
	}{
		{unicode.L, otherScript}, {unicode.M, mark}, {unicode.Nd, digit},
		{unicode.Latin, latin}, {unicode.Greek, greek}, {unicode.Cyrillic, cyrillic}, {unicode.Armenian, armenian},
		{unicode.Georgian, georgian}, {unicode.Hebrew, hebrew}, {unicode.Arabic, arabic},
		{unicode.Devanagari, indic}, {unicode.Bengali, indic}, {unicode.Gurmukhi, indic}, {unicode.Gujarati, indic},
		{unicode.Oriya, indic}, {unicode.Telugu, indic}, {unicode.Kannada, indic}, {unicode.Malayalam, indic},
		{unicode.Tamil, tamil}, {unicode.Sinhala, sinhala}, {unicode.Thai, thai}, {unicode.Lao, lao},
		{unicode.Khmer, khmer}, {unicode.Myanmar, myanmar}, {unicode.Ethiopic, ethiopic}, {unicode.Hangul, hangul},
		{unicode.Hiragana, kana}, {unicode.Katakana, katakana}, {unicode.Han, han},
	} {
		a.mark(t.table, t.is)
	}
	a.script['ー'] = katakana
	a.script['\u200c'], a.script['\u200d'] = mark, mark
	a.script['々'] = han
	for r := range rune(1 << 16) {
		a.fold[r] = uint16(r)
		if unicode.IsUpper(r) {
			a.upper[r/64] |= 1 << (r % 64)
		}
		switch a.script[r] {
		case noLetter, mark, digit, han, hangul, kana, katakana, thai, khmer, lao, myanmar:
		default:
			a.fold[r] = uint16(foldLetter(r))
		}
	}
	a.pronounce()
	return a
}

// mark gives the letters of a table their script. Digits stay digits, and the
// signs of scripts that write their vowels as marks count as letters.
func (a *alphabet) mark(t *unicode.RangeTable, is script) {
	for _, rg := range t.R16 {
		for r := rune(rg.Lo); r <= rune(rg.Hi); r += rune(rg.Stride) {
			old := a.script[r]
			switch {
			case is == otherScript || is == mark || is == digit:
				a.script[r] = is
			case old == mark && (is < indic || is == kana || is == katakana):
			case old == mark && isNukta(r):
			case old == otherScript || old == mark:
				a.script[r] = is
			}
		}
	}
}

// isNukta reports the dot that Indian scripts add for foreign sounds and
// writers leave out at will.
func isNukta(r rune) bool { return r >= 0x900 && r < 0xd00 && r&0x7f == 0x3c }

// folded are letters whose bare form is not their decomposition's first.
var folded = map[rune]rune{
	'ø': 'o', 'đ': 'd', 'ð': 'd', 'ł': 'l', 'ı': 'i', 'ß': 's', 'æ': 'a', 'œ': 'o', 'þ': 't', 'ħ': 'h', 'ŋ': 'n', 'ə': 'a',
	'أ': 'ا', 'إ': 'ا', 'آ': 'ا', 'ٱ': 'ا', 'ى': 'ي', 'ی': 'ي', 'ې': 'ي', 'ے': 'ي', 'ئ': 'ي', 'ؤ': 'و', 'ة': 'ه', 'ہ': 'ه', 'ھ': 'ه', 'ۀ': 'ه', 'ە': 'ه',
	'ک': 'ك', 'ڪ': 'ك', 'ٹ': 'ت', 'ڈ': 'د', 'ڑ': 'ر', 'ں': 'ن',
	'ך': 'כ', 'ם': 'מ', 'ן': 'נ', 'ף': 'פ', 'ץ': 'צ', 'ς': 'σ', 'ё': 'е',
}

// foldLetter is the letter in lower case without accents.
func foldLetter(r rune) rune {
	r = unicode.ToLower(r)
	if f, ok := folded[r]; ok {
		return f
	}
	base, _ := utf8.DecodeRune(norm.NFKD.PropertiesString(string(r)).Decomposition())
	if base >= 1<<16 || !unicode.IsLetter(base) {
		return r
	}
	if f, ok := folded[base]; ok {
		return f
	}
	return unicode.ToLower(base)
}
