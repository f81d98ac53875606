package content

import (
	"bytes"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"

	"kliping/internal/news"
)

// Shown is a block of an article as it is shown.
type Shown struct {
	news.Block
	HTML   string // the block's inside: text, links and emphasis; safe to put into a page
	Images string // the pictures that stand before it by themselves, as links to them; safe, mostly ""
}

// Show gives an article's blocks the links, the emphasis and the places of the
// pictures that the HTML has which they were cut from. A block that is not found
// there is its text. No picture is loaded: where one stands, there is a link to it,
// called by its description or "image". Pictures after the last block come in one of
// their own, without text.
//
// Strangers' markup passes bluemonday twice: before it is taken apart, and again
// what is left of it. Relative links are of base, which may be empty.
func Show(source, base string, blocks []news.Block) []Shown {
	pieces := dress(incoming().Sanitize(source), base)
	at := make(map[string][]int, len(pieces)) // where each text stands
	for i, p := range pieces {
		at[p.Text] = append(at[p.Text], i)
	}
	all := make([]Shown, len(blocks), len(blocks)+1)
	next := 0
	for i, b := range blocks {
		all[i] = Shown{Block: b, HTML: html.EscapeString(b.Text)}
		places := at[b.Text]
		for len(places) > 0 && places[0] < next {
			places = places[1:]
		}
		if at[b.Text] = places; len(places) == 0 {
			continue
		}
		all[i].HTML, all[i].Images = pieces[places[0]].HTML, pieces[places[0]].Images
		next = places[0] + 1
	}
	if last := len(pieces) - 1; last >= next && pieces[last].Text == "" {
		all = append(all, pieces[last])
	}
	return all
}

// Body puts the blocks that are the article together as HTML: paragraphs,
// headings, lists, quotations, and where pictures stand. Residue is left out. It
// passes Sanitize on its way out.
func Body(blocks []Shown) string {
	var b strings.Builder
	list := false
	for i := range blocks {
		s := &blocks[i]
		if s.Strip != nil {
			continue
		}
		if item := s.Kind == news.ListItem && s.Images == ""; item != list {
			b.WriteString(map[bool]string{true: "<ul>", false: "</ul>"}[item])
			list = item
		}
		if s.Images != "" {
			b.WriteString("<p>" + s.Images + "</p>\n")
		}
		if s.HTML == "" {
			continue
		}
		open, end := frame(s.Kind)
		if s.Kind == news.ListItem && !list {
			open, end = "<ul><li>", "</li></ul>"
		}
		b.WriteString(open + s.HTML + end + "\n")
	}
	if list {
		b.WriteString("</ul>")
	}
	return Sanitize(b.String(), "")
}

func frame(kind news.BlockKind) (open, end string) {
	switch kind {
	case news.ListItem:
		return "<li>", "</li>"
	case news.Heading:
		return "<h2>", "</h2>"
	case news.Quote:
		return "<blockquote><p>", "</p></blockquote>"
	case news.Code:
		return "<pre>", "</pre>"
	}
	return "<p>", "</p>"
}

// incoming is what of a stranger's HTML is looked at at all.
var incoming = sync.OnceValue(func() *bluemonday.Policy {
	p := newPolicy()
	p.AllowAttrs("src", "alt", "width", "height").OnElements("img")
	p.SkipElementsContent("noscript", "iframe", "noembed", "noframes", "script", "style")
	return p
})

// dress cuts HTML into blocks as Blocks does, with their markup.
func dress(source, base string) []Shown {
	at, err := url.Parse(base)
	if err != nil {
		at = new(url.URL)
	}
	w := newWalker(source)
	w.dressing = &dressing{base: at, address: base}
	for w.next() {
	}
	w.flush()
	if d := w.dressing; len(d.waiting) > 0 {
		d.pieces = append(d.pieces, Shown{Images: d.safe(strings.Join(d.waiting, " "))})
	}
	return w.dressing.pieces
}

// dressing gathers a block's markup while the walker gathers its text.
type dressing struct {
	base    *url.URL
	address string
	inside  strings.Builder // of the block
	link    string          // the tag of the link that we are inside of
	opened  int             // how often links were opened again
	images  []string        // of the block
	waiting []string        // of blocks without text
	pieces  []Shown
}

// put takes text.
func (d *dressing) put(text []byte) {
	seen := bytes.Map(func(r rune) rune {
		switch classOf(r) {
		case white:
			return ' '
		case shapeless:
			return -1
		}
		return r
	}, text)
	d.inside.WriteString(html.EscapeString(string(seen)))
}

// tag takes a tag as it stands in the source. Sanitize has the last word on what
// comes of it.
func (d *dressing) tag(raw []byte) {
	tokens := html.NewTokenizer(bytes.NewReader(raw))
	kind := tokens.Next()
	t := tokens.Token()
	switch t.Data {
	case "b", "strong", "i", "em", "u", "s", "del", "ins", "mark", "sub", "sup", "code", "q", "cite":
		t.Attr = nil
		d.inside.WriteString(t.String())
	case "br":
		d.inside.WriteString("<br>")
	case "td", "th":
		d.inside.WriteByte(' ')
	case "a":
		d.link = ""
		if kind == html.StartTagToken {
			d.link = t.String()
		}
		d.inside.WriteString(t.String())
	case "img":
		d.image(t)
	}
}

// image puts a link to a picture where it stands: in its block, or before the next
// one if there is no text round it. Those that nobody would see are passed over.
func (d *dressing) image(t html.Token) {
	var src, alt string
	for _, a := range t.Attr {
		switch a.Key {
		case "src":
			src = strings.TrimSpace(a.Val)
		case "alt":
			alt = Line(a.Val)
		case "width", "height":
			if n, err := strconv.Atoi(a.Val); err == nil && n <= 1 {
				return
			}
		}
	}
	u, err := d.base.Parse(src)
	if src == "" || err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return
	}
	if alt == "" {
		alt = "image"
	}
	place := `[<a href="` + html.EscapeString(u.String()) + `">` + html.EscapeString(alt) + `</a>]`
	d.images = append(d.images, place)
	if d.link != "" {
		place = "</a>" + place + d.again()
	}
	d.inside.WriteString(" " + place + " ")
}

// again opens the link once more that we are inside of. One that is never closed, or
// as long as a text, would fill the memory: it ends.
func (d *dressing) again() string {
	const most, longest = 100, 2048
	if d.link == "" {
		return ""
	}
	if d.opened++; d.opened > most || len(d.link) > longest {
		d.link = ""
	}
	return d.link
}

// end ends a block. One without text is none, but its pictures wait for the next.
func (d *dressing) end(b news.Block) {
	inside := d.inside.String()
	d.inside.Reset()
	d.inside.WriteString(d.again()) // the link goes on in the next block
	if b.Text == "" {
		d.waiting = append(d.waiting, d.images...)
	} else {
		d.pieces = append(d.pieces, Shown{Block: b, HTML: d.safe(inside), Images: d.safe(strings.Join(d.waiting, " "))})
		d.waiting = d.waiting[:0]
	}
	d.images = d.images[:0]
}

// safe is markup of a block as it may be shown.
func (d *dressing) safe(markup string) string {
	if strings.IndexByte(markup, '<') >= 0 {
		markup = emptyLink.ReplaceAllString(Sanitize(markup, d.address), "")
	}
	return strings.TrimFunc(markup, unicode.IsSpace)
}

// emptyLink is a link round nothing, as where a picture stood.
var emptyLink = regexp.MustCompile(`<a [^>]*>\s*</a>`)
