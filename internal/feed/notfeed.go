package feed

import (
	"fmt"
	"strings"

	"golang.org/x/net/html/atom"
)

// notFeed says what a text without a feed is.
func notFeed(text string, doc *mended, feedURL string) error {
	root := strings.ToLower(localName(doc.root))
	switch {
	case doc.page || (root == "" || isHTMLElement(root)) && looksLikePage(text):
		e := &NotFeedError{What: "an HTML page", Hint: "give the address of its feed"}
		if links := Discover([]byte(text), feedURL); len(links) > 0 {
			e.What, e.Hint = "an HTML page that links to a feed at "+links[0].URL, "use that address"
		}
		return e
	case root == "opml":
		return &NotFeedError{What: "a list of feeds (OPML)", Hint: "import it"}
	case root == "sitemapindex":
		return &NotFeedError{What: "an index of sitemaps that names none"}
	case doc.root != "":
		return &NotFeedError{What: fmt.Sprintf("an XML document that begins with <%s>", clip(doc.root))}
	}
	return &NotFeedError{What: fmt.Sprintf("text that begins with %q", clip(strings.TrimSpace(text)))}
}

// isHTMLElement reports whether HTML has an element of that name.
func isHTMLElement(name string) bool { return atom.Lookup([]byte(strings.ToLower(name))) != 0 }

// looksLikePage reports whether a text is a piece of HTML.
func looksLikePage(text string) bool {
	lower := strings.ToLower(text[:min(len(text), 4096)])
	for _, sign := range []string{"<!doctype html", "<html", "<head", "<body", "<title", "<meta ", "<div", "<script"} {
		if strings.Contains(lower, sign) {
			return true
		}
	}
	return false
}

// clip shortens a text for a message.
func clip(s string) string {
	const most = 40
	runes := []rune(s[:min(len(s), 4*most)])
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most]) + "…"
}
