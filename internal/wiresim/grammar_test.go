package wiresim

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExpand(t *testing.T) {
	tests := []struct {
		name, template, want string
	}{
		{"plain", "no slots", "no slots"},
		{"fact", "in {city}!", "in Recife!"},
		{"choice of one", "[only]", "only"},
		{"nested", "[a [b|b] {city}|a [b|b] {city}]", "a b Recife"},
		{"drawn", "{+crop} and {+crop}", "rye and rye"},
		{"nothing", "[|]x", "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := readGrammar("== crop\nrye\n")
			told := &telling{grammar: g, facts: map[string]string{"city": "Recife"}, dice: (&item{}).itemDice()}
			if got := told.expand(tt.template); got != tt.want {
				t.Errorf("expand(%q) = %q, want %q", tt.template, got, tt.want)
			}
		})
	}
}

// TestGrammarsAreComplete holds what tell relies on: in every language the
// same parts, and lists of facts of one length.
func TestGrammarsAreComplete(t *testing.T) {
	lib := readLibrary()
	sizes := func(language string) map[string]int {
		n := map[string]int{}
		for _, list := range []string{"first", "last", "ending", "city", "town", "subject", "cause"} {
			n[list] = len(lib.grammar[language][list])
		}
		return n
	}
	for _, language := range lib.spoken {
		if d := cmp.Diff(sizes("en"), sizes(language)); d != "" {
			t.Errorf("%s: lists of facts differ from English:\n%s", language, d)
		}
		for _, part := range []string{"lead", "figures", "quote", "background", "critics", "weather", "next"} {
			if n := len(lib.grammar[language][part]); n < 6 {
				t.Errorf("%s: %d templates for %q, want at least 6", language, n, part)
			}
		}
	}
}

// TestGrownTextsAreDistinct compares the 5-word shingles of grown texts: no
// two of them may be taken for copies.
func TestGrownTextsAreDistinct(t *testing.T) {
	lib := readLibrary()
	const n = 1500
	postings := map[string][]int{}
	sizes := make([]int, n)
	for i := range n {
		body := strings.Join(lib.grammar["en"].tell("en", uint64(i)*0x9e3779b97f4a7c15, uint64(i)).paragraphs, " ")
		if strings.ContainsAny(body, "[]{}|") || strings.Contains(body, "  ") {
			t.Fatalf("text %d has a hole in it: %s", i, body)
		}
		words := strings.Fields(body)
		seen := map[string]bool{}
		for j := range len(words) - 4 {
			seen[strings.Join(words[j:j+5], " ")] = true
		}
		for s := range seen {
			postings[s] = append(postings[s], i)
		}
		sizes[i] = len(seen)
	}
	shared := map[[2]int]int{}
	for _, list := range postings {
		for i, a := range list {
			for _, b := range list[i+1:] {
				shared[[2]int{a, b}]++
			}
		}
	}
	worst := 0.0
	for pair, n := range shared {
		worst = max(worst, float64(n)/float64(min(sizes[pair[0]], sizes[pair[1]])))
	}
	t.Logf("highest containment of %d texts: %.2f", n, worst)
	if worst > 0.35 {
		t.Errorf("two grown texts share %.2f of the shorter one's shingles, want at most 0.35", worst)
	}
}
