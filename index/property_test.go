package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// seen is a document laid out for being looked at: every title and text as its
// words between spaces, and the stems of each language.
type seen struct {
	Document
	titles, texts []string
	stems         map[stem]bool
}

func look(s *stemmers, d Document) seen {
	spaced := func(text string) string { return " " + strings.Join(foldWords(text), " ") + " " }
	l := seen{Document: d, stems: map[stem]bool{}}
	for _, title := range d.Titles {
		l.titles = append(l.titles, spaced(title))
	}
	for _, t := range d.Texts {
		l.texts = append(l.texts, spaced(t.Body))
		words(t.Body, func(_ string, start, end int) bool {
			if text := s.in(t.Language, t.Body[start:end]); text != "" {
				l.stems[stem{t.Language, text}] = true
			}
			return true
		})
	}
	return l
}

// brute evaluates queries by looking at every document; it remembers the forms
// of what it was asked for.
type brute struct {
	stems *stemmers
	forms map[string][]stem
}

func (b *brute) formsOf(e wording) []stem {
	key := fmt.Sprintf("%q %t %t", e.original, e.title, e.exact)
	if _, ok := b.forms[key]; !ok {
		b.forms[key] = b.stems.forms(e)
	}
	return b.forms[key]
}

// holds evaluates an expression on one document: what the index must agree with.
func (b *brute) holds(e expr, d *seen) bool {
	switch e := e.(type) {
	case allOf:
		return !slices.ContainsFunc(e, func(p expr) bool { return !b.holds(p, d) })
	case anyOf:
		return slices.ContainsFunc(e, func(p expr) bool { return b.holds(p, d) })
	case not:
		return !b.holds(e.part, d)
	case wording:
		wanted := " " + strings.Join(e.words, " ") + " "
		has := func(text string) bool { return strings.Contains(text, wanted) }
		return slices.ContainsFunc(d.titles, has) || !e.title && slices.ContainsFunc(d.texts, has) ||
			slices.ContainsFunc(b.formsOf(e), func(f stem) bool { return d.stems[f] })
	case value:
		values := map[string][]string{"outlet": d.Outlets, "lang": d.Languages, "agency": d.Agencies, "tag": d.Tags}[e.field]
		return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, e.value) })
	case arrived:
		return !d.FirstArrived.Before(e.since) && (e.until.IsZero() || d.FirstArrived.Before(e.until))
	}
	panic("unknown expression")
}

// dice makes documents and queries out of few words, so that they meet.
type dice struct{ *rand.Rand }

var vocabulary = map[string][]string{
	"en": {"minister", "ministers", "Minister's", "river", "Rivers", "the", "Shoigu", "COVID-19", "resigned", "resigns"},
	"de": {"Minister", "Häuser", "Haus", "Fluß", "der", "Shoigu", "zurückgetreten"},
	"ru": {"министр", "министры", "министров", "река", "Шойгу", "ёлка"},
	"id": {"menteri", "sungai", "Shoigu", "mundur", "di"},
	"zh": {"北京", "市长", "上海市", "辞职"},
	"fr": {"l’Élysée", "ministre", "ministres", "Shoigu"},
}

var (
	languages = []string{"en", "de", "ru", "id", "zh", "fr"}
	sites     = []string{"one.example", "two.example", "three.example"}
)

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

func (d dice) phrase(lang string, n int) string {
	all := make([]string, 1+d.IntN(n))
	for i := range all {
		all[i] = pick(d, vocabulary[lang])
	}
	return strings.Join(all, pick(d, []string{" ", " ", ", "}))
}

func (d dice) document(id news.StoryID) Document {
	doc := Document{ID: id, FirstArrived: day.Add(time.Duration(d.IntN(96)) * time.Hour), OutletCount: d.IntN(5)}
	for range 1 + d.IntN(3) {
		lang := pick(d, languages)
		doc.Titles = append(doc.Titles, d.phrase(lang, 3))
		doc.Texts = append(doc.Texts, Text{lang, d.phrase(lang, 8)})
		doc.Languages = append(doc.Languages, lang)
		doc.Outlets = append(doc.Outlets, pick(d, sites))
	}
	doc.Agencies = []string{pick(d, []string{"AP", "Antara", "Reuters"})}
	doc.Tags = []string{pick(d, []string{"World News", "Sport"})}
	return doc
}

func (d dice) query(depth int) string {
	if depth == 0 || d.IntN(3) == 0 {
		return d.leaf()
	}
	parts := make([]string, 2+d.IntN(2))
	for i := range parts {
		parts[i] = d.query(depth - 1)
		if d.IntN(4) == 0 {
			parts[i] = pick(d, []string{"-", "NOT "}) + parts[i]
		}
	}
	return "(" + strings.Join(parts, pick(d, []string{" ", " AND ", " OR ", " OR "})) + ")"
}

func (d dice) leaf() string {
	lang := pick(d, languages)
	switch d.IntN(10) {
	case 0:
		return "lang:" + lang
	case 1:
		return "outlet:" + pick(d, sites)
	case 2:
		return pick(d, []string{"agency:ap", `tag:"world news"`, "tag:sport"})
	case 3:
		return pick(d, []string{"after:2026-05-02", "before:2026-05-03", "after:2026-05-03T07:00"})
	case 4:
		return "title:" + pick(d, vocabulary[lang])
	case 5, 6:
		return `"` + d.phrase(lang, 3) + `"`
	}
	return pick(d, vocabulary[lang])
}

// TestSearchIsBruteForce holds the index against looking at every document, over
// generated documents, a third of which were put in twice or taken out, and
// generated queries.
func TestSearchIsBruteForce(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(7, 11))}
	ix := newIndex(t)
	docs := map[news.StoryID]seen{}
	for batch := range news.StoryID(6) {
		var put []Document
		var remove []news.StoryID
		for i := range news.StoryID(40) {
			doc := d.document(batch*25 + i + 1) // 15 of the last batch again
			put, docs[doc.ID] = append(put, doc), look(ix.stems, doc)
		}
		for range 5 {
			if id := news.StoryID(1 + d.IntN(int(batch)*25+1)); id <= batch*25 {
				remove = append(remove, id)
				delete(docs, id)
			}
		}
		if err := ix.Apply(t.Context(), put, remove, State{Change: news.Change(batch + 1), Epoch: "e"}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := ix.Count(); err != nil || n != len(docs) {
		t.Fatalf("index has %d documents (%v), want %d", n, err, len(docs))
	}
	b, hits := brute{ix.stems, map[string][]stem{}}, 0
	for range 800 {
		query := d.query(3)
		e, err := parse(query, nil)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		var want []news.StoryID
		for id, doc := range docs {
			if b.holds(e, &doc) {
				want = append(want, id)
			}
		}
		slices.Sort(want)
		sort := pick(d, Sorts())
		got := find(t, ix, Query{Text: query, Limit: 1000, Sort: sort})
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (%s) -want +got\n%s", query, sort, diff)
		}
		hits += len(got)
	}
	if hits < 5_000 {
		t.Errorf("the queries found %d stories in all: too few to prove anything", hits)
	}
}

func TestPagesDoNotOverlap(t *testing.T) {
	var docs []Document
	for i := range news.StoryID(50) {
		docs = append(docs, doc(i+1, "en", "flood", "the same words in every one of them"))
	}
	ix := newIndex(t, docs...)
	for _, sort := range Sorts() {
		seen := map[news.StoryID]bool{}
		for offset := 0; offset < 50; offset += 7 {
			for _, id := range find(t, ix, Query{Text: "flood", Sort: sort, Limit: 7, Offset: offset}) {
				seen[id] = true
			}
		}
		if len(seen) != 50 {
			t.Errorf("pages by %s show %d of 50 stories", sort, len(seen))
		}
	}
}
