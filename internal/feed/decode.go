package feed

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"mime"
	"regexp"
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
	if utf8.Valid(body) && !shifts(labels) {
		return string(body), notes
	}
	if damaged, ok := damagedUTF8(body); ok {
		return damaged, append(notes, "bytes that are not UTF-8")
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
// Windows-1252 as browsers would. It declines where UTF-8 is not what most
// of the bytes beyond ASCII are.
func damagedUTF8(body []byte) (string, bool) {
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
	if bad*4 > good {
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
// words, by scripts mixed within a word and by symbols; right ones by
// the letters that every text of a script is full of.
func judge(text []byte) (j reading) {
	previous := ' '
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		if r >= utf8.RuneSelf {
			j.letters++
			switch {
			case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Co, r):
				j.wrong++
			case unicode.IsUpper(r) && unicode.IsLower(previous),
				r >= 0xFF61 && r <= 0xFF9F, // half-width kana: any byte, in Shift JIS
				unicode.IsLetter(r) && unicode.IsLetter(previous) && previous >= utf8.RuneSelf && script(r) != script(previous),
				unicode.IsSymbol(r):
				j.odd++
			case isUsual(r):
				j.usual++
			}
		}
		previous = r
	}
	return j
}

// isUsual reports whether a character is frequent in some language: kana,
// Hangul, Thai, Cyrillic and accented lower case, the commonest Han characters.
func isUsual(r rune) bool {
	return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai) ||
		unicode.IsLower(r) ||
		strings.ContainsRune("的一是不了在人有我他這这中大來来上國国個个到說说們们為为子和你地出道也時时年得就那要下以生會会自著着去之過过家學学對对可她里後后", r)
}

// script is a coarse script number.
func script(r rune) int {
	switch {
	case unicode.Is(unicode.Latin, r):
		return 1
	case unicode.Is(unicode.Cyrillic, r):
		return 2
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return 3
	case unicode.Is(unicode.Hangul, r):
		return 4
	case unicode.Is(unicode.Thai, r):
		return 5
	}
	return 0
}
