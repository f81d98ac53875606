package cluster

import "slices"

// lists holds short lists of places, each in a block of memory of a few sizes.
// A slice of its own for each pivot would cost more than what stands in it, and
// the garbage collector would visit every one.
type lists struct {
	chunks [][]uint32
	end    uint32                 // of what was given out
	free   [len(listSizes)]uint32 // the first free block of each size, which holds the next; 0: none
	single [1]uint32              // a list without a block
}

// listSizes are the sizes of blocks, the last being maxPosting.
var listSizes = [...]uint8{2, 3, 4, 6, 8, 12, 16, 24, 32, maxPosting}

const chunkSize = 1 << 13

// block returns the memory of a block.
func (l *lists) block(at uint32, size uint8) []uint32 {
	return l.chunks[at/chunkSize][at%chunkSize:][:listSizes[size]]
}

func (l *lists) alloc(size uint8) uint32 {
	if at := l.free[size]; at != 0 {
		l.free[size] = l.block(at, size)[0]
		return at
	}
	n := uint32(listSizes[size])
	if room := uint32(len(l.chunks))*chunkSize - l.end; room < n {
		l.end = uint32(len(l.chunks)) * chunkSize
		l.chunks = append(l.chunks, make([]uint32, chunkSize))
	}
	if l.end == 0 {
		l.end = 1 // 0 says that there is none
	}
	l.end += n
	return l.end - n
}

func (l *lists) release(at uint32, size uint8) {
	l.block(at, size)[0] = l.free[size]
	l.free[size] = at
}

// posting says which articles have a pivot: the newest, and how many there are
// in each language. Most pivots stand in a single article, and need no more
// memory than this.
type posting struct {
	hash  uint32
	at    uint32    // the block of the newest; of a single one, its place
	count uint32    // language in the upper byte, number in the rest
	size  uint8     // of the block
	n     uint8     // how many newest
	more  *[]uint32 // counts of further languages
}

// newest returns the newest articles that have the pivot, oldest first. They are
// valid until the next call.
func (l *lists) newest(p *posting) []uint32 {
	if p.n <= 1 {
		l.single[0] = p.at
		return l.single[:p.n]
	}
	return l.block(p.at, p.size)[:p.n]
}

// push makes an article the newest of a pivot's; the oldest of too many goes.
func (l *lists) push(p *posting, place uint32) {
	switch p.n {
	case 0:
		p.at, p.n = place, 1
		return
	case maxPosting:
		all := l.block(p.at, p.size)
		copy(all, all[1:])
		all[maxPosting-1] = place
		return
	case 1:
		first := p.at
		p.at, p.size = l.alloc(0), 0
		l.block(p.at, 0)[0] = first
	case listSizes[p.size]:
		l.move(p, p.size+1)
	}
	l.block(p.at, p.size)[p.n] = place
	p.n++
}

// pull takes an article from a pivot's newest, if it is there.
func (l *lists) pull(p *posting, place uint32) {
	if p.n <= 1 {
		if p.n == 1 && p.at == place {
			p.at, p.n = 0, 0
		}
		return
	}
	all := l.block(p.at, p.size)[:p.n]
	i := slices.Index(all, place)
	if i < 0 {
		return
	}
	copy(all[i:], all[i+1:])
	switch p.n--; {
	case p.n == 1:
		at := p.at
		p.at = all[0]
		l.release(at, p.size)
	case p.size >= 2 && p.n <= listSizes[p.size-2]:
		l.move(p, p.size-1)
	}
}

// drop forgets a pivot.
func (l *lists) drop(p *posting) {
	if p.n > 1 {
		l.release(p.at, p.size)
	}
	*p = posting{}
}

// move puts a pivot's newest into a block of another size.
func (l *lists) move(p *posting, size uint8) {
	at := l.alloc(size)
	copy(l.block(at, size), l.block(p.at, p.size)[:p.n])
	l.release(p.at, p.size)
	p.at, p.size = at, size
}

// add changes the number of articles of a language that have the pivot.
func (p *posting) add(lang uint8, by int) {
	switch {
	case p.count == 0 && p.more == nil:
		p.count = uint32(lang) << 24
		fallthrough
	case uint8(p.count>>24) == lang:
		p.count = uint32(int(p.count) + by)
		return
	case p.more == nil:
		p.more = new([]uint32)
	}
	for i, c := range *p.more {
		if uint8(c>>24) == lang {
			(*p.more)[i] = uint32(int(c) + by)
			return
		}
	}
	*p.more = append(*p.more, uint32(lang)<<24|uint32(by))
}

// further are the counts of languages after the first.
func (p *posting) further() []uint32 {
	if p.more == nil {
		return nil
	}
	return *p.more
}

// in is how many articles of a language have the pivot.
func (p *posting) in(lang uint8) int {
	if uint8(p.count>>24) == lang {
		return int(p.count & 0xffffff)
	}
	for _, c := range p.further() {
		if uint8(c>>24) == lang {
			return int(c & 0xffffff)
		}
	}
	return 0
}

func (p *posting) empty() bool {
	for _, c := range p.further() {
		if c&0xffffff != 0 {
			return false
		}
	}
	return p.count&0xffffff == 0
}
