package index

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"kliping/internal/news"
)

// seen is a document laid out for being looked at, word by word.
type seen struct {
	Document
	parts []part
}

// part is a title or text: each word folded, as spelled, and its stem.
type part struct {
	title, lang            string
	folded, spelled, stems []string
}

func look(s *stemmers, d Document) seen {
	l := seen{Document: d}
	cut := func(title, lang, text string) {
		p := part{title: title, lang: lang}
		words(text, func(w string, start, end int) bool {
			p.folded = append(p.folded, w)
			p.spelled = append(p.spelled, norm.NFC.String(text[start:end]))
			p.stems = append(p.stems, s.in(lang, text[start:end]))
			return true
		})
		l.parts = append(l.parts, p)
	}
	for _, title := range d.Titles {
		cut("title", "", title)
	}
	for _, t := range d.Texts {
		cut("", t.Language, t.Body)
	}
	return l
}

// brute evaluates queries by looking at every word of every document, in as
// simple a way as there is; it remembers the forms of what it was asked for.
type brute struct {
	stems *stemmers
	forms map[string][]stem
}

func (b *brute) formsOf(e wording) []stem {
	key := fmt.Sprintf("%v %t", e, e.exact)
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
		return slices.ContainsFunc(d.parts, func(p part) bool { return len(b.found(e, p)) > 0 })
	case near:
		return slices.ContainsFunc(d.parts, func(p part) bool { return b.chain(e, p, 0, nil) })
	case value:
		values := map[string][]string{"outlet": d.Outlets, "lang": d.Languages, "agency": d.Agencies, "tag": d.Tags}[e.field]
		return slices.ContainsFunc(values, func(v string) bool {
			return strings.EqualFold(v, e.value) || e.wild && matchesPattern(e.value, strings.ToLower(v))
		})
	case amount:
		n := map[string]int{"copies": d.Copies, "texts": d.TextCount, "outlets": d.OutletCount}[e.field]
		return n >= e.least && n <= e.most
	case state:
		return e == translated && len(d.Languages) > 1 || e == single && d.Copies == 1
	case recent:
		return !d.FirstArrived.Before(searched.Add(-e.age))
	case arrived:
		return !d.FirstArrived.Before(e.since) && (e.until.IsZero() || d.FirstArrived.Before(e.until))
	}
	panic("unknown expression")
}

// matchesPattern is glob by way of a regular expression.
func matchesPattern(pattern, word string) bool {
	re, known := patterns[pattern]
	if !known {
		quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		re = regexp.MustCompile("^" + quoted + "$")
		patterns[pattern] = re
	}
	return re.MatchString(word)
}

var patterns = map[string]*regexp.Regexp{}

// found is where a wording stands: first and last word of each place.
func (b *brute) found(e wording, p part) (all [][2]int) {
	if e.title && p.title == "" {
		return nil
	}
	for i := range p.folded {
		if b.stands(e, p, i) {
			all = append(all, [2]int{i, i + len(e.words) - 1})
		} else if p.stems[i] != "" && slices.Contains(b.formsOf(e), stem{p.lang, p.stems[i]}) {
			all = append(all, [2]int{i, i})
		}
	}
	return all
}

func (b *brute) stands(e wording, p part, i int) bool {
	if i+len(e.words) > len(p.folded) {
		return false
	}
	if e.cased {
		return slices.Equal(p.spelled[i:i+len(e.words)], spelledWords(e.original))
	}
	for j, w := range e.words {
		if p.folded[i+j] != w && (!strings.ContainsAny(w, "*?") || !matchesPattern(w, p.folded[i+j])) {
			return false
		}
	}
	return true
}

// chain tries every place of the group that comes next, near the one before.
func (b *brute) chain(e near, p part, next int, before []int) bool {
	if next == len(e.groups) {
		return true
	}
	for _, w := range e.groups[next] {
		for _, at := range b.found(w, p) {
			if next > 0 {
				between := max(at[0]-before[1], before[0]-at[1]) - 1
				if between < 0 || between > e.within[next-1] {
					continue
				}
			}
			if b.chain(e, p, next+1, at[:]) {
				return true
			}
		}
	}
	return false
}

// searched is the moment of the searches in TestSearchIsBruteForce.
var searched = day.Add(96 * time.Hour)

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
	doc := Document{
		ID: id, FirstArrived: day.Add(time.Duration(d.IntN(96)) * time.Hour),
		OutletCount: d.IntN(5), Copies: 1 + d.IntN(6), TextCount: 1 + d.IntN(3),
	}
	for range 1 + d.IntN(3) {
		lang := pick(d, languages)
		doc.Titles = append(doc.Titles, d.phrase(lang, 3))
		doc.Texts = append(doc.Texts, Text{lang, d.phrase(lang, 8)})
		if !slices.Contains(doc.Languages, lang) {
			doc.Languages = append(doc.Languages, lang)
		}
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
	switch d.IntN(16) {
	case 0:
		return "lang:" + lang
	case 1:
		return pick(d, []string{"outlet:" + pick(d, sites), "outlet:t*.example"})
	case 2:
		return pick(d, []string{"agency:ap", `tag:"world news"`, "tag:sport"})
	case 3:
		return pick(d, []string{"after:2026-05-02", "before:2026-05-03", "after:2026-05-03T07:00", "since:2d", "since:30h"})
	case 4:
		return "title:" + d.word(lang)
	case 5:
		return pick(d, []string{"copies:>3", "copies:2..4", "texts:<2", "outlets:>=3", "is:translated", "is:single"})
	case 6, 7:
		return `"` + d.phrase(lang, 3) + `"`
	case 8, 9, 10:
		return d.near(lang)
	}
	return d.word(lang)
}

// word is what one side of a NEAR may be.
func (d dice) word(lang string) string {
	switch d.IntN(8) {
	case 0:
		return `"` + d.phrase(lang, 2) + `"`
	case 1:
		return pick(d, []string{"minist*", "*ister", "m?nister", "шой*", "sung?i", `"minist* the"`, "мин*ы"})
	case 2:
		return "cs(" + pick(d, []string{"Minister", "minister", "Shoigu", "Élysée", "der", `"Minister’s river"`, "ministers"}) + ")"
	case 3:
		return "(" + d.word(lang) + " OR " + d.word(pick(d, languages)) + ")"
	}
	return pick(d, vocabulary[lang])
}

func (d dice) near(lang string) string {
	query := d.word(lang)
	for range 1 + d.IntN(2) {
		query += fmt.Sprintf(" %s/%d ", pick(d, []string{"NEAR", "w"}), d.IntN(5)) + d.word(lang)
	}
	if d.IntN(5) == 0 {
		return "title:(" + query + ")"
	}
	return "(" + query + ")"
}

// TestSearchIsBruteForce holds the index against looking at every document, over
// generated documents, a third of which were put in twice or taken out, and
// generated queries; and a Matcher, which holds the queries and is shown the
// documents.
func TestSearchIsBruteForce(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(7, 11))}
	docs := map[news.StoryID]seen{}
	load := func(_ context.Context, ids []news.StoryID) (all []Document, _ error) {
		for _, id := range ids {
			all = append(all, docs[id].Document)
		}
		return all, nil
	}
	ix, err := Open(filepath.Join(t.TempDir(), "index"), Options{Load: load})
	must(t, err)
	t.Cleanup(func() { ix.Close() })
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
	m, answers := NewMatcher(), map[int64][]news.StoryID{}
	for n := range int64(2000) {
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
		q := Query{Text: query, Limit: 1000, Sort: sort, Now: searched}
		got := find(t, ix, q)
		slices.Sort(got)
		must(t, m.Put(n%1800, Query{Text: "Shoigu"})) // the query put before, if any, goes
		must(t, m.Put(n%1800, q))
		answers[n%1800] = want
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (%s) -want +got\n%s", query, sort, diff)
		}
		hits += len(got)
	}
	matched := map[int64][]news.StoryID{}
	for _, id := range slices.Sorted(maps.Keys(docs)) {
		doc := docs[id].Document
		for _, q := range m.Match(&doc, searched) {
			matched[q] = append(matched[q], id)
		}
	}
	for q, want := range answers {
		if diff := cmp.Diff(want, matched[q]); diff != "" {
			t.Errorf("Matcher, %v -want +got\n%s", m.saved[q].expr, diff)
		}
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
