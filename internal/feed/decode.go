package feed

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	encunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// decode makes text of a feed's bytes, whatever their character set, and says
// what it had to mend. The text is valid UTF-8.
//
// What counts, in this order: a byte order mark; zero bytes in the pattern of
// UTF-16 and UTF-32; valid UTF-8, since text in another character set hardly
// ever is; then whichever of the labels (HTTP header, XML declaration) and
// guesses reads the bytes with the fewest oddities.
func decode(body []byte, contentType string) (text string, notes []string) {
	if enc, skip := unicodeForm(body); enc != nil {
		decoded, err := enc.NewDecoder().Bytes(body[skip:])
		if err != nil {
			notes = append(notes, "bytes outside its character set")
		}
		return strings.ToValidUTF8(string(decoded), ""), notes
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	labels, unknown := labels(body, contentType)
	if unknown != "" {
		notes = append(notes, fmt.Sprintf("an unknown character set, %q", unknown))
	}
	if !shifts(labels) {
		if utf8.Valid(body) {
			return string(body), notes
		}
		if damaged, ok := damagedUTF8(body, labels); ok {
			return damaged, append(notes, "bytes that are not UTF-8")
		}
	}
	text, label := bestReading(body, labels)
	if label != "" {
		notes = append(notes, "text in "+label+" that does not say so")
	}
	return text, notes
}

// unicodeForm recognises UTF-16 and UTF-32 by byte order mark or by the zero
// bytes around the first <, and says how long the mark is.
func unicodeForm(b []byte) (enc encoding.Encoding, mark int) {
	big16, little16 := encunicode.UTF16(encunicode.BigEndian, encunicode.IgnoreBOM), encunicode.UTF16(encunicode.LittleEndian, encunicode.IgnoreBOM)
	big32, little32 := utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	if len(b) < 4 {
		return nil, 0
	}
	switch first := binary.BigEndian.Uint32(b); {
	case first == 0x0000FEFF:
		return big32, 4
	case first == 0xFFFE0000:
		return little32, 4
	case first>>16 == 0xFEFF:
		return big16, 2
	case first>>16 == 0xFFFE:
		return little16, 2
	case first == '<' || first == '{':
		return big32, 0
	case first == '<'<<24 || first == '{'<<24:
		return little32, 0
	case first>>16 == '<' || first>>16 == '{':
		return big16, 0
	case first>>16 == '<'<<8 || first>>16 == '{'<<8:
		return little16, 0
	}
	return nil, 0
}

// declaration finds the encoding an XML declaration names; it need not be at
// the very beginning.
var declaration = regexp.MustCompile(`<\?xml[^>]{0,100}?encoding\s*=\s*["']?\s*([A-Za-z0-9._:-]+)`)

// label is a character set that somebody says a feed is in.
type label struct {
	name string // canonical, such as "windows-1251"
	enc  encoding.Encoding
}

// labels are the character sets that the header and the document name, the
// more credible first, and a name that is not known.
func labels(body []byte, contentType string) (known []label, unknown string) {
	var names []string
	if _, params, _ := mime.ParseMediaType(contentType); params["charset"] != "" {
		names = append(names, strings.Trim(params["charset"], `'" `))
	}
	if m := declaration.FindSubmatch(body[:min(len(body), 2048)]); m != nil {
		names = append(names, string(m[1]))
	}
	for _, name := range names {
		enc, canonical := charset.Lookup(name)
		if enc == nil || canonical == "replacement" {
			unknown = name
			continue
		}
		known = append(known, label{canonical, enc})
	}
	// Servers say Latin 1 of everything; a document that is more particular
	// about itself is believed.
	if len(known) == 2 && known[0].name == "windows-1252" {
		known[0], known[1] = known[1], known[0]
	}
	return known, unknown
}

// shifts reports whether a label names one of the character sets that write
// everything in ASCII bytes, and so look like UTF-8.
func shifts(labels []label) bool {
	return len(labels) > 0 && labels[0].name == "iso-2022-jp"
}

// damagedUTF8 mends UTF-8 in which a few bytes are wrong, taking those for
// Windows-1252, which is where they come from as a rule. It declines where
// UTF-8 is not what most of the bytes beyond ASCII are.
func damagedUTF8(body []byte, labels []label) (string, bool) {
	good, bad := 0, 0
	for i := 0; i < len(body); {
		if body[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRune(body[i:])
		if size == 1 {
			bad++
		} else {
			good++
		}
		i += size
	}
	said := slices.ContainsFunc(labels, func(l label) bool { return l.name == "utf-8" })
	if bad > good || bad*4 > good && !said {
		return "", false
	}
	var b strings.Builder
	b.Grow(len(body) + 2*bad)
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		if r == utf8.RuneError && size == 1 {
			r = charmap.Windows1252.DecodeByte(body[0])
		}
		if r != utf8.RuneError || size > 1 {
			b.WriteRune(r)
		}
		body = body[size:]
	}
	return b.String(), true
}

// guesses are the character sets tried where no label is right.
func guesses() []string {
	return []string{"shift_jis", "euc-jp", "euc-kr", "gb18030", "big5", "windows-1251", "koi8-r", "windows-874", "windows-1252"}
}

// bestReading decodes the body under each label and, if none fits, under each
// guess, and gives the likeliest reading, with the name of the character set
// if nobody said it.
func bestReading(body []byte, labels []label) (text, unsaid string) {
	first := true
	best := 0
	try := func(enc encoding.Encoding, name string) reading {
		decoded, err := enc.NewDecoder().Bytes(body)
		if err != nil {
			return reading{}
		}
		r := judge(decoded)
		if first || r.score() > best {
			first, best, text, unsaid = false, r.score(), string(decoded), name
		}
		return r
	}
	for _, l := range labels {
		if l.name == "utf-8" {
			continue
		}
		if r := try(l.enc, ""); r.fits(l.name) {
			return text, ""
		}
	}
	for _, name := range guesses() {
		enc, _ := charset.Lookup(name)
		try(enc, name)
	}
	return strings.ToValidUTF8(text, ""), unsaid
}

// reading is what can be said of bytes read in some character set.
type reading struct {
	letters int // characters beyond ASCII
	wrong   int // replacement and control characters
	odd     int // what writing seldom has
	usual   int // what writing in some language is full of
}

func (r reading) score() int { return r.usual - 2*r.odd - 20*r.wrong }

// fits reports whether a label may be believed. Latin 1 reads anything and is
// what servers say of everything, so it must also look like writing.
func (r reading) fits(label string) bool {
	if r.wrong*100 > r.letters {
		return false
	}
	return label != "windows-1252" || r.odd*5 <= r.letters
}

// judge counts. Wrong character sets give themselves away by upper case within
// words, by scripts mixed within a word, by accents side by side; right ones by
// the letters that every text of a script is full of. Characters of two bytes
// count twice, so that readings of one and two bytes compare.
func judge(text []byte) (j reading) {
	previous := ' '
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		weight := 1
		if script(r) >= han {
			weight = 2
		}
		if r >= utf8.RuneSelf {
			j.letters += weight
		}
		switch {
		case r < utf8.RuneSelf && previous < utf8.RuneSelf:
		case r == utf8.RuneError, unicode.IsControl(r) && r >= utf8.RuneSelf, unicode.Is(unicode.Co, r):
			j.wrong += weight
		case clash(previous, r), isOdd(r):
			j.odd += weight
		case isUsual(r):
			j.usual += weight
		}
		previous = r
	}
	return j
}

// isOdd reports whether a character stands in hardly any running text: box
// drawing, half-width kana (any byte, in Shift JIS), Thai digits and signs,
// lenticular brackets.
func isOdd(r rune) bool {
	return r >= 0x2300 && r < 0x2600 || r >= 0xFF61 && r <= 0xFF9F || r >= 0x0E4F && r <= 0x0E5B || r == 0x3016 || r == 0x3017
}

// isUsual reports whether a character is frequent in some language: kana,
// Hangul, Thai consonants, lower case with accents or Cyrillic, and the
// commonest Han characters of Chinese and Japanese.
func isUsual(r rune) bool {
	return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r == 'ー' ||
		isThaiConsonant(r) ||
		r >= utf8.RuneSelf && unicode.IsLower(r) ||
		strings.ContainsRune("的一是不了在人有我他这這中大来來上国國个個到说說们們为為子和你地出道也時时年得就那要下以生會会自著着去之過过家學学對对可她里後后"+
			"日本社政府首相発表策新分間東京者部議員選経済将並与與於方北京訪访問问", r)
}

// clash reports whether two characters hardly ever stand side by side: upper
// case after lower, letters of two scripts, two accented Latin letters, a Thai
// mark without its consonant.
func clash(a, b rune) bool {
	switch sa, sb := script(a), script(b); {
	case sb == thai && unicode.Is(unicode.Mn, b):
		return sa != thai
	case sa == thai && a >= 0x0E40 && a <= 0x0E44: // vowels written before their consonant
		return !isThaiConsonant(b)
	case sa == 0 || sb == 0:
		return false
	case sa != sb: // Han, kana and Hangul do stand beside Latin
		return sa < han && sb < han || sa >= han && sb >= han
	case sa == latin && a >= utf8.RuneSelf && b >= utf8.RuneSelf:
		return true
	}
	return unicode.IsLower(a) && unicode.IsUpper(b)
}

func isThaiConsonant(r rune) bool { return r >= 0x0E01 && r <= 0x0E2E }

// Scripts, as far as character sets need to tell them apart; zero is none.
const (
	latin = iota + 1
	cyrillic
	thai
	han // and kana
	hangul
)

func script(r rune) int {
	switch {
	case unicode.Is(unicode.Latin, r):
		return latin
	case unicode.Is(unicode.Cyrillic, r):
		return cyrillic
	case unicode.Is(unicode.Thai, r):
		return thai
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return han
	case unicode.Is(unicode.Hangul, r):
		return hangul
	}
	return 0
}
