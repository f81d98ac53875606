package content

import (
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"unicode/utf8"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"kliping/internal/news"
)

// sayings is what a page says of itself, outside its text.
type sayings struct {
	canonical, amp string
	paid           bool   // its metadata say that not everybody may read it
	gate           bool   // something on it is called a paywall, or pleads like one
	body           string // the article as the metadata have it
	visible        string // the page's text, as far as that is short
}

// longestWall is the text in bytes up to which a page may be nothing but a wall.
const longestWall = 6000

// hear walks through a page's tree.
func hear(doc *nethtml.Node, at *url.URL) (s sayings) {
	var text strings.Builder
	s.walk(doc, at, &text)
	if s.visible = text.String(); pleads(s.visible, pleas) {
		s.gate = true
	}
	return s
}

func (s *sayings) walk(n *nethtml.Node, at *url.URL, text *strings.Builder) {
	switch n.DataAtom {
	case atom.Link:
		s.link(n, at)
	case atom.Script:
		if strings.EqualFold(strings.TrimSpace(attr(n, "type")), "application/ld+json") && n.FirstChild != nil {
			s.metadata(n.FirstChild.Data)
		}
		return
	case atom.Style, atom.Noscript, atom.Template, atom.Title:
		return
	}
	if n.Type == nethtml.TextNode && text.Len() < 4*longestWall {
		text.WriteString(strings.ToLower(n.Data))
		text.WriteByte(' ')
	}
	if n.Type == nethtml.ElementNode && !hidden(n) && gateName(attr(n, "class")+" "+attr(n, "id")) {
		s.gate = true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s.walk(c, at, text)
	}
}

func (s *sayings) link(n *nethtml.Node, at *url.URL) {
	to, err := at.Parse(strings.TrimSpace(attr(n, "href")))
	if err != nil || to.Host == "" {
		return
	}
	for relation := range strings.FieldsSeq(strings.ToLower(attr(n, "rel"))) {
		switch {
		case relation == "canonical" && s.canonical == "" && !home(to, at):
			s.canonical = to.String()
		case relation == "amphtml" && s.amp == "":
			s.amp = to.String()
		}
	}
}

// home reports whether an address is that of a front page, which templates that
// are set up wrongly give as every page's own.
func home(to, at *url.URL) bool {
	return strings.Trim(to.Path, "/") == "" && to.RawQuery == "" && (strings.Trim(at.Path, "/") != "" || at.RawQuery != "")
}

// metadata reads JSON-LD: one object, several, or a graph of them.
func (s *sayings) metadata(source string) {
	var data any
	if json.Unmarshal([]byte(source), &data) == nil {
		s.object(data, 0)
	}
}

// deepestMetadata is how far objects may stand inside one another; an article's
// is at the top or in a graph or list.
const deepestMetadata = 4

func (s *sayings) object(data any, depth int) {
	if depth > deepestMetadata {
		return
	}
	switch data := data.(type) {
	case []any:
		for _, d := range data {
			s.object(d, depth+1)
		}
	case map[string]any:
		if free, ok := data["isAccessibleForFree"]; ok {
			word, _ := free.(string)
			s.paid = s.paid || free == false || strings.EqualFold(word, "false")
		}
		if text, _ := data["articleBody"].(string); len(text) > len(s.body) {
			s.body = text
		}
		s.object(data["@graph"], depth+1)
		s.object(data["mainEntity"], depth+1)
		s.object(data["mainEntityOfPage"], depth+1)
	}
}

// prefer is the article of the metadata, where it has far more than what was
// found on the page and that is part of it; else what was found. It has no
// markup and so its paragraphs are lost where it has no line breaks: what is on
// the page is better as long as it is there.
func (s *sayings) prefer(found body) body {
	if len(s.body) < 2*len(found.text) || len(s.body) < short {
		return found
	}
	source := s.body
	if !hasTag(source) {
		source = "<p>" + strings.ReplaceAll(html.EscapeString(html.UnescapeString(source)), "\n", "</p><p>") + "</p>"
	}
	other := newBody(source)
	if len(other.text) < 2*len(found.text) || len(found.text) > short && !within(found.text, other.text) {
		return found
	}
	return other
}

// within reports whether most sentences' beginnings of a text stand in another.
func within(text, other string) bool {
	const most = 40
	var lines, there int
	other = strings.Join(strings.Fields(other), " ")
	for line := range strings.SplitSeq(text, "\n\n") {
		if len(line) < most {
			continue
		}
		lines++
		if strings.Contains(other, strings.ToValidUTF8(line[:most], "")) {
			there++
		}
	}
	return 2*there >= lines
}

// judge says whether what was found is the article, or a wall before it.
func (s *sayings) judge(found body, at *url.URL) (news.PageState, string) {
	size := utf8.RuneCountInString(found.text)
	switch {
	case s.consentWall(found.text, at):
		return news.PageConsent, "the page asks for consent before it shows the article"
	case s.paid && (size < 3*short || Cut(found.text)), s.gate && (size < short/2 || size < 3*short && Cut(found.text)):
		return news.PagePaywall, "the page shows the article to subscribers only"
	case size == 0:
		return news.PageFailed, "no article was found on the page"
	}
	return news.PageFull, ""
}

// consentWall reports whether the page is one that asks for consent: it says so
// in its address, or has little text but that.
func (s *sayings) consentWall(text string, at *url.URL) bool {
	asks := strings.HasPrefix(at.Hostname(), "consent.") || strings.Contains(at.Path, "/consent") ||
		len(s.visible) < longestWall && pleads(s.visible, cookies) && pleads(s.visible, consents)
	return asks && (len(text) < short/2 || asking(strings.ToLower(text)) >= len(text)/2)
}

// asking is the length of the paragraphs that speak of cookies or consent.
func asking(text string) (n int) {
	for p := range strings.SplitSeq(text, "\n\n") {
		if pleads(p, cookies) || pleads(p, consents) {
			n += len(p)
		}
	}
	return n
}
