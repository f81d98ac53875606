package residue

import (
	"slices"
	"unicode/utf8"

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
	if b.Kind == news.Code || f.len() == 0 {
		return verdict{}
	}
	found := c.lexicon.find(f)
	if len(found) == 0 {
		return verdict{}
	}
	if got := label(f, found); got.kind != "" {
		return lexiconVerdict(got)
	}
	if quoted(f) >= longQuote {
		return verdict{}
	}
	total, pleading, sentences := 0, 0, 0
	var first finding
	certain := true
	for start := 0; start < f.len(); {
		end := sentenceEnd(f, start)
		s := sentence{f: f, start: start, end: end, found: f.within(found, start, end)}
		size := s.size()
		total += size
		if got := s.judge(); got.kind != "" {
			pleading += size
			sentences++
			certain = certain && got.certain
			if first.kind == "" {
				first = got
			}
		} else {
			certain = false
		}
		start = end
	}
	switch {
	case first.kind == "":
		return verdict{}
	case pleading*2 >= total, sentences >= 2 && pleading*10 >= total*4:
		first.certain = certain
		return lexiconVerdict(first)
	}
	return verdict{}
}

func lexiconVerdict(got finding) verdict {
	reach := reachPlea
	switch {
	case got.certain:
		reach = anywhere
	case got.rule == "counter", got.rule == "litter":
		reach = reachEdge
	}
	return verdict{strip: &news.Strip{Evidence: news.ByLexicon, Rule: got.rule + "/" + got.kind}, head: reach, tail: reach}
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

// within returns the matches that lie between two words; they are valid until
// the next call.
func (f *folded) within(found []match, start, end int) []match {
	f.inner = f.inner[:0]
	for _, m := range found {
		if m.start >= start && m.end <= end {
			f.inner = append(f.inner, m)
		}
	}
	return f.inner
}

// sentence is a run of words with the patterns found in it.
type sentence struct {
	f          *folded
	start, end int
	found      []match
}

// finding is what a sentence was found to be; no kind: nothing known.
type finding struct {
	rule, kind string
	certain    bool // enough said to be believed in the middle of a text
}

// size is the number of words, where characters of scripts without spaces
// count for half.
func (s *sentence) size() int { return span(s.f, s.start, s.end) }

func span(f *folded, start, end int) int {
	if !f.unspaced {
		return end - start
	}
	halves := 0
	for i := start; i < end; i++ {
		halves += 2
		if isLone(f.word(i)) {
			halves--
		}
	}
	return (halves + 1) / 2
}

func isLone(word []byte) bool {
	if len(word) < 3 || len(word) > 4 {
		return false
	}
	r, size := utf8.DecodeRune(word)
	return size == len(word) && letters().of(r).class == loneRune
}

// judge applies the rules in order of how much they say.
func (s *sentence) judge() finding {
	if len(s.found) == 0 || s.isSpoken() {
		return finding{}
	}
	if got := s.phrase(); got.kind != "" || s.has(roleStory) {
		return got
	}
	for _, rule := range []func() finding{s.whole, s.counter, s.request, s.litter} {
		if got := rule(); got.kind != "" {
			return got
		}
	}
	return finding{}
}

// isSpoken reports a pattern that a quotation ends with before the sentence goes
// on, or that a sentence ends with: "Follow us", the scouts cried. The scouts
// cried, "Follow us".
func (s *sentence) isSpoken() bool {
	return slices.ContainsFunc(s.found, func(m match) bool {
		return s.f.marks[m.end]&quote != 0 && (m.end < s.end || m.start > s.start && s.f.marks[m.start]&quote != 0)
	})
}

// isReported reports a last clause that no pattern has a part in: Follow us, the
// scouts cried. Pleas go on about what they ask for, and sign with names.
func (s *sentence) isReported() bool {
	last := s.start
	for i := s.start + 1; i < s.end; i++ {
		if s.f.marks[i]&pause != 0 {
			last = i
		}
	}
	pleads := func(m match) bool { return m.end > last && m.pleads() || m.start == last && m.role == roleAim }
	if last == s.start || slices.ContainsFunc(s.found, pleads) {
		return false
	}
	return s.bare(last, s.end) >= leastClause
}

// leastClause is the fewest words, or half the characters, of a clause that
// somebody speaks by.
const leastClause = 2

// bare counts the words that are neither numbers, names nor part of a pattern.
func (s *sentence) bare(start, end int) int {
	n := 0
	for i := start; i < end; i++ {
		if s.f.marks[i]&capital == 0 {
			n += s.unknown(i, i+1)
		}
	}
	return n
}

// isKnown reports a word that is part of a pattern.
func (s *sentence) isKnown(i int) bool {
	return slices.ContainsFunc(s.found, func(m match) bool { return m.start <= i && i < m.end && m.pleads() })
}

// pleads reports a pattern that a plea may have anywhere. A word that opens a
// line, or makes one, is often a common word of another language.
func (m match) pleads() bool {
	switch m.role {
	case roleStory, roleLabel, roleWhole, roleBy, roleAim:
		return false
	}
	return true
}

func (s *sentence) has(r role) bool { return s.hears(r, "") }

// hears reports a pattern of the role, and of the kind if one is given.
func (s *sentence) hears(r role, kind string) bool {
	return slices.ContainsFunc(s.found, func(m match) bool {
		return m.role == r && (kind == "" || m.kind == kind)
	})
}

// label: the block opens with "Read also" or "Tags:" and goes on about
// something else. Without a colon it must be a label of several words, and what
// it opens a headline: no sentence that ends, none that tells of something.
func label(f *folded, found []match) finding {
	var best finding
	for _, m := range found {
		if m.role != roleLabel || m.start != 0 || span(f, m.end, f.len()) > maxLabelled {
			continue
		}
		announced := f.marks[m.end]&colon != 0
		alone := m.end == f.len()
		ended := f.marks[f.len()]&stop != 0 || slices.ContainsFunc(found, func(m match) bool { return m.role == roleStory })
		if announced || alone || span(f, 0, m.end) >= 2 && !ended {
			best.rule, best.kind = "label", m.kind
			best.certain = best.certain || m.certain && (announced || alone)
		}
	}
	return best
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
			sure := s.size() >= 2 || m.kind == "advertisement"
			return finding{rule: "whole", kind: m.kind, certain: m.certain && rest == 0 && sure}
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

// counter: a number and what it counts, and no word besides that could say what
// became of them.
func (s *sentence) counter() finding {
	if s.size() > 6 || s.unfigured(s.start, s.end) == s.end-s.start {
		return finding{}
	}
	for _, m := range s.found {
		if m.role == roleCount && s.unknown(s.start, m.start)+s.unknown(m.end, s.end) == 0 {
			return finding{rule: "counter", kind: m.kind}
		}
	}
	return finding{}
}

// unknown counts the words that are neither numbers nor part of a pattern.
func (s *sentence) unknown(start, end int) int {
	n := 0
	for i := start; i < end; i++ {
		if !isNumber(s.f.word(i)) && !s.isKnown(i) {
			n++
		}
	}
	return n
}

// phrase: words of pleas and notices where they are most of the sentence, open
// it, or stand beside a word of the site that speaks. A story may be about the
// same things.
func (s *sentence) phrase() finding {
	size, covered, longest := s.size(), 0, 0
	var best *match
	opens := false
	for i, m := range s.found {
		if m.role != rolePhrase {
			continue
		}
		n := span(s.f, m.start, m.end)
		covered += n
		if n > longest {
			best, longest = &s.found[i], n
		}
		opens = opens || m.start <= s.start+1 && (n >= 4 || n*3 >= size || m.kind == "follow" && s.has(roleBrand))
	}
	told := s.has(roleStory)
	switch {
	case best == nil, size > longPlea && covered*4 < size, told && longest < 4, s.doubts(best):
		return finding{}
	case covered*2 >= size, opens,
		!told && s.speaks(best) && (covered*4 >= size || best.kind == "cookies"): // consent is asked in long sentences
		return finding{rule: "phrase", kind: best.kind, certain: best.certain && size <= certainPlea}
	}
	return finding{}
}

// doubts reports a sentence that has the words of a plea or notice and goes on
// as news. Consent is asked in long sentences, and what a text says of itself
// tells something.
func (s *sentence) doubts(phrase *match) bool {
	switch phrase.kind {
	case "cookies", "appeared", "made", "listen":
		return false
	case "rights":
		if s.isAbout() {
			return true
		}
	}
	return s.isTold(phrase) || s.isReported()
}

// isTold reports a word outside the phrase that tells of something.
func (s *sentence) isTold(phrase *match) bool {
	return slices.ContainsFunc(s.found, func(m match) bool {
		return m.role == roleStory && (m.start < phrase.start || m.end > phrase.end)
	})
}

// isAbout reports that a sentence with the words of a notice has half as many
// more that no pattern knows, and neither a year nor somebody who gives notice.
func (s *sentence) isAbout() bool {
	noticed, signed := 0, s.has(roleBrand)
	for i := s.start; i < s.end; i++ {
		if slices.ContainsFunc(s.found, func(m match) bool { return m.role == rolePhrase && m.start <= i && i < m.end }) {
			noticed++
			continue
		}
		signed = signed || isYear(s.f.word(i)) || slices.ContainsFunc(s.found, func(m match) bool {
			return m.role == roleSelf && m.kind == "us" && m.start == i
		})
	}
	return 2*s.bare(s.start, s.end) > noticed && !signed
}

// speaks reports a word of the site that speaks, besides those in the phrase.
func (s *sentence) speaks(phrase *match) bool {
	return slices.ContainsFunc(s.found, func(m match) bool {
		return m.role == roleSelf && m.kind == "us" && (m.start < phrase.start || m.end > phrase.end)
	})
}

// request: somebody asks for something that pleas ask for.
func (s *sentence) request() finding {
	size := s.size()
	asked, formal := s.asks()
	if size > longPlea || !asked || s.isReported() {
		return finding{}
	}
	us, personal := s.hears(roleSelf, "us"), s.has(roleSelf)
	for _, m := range s.found {
		if m.role != roleThing && (m.role != roleBrand || !us) {
			continue
		}
		if personal || formal && size <= shortPlea {
			letter := formal && m.kind == "newsletter" && size <= shortPlea
			return finding{rule: "plea", kind: m.kind, certain: (us || personal && formal || letter) && size <= certainPlea}
		}
	}
	return finding{}
}

// asks reports an imperative, and whether it is one that needs no "us" or "you":
// by its form, or a strong word at the very beginning.
func (s *sentence) asks() (asked, formal bool) {
	for _, m := range s.found {
		switch {
		case m.role == rolePlea:
			return true, true
		case m.role == roleAct && m.start <= s.start+1:
			asked = true
			formal = formal || m.certain && m.start == s.start
		}
	}
	return asked, formal
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
		case roleBy, roleLabel, roleAim:
			continue
		case roleAct, rolePlea, roleBrand, roleThing, roleCount:
			if m.kind != "name" {
				weight++
				kind = m.kind
			}
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
