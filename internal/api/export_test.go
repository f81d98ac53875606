package api

import (
	"encoding/csv"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"kliping/index"
	"kliping/internal/export"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// read asks for a feed and reads it as a reader does.
func (d *desk) read(path string) *gofeed.Feed {
	d.t.Helper()
	w := d.ask(http.MethodGet, path)
	if w.Code != http.StatusOK {
		d.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	f, err := gofeed.NewParser().ParseString(w.Body.String())
	if err != nil {
		d.t.Fatalf("%s: %v\n%s", path, err, w.Body)
	}
	return f
}

func TestFeedOfSearch(t *testing.T) {
	d := newDesk(t)
	d.fill()
	if err := d.db.SetOutlets(t.Context(), []store.Outlet{{Domain: "second.example", Name: "The Second"}}); err != nil {
		t.Fatal(err)
	}
	for _, format := range export.Formats() {
		path := FeedPath(format)
		if !IsFeed(path) {
			t.Errorf("%s is no feed", path)
		}
		if f := d.read(path); len(f.Items) != 2 || f.Items[0].Title != "Orchard prize goes to Norwick" {
			t.Errorf("%s: all stories are %v", path, f.Items)
		}
		f := d.read(path + "?q=dam")
		if len(f.Items) != 1 {
			t.Fatalf("%s: %d items for two articles of one story", path, len(f.Items))
		}
		it := f.Items[0]
		epoch, _ := d.db.Epoch(t.Context())
		if it.GUID != "tag:kliping,2026:"+epoch+"/story/1" || it.Title != "Dam at Pellworth lowered after crack" {
			t.Errorf("%s: %q %q", path, it.GUID, it.Title)
		}
		body := it.Content
		if body == "" {
			body = it.Description
		}
		for _, want := range []string{
			"Engineers lowered the water", "Carried by 2 outlets in 1 language; first: <b>first.example, 1 May 2026, 06:01 UTC</b>",
			`<a href="http://example.com/story/1" rel="nofollow noopener noreferrer">Who changed what</a>`,
			`The Second (en): <a href="https://second.example/a" rel="nofollow noopener noreferrer">Families leave homes below dam</a>`,
		} {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %q:\n%s", path, want, body)
			}
		}
	}
	if w := d.ask(http.MethodGet, "/api/search.atom?q=("); w.Code != http.StatusBadRequest {
		t.Errorf("a mistaken query: %d", w.Code)
	}
}

func TestConditionalGet(t *testing.T) {
	d := newDesk(t)
	d.fill()
	first := d.ask(http.MethodGet, "/api/search.atom?q=dam")
	head := first.Header()
	if head.Get("ETag") == "" || head.Get("Cache-Control") != "private, max-age=300" || head.Get("Last-Modified") != "" {
		t.Errorf("headers %v", head)
	}
	again := func(name, value string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/search.atom?q=dam", nil)
		r.Header.Set(name, value)
		w := httptest.NewRecorder()
		d.handler.ServeHTTP(w, r)
		return w.Code
	}
	for name, test := range map[string]struct {
		name, value string
		want        int
	}{
		"the same":      {"If-None-Match", head.Get("ETag"), 304},
		"weakly":        {"If-None-Match", "W/" + head.Get("ETag"), 304},
		"another":       {"If-None-Match", `"x"`, 200},
		"since it came": {"If-Modified-Since", "Fri, 01 May 2026 06:02:00 GMT", 200}, // a time does not tell of what goes
	} {
		if got := again(test.name, test.value); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
	tag := head.Get("ETag")
	d.save("fourth.example", "Dam lowered", dam...)
	if got := again("If-None-Match", tag); got != 200 {
		t.Errorf("after a copy: %d", got)
	}
	if w := d.ask(http.MethodHead, "/api/search.rss?q=dam"); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("ETag") == "" {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
}

// save publishes one article, groups and indexes it.
func (d *desk) save(outlet, title string, text ...string) {
	d.t.Helper()
	d.clock = d.clock.Add(time.Minute)
	d.bring(outlet, title, text...)
	d.settle()
}

// bring has an outlet publish one article now.
func (d *desk) bring(outlet, title string, text ...string) {
	d.t.Helper()
	preparer, err := pipeline.NewPreparer()
	if err != nil {
		d.t.Fatal(err)
	}
	link := fmt.Sprintf("https://%s/%s", outlet, url.PathEscape(title))
	item := news.Item{GUID: link, Link: link, Title: title, HTML: "<p>" + strings.Join(text, "</p><p>") + "</p>", Published: d.clock}
	if _, err := d.db.SaveArticles(d.t.Context(), []store.Incoming{preparer.Prepare(news.Feed{}, item, d.clock)}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) settle() {
	d.t.Helper()
	preparer, err := pipeline.NewPreparer()
	if err != nil {
		d.t.Fatal(err)
	}
	grouper := pipeline.NewGrouper(d.db, preparer, pipeline.GroupOptions{Now: func() time.Time { return d.clock }})
	if err := grouper.GroupAll(d.t.Context(), nil); err != nil {
		d.t.Fatal(err)
	}
	if err := (&pipeline.Follower{DB: d.db, Index: d.ix}).FollowAll(d.t.Context(), nil); err != nil {
		d.t.Fatal(err)
	}
}

// TestFeedPages follows the links to older entries: every story comes once, also
// where many arrived in the same moment.
func TestFeedPages(t *testing.T) {
	d := newDesk(t)
	for i, name := range []string{"alder", "birch", "cedar", "damson", "elm", "fir", "gorse"} {
		if i == 1 || i == 5 {
			d.clock = d.clock.Add(time.Minute) // four arrive at once
		}
		d.bring(name+".example", "On the "+name, fmt.Sprintf("The %[1]s of %[1]sville was cut down by its %[1]s keeper on a %[1]s morning.", name))
	}
	d.settle()
	for _, limit := range []int{1, 2, 3, 7} {
		seen, path := map[string]int{}, fmt.Sprintf("/api/search.feed.json?limit=%d&token=t", limit)
		for range 10 {
			w := d.ask(http.MethodGet, path)
			f, err := gofeed.NewParser().ParseString(w.Body.String())
			if err != nil || len(f.Items) > limit {
				t.Fatalf("%s: %v", path, err)
			}
			for _, it := range f.Items {
				seen[it.Title]++
			}
			_, next, more := strings.Cut(w.Body.String(), `"next_url": "http://example.com`)
			if !more {
				break
			}
			next, _, _ = strings.Cut(next, `"`)
			path = strings.ReplaceAll(next, `\u0026`, "&")
			if !strings.Contains(path, "token=t") {
				t.Errorf("the reader's token is lost: %s", path)
			}
		}
		if len(seen) != 7 {
			t.Errorf("limit %d: %d stories of 7", limit, len(seen))
		}
		for title, n := range seen {
			if n != 1 {
				t.Errorf("limit %d: %s came %d times", limit, title, n)
			}
		}
	}
}

// TestGrown wants a story to come up again when it has grown, and not with each
// copy; and where it was merged, to be one entry under the id that stays.
func TestGrown(t *testing.T) {
	d := newDesk(t)
	d.fill()
	updated := func() string { return d.read("/api/search.atom?q=dam").Items[0].Updated }
	var got []string
	for i := range 5 {
		d.save(fmt.Sprintf("more%d.example", i), "Dam lowered", dam...)
		got = append(got, updated()[14:16])
	}
	if diff := cmp.Diff([]string{"04", "04", "06", "06", "06"}, got); diff != "" { // the third and the fifth outlet
		t.Errorf("minutes of the update (-want +got):\n%s", diff)
	}
	if _, err := d.db.MergeStories(t.Context(), store.By{Who: "ann"}, 1, 2); err != nil {
		t.Fatal(err)
	}
	d.settle()
	if f := d.read("/api/search.atom"); len(f.Items) != 1 || !strings.HasSuffix(f.Items[0].GUID, "/story/1") {
		t.Errorf("after a merge: %v", f.Items)
	}
}

func TestSheets(t *testing.T) {
	d := newDesk(t)
	d.fill()
	d.save("evil.example", "=cmd|' /C calc'!A0", "A wholly other text, about nothing in particular, was put here by someone who hopes to run a program.")
	for path, want := range map[string][][]string{
		"/api/search/stories.csv?sort=time": {
			pipeline.SheetColumns(pipeline.SheetStories),
			{"3", "'=cmd|' /C calc'!A0", "evil.example"}, {"2", "Orchard prize goes to Norwick", "third.example"}, {"1", "Dam at Pellworth lowered after crack", "first.example"},
		},
		"/api/search/copies.csv?q=dam": {
			pipeline.SheetColumns(pipeline.SheetCopies),
			{"1", "1", "yes", "first.example", "", "en", "Dam at Pellworth lowered after crack", "https://first.example/a"},
			{"1", "2", "no", "second.example", "", "en", "Families leave homes below dam", "https://second.example/a"},
		},
	} {
		w := d.ask(http.MethodGet, path)
		if w.Code != 200 || !strings.HasPrefix(w.Body.String(), "\ufeff") || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
			t.Fatalf("%s: %d %v", path, w.Code, w.Header())
		}
		got, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %v, %v", path, got, err)
		}
		for i, row := range want {
			cells := got[i][:min(len(row), len(got[i]))]
			if strings.Contains(path, "stories") && i > 0 {
				cells = []string{got[i][0], got[i][1], got[i][3]}
			}
			if diff := cmp.Diff(row, cells); diff != "" {
				t.Errorf("%s row %d: %s", path, i, diff)
			}
		}
	}
	if w := d.ask(http.MethodGet, "/api/search/copies.csv?q=("); w.Code != http.StatusBadRequest || !strings.Contains(w.Header().Get("Content-Type"), "json") {
		t.Errorf("a mistaken query: %d %v", w.Code, w.Header())
	}
}

// TestFeedLeadsHome follows the link of feeds to their page: it finds the same
// stories. Feeds of other stories have other ids.
func TestFeedLeadsHome(t *testing.T) {
	d := newDesk(t)
	d.fill()
	d.clock = d.clock.Add(3 * time.Hour)
	d.save("third.example", "Plums", "The plums of Norwick were counted again on Friday, and there were ninety of them in all.")
	d.clock = d.clock.Add(time.Minute)
	ids := map[string]string{}
	for asked, want := range map[string]string{
		"":                                    "",
		"q=dam":                               "dam",
		"q=dam+OR+plums&outlet=third.example": "(dam OR plums) outlet:third.example",
		"q=dam&lang=en":                       "dam lang:en",
		"q=plums&outlet=https://www.third.example/x": "plums outlet:www.third.example",
		"since=2h":    "since:2h",
		"since=1h30m": "since:90min",
		"since=2m30s": "since:3min",
		"q=dam&since=2026-05-01T06:00:00Z&until=2026-05-01T08:00:00%2B01:00": `dam after:"2026-05-01T06:00:00Z" before:"2026-05-01T08:00:00+01:00"`,
	} {
		f := d.read("/api/search.feed.json?" + asked)
		at, err := url.Parse(f.Link)
		if err != nil || at.Path != "/search" || at.Query().Get("q") != want {
			t.Errorf("the feed of %q leads to %s, want %s", asked, f.Link, want)
		}
		if same := d.read("/api/search.feed.json?q=" + url.QueryEscape(at.Query().Get("q"))); len(same.Items) != len(f.Items) {
			t.Errorf("%q: %d entries, %d on its page", asked, len(f.Items), len(same.Items))
		}
		_, id, _ := strings.Cut(d.ask(http.MethodGet, "/api/search.atom?"+asked).Body.String(), "<id>")
		id, _, _ = strings.Cut(id, "</id>")
		if other, known := ids[id]; known {
			t.Errorf("%q and %q have one id, %s", asked, other, id)
		}
		ids[id] = asked
		_, again, _ := strings.Cut(d.ask(http.MethodGet, "/api/search.atom?skip=1&before=2026-05-02T00:00:00Z&"+asked).Body.String(), "<id>")
		if again, _, _ = strings.Cut(again, "</id>"); again != id {
			t.Errorf("%q: further on it is %s, not %s", asked, again, id)
		}
	}
}

// TestDatesInZone asks for a day at whose beginning it is still the day before in
// UTC: search, facets, feeds, tables and a watch's feed all mean the configured
// zone, or the watch's own.
func TestDatesInZone(t *testing.T) {
	d := newDesk(t)
	d.clock = time.Date(2026, 4, 30, 20, 0, 0, 0, time.UTC)
	d.fill()
	jakarta, err := time.LoadLocation("Asia/Jakarta")
	if err != nil {
		t.Fatal(err)
	}
	d.handler = New(Options{DB: d.db, Index: d.ix, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return d.clock }, Location: jakarta, CheckWatch: checkWatch})
	const asked = "dam after:2026-05-01"
	for _, body := range []string{`{"name":"Here","query":"` + asked + `"}`, `{"name":"There","query":"` + asked + `","time_zone":"UTC"}`} {
		if w := d.send(http.MethodPost, "/api/watches", "application/json", body); w.Code != http.StatusCreated {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	q := "?q=" + url.QueryEscape(asked)
	for path, want := range map[string]bool{
		"/api/search" + q + "&facets=3": true, "/api/search.atom" + q: true, "/api/search.rss" + q: true, "/api/search.feed.json" + q: true,
		"/api/search/stories.csv" + q: true, "/api/search/copies.csv" + q: true,
		"/api/watches/1/stories.atom": true, "/api/watches/2/stories.atom": false,
	} {
		got := d.ask(http.MethodGet, path).Body.String()
		if strings.Contains(got, "Dam at Pellworth lowered after crack") != want {
			t.Errorf("%s gives the story: %t", path, !want)
		}
		if strings.Contains(path, "facets") && !strings.Contains(got, `"day":[{"value":"2026-05-01","count":1}]`) {
			t.Errorf("days of %s", got)
		}
	}
	if got := d.ask(http.MethodGet, "/api/digest").Body.String(); !strings.Contains(got, `"time_zone": "Asia/Jakarta"`) {
		t.Errorf("a digest is told in another zone: %.300s", got)
	}
}

// TestLongTable holds that a table may take longer than the server lets an answer
// take, as long as it is read.
func TestLongTable(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		out := &attachment{to: w, name: "stories.csv"}
		for range 4 {
			time.Sleep(100 * time.Millisecond)
			fmt.Fprint(out, strings.Repeat("x", 10_000))
		}
	}))
	srv.Config.WriteTimeout = 200 * time.Millisecond
	srv.Start()
	defer srv.Close()
	var got strings.Builder
	err := NewClient(srv.URL, "").Sheet(t.Context(), index.Query{}, pipeline.SheetStories, &got)
	if err != nil || got.Len() != 40_000 {
		t.Errorf("%d bytes came, %v", got.Len(), err)
	}
}

func TestFeedOfWatch(t *testing.T) {
	d := newDesk(t)
	d.fill()
	if w := d.send(http.MethodPost, "/api/watches", "application/json", `{"name":"Dams","query":"dam"}`); w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, file := range []string{"stories.atom", "stories.rss", "stories.feed.json"} {
		path := "/api/watches/1/" + file
		f := d.read(path)
		if !IsFeed(path) || f.Title != "Kliping: Dams" || len(f.Items) != 1 || f.Items[0].Title != "Dam at Pellworth lowered after crack" {
			t.Errorf("%s: %q %v", path, f.Title, f.Items)
		}
	}
	if w := d.ask(http.MethodGet, "/api/watches/2/stories.atom"); w.Code != http.StatusNotFound {
		t.Errorf("the feed of no watch: %d", w.Code)
	}
	for _, path := range []string{"/api/watches/1", "/api/watches/1/alerts", "/api/watches/x/stories.atom", "/api/watches/stories.atom", "/api/watches/1/search.atom", "/search.atom"} {
		if IsFeed(path) {
			t.Errorf("a feed token opens %s", path)
		}
	}
}
