package web_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kliping/internal/api"
	"kliping/internal/export"
	"kliping/internal/feed"
)

// TestSearchLeadsToFeeds wants a search to be found as a feed, and taken along.
func TestSearchLeadsToFeeds(t *testing.T) {
	d := newDesk(t)
	d.publishDam()
	page := d.get("/search?q=" + url.QueryEscape(`"dam" & x`))
	var found []string
	for _, l := range page.all("link") {
		if l.attr("rel") == "alternate" {
			found = append(found, l.attr("type")+" "+l.attr("href"))
		}
	}
	want := "application/atom+xml /api/search.atom?q=%22dam%22+%26+x application/rss+xml /api/search.rss?q=%22dam%22+%26+x application/feed+json /api/search.feed.json?q=%22dam%22+%26+x"
	if got := strings.Join(found, " "); got != want {
		t.Errorf("found %s", got)
	}
	for _, page := range []element{d.get("/"), d.get("/search"), d.page("/search?q=(", http.StatusBadRequest)} {
		for _, l := range page.all("link") {
			if l.attr("rel") == "alternate" {
				t.Errorf("a feed of nothing: %s", l.attr("href"))
			}
		}
	}
	links := strings.Join(d.get("/search?q=dam").texts(".take a"), " ")
	if links != "Atom RSS JSON Feed stories copies" {
		t.Errorf("links %s", links)
	}
}

// feedEntries are what a reader would show of the stories in a feed: titles as
// HTML where a reader may take them for it, and the bodies.
func (p *hostilePress) feedEntries(format string) []string {
	p.t.Helper()
	var all []string
	for i := range p.snippets {
		w := httptest.NewRecorder()
		p.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/search."+format+"?q="+word(i, 2, 13), nil))
		body := w.Body.Bytes()
		f, err := feed.Parse(body, w.Header().Get("Content-Type"), "https://kliping.example/feed", feed.Options{})
		if err != nil || w.Code != http.StatusOK {
			p.t.Fatalf("%s of snippet %d: %d %v", format, i, w.Code, err)
		}
		var b strings.Builder
		for _, it := range f.Items {
			fmt.Fprintf(&b, "<div>%s</div>", it.HTML)
		}
		if format == "rss" {
			var raw struct {
				Titles []string `xml:"channel>item>title"`
			}
			if err := xml.Unmarshal(body, &raw); err != nil {
				p.t.Fatal(err)
			}
			b.WriteString("<h1>" + strings.Join(raw.Titles, "</h1><h1>") + "</h1>")
		}
		all = append(all, b.String())
	}
	return all
}

// entry is what a reader would show of the stories of one item.
func (p *hostilePress) entry(format string, i int) string {
	p.once.Do(func() {
		p.entries = map[string][]string{}
		for _, f := range export.Formats() {
			p.entries[f] = p.feedEntries(strings.TrimPrefix(api.FeedPath(f), "/api/search."))
		}
	})
	return p.entries[format][i]
}
