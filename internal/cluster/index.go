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
// window. It is a hash table in many parts, so that none takes long to grow:
// eight bytes an entry and little room to spare.
type index struct {
	parts [1 << partBits]part
	met   uint32 // see warm
	steps int    // entries found so far; tests hold the work for an article to a bound
}

const partBits = 8

// part is a table in order of key with gaps, where each entry stands at its
// home or after it with no gap between (Amble, Knuth: Ordered hash tables, The
// Computer Journal 17, 1974). A search ends at the first greater key, so the
// table can be nearly full and still answer from one or two lines of cache. The
// price is that what comes after moves when an entry is put in.
type part struct {
	cells []cell
	homes int // cells that are some key's home; a few more take what spills over
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

// warm asks for the memory of many keys at once. Where the index is larger than
// the processor's caches, waiting for each in turn is most of a search's cost.
func (x *index) warm(keys []uint64) {
	sum := uint32(0)
	for _, key := range keys {
		if p, k := x.part(key); p.used > 0 {
			sum += p.cells[p.home(k)].key
		}
	}
	x.met = sum // so that the compiler cannot leave it out
}

// find appends the places of key to out, in order of insertion.
func (x *index) find(out []uint32, key uint64) []uint32 {
	p, k := x.part(key)
	for i := p.lower(k); i < len(p.cells) && p.cells[i].place != 0 && p.cells[i].key == k; i++ {
		out = append(out, p.cells[i].place)
		x.steps++
	}
	return out
}

// insert adds a place to key's.
func (x *index) insert(key uint64, place uint32) {
	p, k := x.part(key)
	if p.used*10 >= p.homes*9 {
		p.resize(max(p.homes*6/5, 16))
	}
	if !p.put(cell{k, place}) {
		p.cells = append(p.cells, cell{}) // keys that crowd at the end
		p.put(cell{k, place})
	}
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
	p.close(i)
	if p.used--; p.homes > 64 && p.used*4 < p.homes {
		p.resize(p.homes / 2)
	}
}

// home is where a key's entries begin: the table's share of the key's range.
func (p *part) home(key uint32) int { return int(uint64(key) * uint64(p.homes) >> 32) }

// lower returns the first cell from key's home on that is free or has no lesser key.
func (p *part) lower(key uint32) int {
	i := p.home(key)
	for i < len(p.cells) && p.cells[i].place != 0 && p.cells[i].key < key {
		i++
	}
	return i
}

// put adds c after those of its key, unless there is no gap behind it.
func (p *part) put(c cell) bool {
	i := p.lower(c.key)
	for i < len(p.cells) && p.cells[i].place != 0 && p.cells[i].key == c.key {
		i++
	}
	gap := i
	for gap < len(p.cells) && p.cells[gap].place != 0 {
		gap++
	}
	if gap == len(p.cells) {
		return false
	}
	copy(p.cells[i+1:gap+1], p.cells[i:gap])
	p.cells[i] = c
	p.used++
	return true
}

// search returns where c stands, or -1.
func (p *part) search(c cell) int {
	for i := p.lower(c.key); i < len(p.cells) && p.cells[i].place != 0 && p.cells[i].key == c.key; i++ {
		if p.cells[i] == c {
			return i
		}
	}
	return -1
}

// close fills the gap at i with the entries after it that are not at home.
func (p *part) close(gap int) {
	end := gap + 1
	for end < len(p.cells) && p.cells[end].place != 0 && p.home(p.cells[end].key) < end {
		end++
	}
	copy(p.cells[gap:], p.cells[gap+1:end])
	p.cells[end-1] = cell{}
}

// resize makes a new table of so many homes. Entries come in order of key, so
// each goes behind the one before it.
func (p *part) resize(homes int) {
	old := p.cells
	p.homes = homes
	p.cells = make([]cell, homes+min(homes/16+8, 64))
	next := 0
	for _, c := range old {
		if c.place == 0 {
			continue
		}
		if next = max(next, p.home(c.key)); next == len(p.cells) {
			p.cells = append(p.cells, cell{})
		}
		p.cells[next] = c
		next++
	}
}
