package web

import (
	"cmp"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"kliping/docs"
	"kliping/internal/news"
	"kliping/internal/store"
)

// parse reads each page's template together with the layout.
func (s *server) parse() error {
	funcs := template.FuncMap{
		"stamp":      s.stamp,
		"machine":    func(t time.Time) string { return t.Format(time.RFC3339) },
		"day":        func(t time.Time) string { return t.In(s.Location).Format("Monday, 2 January 2006") },
		"count":      count,
		"headline":   headline,
		"external":   external,
		"language":   language,
		"asking":     docs.Query,
		"outletLink": outletLink,
		"add":        func(a, b int) int { return a + b },
	}
	s.pages = map[string]*template.Template{}
	for _, name := range []string{"home", "search", "story", "article", "diff", "feeds", "watches", "watch", "digests", "digest", "outlets", "outlet", "error"} {
		t, err := template.New(name).Funcs(funcs).ParseFS(files, "templates/layout.html", "templates/parts.html", "templates/"+name+".html")
		if err != nil {
			return err
		}
		s.pages[name] = t
	}
	return nil
}

// stamp is a time as people write it, with the year where it is not this one.
func (s *server) stamp(t time.Time) string {
	t, now := t.In(s.Location), s.Now().In(s.Location)
	if t.Year() == now.Year() {
		return t.Format("2 Jan, 15:04")
	}
	return t.Format("2 Jan 2006, 15:04")
}

// count is n with the word it counts.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// headline is a title, or what stands for one that is missing.
func headline(title string) string { return cmp.Or(title, "(no headline)") }

// external is raw if it is a link that may be followed, else empty.
func external(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return raw
}

// language is the language of a story's title, as far as the story's row says:
// it picks the right forms of letters where languages share them. Empty: unknown.
func language(s news.Story) string {
	if len(s.Languages) == 1 {
		return s.Languages[0]
	}
	return ""
}

// span is a length of time in words.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d > day && d%day == 0:
		return fmt.Sprintf("%d days", d/day)
	case d%time.Hour == 0:
		return count(int(d/time.Hour), "hour", "hours")
	}
	return d.String()
}

// later says how long after the first copy another came.
func later(first, t time.Time) string {
	d := t.Sub(first).Round(time.Minute)
	switch {
	case d <= 0:
		return "first"
	case d < time.Hour:
		return fmt.Sprintf("+%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("+%d h %02d", d/time.Hour, d/time.Minute%60)
	}
	return fmt.Sprintf("+%d days", d/(24*time.Hour))
}

// why is what is said of an article, with a link to the other that it is about.
type why struct {
	Before, Of, After string
	Link              string
}

// newWhy puts the outlet in the place of the number that a sentence has for the
// other article, as a link.
func newWhy(said string, of news.ArticleID, outlet, link string) why {
	number := fmt.Sprintf("article %d", of)
	before, after, found := strings.Cut(said, number+" of "+outlet)
	if !found {
		before, after, found = strings.Cut(said, number)
	}
	if !found {
		return why{Before: said}
	}
	return why{Before: before, Of: outlet, After: after, Link: link}
}

// spread is the picture of when each article came: a row each, time from left
// to right.
type spread struct {
	Rows        []row
	First, Last time.Time
	More        int // articles that have no row
}

// row is one article in the picture.
type row struct {
	Outlet, Later string
	Name          string // of the outlet, as a person calls it, else its domain
	Link          news.ArticleID
	X             string // place of its time, as a share of the width
	Foreign       bool   // in another language than the lead
}

// The picture shows so many articles, and leaves this share of the width free at
// both ends, so that the outermost circles are whole.
const (
	rowsAtMost = 40
	margin     = 2.0 // percent
)

// newSpread lays a story's members out by time. They come lead first, then in
// order of time.
func newSpread(members []news.Article, names store.OutletNames) spread {
	var p spread
	if len(members) == 0 {
		return p
	}
	shown := members[:min(len(members), rowsAtMost)]
	p.More = len(members) - len(shown)
	p.First = members[0].Time()
	p.Last = p.First
	for i := range shown {
		if t := shown[i].Time(); t.After(p.Last) {
			p.Last = t
		}
	}
	length := max(p.Last.Sub(p.First), time.Minute)
	for i := range shown {
		m := &shown[i]
		share := float64(m.Time().Sub(p.First)) / float64(length)
		p.Rows = append(p.Rows, row{
			Outlet: m.Outlet, Name: names.Of(m.Outlet), Later: later(p.First, m.Time()), Link: m.ID, Foreign: m.Language != members[0].Language,
			X: fmt.Sprintf("%.1f%%", margin+(100-2*margin)*max(share, 0)),
		})
	}
	return p
}
