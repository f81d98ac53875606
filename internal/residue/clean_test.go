package residue

import (
	"os"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"

	"github.com/google/go-cmp/cmp"
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

// lead is a block that no rule knows.
const lead = "Zonnebloem Radio, because mornings matter"

func TestTemplates(t *testing.T) {
	c := newCleaner(t)
	first := time.Date(2024, 5, 2, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, line, state string
		want              *news.Strip
	}{
		{"unknown", lead, "", nil},
		{"learned", lead, StateLearned, &news.Strip{Evidence: news.ByTemplate, Rule: "repeated", Detail: "seen in 7 articles of paper.example since 2 May 2024"}},
		{"pinned", lead, StatePinned, &news.Strip{Evidence: news.ByPerson, Rule: "pinned"}},
		{"vetoed", "Subscribe to our free newsletter", StateVetoed, nil},
		{"not vetoed", "Subscribe to our free newsletter", "", &news.Strip{Evidence: news.ByLexicon, Rule: "phrase/follow"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			known := func(print uint64) *Template {
				if test.state == "" || print != Print(test.line) {
					return nil
				}
				return &Template{Outlet: "paper.example", Print: print, Count: 7, First: first, State: test.state}
			}
			for i := range len(story) + 1 {
				got := c.Clean("paper.example", "", insert(test.line, i), known).Blocks[i].Strip
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("before paragraph %d (-want +got)\n%s", i, diff)
				}
			}
		})
	}
}

// The shapes, by where they are believed.
func TestShapes(t *testing.T) {
	c := newCleaner(t)
	for _, test := range []struct {
		line         string
		edge, middle bool // it is stripped there
	}{
		{"keren989", true, false},
		{"@newsdesk", true, false},
		{"by hermes_77", true, false},
		{"- 0", true, false},
		{"0 Comments", true, false},
		{"Kommentare: 0", true, false},
		{"12", true, false},
		{"* * *", true, false},
		{"https://example.org/a?b=c", true, false},
		{"desk@example.org", true, false},
		{"2 May 2024, 14:30", true, false},
		{"2024-05-02 14:30", true, false},
		{"…", false, false},
		{"1,204", false, false},
		{"2 May 2019 to 3 May 2024", false, false},
		{"Boeing747", false, false},
		{"Net profit 12", false, false},
		{"See https://example.org for the list", false, false},
		{"10 of 12 lifeboats", false, false},
	} {
		for _, i := range []int{0, 3, len(story)} {
			want := test.edge
			if i == 3 {
				want = test.middle
			}
			got := c.Clean("example.org", "", insert(test.line, i), nil).Blocks[i].Strip
			if (got != nil) != want {
				t.Errorf("%q before paragraph %d: %v", test.line, i, got)
			}
		}
	}
}

// A table's figures are not counters, even where the text ends with them.
func TestKeepsTables(t *testing.T) {
	c := newCleaner(t)
	blocks := toBlocks(append(append([]string{}, story...), "North", "12", "South", "7", "East", "31")...)
	for i, b := range c.Clean("example.org", "", blocks, nil).Blocks {
		if b.Strip != nil {
			t.Errorf("block %d %q: %v", i, b.Text, b.Strip)
		}
	}
}

// A text of nothing but residue keeps its longest block, code is never touched.
func TestKeepsSomething(t *testing.T) {
	c := newCleaner(t)
	for _, test := range []struct {
		name   string
		blocks []news.Block
		want   []string
	}{
		{"nothing", nil, nil},
		{"one plea", toBlocks("Subscribe to our newsletter"), []string{"Subscribe to our newsletter"}},
		{"pleas", toBlocks("Advertisement", "Subscribe to our free newsletter", "- 0"), []string{"Subscribe to our free newsletter"}},
		{"empty blocks", toBlocks("", ""), []string{""}},
		{"code", []news.Block{{Text: story[0]}, {Kind: news.Code, Text: "@handle"}}, []string{story[0], "@handle"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, kept(c.Clean("example.org", "", test.blocks, nil).Blocks)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func kept(blocks []news.Block) []string {
	var texts []string
	for _, b := range blocks {
		if b.Strip == nil {
			texts = append(texts, b.Text)
		}
	}
	return texts
}

// Clean works on what it is given as if it were unmarked, and leaves it alone.
func TestIgnoresMarks(t *testing.T) {
	c := newCleaner(t)
	blocks := insert("Advertisement", 2)
	blocks[4].Strip = &news.Strip{Evidence: news.ByLexicon}
	before := append([]news.Block{}, blocks...)
	got := c.Clean("example.org", "", blocks, nil).Blocks
	if diff := cmp.Diff(before, blocks); diff != "" {
		t.Errorf("the input changed (-before +after)\n%s", diff)
	}
	if got[4].Strip != nil || got[2].Strip == nil {
		t.Errorf("marks: %v, %v", got[4].Strip, got[2].Strip)
	}
}

func FuzzClean(f *testing.F) {
	c := newCleaner(f)
	for _, name := range []string{"keep.txt", "strip.txt"} {
		_, texts := lines(f, name)
		for i := 0; i+3 < len(texts); i += 4 {
			f.Add(strings.Join(texts[i:i+4], "\n"))
		}
	}
	f.Add("@\n\xff\xfe\n0\n\u0301\n© 2024\nRead also: \"a")
	known := func(print uint64) *Template {
		switch print % 16 {
		case 0:
			return &Template{State: StateLearned}
		case 1:
			return &Template{State: StatePinned}
		case 2:
			return &Template{State: StateVetoed}
		}
		return nil
	}
	f.Fuzz(func(t *testing.T, text string) {
		blocks := toBlocks(strings.Split(text, "\n")...)
		first := c.Clean("example.org", "", blocks, known).Blocks
		for i := range blocks {
			if first[i].Text != blocks[i].Text {
				t.Fatalf("block %d changed: %q to %q", i, blocks[i].Text, first[i].Text)
			}
		}
		once := kept(first)
		if len(once) == 0 {
			t.Fatal("nothing was kept")
		}
		twice := kept(c.Clean("example.org", "", toBlocks(once...), known).Blocks)
		if diff := cmp.Diff(once, twice); diff != "" {
			t.Fatalf("cleaned again (-once +twice)\n%s", diff)
		}
		// With lines of residue round it, the same stays of a text that has
		// something to stay.
		if len(once) == 1 {
			return
		}
		soiled := append(toBlocks("Advertisement", "Share this article"), blocks...)
		soiled = append(soiled, toBlocks("Subscribe to our free newsletter", "https://example.org/")...)
		if diff := cmp.Diff(once, kept(c.Clean("example.org", "", soiled, known).Blocks)); diff != "" {
			t.Fatalf("with residue round it (-without +with)\n%s", diff)
		}
	})
}

// A text of 500 words with residue at its foot.
func BenchmarkClean(b *testing.B) {
	c := newCleaner(b)
	var texts []string
	for len(strings.Fields(strings.Join(texts, " "))) < 500 {
		texts = append(texts, story...)
	}
	blocks := toBlocks(append(texts, "Read also: Parliament passes the budget", "Subscribe to our free newsletter", "0 Comments")...)
	b.ReportAllocs()
	for b.Loop() {
		c.Clean("example.org", "en", blocks, nil)
	}
}
