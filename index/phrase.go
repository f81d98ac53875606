package index

import (
	"cmp"
	"context"
	"slices"

	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
	api "github.com/blevesearch/bleve_index_api"
)

// phrase asks for words next to one another in one field. Bleve's own phrase
// query does not know how a [field] packs its positions.
type phrase struct {
	field string
	words []string
}

// Searcher makes the searcher of a phrase: documents with all of its words are
// found without looking at positions, and only those are looked at.
func (p phrase) Searcher(ctx context.Context, r api.IndexReader, _ mapping.IndexMapping, options search.SearcherOptions) (_ search.Searcher, err error) {
	s := &phraseSearcher{places: make([][]uint64, len(p.words))}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	var candidates []search.Searcher
	for i, w := range p.words {
		reader, err := r.TermFieldReader(ctx, []byte(w), p.field, true, true, true)
		if err != nil {
			return nil, err
		}
		s.words = append(s.words, phraseWord{reader: reader, at: uint64(i), count: reader.Count()})
		candidate, err := searcher.NewTermSearcher(ctx, r, w, p.field, 1, options)
		if err != nil {
			return nil, err
		}
		candidates = append(candidates, candidate)
	}
	slices.SortStableFunc(s.words, func(a, b phraseWord) int { return cmp.Compare(a.count, b.count) })
	s.Searcher, err = searcher.NewConjunctionSearcher(ctx, r, candidates, options)
	return s, err
}

// phraseSearcher filters the documents that have all words of a phrase.
type phraseSearcher struct {
	search.Searcher
	words  []phraseWord // the rarest first
	places [][]uint64   // of each word in the document looked at
}

type phraseWord struct {
	reader api.TermFieldReader
	at     uint64 // its place in the phrase
	count  uint64 // documents that have it
	doc    *api.TermFieldDoc
}

func (s *phraseSearcher) Next(ctx *search.SearchContext) (*search.DocumentMatch, error) {
	m, err := s.Searcher.Next(ctx)
	return s.filter(ctx, m, err)
}

func (s *phraseSearcher) Advance(ctx *search.SearchContext, id api.IndexInternalID) (*search.DocumentMatch, error) {
	m, err := s.Searcher.Advance(ctx, id)
	return s.filter(ctx, m, err)
}

// filter goes on to the next candidate that has the phrase.
func (s *phraseSearcher) filter(ctx *search.SearchContext, m *search.DocumentMatch, err error) (*search.DocumentMatch, error) {
	for m != nil && err == nil {
		var ok bool
		if ok, err = s.holds(m.IndexInternalID); ok || err != nil {
			return m, err
		}
		ctx.DocumentMatchPool.Put(m)
		m, err = s.Searcher.Next(ctx)
	}
	return m, err
}

// holds reports whether the words stand next to one another in a document.
func (s *phraseSearcher) holds(id api.IndexInternalID) (bool, error) {
	for i := range s.words {
		w := &s.words[i]
		var err error
		if w.doc == nil || w.doc.ID.Compare(id) < 0 {
			if w.doc, err = w.reader.Advance(id, w.doc); err != nil {
				return false, err
			}
		}
		if w.doc == nil || !w.doc.ID.Equals(id) {
			return false, nil
		}
		s.places[i] = positions(w.doc.Vectors, s.places[i])
	}
	return s.inARow(), nil
}

// inARow looks for a place from which all words stand where the phrase has them.
func (s *phraseSearcher) inARow() bool {
	rest := make([]int, len(s.words)) // how far each word's places were looked at
next:
	for _, place := range s.places[0] {
		if place <= s.words[0].at {
			continue // the phrase would begin before the text, which begins at 1
		}
		start := place - s.words[0].at
		for i := 1; i < len(s.words); i++ {
			want, places := start+s.words[i].at, s.places[i]
			for rest[i] < len(places) && places[rest[i]] < want {
				rest[i]++
			}
			if rest[i] == len(places) || places[rest[i]] != want {
				continue next
			}
		}
		return true
	}
	return false
}

func (s *phraseSearcher) Close() error {
	for _, w := range s.words {
		w.reader.Close()
	}
	if s.Searcher == nil {
		return nil
	}
	return s.Searcher.Close()
}
