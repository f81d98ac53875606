package cluster

import (
	"encoding/binary"
	"fmt"
	"slices"

	"kliping/internal/news"
)

const (
	// maxPrint is how many tokens of a text are kept; what comes after is not
	// compared. Hardly one news article in a thousand is longer.
	maxPrint = 8192
	// maxTitle is how many tokens of a headline are kept.
	maxTitle = 32
	// sketchVersion is the first byte of a marshalled sketch.
	sketchVersion = 1
)

// Sketch is what is kept of an article to compare it with others. It is not
// changed once made and may be shared.
type Sketch struct {
	Lang   string  // base language as guessed, "und" if unknown
	Words  int     // tokens of the text, also those beyond what is kept
	Pivots []Pivot // what survives translation

	title    []uint16 // hashes of the headline's tokens, in order
	print    []byte   // the text's tokens, in order
	shingles int32    // distinct shingles in print
}

// NewSketch makes the sketch of an article in language lang from its headline
// and the texts of the blocks that are not residue.
func NewSketch(lang, title string, kept []string) *Sketch {
	s := &Sketch{Lang: lang, Pivots: pivots(lang, title, kept)}
	var z tokenizer
	z.tokens(title, maxTitle)
	for _, t := range z.out {
		s.title = append(s.title, uint16(t.hash))
	}
	z.out = z.out[:0]
	for _, text := range kept {
		z.tokens(text, maxPrint)
	}
	s.Words = len(z.out)
	s.print = make([]byte, len(z.out))
	for i, t := range z.out {
		s.print[i] = t.byte()
	}
	s.shingles = int32(countShingles(s.print))
	return s
}

// MarshalBinary returns the sketch as bytes for the store: the version, then
// each field with its length before it.
func (s *Sketch) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, len(s.print)+2*len(s.title)+64)
	b = append(b, sketchVersion)
	b = binary.AppendUvarint(b, uint64(len(s.Lang)))
	b = append(b, s.Lang...)
	b = binary.AppendUvarint(b, uint64(s.Words))
	b = binary.AppendUvarint(b, uint64(len(s.title)))
	for _, t := range s.title {
		b = binary.LittleEndian.AppendUint16(b, t)
	}
	b = binary.AppendUvarint(b, uint64(len(s.print)))
	b = append(b, s.print...)
	return appendPivots(b, s.Pivots), nil
}

// UnmarshalSketch reads what MarshalBinary wrote. Its error wraps
// news.ErrDamaged; a sketch of another version counts as damaged too, for it
// has to be made again from the article.
func UnmarshalSketch(data []byte) (*Sketch, error) {
	r := reader{rest: data}
	if v := r.bytes(1); len(v) == 1 && v[0] != sketchVersion {
		return nil, fmt.Errorf("sketch of version %d, expected %d: %w", v[0], sketchVersion, news.ErrDamaged)
	}
	s := &Sketch{}
	s.Lang = string(r.bytes(r.length(maxLang)))
	s.Words = r.length(1 << 40)
	title := r.bytes(2 * r.length(maxTitle))
	for i := 0; i < len(title); i += 2 {
		s.title = append(s.title, binary.LittleEndian.Uint16(title[i:]))
	}
	s.print = slices.Clone(r.bytes(r.length(maxPrint)))
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
	s.shingles = int32(countShingles(s.print))
	return s, nil
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
