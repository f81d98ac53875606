package content

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"kliping/internal/news"
)

// Reading is what was read of a web page.
type Reading struct {
	news.Page
	AMP string // the page's shorter form, as it says; ""
}

// PageForm is the form of what ReadPage finds to be the article. Raise it when that
// changes: what was found in two ways differs though the page does not.
const PageForm = 1

// ReadPage finds the article on a web page, and what the page says of itself.
// address is where the page came from.
//
// It builds a tree, twice where the first look finds too little; the caller
// bounds the bytes, and the parser the depth: it refuses more than 512 levels, so
// such a page is made shallower first.
func ReadPage(body []byte, contentType, address string) Reading {
	at, err := url.Parse(address)
	if err != nil {
		return failed("%q is no address", shorten(address))
	}
	doc, err := parsePage(body, contentType)
	if err != nil {
		return failed("the page cannot be read: %v", err)
	}
	said := hear(doc, at)
	r := Reading{news.Page{Canonical: said.canonical}, said.amp}
	prose := prune(doc)
	found := readable(doc, at)
	if len(found.text) < prose/3 {
		if whole, err := parsePage(body, contentType); err == nil {
			found = longer(found, readable(whole, at))
		}
	}
	found = said.prefer(found)
	r.State, r.Error = said.judge(found, at)
	if r.State == news.PageFull || r.State == news.PagePaywall {
		r.HTML, r.Form = found.html, PageForm
	}
	return r
}

func failed(format string, args ...any) Reading {
	return Reading{Page: news.Page{State: news.PageFailed, Error: fmt.Sprintf(format, args...)}}
}

// parsePage makes a tree of a page. What is UTF-8 is taken for that, whatever it
// is called: hardly anything else looks like it, but for the Japanese encodings
// that switch by escapes.
func parsePage(body []byte, contentType string) (*html.Node, error) {
	if !utf8.Valid(body) || bytes.ContainsRune(body, '\x1b') {
		decoded, err := charset.NewReader(bytes.NewReader(body), contentType)
		if err != nil {
			return nil, err
		}
		if body, err = io.ReadAll(decoded); err != nil {
			return nil, err
		}
	}
	doc, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		doc, err = html.Parse(bytes.NewReader(shallow(body)))
	}
	return doc, err
}

// deepestPage is how many levels of a page shallow leaves: far more than pages of
// people have, and with what the parser adds far less than it refuses.
const deepestPage = 128

// shallow is a page without the tags of the elements that are nested too deep; what
// is in them stays.
func shallow(page []byte) []byte {
	var out bytes.Buffer
	var open []string // the names of all open elements, also of those left out
	for tokens := html.NewTokenizer(bytes.NewReader(page)); ; {
		kind := tokens.Next()
		raw := tokens.Raw()
		name, _ := tokens.TagName()
		switch {
		case kind == html.ErrorToken:
			return out.Bytes()
		case kind != html.StartTagToken && kind != html.EndTagToken, flat[string(name)]:
			out.Write(raw)
		case kind == html.StartTagToken:
			if len(open) < deepestPage {
				out.Write(raw)
			}
			open = append(open, string(name))
		default:
			at := len(open) - 1
			for at >= max(0, len(open)-near) && open[at] != string(name) {
				at--
			}
			if at < 0 || open[at] != string(name) {
				continue // a stray
			}
			if open = open[:at]; at < deepestPage {
				out.Write(raw)
			}
		}
	}
}

// flat are the elements that nest nothing: void ones, and those whose inside is plain
// characters, which must not be let out.
var flat = set("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
	"script", "style", "title", "textarea", "iframe", "noembed", "noframes", "noscript", "xmp", "plaintext")

// body is what was found to be an article.
type body struct{ html, text string }

func newBody(source string) body { return body{source, news.JoinKept(PageBlocks(source))} }

// readable is what the library finds to be the article. It changes the tree.
func readable(doc *html.Node, at *url.URL) body {
	parser := readability.NewParser()
	parser.DisableJSONLD = true // titles and names, which are not asked for
	found, err := parser.ParseAndMutate(doc, at)
	if err != nil || found.Node == nil {
		return body{}
	}
	var b strings.Builder
	if err := found.RenderHTML(&b); err != nil {
		return body{}
	}
	return newBody(b.String())
}

// longer is the other body if it has far more text: it holds more of what is
// not the article, too.
func longer(found, other body) body {
	if len(other.text) > 2*len(found.text) {
		return other
	}
	return found
}
