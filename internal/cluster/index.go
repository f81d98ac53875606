package cluster

const (
	// headTokens is how much of a text is indexed densely: every neighbourhood
	// of headSpan shingles gives a key. Excerpts come from there, and short
	// texts have nothing else.
	headTokens = 48
	headSpan   = 5
	// tailSpan is the neighbourhood after the head. A passage of
	// tailSpan+shingleLen-1 tokens out of the middle has at least one key in
	// common with its source, one of fifty words five on average.
	tailSpan = 20
	// maxStories is how many stories a key leads to, the newest. A key of more
	// is a phrase that everybody uses.
	maxStories = 8
)

// keys appends to out the hashes of the shingles of print that stand in the
// index: each the smallest of a neighbourhood.
func keys(out []uint64, print []byte) []uint64 {
	var ring [32]uint64 // hashes of the shingles behind
	n, least, last := shingleCount(len(print)), 0, -1
	for i := range n {
		ring[i%len(ring)] = mix(shingleAt(print, i))
		span := tailSpan
		if i < headTokens {
			span = headSpan
		}
		from := max(i-span+1, 0)
		if least < from || i == headTokens {
			least = from
			for k := from + 1; k < i; k++ {
				if ring[k%len(ring)] <= ring[least%len(ring)] {
					least = k
				}
			}
		}
		if ring[i%len(ring)] <= ring[least%len(ring)] {
			least = i
		}
		if least > last && (i+1 >= span || i+1 == n) {
			out, last = append(out, ring[least%len(ring)]), least
		}
	}
	return out
}

// index leads from keys to places, which are numbers of articles in the
// window. It is a hash table in many parts, so that none takes long to grow,
// with linear probing: eight bytes an entry and little room to spare.
type index struct {
	parts [1 << partBits]part
}

const partBits = 8

type part struct {
	cells []cell // in order of key but for displacement
	used  int
}

// cell is one key's entry for one place; place 0 is free.
type cell struct {
	key   uint32
	place uint32
}

func (x *index) part(key uint64) (*part, uint32) {
	return &x.parts[key>>(64-partBits)], uint32(key)
}

// find appends the places of key to out.
func (x *index) find(out []uint32, key uint64) []uint32 {
	p, k := x.part(key)
	if p.used == 0 {
		return out
	}
	for i := p.home(k); p.cells[i].place != 0; i = p.next(i) {
		if p.cells[i].key == k {
			out = append(out, p.cells[i].place)
		}
	}
	return out
}

// insert adds a place to key's.
func (x *index) insert(key uint64, place uint32) {
	p, k := x.part(key)
	if p.used*5 >= len(p.cells)*4 {
		p.resize(max(len(p.cells)*5/4, 16))
	}
	p.put(cell{k, place})
}

// replace puts one place where another stood.
func (x *index) replace(key uint64, old, place uint32) {
	p, k := x.part(key)
	if i := p.search(cell{k, old}); i >= 0 {
		p.cells[i].place = place
	}
}

// remove takes a place from key's, if it is there.
func (x *index) remove(key uint64, place uint32) {
	p, k := x.part(key)
	i := p.search(cell{k, place})
	if i < 0 {
		return
	}
	p.used--
	p.close(i)
	if len(p.cells) > 64 && p.used*4 < len(p.cells) {
		p.resize(len(p.cells) / 2)
	}
}

// home is where a key's entries begin: the table's share of the key's range.
func (p *part) home(key uint32) int { return int(uint64(key) * uint64(len(p.cells)) >> 32) }

func (p *part) next(i int) int {
	if i++; i == len(p.cells) {
		return 0
	}
	return i
}

func (p *part) put(c cell) {
	i := p.home(c.key)
	for p.cells[i].place != 0 {
		i = p.next(i)
	}
	p.cells[i] = c
	p.used++
}

// search returns where c stands, or -1.
func (p *part) search(c cell) int {
	if p.used == 0 {
		return -1
	}
	for i := p.home(c.key); p.cells[i].place != 0; i = p.next(i) {
		if p.cells[i] == c {
			return i
		}
	}
	return -1
}

// close fills the gap at i with later entries that may stand there (Knuth, The
// Art of Computer Programming 3, 6.4, algorithm R).
func (p *part) close(gap int) {
	for i := p.next(gap); p.cells[i].place != 0; i = p.next(i) {
		home := p.home(p.cells[i].key)
		if between := (home-gap-1+len(p.cells))%len(p.cells) < (i-gap+len(p.cells))%len(p.cells); !between {
			p.cells[gap] = p.cells[i]
			gap = i
		}
	}
	p.cells[gap] = cell{}
}

func (p *part) resize(n int) {
	old := p.cells
	p.cells, p.used = make([]cell, n), 0
	for _, c := range old {
		if c.place != 0 {
			p.put(c)
		}
	}
}
