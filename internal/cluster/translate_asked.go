package cluster

// asked is an article that others are compared with. What its pivots weigh is
// reckoned once for each language of the others, not once for each of them.
type asked struct {
	indexed
	own  []float32 // shares of its pivots in its own language, of marks and alone in turn
	rows []row
}

// row is what an article's pivots, marks and alone in turn, weigh in comparison
// with texts of one language.
type row struct {
	lang   uint8
	latin  bool
	weight []float32
	expect []float32 // the part of it that one expects to find again
}

// ask prepares an article to be compared with others. What it is asked about is
// kept in scratch until the next call of rateLike.
func (t *translations) ask(x *indexed) asked {
	a := asked{indexed: *x, own: t.floats(len(x.marks) + len(x.alone)), rows: make([]row, 0, 8)}
	for i := range a.own {
		a.own[i] = t.share(a.posting(t, i), x.lang)
	}
	return a
}

// posting is where a pivot of the article leads, of marks and alone in turn.
func (a *asked) posting(t *translations, i int) *posting {
	if i < len(a.marks) {
		return &t.pivots[a.marks[i].pivot]
	}
	return &posting{hash: a.alone[i-len(a.marks)].pivot}
}

// row is what the article's pivots weigh in comparison with b.
func (a *asked) row(t *translations, b *indexed) *row {
	for i := range a.rows {
		if r := &a.rows[i]; r.lang == b.lang && r.latin == b.latin {
			return r
		}
	}
	n := len(a.own)
	r := row{b.lang, b.latin, t.floats(n), t.floats(n)}
	plausible, lost := a.plausible(), a.latin && !b.latin
	for i, own := range a.own {
		p := a.posting(t, i)
		r.weight[i] = weigh(p.hash, max(own, t.share(p, b.lang), leastShare))
		r.expect[i] = expect(p.hash, r.weight[i], plausible, lost)
	}
	a.rows = append(a.rows, r)
	return &a.rows[len(a.rows)-1]
}

// expected is the weight of the article's pivots within a span that one expects
// to find again in a text for which they have the given weights.
func (a *asked) expected(weights []float32, in span) float64 {
	var sum float32
	for i := range a.marks {
		if in.holds(&a.marks[i].pos) {
			sum += weights[i]
		}
	}
	for i := range a.alone {
		if in.holds(&a.alone[i].pos) {
			sum += weights[len(a.marks)+i]
		}
	}
	return float64(sum)
}

// floats is memory for n numbers until the next call of rateLike.
func (t *translations) floats(n int) []float32 {
	s := &t.scratch
	from := len(s.floats)
	s.floats = append(s.floats, make([]float32, n)...)
	return s.floats[from : from+n : from+n]
}
