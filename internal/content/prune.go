package content

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// pruner takes out of a page's tree what is never its article: navigation,
// headers, captions, related stories, pleas, comments. It goes by elements,
// roles and the words in class and id, which designers choose alike
// everywhere. Names lie, so nothing that holds a good part of the page's
// paragraphs is taken out, whatever it is called.
type pruner struct {
	prose map[*html.Node]int // bytes of text in paragraphs below each element
	most  int                // prose that an element may hold and yet be taken out
}

// ownShare is the share of the page's paragraphs above which an element is
// taken for the article or something round it.
const ownShare = 0.3

// prune takes out of the tree what is not the article and returns how much of
// the page's prose there was before.
func prune(doc *html.Node) (prose int) {
	p := pruner{prose: map[*html.Node]int{}}
	if prose = p.weigh(doc, false); prose < littleProse {
		prose = p.weigh(doc, true) // a page without paragraphs
	}
	p.most = int(ownShare * float64(prose))
	p.prune(doc)
	return prose
}

// littleProse is the prose in bytes below which a page's text must stand
// elsewhere than in paragraphs.
const littleProse = 400

// weigh counts the text of the paragraphs in and below a node, links left out;
// all says that every text counts.
func (p *pruner) weigh(n *html.Node, all bool) (size int) {
	if n.Type == html.TextNode && all {
		return len(strings.TrimSpace(n.Data))
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.A:
		return 0
	case atom.P, atom.Blockquote, atom.Pre:
		all = true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		size += p.weigh(c, all)
	}
	p.prose[n] = size
	return size
}

func (p *pruner) prune(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.CommentNode || c.Type == html.ElementNode && p.foreign(c) {
			n.RemoveChild(c)
		} else {
			p.prune(c)
		}
		c = next
	}
}

// foreign reports whether an element is not part of any article.
func (p *pruner) foreign(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Html, atom.Head, atom.Body, atom.Main, atom.Article, atom.Script:
		return false
	case atom.Style, atom.Noscript, atom.Template, atom.Svg, atom.Iframe, atom.Button, atom.Select, atom.Textarea, atom.Dialog:
		return true
	}
	if p.prose[n] > p.most {
		return false
	}
	switch n.DataAtom {
	case atom.Nav, atom.Aside, atom.Header, atom.Footer, atom.Form, atom.Figcaption:
		return true
	case atom.Figure:
		return !holds(n, atom.Table, atom.Pre, atom.Blockquote, atom.Code)
	}
	return hidden(n) || foreignRoles[attr(n, "role")] || foreignName(attr(n, "class")+" "+attr(n, "id")+" "+attr(n, "itemprop"))
}

// hidden reports whether a browser would not show the element.
func hidden(n *html.Node) bool {
	style := strings.ReplaceAll(strings.ToLower(attr(n, "style")), " ", "")
	return hasAttr(n, "hidden") || attr(n, "aria-hidden") == "true" || strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}

// foreignRoles are the roles of ARIA that no part of an article has.
var foreignRoles = set("navigation", "complementary", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar", "toolbar", "tooltip", "form")

// foreignWords are the words by which designers call what is not the article.
var foreignWords = set(
	"nav", "navbar", "navigation", "menu", "breadcrumb", "breadcrumbs", "toolbar", "pagination", "pager", "sidebar", "masthead", "footer",
	"caption", "captions", "credit", "credits", "gallery", "slideshow", "carousel", "slider", "lightbox", "photogallery", "wp-caption",
	"related", "recirc", "recirculation", "recommended", "recommendations", "trending", "popular", "mostread", "outbrain", "taboola", "teaser", "teasers", "readmore", "morefrom",
	"newsletter", "newsletters", "signup", "subscribe", "subscription", "donate", "donation", "promo", "promos", "promotion", "cta", "paywall",
	"share", "sharing", "sharedaddy", "social", "addthis", "follow",
	"comment", "comments", "disqus", "respond",
	"ad", "ads", "adslot", "advert", "advertisement", "advertising", "sponsor", "sponsored", "banner", "iklan", "anzeige", "publicidad", "pub",
	"cookie", "cookies", "consent", "gdpr", "modal", "popup", "overlay", "tooltip", "rollover",
	"byline", "timestamp", "dateline", "pubdate", "tags", "taglist", "authorbio", "bio", "posted", "postmeta", "skip", "screenreader", "sr",
)

// foreignName reports whether one of the names, words joined by hyphens,
// underscores or capitals, is foreign.
func foreignName(names string) bool {
	for name := range strings.FieldsSeq(names) {
		for _, word := range nameWords(name) {
			if foreignWords[word] {
				return true
			}
		}
	}
	return false
}

// nameWords are the words of a name such as "article-relatedStories__list", in
// lower case.
func nameWords(name string) (words []string) {
	start, before := 0, rune(0)
	end := func(i int) {
		if i > start {
			words = append(words, strings.ToLower(name[start:i]))
		}
		start = i
	}
	for i, r := range name {
		switch {
		case !unicode.IsLetter(r):
			end(i)
			start = i + len(string(r))
		case unicode.IsUpper(r) && unicode.IsLower(before):
			end(i)
		}
		before = r
	}
	end(len(name))
	return words
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// holds reports whether one of the elements is below n.
func holds(n *html.Node, which ...atom.Atom) bool {
	for d := range n.Descendants() {
		for _, a := range which {
			if d.DataAtom == a {
				return true
			}
		}
	}
	return false
}
