package cluster

import "math/bits"

// Similarity compares two sketches by their sets of distinct shingles: shared
// is how many they have in common; jaccard is shared over all of both, and
// containment shared over those of the smaller. It is symmetric. Texts without
// words are like nothing.
func Similarity(a, b *Sketch) (jaccard, containment float64, shared int) {
	var t shingleTable
	t.load(a.print)
	c := t.compare(b.print)
	return c.jaccard(a, b), c.containment(a, b), c.shared
}

// countShingles returns the number of distinct shingles in print.
func countShingles(print []byte) int {
	var t shingleTable
	return t.load(print)
}

// shingleTable finds a print's shingles by value: an open-addressed hash table,
// reused from article to article.
type shingleTable struct {
	print []byte
	slots []shingleSlot
	shift uint
	round uint32 // the comparison being made
}

type shingleSlot struct {
	shingle uint64 // 0: free
	pos     int32  // where it stands first
	seen    uint32 // the last comparison that met it
}

// load fills the table with print and returns how many distinct shingles it has.
func (t *shingleTable) load(print []byte) int {
	n := shingleCount(len(print))
	size := max(1<<bits.Len(uint(2*n)), 16)
	if cap(t.slots) < size {
		t.slots = make([]shingleSlot, size)
	}
	t.slots = t.slots[:size]
	clear(t.slots)
	t.print, t.round = print, 0
	t.shift = uint(64 - bits.Len(uint(size-1)))
	distinct := 0
	for i := range n {
		s := shingleAt(print, i)
		if slot := t.find(s); slot.shingle == 0 {
			*slot = shingleSlot{shingle: s, pos: int32(i)}
			distinct++
		}
	}
	return distinct
}

// find returns the slot of s, or the free one where it belongs.
func (t *shingleTable) find(s uint64) *shingleSlot {
	for h := mix(s) >> t.shift; ; h++ {
		slot := &t.slots[h&uint64(len(t.slots)-1)]
		if slot.shingle == s || slot.shingle == 0 {
			return slot
		}
	}
}

// comparison is what two prints have in common.
type comparison struct {
	shared int // distinct shingles in both
}

func (c comparison) jaccard(a, b *Sketch) float64 {
	return ratio(c.shared, int(a.shingles)+int(b.shingles)-c.shared)
}

func (c comparison) containment(a, b *Sketch) float64 {
	return ratio(c.shared, int(min(a.shingles, b.shingles)))
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// compare counts what the loaded print shares with another.
func (t *shingleTable) compare(print []byte) comparison {
	t.round++
	var c comparison
	for i := range shingleCount(len(print)) {
		slot := t.find(shingleAt(print, i))
		if slot.shingle != 0 && slot.seen != t.round {
			slot.seen = t.round
			c.shared++
		}
	}
	return c
}
