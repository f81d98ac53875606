package pipeline

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"kliping/index"
	"kliping/internal/digest"
	"kliping/internal/news"
	"kliping/internal/store"
)

// DigestOptions choose what a digest tells.
type DigestOptions struct {
	Title        string // default "Digest"
	Plan, Slot   string // what it is made for
	Since, Until time.Time
	Before       time.Time // what came earlier was told before; default Since
	ByPublished  bool      // date articles by publication instead of arrival
	Limit        int       // stories told; default 20
	Location     *time.Location
	BaseURL      string   // where the story pages are; empty: no links
	Show         string   // which copy, as package digest has it
	Outlets      []string // whose, best first: domains, tier:1, tag:national

	Query string         // which stories it is of; empty: all
	Watch string         // the name of the watch whose query that is; empty: of none
	Zoned *time.Location // of the query's dates; default Location

	// Zone, which may be nil, is where an outlet is; nil for one it does not know.
	Zone func(outlet string) *time.Location
}

// Digest chooses and ranks the stories of a window. It is made from one state of
// the store, which it names.
func Digest(ctx context.Context, db *store.DB, opt DigestOptions) (digest.Digest, error) {
	var d digest.Digest
	outlets, err := db.Outlets(ctx)
	if err != nil {
		return d, err
	}
	if opt.Zone == nil {
		opt.Zone = outletZones(outlets)
	}
	chosen := choices(opt.Outlets, outlets)
	mayShow := opt.mayShow(chosen)
	span := store.Span{Since: opt.Since, Until: opt.Until, Before: opt.Before, ByPublished: opt.ByPublished}
	if span.Match, err = opt.match(); err != nil {
		return d, err
	}
	w, err := db.ReadWindow(ctx, span, func(w *store.Window) []news.ArticleID {
		d = digest.Choose(entries(w), opt.digest(chosen))
		return d.ShownArticles()
	})
	if err != nil {
		return d, err
	}
	d.Source.Change, d.Feeds, d.FeedsFailed = w.Change, w.Feeds, w.Failed
	if err := asOf(ctx, db, opt.Until, w.Articles); err != nil {
		return d, err
	}
	d.Tell(w.Articles)
	d.Correct(correctionsOf(w), w.Revised, mayShow)
	d.Name(store.NamesOf(outlets).Of)
	return d, relateEntries(ctx, db, d.Stories, mayShow)
}

// asOf puts in the place of articles that their outlets changed since a time what they
// were then.
func asOf(ctx context.Context, db *store.DB, until time.Time, articles map[news.ArticleID]*news.Article) error {
	for id, a := range articles {
		if a.Version <= 1 || until.IsZero() {
			continue
		}
		editions, err := db.Versions(ctx, id)
		if err != nil {
			return err
		}
		then := slices.IndexFunc(editions, func(e store.Edition) bool { return !e.Replaced.Before(until) })
		if then < 0 {
			continue
		}
		recall, err := newRecall(ctx, db, a)
		if err != nil {
			return err
		}
		articles[id] = recall(editions[then])
	}
	return nil
}

// match says which stories the digest is of; nil: all. The texts in the store are
// asked, as for watches, and not an index, which may be behind: what it does not know
// yet would be in no digest.
func (opt *DigestOptions) match() (func(*store.StoryDetail) bool, error) {
	if opt.Query == "" {
		return nil, nil
	}
	m := index.NewMatcher()
	if err := m.Put(0, index.Query{Text: opt.Query, Location: cmp.Or(opt.Zoned, opt.Location)}); err != nil {
		return nil, err
	}
	return func(s *store.StoryDetail) bool {
		d := document(s)
		return len(m.Match(&d, opt.Until)) > 0
	}, nil
}

// outletZones says where outlets are, as far as a person said.
func outletZones(outlets []store.Outlet) func(outlet string) *time.Location {
	zones := map[string]*time.Location{}
	for _, o := range outlets {
		if loc, err := time.LoadLocation(o.TimeZone); err == nil && o.TimeZone != "" { // one that this machine does not know is none
			zones[o.Domain] = loc
		}
	}
	return func(outlet string) *time.Location { return zones[outlet] }
}

// relatedTold is how many related stories a digest names of a story.
const relatedTold = 3

// relateEntries names the stories about the same event that the digest does not
// tell itself; of outlets whose headlines may not be shown, none.
func relateEntries(ctx context.Context, db *store.DB, told []digest.Entry, mayShow func(outlet string) bool) error {
	ids, here := make([]news.StoryID, len(told)), map[news.StoryID]bool{}
	for i := range told {
		ids[i] = told[i].Story.ID
		here[ids[i]] = true
	}
	related, err := db.Related(ctx, ids, RelatedShown)
	if err != nil {
		return err
	}
	for i := range told {
		e := &told[i]
		for _, r := range related[e.Story.ID] {
			if !here[r.Story.ID] && len(e.Related) < relatedTold && (mayShow == nil || mayShow(r.Story.FirstOutlet)) {
				e.Related = append(e.Related, digest.Related{Story: r.Story.ID, Title: r.Story.Title, Why: briefly(r.Why)})
			}
		}
	}
	return nil
}

func (opt *DigestOptions) digest(chosen []digest.Choice) digest.Options {
	by := "arrival"
	if opt.ByPublished {
		by = "published"
	}
	of := opt.Query
	if opt.Watch != "" {
		of = "the watch " + opt.Watch
	}
	return digest.Options{
		Title: opt.Title, Plan: opt.Plan, Slot: opt.Slot, Query: of, Limit: opt.Limit, Since: opt.Since, Until: opt.Until, Before: opt.Before,
		By: by, Location: opt.Location, BaseURL: opt.BaseURL, Show: opt.Show, Chosen: chosen, Zone: opt.Zone,
	}
}

// mayShow says whose headlines may be shown; nil: everybody's.
func (opt *DigestOptions) mayShow(chosen []digest.Choice) func(string) bool {
	if opt.Show != digest.ShowLicensed {
		return nil
	}
	return func(outlet string) bool {
		return slices.ContainsFunc(chosen, func(c digest.Choice) bool { return slices.Contains(c.Outlets, outlet) })
	}
}

// entries are the window's stories as package digest knows them.
func entries(w *store.Window) []digest.Entry {
	all := make([]digest.Entry, len(w.Stories))
	for i, s := range w.Stories {
		all[i] = digest.Entry{Story: s.Story, Before: s.Before, In: articlesOf(s.In), Carriers: articlesOf(s.Carriers)}
	}
	return all
}

func articlesOf(dated []store.Dated) []digest.Dated {
	all := make([]digest.Dated, len(dated))
	for i, a := range dated {
		all[i] = digest.Dated(a)
	}
	return all
}

// correctionsOf are what was changed in the window's stories.
func correctionsOf(w *store.Window) []digest.Correction {
	all := make([]digest.Correction, len(w.Changed))
	for i, r := range w.Changed {
		all[i] = digest.Correction{Story: r.Story, Article: r.Article, Outlet: r.Outlet, At: r.At, Was: r.Was, Is: r.Is, Text: r.Text}
	}
	return all
}

// briefly is why two stories are related, in the few words that a digest has room for.
func briefly(k news.Kinship) string {
	return "shares " + strings.Join(k.Shared[:min(len(k.Shared), 3)], ", ")
}
