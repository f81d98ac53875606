package cluster

import (
	"sync"
	"unicode/utf8"
)

// scanners are kept, because the memory of one serves the next article too.
var scanners = sync.Pool{New: func() any { return &scanner{knowledge: known(), proper: map[uint32]bool{}} }}

// scanner walks through an article, block by block, and notes its pivots.
type scanner struct {
	*knowledge
	lexicon *lexicon
	chinese bool // Han characters may transcribe foreign names

	pos    int // in sixteenths of a Latin letter
	text   string
	words  []word
	runes  []rune // folded letters of the block's words
	found  []found
	names  []nameWord
	proper map[uint32]bool // words that stand capitalised inside a sentence
	sounds []byte
	keys   []uint64 // see order
}

// release gives the scanner back, without the article.
func (s *scanner) release() {
	clear(s.found)
	clear(s.names)
	clear(s.proper)
	s.text, s.pos, s.found, s.names = "", 0, s.found[:0], s.names[:0]
	scanners.Put(s)
}

// word is a run of letters of one script, or a number.
type word struct {
	from, to   int // folded letters, in runes
	start, end int // bytes in the text
	pos        uint16
	script     script
	capital    bool // begins with a capital letter
	opens      bool // is the first of a sentence, or stands in a headline full of capitals
	glued      bool // follows the word before without anything between
}

// block notes the pivots of one block of text.
func (s *scanner) block(text string) {
	s.text = text
	s.split()
	s.openHeadline()
	for i := 0; i < len(s.words); {
		i += s.visit(i)
	}
}

// split cuts the text into words and numbers.
func (s *scanner) split() {
	s.words, s.runes = s.words[:0], s.runes[:0]
	var w *word
	opens, lastEnd := true, -1
	var prev rune
	for i := 0; i < len(s.text) && !s.full(); {
		r, size := rune(s.text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s.text[i:])
		}
		sc := s.scriptOf(r)
		switch sc {
		case noLetter:
			if w != nil && w.script == digit && (isSeparator(r) && s.digitAt(i+size) || r == ' ' && s.partsThousands(w, i)) {
				s.runes = append(s.runes, r)
				w.to = len(s.runes)
				break
			}
			w = nil
			opens = opensSentence(r, opens, s.text, i+size)
			s.pos += 16
		case mark:
			if w != nil {
				w.end = i + size
			}
		default:
			if w == nil || w.script != sc || endsWord(prev) {
				s.words = append(s.words, word{from: len(s.runes), start: i, pos: s.place(), script: sc, opens: opens, capital: sc.cased() && s.isCapital(r), glued: lastEnd == i})
				w = &s.words[len(s.words)-1]
				opens = false
			}
			s.runes = append(s.runes, s.foldOf(r))
			s.pos += int(width[sc])
			w.to, w.end = len(s.runes), i+size
			lastEnd, prev = w.end, r
		}
		i += size
	}
}

// endsWord reports the letters of Arabic and Hebrew that stand only at the end
// of a word: what follows is another, though the space be missing.
func endsWord(r rune) bool {
	switch r {
	case 'ة', 'ى', 'ך', 'ם', 'ן', 'ף', 'ץ':
		return true
	}
	return false
}

// full reports whether what follows is beyond the positions that can be told.
func (s *scanner) full() bool { return s.pos >= unitSize*(noPlace-1) }

func (s *scanner) place() uint16 { return uint16(min(s.pos/unitSize, noPlace-1)) }

func (s *scanner) digitAt(i int) bool {
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return s.scriptOf(r) == digit
}

// partsThousands reports whether the space at i stands inside a number: one to
// three digits before it, three and no more after it.
func (s *scanner) partsThousands(w *word, i int) bool {
	if i-w.start > 3 && s.text[i-4] >= '0' && s.text[i-4] <= '9' || len(s.text) < i+4 {
		return false
	}
	for _, c := range []byte(s.text[i+1 : i+4]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return !s.digitAt(i + 4)
}

func isSeparator(r rune) bool {
	switch r {
	case '.', ',', '\'', '’', '٫', '٬', '\u00a0', '\u202f', '，', '．':
		return true
	}
	return false
}

// opensSentence reports whether the next word begins a sentence, after a
// character that is no letter; rest is where the text goes on.
func opensSentence(r rune, opens bool, text string, rest int) bool {
	switch r {
	case '.':
		return rest >= len(text) || text[rest] == ' ' || text[rest] == '"' || text[rest] >= utf8.RuneSelf
	case '!', '?', ':', '…', '•', '·', '-', '–', '—', '。', '؟', '।', '\n', '“', '"', '«', '„', '¿', '¡', '(', '[':
		return true
	}
	return opens && r != ','
}

// openHeadline treats every word of a block in which most are capitalised as
// one that begins a sentence: its capitals say nothing.
func (s *scanner) openHeadline() {
	long, capital := 0, 0
	for _, w := range s.words {
		if w.script.cased() && w.to-w.from >= 4 {
			long++
			if w.capital {
				capital++
			}
		}
	}
	if long < 4 || capital*10 < long*7 {
		return
	}
	for i := range s.words {
		s.words[i].opens = true
	}
}

func (s *scanner) folded(w *word) []rune     { return s.runes[w.from:w.to] }
func (s *scanner) label(from, to int) string { return s.text[s.words[from].start:s.words[to].end] }

func (s *scanner) note(k kind, h uint32, i, last int) {
	s.found = append(s.found, found{hash: makeHash(k, h), pos: s.words[i].pos, label: s.label(i, last)})
}

// visit notes what begins at word i and returns how many words it took.
func (s *scanner) visit(i int) int {
	w := &s.words[i]
	switch {
	case w.script == digit:
		return s.number(i)
	case w.script.unspaced():
		s.run(i)
		return 1
	}
	if n := s.name(i); n > 0 {
		return n
	}
	s.properName(i)
	return 1
}

// nameMatch is a name of the lexicon found in the text.
type nameMatch struct {
	entry entryOf
	words int
}

// name looks for the longest name that begins at word i, and notes it. It
// returns how many words it took.
func (s *scanner) name(i int) int {
	w := &s.words[i]
	if w.script != arabic && w.script != hebrew {
		return s.nameFrom(i, 0)
	}
	skips, n := particles(s.folded(w), w.script)
	for _, skip := range skips[:n] {
		if words := s.nameFrom(i, skip); words > 0 {
			return words
		}
	}
	return 0
}

// nameFrom is name for a word whose first letters are skipped.
func (s *scanner) nameFrom(i, skip int) int {
	w := &s.words[i]
	m := s.lookup(i, skip)
	if m.words == 0 || m.entry.capital && w.script.cased() && !w.capital {
		return 0
	}
	last := i + m.words - 1
	s.noteName(m.entry, i, last, w.pos, s.label(i, last))
	return m.words
}

// particles are the numbers of letters to skip at the beginning of a word, for
// what Arabic and Hebrew write together with it: and, in, to, from, the.
func particles(w []rune, sc script) (skips [3]int, n int) {
	n = 1
	switch {
	case sc == arabic && len(w) > 4:
		return arabicParticles(w)
	case sc == hebrew && len(w) > 3 && isHebrewParticle(w[0]):
		skips[1], n = 1, 2
		if len(w) > 4 && isHebrewParticle(w[1]) {
			skips[2], n = 2, 3
		}
	}
	return skips, n
}

func isHebrewParticle(r rune) bool {
	switch r {
	case 'ו', 'ה', 'ב', 'ל', 'מ', 'ש', 'כ':
		return true
	}
	return false
}

// arabicParticles ends with the article where the word has one.
func arabicParticles(w []rune) (skips [3]int, n int) {
	p := 0
	switch w[0] {
	case 'و', 'ف', 'ب', 'ل', 'ك':
		p = 1
	}
	switch {
	case w[p] == 'ا' && w[p+1] == 'ل':
		return [3]int{0, p, p + 2}, 3
	case w[0] == 'ل' && w[1] == 'ل':
		return [3]int{0, 1, 2}, 3
	case p == 1:
		return [3]int{0, 1}, 2
	}
	return skips, 1
}

// lookup finds the longest name from word i on, skip letters left out; then,
// of the first word alone, the longest name that is all of it but an ending.
func (s *scanner) lookup(i, skip int) nameMatch {
	w := &s.words[i]
	var best nameMatch
	h := uint32(hashStart)
	letters := s.folded(w)[skip:]
	var hashes [4]uint32 // of the word and its three longest beginnings, by letters mod 4
	for n, r := range letters {
		h = hashRune(h, r)
		hashes[n&3] = h
	}
	e, ok := s.lexicon.find(h)
	if ok && e.kind != 0 && !e.cut {
		best = nameMatch{e, 1}
	}
	for j := i + 1; ok && e.more && j < len(s.words) && j < i+6; j++ {
		h = hashRune(h, ' ')
		for _, r := range s.folded(&s.words[j]) {
			h = hashRune(h, r)
		}
		e, ok = s.lexicon.find(h)
		if ok && e.kind != 0 {
			best = nameMatch{e, j - i + 1}
		}
	}
	if best.words > 0 {
		return best
	}
	for cut := 0; cut < 4 && len(letters)-cut >= shortestStem(w.script); cut++ {
		if e, ok := s.lexicon.find(hashes[(len(letters)-1-cut)&3]); ok && e.kind != 0 && e.kind != 'n' && (!e.cut || cut < 3) {
			return nameMatch{e, 1}
		}
	}
	return nameMatch{}
}

// shortestStem is how many letters a word must keep when an ending is cut.
func shortestStem(sc script) int {
	switch sc {
	case hangul:
		return 2
	case hebrew:
		return 3
	}
	return 4
}

// run looks for names at every character of a run of letters without spaces.
func (s *scanner) run(i int) {
	w := &s.words[i]
	letters := s.folded(w)
	if w.script == katakana {
		if n := s.name(i); n == 0 {
			s.properName(i)
		}
		return
	}
	sounding := 0 // where the run of characters that transcribe sounds began
	for at := 0; at < len(letters); {
		e, n := s.longest(letters[at:])
		if n == 0 && (w.script != han || s.sound[letters[at]&0xffff] == 0 || letters[at] > 0xffff) {
			s.transcribed(i, sounding, at)
			at++
			sounding = at
			continue
		}
		if n == 0 {
			at++
			continue
		}
		s.transcribed(i, sounding, at)
		if n >= 2 || e.kind == 'm' {
			s.noteName(e, i, i, s.within(i, at), string(letters[at:at+n]))
		}
		at += n
		sounding = at
	}
	s.transcribed(i, sounding, len(letters))
}

// transcribed keeps the letters from to to of the Chinese word i as a foreign
// name, if they may be one: all stand for sounds.
func (s *scanner) transcribed(i, from, to int) {
	if to-from < 2 || s.words[i].script != han || !s.chinese {
		return
	}
	w := &s.words[i]
	s.sounds = s.skeleton(s.sounds[:0], s.folded(w)[from:to], han)
	if len(s.sounds) < 3 {
		return
	}
	nw := nameWord{sure: true, pos: s.within(i, from), label: string(s.folded(w)[from:to])}
	nw.n = copy(nw.sounds[:], s.sounds)
	s.names = append(s.names, nw)
}

// longest is the longest name that letters begin with, and its length.
func (s *scanner) longest(letters []rune) (entryOf, int) {
	var best entryOf
	n := 0
	h := uint32(hashStart)
	for j, r := range letters {
		h = hashRune(h, r)
		e, ok := s.lexicon.find(h)
		if !ok {
			break
		}
		if e.kind != 0 {
			best, n = e, j+1
		}
		if !e.more {
			break
		}
	}
	return best, n
}

// within is the position of the letter at in word i.
func (s *scanner) within(i, at int) uint16 {
	w := &s.words[i]
	return uint16(min(int(w.pos)+at*int(width[w.script])/unitSize, noPlace-1))
}

// noteName notes a name of the lexicon that stands in words i to last.
func (s *scanner) noteName(e entryOf, i, last int, pos uint16, label string) {
	var k kind
	switch e.kind {
	case 't', 'c':
		k = kindPlace
	case 'm', 'd':
		k = kindCalendar
	case 'l':
		k = kindLanguage
	case 'n':
		s.small(int(e.value), i, last)
		return
	default:
		return
	}
	s.found = append(s.found, found{hash: makeHash(k, e.concept), pos: pos, label: label})
	if e.kind == 'm' {
		s.date(i, last, int(e.value))
	}
}
