package index

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/document"
	api "github.com/blevesearch/bleve_index_api"

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
	add(fieldTitle, strings.Join(d.Titles, textEnd), withPositions, exact{})
	add(fieldWords, bodies, withPositions, exact{})
	for _, l := range stemmed {
		add(fieldStem+l.lang, byLang[l.lang], withoutThem, s.byLang[l.lang])
	}
	addValues(fieldOutlet, d.Outlets)
	addValues(fieldLang, d.Languages)
	addValues(fieldAgency, d.Agencies)
	addValues(fieldTag, d.Tags)
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
		body := strings.ReplaceAll(t.Body, textEnd, " ")
		bodies[i] = body
		byLang[t.Language] += body + "\n"
	}
	return strings.Join(bodies, textEnd), byLang
}
