package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
