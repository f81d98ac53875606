package residue

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kliping/internal/news"
)

// How copies bear witness. A block is measured in words; in scripts that put no
// spaces between words, two characters count as one.
const (
	// What stands outside is at most so long, and at least so long: a word or two
	// that a copy lacks may be a sign-off as well as a heading.
	loneMost, loneLeast = 25, 3
	// So many such blocks may follow one another outside; more are a list.
	loneRun = 3
	// Shared blocks this long hold the span: two of them, or one of the larger.
	anchor, bigAnchor = 8, 30
	// What is put in between two shared blocks is at least so long: a heading is
	// shorter.
	insertLeast = 6
	// In a text whose sentences end in no mark, what stands outside is so long at
	// most, and so many outlets have to be without it.
	unmarkedMost, unmarkedCopies = 12, 2
	// A copy that was cut shows less: so many outlets have to be without the block.
	cutCopies = 2
	// A translation has a paragraph for each of so many or more, and the ratio of
	// their lengths is that of the whole texts, give or take this factor.
	alignedLeast, alignedFactor = 3, 1.8
	// Of an endless text so many pairs of words are remembered.
	maxGrams = 50_000
)

// Copy is an article as a witness of what its copies say. It is never changed
// and may be shared.
type Copy struct {
	outlet   string
	language string
	blocks   []part
	at       map[uint64]int      // print → the first kept block that has it
	grams    map[uint64]struct{} // pairs of neighbouring words, of all blocks
	size     int                 // of the kept blocks
	unmarked bool                // its sentences end in no mark
}

// part is one block of a Copy.
type part struct {
	print uint64
	size  int
	grams []uint64
	out   bool // stripped already, for another reason than copies
	found bool // found outside before
	lone  bool // short and no sentence: it may be residue
	inner bool // it may be residue in the middle of a text too
}

// Copy reads an article for comparison with its copies.
func (c *Cleaner) Copy(outlet, language string, blocks []news.Block) *Copy {
	w := &Copy{outlet: outlet, language: language, blocks: make([]part, len(blocks)), at: map[uint64]int{}, grams: map[uint64]struct{}{}}
	var f folded
	long, marked := 0, 0
	for i, b := range blocks {
		f.fold(b.Text)
		p := &w.blocks[i]
		p.print, p.size, p.grams = f.print(), f.size(), f.grams()
		p.found = b.Strip != nil && b.Strip.Evidence == news.ByCopy
		p.out = b.Strip != nil && !p.found
		for _, g := range p.grams[:max(0, min(len(p.grams), maxGrams-len(w.grams)))] {
			w.grams[g] = struct{}{}
		}
		if p.out {
			continue
		}
		w.size += p.size
		if _, ok := w.at[p.print]; !ok && p.print != 0 {
			w.at[p.print] = i
		}
		ended := endsSentence(b.Text)
		if p.size > loneMost/2 {
			long++
			if ended {
				marked++
			}
		}
		p.lone = (p.size >= loneLeast || isName(b.Text)) && p.size <= loneMost && (!ended || b.Links > .5) && c.loose(b)
		p.inner = p.lone && p.size >= insertLeast && b.Kind == news.Paragraph
	}
	w.unmarked = 2*marked < long
	return w
}

// loose reports whether a block is of a kind that outlets add: no heading, quote
// or code, and no credit to a writer or an agency, in brackets or not.
func (c *Cleaner) loose(b news.Block) bool {
	if b.Kind != news.Paragraph && b.Kind != news.ListItem {
		return false
	}
	first, _ := utf8.DecodeRuneInString(b.Text)
	name, agency := c.lexicon.signature(b.Text)
	if unicode.Is(unicode.Ps, first) || name != "" || agency != "" || c.lexicon.credited(b.Text) != "" {
		return false
	}
	place, agency := c.lexicon.dateline(b.Text)
	return place == "" && agency == ""
}

// isName reports a block that can be a user's name: one word with figures or an
// underscore in it.
func isName(text string) bool {
	return !strings.ContainsAny(text, " \u00a0") && strings.ContainsAny(text, "_0123456789") && strings.ContainsFunc(text, unicode.IsLetter)
}

// endsSentence reports whether a text ends as prose does: in a mark or in a
// quotation. A question or a call is what pleas end in as well.
func endsSentence(text string) bool {
	said := strings.TrimRightFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Quotation_Mark, r) || r == '’' })
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(said, ")]） "))
	return len(said) < len(strings.TrimSpace(text)) || strings.ContainsRune(".…。।۔։။។:：;；,", last)
}

// size is the number of words; characters that are words of their own count for
// half.
func (f *folded) size() int {
	halves := 0
	for i := range f.len() {
		if halves++; !isLone(f.word(i)) {
			halves++
		}
	}
	return (halves + 1) / 2
}

// grams are hashes of the pairs of neighbouring words; of one word alone, of it.
func (f *folded) grams() []uint64 {
	if f.len() == 0 {
		return nil
	}
	all := make([]uint64, 0, f.len())
	hash := func(w []byte) uint64 {
		h := uint64(14695981039346656037) // FNV-1a
		for _, b := range w {
			h = (h ^ uint64(b)) * 1099511628211
		}
		return h
	}
	last := hash(f.word(0))
	for i := 1; i < f.len(); i++ {
		next := hash(f.word(i))
		all = append(all, last*31+next)
		last = next
	}
	if len(all) == 0 {
		all = append(all, last)
	}
	return all
}

// Standing is what copies say of a block.
type Standing int

// The standings.
const (
	Unsaid  Standing = iota // nothing: it is prose, or no copy shows where the text ends
	Shared                  // a copy has it
	Outside                 // it stands outside what copies share, and in none of them
)

// Finding is what an article's copies say of one of its blocks.
type Finding struct {
	Standing Standing
	Inserted bool // it stands between two blocks that follow one another in the copies
	Copies   int  // outlets whose copies say that it is outside
}

// Strip says for people why copies take a block out of the article.
func (f Finding) Strip() *news.Strip {
	copies := "a copy shares"
	if f.Copies > 1 {
		copies = fmt.Sprintf("%d copies share", f.Copies)
	}
	if f.Inserted {
		return &news.Strip{Evidence: news.ByCopy, Rule: "inserted", Detail: "between paragraphs that " + copies + ", and in none of them"}
	}
	return &news.Strip{Evidence: news.ByCopy, Rule: "outside", Detail: "outside what " + copies + ", and in none of them"}
}

// Hear asks an article's copies and translations, other articles of its story,
// about each of its blocks. Only short blocks that are no sentences are ever
// found outside: what an editor adds and what a cut copy lacks is prose. Articles
// of the same outlet carry the same residue and are not heard.
//
// A copy is heard if the blocks it shares with the article are most of the
// smaller of the two. Of what stands before them it speaks only if that is a few
// short blocks and nothing else; of what stands after them, if a few short blocks
// end the article. So an excerpt says nothing about the paragraphs that it leaves
// out. Of what stands between them it speaks if it is the one block between two
// that follow one another in the copy. A translation is heard if its paragraphs
// are those of the article, one for one, without the short blocks.
func (w *Copy) Hear(others []*Copy) []Finding {
	found := make([]Finding, len(w.blocks))
	heard := make([]witnesses, len(w.blocks))
	for _, other := range others {
		switch {
		case other.outlet == w.outlet:
			continue
		case other.language == w.language:
			w.meet(other, found)
			w.outside(other, heard)
		default:
			w.aligned(other, heard)
		}
	}
	for i := range found {
		f, h := &found[i], &heard[i]
		f.Copies, f.Inserted = len(h.outlets), h.inserted
		need := 1
		if h.cut == len(h.outlets) {
			need = cutCopies
		}
		if w.unmarked {
			need = unmarkedCopies
		}
		if f.Standing == Shared || f.Copies < need || w.unmarked && w.blocks[i].size > unmarkedMost {
			continue
		}
		f.Standing = Outside
	}
	return found
}

// witnesses are the outlets whose copies are without a block.
type witnesses struct {
	outlets  []string
	cut      int // of them, those whose copies end long before
	inserted bool
}

func (h *witnesses) add(outlet string, cut, inserted bool) {
	if slices.Contains(h.outlets, outlet) {
		return
	}
	h.outlets = append(h.outlets, outlet)
	h.inserted = h.inserted || inserted
	if cut {
		h.cut++
	}
}

// meet notes which short blocks another article has too, word for word or
// nearly.
func (w *Copy) meet(other *Copy, found []Finding) {
	for i, p := range w.blocks {
		if !p.lone {
			continue
		}
		both := 0
		for _, g := range p.grams {
			if _, ok := other.grams[g]; ok {
				both++
			}
		}
		if 2*both >= len(p.grams) {
			found[i].Standing = Shared
		}
	}
}

// outside notes the short blocks that stand outside what other shares.
func (w *Copy) outside(other *Copy, heard []witnesses) {
	shared := w.shared(other)
	if shared == nil {
		return
	}
	last := shared[len(shared)-1] + 1
	tail := last
	for i := last; i < len(w.blocks); i++ {
		if p := w.blocks[i]; !p.lone && !p.out && p.size > 0 {
			tail = i + 1
		}
	}
	for _, i := range w.edge(0, shared[0]) {
		heard[i].add(other.outlet, false, false)
	}
	for _, i := range w.edge(tail, len(w.blocks)) {
		heard[i].add(other.outlet, tail > last, false)
	}
	if i := w.between(shared, other); i >= 0 {
		heard[i].add(other.outlet, false, true)
	}
}

// aligned notes the short blocks of an article whose other blocks are those of a
// translation, one for one.
func (w *Copy) aligned(other *Copy, heard []witnesses) {
	lone, found := func(p part) bool { return p.lone }, func(p part) bool { return p.found }
	mine, theirs := w.paragraphsBut(lone), other.paragraphsBut(found)
	if len(mine) != len(theirs) || len(mine) < alignedLeast {
		return
	}
	var a, b float64
	for i := range mine {
		a, b = a+float64(mine[i]), b+float64(theirs[i])
	}
	for i := range mine {
		if r := float64(mine[i]) * b / (float64(theirs[i]) * a); r > alignedFactor || r*alignedFactor < 1 {
			return
		}
	}
	first, last := 0, len(w.blocks)-1
	for w.blocks[first].lone || w.blocks[first].out {
		first++
	}
	for w.blocks[last].lone || w.blocks[last].out {
		last--
	}
	for i, p := range w.blocks {
		if inside := first < i && i < last; p.lone && (!inside || p.inner) {
			heard[i].add(other.outlet, false, inside)
		}
	}
}

// paragraphsBut are the sizes of the kept blocks, some left out.
func (w *Copy) paragraphsBut(not func(part) bool) []int {
	var sizes []int
	for _, p := range w.blocks {
		if !p.out && p.size > 0 && !not(p) {
			sizes = append(sizes, p.size)
		}
	}
	return sizes
}

// shared returns the places of the blocks that other has too, if they are most
// of the smaller text.
func (w *Copy) shared(other *Copy) []int {
	var places []int
	size, anchors, big := 0, 0, false
	for i, p := range w.blocks {
		if _, ok := other.at[p.print]; !ok || p.out || p.size < loneLeast {
			continue
		}
		places = append(places, i)
		size += p.size
		if p.size >= anchor {
			anchors++
		}
		big = big || p.size >= bigAnchor
	}
	if anchors < 2 && !big || 2*size < min(w.size, other.size) {
		return nil
	}
	return places
}

// edge returns the blocks from one place up to another if they are few and all
// of them may be residue.
func (w *Copy) edge(from, to int) []int {
	var places []int
	for i := from; i < to; i++ {
		switch p := w.blocks[i]; {
		case p.out || p.size == 0:
		case !p.lone:
			return nil
		default:
			places = append(places, i)
		}
	}
	if len(places) > loneRun {
		return nil
	}
	return places
}

// between returns the one block that stands between two shared blocks which
// follow one another in the copy, or -1. Several are headings.
func (w *Copy) between(shared []int, other *Copy) int {
	inserted := -1
	for n, q := range shared[1:] {
		p := shared[n]
		if w.blocks[p].size < anchor || w.blocks[q].size < anchor || !other.follow(w.blocks[p].print, w.blocks[q].print) {
			continue
		}
		switch places := w.edge(p+1, q); {
		case len(places) == 0:
		case len(places) > 1 || inserted >= 0 || !w.blocks[places[0]].inner:
			return -1
		default:
			inserted = places[0]
		}
	}
	return inserted
}

// follow reports whether nothing but what may be residue stands between two
// blocks.
func (w *Copy) follow(p, q uint64) bool {
	from, to := w.at[p], w.at[q]
	if from >= to {
		return false
	}
	for _, b := range w.blocks[from+1 : to] {
		if !b.out && !b.lone && b.size > 0 {
			return false
		}
	}
	return true
}
