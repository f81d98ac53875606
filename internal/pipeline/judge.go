package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kliping/internal/news"
	"kliping/internal/residue"
	"kliping/internal/store"
)

// Judge records what a person says of an outlet's block: that it is residue
// (residue.StatePinned), that it is the article's (residue.StateVetoed), or, with
// no state, neither any more. The next grouping, in whatever process, cleans the
// outlet's articles again that came since the given time and carry it; their
// number is returned.
func Judge(ctx context.Context, db *store.DB, t residue.Template, since time.Time) (articles int, err error) {
	err = db.Group(ctx, func(ctx context.Context, g *store.Grouping) error {
		articles, err = g.Judge(ctx, store.Template(t), since)
		return err
	})
	return articles, err
}

// listen reads the templates again if a person has judged one since.
func (b *batch) listen(ctx context.Context) error {
	judged, err := b.tx.Judged(ctx)
	if err != nil || judged == b.judged {
		return err
	}
	rows, err := b.tx.Templates(ctx)
	if err != nil {
		return fmt.Errorf("read templates: %w", err)
	}
	b.preparer.templates.replace(templatesOf(rows))
	b.judged = judged
	return nil
}

// recleanWaiting cleans those of the waiting articles again that are in a story,
// since what is known of their blocks may be why they wait, and those that have
// waited since before a template of theirs was learned.
func (b *batch) recleanWaiting(ctx context.Context, waiting []store.Pending) error {
	for i := range waiting {
		p := &waiting[i]
		if p.Article.Story == 0 && !b.preparer.knowsMore(&p.Article, p.Prints) {
			continue
		}
		before := p.Article.Blocks
		changed, err := b.reclean(ctx, p)
		if err == nil && !changed && !slices.EqualFunc(before, p.Article.Blocks, sameMark) {
			err = b.tx.Reclean(ctx, &p.Article, p.Sketch) // out as before, for another reason
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// knowsMore reports a block that is kept, or would be, but for what is known now.
func (p *Preparer) knowsMore(a *news.Article, prints []uint64) bool {
	known := p.templates.about(a)
	for i, print := range prints {
		if t := known(print); t != nil && i < len(a.Blocks) && (a.Blocks[i].Strip == nil) != (t.State == residue.StateVetoed) {
			return true
		}
	}
	return false
}

func sameMark(a, b news.Block) bool {
	return a.Strip == b.Strip || a.Strip != nil && b.Strip != nil && *a.Strip == *b.Strip
}

// touched is how far a template's last sighting may lag behind, so that a block
// in every article of an outlet is not written with each of them.
const touched = 24 * time.Hour

// touch notes when the templates that the waiting articles carry were last seen.
// One that has become stale has to be learned anew.
func (b *batch) touch(ctx context.Context, waiting []store.Pending) error {
	var seen []residue.Template
	met := map[*residue.Template]bool{}
	for i := range waiting {
		a := &waiting[i].Article
		for _, outlet := range []string{a.Outlet, news.AnyOutlet} {
			known := b.preparer.templates.of(outlet)
			for _, print := range waiting[i].Prints {
				t := known[print]
				if t == nil || met[t] || t.Stale(a.Arrived) || a.Arrived.Sub(t.Last) < touched {
					continue
				}
				again := *t
				again.Last = a.Arrived
				met[t] = true
				seen = append(seen, again)
			}
		}
	}
	b.preparer.templates.add(seen)
	return b.tx.SaveTemplates(ctx, templateRows(seen))
}
