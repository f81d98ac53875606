package cluster

import "math/bits"

// tally adds up scores of places. It takes as much memory as places have
// scores, so that it stays in the processor's caches however large the window
// is. It is used again from article to article.
type tally struct {
	all   []scored // in order of the first score
	slots []uint32 // a hash table of places in all, from 1; 0: free
	shift uint
}

type scored struct {
	place uint32
	score float32
}

func (t *tally) reset() {
	t.all = t.all[:0]
	clear(t.slots)
}

// at returns a place's score, to be added to. It is valid until the next call.
func (t *tally) at(place uint32) *scored {
	if len(t.slots) < 2*len(t.all)+2 {
		t.grow()
	}
	i := t.slot(place)
	if t.slots[i] == 0 {
		t.all = append(t.all, scored{place: place})
		t.slots[i] = uint32(len(t.all))
	}
	return &t.all[t.slots[i]-1]
}

// slot returns where a place stands or belongs.
func (t *tally) slot(place uint32) uint32 {
	i := place * 0x9e3779b1 >> t.shift
	for t.slots[i] != 0 && t.all[t.slots[i]-1].place != place {
		i = (i + 1) & uint32(len(t.slots)-1)
	}
	return i
}

func (t *tally) grow() {
	t.slots = make([]uint32, max(2*len(t.slots), 1024))
	t.shift = uint(32 - bits.Len(uint(len(t.slots)-1)))
	for i := range t.all {
		t.slots[t.slot(t.all[i].place)] = uint32(i + 1)
	}
}
