package residue

import (
	"os"
	"strings"
	"testing"

	"kliping/internal/news"
)

// story is an article without residue.
var story = []string{
	"The council approved the new bridge on Tuesday after six hours of debate, with eleven votes in favour and four against.",
	"Work on the piers begins in spring, engineers told the meeting, provided that the river stays low.",
	"Opponents argued that the money would be better spent on the two ferries, which were built before the war.",
	"\"We have waited for this since my grandfather's time,\" said Ada Brook, who farms on the eastern bank.",
	"The province pays two thirds of the cost; the remainder comes from a loan over thirty years.",
	"A decision about the toll was put off until the autumn session.",
}

func newCleaner(t testing.TB) *Cleaner {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func toBlocks(texts ...string) []news.Block {
	blocks := make([]news.Block, len(texts))
	for i, text := range texts {
		blocks[i] = news.Block{Text: text}
	}
	return blocks
}

// insert puts a line before the i-th paragraph of the story.
func insert(line string, i int) []news.Block {
	texts := append([]string{}, story[:i]...)
	return toBlocks(append(append(texts, line), story[i:]...)...)
}

// lines reads "language: text" lines of a file in testdata.
func lines(t testing.TB, name string) (languages, texts []string) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		language, text, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("%s: %q has no language", name, line)
		}
		languages, texts = append(languages, language), append(texts, text)
	}
	return languages, texts
}

// News about newsletters, comments and cookies is news, wherever it stands.
func TestKeepsNewsAboutPleas(t *testing.T) {
	c := newCleaner(t)
	languages, texts := lines(t, "keep.txt")
	for n, line := range texts {
		for i := range len(story) + 1 {
			got := c.Clean("example.org", "", insert(line, i), nil).Blocks
			for j, b := range got {
				if b.Strip != nil {
					t.Errorf("%s %q before paragraph %d: stripped block %d by %v", languages[n], line, i, j, b.Strip)
				}
			}
		}
	}
	if n := count(languages); n < 25 {
		t.Errorf("keep.txt has %d languages", n)
	}
}

// Residue at either edge goes, whatever its language and that of the text.
func TestStripsPleas(t *testing.T) {
	c := newCleaner(t)
	languages, texts := lines(t, "strip.txt")
	for n, line := range texts {
		for _, i := range []int{0, len(story)} {
			got := c.Clean("example.org", "", insert(line, i), nil).Blocks
			for j, b := range got {
				if (b.Strip != nil) != (j == i) {
					t.Errorf("%s %q before paragraph %d: block %d: %v", languages[n], line, i, j, b.Strip)
				}
			}
		}
	}
	if n := count(languages); n < 60 {
		t.Errorf("strip.txt has %d languages", n)
	}
}

func count(names []string) int {
	distinct := map[string]bool{}
	for _, n := range names {
		distinct[n] = true
	}
	return len(distinct)
}
