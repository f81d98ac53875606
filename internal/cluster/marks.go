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
	for len(b) > 0 {
		v, size := binary.Uvarint(b)
		b = b[size:]
		pivot += uint32(v / uint64(positions))
		m := placed{pivot, places{noPlace, noPlace, noPlace, noPlace}}
		pos := uint16(0)
		for i := range v % uint64(positions) {
			d, size := binary.Uvarint(b)
			b = b[size:]
			pos += uint16(d)
			m.pos[i] = pos
		}
		out = append(out, m)
	}
	return out
}
