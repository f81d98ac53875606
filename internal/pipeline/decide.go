package pipeline

import (
	"context"
	"slices"

	"kliping/internal/cluster"
	"kliping/internal/news"
	"kliping/internal/store"
)

// decided is what remains of the window's decision about an article once
// everything is taken out of it that a person decided otherwise:
//
//   - an article that a person put somewhere stays there, and where that is not
//     the window's choice it proves nothing about other stories
//   - one that is barred from the window's choice stays where it is
//   - stories that a person took apart are not merged
func (b *batch) decided(ctx context.Context, p *store.Pending, d cluster.Decision) (cluster.Decision, error) {
	if !p.Decided && len(d.Merge) == 0 {
		return d, nil // as nearly always
	}
	var said store.Decision
	if p.Decided {
		var err error
		if said, err = b.tx.Decision(ctx, p.Article.ID); err != nil {
			return d, err
		}
	}
	chosen := d.Story
	if len(d.Merge) > 0 {
		var err error
		if chosen, err = b.tx.StoryOf(ctx, d.Reason.Of); err != nil {
			return d, err
		}
	}
	switch {
	case said.Stay != 0 && chosen != said.Stay:
		return cluster.Decision{Story: said.Stay, Reason: present(p)}, nil
	case slices.Contains(said.Barred, chosen):
		return cluster.Decision{Story: p.Article.Story, Reason: present(p)}, nil
	}
	return b.withoutBarred(ctx, said, chosen, d)
}

// present is the reason that an article has to be where it is.
func present(p *store.Pending) news.Reason {
	if p.Article.Reason.IsZero() {
		return news.Reason{Relation: news.Placed}
	}
	return p.Article.Reason
}

// withoutBarred follows the decision's merges from the story that was chosen
// first, and leaves out those of stories that a person took apart.
func (b *batch) withoutBarred(ctx context.Context, said store.Decision, chosen news.StoryID, d cluster.Decision) (cluster.Decision, error) {
	kept := cluster.Decision{Story: chosen, Reason: d.Reason}
	full := chosen // the story as the window merged it
	for _, m := range d.Merge {
		other := m.From
		if other == full {
			other = m.Into
		}
		full = m.Into
		apart := slices.Contains(said.Barred, other)
		if !apart {
			var err error
			if apart, err = b.apart(ctx, kept, other); err != nil {
				return d, err
			}
		}
		if !apart {
			from, into := max(other, kept.Story), min(other, kept.Story)
			kept.Merge = append(kept.Merge, cluster.Merge{From: from, Into: into, Reason: m.Reason})
			kept.Story = into
		}
	}
	return kept, nil
}

// apart reports whether a story is kept apart from any of those that the decision
// makes one.
func (b *batch) apart(ctx context.Context, d cluster.Decision, other news.StoryID) (bool, error) {
	parts := []news.StoryID{d.Story}
	for _, m := range d.Merge {
		parts = append(parts, m.From)
	}
	for _, part := range parts {
		if apart, err := b.tx.Apart(ctx, part, other); err != nil || apart {
			return apart, err
		}
	}
	return false, nil
}
