// Package digest tells what happened in a window of time: it ranks stories and
// renders the best of them for people. It is pure: the same stories and options
// give the same bytes, whoever asks and whenever.
//
//   - digest: the stories of a window, chosen and ranked
//   - entry: one story in it, with what is told about it
//   - reach: how many independent outlets carried a story within the window; what
//     ranks it first
//   - shown: the copy whose headline and beginning stand for the story
//   - withheld: a story of which no copy may be shown
//   - curation: what a person made of a draft: which stories, in which order, with
//     which notes
package digest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kliping/internal/news"
)

// Entry is one story of a digest.
type Entry struct {
	Story     news.Story `json:"story"` // when the window ended; its title is that of the copy shown
	Shown     Shown      `json:"shown"`
	Withheld  bool       `json:"withheld,omitempty"` // no copy may be shown
	Outlets   []string   `json:"outlets"`            // who carried it, in the order to be told
	Excerpt   string     `json:"excerpt,omitempty"`  // the beginning of the text shown
	Agency    string     `json:"agency,omitempty"`   // credited by the copy shown
	Link      string     `json:"link,omitempty"`     // the story's page
	First     time.Time  `json:"first"`              // when it began, in the first outlet's zone
	FirstZone string     `json:"first_zone,omitempty"`
	Articles  int        `json:"articles"` // of the window
	Share     float64    `json:"share"`    // of the window's articles, 0 to 1

	New         bool         `json:"new"`         // it was not there before Digest.Before
	Grown       Growth       `json:"grown"`       // since then; zero for a new one
	Corrections []Correction `json:"corrections"` // of its articles within the window
	Related     []Related    `json:"related"`
	Note        string       `json:"note,omitempty"` // a person's

	// What the rest is made from.
	Before   news.Story `json:"-"` // what it was before Digest.Before; zero: it was not yet
	In       []Dated    `json:"-"` // its articles of the window
	Carriers []Dated    `json:"-"` // each outlet's first article, in order of time
}

// Shown is the copy that stands for a story; zero if none may.
type Shown struct {
	Article  news.ArticleID `json:"article,omitempty"`
	Outlet   string         `json:"outlet,omitempty"`
	Language string         `json:"language,omitempty"`
	URL      string         `json:"url,omitempty"`
}

// Growth is how a story changed since it was told last.
type Growth struct {
	Outlets   int      `json:"outlets"`             // that it had
	Texts     int      `json:"texts"`               // that it had
	Languages []string `json:"languages,omitempty"` // that it did not have
}

// Correction is what an outlet changed in an article after it was published.
type Correction struct {
	Story   news.StoryID   `json:"story"`
	Article news.ArticleID `json:"article"`
	Outlet  string         `json:"outlet"`
	At      time.Time      `json:"at"`
	Was     string         `json:"was,omitempty"` // the headline; both empty: it is the same
	Is      string         `json:"is,omitempty"`
	Text    bool           `json:"text,omitempty"` // the text was changed
}

// Related is a story that has to do with another.
type Related struct {
	Story news.StoryID `json:"story"`
	Title string       `json:"title"`
	Why   string       `json:"why,omitempty"`
}

// Dated is an article of the window.
type Dated struct {
	ID       news.ArticleID
	Outlet   string
	Language string
	At       time.Time
}

// Digest is what [Render] renders. Its times stand in the zone they are to be
// read in, so that a digest read back from JSON renders to the same bytes.
type Digest struct {
	Title         string       `json:"title"`
	Plan          string       `json:"plan,omitempty"`
	Slot          string       `json:"slot,omitempty"`
	Note          string       `json:"note,omitempty"` // a person's, above all
	Since         time.Time    `json:"since"`
	Until         time.Time    `json:"until"`
	Before        time.Time    `json:"before"`    // what is new is so since then
	By            string       `json:"by"`        // what dates an article: "arrival" or "published"
	TimeZone      string       `json:"time_zone"` // of all times, such as "Asia/Jakarta" or "UTC+07:00"
	Query         string       `json:"query,omitempty"`
	TotalStories  int          `json:"total_stories"`
	NewStories    int          `json:"new_stories"`
	TotalArticles int          `json:"total_articles"` // of the window
	TotalOutlets  int          `json:"total_outlets"`
	Feeds         int          `json:"feeds"`        // read since the window began, or tried
	FeedsFailed   int          `json:"feeds_failed"` // at their last poll
	Stories       []Entry      `json:"stories"`      // best first
	Outlets       []Outlet     `json:"outlets"`      // the busiest
	Unit          string       `json:"unit,omitempty"`
	Times         []Bin        `json:"times"`       // how many articles came in each Unit of the window
	Corrections   []Correction `json:"corrections"` // new headlines in stories that are not told
	Corrected     int          `json:"corrected"`   // articles that their outlets changed

	Names  map[string]string `json:"outlet_names,omitempty"` // what people call outlets, by domain
	Source Source            `json:"source"`
}

// Outlet is one outlet's share of a window.
type Outlet struct {
	Name     string  `json:"name"`
	Articles int     `json:"articles"`
	Stories  int     `json:"stories"`
	First    int     `json:"first"` // stories that began with it
	Share    float64 `json:"share"` // of the window's articles, 0 to 1
}

// Bin is an hour, a day or a week of the window.
type Bin struct {
	At       time.Time `json:"at"` // its begin
	Articles int       `json:"articles"`
}

// Source is what a digest was made from. Made from the same again, it is the same
// again.
type Source struct {
	Change  news.Change `json:"change"`  // the last change number of the store
	Stories string      `json:"stories"` // ids of all of the window, as ranges: "1-40, 42"

	Show   string   `json:"show,omitempty"`   // which copies are shown; empty: the first
	Chosen []Choice `json:"chosen,omitempty"` // of which outlets, best first
}

// Choice is one of the steps in which the copy that stands for a story is chosen:
// the first copy of any of some outlets.
type Choice struct {
	Said    string   `json:"said"`    // how a person names them: "reuters.com", "tier:1", "tag:licensed"
	Outlets []string `json:"outlets"` // who they were when the digest was made
}

// Ways to choose the copy that stands for a story.
const (
	ShowFirst     = "first"     // the lead
	ShowPreferred = "preferred" // that of chosen outlets, the best that carried it, else the lead
	ShowLicensed  = "licensed"  // the same, and of none else: other stories are withheld
)

// Options choose what a digest tells.
type Options struct {
	Title        string         // default "Digest"
	Plan, Slot   string         // what it is made for
	Query        string         // what it is of, for people; empty: all stories
	Limit        int            // stories told; default 20
	Since, Until time.Time      // the window the entries are of
	Before       time.Time      // what came earlier was told before; default Since
	By           string         // what dates an article: "arrival" (the default) or "published"
	Location     *time.Location // default UTC
	BaseURL      string         // where the story pages are, such as "http://127.0.0.1:8080"; empty: no links
	Show         string         // default ShowFirst
	Chosen       []Choice       // best first, for the other ways

	// Zone, which may be nil, is where an outlet is; nil for one it does not know,
	// whose times are told in Location.
	Zone func(outlet string) *time.Location
}

// outletsRanked is how many of the busiest outlets a digest names.
const outletsRanked = 10

// Choose ranks the entries and takes the best. It does not look whether they are
// of the window: that is the store's work, and all of them are counted.
//
// First stands what the most independent outlets carried within the window, then
// what has the most new texts, then the most articles, then the newest. It never
// depends on the order of the entries.
func Choose(entries []Entry, opt Options) Digest {
	if opt.Location == nil {
		opt.Location = time.UTC
	}
	if opt.Before.IsZero() {
		opt.Before = opt.Since
	}
	in := func(t time.Time) time.Time { return local(t, opt.Location) }
	d := Digest{
		Title: cmp.Or(opt.Title, "Digest"), Plan: opt.Plan, Slot: opt.Slot, Query: opt.Query, By: cmp.Or(opt.By, "arrival"),
		Since: in(opt.Since), Until: in(opt.Until), Before: in(opt.Before),
		TotalStories: len(entries), Stories: []Entry{}, Outlets: []Outlet{}, Times: []Bin{}, Corrections: []Correction{},
	}
	d.TimeZone = ZoneName(opt.Location, d.Until)
	ids := make([]news.StoryID, len(entries))
	for i, e := range entries {
		ids[i] = e.Story.ID
		d.TotalArticles += len(e.In)
		if e.Before.ID == 0 {
			d.NewStories++
		}
	}
	d.Source.Stories = ranges(ids)
	if opt.Show != ShowFirst {
		d.Source.Show, d.Source.Chosen = opt.Show, opt.Chosen
	}
	for _, e := range ranked(entries, d.By)[:min(len(entries), cmp.Or(max(opt.Limit, 0), 20))] {
		d.Stories = append(d.Stories, d.placed(e, opt))
	}
	d.rankOutlets(entries)
	d.count(entries, opt.Location)
	return d
}

// ranked sorts a copy of the entries. What each is compared by is computed once.
func ranked(entries []Entry, by string) []Entry {
	type rank struct {
		reach, texts int
		e            *Entry
	}
	all := make([]rank, len(entries))
	for i := range entries {
		e := &entries[i]
		all[i] = rank{reach(e.In), max(e.Story.Texts-e.Before.Texts, 0), e}
	}
	slices.SortFunc(all, func(a, b rank) int {
		return cmp.Or(
			cmp.Compare(b.reach, a.reach),
			cmp.Compare(b.texts, a.texts),
			cmp.Compare(len(b.e.In), len(a.e.In)),
			dated(b.e.Story, by).Compare(dated(a.e.Story, by)),
			cmp.Compare(b.e.Story.ID, a.e.Story.ID),
		)
	})
	sorted := make([]Entry, len(all))
	for i, r := range all {
		sorted[i] = *r.e
	}
	return sorted
}

// reach counts the outlets of some articles.
func reach(articles []Dated) int {
	if len(articles) < 2 {
		return len(articles)
	}
	seen := make(map[string]bool, len(articles))
	for _, a := range articles {
		seen[a.Outlet] = true
	}
	return len(seen)
}

// dated is the time that makes a story newer than another.
func dated(s news.Story, by string) time.Time {
	if by == "published" {
		return began(s)
	}
	return s.FirstArrived
}

// began is when a story began: its lead's credible time.
func began(s news.Story) time.Time {
	if s.FirstPublished.IsZero() {
		return s.FirstArrived
	}
	return s.FirstPublished
}

func local(t time.Time, loc *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(loc)
}

// placed is the entry as it stands in the digest: its times where they are read,
// its link, which copy is shown, and what is new about it.
func (d *Digest) placed(e Entry, opt Options) Entry {
	for _, t := range []*time.Time{&e.Story.FirstPublished, &e.Story.FirstArrived, &e.Story.LastArrived} {
		*t = local(*t, opt.Location)
	}
	e.First = began(e.Story)
	if opt.Zone != nil {
		if loc := opt.Zone(e.Story.FirstOutlet); loc != nil {
			e.First = local(e.First, loc)
			if name := ZoneName(loc, e.First); name != d.TimeZone {
				e.FirstZone = name
			}
		}
	}
	if e.Story.Languages == nil {
		e.Story.Languages = []string{}
	}
	e.Story.Title = ""
	e.Outlets, e.Corrections, e.Related = []string{}, []Correction{}, []Related{}
	for _, c := range e.Carriers {
		e.Outlets = append(e.Outlets, c.Outlet)
	}
	e.Articles, e.Share = len(e.In), share(len(e.In), d.TotalArticles)
	e.New = e.Before.ID == 0
	if !e.New {
		e.Grown = Growth{Outlets: e.Before.Outlets, Texts: e.Before.Texts}
		for _, l := range e.Story.Languages {
			if !slices.Contains(e.Before.Languages, l) {
				e.Grown.Languages = append(e.Grown.Languages, l)
			}
		}
	}
	e.Shown = shown(e, opt)
	e.Withheld = e.Shown.Article == 0
	if opt.BaseURL != "" {
		e.Link = fmt.Sprintf("%s/story/%d", strings.TrimRight(opt.BaseURL, "/"), e.Story.ID)
	}
	return e
}

// shown is the copy that stands for a story.
func shown(e Entry, opt Options) Shown {
	if opt.Show == ShowPreferred || opt.Show == ShowLicensed {
		for _, choice := range opt.Chosen {
			for _, c := range e.Carriers {
				if slices.Contains(choice.Outlets, c.Outlet) {
					return Shown{Article: c.ID, Outlet: c.Outlet}
				}
			}
		}
		if opt.Show == ShowLicensed {
			return Shown{}
		}
	}
	return Shown{Article: e.Story.Lead, Outlet: e.Story.FirstOutlet}
}

// rankOutlets names the outlets that have the most articles of the window.
func (d *Digest) rankOutlets(entries []Entry) {
	all := map[string]*Outlet{}
	in := map[string]news.StoryID{} // the story that an outlet was counted for last
	for i := range entries {
		e := &entries[i]
		for _, a := range e.In {
			o := all[a.Outlet]
			if o == nil {
				o = &Outlet{Name: a.Outlet}
				all[a.Outlet] = o
			}
			o.Articles++
			if in[a.Outlet] != e.Story.ID {
				in[a.Outlet] = e.Story.ID
				o.Stories++
			}
		}
	}
	for i := range entries {
		e := &entries[i]
		if o := all[e.Story.FirstOutlet]; o != nil && e.Before.ID == 0 {
			o.First++
		}
	}
	d.TotalOutlets = len(all)
	for _, o := range all {
		o.Share = share(o.Articles, d.TotalArticles)
		d.Outlets = append(d.Outlets, *o)
	}
	slices.SortFunc(d.Outlets, func(a, b Outlet) int {
		return cmp.Or(cmp.Compare(b.Articles, a.Articles), cmp.Compare(b.Stories, a.Stories), cmp.Compare(a.Name, b.Name))
	})
	d.Outlets = slices.Clip(d.Outlets[:min(len(d.Outlets), outletsRanked)])
}

// share is a part to four places, so that it reads the same from JSON everywhere.
func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return math.Round(float64(part)/float64(whole)*10000) / 10000
}

// ranges writes ids in order, runs of them as one: "1-40, 42".
func ranges(ids []news.StoryID) string {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var all []string
	for i := 0; i < len(ids); {
		j := i
		for j+1 < len(ids) && ids[j+1] == ids[j]+1 {
			j++
		}
		if j == i {
			all = append(all, fmt.Sprint(ids[i]))
		} else {
			all = append(all, fmt.Sprintf("%d-%d", ids[i], ids[j]))
		}
		i = j + 1
	}
	return strings.Join(all, ", ")
}

// ZoneName names a zone; the machine's own has no name that says anything
// elsewhere, so it is named by its offset at the time.
func ZoneName(loc *time.Location, at time.Time) string {
	if name := loc.String(); name != "Local" && name != "" {
		return name
	}
	if _, offset := at.In(loc).Zone(); offset == 0 {
		return "UTC"
	}
	return "UTC" + at.In(loc).Format("-07:00")
}
