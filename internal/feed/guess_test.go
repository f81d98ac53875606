package feed_test

import (
	"slices"
	"testing"

	"kliping/internal/feed"
)

func TestGuesses(t *testing.T) {
	for page, want := range map[string]string{ // the first guess
		"https://www.youtube.com/channel/UC123":               "https://www.youtube.com/feeds/videos.xml?channel_id=UC123",
		"https://www.youtube.com/playlist?list=PL1":           "https://www.youtube.com/feeds/videos.xml?playlist_id=PL1",
		"https://old.reddit.com/r/indonesia/top":              "https://old.reddit.com/r/indonesia/.rss",
		"https://github.com/blevesearch":                      "https://github.com/blevesearch.atom",
		"https://github.com/blevesearch/bleve/tree/master":    "https://github.com/blevesearch/bleve/releases.atom",
		"https://gitlab.com/a/b":                              "https://gitlab.com/a/b/-/releases.atom",
		"https://medium.com/@ann/a-text-1":                    "https://medium.com/feed/@ann",
		"https://ann.medium.com/":                             "https://ann.medium.com/feed",
		"https://ann.substack.com/p/x":                        "https://ann.substack.com/feed",
		"https://ann.tumblr.com/":                             "https://ann.tumblr.com/rss",
		"https://ann.blogspot.co.id/2023/04/x.html":           "https://ann.blogspot.co.id/feeds/posts/default",
		"https://mastodon.social/@ann":                        "https://mastodon.social/@ann.rss",
		"https://forum.example/c/news/5":                      "https://forum.example/c/news/5.rss",
		"https://daily.example/":                              "https://daily.example/feed",
		"https://daily.example/world/":                        "https://daily.example/world/feed",
		"https://ann.wordpress.com/2023/04/14/ferry?share=x#": "https://ann.wordpress.com/feed",
	} {
		got := feed.Guesses(page)
		if len(got) == 0 || got[0] != want {
			t.Errorf("%s: %q, want %s first", page, got, want)
		}
	}
	all := feed.Guesses("https://daily.example/world")
	for _, want := range []string{"https://daily.example/rss", "https://daily.example/index.xml", "https://daily.example/world?format=rss", "https://daily.example/sitemap.xml"} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is not among %q", want, all)
		}
	}
	if root := feed.Guesses("https://daily.example/"); !slices.Contains(root, "https://daily.example/latest.rss") || len(root) > 12 {
		t.Errorf("a home page's: %q", root)
	}
	if len(all) > 12 {
		t.Errorf("%d guesses for one page", len(all))
	}
	if got := feed.Guesses("no address"); got != nil {
		t.Errorf("no address: %q", got)
	}
}
