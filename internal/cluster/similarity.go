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
	return jaccardOf(a, b, c.shared), containmentOf(a, b, c.shared), c.shared
}

// countShingles returns the number of distinct shingles in print.
func countShingles(print []byte) int {
	n := shingleCount(len(print))
	size := tableSize(n)
	var few [1 << 11]uint64 // enough for a thousand words, and costs no garbage
	slots := few[:min(size, len(few))]
	if size > len(few) {
		slots = make([]uint64, size)
	}
	shift := shiftOf(size)
	distinct := 0
	for i := range n {
		s := shingleAt(print, i)
		h := int(mix(s) >> shift)
		for slots[h] != s && slots[h] != 0 {
			h = (h + 1) & (size - 1)
		}
		if slots[h] == 0 {
			slots[h] = s
			distinct++
		}
	}
	return distinct
}

// tableSize is the number of slots of an open-addressed hash table for n
// shingles, a power of two; shiftOf leaves of a hash the number of a slot.
func tableSize(n int) int   { return max(1<<bits.Len(uint(2*n)), 16) }
func shiftOf(size int) uint { return uint(64 - bits.Len(uint(size-1))) }

// shingleTable finds a print's shingles by value: an open-addressed hash table,
// reused from article to article.
type shingleTable struct {
	print []byte
	slots []shingleSlot
	at    []int32 // the slot of the shingle at each position of print
	runs  []run
	shift uint
	round uint32      // the comparison being made
	maybe [256]uint64 // a bit for each hash there may be: most shingles of other prints have none
}

type shingleSlot struct {
	shingle uint64 // 0: free
	pos     int32  // where it stands first
	seen    uint32 // the last comparison that met it
}

// load fills the table with print.
func (t *shingleTable) load(print []byte) {
	n := shingleCount(len(print))
	size := tableSize(n)
	if cap(t.slots) < size {
		t.slots = make([]shingleSlot, size)
	}
	t.slots = t.slots[:size]
	clear(t.slots)
	clear(t.maybe[:])
	t.print, t.round = print, 0
	t.shift = shiftOf(size)
	t.at = t.at[:0]
	for i := range n {
		s := shingleAt(print, i)
		h := mix(s)
		t.maybe[h>>56] |= 1 << (h >> 50 & 63)
		k := t.find(s, h)
		if t.slots[k].shingle == 0 {
			t.slots[k] = shingleSlot{shingle: s, pos: int32(i)}
		}
		t.at = append(t.at, int32(k))
	}
}

// find returns the number of the slot of s, whose hash is given, or of the free
// one where it belongs.
func (t *shingleTable) find(s, hash uint64) int {
	mask := len(t.slots) - 1
	h := int(hash >> t.shift)
	for t.slots[h].shingle != s && t.slots[h].shingle != 0 {
		h = (h + 1) & mask
	}
	return h
}

// comparison is what two prints have in common.
type comparison struct {
	shared int   // distinct shingles in both
	runs   []run // passages in both, in order of the second print
}

// run is a passage of n tokens that two prints share, at a in the one and at b
// in the other.
type run struct{ a, b, n int }

func jaccardOf(a, b *Sketch, shared int) float64 {
	return ratio(shared, int(a.shingles)+int(b.shingles)-shared)
}

func containmentOf(a, b *Sketch, shared int) float64 {
	return ratio(shared, int(min(a.shingles, b.shingles)))
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// compare finds what the loaded print shares with another. Its runs are valid
// until the next call.
func (t *shingleTable) compare(print []byte) comparison {
	t.round++
	t.runs = t.runs[:0]
	var c comparison
	var last run
	for i := 0; i < shingleCount(len(print)); {
		s := shingleAt(print, i)
		hash := mix(s)
		if t.maybe[hash>>56]>>(hash>>50&63)&1 == 0 {
			i++
			continue
		}
		slot := t.slots[t.find(s, hash)]
		if slot.shingle == 0 {
			i++
			continue
		}
		r := run{a: int(slot.pos), b: i}
		if d := last.a - last.b; last.n > 0 && equalAt(t.print, i+d, print, i) {
			r.a = i + d // repeated passages: keep in step
		}
		for r.a+r.n < len(t.print) && r.b+r.n < len(print) && t.print[r.a+r.n] == print[r.b+r.n] {
			r.n++
		}
		for k := range max(r.n-shingleLen+1, 1) {
			if s := &t.slots[t.at[r.a+k]]; s.seen != t.round {
				s.seen = t.round
				c.shared++
			}
		}
		t.runs = append(t.runs, r)
		last = r
		i += max(r.n-shingleLen+1, 1)
	}
	c.runs = t.runs
	return c
}

// equalAt reports whether the shingles at a[i] and b[j] are the same.
func equalAt(a []byte, i int, b []byte, j int) bool {
	return i >= 0 && i < shingleCount(len(a)) && shingleAt(a, i) == shingleAt(b, j)
}
