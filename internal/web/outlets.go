package web

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// pressWindow is how far back the pages of outlets look where nothing else is asked.
const pressWindow = 30 * 24 * time.Hour

// outletsView is the page of outlets.
type outletsView struct {
	Outlets []pipeline.OutletRow
	Columns []column
	Choices []choice
}

// column is a head of the table, with a link that orders by it.
type column struct {
	Label, Title, Link string
	Number, Current    bool
}

// pressWindows are the windows that the pages of outlets offer.
var pressWindows = []time.Duration{24 * time.Hour, 7 * 24 * time.Hour, pressWindow, 90 * 24 * time.Hour}

func (s *server) outlets(r *http.Request) (page, error) {
	press, window, err := s.press(r)
	if err != nil {
		return page{}, err
	}
	by := r.URL.Query().Get("sort")
	if by == "" {
		by = "articles"
	}
	if err := press.Sort(by); err != nil {
		return page{}, err
	}
	v := outletsView{Outlets: press.Outlets, Choices: pressChoices("/outlets", by, window)}
	for _, c := range []struct {
		by, label, title string
		number           bool
	}{
		{"outlet", "Outlet", "", false},
		{"tier", "Tier", "as a person said", true},
		{"articles", "Articles", "", true},
		{"first", "First", "led stories that others carry too, of how many", true},
		{"independent", "Independent", "share of its articles that founded a text", true},
		{"copied", "Copies", "articles whose text another outlet had earlier", true},
		{"behind", "Behind", "how long they came after, median", true},
	} {
		v.Columns = append(v.Columns, column{c.label, c.title, pressLink("/outlets", c.by, window), c.number, c.by == by})
	}
	return page{name: "outlets", Title: count(len(press.Outlets), "outlet", "outlets"), Data: v}, nil
}

// press is what the outlets did in the window that a request asks for.
func (s *server) press(r *http.Request) (pipeline.Press, time.Duration, error) {
	window := pressWindow
	if v := r.URL.Query().Get("window"); v != "" {
		var err error
		if window, err = time.ParseDuration(v); err != nil || window <= 0 {
			return pipeline.Press{}, 0, fmt.Errorf("window=%s: %w; write for example 168h", v, news.ErrInvalid)
		}
	}
	p, err := pipeline.ReadPress(r.Context(), s.DB, s.Now().Add(-window), s.Now().Add(time.Hour))
	return p, window, err
}

func pressLink(path, by string, window time.Duration) string {
	q := url.Values{"window": {window.String()}}
	if by != "" {
		q.Set("sort", by)
	}
	return path + "?" + q.Encode()
}

func pressChoices(path, by string, shown time.Duration) []choice {
	var all []choice
	for _, w := range pressWindows {
		all = append(all, choice{Label: span(w), Link: pressLink(path, by, w), Current: w == shown})
	}
	return all
}

// outletView is the page of one outlet.
type outletView struct {
	*pipeline.OutletRow
	Names   store.OutletNames
	Charts  []chart
	Choices []choice
	Flows   []flowsView
}

type flowsView struct {
	Title string
	Flows []pipeline.Flow
}

// chart is a picture of how long after theirs copies came.
type chart struct {
	Title string
	Bars  []bar
}

// bar is one span of time in it; Width is a share of the longest.
type bar struct {
	Label, Width string
	Count        int
}

func (s *server) outlet(r *http.Request) (page, error) {
	press, window, err := s.press(r)
	if err != nil {
		return page{}, err
	}
	domain := r.PathValue("domain")
	row, err := press.Outlet(domain)
	if err != nil {
		return page{}, err
	}
	v := outletView{OutletRow: row, Names: press.Names(), Choices: pressChoices(outletLink(domain), "", window)}
	for _, c := range []chart{newChart("How long after others its copies came", row.Delays), newChart("How long after its own others' copies came", row.Leads)} {
		if c.Bars != nil {
			v.Charts = append(v.Charts, c)
		}
	}
	for _, f := range []flowsView{{"Copies", row.Copies}, {"Copied by", row.CopiedBy}} {
		if len(f.Flows) > 0 {
			f.Flows = f.Flows[:min(len(f.Flows), flowsShown)]
			v.Flows = append(v.Flows, f)
		}
	}
	return page{name: "outlet", Title: v.Names.Of(domain), Data: v}, nil
}

// flowsShown is how many outlets a page lists as copied or copying.
const flowsShown = 100

// outletLink is where an outlet's page is.
func outletLink(domain string) string { return "/outlet/" + url.PathEscape(domain) }

// newChart lays out a picture; one of nothing has no bars.
func newChart(title string, d pipeline.Delays) chart {
	c, most := chart{Title: title}, 0
	for _, n := range d {
		most = max(most, n)
	}
	if most == 0 {
		return c
	}
	bounds := pipeline.DelayBounds()
	for i, n := range d {
		var label string
		switch {
		case i == 0:
			label = "within " + shortSpan(bounds[0])
		case i < len(bounds):
			label = shortSpan(bounds[i-1]) + " to " + shortSpan(bounds[i])
		default:
			label = "over " + shortSpan(bounds[i-1])
		}
		c.Bars = append(c.Bars, bar{label, fmt.Sprintf("%.1f%%", 100*float64(n)/float64(most)), n})
	}
	return c
}

func shortSpan(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d h", d/time.Hour)
}
