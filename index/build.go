package index

import (
	"slices"
	"time"

	"github.com/blevesearch/bleve/v2/search/query"
)

// The names of a document's fields.
const (
	fieldTitle    = "title"
	fieldWords    = "words"
	fieldStem     = "stem." // followed by the language
	fieldOutlet   = "outlet"
	fieldLang     = "lang"
	fieldAgency   = "agency"
	fieldTag      = "tag"
	fieldFirst    = "first"
	fieldOutlets  = "outlets"
	fieldCopies   = "copies"
	fieldTexts    = "texts"
	fieldIs       = "is"
	fieldSpelling = "spelling"
	fieldRow      = "row"
)

// What a match weighs: a word of the title more than one of the text, the word
// itself more than another form of it.
const (
	titleBoost = 3.0
	stemBoost  = 0.5
)

// builder makes Bleve's query of an expression that has its forms.
//
// What needs the texts themselves, cs() of a phrase say, the index can only
// answer roughly: over is a query that finds every story the expression holds
// for and perhaps others, under one that finds only such stories and perhaps not
// all. They are the same wherever [unsure] finds nothing.
type builder struct {
	lexicon *lexicon
	now     time.Time
	over    bool
}

func (b builder) build(e expr) query.Query {
	switch e := e.(type) {
	case allOf:
		return b.buildAll(e)
	case anyOf:
		return b.buildAny(e)
	case not:
		return b.buildAll(allOf{e})
	case wording:
		return b.buildText(&e)
	case near:
		return b.buildNear(&e)
	case value:
		return unscored(b.wordQuery(e.field, e.value, e.wild, e.column, 1))
	case state:
		return unscored(termQuery(fieldIs, string(e), 1))
	case amount:
		return unscored(amountQuery(e))
	case arrived:
		return unscored(arrivedQuery(e))
	case recent:
		return unscored(arrivedQuery(arrived{since: e.cut(b.now)}))
	}
	return query.NewMatchNoneQuery()
}

// buildAll keeps what is excluded apart: Bleve has no negation but beside
// something positive.
func (b builder) buildAll(parts allOf) query.Query {
	var must, mustNot []query.Query
	other := b
	other.over = !b.over
	for _, p := range parts {
		if n, ok := p.(not); ok {
			mustNot = append(mustNot, other.build(n.part))
		} else {
			must = append(must, b.build(p))
		}
	}
	if len(must) == 0 {
		must = append(must, query.NewMatchAllQuery())
	}
	if len(mustNot) == 0 {
		return all(must)
	}
	return query.NewBooleanQuery(must, nil, mustNot)
}

func (b builder) buildAny(parts anyOf) query.Query {
	queries := make([]query.Query, len(parts))
	for i, p := range parts {
		queries[i] = b.build(p)
	}
	return some(queries)
}

func all(parts []query.Query) query.Query {
	if len(parts) == 1 {
		return parts[0]
	}
	return query.NewConjunctionQuery(parts)
}

func some(parts []query.Query) query.Query {
	switch len(parts) {
	case 0:
		return query.NewMatchNoneQuery()
	case 1:
		return parts[0]
	}
	return query.NewDisjunctionQuery(parts)
}

func (b builder) buildText(t *wording) query.Query {
	if t.cased {
		return b.buildCased(t)
	}
	ways := []query.Query{b.phrase(fieldTitle, t, titleBoost)}
	if !t.title {
		ways = append(ways, b.phrase(fieldWords, t, 1))
		ways = append(ways, formQueries(t)...)
	}
	return some(ways)
}

func formQueries(t *wording) []query.Query {
	var ways []query.Query
	for _, f := range t.forms {
		ways = append(ways, termQuery(fieldStem+f.lang, f.text, stemBoost))
	}
	return ways
}

// buildCased asks for the spellings that the index knows: those that differ
// from the folded word, wherever in the story.
func (b builder) buildCased(t *wording) query.Query {
	if !b.over && !sureSpelling(t) {
		return query.NewMatchNoneQuery()
	}
	plain := *t
	plain.cased, plain.forms = false, nil
	must := []query.Query{b.buildText(&plain)}
	for i, s := range spelledWords(t.original) {
		if s != t.words[i] {
			must = append(must, unscored(termQuery(fieldSpelling, s, 1)))
		}
	}
	return all(must)
}

// sureSpelling reports whether the index alone can answer a cs(): one word,
// wherever it is, spelled otherwise than it is folded.
func sureSpelling(t *wording) bool {
	return len(t.words) == 1 && !t.title && spelledWords(t.original)[0] != t.words[0]
}

// phrase asks for a wording in one field, as folded.
func (b builder) phrase(field string, t *wording, boost float64) query.Query {
	if len(t.words) == 1 {
		return b.wordQuery(field, t.words[0], isWild(t.words[0]), t.column, boost)
	}
	if !slices.ContainsFunc(t.words, isWild) {
		return phraseQuery{field, t.words}
	}
	return &chainQuery{field: field, groups: [][]wording{{*t}}, lexicon: b.lexicon, boost: boost}
}

func (b builder) wordQuery(field, word string, wild bool, column int, boost float64) query.Query {
	if !wild {
		return termQuery(field, word, boost)
	}
	return &wildQuery{field: field, pattern: word, column: column, lexicon: b.lexicon, boost: boost}
}

// buildNear asks for the folded words by their places. Stems and spellings have
// none, so where those may match it asks, roughly, for all groups in the story.
func (b builder) buildNear(e *near) query.Query {
	ways := []query.Query{b.chain(fieldTitle, e, titleBoost)}
	if !e.groups[0][0].title {
		ways = append(ways, b.chain(fieldWords, e, 1))
	}
	if b.over && unsure(*e) > 0 {
		must := make([]query.Query, len(e.groups))
		for i, g := range e.groups {
			parts := make([]query.Query, len(g))
			for j := range g {
				parts[j] = b.buildText(&g[j])
			}
			must[i] = some(parts)
		}
		ways = append(ways, all(must))
	}
	return some(ways)
}

// chain asks for a NEAR in one field, without what is case-sensitive, whose
// places the index does not know.
func (b builder) chain(field string, e *near, boost float64) query.Query {
	groups := make([][]wording, len(e.groups))
	for i, g := range e.groups {
		for _, w := range g {
			if !w.cased {
				groups[i] = append(groups[i], w)
			}
		}
		if groups[i] == nil {
			return query.NewMatchNoneQuery()
		}
	}
	return &chainQuery{field: field, groups: groups, within: e.within, lexicon: b.lexicon, boost: boost}
}

// unsure gives the column of the first part that the index alone cannot answer;
// 0 if it can answer all.
func unsure(e expr) int {
	first := func(n int, part func(i int) int) int {
		for i := range n {
			if column := part(i); column > 0 {
				return column
			}
		}
		return 0
	}
	switch e := e.(type) {
	case allOf:
		return first(len(e), func(i int) int { return unsure(e[i]) })
	case anyOf:
		return first(len(e), func(i int) int { return unsure(e[i]) })
	case not:
		return unsure(e.part)
	case wording:
		if e.cased && !sureSpelling(&e) {
			return e.column
		}
	case near:
		for _, g := range e.groups {
			for _, w := range g {
				if w.cased || len(w.forms) > 0 {
					return e.column
				}
			}
		}
	}
	return 0
}

// forms are the stems under which other forms of what t asks for are found:
// none for a title, a phrase, or what stands in quotes.
func (s *stemmers) forms(t wording) []stem {
	if len(t.words) == 2 && t.words[0] == t.words[1] && !t.title && !t.exact && !t.cased && !isWild(t.words[0]) {
		return s.of(t.words[0]) // a plural of Malay and Indonesian: buku-buku
	}
	if t.title || t.exact || t.cased || len(t.words) != 1 || isWild(t.words[0]) {
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

func amountQuery(a amount) query.FieldableQuery {
	least, most, in := float64(a.least), float64(a.most), true
	q := query.NewNumericRangeInclusiveQuery(&least, &most, &in, &in)
	q.SetField(a.field)
	return q
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
