// Package digest tells what happened in a window of time: it ranks stories and
// renders the best of them for people. It is pure: the same stories and options
// give the same bytes, whoever asks and whenever.
//
//   - digest: the stories of a window, chosen and ranked
//   - entry: one story in it, with what is told about it
//   - spread: how many independent outlets carried a story; what ranks it first
package digest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"kliping/internal/news"
)

// Entry is one story of a digest.
type Entry struct {
	Story   news.Story `json:"story"`
	Outlets []string   `json:"outlets"`           // who carried it, in the order to be told
	Excerpt string     `json:"excerpt,omitempty"` // the beginning of the lead's text
	Agency  string     `json:"agency,omitempty"`  // credited by the lead
	Link    string     `json:"link,omitempty"`    // the story's page
}

// Digest is what [Render] renders. Its times stand in the zone they are to be
// read in, so that a digest read back from JSON renders to the same bytes.
type Digest struct {
	Title         string    `json:"title"`
	Since         time.Time `json:"since"`
	Until         time.Time `json:"until"`
	By            string    `json:"by"`        // what dates a story: "arrival" or "published"
	TimeZone      string    `json:"time_zone"` // of all times, such as "Asia/Jakarta" or "UTC+07:00"
	TotalStories  int       `json:"total_stories"`
	TotalArticles int       `json:"total_articles"`
	Stories       []Entry   `json:"stories"` // best first
}

// Options choose what a digest tells.
type Options struct {
	Title        string         // default "Digest"
	Limit        int            // stories told; default 20
	Since, Until time.Time      // the window the entries are of
	By           string         // what dates a story: "arrival" (the default) or "published"
	Location     *time.Location // default UTC
	BaseURL      string         // where the story pages are, such as "http://127.0.0.1:8080"; empty: no links
}

// Choose ranks the entries and takes the best. It does not look whether they are
// of the window: that is the store's work, and all of them are counted.
//
// First stands what the most independent outlets carried, then what has the most
// texts, then the most copies, then the newest: the order in which the store gives
// stories by rank. It never depends on that of the entries.
func Choose(entries []Entry, opt Options) Digest {
	loc := opt.Location
	if loc == nil {
		loc = time.UTC
	}
	d := Digest{
		Title: cmp.Or(opt.Title, "Digest"), By: cmp.Or(opt.By, "arrival"),
		Since: opt.Since.In(loc), Until: opt.Until.In(loc),
		TotalStories: len(entries), Stories: []Entry{},
	}
	d.TimeZone = zoneName(loc, d.Until)
	for _, e := range entries {
		d.TotalArticles += e.Story.Copies
	}
	ranked := slices.SortedFunc(slices.Values(entries), func(a, b Entry) int { return compare(a, b, d.By) })
	for _, e := range ranked[:min(len(ranked), cmp.Or(max(opt.Limit, 0), 20))] {
		d.Stories = append(d.Stories, placed(e, loc, opt.BaseURL))
	}
	return d
}

func compare(a, b Entry, by string) int {
	return cmp.Or(
		cmp.Compare(b.Story.Outlets, a.Story.Outlets),
		cmp.Compare(b.Story.Texts, a.Story.Texts),
		cmp.Compare(b.Story.Copies, a.Story.Copies),
		dated(b.Story, by).Compare(dated(a.Story, by)),
		cmp.Compare(b.Story.ID, a.Story.ID),
	)
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

// placed is the entry with its times in loc and its link.
func placed(e Entry, loc *time.Location, base string) Entry {
	for _, t := range []*time.Time{&e.Story.FirstPublished, &e.Story.FirstArrived, &e.Story.LastArrived} {
		if !t.IsZero() {
			*t = t.In(loc)
		}
	}
	if e.Outlets == nil {
		e.Outlets = []string{}
	}
	if base != "" {
		e.Link = fmt.Sprintf("%s/story/%d", strings.TrimRight(base, "/"), e.Story.ID)
	}
	return e
}

// zoneName names a zone; the machine's own has no name that says anything
// elsewhere, so it is named by its offset at the time.
func zoneName(loc *time.Location, at time.Time) string {
	if name := loc.String(); name != "Local" && name != "" {
		return name
	}
	return "UTC" + at.In(loc).Format("-07:00")
}
