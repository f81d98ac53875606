package web_test

import (
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/api"
	"kliping/internal/export"
	"kliping/internal/feed"
	"kliping/internal/store"
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

// TestTablesHoldWhatWasAsked follows the links of pages to tables: they have the
// stories of the page, in its order.
func TestTablesHoldWhatWasAsked(t *testing.T) {
	d := newDesk(t)
	d.publishDam()
	d.clock = d.clock.Add(time.Hour)
	d.publish("fourth.example", "Pellworth fair & market", "The Pellworth fair & market was opened by its mayor, who spoke of the dam at some length, on Saturday.")
	d.publish("fifth.example", "Plums", "The plums of Norwick were counted again, and there were ninety of them.")
	d.settle()
	if _, err := d.db.AddWatch(t.Context(), store.Watch{Name: "Fairs", Query: `"fair & market" +x OR fair`}); err != nil {
		t.Fatal(err)
	}
	handler := api.New(api.Options{DB: d.db, Index: d.ix, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return d.clock }})
	for path, want := range map[string][]string{
		"/search?q=Pellworth&sort=time":                                           {"2", "1"},
		"/search?q=Pellworth&sort=spread":                                         {"1", "2"},
		"/search?q=" + url.QueryEscape(`"fair & market" OR plums`) + "&sort=time": {"3", "2"},
		"/watches/1": {"2"},
	} {
		for _, a := range d.get(path).all(".take a") {
			link := a.attr("href")
			if !strings.Contains(link, ".csv") {
				continue
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, link, nil))
			rows, err := csv.NewReader(w.Body).ReadAll()
			if err != nil || w.Code != http.StatusOK {
				t.Fatalf("%s: %d %v", link, w.Code, err)
			}
			var got []string
			for _, row := range rows[1:] {
				if len(got) == 0 || got[len(got)-1] != row[0] {
					got = append(got, row[0])
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s leads to %s (-want +got):\n%s", path, link, diff)
			}
		}
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
