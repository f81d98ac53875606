package feed

import (
	"bytes"
	"cmp"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kliping/internal/news"
)

// A sitemap (sitemaps.org) lists an outlet's pages, and Google's News extension
// tells title, date and language of those of the last two days. For an outlet
// without a feed that is its feed. Of a sitemap without the extension, an item has
// its date and, for a title, the words of its address.
//
// An index of sitemaps has no items; NewestMap says which map to read.

// sitemapEntry is a <url> or <sitemap> as it is read; keys are local names.
type sitemapEntry map[string]string

// readSitemap reads a sitemap; ok is false if the text is none.
func readSitemap(text string, o Options) (feed *Feed, ok bool) {
	entries := sitemapEntries(text, "urlset")
	if entries == nil {
		return nil, false
	}
	feed = &Feed{Format: "sitemap"}
	items := make([]news.Item, 0, len(entries))
	for _, e := range entries {
		if e["loc"] != "" {
			feed.Title = cmp.Or(feed.Title, e["name"])
			items = append(items, fromSitemap(e))
		}
	}
	feed.Items, feed.Dropped = newest(items, o.MaxItems, func(i news.Item) string { return i.Published.Format(time.RFC3339) })
	return feed, true
}

// sitemapEntries reads the <url> or <sitemap> elements of a document with that
// root; nil if it has another. What is said of images and videos is not of the page.
func sitemapEntries(text, wanted string) []sitemapEntry {
	var all []sitemapEntry
	var entry sitemapEntry
	var e entities
	name, value, inside := "", "", ""
	for s := newScanner(text); ; {
		t, more := s.next()
		if !more {
			return all
		}
		local := strings.ToLower(localName(t.name))
		switch {
		case t.kind == startToken && all == nil:
			if local != wanted {
				return nil
			}
			all = []sitemapEntry{}
		case t.kind == startToken && (t.name == "url" || t.name == "sitemap"):
			entry, inside = sitemapEntry{}, ""
		case t.kind == startToken && (local == "image" || local == "video"):
			inside = local
		case t.kind == startToken:
			name, value = local, ""
		case t.kind == textToken:
			value += e.decode(t.text)
		case t.kind == cdataToken:
			value += t.text
		case t.kind != endToken:
		case local == inside:
			inside = ""
		case entry != nil && (local == "url" || local == "sitemap"):
			all, entry = append(all, entry), nil
		case entry != nil && local == name && inside == "":
			entry[name] = foldSpace(withoutControls(value))
		}
	}
}

// NewestMap is the address of the map that an index of sitemaps names for news
// or, if none is, changed last; "" if the text is no index. changed is when it did, if
// the index tells that by the minute: a mere date may stand for several changes.
func NewestMap(body []byte, contentType string) (address, changed string) {
	if !bytes.Contains(body[:min(len(body), 4096)], []byte("sitemapindex")) {
		return "", ""
	}
	text, _ := decode(body, contentType)
	best, bestTime, news := "", time.Time{}, false
	for _, e := range sitemapEntries(text, "sitemapindex") {
		isNews, at := strings.Contains(strings.ToLower(e["loc"]), "news"), ParseDate(e["lastmod"])
		if best == "" || isNews && !news || isNews == news && at.After(bestTime) {
			best, bestTime, news, changed = e["loc"], at, isNews, e["lastmod"]
		}
	}
	if bestTime.IsZero() || !strings.Contains(changed, ":") {
		changed = ""
	}
	return webLink(best), changed
}

func fromSitemap(e sitemapEntry) news.Item {
	item := news.Item{
		Link: e["loc"], Title: cmp.Or(e["title"], titleOf(e["loc"])), Language: e["language"],
		Published: firstDate(e["publication_date"], e["lastmod"]), Updated: ParseDate(e["lastmod"]),
	}
	for tag := range strings.SplitSeq(e["keywords"], ",") {
		if tag = strings.TrimSpace(tag); tag != "" && !slices.Contains(item.Tags, tag) {
			item.Tags = append(item.Tags, tag)
		}
	}
	return item
}

// titleOf is the words of an address: "Ferry sinks" of /2023/04/ferry-sinks.html.
func titleOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	slug := path.Base(u.Path)
	slug = strings.TrimSuffix(slug, path.Ext(slug))
	words := strings.FieldsFunc(slug, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return u.Host
	}
	title := strings.Join(words, " ")
	r, size := utf8.DecodeRuneInString(title)
	return string(unicode.ToUpper(r)) + title[size:]
}
