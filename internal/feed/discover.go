package feed

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Link is a feed that a page names in its head.
type Link struct {
	URL   string `json:"url"` // absolute
	Title string `json:"title,omitempty"`
	Type  string `json:"type"` // media type, such as "application/rss+xml"
}

// maxLinks bounds the links taken from one page.
const maxLinks = 100

// Discover finds the feeds a page names with <link rel="alternate">, in the
// page's order, each address once. It reads the page's tags up to any depth.
func Discover(page []byte, pageURL string) []Link {
	base := parseBase(pageURL)
	var links []Link
	known := map[string]bool{}
	z := html.NewTokenizer(bytes.NewReader(page))
	for len(links) < maxLinks {
		switch z.Next() {
		case html.ErrorToken:
			return links
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Token()
			switch tag.DataAtom {
			case atom.Base:
				if b := parseBase(resolve(base, attribute(tag, "href"))); b != nil {
					base = b
				}
			case atom.Link:
				l, ok := feedLink(tag)
				l.URL = resolve(base, l.URL)
				if ok && webLink(l.URL) != "" && !known[l.URL] {
					known[l.URL] = true
					links = append(links, l)
				}
			}
		}
	}
	return links
}

// feedLink reads a <link> and says whether it names a feed.
func feedLink(tag html.Token) (Link, bool) {
	l := Link{
		URL:   attribute(tag, "href"),
		Title: foldSpace(attribute(tag, "title")),
		Type:  strings.ToLower(strings.TrimSpace(attribute(tag, "type"))),
	}
	alternate := false
	for rel := range strings.FieldsSeq(strings.ToLower(attribute(tag, "rel"))) {
		alternate = alternate || rel == "alternate" || rel == "feed"
	}
	switch mediaType, _, _ := strings.Cut(l.Type, ";"); strings.TrimSpace(mediaType) {
	case "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json", "application/xml", "text/xml":
		return l, alternate && l.URL != ""
	}
	return l, false
}

func attribute(tag html.Token, name string) string {
	for _, a := range tag.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
