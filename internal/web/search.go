package web

import (
	"net/url"
	"strconv"
	"strings"

	"kliping/index"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// searchView is the page of what was found.
type searchView struct {
	pipeline.Found
	Offset        int
	Before, After string // links to the pages around this one, where there are any
	Orders        []choice
	Facets        []facet
	Mistake       *mistake // why nothing was looked for
}

// outLink leads to what a page shows, as other programs take it.
type outLink struct{ Name, Type, Link string }

// sheetLinks are those of what a query finds as tables, in an order of
// [index.Sorts] or, empty, the one by default.
func sheetLinks(query, sort string) []outLink {
	q := url.Values{"q": {query}}
	if sort != "" {
		q.Set("sort", sort)
	}
	asked := ".csv?" + q.Encode()
	return []outLink{
		{"stories", "text/csv", "/api/search/stories" + asked},
		{"copies", "text/csv", "/api/search/copies" + asked},
	}
}

// feedLinks are those of what is at a path, asked by values.
func (s *server) feedLinks(path string, q url.Values) []outLink {
	if s.FeedToken != "" {
		q.Set("token", s.FeedToken)
	}
	asked := ""
	if len(q) > 0 {
		asked = "?" + q.Encode()
	}
	return []outLink{
		{"Atom", "application/atom+xml", path + ".atom" + asked},
		{"RSS", "application/rss+xml", path + ".rss" + asked},
		{"JSON Feed", "application/feed+json", path + ".feed.json" + asked},
	}
}

// facet is what the stories found can be narrowed down to, of one kind.
type facet struct {
	Name   string
	Values []narrowed
}

// narrowed is the search for the stories that have one value more.
type narrowed struct {
	Label, Value, Link string
	Count              int
}

// Of a facet so many values are offered, the most frequent, and so many days.
const (
	valuesOffered = 8
	daysOffered   = 14
)

// search is what a page of hits was asked for by.
type search struct {
	query, sort, cursor string
	offset              int
}

func (s search) link() string {
	q := url.Values{"q": {s.query}}
	if s.sort != "" {
		q.Set("sort", s.sort)
	}
	if s.offset > 0 {
		q.Set("from", strconv.Itoa(s.offset))
	}
	if s.cursor != "" {
		q.Set("after", s.cursor)
	}
	return "/search?" + q.Encode()
}

// view adds to what was found where to go from here. Forward by cursor, which
// stays in step while stories arrive; back by number, which may repeat one.
func (s search) view(found pipeline.Found, names store.OutletNames) searchView {
	v := searchView{Found: found, Offset: s.offset}
	if s.offset > 0 {
		v.Before = search{query: s.query, sort: s.sort, offset: max(s.offset-searchShows, 0)}.link()
	}
	if found.Next != "" {
		v.After = search{query: s.query, sort: s.sort, offset: s.offset + searchShows, cursor: found.Next}.link()
	}
	for i, name := range index.Sorts() {
		label := []string{"Best first", "Newest first", "Most outlets first"}[i]
		v.Orders = append(v.Orders, choice{Label: label, Link: search{query: s.query, sort: name}.link(), Current: name == s.sort || i == 0 && s.sort == ""})
	}
	for _, f := range found.Facets.All() {
		if values := s.narrow(f, found.Total, names); values != nil {
			v.Facets = append(v.Facets, facet{facetNames[f.Field], values})
		}
	}
	return v
}

var facetNames = map[string]string{"lang": "Language", "outlet": "Outlet", "agency": "Agency", "tag": "Tag", "day": "Day"}

// narrow gives the values of a facet that would leave some stories out.
func (s search) narrow(f pipeline.Facet, total int, names store.OutletNames) []narrowed {
	counts, most := f.Counts, valuesOffered
	if f.Field == "day" {
		counts, most = counts[max(0, len(counts)-daysOffered):], daysOffered
	}
	var all []narrowed
	for _, c := range counts[:min(len(counts), most)] {
		if c.Count < total {
			label := c.Value
			if f.Field == "outlet" {
				label = names.Of(label)
			}
			all = append(all, narrowed{label, c.Value, search{query: index.Refine(s.query, f.Field, c.Value), sort: s.sort}.link(), c.Count})
		}
	}
	return all
}

// mistake is a query that cannot be understood, cut at the place where.
type mistake struct {
	Column            int
	Message           string
	Before, At, After string
}

func newMistake(query string, e *index.QueryError) *mistake {
	typed := []rune(query)
	at := min(max(e.Column-1, 0), len(typed))
	m := &mistake{Column: e.Column, Message: e.Message, Before: string(typed[:at]), After: string(typed[at:])}
	if rest, ok := strings.CutPrefix(m.After, e.Near); ok {
		m.At, m.After = e.Near, rest
	}
	return m
}
