package index

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/document"
	api "github.com/blevesearch/bleve_index_api"
	"golang.org/x/text/unicode/norm"

	"kliping/internal/news"
)

// Document is a story as it is searched.
type Document struct {
	ID             news.StoryID
	Titles         []string // each distinct title once
	Texts          []Text   // each distinct text once
	Outlets        []string
	Languages      []string // BCP 47 base languages
	Agencies       []string
	Tags           []string
	Copies         int // articles
	TextCount      int // groups of articles that share wording
	OutletCount    int // independent outlets
	FirstPublished time.Time
	FirstArrived   time.Time
	LastArrived    time.Time
}

// Text is one of a story's texts, without its residue.
type Text struct {
	Language string // BCP 47 base language, as guessed
	Body     string
}

// What each kind of field asks of Bleve. Doc values only where facets or an
// order need them, positions only where phrases do.
const (
	withPositions = api.IndexField | api.IncludeTermVectors
	withoutThem   = api.IndexField
	withValues    = api.IndexField | api.DocValues
	onlyValues    = api.IndexField | api.DocValues | api.SkipFreqNorm
	onlyIndexed   = api.IndexField | api.SkipFreqNorm
)

// key is a story's id in Bleve: its order as bytes is the order of the ids.
func key(id news.StoryID) string { return fmt.Sprintf("%016x", int64(id)) }

func keyID(key string) (news.StoryID, error) {
	id, err := strconv.ParseInt(key, 16, 64)
	return news.StoryID(id), err
}

// document gives Bleve's form of a document. Its fields are made here one by
// one: this is the whole static mapping.
func (s *stemmers) document(d *Document) *document.Document {
	doc := document.NewDocument(key(d.ID))
	add := func(name, value string, options api.FieldIndexingOptions, a analysis.Analyzer) {
		if value != "" {
			doc.AddField(document.NewTextFieldCustom(name, nil, []byte(value), options, a))
		}
	}
	addValues := func(name string, values []string) {
		for _, v := range slices.Compact(slices.Sorted(slices.Values(values))) {
			add(name, v, onlyValues, whole{})
		}
	}
	bodies, byLang := joinTexts(d.Texts)
	add(fieldTitle, joinTitles(d.Titles), withPositions, exact{})
	add(fieldWords, bodies, withPositions, exact{})
	for _, l := range stemmed {
		add(fieldStem+l.lang, byLang[l.lang], withoutThem, s.byLang[l.lang])
	}
	if spelled := spellings(d); len(spelled) > 0 {
		doc.AddField(document.NewTextFieldCustom(fieldSpelling, nil, []byte(strings.Join(spelled, " ")), onlyIndexed, split{}))
	}
	addValues(fieldOutlet, d.Outlets)
	addValues(fieldLang, d.Languages)
	addValues(fieldAgency, d.Agencies)
	addValues(fieldTag, d.Tags)
	for _, is := range d.states() {
		add(fieldIs, string(is), onlyIndexed, whole{})
	}
	doc.AddField(document.NewNumericFieldWithIndexingOptions(fieldCopies, nil, float64(d.Copies), onlyIndexed))
	doc.AddField(document.NewNumericFieldWithIndexingOptions(fieldTexts, nil, float64(d.TextCount), onlyIndexed))
	doc.AddField(document.NewNumericFieldWithIndexingOptions(fieldOutlets, nil, float64(d.OutletCount), withValues))
	if at := seconds(d.FirstArrived); at != nil {
		doc.AddField(document.NewNumericFieldWithIndexingOptions(fieldFirst, nil, *at, withValues))
	}
	return doc
}

// joinTexts joins the texts, all of them and those of each language.
func joinTexts(texts []Text) (all string, byLang map[string]string) {
	bodies := make([]string, len(texts))
	byLang = map[string]string{}
	for i, t := range texts {
		body := withoutEnds(t.Body)
		bodies[i] = body
		byLang[t.Language] += body + "\n"
	}
	return strings.Join(bodies, textEnd), byLang
}

func joinTitles(titles []string) string {
	all := make([]string, len(titles))
	for i, t := range titles {
		all[i] = withoutEnds(t)
	}
	return strings.Join(all, textEnd)
}

// withoutEnds takes out of a text what would part it in two.
func withoutEnds(text string) string { return strings.ReplaceAll(text, textEnd, " ") }

// states are what is: finds the story by.
func (d *Document) states() []state {
	var all []state
	if len(d.Languages) > 1 {
		all = append(all, translated)
	}
	if d.Copies == 1 {
		all = append(all, single)
	}
	return all
}

// spellings is each word of the titles and texts once, as it is spelled, where
// that is not as it is folded.
func spellings(d *Document) []string {
	seen := map[string]bool{}
	collect := func(text string) {
		words(text, func(folded string, start, end int) bool {
			if s := spelling(text[start:end]); s != folded {
				seen[s] = true
			}
			return true
		})
	}
	for _, t := range d.Titles {
		collect(withoutEnds(t))
	}
	for _, t := range d.Texts {
		collect(withoutEnds(t.Body))
	}
	return slices.Sorted(maps.Keys(seen))
}

// spelling is a word as it is spelled, in one form whichever way its accents are
// encoded.
func spelling(word string) string {
	word = word[:min(len(word), longestWord)]
	if isASCII(word) {
		return word
	}
	return strings.Map(func(r rune) rune {
		if ignored(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, norm.NFKC.String(word))
}

// split makes a token of whatever stands between spaces.
type split struct{}

func (split) Analyze(input []byte) analysis.TokenStream {
	parts := bytes.Fields(input)
	stream := make(analysis.TokenStream, len(parts))
	for i, p := range parts {
		stream[i] = &analysis.Token{Term: p, Position: i + 1}
	}
	return stream
}
