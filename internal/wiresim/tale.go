package wiresim

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
)

//go:embed stories/*.txt grammar/*.txt residue.txt
var files embed.FS

// tale is what happened, told once in the world.
type tale struct {
	key       string
	languages []string
	text      func(language string) text
	origin    *outlet   // who wrote it
	takers    []*outlet // who has it or is going to
}

// text is a tale in one language.
type text struct {
	headlines  []string // the writer's own first, then what others might put above it
	paragraphs []string
}

func (t *tale) speaks(language string) bool { return slices.Contains(t.languages, language) }

// take notes that an outlet will have the tale; false if it has it already.
func (t *tale) take(o *outlet) bool {
	if slices.Contains(t.takers, o) {
		return false
	}
	t.takers = append(t.takers, o)
	return true
}

// library is all the embedded material.
type library struct {
	written []*tale
	grammar map[string]grammar // by language
	spoken  []string           // languages of the grammar, sorted
	residue map[string]lines   // by language
}

// readLibrary reads the embedded files. They are part of the program and a
// test reads them all, so a mistake in them is a panic.
func readLibrary() *library {
	lib := &library{grammar: map[string]grammar{}, residue: readResidue(mustRead("residue.txt"))}
	for _, name := range mustList("stories") {
		lib.written = append(lib.written, readTale(strings.TrimSuffix(path.Base(name), ".txt"), mustRead(name)))
	}
	for _, name := range mustList("grammar") {
		language := strings.TrimSuffix(path.Base(name), ".txt")
		lib.grammar[language] = readGrammar(mustRead(name))
		lib.spoken = append(lib.spoken, language)
	}
	return lib
}

func mustRead(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// mustList names a folder's files, sorted.
func mustList(dir string) []string {
	entries, err := files.ReadDir(dir)
	if err != nil {
		panic(err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = path.Join(dir, e.Name())
	}
	return names
}

// readTale reads one file of stories: sections begin with "== language" (a
// first one without that is English); in a section, paragraphs stand between
// blank lines, and the first is the headline, with other headlines on further
// lines.
func readTale(key, file string) *tale {
	texts := map[string]text{}
	t := &tale{key: key, text: func(language string) text { return texts[language] }}
	if !strings.HasPrefix(file, "== ") {
		file = "== en\n" + file
	}
	for _, section := range strings.Split("\n"+file, "\n== ")[1:] {
		language, body, _ := strings.Cut(section, "\n")
		paragraphs := strings.Split(strings.TrimSpace(body), "\n\n")
		if len(paragraphs) < 4 {
			panic(fmt.Sprintf("stories/%s.txt: section %q has %d paragraphs with its headline; at least 4 are needed", key, language, len(paragraphs)))
		}
		texts[language] = text{strings.Split(paragraphs[0], "\n"), paragraphs[1:]}
		t.languages = append(t.languages, language)
	}
	return t
}

// grow makes a tale from the grammar: facts drawn from the seed, told in one to
// four languages. Its text is grown when somebody reads it.
func (lib *library) grow(number, seed uint64) *tale {
	dice := rand.New(rand.NewPCG(seed, number))
	languages := slices.Clone(lib.spoken)
	dice.Shuffle(len(languages), func(i, j int) { languages[i], languages[j] = languages[j], languages[i] })
	languages = languages[:min(len(languages), 1+dice.IntN(4))]
	if dice.Float64() < 0.6 && !slices.Contains(languages, "en") {
		languages[0] = "en"
	}
	return &tale{
		key:       fmt.Sprintf("grown-%d", number),
		languages: languages,
		text:      func(language string) text { return lib.grammar[language].tell(language, seed, number) },
	}
}

// lines are the residue of a language, by place.
type lines struct {
	top, middle, end []string
}

// readResidue reads residue.txt: "== language" sections, lines that begin with
// "top ", "mid " or "end ".
func readResidue(file string) map[string]lines {
	all := map[string]lines{}
	for _, section := range strings.Split("\n"+file, "\n== ")[1:] {
		language, body, _ := strings.Cut(section, "\n")
		var l lines
		for line := range strings.Lines(body) {
			place, what, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch place {
			case "top":
				l.top = append(l.top, what)
			case "mid":
				l.middle = append(l.middle, what)
			case "end":
				l.end = append(l.end, what)
			}
		}
		all[language] = l
	}
	return all
}
