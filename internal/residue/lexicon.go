package residue

import (
	_ "embed" // the lexicon is a file of its own
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed lexicon.txt
var lexiconText string

// role is what a pattern does in a sentence; lexicon.txt says it in full.
type role string

const (
	roleWhole  role = "whole"  // a plea or label when it is all the sentence says
	roleLabel  role = "label"  // opens a line of residue
	rolePhrase role = "phrase" // found in pleas only
	roleAct    role = "act"    // asks for something at the beginning of a sentence
	rolePlea   role = "plea"   // asks for something by its form, wherever it stands
	roleThing  role = "thing"  // what pleas ask for
	roleSelf   role = "self"   // words of the one who asks, to the one who is asked
	roleBrand  role = "brand"  // a service to share or follow on
	roleCount  role = "count"  // what counters count
	roleBy     role = "by"     // stands before a writer's name
	roleStory  role = "story"  // tells of something: no plea
	roleAim    role = "aim"    // opens a clause that says what a plea is good for
)

var roles = []role{roleWhole, roleLabel, rolePhrase, roleAct, rolePlea, roleThing, roleSelf, roleBrand, roleCount, roleBy, roleStory, roleAim}

// lexicon is the patterns of lexicon.txt, ready to be matched.
type lexicon struct {
	words    map[string]int32 // whole words
	stems    map[string]int32 // beginnings of words
	hints    hints
	patterns map[int32][]pattern // by first element
	agencies map[string]string   // folded form: usual name
	shouted  map[string]bool     // forms of agencies that are read in capitals only
}

// pattern is a run of words that means something.
type pattern struct {
	role    role
	kind    string // of plea: "newsletter", "share"
	certain bool   // believed in the middle of a text too
	rest    []int32
}

// Elements of a pattern that are no words of the vocabulary.
const (
	anyNumber int32 = -1 // written #
	anyFew    int32 = -2 // written …: up to gapWords words
)

const (
	gapWords  = 4 // words that … may stand for
	maxExpand = 4096

	shortestStem = 2  // letters
	longestStem  = 63 // bytes
)

// parseLexicon reads the lexicon's text; the error names the line.
func parseLexicon(text string) (*lexicon, error) {
	l := &lexicon{
		words: map[string]int32{}, stems: map[string]int32{},
		patterns: map[int32][]pattern{}, agencies: map[string]string{}, shouted: map[string]bool{},
	}
	var section []string
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		var err error
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section, err = parseSection(line)
		case section == nil:
			err = fmt.Errorf("a pattern stands before the first [section]")
		default:
			err = l.addLine(section, line)
		}
		if err != nil {
			return nil, fmt.Errorf("lexicon line %d: %w", number, err)
		}
	}
	return l, nil
}

// parseSection reads "[kind role]" or "[kind role certain]".
func parseSection(line string) ([]string, error) {
	fields := strings.Fields(strings.Trim(line, "[]"))
	switch {
	case len(fields) == 1 && fields[0] == "agency":
		return fields, nil
	case len(fields) < 2 || len(fields) > 3 || !slices.Contains(roles, role(fields[1])),
		len(fields) == 3 && fields[2] != "certain":
		return nil, fmt.Errorf("%s is no section; write [kind role] or [kind role certain], role one of %v", line, roles)
	}
	return fields, nil
}

// addLine reads "language: pattern | pattern", or "name: form | form" of an
// agency.
func (l *lexicon) addLine(section []string, line string) error {
	name, list, ok := strings.Cut(line, ":")
	if !ok {
		return fmt.Errorf("%q has no colon; write language: pattern | pattern", line)
	}
	for one := range strings.SplitSeq(list, "|") {
		one = strings.TrimSpace(one)
		if one == "" {
			continue
		}
		if section[0] == "agency" {
			form := foldWords(one)
			_, known := l.agencies[form]
			l.agencies[form] = name
			l.shouted[form] = isShouted(one) && len(one) <= 5 && (!known || l.shouted[form])
			continue
		}
		variants, err := expand(strings.Fields(one))
		if err != nil {
			return fmt.Errorf("%q: %w", one, err)
		}
		for _, v := range variants {
			if err := l.add(pattern{role: role(section[1]), kind: section[0], certain: len(section) == 3}, v); err != nil {
				return fmt.Errorf("%q: %w", one, err)
			}
		}
	}
	return nil
}

// expand writes out "a/b" and "(c)" as one variant each.
func expand(chunks []string) ([][]string, error) {
	variants := [][]string{nil}
	for _, chunk := range chunks {
		choices := []string{chunk}
		if inner, ok := strings.CutPrefix(chunk, "("); ok {
			inner, ok = strings.CutSuffix(inner, ")")
			if !ok {
				return nil, fmt.Errorf("%s lacks its closing bracket", chunk)
			}
			choices = append(strings.Split(inner, "/"), "")
		} else if strings.Contains(chunk, "/") {
			choices = strings.Split(chunk, "/")
		}
		next := make([][]string, 0, len(variants)*len(choices))
		for _, v := range variants {
			for _, c := range choices {
				if c == "" {
					next = append(next, v)
				} else {
					next = append(next, append(slices.Clip(v), c))
				}
			}
		}
		if len(next) > maxExpand {
			return nil, fmt.Errorf("stands for more than %d patterns", maxExpand)
		}
		variants = next
	}
	return variants, nil
}

// add enters one pattern.
func (l *lexicon) add(p pattern, chunks []string) error {
	var ids []int32
	for _, chunk := range chunks {
		switch chunk {
		case "#":
			ids = append(ids, anyNumber)
			continue
		case "…":
			ids = append(ids, anyFew)
			continue
		}
		bare, stem := strings.CutSuffix(chunk, "*")
		words := strings.Fields(foldWords(bare))
		if len(words) == 0 {
			return fmt.Errorf("%q has no letters", chunk)
		}
		for i, w := range words {
			if stem && i == len(words)-1 {
				if utf8.RuneCountInString(w) < shortestStem || len(w) > longestStem {
					return fmt.Errorf("%s: a stem has %d letters or more, and at most %d bytes", chunk, shortestStem, longestStem)
				}
				l.hints.add(w, stemHint)
				ids = append(ids, intern(l.stems, w, 1))
			} else {
				l.hints.add(w, wordHint)
				ids = append(ids, intern(l.words, w, 0))
			}
		}
	}
	if len(ids) == 0 || ids[0] == anyFew {
		return fmt.Errorf("a pattern begins with a word")
	}
	p.rest = ids[1:]
	l.patterns[ids[0]] = append(l.patterns[ids[0]], p)
	return nil
}

// intern numbers a word: even numbers are whole words, odd ones stems.
func intern(m map[string]int32, word string, odd int32) int32 {
	id, ok := m[word]
	if !ok {
		id = int32(len(m))*2 + odd
		m[word] = id
	}
	return id
}

func foldWords(text string) string {
	f := foldText(text)
	defer f.release()
	return string(f.buf)
}

// hints tell of most words, and of their beginnings, that the lexicon does not
// have them, by a hash that grows letter by letter (FNV-1a): so a look at each
// byte is enough.
type hints [1 << 16]uint8

// What a hint says there may be under a hash.
const (
	wordHint uint8 = 1 << iota
	stemHint
)

const hashStart uint32 = 2166136261

func hashByte(h uint32, b byte) uint32 { return (h ^ uint32(b)) * 16777619 }

func (h *hints) of(hash uint32) uint8 { return h[hash>>16] }

func (h *hints) add(word string, hint uint8) {
	hash := hashStart
	for i := range len(word) {
		hash = hashByte(hash, word[i])
	}
	h[hash>>16] |= hint
}

// match is a pattern found in a text, from word start up to word end.
type match struct {
	*pattern
	start, end int
}

// known is what the vocabulary has for one word of a text: at most one whole
// word and a few stems.
type known struct {
	ids  [4]int32
	n    uint8
	lone bool // one character of a script without spaces
}

// find returns every pattern in the text, in order of its first word. They are
// valid until f is read by find or fold again.
func (l *lexicon) find(f *folded) []match {
	f.found = f.found[:0]
	if !l.look(f) {
		return nil
	}
	for i := range f.known {
		for _, id := range f.known[i].ids[:f.known[i].n] {
			patterns := l.patterns[id]
			for j := range patterns {
				if end := follow(patterns[j].rest, f.known, i+1); end > 0 {
					f.found = append(f.found, match{&patterns[j], i, end})
				}
			}
		}
	}
	return f.found
}

// look notes what the vocabulary has for each word of the text and reports
// whether it has anything.
func (l *lexicon) look(f *folded) (some bool) {
	f.known = slices.Grow(f.known[:0], f.len())[:f.len()]
	clear(f.known)
	for i := range f.known {
		word, k := f.word(i), &f.known[i]
		l.lookUp(word, k)
		k.lone = f.unspaced && isLone(word)
		some = some || k.n > 0
	}
	return some
}

func (l *lexicon) lookUp(word []byte, k *known) {
	if isNumber(word) {
		k.add(anyNumber)
	}
	hash := hashStart
	var stems uint64 // a bit for each length of the beginnings that may be stems
	for i, b := range word {
		hash = hashByte(hash, b)
		if l.hints.of(hash)&stemHint != 0 && i < longestStem {
			stems |= 1 << (i + 1)
		}
	}
	if l.hints.of(hash)&wordHint != 0 {
		if id, ok := l.words[string(word)]; ok {
			k.add(id)
		}
	}
	for ; stems != 0; stems &= stems - 1 {
		if id, ok := l.stems[string(word[:bits.TrailingZeros64(stems)])]; ok {
			k.add(id)
		}
	}
}

func (k *known) add(id int32) {
	if int(k.n) < len(k.ids) {
		k.ids[k.n] = id
		k.n++
	}
}

// follow matches the rest of a pattern from word i on and returns where it
// ends, or 0.
func follow(rest []int32, words []known, i int) int {
	for n, id := range rest {
		if id == anyFew {
			reach := gapWords
			for skip := 0; skip <= reach && i+skip <= len(words); skip++ {
				if end := follow(rest[n+1:], words, i+skip); end > 0 {
					return end
				}
				if i+skip < len(words) && words[i+skip].lone {
					reach = 2 * gapWords
				}
			}
			return 0
		}
		if i >= len(words) || !slices.Contains(words[i].ids[:words[i].n], id) {
			return 0
		}
		i++
	}
	return i
}

// byLen is the number of words that a word for "by" takes at the beginning of
// a text; 0 if none stands there.
func (l *lexicon) byLen(f *folded) int {
	longest := 0
	for _, m := range l.find(f) {
		if m.role == roleBy && m.start == 0 {
			longest = max(longest, m.end)
		}
	}
	return longest
}
