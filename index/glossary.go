package index

import "strings"

// lexis is what the texts of a document say, word by word.
type lexis struct {
	words     []placed            // each different word, folded
	further   []uint64            // the places of words but the first, word by word, each counted from the one before it
	length    int                 // words
	stems     map[string][]string // by language; some more than once
	spellings []string            // of words not spelled as they are folded; some more than once
}

// placed is a word, where it stands first, and how often it stands in a document.
type placed struct {
	text         string
	first, times int32
}

// count counts the words of texts; a title is one without a language.
func (s *stemmers) count(texts []Text) lexis {
	g := s.glossaries.Get().(*glossary)
	defer s.glossaries.Put(g)
	g.nextDocument()
	l := lexis{stems: map[string][]string{}}
	place := int32(0)
	for _, t := range texts {
		known, stems := g.in(t.Language), l.stems[t.Language]
		spans(t.Body, func(start, end int) bool {
			w := known[t.Body[start:end]]
			if w == nil {
				w = g.learn(s, t.Language, t.Body[start:end])
			}
			if w.document != g.document {
				w.document = g.document
				if w.stem != "" {
					stems = append(stems, w.stem)
				}
				if w.spelling != "" {
					l.spellings = append(l.spellings, w.spelling)
				}
			}
			if w.folded != nil {
				place++
				g.meet(w.folded, place)
			}
			return true
		})
		if len(stems) > 0 {
			l.stems[t.Language] = stems
		}
		place += textGap
	}
	l.words, l.further, l.length = g.places()
	return l
}

// glossary is the words met lately, folded and stemmed once for all documents,
// and what the document in work has of them. Used by one goroutine at a time.
type glossary struct {
	spelled map[string]map[string]*spelledWord // by language and spelling
	folded  map[string]*foldedWord
	size    int // words of spelled

	document uint64 // the one in work
	met      []met  // its different words
	sequence []step // all its words
}

// spelledWord is a word of one language as it is written.
type spelledWord struct {
	folded   *foldedWord // nil: folding leaves nothing of it
	stem     string      // empty: none worth comparing
	spelling string      // empty: it is spelled as it is folded
	document uint64      // the last that has it
}

// foldedWord is a word as it is folded.
type foldedWord struct {
	text     string
	document uint64 // the last that has it
	number   int32  // among that document's words
}

// met is a word of the document in work.
type met struct {
	placed
	last, end int32 // its place before, and where its further places are to go
}

// step is a word at its place.
type step struct{ number, place int32 }

// largestGlossary is how many words are remembered before all are forgotten: the
// common words of a dozen languages, in some ten megabytes.
const largestGlossary = 60_000

func newGlossary() *glossary {
	return &glossary{spelled: map[string]map[string]*spelledWord{}, folded: map[string]*foldedWord{}}
}

// nextDocument makes room and begins a document.
func (g *glossary) nextDocument() {
	if g.size >= largestGlossary {
		clear(g.spelled)
		clear(g.folded)
		g.size = 0
	}
	g.document++
	g.met, g.sequence = g.met[:0], g.sequence[:0]
}

// in gives the words of a language.
func (g *glossary) in(lang string) map[string]*spelledWord {
	known := g.spelled[lang]
	if known == nil {
		known = map[string]*spelledWord{}
		g.spelled[lang] = known
	}
	return known
}

// learn takes up a word that is not known yet.
func (g *glossary) learn(s *stemmers, lang, spelled string) *spelledWord {
	spelled = strings.Clone(spelled) // not to hold the text it is from
	w := &spelledWord{stem: s.in(lang, spelled)}
	if text := foldSpan(spelled, 0, len(spelled)); text != "" {
		if w.folded = g.folded[text]; w.folded == nil {
			w.folded = &foldedWord{text: text}
			g.folded[text] = w.folded
		}
		if sp := spelling(spelled); sp != text {
			w.spelling = sp
		}
	}
	g.spelled[lang][spelled] = w
	g.size++
	return w
}

// meet notes a word of the document in work.
func (g *glossary) meet(w *foldedWord, place int32) {
	if w.document != g.document {
		w.document, w.number = g.document, int32(len(g.met))
		g.met = append(g.met, met{placed: placed{w.text, place, 0}, last: place})
	}
	g.met[w.number].times++
	g.sequence = append(g.sequence, step{w.number, place})
}

// places gives the words of the document in work.
func (g *glossary) places() (words []placed, further []uint64, length int) {
	words, further = make([]placed, len(g.met)), make([]uint64, len(g.sequence)-len(g.met))
	end := int32(0)
	for i := range g.met {
		words[i] = g.met[i].placed
		g.met[i].end = end
		end += words[i].times - 1
	}
	for _, s := range g.sequence {
		m := &g.met[s.number]
		if s.place != m.first {
			further[m.end] = uint64(s.place - m.last)
			m.end++
		}
		m.last = s.place
	}
	return words, further, len(g.sequence)
}
