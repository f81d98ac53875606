package index

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
	api "github.com/blevesearch/bleve_index_api"
)

// phraseQuery asks for words next to one another in one field. Bleve's own does
// not know how a [field] packs its places.
type phraseQuery struct {
	field string
	words []string
}

// Searcher makes the searcher of a phrase: documents with all of its words are
// found without looking at their places, and only those are looked at.
func (p phraseQuery) Searcher(ctx context.Context, r api.IndexReader, _ mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
	s := &placesSearcher{ended: ctx.Err}
	var candidates []search.Searcher
	for i, w := range p.words {
		if err := s.open(ctx, r, p.field, w); err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.words[i].offset = uint64(i)
		candidate, err := searcher.NewTermSearcher(ctx, r, w, p.field, 1, o)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		candidates = append(candidates, candidate)
	}
	slices.SortStableFunc(s.words, func(a, b wordPlaces) int { return cmp.Compare(a.reader.Count(), b.reader.Count()) })
	s.accept = s.inARow
	var err error
	if s.Searcher, err = searcher.NewConjunctionSearcher(ctx, r, candidates, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// placesSearcher finds those of the candidates whose words stand where they
// should.
type placesSearcher struct {
	search.Searcher // of the candidates
	words           []wordPlaces
	accept          func(api.IndexInternalID) (bool, error)
	ended           func() error // why nobody waits for more; nil: somebody does
}

// wordPlaces reads where one word stands in one document after the other.
type wordPlaces struct {
	word   string
	offset uint64 // its place in a phrase
	reader api.TermFieldReader
	doc    *api.TermFieldDoc // the last one read
	places []uint64          // in it
}

func (s *placesSearcher) open(ctx context.Context, r api.IndexReader, field, word string) error {
	if err := s.ended(); err != nil {
		return err
	}
	reader, err := r.TermFieldReader(ctx, []byte(word), field, true, true, true)
	if err == nil {
		s.words = append(s.words, wordPlaces{word: word, reader: reader})
	}
	return err
}

// read reads where the word stands in a document, which is behind the one asked
// for before; false: it does not.
func (w *wordPlaces) read(id api.IndexInternalID) (bool, error) {
	if w.doc == nil || w.doc.ID.Compare(id) < 0 {
		var err error
		if w.doc, err = w.reader.Advance(id, w.doc); err != nil {
			return false, err
		}
	}
	if w.doc == nil || !w.doc.ID.Equals(id) {
		return false, nil
	}
	w.places = positions(w.doc.Vectors, w.places)
	return true, nil
}

func (s *placesSearcher) Next(ctx *search.SearchContext) (*search.DocumentMatch, error) {
	m, err := s.Searcher.Next(ctx)
	return s.filter(ctx, m, err)
}

func (s *placesSearcher) Advance(ctx *search.SearchContext, id api.IndexInternalID) (*search.DocumentMatch, error) {
	m, err := s.Searcher.Advance(ctx, id)
	return s.filter(ctx, m, err)
}

// filter goes on to the next candidate that is accepted. It looks at the clock at
// each, which costs nothing beside reading where its words stand: thousands in a
// row may be refused, and whoever asked sees none of them.
func (s *placesSearcher) filter(ctx *search.SearchContext, m *search.DocumentMatch, err error) (*search.DocumentMatch, error) {
	for m != nil && err == nil {
		if err = s.ended(); err != nil {
			break
		}
		var ok bool
		if ok, err = s.accept(m.IndexInternalID); ok || err != nil {
			return m, err
		}
		ctx.DocumentMatchPool.Put(m)
		m, err = s.Searcher.Next(ctx)
	}
	return m, err
}

// inARow reports whether there is a place from which on all words stand where
// the phrase has them.
func (s *placesSearcher) inARow(id api.IndexInternalID) (bool, error) {
	for i := range s.words {
		if found, err := s.words[i].read(id); !found || err != nil {
			return false, err
		}
	}
	first := &s.words[0]
	rest := make([]int, len(s.words)) // how far each word's places were looked at
next:
	for _, place := range first.places {
		if place <= first.offset {
			continue // the phrase would begin before the text, which begins at 1
		}
		for i := 1; i < len(s.words); i++ {
			want, places := place-first.offset+s.words[i].offset, s.words[i].places
			for rest[i] < len(places) && places[rest[i]] < want {
				rest[i]++
			}
			if rest[i] == len(places) || places[rest[i]] != want {
				continue next
			}
		}
		return true, nil
	}
	return false, nil
}

func (s *placesSearcher) Close() error {
	for _, w := range s.words {
		w.reader.Close()
	}
	if s.Searcher == nil {
		return nil
	}
	return s.Searcher.Close()
}
