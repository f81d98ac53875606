package index

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	"github.com/blevesearch/bleve/v2/search/searcher"
	api "github.com/blevesearch/bleve_index_api"
)

// lexicon finds the words of the index that patterns stand for, once for
// each search. Not safe for concurrent use.
type lexicon struct {
	found map[[2]string][]string // by field and pattern
	total int
}

// maxAllForms is how many words of the index all wildcards of one query may
// stand for. Each costs a kilobyte or two while it is looked for.
const maxAllForms = 4 * maxForms

// words gives the words of a field that a pattern stands for. Too many are a
// mistake of the query: leaving some out would be an answer that looks right.
func (v *lexicon) words(ctx context.Context, r api.IndexReader, field, pattern string, column int) (_ []string, err error) {
	key := [2]string{field, pattern}
	if all, known := v.found[key]; known {
		return all, nil
	}
	prefix := pattern[:strings.IndexAny(pattern, "*?")]
	dict, err := r.FieldDictPrefix(field, []byte(prefix))
	if err != nil {
		return nil, err
	}
	defer dict.Close()
	var all []string
	for n := 0; ; n++ {
		entry, err := dict.Next()
		if err != nil {
			return nil, err
		}
		if entry == nil {
			break
		}
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !glob(pattern, entry.Term) {
			continue
		}
		if all = append(all, entry.Term); len(all) > maxForms || v.total+len(all) > maxAllForms {
			return nil, tooMany(pattern, column, len(all) > maxForms)
		}
	}
	v.total += len(all)
	v.found[key] = all
	return all, nil
}

func tooMany(pattern string, column int, alone bool) error {
	if alone {
		return &QueryError{column, fmt.Sprintf("%s stands for more than %d words of the index; write more of the word", pattern, maxForms), clip(pattern)}
	}
	return &QueryError{column, fmt.Sprintf("with %s the wildcards of this query stand for more than %d words of the index; write more of the words", pattern, maxAllForms), clip(pattern)}
}

// wildQuery finds the stories with a word that a pattern stands for.
type wildQuery struct {
	field, pattern string
	column         int
	lexicon        *lexicon
	boost          float64
}

// SetBoost sets what a match weighs.
func (q *wildQuery) SetBoost(b float64) { q.boost = b }

// Boost is what a match weighs.
func (q *wildQuery) Boost() float64 { return q.boost }

// Searcher is called by Bleve.
func (q *wildQuery) Searcher(ctx context.Context, r api.IndexReader, _ mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
	all, err := q.lexicon.words(ctx, r, q.field, q.pattern, q.column)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return searcher.NewMatchNoneSearcher(r)
	}
	return searcher.NewMultiTermSearcher(ctx, r, all, q.field, q.boost, o, false)
}

// chainQuery finds the stories in which the groups stand near one another in one
// field, by the places of the folded words: those with all the words are looked
// at. One group is a phrase with wildcards.
type chainQuery struct {
	field   string
	groups  [][]wording
	within  []int
	lexicon *lexicon
	boost   float64
}

// Searcher is called by Bleve.
func (q *chainQuery) Searcher(ctx context.Context, r api.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
	b := builder{lexicon: q.lexicon}
	s := &placesSearcher{ended: ctx.Err}
	wanted := map[string]bool{}
	must := make([]query.Query, len(q.groups))
	for i, g := range q.groups {
		ways := make([]query.Query, len(g))
		for j := range g {
			words := make([]query.Query, len(g[j].words))
			for k, w := range g[j].words {
				words[k] = b.wordQuery(q.field, w, isWild(w), g[j].column, q.boost)
				if !isWild(w) {
					wanted[w] = true
					continue
				}
				all, err := q.lexicon.words(ctx, r, q.field, w, g[j].column)
				if err != nil {
					return nil, err
				}
				for _, w := range all {
					wanted[w] = true
				}
			}
			ways[j] = all(words)
		}
		must[i] = some(ways)
	}
	for w := range wanted {
		if err := s.open(ctx, r, q.field, w); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	s.accept = func(id api.IndexInternalID) (bool, error) { return q.accept(s, id) }
	var err error
	if s.Searcher, err = all(must).Searcher(ctx, r, m, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (q *chainQuery) accept(s *placesSearcher, id api.IndexInternalID) (bool, error) {
	ps := places{at: map[string][]int{}}
	for i := range s.words {
		w := &s.words[i]
		found, err := w.read(id)
		if err != nil {
			return false, err
		}
		if found {
			at := make([]int, len(w.places))
			for j, place := range w.places {
				at[j] = int(place)
			}
			ps.at[w.word] = at
		}
	}
	return chained(q.groups, q.within, func(w *wording) []run { return ps.runs(w.words) }), nil
}
