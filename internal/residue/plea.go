package residue

import (
	"kliping/internal/news"
)

const (
	// maxWords is the longest block, in words, that shape and lexicon judge.
	maxWords = 90
	// A sentence longer than this is no plea unless most of it is made of
	// phrases.
	longPlea = 32
	// Up to here a plea need not speak of "us" or "you".
	shortPlea = 12
	// Up to here a plea is believed in the middle of a text.
	certainPlea = 22
	// A quotation of so many words is somebody speaking.
	longQuote = 6

	reachPlea = 8
)

// plea judges a block by the lexicon: whether what it asks for or labels is all
// it is there for. It works sentence by sentence, since a block of the article
// may mention what pleas are made of, and a plea may have a sentence that no
// list knows.
func (c *Cleaner) plea(b news.Block, f *folded) verdict {
	if b.Kind == news.Code || f.len() == 0 || quoted(f) >= longQuote {
		return verdict{}
	}
	found := c.lexicon.find(f)
	if len(found) == 0 {
		return verdict{}
	}
	total, pleading, sentences := 0, 0, 0
	var first *finding
	certain := true
	for start := 0; start < f.len(); {
		end := sentenceEnd(f, start)
		s := sentence{f: f, start: start, end: end, first: start == 0, found: within(found, start, end)}
		size := s.size()
		total += size
		if got := s.judge(); got.kind != "" {
			pleading += size
			sentences++
			certain = certain && got.certain
			if first == nil {
				first = &got
			}
			if got.whole {
				return lexiconVerdict(got, got.certain)
			}
		} else {
			certain = false
		}
		start = end
	}
	switch {
	case first == nil:
		return verdict{}
	case pleading*10 >= total*6, sentences >= 2 && pleading*10 >= total*4:
		return lexiconVerdict(*first, certain)
	}
	return verdict{}
}

func lexiconVerdict(got finding, certain bool) verdict {
	v := verdict{strip: &news.Strip{Evidence: news.ByLexicon, Rule: got.rule + "/" + got.kind}, head: reachPlea, tail: reachPlea}
	if certain {
		v.head, v.tail = anywhere, anywhere
	}
	return v
}

// quoted is the number of words in the longest quotation.
func quoted(f *folded) int {
	longest, open := 0, -1
	for i, m := range f.marks {
		if m&quote == 0 {
			continue
		}
		if open >= 0 {
			longest = max(longest, i-open)
		}
		open = i
	}
	return longest
}

// sentenceEnd returns the word at which the sentence ends that begins at start.
func sentenceEnd(f *folded, start int) int {
	for i := start + 1; i < f.len(); i++ {
		if f.marks[i]&stop != 0 {
			return i
		}
	}
	return f.len()
}

// within returns the matches that lie between two words.
func within(found []match, start, end int) []match {
	var some []match
	for _, m := range found {
		if m.start >= start && m.end <= end {
			some = append(some, m)
		}
	}
	return some
}

// sentence is a run of words with the patterns found in it.
type sentence struct {
	f          *folded
	start, end int
	first      bool // of its block
	found      []match
}

// finding is what a sentence was found to be; no kind: nothing known.
type finding struct {
	rule, kind string
	certain    bool // enough said to be believed in the middle of a text
	whole      bool // the line it opens is residue with all that follows
}

// size is the number of words, where characters of scripts without spaces
// count for half.
func (s *sentence) size() int { return s.span(s.start, s.end) }

func (s *sentence) span(start, end int) int {
	halves := 0
	for i := start; i < end; i++ {
		halves += 2
		if isLone(s.f.word(i)) {
			halves--
		}
	}
	return (halves + 1) / 2
}

func isLone(word []byte) bool {
	if len(word) < 3 || len(word) > 4 {
		return false
	}
	r, size := decode(word)
	return size == len(word) && classOf(r) == loneRune
}

// judge applies the rules in order of how much they say.
func (s *sentence) judge() finding {
	if len(s.found) == 0 || s.has(roleStory) {
		return finding{}
	}
	for _, rule := range []func() finding{s.label, s.whole, s.counter, s.phrase, s.request, s.litter} {
		if got := rule(); got.kind != "" {
			return got
		}
	}
	return finding{}
}

func (s *sentence) has(r role) bool { return s.count(r) > 0 }

func (s *sentence) count(r role) int {
	n := 0
	for _, m := range s.found {
		if m.role == r {
			n++
		}
	}
	return n
}

// label: the block opens with "Read also" or "Tags:" and goes on about
// something else. A label of one word needs a colon.
func (s *sentence) label() finding {
	if !s.first {
		return finding{}
	}
	for _, m := range s.found {
		if m.role != roleLabel || m.start != s.start {
			continue
		}
		announced := s.f.marks[m.end]&colon != 0
		alone := m.end == s.f.len()
		if rest := s.span(m.end, s.f.len()); rest <= maxLabelled && (announced || alone || s.span(m.start, m.end) >= 2) {
			return finding{rule: "label", kind: m.kind, certain: m.certain && (announced || alone), whole: true}
		}
	}
	return finding{}
}

// maxLabelled is the longest text, in words, that a label announces.
const maxLabelled = 24

// whole: the pattern is all the sentence says, but for figures and a word.
func (s *sentence) whole() finding {
	for _, m := range s.found {
		if m.role != roleWhole {
			continue
		}
		rest := s.unfigured(s.start, m.start) + s.unfigured(m.end, s.end)
		if rest == 0 || rest == 1 && m.end-m.start >= 3 {
			return finding{rule: "whole", kind: m.kind, certain: m.certain && rest == 0}
		}
	}
	return finding{}
}

// unfigured counts the words that are no numbers.
func (s *sentence) unfigured(start, end int) int {
	n := 0
	for i := start; i < end; i++ {
		if !isNumber(s.f.word(i)) {
			n++
		}
	}
	return n
}

// counter: a number and what it counts, at most a word more.
func (s *sentence) counter() finding {
	if s.size() > 6 || s.unfigured(s.start, s.end) == s.end-s.start {
		return finding{}
	}
	for _, m := range s.found {
		if m.role == roleCount && s.unfigured(s.start, m.start)+s.unfigured(m.end, s.end) <= 1 {
			return finding{rule: "counter", kind: m.kind}
		}
	}
	return finding{}
}

// phrase: words that only pleas and notices use, where they are not lost in a
// long sentence.
func (s *sentence) phrase() finding {
	covered := 0
	var best *match
	for i, m := range s.found {
		if m.role == rolePhrase {
			covered += s.span(m.start, m.end)
			if best == nil || m.end-m.start > best.end-best.start {
				best = &s.found[i]
			}
		}
	}
	size := s.size()
	if best == nil || size > longPlea && covered*4 < size {
		return finding{}
	}
	return finding{rule: "phrase", kind: best.kind, certain: best.certain && size <= certainPlea}
}

// request: somebody asks for something that pleas ask for.
func (s *sentence) request() finding {
	size := s.size()
	if size > longPlea || !s.asks() {
		return finding{}
	}
	for _, m := range s.found {
		if m.role != roleThing {
			continue
		}
		personal := s.has(roleSelf)
		if personal || size <= shortPlea {
			return finding{rule: "plea", kind: m.kind, certain: personal && size <= certainPlea}
		}
	}
	return finding{}
}

// asks reports an imperative: by its form, or by standing at the beginning.
func (s *sentence) asks() bool {
	for _, m := range s.found {
		if m.role == rolePlea || m.role == roleAct && m.start <= s.start+1 {
			return true
		}
	}
	return false
}

// litter: a short line of nothing but such words: "Facebook Twitter Email",
// "Share on WhatsApp".
func (s *sentence) litter() finding {
	size := s.size()
	if size > shortPlea {
		return finding{}
	}
	var covered [4 * shortPlea]bool
	kind, weight := "", 0
	for _, m := range s.found {
		switch m.role {
		case roleBy:
			continue
		case roleAct, rolePlea, roleBrand, roleThing, roleCount:
			weight++
			kind = m.kind
		}
		for i := m.start; i < m.end && i-s.start < len(covered); i++ {
			covered[i-s.start] = true
		}
	}
	if weight < 2 {
		return finding{}
	}
	bare := 0
	for i := range min(s.end-s.start, len(covered)) {
		if !covered[i] && !isNumber(s.f.word(s.start+i)) {
			bare++
		}
	}
	if bare*5 > s.end-s.start {
		return finding{}
	}
	return finding{rule: "litter", kind: kind}
}
