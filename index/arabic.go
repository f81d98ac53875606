package index

import (
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
)

// arabic stems as Bleve does, lightly, but for a و that begins a word: Bleve takes
// it for the one that means "and", though it begins وزارة as well, which was then
// another word than الوزارة. It stays on here, and a query asks for both, see
// [arabicForms].
type arabic struct{ analysis.Analyzer }

// Analyze gives the stem of one word.
func (a arabic) Analyze(word []byte) analysis.TokenStream {
	tokens := a.Analyzer.Analyze(word)
	w := string(word)
	if len(tokens) != 1 || !strings.HasPrefix(w, "و") || strings.HasPrefix(w, "وال") && utf8.RuneCountInString(w) > len([]rune("وال"))+1 {
		return tokens
	}
	return a.Analyzer.Analyze([]byte("ال" + w)) // of prefixes only the first comes off, and this is one
}

// arabicForms are the stems under which a word is found too: behind a word of one
// letter, which is written together with it, and in the indefinite accusative.
// Texts say "and", "in" or "for" before any word; whoever asks for one does not.
// What it costs: behind two such words, or where a letter is not part of the word
// that is asked for, a word is found as it stands only.
func arabicForms(stem string) []string {
	var all []string
	for _, before := range []string{"", "و", "ف", "ب", "ل", "ك"} {
		for _, behind := range []string{"", "ا"} {
			all = append(all, before+stem+behind)
		}
	}
	return all
}
