package cluster

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"kliping/internal/news"
)

const (
	// maxPrint is how many tokens of a text are kept; what comes after is not
	// compared. Hardly one news article in a thousand is longer.
	maxPrint = 8192
	// maxTitle is how many tokens of a headline are kept.
	maxTitle = 32
	// usualPivot is about how many bytes a marshalled pivot has.
	usualPivot = 24
)

// SketchVersion is the first byte of a marshalled sketch. It counts up when the
// bytes, or what they are made of, change; stores of earlier programs are brought
// up to date when they are opened.
const SketchVersion = 2

// Sketch is what is kept of an article to compare it with others. It is not
// changed once made and may be shared.
type Sketch struct {
	Lang   string  // base language as guessed, "und" if unknown
	Words  int     // tokens of the text that are kept, maxPrint at most
	Pivots []Pivot // what survives translation

	title    []titleToken // the headline's tokens, in order
	print    []byte       // the text's tokens, in order
	names    bitset       // which tokens of print are names: capitals inside a sentence
	shingles int32        // distinct shingles in print
	indexed  []uint64     // the keys, if they were found out when it was read
	quoted   bool         // the headline stands in the text word for word
	told     bool         // at least one telling word of the headline stands in the text
}

// NewSketch makes the sketch of an article in language lang from its headline
// and the texts of the blocks that are not residue.
func NewSketch(lang, title string, kept []string) *Sketch {
	s := &Sketch{Lang: lang, Pivots: pivots(lang, title, kept)}
	z := tokenizers.Get().(*tokenizer)
	defer tokenizers.Put(z)
	z.out = z.out[:0]
	z.tokens(headline(title), maxTitle)
	heading := slices.Clone(z.out)
	z.out = z.out[:0]
	for _, text := range kept {
		z.tokens(text, maxPrint)
	}
	s.Words = len(z.out)
	s.hold(make([]byte, len(z.out)+(len(z.out)+7)/8), len(z.out))
	for i, t := range z.out {
		s.print[i] = t.byte()
		if t.name {
			s.names.set(i)
		}
	}
	s.setTitle(heading, z.out)
	s.shingles = int32(countShingles(s.print))
	return s
}

// hold makes print and names of one piece of memory, n bytes of print first.
func (s *Sketch) hold(b []byte, n int) {
	if len(b) > 0 {
		s.print, s.names = b[:n:n], b[n:]
	}
}

// keys appends to out the keys under which the article stands in the index:
// those of its text, and one for its headline if that says enough.
func (s *Sketch) keys(out []uint64) []uint64 {
	if s.indexed != nil {
		return append(out, s.indexed...)
	}
	out = keys(out, s.print)
	if telling(s.title) < 4 {
		return out
	}
	h := uint64(len(s.title))
	for _, t := range s.title {
		h = mix(h<<16 ^ h>>48 ^ uint64(t))
	}
	return append(out, h)
}

// setTitle keeps a headline and compares it with its text.
func (s *Sketch) setTitle(heading, text []token) {
	s.title = slices.Grow(s.title, len(heading))
	quote := make([]byte, 0, maxTitle)
	for _, t := range heading {
		s.title = append(s.title, t.title())
		quote = append(quote, t.byte())
		s.told = s.told || t.title()&1 == 0 &&
			slices.ContainsFunc(text, func(x token) bool { return x.hash == t.hash })
	}
	s.quoted = len(quote) >= shingleLen && bytes.Contains(s.print, quote)
}

// titleToken is a hash of a headline's token in 15 bits; the lowest bit is set
// if the token says little: a word of three letters or fewer.
type titleToken uint16

func (t token) title() titleToken {
	h := titleToken(t.hash) &^ 1
	if t.size < 4 && !t.figure {
		h |= 1
	}
	return h
}

// headline returns a headline without the name of the site that many outlets
// put behind it: what follows the last bar, or the last spaced dash if it is
// short and what stands before it is not.
func headline(title string) string {
	if i := strings.LastIndex(title, " | "); i > 0 {
		return title[:i]
	}
	for _, dash := range []string{" - ", " – ", " — "} {
		i := strings.LastIndex(title, dash)
		if i > 0 && len(strings.Fields(title[i:])) <= 4 && len(strings.Fields(title[:i])) >= 5 {
			return title[:i]
		}
	}
	return title
}

// bitset holds a bit for each token of a print.
type bitset []byte

func (s bitset) set(i int)      { s[i/8] |= 1 << (i % 8) }
func (s bitset) has(i int) bool { return s[i/8]>>(i%8)&1 == 1 }

// MarshalBinary returns the sketch as bytes for the store: the version, then
// each field with its length before it.
func (s *Sketch) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, len(s.print)+len(s.names)+2*len(s.title)+64+usualPivot*len(s.Pivots))
	b = append(b, SketchVersion, oneIf(s.quoted)|oneIf(s.told)<<1)
	b = binary.AppendUvarint(b, uint64(len(s.Lang)))
	b = append(b, s.Lang...)
	b = binary.AppendUvarint(b, uint64(len(s.title)))
	for _, t := range s.title {
		b = binary.LittleEndian.AppendUint16(b, uint16(t))
	}
	b = binary.AppendUvarint(b, uint64(len(s.print)))
	b = append(b, s.print...)
	b = append(b, s.names...)
	b = binary.AppendUvarint(b, uint64(s.shingles))
	return appendPivots(b, s.Pivots), nil
}

// Outdated reports whether data is a sketch that another version of this program
// made, which has to be made again.
func Outdated(data []byte) bool { return len(data) > 0 && data[0] != SketchVersion }

// UnmarshalSketch reads what MarshalBinary wrote. Its error wraps
// news.ErrDamaged; a sketch of another version counts as damaged too, for it
// has to be made again from the article.
func UnmarshalSketch(data []byte) (*Sketch, error) {
	r := reader{rest: data}
	if v := r.bytes(1); len(v) == 1 && v[0] != SketchVersion {
		return nil, fmt.Errorf("sketch of version %d, expected %d: %w", v[0], SketchVersion, news.ErrDamaged)
	}
	s := &Sketch{}
	if f := r.bytes(1); len(f) == 1 {
		s.quoted, s.told = f[0]&1 == 1, f[0]&2 == 2
	}
	s.Lang = string(r.bytes(r.length(maxLang)))
	title := r.bytes(2 * r.length(maxTitle))
	for i := 0; i < len(title); i += 2 {
		s.title = append(s.title, titleToken(binary.LittleEndian.Uint16(title[i:])))
	}
	s.Words = r.length(maxPrint)
	s.hold(slices.Clone(r.bytes(s.Words+(s.Words+7)/8)), s.Words)
	s.shingles = int32(r.length(shingleCount(s.Words)))
	if r.bad {
		return nil, fmt.Errorf("sketch cut short or garbled: %w", news.ErrDamaged)
	}
	pivots, rest, err := readPivots(r.rest)
	if err != nil {
		return nil, fmt.Errorf("sketch's pivots: %w", err)
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("sketch followed by %d strange bytes: %w", len(rest), news.ErrDamaged)
	}
	s.Pivots = pivots
	s.indexed = s.keys(make([]uint64, 0, s.Words/5+8))
	return s, nil
}

func oneIf(on bool) byte {
	if on {
		return 1
	}
	return 0
}

// maxLang bounds a language tag's length in bytes.
const maxLang = 64

// reader takes a marshalled sketch apart; once something is wrong, all it
// gives is empty and bad is set.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) length(limit int) int {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > uint64(limit) {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return int(v)
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.rest) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}
