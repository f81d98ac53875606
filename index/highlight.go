package index

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Highlighter finds in a text what a query asked for. It looks at the text
// itself, which the store has, not at the index. Not safe for concurrent use.
type Highlighter struct {
	stems  *stemmers
	wanted []wording
	forms  [][]stem // of each wanted
}

// Span is a piece of a string, in bytes.
type Span struct{ Start, End int }

// Fragment is a piece of a text with what matches in it.
type Fragment struct {
	Text      string
	Marks     []Span // in Text, in order, apart from one another
	CutBefore bool   // the text begins before the fragment
	CutAfter  bool   // the text goes on behind it
}

// Highlighter gives the highlighter of a query's text. The error is that of
// [Index.Search].
func (ix *Index) Highlighter(query string) (*Highlighter, error) {
	e, err := parse(query, nil)
	if err != nil {
		return nil, err
	}
	h := &Highlighter{stems: ix.stems}
	h.want(e)
	return h, nil
}

// want collects what a story may be found by; not what must be absent.
func (h *Highlighter) want(e expr) {
	switch e := e.(type) {
	case allOf:
		for _, p := range e {
			h.want(p)
		}
	case anyOf:
		for _, p := range e {
			h.want(p)
		}
	case near:
		for _, g := range e.groups {
			for _, w := range g {
				h.want(w)
			}
		}
	case wording:
		h.wanted = append(h.wanted, e)
		h.forms = append(h.forms, h.stems.forms(e))
	}
}

// match is a place in a text that answers one thing wanted.
type match struct {
	Span
	of int // index of wanted
}

// Fragments cuts at most limit pieces of about width characters out of a text
// in the given language, those that answer the most of the query, in the text's
// order. A text that answers nothing gives none.
func (h *Highlighter) Fragments(lang, text string, width, limit int) []Fragment {
	all := h.matches(lang, text)
	left := slices.Clone(all)
	var chosen []Span
	for len(left) > 0 && len(chosen) < limit {
		window := apart(widen(text, bestWindow(left, width), width), chosen)
		chosen = append(chosen, window)
		left = slices.DeleteFunc(left, func(m match) bool { return m.Start < window.End && m.End > window.Start })
	}
	slices.SortFunc(chosen, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	fragments := make([]Fragment, len(chosen))
	for i, c := range chosen {
		fragments[i] = cut(text, c, all)
	}
	return fragments
}

// apart shortens a stretch of text so that it does not run into the others.
func apart(s Span, others []Span) Span {
	for _, o := range others {
		if s.Start < o.End && o.End <= s.End {
			s.Start = o.End
		}
		if s.Start <= o.Start && o.Start < s.End {
			s.End = o.Start
		}
	}
	return s
}

// matches finds every place that answers something wanted, in order.
func (h *Highlighter) matches(lang, text string) []match {
	var found []match
	var spans []Span
	var folded []string
	words(text, func(w string, start, end int) bool {
		spans, folded = append(spans, Span{start, end}), append(folded, w)
		return true
	})
	stemOf := map[string]string{}
	for i := range spans {
		for of := range h.wanted {
			if n := h.matchAt(of, lang, text, spans[i:], folded[i:], stemOf); n > 0 {
				found = append(found, match{Span{spans[i].Start, spans[i+n-1].End}, of})
			}
		}
	}
	return found
}

// matchAt is how many words from here on answer one thing wanted; 0 if none do.
// stemOf remembers the stems of the text's words.
func (h *Highlighter) matchAt(of int, lang, text string, spans []Span, folded []string, stemOf map[string]string) int {
	want := h.wanted[of]
	if want.at(text, spans, folded) {
		return len(want.words)
	}
	for _, f := range h.forms[of] {
		if f.lang != lang {
			continue
		}
		word := text[spans[0].Start:spans[0].End]
		stem, known := stemOf[word]
		if !known {
			stem = h.stems.in(lang, word)
			stemOf[word] = stem
		}
		if stem == f.text {
			return 1
		}
	}
	return 0
}

// bestWindow is the stretch of at most width bytes that answers the most
// different things, then the most; the first of equals.
func bestWindow(matches []match, width int) Span {
	var best Span
	bestScore := -1
	for i, first := range matches {
		different, end := map[int]bool{}, first.End
		n := 0
		for _, m := range matches[i:] {
			if m.End-first.Start > width && n > 0 {
				break
			}
			different[m.of] = true
			end = max(end, m.End)
			n++
		}
		if score := len(different)*len(matches) + n; score > bestScore {
			best, bestScore = Span{first.Start, end}, score
		}
	}
	return best
}

// widen puts what surrounds a stretch of text on both sides of it, up to width
// characters in all, and ends at words where it can.
func widen(text string, s Span, width int) Span {
	room := max(0, width-utf8.RuneCountInString(text[s.Start:s.End])) / 2
	before, after := text[:s.Start], text[s.End:]
	start := len(before)
	for range room {
		_, size := utf8.DecodeLastRuneInString(before[:start])
		start -= size
	}
	if start > 0 {
		if i := strings.IndexFunc(before[start:], unicode.IsSpace); i >= 0 {
			start += i
		}
	}
	end := 0
	for range room {
		_, size := utf8.DecodeRuneInString(after[end:])
		end += size
	}
	if end < len(after) {
		if i := strings.LastIndexFunc(after[:end], unicode.IsSpace); i >= 0 {
			end = i
		}
	}
	return Span{start, s.End + end}
}

// cut makes the fragment of a window; white space at its edges is left out.
func cut(text string, s Span, matches []match) Fragment {
	piece := text[s.Start:s.End]
	s.Start += len(piece) - len(strings.TrimLeftFunc(piece, unicode.IsSpace))
	piece = strings.TrimSpace(piece)
	s.End = s.Start + len(piece)
	f := Fragment{Text: piece, CutBefore: strings.TrimSpace(text[:s.Start]) != "", CutAfter: strings.TrimSpace(text[s.End:]) != ""}
	for _, m := range matches {
		if m.Start < s.Start || m.End > s.End {
			continue
		}
		mark := Span{m.Start - s.Start, m.End - s.Start}
		if n := len(f.Marks); n > 0 && mark.Start < f.Marks[n-1].End {
			f.Marks[n-1].End = max(f.Marks[n-1].End, mark.End)
			continue
		}
		f.Marks = append(f.Marks, mark)
	}
	return f
}
