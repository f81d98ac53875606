package pipeline

import (
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

	Query string                // what it is of, for people
	Only  map[news.StoryID]bool // the stories it may be of; nil: all

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
	w, err := db.ReadWindow(ctx, span, func(w *store.Window) []news.ArticleID {
		d = digest.Choose(entries(w, opt.Only), opt.digest(chosen))
		return d.ShownArticles()
	})
	if err != nil {
		return d, err
	}
	d.Source.Change, d.Feeds, d.FeedsFailed = w.Change, w.Feeds, w.Failed
	d.Tell(w.Articles)
	changed, all := correctionsOf(w, opt.Only)
	d.Correct(changed, all, mayShow)
	d.Name(store.NamesOf(outlets).Of)
	return d, relateEntries(ctx, db, d.Stories, mayShow)
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
	return digest.Options{
		Title: opt.Title, Plan: opt.Plan, Slot: opt.Slot, Query: opt.Query, Limit: opt.Limit, Since: opt.Since, Until: opt.Until, Before: opt.Before,
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
func entries(w *store.Window, only map[news.StoryID]bool) []digest.Entry {
	all := make([]digest.Entry, 0, len(w.Stories))
	for _, s := range w.Stories {
		if only == nil || only[s.ID] {
			all = append(all, digest.Entry{Story: s.Story, Before: s.Before, In: articlesOf(s.In), Carriers: articlesOf(s.Carriers)})
		}
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

// correctionsOf are what was changed in the stories that a digest may be of, and in
// how many articles, as far as that was read.
func correctionsOf(w *store.Window, only map[news.StoryID]bool) ([]digest.Correction, int) {
	var all []digest.Correction
	for _, r := range w.Changed {
		if only == nil || only[r.Story] {
			all = append(all, digest.Correction{Story: r.Story, Article: r.Article, Outlet: r.Outlet, At: r.At, Was: r.Was, Is: r.Is, Text: r.Text})
		}
	}
	if only != nil {
		return all, len(all)
	}
	return all, w.Revised
}

// briefly is why two stories are related, in the few words that a digest has room for.
func briefly(k news.Kinship) string {
	return "shares " + strings.Join(k.Shared[:min(len(k.Shared), 3)], ", ")
}

// Matching returns the stories that match a query, of many the newest.
func Matching(found Found) map[news.StoryID]bool {
	all := make(map[news.StoryID]bool, len(found.Stories))
	for _, s := range found.Stories {
		all[s.ID] = true
	}
	return all
}

// MatchingIn asks the index itself, which reads no texts to say which stories
// match.
func MatchingIn(ctx context.Context, ix *index.Index, q index.Query) (map[news.StoryID]bool, error) {
	result, err := ix.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	all := make(map[news.StoryID]bool, len(result.Hits))
	for _, hit := range result.Hits {
		all[hit.ID] = true
	}
	return all, nil
}
