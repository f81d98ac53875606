package content

import (
	"bytes"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folder gathers the text of one block: white space folded to single spaces,
// none at the ends, and without what has no shape of its own: control
// characters, soft hyphens, zero-width spaces, byte-order marks, bidirectional
// controls, invisible operators, tags. Bytes that are no UTF-8 become U+FFFD, so
// that the damage shows.
//
// The joiners U+200C and U+200D are kept in blocks whose script, or emoji, need
// them for their spelling and dropped from the others, where they are only
// ever used to mark a text.
type folder struct {
	text    []byte
	space   bool // white space is due before the next character
	joiners bool // text holds joiners
	joins   bool // text holds characters that joiners belong to
	loose   bool // text holds characters for which it may not be in normal form C

	runes, linked int // characters that are not white space; of them, in links
}

// Line folds a headline or a name as the text of a block is folded: to one line
// that holds nothing but what can be seen. A stranger's line may otherwise move
// a terminal's cursor or turn the text after it round.
func Line(text string) string {
	var f folder
	f.add([]byte(text), false)
	line, _ := f.take()
	return line
}

// add appends text and reports whether it held anything but white space.
func (f *folder) add(text []byte, linked bool) bool {
	before := f.runes
	all := characters()
	for len(text) > 0 {
		if n := plainRun(text); n > 0 {
			f.addSpace()
			f.text = append(f.text, text[:n]...)
			f.runes += n
			text = text[n:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		f.addRune(r, all.of(r))
		text = text[size:]
	}
	if linked {
		f.linked += f.runes - before
	}
	return f.runes > before
}

func (f *folder) addRune(r rune, c character) {
	switch c.class {
	case white:
		f.space = true
		return
	case shapeless:
		return
	case joiner:
		f.joiners = true
	case joined:
		f.joins = true
	}
	f.loose = f.loose || c.loose
	f.addSpace()
	f.text = utf8.AppendRune(f.text, r)
	f.runes++
}

func (f *folder) addSpace() {
	if f.space && len(f.text) > 0 {
		f.text = append(f.text, ' ')
	}
	f.space = false
}

// plainRun is the length of the run of visible ASCII at the start of the text.
func plainRun(text []byte) int {
	for i, c := range text {
		if c <= ' ' || c >= 0x7f {
			return i
		}
	}
	return len(text)
}

// take returns the text gathered and the share of it that is linked, and
// begins anew.
func (f *folder) take() (text string, links float64) {
	if f.runes > 0 {
		text = string(f.text)
		links = float64(f.linked) / float64(f.runes)
	}
	if f.joiners && !f.joins {
		text = strings.Join(strings.Fields(joinersOut.Replace(text)), " ")
	}
	if f.loose {
		text = norm.NFC.String(text)
	}
	*f = folder{text: f.text[:0]}
	return text, links
}

var joinersOut = strings.NewReplacer("\u200c", "", "\u200d", "")

// class says how a character is folded.
type class uint8

const (
	plain     class = iota
	joined          // plain, and of a script that uses joiners
	white           // becomes a space
	shapeless       // dropped
	joiner          // U+200C, U+200D
)

// character is what folder knows of one.
type character struct {
	class class
	loose bool // normal form C may change it, or a text for having it
}

// characterTable holds the characters of the basic plane: asking the tables of
// Unicode anew for each would take most of the time.
type characterTable [1 << 16]character

var characters = sync.OnceValue(func() *characterTable {
	all := new(characterTable)
	for r := range rune(len(all)) {
		all[r] = characterOf(r)
	}
	return all
})

func (all *characterTable) of(r rune) character {
	if int(r) < len(all) {
		return all[r]
	}
	return characterOf(r)
}

func characterOf(r rune) character {
	c := string(r)
	return character{classOf(r), !norm.NFC.PropertiesString(c).BoundaryBefore() || norm.NFC.QuickSpanString(c) != len(c)}
}

func classOf(r rune) class {
	switch {
	case r == ' ':
		return white
	case unicode.IsSpace(r):
		return white
	case r == '\u200c', r == '\u200d':
		return joiner
	case unicode.Is(shapelessRunes, r):
		return shapeless
	case r >= 0x0590 && r < 0x1d00, r >= 0x2190 && r != utf8.RuneError:
		return joined // Hebrew to the Indic scripts and beyond; symbols, CJK, emoji
	}
	return plain
}

// shapelessRunes are those of Unicode's categories Cc and Cf that are not part of
// a spelling, and the few others that leave no mark.
var shapelessRunes = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0000, Hi: 0x001f, Stride: 1}, // controls
		{Lo: 0x007f, Hi: 0x009f, Stride: 1},
		{Lo: 0x00ad, Hi: 0x00ad, Stride: 1}, // soft hyphen
		{Lo: 0x034f, Hi: 0x034f, Stride: 1}, // combining grapheme joiner
		{Lo: 0x061c, Hi: 0x061c, Stride: 1}, // Arabic letter mark
		{Lo: 0x180e, Hi: 0x180e, Stride: 1}, // Mongolian vowel separator
		{Lo: 0x200b, Hi: 0x200b, Stride: 1}, // zero-width space
		{Lo: 0x200e, Hi: 0x200f, Stride: 1}, // bidirectional marks
		{Lo: 0x202a, Hi: 0x202e, Stride: 1}, // embeddings and overrides
		{Lo: 0x2060, Hi: 0x206f, Stride: 1}, // word joiner, invisible operators, isolates
		{Lo: 0xfeff, Hi: 0xfeff, Stride: 1}, // byte-order mark
		{Lo: 0xfff0, Hi: 0xfffb, Stride: 1}, // specials
		{Lo: 0xfffe, Hi: 0xffff, Stride: 1}, // not characters
	},
	R32:         []unicode.Range32{{Lo: 0xe0000, Hi: 0xe0fff, Stride: 1}}, // tags
	LatinOffset: 3,
}

// cutBlankLine cuts the text at its first blank line, one that holds white
// space at most.
func cutBlankLine(text []byte) (head, rest []byte, found bool) {
	for at := 0; ; {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			return text, nil, false
		}
		at += i + 1
		for after := at; after < len(text); {
			r, size := utf8.DecodeRune(text[after:])
			if !unicode.IsSpace(r) {
				break
			}
			after += size
			if r == '\n' {
				return text[:at], text[after:], true
			}
		}
	}
}
