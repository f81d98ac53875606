package pipeline

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/fetch"
	"kliping/internal/news"
)

// TestNextMap is the table of what an index of sitemaps answers, and of what is known
// of the map that it led to.
func TestNextMap(t *testing.T) {
	const there, minute = "https://a.example/news.xml", "2026-05-01T10:00:00Z"
	index := func(lastmod string) fetch.Response {
		return fetch.Response{Outcome: news.OutcomeOK, Body: []byte("<sitemapindex><sitemap><loc>" + there + "</loc><lastmod>" + lastmod + "</lastmod></sitemap></sitemapindex>")}
	}
	unchanged := fetch.Response{Outcome: news.OutcomeNotModified}
	known := func(changed string) news.Map { return news.Map{URL: there, ETag: `"1"`, Changed: changed} }
	for name, tt := range map[string]struct {
		known news.Map
		got   fetch.Response
		want  news.Map
		ask   bool
	}{
		"first":                          {news.Map{}, index(minute), news.Map{URL: there, Changed: minute}, true},
		"another map":                    {news.Map{URL: "https://a.example/old.xml", ETag: `"9"`, Changed: minute}, index(minute), news.Map{URL: there, Changed: minute}, true},
		"changed":                        {known("2026-05-01T09:00:00Z"), index(minute), known(minute), true},
		"not changed, as the index says": {known(minute), index(minute), known(minute), false},
		"a day, which may be of two":     {known(""), index("2026-05-01"), known(""), true},
		"no index any more":              {known(minute), fetch.Response{Outcome: news.OutcomeOK, Body: []byte("<rss/>")}, news.Map{}, false},
		"the index has not changed":      {known(minute), unchanged, known(minute), false},
		"an index that tells nothing":    {known(""), unchanged, known(""), true},
		"a feed that has not changed":    {news.Map{}, unchanged, news.Map{}, false},
		"the index cannot be read":       {known(minute), fetch.Response{Outcome: news.OutcomeTimeout}, known(minute), false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ask := nextMap(tt.known, &tt.got)
			if diff := cmp.Diff(tt.want, got); diff != "" || ask != tt.ask {
				t.Errorf("asked for: %v, want %v; %s", ask, tt.ask, diff)
			}
			if !ask && tt.got.Outcome == news.OutcomeOK && got.URL != "" {
				t.Error("a map that is not asked for is an answer with news")
			}
		})
	}
}
