package content

import "unicode"

// script is a way of writing that a text is first sorted by. languages.bin holds
// these numbers: make it anew when they change.
type script uint8

const (
	noScript script = iota
	latin
	cyrillic
	arabic
	devanagari
	bengali
	hebrew
	ethiopic
	tibetan
	myanmar
	han
	kana
	hangul
	greek
	thai
	lao
	khmer
	georgian
	armenian
	tamil
	telugu
	kannada
	malayalam
	gujarati
	gurmukhi
	oriya
	sinhala
	thaana
	tifinagh
	syllabics
	cherokee
	nko
	mongolian
	yi
	olChiki
	scripts // how many there are
)

// only names the language of scripts that, in the news, write one. The others
// are told apart by their words.
var only = [scripts]string{
	han: "zh", kana: "ja", hangul: "ko", greek: "el", thai: "th", lao: "lo", khmer: "km", georgian: "ka", armenian: "hy",
	tamil: "ta", telugu: "te", kannada: "kn", malayalam: "ml", gujarati: "gu", gurmukhi: "pa", oriya: "or", sinhala: "si",
	thaana: "dv", tifinagh: "zgh", syllabics: "iu", cherokee: "chr", nko: "nqo", mongolian: "mn", yi: "ii", olChiki: "sat",
}

// scriptOf is the script of a letter, of anything else noScript. Blocks of
// Unicode are exact enough, and much faster than its script property.
func scriptOf(r rune) script {
	switch {
	case r < 0x80:
		if c := r | 0x20; c >= 'a' && c <= 'z' {
			return latin
		}
		return noScript
	case r < 0x250:
		if unicode.IsLetter(r) {
			return latin
		}
		return noScript
	}
	for _, b := range scriptBlocks {
		if r <= b.last {
			if r >= b.first {
				return b.script
			}
			return noScript
		}
	}
	return noScript
}

// scriptBlocks is in order of code points, from Unicode's Blocks.txt; blocks of
// marks and letters that no news is written in are left out.
var scriptBlocks = []struct {
	first, last rune
	script      script
}{
	{0x0250, 0x02af, latin}, // phonetic letters, of which African spellings use some
	{0x0300, 0x036f, latin}, // combining marks, which the other scripts here have their own of
	{0x0370, 0x03ff, greek},
	{0x0400, 0x052f, cyrillic},
	{0x0531, 0x0587, armenian},
	{0x0591, 0x05f4, hebrew},
	{0x0610, 0x065f, arabic},
	{0x066e, 0x06ef, arabic},
	{0x06fa, 0x06ff, arabic},
	{0x0750, 0x077f, arabic},
	{0x0780, 0x07bf, thaana},
	{0x07ca, 0x07ff, nko},
	{0x08a0, 0x08ff, arabic},
	{0x0900, 0x0963, devanagari},
	{0x0971, 0x097f, devanagari},
	{0x0980, 0x09e3, bengali},
	{0x09f0, 0x09f1, bengali},
	{0x0a00, 0x0a65, gurmukhi},
	{0x0a70, 0x0a75, gurmukhi},
	{0x0a80, 0x0ae3, gujarati},
	{0x0b00, 0x0b63, oriya},
	{0x0b80, 0x0bd0, tamil},
	{0x0c00, 0x0c63, telugu},
	{0x0c80, 0x0ce3, kannada},
	{0x0d00, 0x0d63, malayalam},
	{0x0d80, 0x0df3, sinhala},
	{0x0e01, 0x0e4e, thai},
	{0x0e80, 0x0ece, lao},
	{0x0f00, 0x0f14, tibetan},
	{0x0f35, 0x0fbc, tibetan},
	{0x1000, 0x103f, myanmar},
	{0x1050, 0x108f, myanmar},
	{0x10a0, 0x10ff, georgian},
	{0x1100, 0x11ff, hangul},
	{0x1200, 0x135f, ethiopic},
	{0x1380, 0x138f, ethiopic},
	{0x13a0, 0x13ff, cherokee},
	{0x1400, 0x167f, syllabics},
	{0x1780, 0x17d3, khmer},
	{0x1820, 0x18aa, mongolian},
	{0x1c50, 0x1c7d, olChiki},
	{0x1c90, 0x1cbf, georgian},
	{0x1e00, 0x1eff, latin},
	{0x1f00, 0x1fff, greek},
	{0x2c60, 0x2c7f, latin},
	{0x2d00, 0x2d2f, georgian},
	{0x2d30, 0x2d7f, tifinagh},
	{0x2d80, 0x2ddf, ethiopic},
	{0x3005, 0x3007, han},
	{0x3041, 0x30ff, kana},
	{0x3130, 0x318f, hangul},
	{0x31f0, 0x31ff, kana},
	{0x3400, 0x4dbf, han},
	{0x4e00, 0x9fff, han},
	{0xa000, 0xa4cf, yi},
	{0xa640, 0xa69f, cyrillic},
	{0xa720, 0xa7ff, latin},
	{0xac00, 0xd7ff, hangul},
	{0xf900, 0xfaff, han},
	{0xfb00, 0xfb06, latin},
	{0xfb1d, 0xfb4f, hebrew},
	{0xfb50, 0xfdff, arabic},
	{0xfe70, 0xfefc, arabic},
	{0xff21, 0xff5a, latin},
	{0xff66, 0xff9d, kana},
	{0x20000, 0x3ffff, han},
}
