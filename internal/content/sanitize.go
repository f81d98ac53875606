package content

import (
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// Sanitize makes a stranger's HTML safe to show inside a page of ours: text,
// its structure and its links, nothing that runs, loads, styles or asks. Links
// are made absolute against baseURL, which may be empty; only http and https
// links survive, each with rel="nofollow noopener noreferrer". Images are
// dropped, so that showing an article calls nobody.
//
// The result is balanced: it closes what it opens and nothing else, and nests
// at most 64 levels (deeper elements leave their text), so that it cannot break
// out of the element it is put into.
func Sanitize(source, baseURL string) string {
	base, err := url.Parse(baseURL)
	if err != nil {
		base = new(url.URL)
	}
	w := balancer{base: base, tokens: html.NewTokenizer(strings.NewReader(policy().Sanitize(source)))}
	for w.next() {
	}
	w.closeTo(0)
	return w.out.String()
}

// policy says which elements and attributes are safe. The balancer has the
// last word on links.
var policy = sync.OnceValue(newPolicy)

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "div", "span", "article", "section", "header", "footer", "aside", "main",
		"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "q", "cite",
		"pre", "code", "kbd", "samp", "var", "b", "strong", "i", "em", "u", "s", "del", "ins", "mark", "small", "sub", "sup",
		"abbr", "dfn", "time", "wbr", "ruby", "rb", "rt", "rp", "figure", "figcaption", "details", "summary",
		"table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("colspan", "rowspan").Matching(bluemonday.Integer).OnElements("td", "th")
	p.AllowAttrs("dir").Matching(bluemonday.Direction).Globally()
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[A-Za-z0-9-]{2,35}$`)).Globally()
	p.AllowURLSchemes("http", "https")
	p.AllowRelativeURLs(true)
	p.SkipElementsContent("title", "textarea", "select", "object", "video", "audio", "canvas", "svg", "template", "head")
	return p
}

const deepest = 64

// balancer writes tokens that are safe already, so that every element that
// opens closes, and links as Sanitize promises them.
type balancer struct {
	base   *url.URL
	tokens *html.Tokenizer
	out    strings.Builder
	open   []string
}

func (w *balancer) next() bool {
	switch w.tokens.Next() {
	case html.ErrorToken:
		return false
	case html.TextToken:
		w.out.Write(w.tokens.Raw())
	case html.StartTagToken, html.SelfClosingTagToken:
		w.start(w.tokens.Token())
	case html.EndTagToken:
		name, _ := w.tokens.TagName()
		w.end(string(name))
	}
	return true
}

func (w *balancer) start(t html.Token) {
	void := t.Data == "br" || t.Data == "hr" || t.Data == "wbr"
	if !void && len(w.open) == deepest {
		return
	}
	if t.Data == "a" && !w.secure(&t) {
		return
	}
	t.Type = html.StartTagToken
	w.out.WriteString(t.String())
	if !void {
		w.open = append(w.open, t.Data)
	}
}

// secure rewrites a link's attributes; false means that it leads nowhere we
// would send a reader.
func (w *balancer) secure(t *html.Token) bool {
	for _, a := range t.Attr {
		if a.Key != "href" {
			continue
		}
		u, err := w.base.Parse(strings.TrimSpace(a.Val))
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return false
		}
		t.Attr = []html.Attribute{{Key: "href", Val: u.String()}, {Key: "rel", Val: "nofollow noopener noreferrer"}}
		return true
	}
	return false
}

func (w *balancer) end(name string) {
	for i := len(w.open) - 1; i >= 0; i-- {
		if w.open[i] == name {
			w.closeTo(i)
			return
		}
	}
}

// closeTo closes the elements opened, down to n.
func (w *balancer) closeTo(n int) {
	for i := len(w.open) - 1; i >= n; i-- {
		w.out.WriteString("</" + w.open[i] + ">")
	}
	w.open = w.open[:n]
}
