package web

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"kliping/internal/news"
	"kliping/internal/store"
)

// parse reads each page's template together with the layout.
func (s *server) parse() error {
	funcs := template.FuncMap{
		"stamp":    s.stamp,
		"day":      func(t time.Time) string { return t.In(s.Location).Format("Monday, 2 January 2006") },
		"count":    count,
		"join":     strings.Join,
		"later":    later,
		"external": external,
		"hours":    func(d time.Duration) int { return int(d.Hours()) },
		"add":      func(a, b int) int { return a + b },
	}
	s.pages = map[string]*template.Template{}
	for _, name := range []string{"home", "search", "story", "article", "feeds", "error"} {
		t, err := template.New(name).Funcs(funcs).ParseFS(files, "templates/layout.html", "templates/parts.html", "templates/"+name+".html")
		if err != nil {
			return err
		}
		s.pages[name] = t
	}
	return nil
}

func (s *server) stamp(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.In(s.Location).Format("2 Jan 2006, 15:04")
}

// count is n with the word it counts.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// external is raw if it is a link that may be followed, else empty.
func external(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return raw
}

// later says how long after the first copy another came.
func later(first, t time.Time) string {
	d := t.Sub(first).Round(time.Minute)
	switch {
	case d <= 0:
		return "first"
	case d < time.Hour:
		return fmt.Sprintf("+%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("+%d h %02d", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("+%d days", int(d.Hours()/24))
}

// storyView is a story with the picture of how it spread.
type storyView struct {
	*store.StoryDetail
	LeadArticle *news.Article
	First       time.Time
	Dots        []dot
	Width       int
	Height      int
}

// dot is one copy in the picture: x is time, y its place in the list.
type dot struct {
	X, Y    int
	Label   string
	Link    news.ArticleID
	Foreign bool // in another language than the lead
}

// The picture's measures, in SVG units.
const (
	spreadWidth = 640
	labelWidth  = 170
	rowHeight   = 22
	dotsAtMost  = 24
)

// newStoryView lays the copies out by time. The members come lead first, then in
// order of time.
func newStoryView(s *store.StoryDetail) storyView {
	v := storyView{StoryDetail: s, Width: spreadWidth}
	if len(s.Members) == 0 {
		return v
	}
	v.LeadArticle = &s.Members[0]
	v.First = s.Members[0].Time()
	last := v.First
	for i := range s.Members {
		last = latest(last, s.Members[i].Time())
	}
	span := max(last.Sub(v.First), time.Minute)
	for i := range s.Members[:min(len(s.Members), dotsAtMost)] {
		m := &s.Members[i]
		share := float64(m.Time().Sub(v.First)) / float64(span)
		v.Dots = append(v.Dots, dot{
			X:     labelWidth + 10 + int(max(share, 0)*float64(spreadWidth-labelWidth-30)),
			Y:     rowHeight/2 + i*rowHeight,
			Label: m.Outlet, Link: m.ID, Foreign: m.Language != v.LeadArticle.Language,
		})
	}
	v.Height = len(v.Dots) * rowHeight
	return v
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
