package pipeline

import (
	"context"
	"slices"

	"kliping/internal/cluster"
	"kliping/internal/news"
	"kliping/internal/store"
)

// lookAgain asks about the articles that one just placed calls into question,
// and moves those that are in the wrong story.
func (b *batch) lookAgain(ctx context.Context, doubt []news.ArticleID) error {
	for _, id := range doubt {
		m, astray := b.window.Astray(id)
		if !astray {
			continue
		}
		if err := b.move(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// move puts articles where they belong, unless a person decided otherwise or
// one of them waits to be grouped anyway.
func (b *batch) move(ctx context.Context, m cluster.Move) error {
	all, err := b.tx.Articles(ctx, m.Articles)
	if err != nil || len(all) < len(m.Articles) {
		return err
	}
	// Whole means all that the window knows; the story may have older members.
	if m.Whole, err = b.tx.Only(ctx, m.From, m.Articles); err != nil {
		return err
	}
	if free, err := b.free(ctx, all, m); err != nil || !free {
		return err
	}
	longest := slices.IndexFunc(all, func(p store.Pending) bool { return p.Article.ID == m.Articles[0] })
	s, err := unmarshal(all[longest].Article.ID, all[longest].Sketch)
	if err != nil {
		return err
	}
	if m.Explain(s); m.Whole {
		return b.merge(ctx, []cluster.Merge{whole(m)})
	}
	if err := b.put(ctx, &all[longest], m.Into, m.Reason); err != nil {
		return err
	}
	for i := range all {
		if i == longest {
			continue
		}
		if err := b.follows(ctx, &all[i], m); err != nil {
			return err
		}
	}
	b.done.Moved += len(all)
	b.joined[m.Into] = true
	return b.restate(ctx, m)
}

// follows moves an article with the one whose wording it shares. It stays a copy
// of whom it was a copy, if that moves too; else it is one of the longest.
func (b *batch) follows(ctx context.Context, p *store.Pending, m cluster.Move) error {
	r := p.Article.Reason
	if of := r.TextOf(); of == 0 || !slices.Contains(m.Articles, of) {
		s, err := unmarshal(p.Article.ID, p.Sketch)
		if err != nil {
			return err
		}
		r = b.window.Wording(cluster.Entry{ID: p.Article.ID, Outlet: p.Article.Outlet, At: p.Article.Arrived, Sketch: s}, m.Articles[0])
	}
	return b.put(ctx, p, m.Into, r)
}

// free reports whether articles may be moved: a person left it open where they
// belong, and none of them waits.
func (b *batch) free(ctx context.Context, all []store.Pending, m cluster.Move) (bool, error) {
	for i := range all {
		if all[i].Waiting {
			return false, nil
		}
		if !all[i].Decided {
			continue
		}
		said, err := b.tx.Decision(ctx, all[i].Article.ID)
		if err != nil {
			return false, err
		}
		if said.Stay != 0 && said.Stay != m.Into || slices.Contains(said.Barred, m.Into) {
			return false, nil
		}
	}
	if !m.Whole {
		return true, nil
	}
	apart, err := b.tx.Apart(ctx, m.From, m.Into)
	return !apart, err
}

// whole is the merge that a move of all of a story is. Where the other story is
// the younger one, it is the one that goes, and its founder is explained by the
// article that was to move.
func whole(m cluster.Move) cluster.Merge {
	if m.From > m.Into {
		return cluster.Merge{From: m.From, Into: m.Into, Reason: m.Reason}
	}
	m.Reason.Of = m.Articles[0]
	return cluster.Merge{From: m.Into, Into: m.From, Reason: m.Reason}
}

// restate finds new reasons for the articles of a story that were there because
// of ones that have left it. A reason names an article that came earlier, so that
// none lean on one another in a circle; the first has the story begin with it.
func (b *batch) restate(ctx context.Context, m cluster.Move) error {
	left, err := b.tx.Leaning(ctx, m.From, m.Articles)
	if err != nil {
		return err
	}
	for i := range left {
		p := &left[i]
		s, err := unmarshal(p.Article.ID, p.Sketch)
		if err != nil {
			return err
		}
		d := b.window.Assign(cluster.Entry{ID: p.Article.ID, Story: m.From, Outlet: p.Article.Outlet, At: p.Article.Arrived, Sketch: s})
		if d.Story != m.From || d.Reason.Of > p.Article.ID || len(d.Merge) > 0 {
			d.Reason = news.Reason{Relation: news.Founder}
		}
		if err := b.put(ctx, p, m.From, d.Reason); err != nil {
			return err
		}
	}
	return nil
}

// put places an article that was grouped before.
func (b *batch) put(ctx context.Context, p *store.Pending, story news.StoryID, r news.Reason) error {
	a := &p.Article
	change, err := b.tx.Place(ctx, a.ID, story, r)
	if err != nil {
		return err
	}
	b.last = max(b.last, change)
	if p.Waiting { // Place has ended that
		if err := b.tx.Wait(ctx, a.ID); err != nil {
			return err
		}
	}
	for _, q := range b.placed {
		if q.Article.ID == a.ID {
			q.Article.Story, q.Article.Reason = story, r
		}
	}
	s, err := unmarshal(a.ID, p.Sketch)
	if err != nil {
		return err
	}
	b.window.Add(cluster.Entry{ID: a.ID, Story: story, Outlet: a.Outlet, At: a.Arrived, Sketch: s})
	return nil
}
