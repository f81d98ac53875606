package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kliping/internal/news"
)

// TestDiscover adds outlets by what people know of them: a page that names its
// feed, one that does not, and sitemaps.
func TestDiscover(t *testing.T) {
	mux := http.NewServeMux()
	give := func(pattern, body string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, strings.ReplaceAll(body, "HOST", "http://"+r.Host))
		})
	}
	const item = `<rss><channel><title>Daily</title><item><title>Ferry sinks</title><link>https://daily.example/1</link></item></channel></rss>`
	give("/named/", `<html><head><link rel="alternate" type="application/rss+xml" href="/named.rss"></head></html>`)
	give("/named.rss", item)
	give("/silent/{$}", `<html><body>No feed here.</body></html>`)
	give("/silent/rss.xml", item)
	give("/map.xml", `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://map.example/ferry-sinks</loc><lastmod>2026-01-02</lastmod></url></urlset>`)
	give("/index-of-maps.xml", `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>HOST/pages.xml</loc></sitemap><sitemap><loc>HOST/map-of-news.xml</loc></sitemap></sitemapindex>`)
	give("/map-of-news.xml", `<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://index.example/1</loc><n:news><n:title>Ferry sinks</n:title></n:news></url></urlset>`)
	server := httptest.NewServer(mux)
	defer server.Close()
	for path, want := range map[string]string{"/named/": "/named.rss", "/silent/": "/silent/rss.xml", "/map.xml": "/map.xml", "/index-of-maps.xml": "/index-of-maps.xml"} {
		r := newRunner(t)
		r.run("feeds", "add", server.URL+path)
		r.run("refresh")
		var feeds []news.Feed
		r.json(&feeds, "feeds", "list")
		if len(feeds) != 1 || feeds[0].URL != server.URL+want || feeds[0].Articles != 1 || feeds[0].Status != news.OutcomeOK {
			t.Errorf("%s: %+v, want %s with an article", path, feeds, want)
		}
	}
}

// outlet is a server with an address that is nobody's own network, behind a proxy,
// so that it has a domain whose turns are taken.
type outlet struct {
	*http.ServeMux
	mu    sync.Mutex
	asked []string // paths
	least time.Duration
	last  time.Time
}

const outletURL, outletGap = "http://203.0.113.7", 150 * time.Millisecond

// newOutlet makes an outlet that gives these bodies by path, and 404 for others, and
// a runner that reaches it.
func newOutlet(t *testing.T, bodies map[string]string) (*outlet, *runner) {
	t.Helper()
	o := &outlet{ServeMux: http.NewServeMux(), least: time.Hour}
	for path, body := range bodies {
		o.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		if !o.last.IsZero() {
			o.least = min(o.least, time.Since(o.last))
		}
		o.asked = append(o.asked, r.URL.RequestURI())
		o.mu.Unlock()
		r.Host = ""
		o.ServeHTTP(w, r)
		o.mu.Lock()
		o.last = time.Now()
		o.mu.Unlock()
	}))
	t.Cleanup(proxy.Close)
	r := newRunner(t)
	r.env = append(r.env, "KLIPING_FETCH_PROXY="+proxy.URL, "KLIPING_FETCH_ALLOW=203.0.113.0/24", fmt.Sprintf("KLIPING_FETCH_GAP=%v", outletGap))
	return o, r
}

// kept says what was asked for, if it was not this with the gap between.
func (o *outlet) kept(t *testing.T, want ...string) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Equal(o.asked, want) {
		t.Errorf("asked for %q, want %q", o.asked, want)
	}
	if o.least < outletGap {
		t.Errorf("asked again after %v, want a gap of %v", o.least, outletGap)
	}
}

func (r *runner) feeds() (all []news.Feed) {
	r.t.Helper()
	r.json(&all, "feeds", "list")
	return all
}

const oneItem = `<rss><channel><title>Daily</title><item><title>Ferry sinks</title><link>https://daily.example/1</link></item></channel></rss>`

// TestAddAsksOnce adds two feeds of one domain, one of them again, and one by a page:
// each is asked for once, in its domain's turn, and the answer is its first poll.
func TestAddAsksOnce(t *testing.T) {
	o, r := newOutlet(t, map[string]string{
		"/a": oneItem, "/b": strings.ReplaceAll(oneItem, "/1<", "/2<"), "/c": strings.ReplaceAll(oneItem, "/1<", "/3<"),
		"/page": `<link rel="alternate" type="application/rss+xml" href="/no"><link rel="alternate" type="application/rss+xml" href="/c">`,
	})
	r.run("feeds", "add", outletURL+"/a", outletURL+"/b", outletURL+"/a", outletURL+"/page")
	if out := r.run("feeds", "add", outletURL+"/b", "--title", "other"); !strings.Contains(out, "is there already") {
		t.Errorf("added again: %s", out)
	}
	o.kept(t, "/a", "/b", "/page", "/no", "/c")
	for _, f := range r.feeds() {
		if f.Articles != 1 || f.Status != news.OutcomeOK || f.Title != "Daily" {
			t.Errorf("%+v", f)
		}
	}
}

// TestGuessing looks for the feed of a page that names none: no longer than until it
// is found, or its server has enough.
func TestGuessing(t *testing.T) {
	page := map[string]string{"/{$}": "<html>No feed here.</html>"}
	o, r := newOutlet(t, map[string]string{"/{$}": page["/{$}"], "/rss": oneItem})
	r.run("feeds", "add", outletURL+"/")
	o.kept(t, "/", "/feed", "/rss")
	if f := r.feeds(); len(f) != 1 || f[0].URL != outletURL+"/rss" || f[0].Articles != 1 {
		t.Errorf("%+v", f)
	}

	o, r = newOutlet(t, page)
	o.HandleFunc("/rss", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	if _, _, err := r.try("feeds", "add", outletURL+"/"); err == nil || !strings.Contains(err.Error(), "429") {
		t.Errorf("%v, want the server's refusal", err)
	}
	o.kept(t, "/", "/feed", "/rss")
	// What it asked for holds for what is added next.
	if _, said, err := r.try("feeds", "add", outletURL+"/other"); err != nil || !strings.Contains(said, "left alone") {
		t.Errorf("%v: %s", err, said)
	}
	o.kept(t, "/", "/feed", "/rss")

	o, r = newOutlet(t, page)
	if _, _, err := r.try("feeds", "add", outletURL+"/"); err == nil || !strings.Contains(err.Error(), "addresses where feeds usually are") {
		t.Errorf("%v", err)
	}
	if len(o.asked) < 8 || len(o.asked) > 13 || o.least < outletGap {
		t.Errorf("asked for %q, with a gap of %v", o.asked, o.least)
	}
}

// TestAddChecksAllFirst refuses a list with what is no URL before it asks for
// anything, and goes on where one URL has no feed.
func TestAddChecksAllFirst(t *testing.T) {
	o, r := newOutlet(t, map[string]string{"/a": oneItem, "/b": strings.ReplaceAll(oneItem, "/1<", "/2<"),
		"/page": `<link rel="alternate" type="application/rss+xml" href="/no">`})
	if _, _, err := r.try("feeds", "add", outletURL+"/a", "nonsense"); err == nil || len(o.asked) > 0 {
		t.Errorf("%v; asked for %q", err, o.asked)
	}
	out, _, err := r.try("feeds", "add", outletURL+"/a", outletURL+"/page", outletURL+"/b")
	if err == nil || !strings.Contains(err.Error(), "none of the feeds that it names is one") || strings.Count(out, "added") != 2 || len(r.feeds()) != 2 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestMapsAreAskedForOnce polls indexes of sitemaps: their maps are asked for in their
// domain's turn, if they may have changed, and by their validators.
func TestMapsAreAskedForOnce(t *testing.T) {
	lastmod, tag := "2026-05-01", `"1"`
	o, r := newOutlet(t, nil)
	o.HandleFunc("/index.xml", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<sitemapindex><sitemap><loc>%s/news.xml</loc><lastmod>%s</lastmod></sitemap></sitemapindex>`, outletURL, lastmod)
	})
	var sent []string
	o.HandleFunc("/news.xml", func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.Header.Get("If-None-Match"))
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprintf(w, `<urlset><url><loc>https://map.example/ferry-sinks-%s</loc></url></urlset>`, strings.Trim(tag, `"`))
	})
	poll := func() news.Feed {
		time.Sleep(outletGap)
		r.run("refresh")
		return r.feeds()[0]
	}
	r.run("feeds", "add", outletURL+"/index.xml")
	if f := poll(); f.Status != news.OutcomeNotModified || f.Articles != 1 {
		t.Errorf("a map that has not changed: %+v", f)
	}
	lastmod, tag = "2026-05-01T10:00:00Z", `"2"`
	if f := poll(); f.Status != news.OutcomeOK || f.Articles != 2 {
		t.Errorf("a map that has changed: %+v", f)
	}
	if f := poll(); f.Status != news.OutcomeNotModified {
		t.Errorf("a map that has not changed, as its index says: %+v", f)
	}
	o.kept(t, "/index.xml", "/news.xml", "/index.xml", "/news.xml", "/index.xml", "/news.xml", "/index.xml")
	if want := []string{"", `"1"`, `"1"`}; !slices.Equal(sent, want) {
		t.Errorf("the map's validators: %q, want %q", sent, want)
	}
}
