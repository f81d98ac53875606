package cluster

import (
	"cmp"
	"math/bits"
)

// tally adds up scores of places. It takes as much memory as places have
// scores, so that it stays in the processor's caches however large the window
// is. It is used again from article to article.
type tally struct {
	slots []scored // a hash table; place 0: free
	used  []uint32 // of the slots
	all   []scored
	shift uint
}

type scored struct {
	place uint32
	score float32
}

func (t *tally) reset() {
	t.used = t.used[:0]
	clear(t.slots)
}

// add adds to a place's score.
func (t *tally) add(place uint32, score float32) {
	if len(t.slots) < 2*len(t.used)+2 {
		t.grow()
	}
	i := t.slot(place)
	if t.slots[i].place == 0 {
		t.slots[i].place = place
		t.used = append(t.used, i)
	}
	t.slots[i].score += score
}

// scores are the places that have one. They are valid until the next call.
func (t *tally) scores() []scored {
	t.all = t.all[:0]
	for _, i := range t.used {
		t.all = append(t.all, t.slots[i])
	}
	return t.all
}

// slot returns where a place stands or belongs.
func (t *tally) slot(place uint32) uint32 {
	i := place * 0x9e3779b1 >> t.shift
	for t.slots[i].place != 0 && t.slots[i].place != place {
		i = (i + 1) & uint32(len(t.slots)-1)
	}
	return i
}

func (t *tally) grow() {
	all := t.scores()
	t.slots = make([]scored, max(2*len(t.slots), 1024))
	t.shift = uint(32 - bits.Len(uint(len(t.slots)-1)))
	for k, s := range all {
		t.used[k] = t.slot(s.place)
		t.slots[t.used[k]] = s
	}
}

// byScore orders places by score, the highest first, then by article. Articles
// are looked at only where scores are equal: they are far apart in memory.
func (s *shelf) byScore(a, b scored) int {
	if a.score != b.score {
		return cmp.Compare(b.score, a.score)
	}
	return cmp.Compare(s.at(a.place).id, s.at(b.place).id)
}
