package cluster

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"kliping/internal/news"
)

// Pivot is what survives a translation: a figure, a date, a place, the sounds
// of a name.
type Pivot struct {
	Label string // as the article has it, for people
	Hash  uint32 // equal in every language; the upper bits hold the kind
	Pos   places // where it stands
}

// places are up to four positions in the text, ascending, in units of sixteen
// Latin letters or what carries as much in another script; the headline is
// position 0. Unused ones are noPlace.
type places [4]uint16

const (
	noPlace  = 0xffff
	unitSize = 16 * 16 // sixteenths of a letter in a unit of position
)

// The kinds of pivot. Their order is the order of preference when a text has
// more pivots than are kept.
type kind uint8

const (
	kindDate   kind = iota // day and month
	kindFigure             // a number of three and more digits, a decimal or a value such as 2 million
	kindYear
	kindPlace    // country, region, city; also a language named for its nation
	kindCalendar // month or weekday
	kindLanguage
	kindSmall // a number from 13 to 99
	kindTiny  // a number from 2 to 12
	kindWhole // the whole skeleton of a long name
	kindName  // the first four sounds of a name
	kindShort // a name of two or three sounds
	kindExact // a word in Latin letters, as it is written
	kinds
)

const kindShift = 28

func makeHash(k kind, h uint32) uint32 {
	return uint32(k)<<kindShift | (h^h>>kindShift)&(1<<kindShift-1)
}

// kindOf is the kind of the pivot with a hash.
func kindOf(hash uint32) kind { return kind(hash >> kindShift) }

// maxPivots is how many pivots of an article are kept: 12 bytes each in the
// window. Texts of 500 words have 40 to 80; in scripts without capitals, where
// any word may be a name, all of them run to this bound.
const maxPivots = 96

// pivots finds the pivots of an article, ascending by hash.
func pivots(lang, title string, kept []string) []Pivot {
	s := scanners.Get().(*scanner)
	defer s.release()
	s.lexicon, s.chinese = s.knowledge.lexicon(lang), lang == "zh" || lang == "yue"
	s.block(title)
	for _, text := range kept {
		if s.full() {
			break
		}
		s.pos += unitSize
		s.block(text)
	}
	s.nameWords()
	return s.pivots()
}

// appendPivots appends the stored form of pivots to b: their number, then each
// one's hash, positions and label.
func appendPivots(b []byte, list []Pivot) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for i := range list {
		p := &list[i]
		b = binary.LittleEndian.AppendUint32(b, p.Hash)
		n := p.Pos.len()
		b = append(b, byte(n))
		for _, pos := range p.Pos[:n] {
			b = binary.AppendUvarint(b, uint64(pos))
		}
		label := p.Label[:min(len(p.Label), maxLabel)]
		b = append(b, byte(len(label)))
		b = append(b, label...)
	}
	return b
}

// maxLabel is how many bytes of a label are kept.
const maxLabel = 48

// readPivots reads what appendPivots wrote and returns the bytes after it. The
// error wraps news.ErrDamaged.
func readPivots(b []byte) ([]Pivot, []byte, error) {
	damaged := fmt.Errorf("pivots cut short or garbled: %w", news.ErrDamaged)
	n, size := binary.Uvarint(b)
	if size <= 0 || n > maxPivots {
		return nil, nil, damaged
	}
	b = b[size:]
	text := string(b) // one copy that all labels share
	list := make([]Pivot, n)
	for i := range list {
		p := &list[i]
		if len(b) < 6 || b[4] > uint8(len(p.Pos)) {
			return nil, nil, damaged
		}
		p.Hash = binary.LittleEndian.Uint32(b)
		if i > 0 && p.Hash <= list[i-1].Hash || kindOf(p.Hash) >= kinds {
			return nil, nil, damaged
		}
		count := int(b[4])
		b = b[5:]
		for j := range p.Pos {
			p.Pos[j] = noPlace
			if j >= count {
				continue
			}
			pos, size := binary.Uvarint(b)
			if size <= 0 || pos >= noPlace {
				return nil, nil, damaged
			}
			p.Pos[j] = uint16(pos)
			b = b[size:]
		}
		if len(b) < 1 || b[0] > maxLabel || len(b) < 1+int(b[0]) {
			return nil, nil, damaged
		}
		at := len(text) - len(b) + 1
		p.Label = text[at : at+int(b[0])]
		b = b[1+int(b[0]):]
	}
	return list, b, nil
}

func (p *places) len() int {
	n := 0
	for n < len(p) && p[n] != noPlace {
		n++
	}
	return n
}

// found is one sighting of a pivot.
type found struct {
	hash  uint32
	pos   uint16
	sure  bool // a word in Latin letters amid another script is a name for sure
	label string
}

// pivots gathers the sightings into pivots.
func (s *scanner) pivots() []Pivot {
	order := s.order()
	list := make([]Pivot, 0, maxPivots)
	sure := make([]bool, 0, maxPivots)
	for i := 0; i < len(order); {
		f := &s.found[uint16(order[i])]
		j, known := i, false
		for ; j < len(order) && uint32(order[j]>>32) == f.hash; j++ {
			known = known || s.found[uint16(order[j])].sure
		}
		list = append(list, Pivot{Label: f.label, Hash: f.hash, Pos: spread(order[i:j])})
		sure = append(sure, known)
		i = j
	}
	return ownLabels(choose(list, sure))
}

// order sorts the sightings by hash and position: keys of hash, position and
// place in found.
func (s *scanner) order() []uint64 {
	s.found = s.found[:min(len(s.found), 1<<16)]
	s.keys = s.keys[:0]
	for i := range s.found {
		s.keys = append(s.keys, uint64(s.found[i].hash)<<32|uint64(s.found[i].pos)<<16|uint64(i))
	}
	slices.Sort(s.keys)
	return s.keys
}

// choose keeps maxPivots of the pivots: the kinds that say most, and in each
// the earliest.
func choose(list []Pivot, sure []bool) []Pivot {
	if len(list) <= maxPivots {
		return list
	}
	keys := make([]uint64, len(list))
	for i := range list {
		rank := kindOf(list[i].Hash)
		if sure[i] {
			rank = kindPlace
		}
		keys[i] = uint64(rank)<<48 | uint64(list[i].Pos[0])<<32 | uint64(i)
	}
	slices.Sort(keys)
	keys = keys[:maxPivots]
	slices.SortFunc(keys, func(a, b uint64) int { return cmp.Compare(uint32(a), uint32(b)) })
	kept := make([]Pivot, maxPivots)
	for i, k := range keys {
		kept[i] = list[uint32(k)]
	}
	return kept
}

// spread picks up to four of the positions, the first and the last among them.
func spread(at []uint64) places {
	p := places{noPlace, noPlace, noPlace, noPlace}
	n := min(len(at), len(p))
	for i := range n {
		from := i
		if len(at) > n {
			from = i * (len(at) - 1) / (n - 1)
		}
		p[i] = uint16(at[from] >> 16)
	}
	return p
}

// ownLabels copies the labels out of the article's text, so that they do not
// keep it in memory.
func ownLabels(list []Pivot) []Pivot {
	size := 0
	for i := range list {
		list[i].Label = trimLabel(list[i].Label)
		size += len(list[i].Label)
	}
	var b strings.Builder
	b.Grow(size)
	for i := range list {
		b.WriteString(list[i].Label)
	}
	all, at := b.String(), 0
	for i := range list {
		n := len(list[i].Label)
		list[i].Label = all[at : at+n]
		at += n
	}
	return list
}

// trimLabel cuts a label to maxLabel bytes between two characters.
func trimLabel(s string) string {
	if len(s) <= maxLabel {
		return s
	}
	cut := maxLabel
	for cut > 0 && s[cut]&0xc0 == 0x80 {
		cut--
	}
	return s[:cut]
}
