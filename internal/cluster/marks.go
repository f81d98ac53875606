package cluster

import "encoding/binary"

// Marks are kept packed, in some five bytes each instead of twelve: of each one
// how much its pivot's number is above the one before it, with the number of
// positions, then the positions, each less the one before it.

// positions is one more than how many positions a mark has at most.
const positions = len(places{}) + 1

func appendMarks(b []byte, marks []placed) []byte {
	pivot := uint32(0)
	for i := range marks {
		m := &marks[i]
		n := m.pos.len()
		b = binary.AppendUvarint(b, uint64(m.pivot-pivot)*uint64(positions)+uint64(n))
		pivot = m.pivot
		pos := uint16(0)
		for _, p := range m.pos[:n] {
			b = binary.AppendUvarint(b, uint64(p-pos))
			pos = p
		}
	}
	return b
}

// readMarks appends what appendMarks packed to out.
func readMarks(out []placed, b []byte) []placed {
	pivot := uint32(0)
	for i := 0; i < len(b); {
		var v uint64
		v, i = readNumber(b, i)
		pivot += uint32(v / uint64(positions))
		m := placed{pivot, places{noPlace, noPlace, noPlace, noPlace}}
		pos := uint16(0)
		for k := range v % uint64(positions) {
			v, i = readNumber(b, i)
			pos += uint16(v)
			m.pos[k] = pos
		}
		out = append(out, m)
	}
	return out
}

// readNumber is the number packed at i, and where the next begins. What is read
// was packed here, so it looks at less than binary.Uvarint does.
func readNumber(b []byte, i int) (uint64, int) {
	v, shift := uint64(b[i]&0x7f), 7
	for b[i] >= 0x80 {
		i++
		v |= uint64(b[i]&0x7f) << shift
		shift += 7
	}
	return v, i + 1
}
