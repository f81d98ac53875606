package index

import (
	"time"

	"github.com/blevesearch/bleve/v2/search/query"
)

// The names of a document's fields.
const (
	fieldTitle   = "title"
	fieldWords   = "words"
	fieldStem    = "stem." // followed by the language
	fieldOutlet  = "outlet"
	fieldLang    = "lang"
	fieldAgency  = "agency"
	fieldTag     = "tag"
	fieldFirst   = "first"
	fieldOutlets = "outlets"
	fieldRow     = "row"
)

// What a match weighs: a word of the title more than one of the text, the word
// itself more than another form of it.
const (
	titleBoost = 3.0
	stemBoost  = 0.5
)

// build gives the Bleve query of an expression.
func (s *stemmers) build(e expr) query.Query {
	switch e := e.(type) {
	case allOf:
		return s.buildAll(e)
	case anyOf:
		parts := make([]query.Query, len(e))
		for i, p := range e {
			parts[i] = s.build(p)
		}
		return query.NewDisjunctionQuery(parts)
	case not:
		return s.buildAll(allOf{e})
	case wording:
		return s.buildText(e)
	case value:
		return unscored(termQuery(e.field, e.value, 1))
	case arrived:
		return unscored(arrivedQuery(e))
	}
	return query.NewMatchNoneQuery()
}

// buildAll keeps what is excluded apart: Bleve has no negation but beside
// something positive.
func (s *stemmers) buildAll(parts allOf) query.Query {
	var must, mustNot []query.Query
	for _, p := range parts {
		if n, ok := p.(not); ok {
			mustNot = append(mustNot, s.build(n.part))
		} else {
			must = append(must, s.build(p))
		}
	}
	if len(must) == 0 {
		must = append(must, query.NewMatchAllQuery())
	}
	if len(mustNot) == 0 {
		return query.NewConjunctionQuery(must)
	}
	return query.NewBooleanQuery(must, nil, mustNot)
}

func (s *stemmers) buildText(t wording) query.Query {
	ways := []query.Query{phraseQuery(fieldTitle, t.words, titleBoost)}
	if !t.title {
		ways = append(ways, phraseQuery(fieldWords, t.words, 1))
		for _, st := range s.forms(t) {
			ways = append(ways, termQuery(fieldStem+st.lang, st.text, stemBoost))
		}
	}
	return query.NewDisjunctionQuery(ways)
}

// forms are the stems under which other forms of what t asks for are found:
// none for a title, a phrase, or what stands in quotes.
func (s *stemmers) forms(t wording) []stem {
	if t.title || t.exact || len(t.words) != 1 {
		return nil
	}
	return s.of(t.original)
}

func termQuery(field, term string, boost float64) query.Query {
	q := query.NewTermQuery(term)
	q.SetField(field)
	q.SetBoost(boost)
	return q
}

func phraseQuery(field string, terms []string, boost float64) query.Query {
	if len(terms) == 1 {
		return termQuery(field, terms[0], boost)
	}
	return phrase{field, terms}
}

func arrivedQuery(a arrived) query.FieldableQuery {
	in, out := true, false
	q := query.NewNumericRangeInclusiveQuery(seconds(a.since), seconds(a.until), &in, &out)
	q.SetField(fieldFirst)
	return q
}

// seconds is a time as documents have it; nil for the zero time, which is open.
func seconds(t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	s := float64(t.UnixMilli()) / 1000
	return &s
}

// unscored makes a query that only selects: it says nothing about how well a
// story answers the words.
func unscored(q query.Query) query.Query {
	if b, ok := q.(query.BoostableQuery); ok {
		b.SetBoost(0)
	}
	return q
}
