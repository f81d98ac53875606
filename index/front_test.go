package index

import (
	"os"
	"path/filepath"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestStemsBeginAsTheirWords holds what the highlighter leaves words out by: a
// stem begins as its word does, unless its language changes the front.
func TestStemsBeginAsTheirWords(t *testing.T) {
	s, err := newStemmers()
	must(t, err)
	files, err := filepath.Glob("../internal/eval/testdata/*.jsonl")
	must(t, err)
	seen, stems := map[string]bool{}, 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		must(t, err)
		text := string(data)
		spans(text, func(start, end int) bool {
			word := text[start:end]
			if seen[word] || word[0] >= utf8.RuneSelf {
				return true
			}
			seen[word] = true
			for _, l := range stemmed {
				if l.front || l.script != unicode.Latin && l.script != unicode.Cyrillic {
					continue
				}
				if stem := s.in(l.lang, word); stem != "" {
					stems++
					if stem[0] != asciiLower(word[0]) {
						t.Errorf("%s: the stem of %s is %s", l.lang, word, stem)
					}
				}
			}
			return true
		})
	}
	if stems < 10_000 {
		t.Errorf("looked at %d stems only", stems)
	}
}
