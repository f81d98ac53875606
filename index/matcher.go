package index

import (
	"slices"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// Matcher holds many saved queries and says which of them a document answers,
// as a search would once the document were in the index, but without one.
//
// A query is filed under a few terms of which a document that answers it has at
// least one: those of the part of an AND that the fewest documents should have.
// A document is cut into words once; only queries filed under one of its terms
// are evaluated, and those that no term is needed for (NOT or numbers alone,
// wildcards that begin a word). Safe for concurrent use.
type Matcher struct {
	stems  *stemmers
	mu     sync.RWMutex // guards what is below
	saved  map[int64]*savedQuery
	filed  map[term][]*savedQuery
	always map[int64]*savedQuery
}

// savedQuery is a query that a Matcher holds.
type savedQuery struct {
	id    int64
	expr  expr
	under []term // empty: always evaluated
}

// term is something a document has: a word wherever it stands, the stem of one,
// the beginning of one, or a value.
type term struct{ field, text string }

// The fields of terms that are no fields of the index. The language of a stem
// is left to the evaluation, so that a word has a few terms and not twenty.
const (
	termStem   = fieldStem
	termPrefix = "prefix"
)

// prefixLetters is how many letters a wildcard has to come after for its query
// to be filed under them.
const prefixLetters = 3

// NewMatcher gives a matcher without queries.
func NewMatcher() *Matcher {
	s, err := newStemmers()
	if err != nil {
		panic(err) // a stemmer that is linked in is not registered
	}
	return &Matcher{stems: s, saved: map[int64]*savedQuery{}, filed: map[term][]*savedQuery{}, always: map[int64]*savedQuery{}}
}

// Put saves a query under an id, in place of the one there. Of q its text,
// location and filters count. The error is that of [Index.Search]; then nothing
// changes.
func (m *Matcher) Put(id int64, q Query) error {
	e, err := q.parse()
	if err != nil {
		return err
	}
	s := &savedQuery{id: id, expr: m.stems.withForms(e)}
	if n, ok := needOf(s.expr); ok {
		s.under = slices.CompactFunc(n.terms, func(a, b term) bool { return a == b })
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remove(id)
	m.saved[id] = s
	if len(s.under) == 0 {
		m.always[id] = s
	}
	for _, t := range s.under {
		m.filed[t] = append(m.filed[t], s)
	}
	return nil
}

// Remove forgets a query; one that is not there is none.
func (m *Matcher) Remove(id int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remove(id)
}

func (m *Matcher) remove(id int64) {
	s := m.saved[id]
	if s == nil {
		return
	}
	delete(m.saved, id)
	delete(m.always, id)
	for _, t := range s.under {
		rest := slices.DeleteFunc(m.filed[t], func(other *savedQuery) bool { return other == s })
		if len(rest) == 0 {
			delete(m.filed, t)
		} else {
			m.filed[t] = rest
		}
	}
}

// Match gives the ids of the queries that a document answers, ascending. now is
// what since: counts back from.
func (m *Matcher) Match(d *Document, now time.Time) []int64 {
	r := m.stems.read(d)
	m.mu.RLock()
	defer m.mu.RUnlock()
	var ids []int64
	try := func(s *savedQuery) {
		if r.holds(s.expr, now) {
			ids = append(ids, s.id)
		}
	}
	for _, s := range m.always {
		try(s)
	}
	tried := map[*savedQuery]bool{}
	r.terms(func(t term) {
		for _, s := range m.filed[t] {
			if !tried[s] {
				tried[s] = true
				try(s)
			}
		}
	})
	slices.Sort(ids)
	return ids
}

// terms calls yield with every term of the document, some more than once.
func (r *reading) terms(yield func(term)) {
	for i := range r.passages {
		p := &r.passages[i]
		for word := range p.places.at {
			yield(term{fieldWords, word})
			if prefix, ok := firstLetters(word); ok {
				yield(term{termPrefix, prefix})
			}
		}
		for s := range p.stems {
			yield(term{termStem, s})
		}
	}
	for field, values := range r.values {
		for _, v := range values {
			yield(term{field, v})
		}
	}
}

// firstLetters is the beginning of a word that is long enough.
func firstLetters(word string) (string, bool) {
	n := 0
	for i := range word {
		if n == prefixLetters {
			return word[:i], true
		}
		n++
	}
	return word, n == prefixLetters
}

// need is terms of which a document has one if a query holds for it.
type need struct {
	terms []term
	cost  float64 // about what share of documents has one of them
}

// needOf gives what an expression needs; false if it may hold for a document
// that has none of any terms.
func needOf(e expr) (need, bool) {
	switch e := e.(type) {
	case allOf:
		return cheapest(e)
	case anyOf:
		return together(e)
	case wording:
		return wordingNeed(&e)
	case near:
		groups := make([]anyOf, len(e.groups))
		for i, g := range e.groups {
			for _, w := range g {
				groups[i] = append(groups[i], w)
			}
		}
		return cheapest(groups)
	case value:
		cost := map[string]float64{fieldOutlet: 0.02, fieldAgency: 0.1, fieldTag: 0.1, fieldLang: 0.5}[e.field]
		return need{[]term{{e.field, e.value}}, cost}, !e.wild
	}
	return need{}, false
}

// cheapest is the need of the part that the fewest documents should meet.
func cheapest[E expr](parts []E) (best need, ok bool) {
	for _, part := range parts {
		if n, has := needOf(part); has && (!ok || n.cost < best.cost) {
			best, ok = n, true
		}
	}
	return best, ok
}

// together is what parts need of which one has to hold.
func together(parts anyOf) (sum need, ok bool) {
	for _, part := range parts {
		n, has := needOf(part)
		if !has {
			return need{}, false
		}
		sum.terms = append(sum.terms, n.terms...)
		sum.cost += n.cost
	}
	return sum, true
}

// wordingNeed is the rarest word of a phrase, or a word with its other forms.
func wordingNeed(w *wording) (best need, ok bool) {
	for i, word := range w.words {
		t, cost := term{fieldWords, word}, wordCost(word)
		if isWild(word) {
			prefix, long := firstLetters(word)
			if !long || isWild(prefix) {
				continue
			}
			t, cost = term{termPrefix, prefix}, 0.3
		}
		if !ok || cost < best.cost {
			best, ok = need{[]term{t}, cost}, true
		}
		if i == 0 && isName(w.original) {
			best.cost /= 3
		}
	}
	if len(w.words) > 1 {
		best.cost /= 2
	}
	for _, f := range w.forms {
		if t := (term{termStem, f.text}); !slices.Contains(best.terms, t) {
			best.terms = append(best.terms, t)
		}
	}
	return best, ok
}

// wordCost guesses how common a word is by its length: nothing is known yet of
// the documents that will come.
func wordCost(word string) float64 {
	byLetters := [...]float64{1, 0.5, 0.5, 0.3, 0.1, 0.06, 0.04, 0.03}
	return byLetters[min(utf8.RuneCountInString(word), len(byLetters)-1)]
}

// isName reports whether a word is written as names are; those are rarer.
func isName(original string) bool {
	r, _ := utf8.DecodeRuneInString(original)
	return unicode.IsUpper(r)
}
