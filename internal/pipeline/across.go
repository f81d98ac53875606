package pipeline

import (
	"context"
	"fmt"
	"slices"

	"kliping/internal/cluster"
	"kliping/internal/news"
	"kliping/internal/residue"
	"kliping/internal/store"
)

// likeMost is the containment from which two articles that carry the same block
// may be one text: the block may be what an outlet left unedited.
const likeMost = 0.3

// learnAcross finds out which blocks of the articles just placed are templates of
// outlets in general, cleans again whatever carries one, and groups that again. It
// comes after assignment, since translations of one text keep its foreign words:
// only the story tells that they are one.
func (b *batch) learnAcross(ctx context.Context, waiting []store.Pending) error {
	var learned []residue.Template
	dirty := map[news.ArticleID]bool{}
	for i := range waiting {
		a := &waiting[i].Article
		for _, c := range b.learner.Shared(a.Outlet, a.ID) {
			if t := b.preparer.templates.of(news.AnyOutlet)[c.Print]; t != nil && !t.Stale(a.Arrived) {
				if t.State != residue.StateVetoed {
					b.learner.Learn(c.Print) // known from the store
				}
				continue
			}
			sample, outlets, err := b.unlike(ctx, c, a.Language)
			if err != nil {
				return err
			}
			if outlets == 0 {
				continue
			}
			l := b.learner.Learn(c.Print)
			learned = append(learned, residue.Template{
				Outlet: news.AnyOutlet, Print: c.Print, Count: outlets, First: l.First, Last: l.Last, Sample: sample, State: residue.StateLearned,
			})
			for _, id := range l.Articles {
				dirty[id] = true
			}
		}
	}
	if len(learned) == 0 {
		return nil
	}
	return b.spread(ctx, learned, dirty)
}

// spread makes templates of outlets in general known, and cleans and groups the
// articles again that carry them.
func (b *batch) spread(ctx context.Context, learned []residue.Template, dirty map[news.ArticleID]bool) error {
	b.learned = append(b.learned, learned...)
	b.done.Templates += len(learned)
	b.preparer.templates.add(learned)
	if err := b.tx.SaveTemplates(ctx, templateRows(learned)); err != nil {
		return err
	}
	again, err := b.recleanEarlier(ctx, dirty)
	if err != nil {
		return err
	}
	b.placed = slices.DeleteFunc(b.placed, func(p *store.Pending) bool {
		return slices.ContainsFunc(again, func(q store.Pending) bool { return q.Article.ID == p.Article.ID })
	})
	for _, p := range again {
		if err := b.assign(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// unlike compares the witnesses of a candidate that are in the given language. It
// returns the block and in how many outlets' texts it stands that have nothing to
// do with one another, or 0 if the block asks for more.
func (b *batch) unlike(ctx context.Context, c residue.Candidate, language string) (sample string, outlets int, err error) {
	witnesses, err := b.tx.Articles(ctx, c.Witnesses)
	if err != nil {
		return "", 0, err
	}
	need := 0
	var apart []*store.Pending
	var sketches []*cluster.Sketch
	for i := range witnesses {
		w := &witnesses[i]
		at := slices.Index(w.Prints, c.Print)
		if at < 0 || at >= len(w.Article.Blocks) || w.Article.Language != language {
			continue
		}
		block := w.Article.Blocks[at]
		asks := b.preparer.cleaner.Asks(block)
		if asks == 0 {
			return "", 0, nil
		}
		need, sample = max(need, asks), block.Text
		s, err := cluster.UnmarshalSketch(w.Sketch)
		if err != nil {
			return "", 0, fmt.Errorf("sketch of article %d: %w; run `kliping reprocess` to make it anew", w.Article.ID, err)
		}
		if !slices.ContainsFunc(apart, func(other *store.Pending) bool { return sameStory(w, other) }) && !likeAny(s, sketches) {
			apart, sketches = append(apart, w), append(sketches, s)
		}
	}
	if len(apart) == 0 || len(apart) < need {
		return "", 0, nil
	}
	return sample, len(apart), nil
}

func sameStory(a, b *store.Pending) bool {
	return a.Article.Story != 0 && a.Article.Story == b.Article.Story
}

func likeAny(s *cluster.Sketch, others []*cluster.Sketch) bool {
	return slices.ContainsFunc(others, func(other *cluster.Sketch) bool {
		_, containment, _ := cluster.Similarity(s, other)
		return containment >= likeMost
	})
}
