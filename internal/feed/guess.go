package feed

import (
	"net/url"
	"strings"
)

// Guesses are the addresses at which a page's feed usually is, likeliest first,
// for pages that name none: where its platform is known by the address, there;
// then the paths that publishing programs use, under the page and under its
// host; then sitemaps. Each costs whoever tries it a request, so they are
// mostGuesses: what is rarer is left out.
func Guesses(page string) []string {
	u := parseBase(page)
	if u == nil {
		return nil
	}
	var all []string
	known := map[string]bool{page: true}
	add := func(address string) {
		if address != "" && !known[address] {
			known[address] = true
			all = append(all, address)
		}
	}
	add(platformFeed(u))
	section := strings.TrimSuffix(u.Path, "/")
	if section != "" {
		for _, path := range []string{"/feed", "/rss", "/rss.xml"} {
			add(at(u, section+path, ""))
		}
	}
	// WordPress and Substack, Ghost and Tumblr, many, Jekyll, Hugo, many.
	for _, path := range []string{"/feed", "/rss", "/rss.xml", "/feed.xml", "/index.xml", "/atom.xml"} {
		add(at(u, path, ""))
	}
	for _, path := range []string{"/sitemap.xml", "/news-sitemap.xml"} {
		add(at(u, path, ""))
	}
	add(at(u, u.Path, "format=rss")) // Squarespace
	add(at(u, "/latest.rss", ""))    // Discourse
	add(at(u, "/sitemap-news.xml", ""))
	add(at(u, "/sitemap_news.xml", ""))
	return all[:min(len(all), mostGuesses)]
}

const mostGuesses = 12

// at is another address on the same host.
func at(u *url.URL, path, query string) string {
	other := url.URL{Scheme: u.Scheme, Host: u.Host, Path: path, RawQuery: query}
	return other.String()
}

// platformFeed is the feed of a page on one of the platforms whose addresses tell,
// or "".
func platformFeed(u *url.URL) string {
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	first := parts[0]
	switch {
	case host == "youtube.com" && first == "channel" && len(parts) > 1:
		return at(u, "/feeds/videos.xml", "channel_id="+url.QueryEscape(parts[1]))
	case host == "youtube.com" && first == "playlist":
		return at(u, "/feeds/videos.xml", "playlist_id="+url.QueryEscape(u.Query().Get("list")))
	case strings.HasSuffix(host, "reddit.com") && (first == "r" || first == "user") && len(parts) > 1:
		return at(u, "/"+first+"/"+parts[1]+"/.rss", "")
	case host == "github.com" && len(parts) == 1 && first != "":
		return at(u, "/"+first+".atom", "")
	case host == "github.com" && len(parts) > 1:
		return at(u, "/"+first+"/"+parts[1]+"/releases.atom", "")
	case strings.HasPrefix(host, "gitlab.") && len(parts) > 1:
		return at(u, "/"+first+"/"+parts[1]+"/-/releases.atom", "")
	case host == "medium.com" && first != "":
		return at(u, "/feed/"+first, "")
	case strings.HasSuffix(host, ".medium.com"), strings.HasSuffix(host, ".substack.com"), strings.HasSuffix(host, ".wordpress.com"):
		return at(u, "/feed", "")
	case strings.HasSuffix(host, ".tumblr.com"):
		return at(u, "/rss", "")
	case strings.Contains(host, ".blogspot."):
		return at(u, "/feeds/posts/default", "")
	case strings.HasPrefix(first, "@") && len(parts) == 1: // Mastodon and what speaks like it
		return at(u, "/"+first+".rss", "")
	case (first == "c" || first == "t") && len(parts) > 1: // Discourse
		return at(u, strings.TrimSuffix(u.Path, "/")+".rss", "")
	}
	return ""
}
