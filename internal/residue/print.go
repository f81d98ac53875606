package residue

import "github.com/zeebo/xxh3"

// The low byte of a print says how long the block is, so that what an outlet
// repeats can be weighed without its text.
const (
	wordBits  = 0x3f // the number of words, 63 for more
	figureBit = 0x40 // a word has a digit in it
	hashBits  = ^uint64(0xff)
)

// Print is the fingerprint of a block: equal for texts with the same words and
// figures, whatever their case, accents and punctuation. The high 56 bits are
// a hash (xxh3) of the folded words; the low byte holds the number of words and
// whether there are figures. A text without words has the print 0.
func Print(text string) uint64 {
	f := foldText(text)
	defer f.release()
	return f.print()
}

func (f *folded) print() uint64 {
	if f.len() == 0 {
		return 0
	}
	p := xxh3.Hash(f.buf)&hashBits | uint64(min(f.len(), wordBits))
	for _, b := range f.buf {
		if '0' <= b && b <= '9' {
			return p | figureBit
		}
	}
	return p
}

// printWords is the number of words in the block behind a print, at most 63.
func printWords(p uint64) int { return int(p & wordBits) }
