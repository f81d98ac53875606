package index

import (
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/ar"
	"github.com/blevesearch/bleve/v2/analysis/lang/ckb"
	"github.com/blevesearch/bleve/v2/analysis/lang/da"
	"github.com/blevesearch/bleve/v2/analysis/lang/de"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/lang/es"
	"github.com/blevesearch/bleve/v2/analysis/lang/fa"
	"github.com/blevesearch/bleve/v2/analysis/lang/fi"
	"github.com/blevesearch/bleve/v2/analysis/lang/fr"
	"github.com/blevesearch/bleve/v2/analysis/lang/hi"
	"github.com/blevesearch/bleve/v2/analysis/lang/hr"
	"github.com/blevesearch/bleve/v2/analysis/lang/hu"
	"github.com/blevesearch/bleve/v2/analysis/lang/it"
	"github.com/blevesearch/bleve/v2/analysis/lang/nl"
	"github.com/blevesearch/bleve/v2/analysis/lang/no"
	"github.com/blevesearch/bleve/v2/analysis/lang/pt"
	"github.com/blevesearch/bleve/v2/analysis/lang/ro"
	"github.com/blevesearch/bleve/v2/analysis/lang/ru"
	"github.com/blevesearch/bleve/v2/analysis/lang/sv"
	"github.com/blevesearch/bleve/v2/analysis/lang/tr"
	"github.com/blevesearch/bleve/v2/registry"
)

// stemmed are the languages that have a stemmer, with the script each is written
// in, so that a word is only tried in languages it can be of: Bleve's where it has
// one, and our own for Indonesian and Malay (Bleve's "in" is Hindi's script
// family, not Indonesian). The others are found by their words as they stand.
// front: a stem may begin with another letter than its word, as a prefix is taken
// off or the letter is changed; all others take off endings only.
var stemmed = []struct {
	lang, analyzer string
	script         *unicode.RangeTable
	front          bool
}{
	{"ar", ar.AnalyzerName, unicode.Arabic, true},
	{"ckb", ckb.AnalyzerName, unicode.Arabic, true},
	{"da", da.AnalyzerName, unicode.Latin, false},
	{"de", de.AnalyzerName, unicode.Latin, false},
	{"en", en.AnalyzerName, unicode.Latin, false},
	{"es", es.AnalyzerName, unicode.Latin, false},
	{"fa", fa.AnalyzerName, unicode.Arabic, true},
	{"fi", fi.AnalyzerName, unicode.Latin, false},
	{"fr", fr.AnalyzerName, unicode.Latin, false},
	{"hi", hi.AnalyzerName, unicode.Devanagari, true},
	{"hr", hr.AnalyzerName, unicode.Latin, false},
	{"hu", hu.AnalyzerName, unicode.Latin, false},
	{"it", it.AnalyzerName, unicode.Latin, false},
	{"nl", nl.AnalyzerName, unicode.Latin, false},
	{"no", no.AnalyzerName, unicode.Latin, false},
	{"pt", pt.AnalyzerName, unicode.Latin, false},
	{"ro", ro.AnalyzerName, unicode.Latin, false},
	{"ru", ru.AnalyzerName, unicode.Cyrillic, false},
	{"sv", sv.AnalyzerName, unicode.Latin, false},
	{"tr", tr.AnalyzerName, unicode.Latin, true},
	{"id", "", unicode.Latin, true}, // our own, see malay
	{"ms", "", unicode.Latin, true},
}

// A stem speaks for a word only if both are long enough to mean something:
// a two-letter stem finds half of every other language.
const (
	shortestStemmed = 4 // letters of a word
	shortestStem    = 3 // letters of its stem
)

// stemmers holds the analyzer of each stemmed language, and the stems of words
// that were asked for lately. Safe for concurrent use.
type stemmers struct {
	byLang     map[string]analysis.Analyzer
	glossaries sync.Pool // of *glossary
	mu         sync.RWMutex
	recent     map[stem]string // of a word in a language
}

// recentStems is how many stems are remembered before all are forgotten: the
// common words of a dozen languages, in some ten megabytes.
const recentStems = 100_000

func newStemmers() (*stemmers, error) {
	s := &stemmers{byLang: make(map[string]analysis.Analyzer, len(stemmed)), recent: map[stem]string{}}
	s.glossaries.New = func() any { return newGlossary() }
	cache := registry.NewCache()
	for _, l := range stemmed {
		if l.analyzer == "" {
			s.byLang[l.lang] = malay{}
			continue
		}
		a, err := cache.AnalyzerNamed(l.analyzer)
		if err != nil {
			return nil, fmt.Errorf("stemmer of %s: %w", l.lang, err)
		}
		if l.lang == ar.AnalyzerName {
			a = arabic{a}
		}
		s.byLang[l.lang] = a
	}
	return s, nil
}

// stem is a word as one language's stemmer leaves it.
type stem struct{ lang, text string }

// of gives the stems under which a word is found, in every language it can be of.
func (s *stemmers) of(word string) []stem {
	if utf8.RuneCountInString(word) < shortestStemmed {
		return nil
	}
	first, _ := utf8.DecodeRuneInString(word)
	var all []stem
	for _, l := range stemmed {
		if !unicode.Is(l.script, first) {
			continue
		}
		text := s.in(l.lang, word)
		if text == "" {
			continue
		}
		forms := []string{text}
		if l.lang == ar.AnalyzerName {
			forms = arabicForms(text)
		}
		for _, form := range forms {
			all = append(all, stem{l.lang, form})
		}
	}
	return all
}

// in is the stem of a word in one language, empty if it has none worth
// comparing: the language has no stemmer, or the word is too common or short.
func (s *stemmers) in(lang, word string) string {
	a := s.byLang[lang]
	if a == nil || len(word) > longestWord || len(word) < shortestStemmed || utf8.RuneCountInString(word) < shortestStemmed {
		return ""
	}
	s.mu.RLock()
	text, known := s.recent[stem{lang, word}]
	s.mu.RUnlock()
	if known {
		return text
	}
	if tokens := a.Analyze([]byte(word)); len(tokens) == 1 && utf8.RuneCount(tokens[0].Term) >= shortestStem {
		text = string(tokens[0].Term)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.recent) >= recentStems {
		clear(s.recent)
	}
	s.recent[stem{lang, strings.Clone(word)}] = text
	return text
}

// textGap keeps the words of neighbouring texts out of one another's phrases.
const textGap = 1000

// foldValue is a keyword as it is indexed: lower case, wide forms as the plain
// ones, and what no query can hold in quotes, quotes themselves, as white space,
// which is folded. Downside: values that differ in their quotes alone are one.
func foldValue(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(strings.Map(unquoted, s))), " ")
}

// unquoted is a character of a keyword as a query can have it.
func unquoted(r rune) rune {
	if r = plainRune(r); r == '"' {
		return ' '
	}
	return r
}

// changesFront reports whether a stem of the language may begin with another
// letter than its word.
func changesFront(lang string) bool {
	for _, l := range stemmed {
		if l.lang == lang {
			return l.front
		}
	}
	return false
}
