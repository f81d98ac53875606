package pipeline

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"kliping/index"
	"kliping/internal/content"
	"kliping/internal/digest"
	"kliping/internal/export"
	"kliping/internal/news"
	"kliping/internal/store"
)

// FeedOptions say what a feed of stories is called and where things are.
type FeedOptions struct {
	Key   string // what tells it from the store's other feeds, such as "watch/3"
	Title string
	Base  string // where the pages are, such as "http://127.0.0.1:8411", without a slash at its end
	Home  string // the same as a page
	Self  string // where the feed is
	Limit int    // entries
	Place Place  // from where on; the zero Place: the newest
	// Older is where the feed goes on from a place.
	Older func(Place) string
}

// Place is one in the stories of a search, newest first: after the first Skip of
// those that first arrived at Before or earlier. Downside: where stories merge
// meanwhile, one may be passed over.
type Place struct {
	Before time.Time
	Skip   int
}

// Feed makes a feed of what a query finds, an entry a story, the newest first, so
// that a reader gets each once however many carry it.
func Feed(ctx context.Context, db *store.DB, ix *index.Index, q index.Query, opt FeedOptions) (export.Channel, error) {
	epoch, err := db.Epoch(ctx)
	if err != nil {
		return export.Channel{}, err
	}
	names, err := db.OutletNames(ctx)
	if err != nil {
		return export.Channel{}, err
	}
	q.Sort, q.Limit, q.Offset = "time", opt.Limit+1, 0 // one more tells whether these are the last
	if !opt.Place.Before.IsZero() {
		q.Offset = opt.Place.Skip
		if until := opt.Place.Before.Add(time.Millisecond); q.Until.IsZero() || until.Before(q.Until) {
			q.Until = until
		}
	}
	stories, err := searchDetails(ctx, db, ix, q)
	if err != nil {
		return export.Channel{}, err
	}
	c := export.Channel{ID: tagURI(epoch, opt.Key), Title: opt.Title, Description: "One entry a story, however many carry it.", Home: opt.Home, Self: opt.Self, Updated: time.Unix(0, 0)}
	if len(stories) > opt.Limit {
		stories = stories[:opt.Limit]
		c.Next = opt.Older(opt.Place.after(stories))
	}
	for i := range stories {
		e, err := newEntry(&stories[i], names, epoch, opt.Base)
		if err != nil {
			return c, err
		}
		c.Entries = append(c.Entries, e)
		if e.Updated.After(c.Updated) {
			c.Updated = e.Updated
		}
	}
	return c, nil
}

// searchDetails are the stories that a query finds, in its order, with their texts.
func searchDetails(ctx context.Context, db *store.DB, ix *index.Index, q index.Query) ([]store.StoryDetail, error) {
	result, err := ix.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	ids := make([]news.StoryID, len(result.Hits))
	for i, h := range result.Hits {
		ids[i] = h.ID
	}
	return db.Documents(ctx, ids)
}

// after is the place behind stories that were given from p on.
func (p Place) after(stories []store.StoryDetail) Place {
	last := stories[len(stories)-1].FirstArrived
	n := 0
	for i := range stories {
		if stories[i].FirstArrived.Equal(last) {
			n++
		}
	}
	if n == len(stories) && last.Equal(p.Before) {
		n += p.Skip
	}
	return Place{Before: last, Skip: n}
}

// tagURI names a thing of a store for good, wherever its pages are (RFC 4151). The
// store's epoch makes it no other store's.
func tagURI(epoch, thing string) string {
	return "tag:kliping,2026:" + epoch + "/" + thing
}

// newEntry is what a feed says of a story.
func newEntry(s *store.StoryDetail, names store.OutletNames, epoch, base string) (export.Entry, error) {
	lead := &s.Members[0]
	e := export.Entry{
		ID: tagURI(epoch, fmt.Sprintf("story/%d", s.ID)), Title: s.Title, Link: webLink(lead.URL), Page: fmt.Sprintf("%s/story/%d", base, s.ID),
		Summary: digest.Excerpt(lead.Text()), Author: names.Of(lead.Outlet), Published: s.FirstPublished, Updated: lastGrown(s), Categories: categories(s),
	}
	if lead.Language != "und" {
		e.Language = lead.Language
	}
	if e.Title == "" {
		e.Title = "(no headline)"
	}
	var b strings.Builder
	err := entryPage.Execute(&b, newEntryView(s, names, &e))
	e.HTML = content.Sanitize(b.String(), "") // escaped already; the door through which HTML leaves
	return e, err
}

// categories are the tags of a story's articles.
func categories(s *store.StoryDetail) []string {
	tags := set[string]{}
	for i := range s.Members {
		for _, t := range s.Members[i].Tags {
			tags.add(t)
		}
	}
	return tags.sorted()
}

// worthALook are the numbers of outlets at which a story has grown enough to be
// read again.
var worthALook = map[int]bool{2: true, 3: true, 5: true, 10: true, 20: true, 50: true, 100: true, 200: true, 500: true, 1000: true}

// lastGrown is when a story last grew in a way worth a second look: an article came in
// a language it did not have, or from the second, third, fifth, tenth … outlet.
// Each copy of forty would else bring the story up again in every reader.
// Downside: a copy that adds something does not.
func lastGrown(s *store.StoryDetail) time.Time {
	outlets, languages := set[string]{}, set[string]{}
	last := s.FirstPublished
	members := make([]*news.Article, len(s.Members))
	for i := range s.Members {
		members[i] = &s.Members[i]
	}
	slices.SortStableFunc(members, func(a, b *news.Article) int { return a.Arrived.Compare(b.Arrived) })
	for _, m := range members {
		newOutlet, newLanguage := outlets.add(m.Outlet), languages.add(m.Language)
		first := len(outlets) == 1 && newOutlet
		if (first || newLanguage || newOutlet && worthALook[len(outlets)]) && m.Arrived.After(last) {
			last = m.Arrived
		}
	}
	return last
}

// entryView is what the body of an entry shows.
type entryView struct {
	Excerpt, Carried, First, Page string
	Copies                        []copyLink
	More                          int
}

type copyLink struct{ Outlet, Language, Title, Link string }

// copiesListed is how many copies the body of an entry lists.
const copiesListed = 25

func newEntryView(s *store.StoryDetail, names store.OutletNames, e *export.Entry) entryView {
	v := entryView{Excerpt: e.Summary, Page: e.Page, First: names.Of(s.FirstOutlet)}
	v.Carried = fmt.Sprintf("Carried by %s in %s", counted(s.Outlets, "outlet"), counted(max(len(s.Languages), 1), "language"))
	if !s.FirstPublished.IsZero() {
		v.First += ", " + s.FirstPublished.UTC().Format("2 January 2006, 15:04 UTC")
	}
	v.More = max(len(s.Members)-copiesListed, 0)
	for i := range s.Members[:len(s.Members)-v.More] {
		m := &s.Members[i]
		v.Copies = append(v.Copies, copyLink{names.Of(m.Outlet), m.Language, m.Title, webLink(m.URL)})
	}
	return v
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// entryPage is the body of an entry. Its links carry no more than where they lead.
var entryPage = template.Must(template.New("entry").Parse(`{{with .Excerpt}}<p dir="auto">{{.}}</p>
{{end}}<p>{{.Carried}}; first: <b>{{.First}}</b>. <a href="{{.Page}}">Who changed what</a></p>
<ul>{{range .Copies}}
<li>{{.Outlet}}{{with .Language}} ({{.}}){{end}}: {{if .Link}}<a href="{{.Link}}" dir="auto">{{or .Title "(no headline)"}}</a>{{else}}<span dir="auto">{{or .Title "(no headline)"}}</span>{{end}}</li>{{end}}{{with .More}}
<li>and {{.}} more</li>{{end}}
</ul>
`))
