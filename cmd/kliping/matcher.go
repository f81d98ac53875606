package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/pipeline"
)

// searcher matches a story by searching an index that holds it alone. It is slow,
// and stands in until the index has a matcher of its own.
type searcher struct {
	queries map[int64]index.Query
	dir     string
	ix      *index.Index
	err     error
}

func newMatcher() pipeline.Matcher {
	s := &searcher{queries: map[int64]index.Query{}}
	if s.dir, s.err = os.MkdirTemp("", "kliping-matcher-*"); s.err == nil {
		s.ix, s.err = index.Create(filepath.Join(s.dir, "index"), index.Options{})
	}
	return s
}

func (s *searcher) Put(id int64, q index.Query) error {
	if s.err != nil {
		return s.err
	}
	q.Limit = 1
	if _, err := s.ix.Search(context.Background(), q); err != nil {
		return err
	}
	s.queries[id] = q
	return nil
}

func (s *searcher) Remove(id int64) { delete(s.queries, id) }

func (s *searcher) Match(d *index.Document, _ time.Time) (ids []int64) {
	if s.err != nil || len(s.queries) == 0 {
		return nil
	}
	ctx := context.Background()
	if s.err = s.ix.Apply(ctx, []index.Document{*d}, nil, index.State{}); s.err != nil {
		return nil
	}
	for id, q := range s.queries {
		if r, err := s.ix.Search(ctx, q); err == nil && r.Total > 0 {
			ids = append(ids, id)
		}
	}
	s.err = s.ix.Apply(ctx, nil, []news.StoryID{d.ID}, index.State{})
	return ids
}

func (s *searcher) Close() error { return errors.Join(s.ix.Close(), os.RemoveAll(s.dir)) }
