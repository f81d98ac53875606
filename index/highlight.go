package index

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Highlighter finds in the copies of a story what a query asked for. It looks at
// the texts themselves, which the store has, not at the index. Not safe for
// concurrent use.
type Highlighter struct {
	stems  *stemmers
	query  expr
	wanted []wording
	forms  [][]stem             // of each wanted
	values []value              // wanted of a copy besides
	known  map[string]*openings // by language
	at     []Span               // room for the words of a text, see matches
	all    []*spelled           // and what is known of each
}

// Copy is one article of a story, as far as it can answer a query.
type Copy struct {
	Title, Text              string
	Language, Outlet, Agency string
	Tags                     []string
}

// Match is how a copy answers a query.
type Match struct {
	Whole     bool       // it alone answers all of the query, as far as copies can
	Title     Fragment   // the whole title
	Fragments []Fragment // pieces of the text; none if nothing in it is wanted
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

// Highlighter gives the highlighter of a query. The error is that of
// [Index.Search].
func (ix *Index) Highlighter(q Query) (*Highlighter, error) {
	e, err := q.parse()
	if err != nil {
		return nil, err
	}
	h := &Highlighter{stems: ix.stems, query: e, known: map[string]*openings{}}
	asked(e, func(w wording) {
		h.wanted = append(h.wanted, w)
		h.forms = append(h.forms, h.stems.forms(w))
	})
	h.values = askedValues(e, nil)
	return h, nil
}

// askedValues collects the keywords a story may be found by.
func askedValues(e expr, all []value) []value {
	switch e := e.(type) {
	case allOf:
		for _, p := range e {
			all = askedValues(p, all)
		}
	case anyOf:
		for _, p := range e {
			all = askedValues(p, all)
		}
	case value:
		all = append(all, e)
	}
	return all
}

// Names reports whether the query names the outlet or the language, so that its
// copies are to be looked at before others.
func (h *Highlighter) Names(outlet, language string) bool {
	c := Copy{Outlet: outlet, Language: language}
	return slices.ContainsFunc(h.values, func(v value) bool { return (v.field == fieldOutlet || v.field == fieldLang) && c.has(v) })
}

// Best is the first copy that answers the whole query, else the one that answers
// the most of it, and how; its text is given in at most limit fragments of about
// width characters. -1: none answers any of it, as a query asks for nothing that
// copies have.
func (h *Highlighter) Best(copies []Copy, width, limit int) (int, Match) {
	best, most, whole := -1, 0, false
	var matches []match // in the text of the best
	seen := map[[3]string]bool{}
	for i := range copies {
		c := &copies[i]
		if whole {
			break
		}
		if k := [3]string{c.Title, c.Text, c.Outlet}; !seen[k] {
			seen[k] = true
			var n int
			found := h.matches(c.Language, c.Text)
			if n, whole = h.answers(c, found); n > most || whole && n > 0 {
				best, most, matches = i, n, found
			}
		}
	}
	if best < 0 {
		return best, Match{Whole: whole}
	}
	c := &copies[best]
	return best, Match{
		Whole:     whole,
		Title:     cut(c.Title, Span{0, len(c.Title)}, h.matches("", c.Title)),
		Fragments: fragments(c.Text, matches, width, limit),
	}
}

// answers is how many of the things wanted a copy has, whose text has these
// matches, and whether they are all the query needs.
func (h *Highlighter) answers(c *Copy, inText []match) (n int, whole bool) {
	has := make([]bool, len(h.wanted))
	for _, m := range h.matches("", c.Title) {
		has[m.of] = true
	}
	for _, m := range inText {
		has[m.of] = has[m.of] || !h.wanted[m.of].title
	}
	for _, ok := range has {
		if ok {
			n++
		}
	}
	for _, v := range h.values {
		if c.has(v) {
			n++
		}
	}
	return n, c.holds(h.query, &has)
}

func (c *Copy) has(v value) bool {
	is := func(s string) bool { return v.matches(foldValue(s)) }
	switch v.field {
	case fieldOutlet:
		return is(c.Outlet)
	case fieldLang:
		return is(c.Language)
	case fieldAgency:
		return is(c.Agency)
	}
	return slices.ContainsFunc(c.Tags, is)
}

// holds evaluates a query on one copy. has says of each wording, in the order of
// [asked], whether the copy has it; it is used up. What is excluded, or asks about
// the whole story, holds: the story was found.
func (c *Copy) holds(e expr, has *[]bool) bool {
	switch e := e.(type) {
	case allOf:
		all := true
		for _, p := range e {
			all = c.holds(p, has) && all
		}
		return all
	case anyOf:
		one := false
		for _, p := range e {
			one = c.holds(p, has) || one
		}
		return one
	case near:
		all := true
		for _, g := range e.groups {
			one := false
			for range g {
				one, *has = one || (*has)[0], (*has)[1:]
			}
			all = all && one
		}
		return all
	case wording:
		held := (*has)[0]
		*has = (*has)[1:]
		return held
	case value:
		return c.has(e)
	}
	return true
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
	return fragments(text, h.matches(lang, text), width, limit)
}

func fragments(text string, all []match, width, limit int) []Fragment {
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

// spelled is what is known of a word as it is spelled in a language. Copies use
// the same words again and again, so each is folded and stemmed once a query.
type spelled struct {
	folded string // empty: no word
	begins []int  // the things wanted that may begin with it
	form   []int  // those of which it is another form
}

// openings is what is known of the words of one language, and with which letters
// those begin that are wanted.
type openings struct {
	lang   string
	words  map[string]*spelled
	first  [utf8.RuneSelf]bool // with which ASCII characters a word may begin that is wanted
	formed bool                // other forms are wanted in this language
}

func (h *Highlighter) openings(lang string) *openings {
	l := h.known[lang]
	if l == nil {
		l = &openings{lang: lang, words: map[string]*spelled{}}
		h.known[lang] = l
		for of, want := range h.wanted {
			l.want(want.words[0], isWild(want.words[0][:1]))
			for _, f := range h.forms[of] {
				if f.lang == lang {
					l.formed = true
					l.want(f.text, changesFront(lang))
				}
			}
		}
	}
	return l
}

// want notes that words are wanted that begin as this one does, or any way.
func (l *openings) want(word string, anyWay bool) {
	for c := range l.first {
		if anyWay || asciiLower(byte(c)) == word[0] {
			l.first[c] = true
		}
	}
}

func asciiLower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func (h *Highlighter) look(l *openings, word string) *spelled {
	s := l.words[word]
	if s != nil {
		return s
	}
	s = &spelled{folded: foldSpan(word, 0, len(word))}
	l.words[word] = s
	own := stem{lang: l.lang}
	if l.formed {
		own.text = h.stems.in(l.lang, word)
	}
	for of, want := range h.wanted {
		if first := want.words[0]; first == s.folded || isWild(first) && glob(first, s.folded) {
			s.begins = append(s.begins, of)
		}
		if own.text != "" && slices.Contains(h.forms[of], own) {
			s.form = append(s.form, of)
		}
	}
	return s
}

// matches finds every place that answers something wanted, in order. Most words
// begin with a letter that nothing wanted begins with, and are not looked at.
func (h *Highlighter) matches(lang, text string) []match {
	var found []match
	l := h.openings(lang)
	at, all := h.at[:0], h.all[:0]
	spans(text, func(start, end int) bool {
		if c := text[start]; c < utf8.RuneSelf && !l.first[c] {
			at, all = append(at, Span{start, end}), append(all, nil)
		} else if s := h.look(l, text[start:end]); s.folded != "" {
			at, all = append(at, Span{start, end}), append(all, s)
		}
		return true
	})
	h.at, h.all = at, all
	for i, s := range all {
		if s == nil {
			continue
		}
		for _, of := range s.begins {
			if n := h.run(of, text, at[i:]); n > 0 {
				found = append(found, match{Span{at[i].Start, at[i+n-1].End}, of})
			}
		}
		for _, of := range s.form {
			if !slices.Contains(s.begins, of) {
				found = append(found, match{at[i], of})
			}
		}
	}
	return found
}

// run is how many words from here on are the wording; 0 if they are not.
func (h *Highlighter) run(of int, text string, at []Span) int {
	want := &h.wanted[of]
	n := len(want.words)
	if n > len(at) {
		return 0
	}
	folded := make([]string, n)
	for i := range folded {
		folded[i] = foldSpan(text, at[i].Start, at[i].End)
	}
	if !want.at(text, at[:n], folded) {
		return 0
	}
	return n
}

// bestWindow is the stretch of at most width bytes that answers the most
// different things, then the most; the first of equals.
func bestWindow(matches []match, width int) Span {
	var best Span
	bestScore := -1
	seen := make([]int, 1) // of each thing wanted, the last stretch that has it, counted from 1
	for i, first := range matches {
		different, end := 0, first.End
		n := 0
		for _, m := range matches[i:] {
			if m.End-first.Start > width && n > 0 {
				break
			}
			for m.of >= len(seen) {
				seen = append(seen, 0)
			}
			if seen[m.of] != i+1 {
				seen[m.of] = i + 1
				different++
			}
			end = max(end, m.End)
			n++
		}
		if score := different*len(matches) + n; score > bestScore {
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
