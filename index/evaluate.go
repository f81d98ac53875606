package index

import (
	"maps"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"
)

// reading is a document laid out to be asked: every title and text cut into
// words once. It answers as the index does, from the document alone.
type reading struct {
	doc      *Document
	passages []passage
	values   map[string][]string // by field, folded
}

// passage is one title or text.
type passage struct {
	title  bool
	lang   string // of a text
	text   string
	words  []string // folded
	spans  []Span   // of the words in text
	places places
	stems  map[string][]run // of a text whose language has a stemmer
}

// run is a stretch of words, by their numbers; last belongs to it.
type run struct{ first, last int }

// read lays a document out.
func (s *stemmers) read(d *Document) *reading {
	r := &reading{doc: d, passages: make([]passage, 0, len(d.Titles)+len(d.Texts))}
	for _, t := range d.Titles {
		r.passages = append(r.passages, cutWords(t))
		r.passages[len(r.passages)-1].title = true
	}
	for _, t := range d.Texts {
		p := cutWords(t.Body)
		p.lang = t.Language
		p.stems = s.stemRuns(&p)
		r.passages = append(r.passages, p)
	}
	r.values = map[string][]string{}
	for field, values := range map[string][]string{
		fieldOutlet: d.Outlets, fieldLang: d.Languages, fieldAgency: d.Agencies, fieldTag: d.Tags,
	} {
		r.values[field] = foldValues(values)
	}
	return r
}

func cutWords(text string) passage {
	p := passage{text: text, words: make([]string, 0, len(text)/6), spans: make([]Span, 0, len(text)/6)}
	words(text, func(w string, start, end int) bool {
		p.words = append(p.words, w)
		p.spans = append(p.spans, Span{start, end})
		return true
	})
	p.places = placesOf(p.words)
	return p
}

// stemRuns says where in a text each stem of its language stands.
func (s *stemmers) stemRuns(p *passage) map[string][]run {
	if s.byLang[p.lang] == nil {
		return nil
	}
	runs := map[string][]run{}
	for i, at := range p.spans {
		if stem := s.in(p.lang, p.text[at.Start:at.End]); stem != "" {
			runs[stem] = append(runs[stem], run{i, i})
		}
	}
	return runs
}

// places says where each word of a text stands, in order.
type places struct {
	at     map[string][]int
	sorted []string // the words, once they were needed in order
}

func placesOf(words []string) places {
	count := make(map[string]int, len(words))
	for _, w := range words {
		count[w]++
	}
	// One array for all: a slice a word would cost an allocation each.
	room := make([]int, len(words))
	all := make(map[string][]int, len(count))
	for i, w := range words {
		at, known := all[w]
		if !known {
			n := count[w]
			at, room = room[:0:n], room[n:]
		}
		all[w] = append(at, i)
	}
	return places{at: all}
}

// of is where a wanted word stands, which may have wildcards.
func (ps *places) of(wanted string) []int {
	if !isWild(wanted) {
		return ps.at[wanted]
	}
	var all []int
	ps.like(wanted, func(word string) bool {
		all = append(all, ps.at[word]...)
		return false
	})
	slices.Sort(all)
	return all
}

// like calls f with the words that a pattern describes until f returns true,
// and reports whether it did.
func (ps *places) like(pattern string, f func(word string) bool) bool {
	if ps.sorted == nil {
		ps.sorted = slices.Sorted(maps.Keys(ps.at))
	}
	prefix := pattern[:strings.IndexAny(pattern, "*?")]
	first, _ := slices.BinarySearch(ps.sorted, prefix)
	for _, word := range ps.sorted[first:] {
		if !strings.HasPrefix(word, prefix) {
			break
		}
		if glob(pattern, word) && f(word) {
			return true
		}
	}
	return false
}

// runs is where the words stand next to one another.
func (ps *places) runs(wanted []string) []run {
	starts := ps.of(wanted[0])
	for i := 1; i < len(wanted) && len(starts) > 0; i++ {
		next := ps.of(wanted[i])
		var kept []int
		for _, s := range starts {
			if _, ok := slices.BinarySearch(next, s+i); ok {
				kept = append(kept, s)
			}
		}
		starts = kept
	}
	all := make([]run, len(starts))
	for i, s := range starts {
		all[i] = run{s, s + len(wanted) - 1}
	}
	return all
}

// glob reports whether word is what the pattern describes: * any letters or
// none, ? one letter.
func glob(pattern, word string) bool {
	star, again := -1, 0 // the last * seen, and where in word to try it next
	p, w := 0, 0
	for w < len(word) {
		_, size := utf8.DecodeRuneInString(word[w:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, again = p, w
			p++
			continue
		case p < len(pattern) && pattern[p] == '?':
			p++
			w += size
			continue
		case p+size <= len(pattern) && pattern[p:p+size] == word[w:w+size]:
			p += size
			w += size
			continue
		case star < 0:
			return false
		}
		_, size = utf8.DecodeRuneInString(word[again:])
		again += size
		p, w = star+1, again
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// holds evaluates an expression that has its forms. now is what since: counts
// back from.
func (r *reading) holds(e expr, now time.Time) bool {
	switch e := e.(type) {
	case allOf:
		for _, part := range e {
			if !r.holds(part, now) {
				return false
			}
		}
		return true
	case anyOf:
		for _, part := range e {
			if r.holds(part, now) {
				return true
			}
		}
		return false
	case not:
		return !r.holds(e.part, now)
	case wording:
		return r.any(func(p *passage) bool { return p.has(&e) })
	case near:
		return r.any(func(p *passage) bool { return chained(e.groups, e.within, p.runs) })
	case value:
		return slices.ContainsFunc(r.values[e.field], e.matches)
	}
	return r.is(e, now)
}

// any reports whether f holds for a title or text.
func (r *reading) any(f func(*passage) bool) bool {
	for i := range r.passages {
		if f(&r.passages[i]) {
			return true
		}
	}
	return false
}

// is evaluates what speaks of the story as a whole.
func (r *reading) is(e expr, now time.Time) bool {
	switch e := e.(type) {
	case amount:
		n := map[string]int{fieldCopies: r.doc.Copies, fieldTexts: r.doc.TextCount, fieldOutlets: r.doc.OutletCount}[e.field]
		return e.least <= n && n <= e.most
	case recent:
		return r.is(arrived{since: e.cut(now)}, now)
	case arrived:
		at := r.doc.FirstArrived
		return !at.IsZero() && (e.since.IsZero() || at.UnixMilli() >= e.since.UnixMilli()) &&
			(e.until.IsZero() || at.UnixMilli() < e.until.UnixMilli())
	case state:
		return slices.Contains(r.doc.states(), e)
	}
	return false
}

// cut is the moment since when a story is recent. Whole seconds, so that the
// index, which knows milliseconds, and a clock that knows more agree.
func (e recent) cut(now time.Time) time.Time { return now.Add(-e.age).Truncate(time.Second) }

func (e value) matches(v string) bool { return v == e.value || e.wild && glob(e.value, v) }

// has reports whether a wording stands in the passage.
func (p *passage) has(w *wording) bool {
	if w.title && !p.title {
		return false
	}
	if len(w.words) == 1 && !w.cased {
		return p.hasWord(w.words[0]) || p.hasForm(w)
	}
	return len(p.runs(w)) > 0
}

func (p *passage) hasWord(wanted string) bool {
	if !isWild(wanted) {
		return len(p.places.at[wanted]) > 0
	}
	return p.places.like(wanted, func(string) bool { return true })
}

func (p *passage) hasForm(w *wording) bool {
	for _, f := range w.forms {
		if _, ok := p.stems[f.text]; ok && f.lang == p.lang {
			return true
		}
	}
	return false
}

// runs is where a wording stands in the passage.
func (p *passage) runs(w *wording) []run {
	if w.title && !p.title {
		return nil
	}
	all := p.places.runs(w.words)
	if w.cased {
		wanted := spelledWords(w.original)
		return slices.DeleteFunc(all, func(r run) bool { return !p.spelled(r, wanted) })
	}
	for _, f := range w.forms {
		if f.lang == p.lang {
			all = append(all, p.stems[f.text]...)
		}
	}
	return all
}

// spelled reports whether the words of a run are spelled as wanted.
func (p *passage) spelled(r run, wanted []string) bool {
	for i, want := range wanted {
		s := p.spans[r.first+i]
		if spelling(p.text[s.Start:s.End]) != want {
			return false
		}
	}
	return true
}

// spelledWords is all words of a text as they are spelled, one for each of
// [foldWords].
func spelledWords(text string) []string {
	var all []string
	words(text, func(_ string, start, end int) bool {
		all = append(all, spelling(text[start:end]))
		return true
	})
	return all
}

// at reports whether the wording stands, not as another form, where a text's
// words begin with these.
func (e *wording) at(text string, spans []Span, folded []string) bool {
	if len(folded) < len(e.words) {
		return false
	}
	for i, w := range e.words {
		if w != folded[i] && (!isWild(w) || !glob(w, folded[i])) {
			return false
		}
	}
	here := passage{text: text, spans: spans}
	return !e.cased || here.spelled(run{0, len(e.words) - 1}, spelledWords(e.original))
}

// chained reports whether the groups have matches near one another: the next
// ones are kept that are near one of those kept before.
func chained(groups [][]wording, within []int, runs func(*wording) []run) bool {
	var reached []run
	for i, g := range groups {
		var next []run
		for j := range g {
			next = append(next, runs(&g[j])...)
		}
		if i > 0 {
			next = nearTo(reached, next, within[i-1])
		}
		if len(next) == 0 {
			return false
		}
		reached = next
	}
	return true
}

// nearTo gives the runs that have one of the others before or behind them with
// at most so many words between.
func nearTo(others, runs []run, within int) []run {
	starts, ends := make([]int, len(others)), make([]int, len(others))
	for i, o := range others {
		starts[i], ends[i] = o.first, o.last
	}
	slices.Sort(starts)
	slices.Sort(ends)
	return slices.DeleteFunc(runs, func(r run) bool {
		before := sort.SearchInts(ends, r.first) - 1
		behind := sort.SearchInts(starts, r.last+1)
		return (before < 0 || r.first-ends[before]-1 > within) &&
			(behind == len(starts) || starts[behind]-r.last-1 > within)
	})
}

// withForms gives the expression with the stems of its words, which take an
// analyzer of each language.
func (s *stemmers) withForms(e expr) expr {
	switch e := e.(type) {
	case allOf:
		all := make(allOf, len(e))
		for i, part := range e {
			all[i] = s.withForms(part)
		}
		return all
	case anyOf:
		all := make(anyOf, len(e))
		for i, part := range e {
			all[i] = s.withForms(part)
		}
		return all
	case not:
		return not{s.withForms(e.part)}
	case wording:
		e.forms = s.forms(e)
		return e
	case near:
		for _, g := range e.groups {
			for i := range g {
				g[i].forms = s.forms(g[i])
			}
		}
	}
	return e
}
