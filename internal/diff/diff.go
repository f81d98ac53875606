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
	Translation    bool     `json:"translation"`
	DroppedFigures []string `json:"dropped_figures,omitempty"` // of a translation
	AddedFigures   []string `json:"added_figures,omitempty"`   // of a translation

	Same    int        `json:"same"`
	Title   *Change    `json:"title,omitempty"` // nil: the headline is the same, or translated
	Dropped []Sentence `json:"dropped"`
	Added   []Sentence `json:"added"`
	Changed []Change   `json:"changed"`
}

// Empty reports whether nothing differs.
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
	dropped, added := unshared(before, after), unshared(after, before)
	c := Changes{Same: len(before) - len(dropped), Dropped: []Sentence{}, Added: []Sentence{}, Changed: []Change{}}
	if foreign(from, to) && c.Same*10 <= min(len(before), len(after)) {
		c.Translation, c.Same = true, 0
		c.DroppedFigures = figuresOf(unshared(figures(from.Title, before), figures(to.Title, after)))
		c.AddedFigures = figuresOf(unshared(figures(to.Title, after), figures(from.Title, before)))
		return c
	}
	if a, b := headline(from), headline(to); a.key != b.key {
		c.Title = change(a, b)
	}
	partner := pairUp(dropped, added)
	taken := make([]bool, len(added))
	for i, d := range dropped {
		if j, ok := partner[i]; ok {
			taken[j] = true
			c.Changed = append(c.Changed, *change(d, added[j]))
			continue
		}
		c.Dropped = append(c.Dropped, d.sentence())
	}
	for j, a := range added {
		if !taken[j] {
			c.Added = append(c.Added, a.sentence())
		}
	}
	return c
}

// foreign reports whether two articles are known to be in different languages.
func foreign(a, b *news.Article) bool {
	known := func(l string) bool { return l != "" && l != "und" }
	return known(a.Language) && known(b.Language) && a.Language != b.Language
}

// unshared returns the pieces of a that b lacks; a piece that stands more often
// in a than in b counts for the surplus.
func unshared(a, b []piece) []piece {
	have := make(map[string]int, len(b))
	for _, p := range b {
		have[p.key]++
	}
	var rest []piece
	for _, p := range a {
		if have[p.key] > 0 {
			have[p.key]--
			continue
		}
		rest = append(rest, p)
	}
	return rest
}

// pairUp finds which dropped sentence became which added one, the most alike
// first.
func pairUp(dropped, added []piece) map[int]int {
	tokens := 0
	for _, a := range added {
		tokens += len(a.tokens)
	}
	if tokens*len(dropped) > most {
		return nil
	}
	type pair struct {
		i, j  int
		score float64
	}
	var pairs []pair
	for i := range dropped {
		counts := map[string]int{}
		for _, t := range dropped[i].tokens {
			counts[t.key]++
		}
		for j := range added {
			if s := similarity(counts, len(dropped[i].tokens), added[j].tokens); s >= alike {
				pairs = append(pairs, pair{i, j, s})
			}
		}
	}
	slices.SortFunc(pairs, func(x, y pair) int {
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.i, y.i), cmp.Compare(x.j, y.j))
	})
	partner, taken := map[int]int{}, map[int]bool{}
	for _, p := range pairs {
		if _, ok := partner[p.i]; ok || taken[p.j] {
			continue
		}
		partner[p.i], taken[p.j] = p.j, true
	}
	return partner
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

// figures are the figures of a headline and a text, each a piece of its own.
func figures(title string, text []piece) []piece {
	var all []piece
	for _, p := range append([]piece{newPiece(title)}, text...) {
		for _, t := range onlyFigures(p.tokens) {
			all = append(all, piece{text: t.text, key: t.key})
		}
	}
	return all
}

// figuresOf names each figure once.
func figuresOf(pieces []piece) []string {
	var all []string
	seen := map[string]bool{}
	for _, p := range pieces {
		if !seen[p.key] {
			seen[p.key] = true
			all = append(all, p.text)
		}
	}
	return all
}

func headline(a *news.Article) piece { return newPiece(strings.TrimSpace(a.Title)) }

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
