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
var stemmed = []struct {
	lang, analyzer string
	script         *unicode.RangeTable
}{
	{"ar", ar.AnalyzerName, unicode.Arabic},
	{"ckb", ckb.AnalyzerName, unicode.Arabic},
	{"da", da.AnalyzerName, unicode.Latin},
	{"de", de.AnalyzerName, unicode.Latin},
	{"en", en.AnalyzerName, unicode.Latin},
	{"es", es.AnalyzerName, unicode.Latin},
	{"fa", fa.AnalyzerName, unicode.Arabic},
	{"fi", fi.AnalyzerName, unicode.Latin},
	{"fr", fr.AnalyzerName, unicode.Latin},
	{"hi", hi.AnalyzerName, unicode.Devanagari},
	{"hr", hr.AnalyzerName, unicode.Latin},
	{"hu", hu.AnalyzerName, unicode.Latin},
	{"it", it.AnalyzerName, unicode.Latin},
	{"nl", nl.AnalyzerName, unicode.Latin},
	{"no", no.AnalyzerName, unicode.Latin},
	{"pt", pt.AnalyzerName, unicode.Latin},
	{"ro", ro.AnalyzerName, unicode.Latin},
	{"ru", ru.AnalyzerName, unicode.Cyrillic},
	{"sv", sv.AnalyzerName, unicode.Latin},
	{"tr", tr.AnalyzerName, unicode.Latin},
	{"id", "", unicode.Latin}, // our own, see malay
	{"ms", "", unicode.Latin},
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
	byLang map[string]analysis.Analyzer
	mu     sync.RWMutex
	recent map[stem]string // of a word in a language
}

// recentStems is how many stems are remembered before all are forgotten: the
// common words of a dozen languages, in some ten megabytes.
const recentStems = 100_000

func newStemmers() (*stemmers, error) {
	s := &stemmers{byLang: make(map[string]analysis.Analyzer, len(stemmed)), recent: map[stem]string{}}
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
		s.byLang[l.lang] = a
	}
	return s, nil
}

// stem is a word as one language's stemmer leaves it.
type stem struct{ lang, text string }

// of gives the stems of a word in every language it can be of.
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
		if text := s.in(l.lang, word); text != "" {
			all = append(all, stem{l.lang, text})
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

// foldValue is a keyword as it is indexed: lower case, white space folded.
func foldValue(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }
