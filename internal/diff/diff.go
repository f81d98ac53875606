// Package diff says what one article dropped, added and changed of another:
// sentence by sentence, with figures and quotes called out.
//
// Words used here:
//
//   - sentence: what the splitter in sentence.go makes of a kept block
//   - token: a word, a figure, a letter of a script that does not space its
//     words, or a sign that changes a figure (currency, percent)
//   - same: two sentences whose tokens are the same, whatever their
//     punctuation, letter case and white space
//   - changed: two sentences that share most of their tokens
package diff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"

	"kliping/internal/news"
)

// Sentence is a sentence that only one of the two articles has.
type Sentence struct {
	Text    string   `json:"text"`
	Figures []string `json:"figures,omitempty"` // as written, in order
	Quotes  []string `json:"quotes,omitempty"`  // without their marks
}

// Change is a sentence that both articles have, in different words.
type Change struct {
	Before  string      `json:"before"`
	After   string      `json:"after"`
	Figures [][2]string `json:"figures,omitempty"` // {before, after}; one is empty where the other has none in its place
	Quotes  [][2]string `json:"quotes,omitempty"`  // the same, for words in quotation marks
}

// Changes is what became of one article in another. Every sentence of the first
// is Same, Changed or Dropped, every sentence of the second Same, Changed or
// Added. Sentences that only moved are Same.
type Changes struct {
	// Translation: the two are in different languages, so that only figures are
	// compared and the lists of sentences are empty.
	Translation bool `json:"translation"`
	// OtherUnits: of a translation not even figures are compared, because one of
	// the two languages counts in ten thousands (8.8万) and the other does not.
	OtherUnits bool `json:"other_units,omitempty"`
	// Figures of one, headline included, that stand nowhere in the other; each
	// once, as first written. They are compared as digits: one in words is
	// taken for another.
	DroppedFigures []string `json:"dropped_figures,omitempty"`
	AddedFigures   []string `json:"added_figures,omitempty"`

	Same    int        `json:"same"`
	Title   *Change    `json:"title,omitempty"` // nil: the headline is the same, or translated
	Dropped []Sentence `json:"dropped"`
	Added   []Sentence `json:"added"`
	Changed []Change   `json:"changed"`
}

// Empty reports whether nothing differs, of what was compared.
func (c *Changes) Empty() bool {
	return c.Title == nil && len(c.Dropped)+len(c.Added)+len(c.Changed)+len(c.DroppedFigures)+len(c.AddedFigures) == 0
}

const (
	// alike is the least similarity at which two sentences are one, changed.
	alike = 0.5
	// shortest is how many tokens a sentence needs to count as a part of a
	// longer one.
	shortest = 5
	// most bounds the tokens compared while looking for changed sentences. Two
	// texts above it (some four hundred sentences each without a common one) are listed
	// as dropped and added.
	most = 1 << 22
)

// Compare says what to dropped, added and changed against from. Residue is left
// out on both sides.
func Compare(from, to *news.Article) Changes {
	before, after := sentences(from), sentences(to)
	m := match(before, after)
	c := Changes{Same: m.same, Dropped: []Sentence{}, Added: []Sentence{}, Changed: []Change{}}
	c.DroppedFigures = lacking(figures(headline(from), before), figures(headline(to), after))
	c.AddedFigures = lacking(figures(headline(to), after), figures(headline(from), before))
	if m.translation(from, to) {
		c.Translation, c.Same = true, 0
		if c.OtherUnits = countsInTenThousands(from.Language) != countsInTenThousands(to.Language); c.OtherUnits {
			c.DroppedFigures, c.AddedFigures = nil, nil
		}
		return c
	}
	if a, b := headline(from), headline(to); a.key != b.key {
		c.Title = change(a, b)
	}
	m.pairUp(before, after)
	for i := range before {
		switch j := m.heir[i]; {
		case j < 0:
			c.Dropped = append(c.Dropped, before[i].sentence())
		case before[i].key != after[j].key:
			c.Changed = append(c.Changed, *change(before[i], after[j]))
		}
	}
	for j := range after {
		if m.source[j] < 0 {
			c.Added = append(c.Added, after[j].sentence())
		}
	}
	return c
}

// foreign reports whether two articles are known to be in different languages.
func foreign(a, b *news.Article) bool {
	known := func(l string) bool { return l != "" && l != "und" }
	return known(a.Language) && known(b.Language) && a.Language != b.Language
}

func countsInTenThousands(language string) bool {
	return language == "zh" || language == "ja" || language == "ko"
}

// matching says which sentence of one article became which of another.
type matching struct {
	heir   []int // for each sentence of the first, its place in the second; -1: none
	source []int // the other way round
	same   int   // how many are the same
}

// match matches the sentences that are the same. One that stands several times
// is matched as often as both have it.
func match(before, after []piece) *matching {
	m := &matching{heir: slices.Repeat([]int{-1}, len(before)), source: slices.Repeat([]int{-1}, len(after))}
	places := make(map[string][]int, len(after))
	for j := range after {
		places[after[j].key] = append(places[after[j].key], j)
	}
	for i := range before {
		key := before[i].key
		if free := places[key]; len(free) > 0 {
			m.join(i, free[0])
			m.same++
			places[key] = free[1:]
		}
	}
	return m
}

func (m *matching) join(i, j int) { m.heir[i], m.source[j] = j, i }

// translation reports whether two articles are known to be in different
// languages and have next to no sentence in common.
func (m *matching) translation(from, to *news.Article) bool {
	return foreign(from, to) && m.same*10 <= min(len(m.heir), len(m.source))
}

// pairUp finds which dropped sentence became which added one, the most alike
// first.
func (m *matching) pairUp(before, after []piece) {
	dropped, added := unmatched(m.heir), unmatched(m.source)
	tokens := 0
	for _, j := range added {
		tokens += len(after[j].tokens)
	}
	if tokens*len(dropped) > most {
		return
	}
	type pair struct {
		i, j  int
		score float64
	}
	var pairs []pair
	for _, i := range dropped {
		counts := counted(before[i].tokens)
		for _, j := range added {
			if s := similarity(counts, len(before[i].tokens), after[j].tokens); s >= alike {
				pairs = append(pairs, pair{i, j, s})
			}
		}
	}
	slices.SortFunc(pairs, func(x, y pair) int {
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.i, y.i), cmp.Compare(x.j, y.j))
	})
	for _, p := range pairs {
		if m.heir[p.i] < 0 && m.source[p.j] < 0 {
			m.join(p.i, p.j)
		}
	}
}

// unmatched are the places that have no partner.
func unmatched(partners []int) []int {
	var free []int
	for i, p := range partners {
		if p < 0 {
			free = append(free, i)
		}
	}
	return free
}

// counted says how often each token stands there.
func counted(tokens []token) map[string]int {
	counts := make(map[string]int, len(tokens))
	for _, t := range tokens {
		counts[t.key]++
	}
	return counts
}

// similarity is Dice's coefficient of two bags of tokens; at least alike when
// the shorter is nearly all in the longer, as a sentence cut short is.
func similarity(counts map[string]int, n int, other []token) float64 {
	seen := make(map[string]int, len(other))
	shared := 0
	for _, t := range other {
		if seen[t.key] < counts[t.key] {
			shared++
		}
		seen[t.key]++
	}
	dice := 2 * float64(shared) / float64(max(n+len(other), 1))
	if shorter := min(n, len(other)); shorter >= shortest && shared*10 >= shorter*9 {
		return max(dice, alike)
	}
	return dice
}

// change compares two sentences that are one, changed.
func change(before, after piece) *Change {
	c := &Change{Before: before.text, After: after.text, Quotes: replaced(before.quotes, after.quotes)}
	a, b := before.tokens, after.tokens
	for _, d := range lcs.DiffLines(keys(a), keys(b)) {
		c.Figures = append(c.Figures, replaced(onlyFigures(a[d.Start:d.End]), onlyFigures(b[d.ReplStart:d.ReplEnd]))...)
	}
	return c
}

// replaced pairs, in order, what stands in a with what stands in its place in b.
func replaced(a, b []token) [][2]string {
	var pairs [][2]string
	for _, d := range lcs.DiffLines(keys(a), keys(b)) {
		from, to := a[d.Start:d.End], b[d.ReplStart:d.ReplEnd]
		for i := range max(len(from), len(to)) {
			var pair [2]string
			if i < len(from) {
				pair[0] = from[i].text
			}
			if i < len(to) {
				pair[1] = to[i].text
			}
			pairs = append(pairs, pair)
		}
	}
	return pairs
}

func keys(tokens []token) []string {
	all := make([]string, len(tokens))
	for i, t := range tokens {
		all[i] = t.key
	}
	return all
}

func onlyFigures(tokens []token) []token {
	return slices.DeleteFunc(slices.Clone(tokens), func(t token) bool { return !t.figure })
}

// figures are the figures of a headline and a text.
func figures(title piece, text []piece) []token {
	all := onlyFigures(title.tokens)
	for i := range text {
		all = append(all, onlyFigures(text[i].tokens)...)
	}
	return all
}

// lacking names each figure of a that b lacks, once.
func lacking(a, b []token) []string {
	seen := make(map[string]bool, len(b))
	for _, t := range b {
		seen[t.key] = true
	}
	var all []string
	for _, t := range a {
		if !seen[t.key] {
			seen[t.key] = true
			all = append(all, t.text)
		}
	}
	return all
}

func headline(a *news.Article) piece { return newPiece(closed(strings.TrimSpace(a.Title), a.Language)) }

func (p *piece) sentence() Sentence {
	return Sentence{Text: p.text, Figures: texts(onlyFigures(p.tokens)), Quotes: texts(p.quotes)}
}

func texts(tokens []token) []string {
	var all []string
	for _, t := range tokens {
		all = append(all, t.text)
	}
	return all
}
