package index

import (
	"context"
	"math"
	"time"

	api "github.com/blevesearch/bleve_index_api"
)

// How relevant a story is:
//
//	relevance = words · (1 + 0.5·2^(−age/3 days)) · (1 + 0.2·ln outlets)
//
// words is BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework,
// 2009) over title and texts as one field, where a word in a title counts as
// three (BM25F), and another form of it as half of one:
//
//	words = 0.1 + Σ idf · tf·(k1+1) / (tf + k1·(1 − b + b·length/average))
//	idf   = ln(1 + (N − n + 0.5)/(n + 0.5))
//
// n is of the most frequent form, so that a form nobody else uses does not pass
// for a rare word. k1 = 1.2 and b = 0.5: a story is long because many copies add
// to it, which is nothing against it. A phrase counts as its words. What only
// selects (fields, dates, wildcards) counts nothing; the 0.1 is there so that
// stories found by that alone are in an order too.
//
// A monitor wants what is new and what went far, but not in place of what was
// asked for: so both only multiply, today's news by at most one and a half, a
// story of twenty outlets by 1.6, of three hundred by 2.1. The logarithm is of
// outlets, not copies, so that one publisher's many sites gain little. Age is
// since the story first arrived: a copy that comes late does not make it new.
const (
	bm25K1, bm25B = 1.2, 0.5

	anyMatch    = 0.1
	titleCounts = 3.0
	stemCounts  = 0.5

	freshGain   = 0.5
	freshHalves = 3 * 24 * time.Hour
	spreadGain  = 0.2
)

// scoredWord is one word by which stories are ranked.
type scoredWord struct {
	word  string
	title bool // in a title only
	forms []stem
}

// scoredWords are the words a query asks for, each once; not what must be
// absent.
func (s *stemmers) scoredWords(e expr) []scoredWord {
	var all []scoredWord
	seen := map[scoredWordKey]bool{}
	asked(e, func(w wording) {
		forms := s.forms(w)
		for _, word := range w.words {
			if k := (scoredWordKey{word, w.title, len(forms) > 0}); !seen[k] && !isWild(word) {
				seen[k] = true
				all = append(all, scoredWord{word, w.title, forms})
			}
		}
	})
	return all
}

type scoredWordKey struct {
	word          string
	title, inForm bool
}

// asked calls f with everything a story may be found by.
func asked(e expr, f func(wording)) {
	switch e := e.(type) {
	case allOf:
		for _, p := range e {
			asked(p, f)
		}
	case anyOf:
		for _, p := range e {
			asked(p, f)
		}
	case near:
		for _, g := range e.groups {
			for _, w := range g {
				f(w)
			}
		}
	case wording:
		f(e)
	}
}

// weights are the figures of the whole index that a word's weight depends on. A
// cursor carries them, so that stories which arrive do not move those that a
// reader has already seen.
type weights struct {
	average float32   // words a story
	idf     []float32 // of each scored word
}

// ranker gives stories their relevance.
type ranker struct {
	reader  api.IndexReader
	words   []scoredWord
	weights weights
	now     time.Time
}

// text is how well the words of each of the documents, whose numbers ascend, are
// those asked for.
func (r *ranker) text(ctx context.Context, docs []uint32, lengths []int32) ([]float32, error) {
	scores := make([]float32, len(docs))
	for i := range scores {
		scores[i] = anyMatch
	}
	known := len(r.weights.idf) == len(r.words)
	total, err := r.reader.DocCount()
	if err != nil {
		return nil, err
	}
	counts := make([]float32, len(docs))
	for i, w := range r.words {
		clear(counts)
		most, err := r.count(ctx, w, docs, counts)
		if err != nil {
			return nil, err
		}
		if !known {
			r.weights.idf = append(r.weights.idf, float32(math.Log(1+(max(float64(total)-float64(most), 0)+0.5)/(float64(most)+0.5))))
		}
		for j, tf := range counts {
			if tf > 0 {
				length := 1 - bm25B + bm25B*float32(lengths[j])/r.weights.average
				scores[j] += r.weights.idf[i] * tf * (bm25K1 + 1) / (tf + bm25K1*length)
			}
		}
	}
	return scores, nil
}

// count says how often each document has a word, and how many documents of the
// index have the most frequent of its forms.
func (r *ranker) count(ctx context.Context, w scoredWord, docs []uint32, counts []float32) (most uint64, err error) {
	way := func(field, term string, frequencies bool, add func(i int, times uint64)) error {
		n, err := eachPosting(ctx, r.reader, field, term, frequencies, docs, add)
		most = max(most, n)
		return err
	}
	if !w.title {
		if err := way(fieldWords, w.word, true, func(i int, times uint64) { counts[i] += float32(times) }); err != nil {
			return 0, err
		}
	}
	if err := way(fieldTitle, w.word, true, func(i int, times uint64) { counts[i] += titleCounts * float32(times) }); err != nil {
		return 0, err
	}
	for _, f := range w.forms {
		if err := way(fieldStem+f.lang, f.text, false, func(i int, _ uint64) { counts[i] = max(counts[i], stemCounts) }); err != nil {
			return 0, err
		}
	}
	return most, nil
}

// eachPosting calls found with those of the documents that have a term, and says
// how many of the index do.
func eachPosting(ctx context.Context, r api.IndexReader, field, term string, frequencies bool, docs []uint32, found func(i int, times uint64)) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	reader, err := r.TermFieldReader(ctx, []byte(term), field, frequencies, false, false)
	if err != nil {
		return 0, err
	}
	defer reader.Close()
	n := reader.Count()
	if n == 0 || len(docs) == 0 {
		return n, nil
	}
	// Where few are asked for, to jump to each is faster than to pass all others.
	jump := n > 4*uint64(len(docs))
	var id api.IndexInternalID
	posting, err := reader.Next(nil)
	for i := 0; i < len(docs) && posting != nil && err == nil; {
		switch number := uint32(posting.ID.Value()); {
		case number == docs[i]:
			found(i, posting.Freq)
			i++
		case number > docs[i]:
			i++
		case jump:
			id = api.NewIndexInternalID(id, uint64(docs[i]))
			posting, err = reader.Advance(id, posting)
		default:
			posting, err = reader.Next(posting)
		}
	}
	return n, err
}

// rank multiplies what the words are worth with how fresh the story is and how
// far it went.
func (r *ranker) rank(text float32, s *storyColumns) float64 {
	score := float64(text)
	if s.first != 0 {
		age := max(0, float64(r.now.UnixMilli()-s.first)/float64(freshHalves.Milliseconds()))
		score *= 1 + freshGain*math.Exp2(-age)
	}
	return score * (1 + spreadGain*math.Log(float64(max(s.outlets, 1))))
}
