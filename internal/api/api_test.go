package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// desk is a store and an index, filled by the pipeline, and the API over them.
type desk struct {
	t       testing.TB
	db      *store.DB
	ix      *index.Index
	clock   time.Time
	log     bytes.Buffer
	handler http.Handler
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{t: t, clock: time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC)}
	now := func() time.Time { return d.clock }
	var err error
	if d.db, err = store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "kliping.db"), Now: now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.db.Close() })
	if d.ix, err = pipeline.NewIndex(filepath.Join(t.TempDir(), "index"), d.db); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.ix.Close() })
	d.handler = New(Options{DB: d.db, Index: d.ix, Log: slog.New(slog.NewTextHandler(&d.log, nil)), Version: "1.2.3", Now: now, CheckWatch: checkWatch})
	return d
}

// Two stories of nothing that ever happened.
var (
	dam = []string{
		"Engineers lowered the water behind the Pellworth dam by two metres on Friday after a crack was found in its eastern wall.",
		"Mayor Ilse Tarrant said 340 families below the dam had been asked to sleep elsewhere until the wall was surveyed.",
		"The dam was finished in 1958 and holds 19 million tonnes of water, most of it for the farms of the lower valley.",
		"A survey four years ago had counted eleven cracks, none of them longer than a hand, and asked for a new drain.",
	}
	orchard = []string{"The Norwick orchard won the county prize for its plums, the judges said on Friday evening after tasting ninety."}
)

const plea = "Subscribe to our free newsletter"

// fill publishes the dam by two outlets, the second with a plea, and the orchard
// by one, a minute apart; groups and indexes them; and adds a feed.
func (d *desk) fill() {
	d.t.Helper()
	ctx := d.t.Context()
	preparer, err := pipeline.NewPreparer()
	if err != nil {
		d.t.Fatal(err)
	}
	for _, a := range []struct {
		outlet, title string
		text          []string
	}{
		{"first.example", "Dam at Pellworth lowered after crack", dam},
		{"second.example", "Families leave homes below dam", append(slices.Clone(dam), plea)},
		{"third.example", "Orchard prize goes to Norwick", orchard},
	} {
		d.clock = d.clock.Add(time.Minute)
		link := "https://" + a.outlet + "/a"
		item := news.Item{GUID: link, Link: link, Title: a.title, HTML: "<p>" + strings.Join(a.text, "</p><p>") + "</p>", Published: d.clock}
		if _, err := d.db.SaveArticles(ctx, []store.Incoming{preparer.Prepare(news.Feed{}, item, d.clock)}); err != nil {
			d.t.Fatal(err)
		}
	}
	grouper := pipeline.NewGrouper(d.db, preparer, pipeline.GroupOptions{Now: func() time.Time { return d.clock }})
	if err := grouper.GroupAll(ctx, nil); err != nil {
		d.t.Fatal(err)
	}
	if err := (&pipeline.Follower{DB: d.db, Index: d.ix}).FollowAll(ctx, nil); err != nil {
		d.t.Fatal(err)
	}
	d.clock = d.clock.Add(time.Second) // a window ends before its end
	if _, err := d.db.AddFeed(ctx, news.Feed{URL: "https://first.example/rss", Title: "First", Tags: []string{"world"}}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) ask(method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, httptest.NewRequestWithContext(d.t.Context(), method, path, nil))
	return w
}

// TestVersions asks for the versions of an article that its outlet changed.
func TestVersions(t *testing.T) {
	d := newDesk(t)
	d.fill()
	preparer, err := pipeline.NewPreparer()
	if err != nil {
		t.Fatal(err)
	}
	item := news.Item{GUID: "https://third.example/a", Link: "https://third.example/a", Title: "Norwick loses the prize", HTML: `<p><a href="/plums">` + orchard[0] + "</a></p><p>It was taken back on Sunday.</p>"}
	if _, err := d.db.SaveArticles(t.Context(), []store.Incoming{preparer.Prepare(news.Feed{}, item, d.clock)}); err != nil {
		t.Fatal(err)
	}
	var all []pipeline.Version
	if err := json.Unmarshal(d.ask("GET", "/api/articles/3/versions").Body.Bytes(), &all); err != nil || len(all) != 2 {
		t.Fatalf("%d versions: %v", len(all), err)
	}
	first, last := all[0], all[1]
	if first.Version != 1 || first.Changes != nil || first.Until.IsZero() || first.Text != orchard[0] {
		t.Errorf("the first is %+v", first)
	}
	if c := last.Changes; last.Version != 2 || c == nil || c.Title == nil || c.Same != 1 || len(c.Added) != 1 {
		t.Errorf("the second is %+v, changed %+v", last, last.Changes)
	}
	if body := d.ask("GET", "/api/articles/3").Body.String(); !strings.Contains(body, `<a href=\"https://third.example/plums\" rel=`) {
		t.Errorf("the article has no link: %s", body)
	}
}

// TestAnswers asks every route and wants the type that openapi.yaml is compared
// with, no key more, and of its content what a caller relies on.
func TestAnswers(t *testing.T) {
	d := newDesk(t)
	d.fill()
	digester := pipeline.Digester{DB: d.db, Location: time.UTC}
	if _, err := digester.Send(t.Context(), store.DigestPlan{Name: "morning"}, "2026-05-01T07:00", d.clock.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path  string
		route string         // in answers
		want  map[string]any // by path into the answer
	}{
		{"/api/status", "/api/status", map[string]any{"version": "1.2.3", "articles": 3., "stories": 2., "feeds": 1., "ungrouped": 0.}},
		{"/api/feeds", "/api/feeds", map[string]any{"0.url": "https://first.example/rss", "0.tags.0": "world", "1": nil}},
		{"/api/stories", "/api/stories", map[string]any{"0.copies": 2., "0.outlets": 2., "0.first_outlet": "first.example", "1.copies": 1., "2": nil}},
		{"/api/stories?limit=1", "/api/stories", map[string]any{"0.copies": 2., "1": nil}},
		{"/api/stories?outlet=third.example", "/api/stories", map[string]any{"0.first_outlet": "third.example", "1": nil}},
		{"/api/stories?lang=fr", "/api/stories", map[string]any{"0": nil}},
		{"/api/stories?since=90s", "/api/stories", map[string]any{"0.first_outlet": "third.example", "1": nil}},
		{"/api/stories?until=2026-05-01T06:02:00Z", "/api/stories", map[string]any{"0.first_outlet": "first.example", "1": nil}},
		{"/api/stories?by=published&since=2026-05-01T06:03:00Z", "/api/stories", map[string]any{"0.first_outlet": "third.example", "1": nil}},
		{"/api/stories/1", "/api/stories/{id}", map[string]any{
			"title": "Dam at Pellworth lowered after crack", "copies": 2., "members.0.reason.relation": "founder",
			"members.1.reason.relation": "copy", "members.1.reason.of": 1., "members.1.blocks.4.strip.evidence": "lexicon", "members.2": nil,
			"origins.0.article": 2., "origins.0.from": 1., "origins.0.outlet": "first.example", "origins.1": nil,
		}},
		{"/api/articles/2", "/api/articles/{id}", map[string]any{"outlet": "second.example", "story": 1., "text": strings.Join(dam, "\n\n"), "blocks.4.text": plea}},
		{"/api/articles/3", "/api/articles/{id}", map[string]any{"html": "<p>" + orchard[0] + "</p>\n"}},
		{"/api/articles/3/versions", "/api/articles/{id}/versions", map[string]any{"0.version": 1., "0.text": orchard[0], "0.until": nil, "1": nil}},
		{"/api/articles/2/diff?version=1", "/api/articles/{id}/diff", map[string]any{"from_version": 1., "to_version": 1., "same": 4.}},
		{"/api/articles/2/diff", "/api/articles/{id}/diff", map[string]any{
			"from": 1., "to": 2., "translation": false, "same": 4., "title.after": "Families leave homes below dam", "dropped.0": nil, "added.0": nil, "changed.0": nil,
		}},
		{"/api/articles/3/diff?from=1", "/api/articles/{id}/diff", map[string]any{
			"from": 1., "to": 3., "same": 0., "dropped.1.figures.0": "340", "dropped_figures.1": "1958", "added.0.text": orchard[0], "added_figures": nil,
		}},
		{"/api/search?q=surveyed", "/api/search", map[string]any{
			"total": 1., "stories.0.id": 1., "stories.0.title": "Dam at Pellworth lowered after crack", "stories.0.copies": 2., "stories.0.languages.0": "en",
			"stories.0.outlets": 2., "stories.0.first_outlet": "first.example", "stories.0.first_published": "2026-05-01T06:01:00Z", "stories.1": nil,
		}},
		{"/api/search?q=dam+OR+orchard&sort=time", "/api/search", map[string]any{"total": 2., "stories.0.first_outlet": "third.example"}},
		{"/api/search?q=dam+OR+orchard&sort=time&offset=1", "/api/search", map[string]any{"total": 2., "stories.0.first_outlet": "first.example", "stories.1": nil}},
		{"/api/search?q=dam&outlet=third.example", "/api/search", map[string]any{"total": 0., "stories.0": nil}},
		{"/api/search?q=volcano", "/api/search", map[string]any{"total": 0., "stories.0": nil}},
		{"/api/outlets", "/api/outlets", map[string]any{
			"outlets.0.domain": "first.example", "outlets.0.first": 1., "outlets.0.independent": 1., "outlets.0.copied_by.0.outlet": "second.example", "outlets.0.leads.0": 1.,
			"outlets.1.copied": 1., "outlets.1.behind": 1., "outlets.2.stories": 1., "outlets.3": nil,
		}},
		{"/api/outlets?sort=behind&since=90s", "/api/outlets", map[string]any{"outlets.0.domain": "third.example", "outlets.1": nil}},
		{"/api/outlets/second.example", "/api/outlets/{domain}", map[string]any{"domain": "second.example", "copies.0.outlet": "first.example", "copies.0.minutes": 1.}},
		{"/api/digest", "/api/digest", map[string]any{"by": "arrival", "total_stories": 2., "total_articles": 3., "stories.0.story.copies": 2., "stories.0.outlets.1": "second.example"}},
		{"/api/digest?since=2026-05-01T06:03:00Z&by=published&limit=1", "/api/digest", map[string]any{"by": "published", "total_stories": 1., "stories.0.story.first_outlet": "third.example"}},
		{"/api/digests", "/api/digests", map[string]any{"0.name": "morning", "0.slot": "2026-05-01T07:00", "1": nil}},
		{"/api/digests?plan=evening", "/api/digests", map[string]any{"0": nil}},
		{"/api/digests/morning/2026-05-01T07:00", "/api/digests/{plan}/{slot}", map[string]any{"plan": "morning", "total_stories": 2., "stories.0.new": true}},
	} {
		w := d.ask(http.MethodGet, test.path)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%s: %d, %s\n%s", test.path, w.Code, w.Header().Get("Content-Type"), w.Body)
			continue
		}
		strict := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
		strict.DisallowUnknownFields()
		if err := strict.Decode(reflect.New(reflect.TypeOf(answers[test.route])).Interface()); err != nil {
			t.Errorf("%s does not answer as described: %v", test.path, err)
		}
		var got any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		found := map[string]any{}
		for at := range test.want {
			found[at] = look(got, at)
		}
		if diff := cmp.Diff(test.want, found); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.path, diff)
		}
	}
}

// look finds a value in decoded JSON by its path; nil where there is none.
func look(v any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// TestListsAreNeverNull asks an empty store: callers range over what they get.
func TestListsAreNeverNull(t *testing.T) {
	d := newDesk(t)
	for path, want := range map[string]string{
		"/api/feeds":     "[]",
		"/api/stories":   "[]",
		"/api/digests":   "[]",
		"/api/search?q=": `{"total":0,"stories":[]}`,
	} {
		if got := strings.TrimSpace(d.ask(http.MethodGet, path).Body.String()); got != want {
			t.Errorf("%s gives %s, want %s", path, got, want)
		}
	}
	var found struct{ Stories []any }
	w := d.ask(http.MethodGet, "/api/digest")
	if err := json.Unmarshal(w.Body.Bytes(), &found); err != nil || found.Stories == nil {
		t.Errorf("the digest of nothing is %s (%v)", w.Body, err)
	}
}

// TestMistakes wants a status, and a word on what to do.
func TestMistakes(t *testing.T) {
	d := newDesk(t)
	d.fill()
	for _, test := range []struct {
		method, path string
		status       int
		says         string
	}{
		{"GET", "/api/nowhere", 404, "GET /api/openapi.yaml lists all"},
		{"GET", "/api/", 404, "GET /api/openapi.yaml lists all"},
		{"GET", "/api/stories/999", 404, "story 999"},
		{"GET", "/api/articles/999", 404, "article 999"},
		{"GET", "/api/articles/999/diff", 404, "article 999"},
		{"GET", "/api/articles/2/diff?from=999", 404, "article 999"},
		{"GET", "/api/articles/1/diff", 400, "is the lead of story 1"},
		{"GET", "/api/articles/2/diff?from=one", 400, "from=one"},
		{"GET", "/api/articles/2/diff?from=1&version=1", 400, "version=1"},
		{"GET", "/api/articles/2/diff?version=3", 404, "version 3"},
		{"GET", "/api/articles/999/versions", 404, "article 999"},
		{"GET", "/api/stories/one", 400, "whole numbers"},
		{"GET", "/api/articles/0", 400, "whole numbers"},
		{"GET", "/api/articles/99999999999999999999", 400, "whole numbers"},
		{"GET", "/api/stories?since=yesterday", 400, "since=yesterday"},
		{"GET", "/api/stories?until=2026-05-01", 400, "RFC 3339"},
		{"GET", "/api/digest?until=0000-01-01T00:00:00Z", 400, "RFC 3339"},
		{"GET", "/api/digest?until=9999-12-31T23:59:59-23:00", 400, "RFC 3339"},
		{"GET", "/api/stories?limit=201", 400, "from 0 to 200"},
		{"GET", "/api/stories?limit=-1", 400, "limit=-1"},
		{"GET", "/api/stories?limit=many", 400, "limit=many"},
		{"GET", "/api/stories?by=hearsay", 400, "arrival or published"},
		{"GET", "/api/digest?by=hearsay", 400, "arrival or published"},
		{"GET", "/api/digests?limit=x", 400, "number"},
		{"GET", "/api/digests/morning/1999-01-01T07:00", 404, "not found"},
		{"GET", "/api/search?q=(dam", 400, "column"},
		{"GET", "/api/search?q=dam&sort=mood", 400, "relevance, time"},
		{"GET", "/api/search?q=dam&offset=10001", 400, "from 0 to 10000"},
		{"GET", "/api/search?q=dam&offset=10000&limit=1", 400, "at most 10000"},
		{"POST", "/api/stories", 405, "use GET"},
		{"DELETE", "/api/stories/1", 405, "use GET"},
		{"PUT", "/api/nowhere", 405, "use GET"},
	} {
		w := d.ask(test.method, test.path)
		var got map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got) != 1 {
			t.Errorf("%s %s: %s is no error in JSON (%v)", test.method, test.path, w.Body, err)
		}
		if w.Code != test.status || !strings.Contains(got["error"], test.says) {
			t.Errorf("%s %s: %d %q, want %d and %q in it", test.method, test.path, w.Code, got["error"], test.status, test.says)
		}
		if allow := w.Header().Get("Allow"); (allow == "GET, HEAD") != (test.status == http.StatusMethodNotAllowed) {
			t.Errorf("%s %s: Allow is %q", test.method, test.path, allow)
		}
	}
}

// TestMistakesStayInside breaks the store: the answer says nothing of it, the
// log does.
func TestMistakesStayInside(t *testing.T) {
	d := newDesk(t)
	d.fill()
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/api/status", "/api/feeds", "/api/stories", "/api/stories/1", "/api/articles/1", "/api/search?q=dam", "/api/digest"} {
		d.log.Reset()
		w := d.ask(http.MethodGet, path)
		if want := `{"error":"internal error; the daemon's log says more"}`; w.Code != http.StatusInternalServerError || strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if !strings.Contains(d.log.String(), "closed") {
			t.Errorf("%s: the log says %q, want the reason", path, d.log.String())
		}
	}
}

// TestHeadAndDescription ask through a real server.
func TestHeadAndDescription(t *testing.T) {
	d := newDesk(t)
	server := httptest.NewServer(d.handler)
	defer server.Close()
	for _, test := range []struct {
		method, path, kind string
		body               string
	}{
		{http.MethodHead, "/api/status", "application/json; charset=utf-8", ""},
		{http.MethodHead, "/api/openapi.yaml", "application/yaml", ""},
		{http.MethodGet, "/api/openapi.yaml", "application/yaml", string(openAPI)},
	} {
		req, err := http.NewRequestWithContext(t.Context(), test.method, server.URL+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != test.kind || string(body) != test.body {
			t.Errorf("%s %s: %s, %s, %d bytes (%v)", test.method, test.path, resp.Status, resp.Header.Get("Content-Type"), len(body), err)
		}
	}
}

// TestClient asks the daemon as the commands do, and wants what the index says.
func TestClient(t *testing.T) {
	d := newDesk(t)
	d.fill()
	server := httptest.NewServer(d.handler)
	defer server.Close()
	client := NewClient(server.URL, "")
	for _, q := range []index.Query{
		{Text: "dam OR orchard", Sort: "time"},
		{Text: "dam OR orchard", Limit: 1, Offset: 1},
		{Text: "dam", Limit: 5000, Language: "en", Outlet: "second.example"},
		{Since: d.clock.Add(-time.Second), Until: d.clock},
	} {
		q.Now = d.clock
		want, err := pipeline.Search(t.Context(), d.db, d.ix, q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(want.Stories) == 0 {
			t.Errorf("%+v finds nothing, so it proves nothing", q)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v (-local +asked):\n%s", q, diff)
		}
	}
	_, local := pipeline.Search(t.Context(), d.db, d.ix, index.Query{Text: "(dam"})
	_, asked := client.Search(t.Context(), index.Query{Text: "(dam"})
	if asked == nil || asked.Error() != local.Error() || statusOf(asked) != http.StatusBadRequest {
		t.Errorf("a mistake is %v when asked, %v here", asked, local)
	}
	if s, err := client.Status(t.Context()); err != nil || s.Articles != 3 || s.Indexed != s.LastChange {
		t.Errorf("status %+v (%v)", s, err)
	}
	server.Close()
	if _, err := client.Status(t.Context()); err == nil || !strings.Contains(err.Error(), "ask the daemon") {
		t.Errorf("without a daemon: %v", err)
	}
}

// FuzzParams sends any query string: an answer is JSON, and no fault of ours.
func FuzzParams(f *testing.F) {
	for _, seed := range []string{"since=24h&until=1h", "q=(a&limit=0", "since=-9223372036854775808ns", "until=0000-01-01T00:00:00Z&by=published", "q=%00%ff&sort=time"} {
		f.Add(seed)
	}
	d := newDesk(f)
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		for _, path := range []string{"/api/stories", "/api/search", "/api/digest"} {
			w := httptest.NewRecorder()
			d.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path+"?"+q.Encode(), nil))
			if w.Code != http.StatusOK && w.Code != http.StatusBadRequest || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s?%s: %d %s", path, raw, w.Code, w.Body)
			}
		}
	})
}
