package residue

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

// Every section speaks of itself once, and no line says a thing twice.
func TestLexiconHasNoDuplicates(t *testing.T) {
	section := ""
	sections, entries := map[string]bool{}, map[string]bool{}
	languages := map[string]bool{}
	for line := range strings.Lines(lexiconText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '[':
			section = line
			if sections[section] {
				t.Errorf("section %s stands twice", section)
			}
			sections[section] = true
			continue
		}
		language, list, _ := strings.Cut(line, ":")
		if section != "[agency]" {
			languages[language] = true
		}
		if key := section + language; entries[key] {
			t.Errorf("%s has two lines for %s", section, language)
		} else {
			entries[key] = true
		}
		for one := range strings.SplitSeq(list, "|") {
			key := section + language + "\x00" + strings.Join(strings.Fields(one), " ")
			if entries[key] {
				t.Errorf("%s %s has %q twice", section, language, strings.TrimSpace(one))
			}
			entries[key] = true
		}
	}
	if len(languages) < 60 {
		t.Errorf("the lexicon has %d languages", len(languages))
	}
}

// A word that tells of something cannot be a plea at the same time: it would
// silence itself.
func TestLexiconDoesNotContradictItself(t *testing.T) {
	l := newCleaner(t).lexicon
	for first, patterns := range l.patterns {
		for _, p := range patterns {
			if p.role != roleStory {
				continue
			}
			for _, q := range patterns {
				if q.role != roleStory && q.role != roleBy && slices.Equal(p.rest, q.rest) {
					t.Errorf("%q is %s and %s", l.spell(first, p.rest), p.role, q.role)
				}
			}
		}
	}
}

// spell writes a pattern for people.
func (l *lexicon) spell(first int32, rest []int32) string {
	var words []string
	for _, id := range append([]int32{first}, rest...) {
		for _, m := range []map[string]int32{l.words, l.stems} {
			for w := range maps.Keys(m) {
				if m[w] == id {
					words = append(words, w)
				}
			}
		}
	}
	return strings.Join(words, " ")
}

func TestParseLexicon(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "# nothing\n", ""},
		{"lines", "[a thing]\nen: b cd* | d/e (f/g) … h #\n\n[agency]\nAP: AP\n", ""},
		{"no section", "en: a", "lexicon line 1: a pattern stands before the first [section]"},
		{"no role", "[a]\nen: a", "lexicon line 1: [a] is no section; write [kind role] or [kind role certain], role one of " +
			"[whole label phrase act plea thing self brand count by story aim]"},
		{"no colon", "[a thing]\n\nen a", `lexicon line 3: "en a" has no colon; write language: pattern | pattern`},
		{"bracket", "[a thing]\nen: a (b", `lexicon line 2: "a (b": (b lacks its closing bracket`},
		{"gap first", "[a thing]\nen: … a", `lexicon line 2: "… a": a pattern begins with a word`},
		{"no letters", "[a thing]\nen: a --", `lexicon line 2: "a --": "--" has no letters`},
		{"short stem", "[a thing]\nen: a*", `lexicon line 2: "a*": a*: a stem has 2 letters or more, and at most 63 bytes`},
		{"too many", "[a thing]\nen:" + strings.Repeat(" a/b", 13), "lexicon line 2: \"" + strings.TrimSpace(strings.Repeat(" a/b", 13)) + "\": stands for more than 4096 patterns"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if _, err := parseLexicon(test.text); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestFind(t *testing.T) {
	l, err := parseLexicon("[k thing]\nen: one two | sun* | a … z | page # | x (y) z\nzh: 分享 … 到\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		text string
		want []string
	}{
		{"one two", []string{"one two"}},
		{"One, TWO!", []string{"one two"}},
		{"one three two", nil},
		{"Sunday at noon", []string{"sunday"}},
		{"su", nil},
		{"a b c z", []string{"a b c z"}},
		{"a 1 2 3 4 z", []string{"a 1 2 3 4 z"}},
		{"a 1 2 3 4 5 z", nil},
		{"page 12", []string{"page 12"}},
		{"x z x y z", []string{"x z", "x y z"}},
		{"分享本文到", []string{"分 享 本 文 到"}},
		{"", nil},
	} {
		var f folded
		f.fold(test.text)
		var got []string
		for _, m := range l.find(&f) {
			var words []string
			for i := m.start; i < m.end; i++ {
				words = append(words, string(f.word(i)))
			}
			got = append(got, strings.Join(words, " "))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", test.text, diff)
		}
	}
}

// A look at a text's first characters must not change what becomes of the rest.
func TestFoldReadsTheSameBeforeAndAfterNormalization(t *testing.T) {
	for _, text := range []string{"Cafe\u0301 5 ﬁne", "ﬁne café", "ﾊﾞ 12", "한글 각"} {
		var got, want folded
		got.fold(text)
		want.fold(norm.NFKC.String(text))
		if string(got.buf) != string(want.buf) || !slices.Equal(got.ends, want.ends) || !slices.Equal(got.marks, want.marks) {
			t.Errorf("%q folds to %q, want %q", text, got.buf, want.buf)
		}
	}
}

// What sites write round an article is known in many languages, kind by kind. With
// -v the table is printed.
func TestLexiconSpeaksLanguages(t *testing.T) {
	spoken := map[string]map[string]bool{}
	section := ""
	for line := range strings.Lines(lexiconText) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "[") {
			section = strings.TrimSuffix(strings.Trim(line, "[]"), " certain")
		} else if language, _, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, "#") {
			if spoken[section] == nil {
				spoken[section] = map[string]bool{}
			}
			spoken[section][language] = true
		}
	}
	const least = 40
	for _, kind := range []struct {
		name     string
		sections []string
	}{
		{"subscribe, sign up", []string{"subscribe act", "subscribe plea", "subscribe whole"}},
		{"newsletters", []string{"newsletter thing"}},
		{"follow", []string{"follow phrase"}},
		{"share labels", []string{"share whole"}},
		{"comment counters", []string{"comment count"}},
		{"view counters", []string{"views count"}},
		{"read also", []string{"read-also label"}},
		{"continue reading", []string{"continue whole"}},
		{"advertisement", []string{"advertisement whole"}},
		{"rights", []string{"rights phrase"}},
		{"cookies", []string{"cookies phrase"}},
		{"appeared first on", []string{"appeared phrase"}},
	} {
		languages := map[string]bool{}
		for _, s := range kind.sections {
			maps.Copy(languages, spoken[s])
		}
		t.Logf("%-20s %d languages", kind.name, len(languages))
		if len(languages) < least {
			t.Errorf("%s: %d languages, want %d", kind.name, len(languages), least)
		}
	}
}
