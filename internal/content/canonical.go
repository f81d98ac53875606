package content

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// Canonical returns the address of the page that an item's HTML says it is a copy
// of, by the first <link rel="canonical"> or <a rel="canonical"> with an address
// that names its host: outlets that may run another's text write either. It is as
// the HTML has it; "" if there is none.
func Canonical(source string) string {
	if !strings.Contains(source, "anonical") && !strings.Contains(source, "ANONICAL") {
		return "" // as nearly always
	}
	for tokens := html.NewTokenizer(strings.NewReader(source)); ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			if page := canonicalLink(tokens); page != "" {
				return page
			}
		}
	}
}

// canonicalLink is the address in the tag that was read last, if it says canonical.
func canonicalLink(tokens *html.Tokenizer) string {
	name, more := tokens.TagName()
	if !bytes.Equal(name, []byte("link")) && !bytes.Equal(name, []byte("a")) {
		return ""
	}
	page, canonical := "", false
	for more {
		var key, value []byte
		key, value, more = tokens.TagAttr()
		switch string(key) {
		case "href":
			page = strings.TrimSpace(string(value))
		case "rel":
			for _, relation := range strings.Fields(string(value)) {
				canonical = canonical || strings.EqualFold(relation, "canonical")
			}
		}
	}
	if _, err := CanonicalURL(page); !canonical || err != nil {
		return ""
	}
	return page
}
