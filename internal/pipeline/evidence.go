package pipeline

import (
	"context"
	"maps"
	"slices"

	"kliping/internal/news"
	"kliping/internal/residue"
	"kliping/internal/store"
)

// witnesses is how many of a story's earlier articles are read, in each
// language, when another comes: few, so that a story of thousands costs no more
// than one of ten.
const witnesses = 6

// hearCopies lets the articles that this batch put together speak about each
// other's residue: what stands outside the text that they share, and is in none
// of them. Articles placed in earlier batches are judged again when a copy comes.
// Those whose text changes by it are grouped once more, and no article twice.
func (b *batch) hearCopies(ctx context.Context) error {
	fresh := map[news.StoryID][]*store.Pending{}
	for _, p := range b.placed {
		if story := b.storyOf(p.Article.Story); b.joined[story] {
			fresh[story] = append(fresh[story], p)
		}
	}
	var again []news.ArticleID
	for _, story := range slices.Sorted(maps.Keys(fresh)) {
		all, err := b.assembled(ctx, story, fresh[story])
		if err != nil {
			return err
		}
		changed, err := b.hear(ctx, all)
		if err != nil {
			return err
		}
		again = append(again, changed...)
	}
	b.settled = true
	for _, id := range again {
		now, err := b.tx.Articles(ctx, []news.ArticleID{id}) // merges may have moved it
		if err != nil {
			return err
		}
		for _, p := range now {
			if err := b.assign(ctx, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// storyOf is the story that one became by the merges of this batch.
func (b *batch) storyOf(s news.StoryID) news.StoryID {
	for b.merged[s] != 0 {
		s = b.merged[s]
	}
	return s
}

// assembled returns a story's new articles behind its earliest, of any language
// and of each language that the new ones are in.
func (b *batch) assembled(ctx context.Context, story news.StoryID, fresh []*store.Pending) ([]*store.Pending, error) {
	languages := map[string]bool{"": true}
	known := map[news.ArticleID]bool{}
	for _, p := range fresh {
		languages[p.Article.Language] = true
		known[p.Article.ID] = true
	}
	var all []*store.Pending
	for _, language := range slices.Sorted(maps.Keys(languages)) {
		early, err := b.tx.Earliest(ctx, story, language, witnesses)
		if err != nil {
			return nil, err
		}
		for i := range early {
			if id := early[i].Article.ID; !known[id] {
				known[id] = true
				all = append(all, &early[i])
			}
		}
	}
	return append(all, fresh...), nil
}

// hear judges articles of one story by what the others of them say, and returns
// those whose text changed.
func (b *batch) hear(ctx context.Context, all []*store.Pending) ([]news.ArticleID, error) {
	copies := make([]*residue.Copy, len(all))
	for i, p := range all {
		copies[i] = b.preparer.cleaner.Copy(p.Article.Outlet, p.Article.Language, p.Article.Blocks)
	}
	var again []news.ArticleID
	for i, p := range all {
		if !b.preparer.take(&p.Article, copies[i].Hear(heardBy(i, all, copies))) {
			continue
		}
		if err := b.saveCleaned(ctx, p); err != nil {
			return nil, err
		}
		again = append(again, p.Article.ID)
	}
	return again, nil
}

// heardBy chooses whom article i hears: few, so that a flood in one batch costs
// no more either, and as many of its own language as of others.
func heardBy(i int, all []*store.Pending, copies []*residue.Copy) []*residue.Copy {
	var same, other []*residue.Copy
	for j, p := range all {
		switch {
		case j == i:
		case p.Article.Language == all[i].Article.Language:
			if len(same) < 2*witnesses {
				same = append(same, copies[j])
			}
		case len(other) < 2*witnesses:
			other = append(other, copies[j])
		}
	}
	return append(same, other...)
}

// take marks what copies found outside, unmarks what one of them turns out to
// share, and reports whether that changed what is kept. Where copies say nothing
// now, what they said before stands: not all of them are asked each time.
func (p *Preparer) take(a *news.Article, found []residue.Finding) bool {
	before, blocks := news.JoinKept(a.Blocks), slices.Clone(a.Blocks)
	for i := range a.Blocks {
		bl := &a.Blocks[i]
		switch f := found[i]; {
		case f.Standing == residue.Outside && bl.Strip == nil:
			bl.Strip = f.Strip()
		case f.Standing == residue.Shared && bl.Strip != nil && bl.Strip.Evidence == news.ByCopy:
			bl.Strip = nil
		}
	}
	if news.JoinKept(a.Blocks) != before {
		p.clean(a) // a person's veto takes the mark off again
	}
	if news.JoinKept(a.Blocks) != before {
		return true
	}
	a.Blocks = blocks
	return false
}
