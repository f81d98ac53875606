package residue

import (
	"slices"
	"testing"

	"kliping/internal/news"

	"github.com/google/go-cmp/cmp"
)

// witness is an article of an outlet, its blocks paragraphs.
type witness struct {
	outlet, language string
	texts            []string
}

func (w witness) read(c *Cleaner) *Copy {
	return c.Copy(w.outlet, w.language, inParagraphs(w.texts...))
}

func inParagraphs(texts ...string) []news.Block {
	blocks := make([]news.Block, len(texts))
	for i, t := range texts {
		blocks[i] = news.Block{Kind: news.Paragraph, Text: t}
	}
	return blocks
}

// with puts a line into a text before paragraph number at.
func with(texts []string, at int, line string) []string {
	return slices.Insert(slices.Clone(texts), at, line)
}

// erzählt is story in German, a paragraph for a paragraph.
var erzählt = []string{
	"Der Rat hat die neue Brücke am Dienstag nach sechs Stunden Debatte mit elf Stimmen gegen vier gebilligt.",
	"Die Arbeit an den Pfeilern beginnt im Frühjahr, sagten Ingenieure, sofern der Fluss niedrig bleibt.",
	"Gegner meinten, das Geld sei besser in den beiden Fähren angelegt, die vor dem Krieg gebaut wurden.",
	"»Darauf warten wir seit der Zeit meines Großvaters«, sagte Ada Brook, die am anderen Ufer einen Laden führt.",
}

func TestCopiesSayWhatStandsOutside(t *testing.T) {
	text := story[:4]
	copyOf := func(outlet string, texts ...string) witness { return witness{outlet, "en", texts} }
	const line = "Come by for a coffee in our reading room on Mill Lane"
	tests := []struct {
		name   string
		texts  []string
		others []witness
		want   string // of the line, in words; empty: nothing
	}{
		{"at the tail", with(text, 4, line), []witness{copyOf("b.example", text...)}, "outside what a copy shares"},
		{"at the head", with(text, 0, line), []witness{copyOf("b.example", text...), copyOf("c.example", text...)}, "outside what 2 copies share"},
		{"several copies of one outlet count once", with(text, 4, line), []witness{copyOf("b.example", text...), copyOf("b.example", text...)}, "outside what a copy shares"},
		{"put in between", with(text, 2, line), []witness{copyOf("b.example", text...)}, "between paragraphs that a copy shares"},
		{"a copy has it too", with(text, 4, line), []witness{copyOf("b.example", with(text, 4, line)...), copyOf("c.example", text...)}, ""},
		{"a copy has it nearly", with(text, 4, line), []witness{copyOf("b.example", with(text, 4, "Do come by for a coffee in our reading room")...), copyOf("c.example", text...)}, ""},
		{"a copy of the same outlet says nothing", with(text, 4, line), []witness{copyOf("a.example", text...)}, ""},
		{"no copy", with(text, 4, line), nil, ""},
		{"an editor's closing sentence", with(text, 4, "The paper has asked the mayor for comment."), []witness{copyOf("b.example", text...), copyOf("c.example", text...)}, ""},
		{"an answer in quotation marks", with(text, 4, "“It is crackling! Listen!”"), []witness{copyOf("b.example", text...)}, ""},
		{"a heading in between", with(text, 2, "A long debate"), []witness{copyOf("b.example", text...)}, ""},
		{"an agency's credit", with(text, 4, "(Reporting by Ada Brook, editing by John Mill)"), []witness{copyOf("b.example", text...)}, ""},
		{"a dateline", with(text, 0, "MILLTOWN (AP) — BRIDGES AND FERRIES"), []witness{copyOf("b.example", text...)}, ""},
		{"one copy, and that was cut", with(text, 4, line), []witness{copyOf("b.example", text[:2]...)}, ""},
		{"two copies that were cut", with(text, 4, line), []witness{copyOf("b.example", text[:2]...), copyOf("c.example", text[:3]...)}, "outside what 2 copies share"},
		{"an excerpt says nothing of what it leaves out", append([]string{line}, text...), []witness{copyOf("b.example", text[2])}, ""},
		{"another text", with(text, 4, line), []witness{copyOf("b.example", story[4:]...)}, ""},
		{"a user's name", with(text, 0, "bargeman4"), []witness{copyOf("b.example", text...)}, "outside what a copy shares"},
		{"a translation, paragraph for paragraph", with(text, 4, line), []witness{{"b.example", "de", erzählt}}, "outside what a copy shares"},
		{"a translation of all of it", with(text, 4, line), []witness{{"b.example", "de", with(erzählt, 4, "Kommen Sie auf einen Kaffee in unseren Lesesaal an der Mühlgasse")}}, ""},
	}
	c := newCleaner(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var others []*Copy
			for _, o := range test.others {
				others = append(others, o.read(c))
			}
			me := witness{"a.example", "en", test.texts}.read(c)
			got := map[string]string{}
			for i, f := range me.Hear(others) {
				if f.Standing == Outside {
					got[test.texts[i]] = f.Strip().Detail
				}
			}
			want := map[string]string{}
			for _, l := range test.texts {
				if !slices.Contains(text, l) && test.want != "" {
					want[l] = test.want + ", and in none of them"
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("found outside (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUnmarkedProse gives a text whose sentences end in no mark: a short line
// shows itself less clearly there, and more copies have to be without it.
func TestUnmarkedProse(t *testing.T) {
	var text []string
	for _, p := range story[:3] {
		text = append(text, p[:len(p)-1])
	}
	c := newCleaner(t)
	me := witness{"a.example", "en", with(text, 3, "Come by for a coffee")}.read(c)
	one, two := witness{"b.example", "en", text}.read(c), witness{"c.example", "en", text}.read(c)
	if f := me.Hear([]*Copy{one})[3]; f.Standing != Unsaid {
		t.Errorf("one copy finds %+v, want nothing", f)
	}
	if f := me.Hear([]*Copy{one, two})[3]; f.Standing != Outside {
		t.Errorf("two copies find %+v, want the line outside", f)
	}
}

// TestMarksOfCopiesAreKept cleans again what copies had their say on.
func TestMarksOfCopiesAreKept(t *testing.T) {
	const line = "Come by for a coffee in our reading room"
	mark := Finding{Standing: Outside, Copies: 3}.Strip()
	state := map[string]*Template{
		"nothing known": nil,
		"vetoed":        {State: StateVetoed},
		"learned since": {State: StateLearned},
	}
	want := map[string]news.Evidence{"nothing known": news.ByCopy, "vetoed": "", "learned since": news.ByTemplate}
	c := newCleaner(t)
	for name, template := range state {
		blocks := inParagraphs(with(story[:3], 2, line)...)
		blocks[2].Strip = mark
		got := c.Clean("a.example", "en", blocks, func(print uint64) *Template {
			if print == Print(line) {
				return template
			}
			return nil
		}).Blocks[2].Strip
		var evidence news.Evidence
		if got != nil {
			evidence = got.Evidence
		}
		if evidence != want[name] {
			t.Errorf("%s: the mark is %v, want %q", name, got, want[name])
		}
	}
}

func BenchmarkHear(b *testing.B) {
	c := newCleaner(b)
	var others []*Copy
	for _, outlet := range []string{"b", "c", "d", "e", "f", "g"} {
		others = append(others, witness{outlet, "en", story}.read(c))
	}
	blocks := inParagraphs(with(story, 2, "Come by for a coffee in our reading room")...)
	for b.Loop() {
		c.Copy("a", "en", blocks).Hear(others)
	}
}
