package index

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// watched is a query as a monitor saves it: names, other spellings of them,
// subjects in several forms, and what to leave out.
func (p *prose) watched() string {
	// Of any two ranks one of which is ten times the other, as many words between.
	ranked := func(from, to float64) string { return p.words[int(from*math.Pow(to/from, p.dice.Float64()))] }
	word := func() string { return ranked(100, 20_000) }
	name := func() string { w := ranked(1000, 50_000); return strings.ToUpper(w[:1]) + w[1:] }
	several := func(n int, one func() string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = one()
		}
		return "(" + strings.Join(all, " OR ") + ")"
	}
	subject := func() string { return []string{word(), word(), word() + "*"}[p.dice.IntN(3)] }
	switch p.dice.IntN(10) {
	case 0, 1:
		return fmt.Sprintf(`"%s %s" OR %s`, name(), name(), name())
	case 2, 3, 4:
		return fmt.Sprintf(`(%s OR %s OR "%s %s") AND %s -%s`, name(), name(), name(), name(), several(5, subject), word())
	case 5, 6:
		return fmt.Sprintf(`%s NEAR/8 %s`, several(2, name), several(4, subject))
	case 7:
		return fmt.Sprintf(`%s lang:(en OR id) %s NOT (%s OR %s)`, name(), several(20, word), word(), word())
	case 8:
		return fmt.Sprintf(`cs(%s) OR title:(%s %s)`, strings.ToUpper(word()), name(), subject())
	}
	return fmt.Sprintf(`%s copies:>2 since:24h`, several(3, name))
}

func saved(b testing.TB, p *prose, n int) (*Matcher, []string) {
	m, queries := NewMatcher(), make([]string, n)
	for i := range queries {
		queries[i] = p.watched()
		if i%100 == 0 { // and one in a hundred that any document has to be asked for
			queries[i] = fmt.Sprintf("outlets:>%d -%s", p.dice.IntN(9), p.words[50+p.dice.IntN(50)])
		}
		must(b, m.Put(int64(i), Query{Text: queries[i]}))
	}
	return m, queries
}

// TestMatcherIsBruteForce holds what a Matcher finds against evaluating every
// saved query on every document, in prose, where most queries are not tried.
func TestMatcherIsBruteForce(t *testing.T) {
	p := newProse()
	m, queries := saved(t, p, 500)
	hits := 0
	for _, d := range p.documents(1, 40) {
		r := m.stems.read(&d)
		want := []int64(nil)
		for i := range queries {
			if r.holds(m.saved[int64(i)].expr, day) {
				want = append(want, int64(i))
			}
		}
		hits += len(want)
		if diff := cmp.Diff(want, m.Match(&d, day)); diff != "" {
			t.Fatalf("story %d -want +got\n%s", d.ID, diff)
		}
	}
	if hits < 100 {
		t.Errorf("%d hits are too few to prove anything", hits)
	}
}

func TestMatcherPutRemove(t *testing.T) {
	m, d := NewMatcher(), doc(1, "en", "River", "The flood came.")
	match := func() []int64 { return m.Match(&d, day) }
	for id, q := range []string{"flood", "river", "NOT fire", "desert"} {
		must(t, m.Put(int64(id), Query{Text: q}))
	}
	must(t, m.Put(9, Query{Text: "flood", Language: "de"}))
	steps := []struct {
		do   func()
		want []int64
	}{
		{func() {}, []int64{0, 1, 2}},
		{func() { m.Remove(1); m.Remove(2); m.Remove(77) }, []int64{0}},
		{func() { must(t, m.Put(0, Query{Text: "fire"})) }, nil},
		{func() { must(t, m.Put(3, Query{Text: "-fire"})) }, []int64{3}},
		{func() { _ = m.Put(3, Query{Text: "(flood"}) }, []int64{3}}, // a mistake changes nothing
		{func() { must(t, m.Put(9, Query{Text: "flood", Language: "en"})) }, []int64{3, 9}},
	}
	for i, s := range steps {
		s.do()
		if diff := cmp.Diff(s.want, match()); diff != "" {
			t.Errorf("step %d -want +got\n%s", i, diff)
		}
	}
	for id := range int64(10) {
		m.Remove(id)
	}
	if len(m.filed)+len(m.always)+len(m.saved) > 0 {
		t.Errorf("an empty Matcher still holds %d terms, %d queries", len(m.filed), len(m.always)+len(m.saved))
	}
}

// TestMatcherAtOnce puts, removes and matches from several goroutines; the race
// detector looks on.
func TestMatcherAtOnce(t *testing.T) {
	m, p := NewMatcher(), newProse()
	docs, queries := p.documents(1, 5), make([]string, 100)
	for i := range queries {
		queries[i] = p.watched()
	}
	must(t, m.Put(1000, Query{Text: "NOT copies:0"}))
	var all sync.WaitGroup
	for part := range 4 {
		all.Go(func() {
			for i, q := range queries {
				id := int64(part*100 + i)
				if err := m.Put(id, Query{Text: q}); err != nil {
					t.Error(err)
				}
				if !slices.Contains(m.Match(&docs[i%5], day), 1000) {
					t.Error("a query that was there all the time did not match")
				}
				m.Remove(id)
			}
		})
	}
	all.Wait()
}
