package content

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"

	"kliping/internal/news"
)

// Blocks cuts HTML, or plain text, into its blocks, in the order of the text.
// Blocks without text are left out; Strip is left to others.
//
// A block ends where a block element opens or closes, at two line breaks
// (<br><br>; a single one is a space), and, outside every block element and
// inside <pre>, at a blank line. So plain text gives its paragraphs. A row of a
// table is one block. Entities are decoded once, white space is folded to
// single spaces (inside <pre> too), what has no shape is dropped as folder
// says, and the text is in Unicode's normal form C.
//
// Scripts, drawings, players and form fields hold no text of the article and
// are passed over. Markup may be broken in any way: an element that is never
// closed does not swallow the text after it, but for scripts, styles and
// comments, after which a browser would show nothing either.
//
// Feeds that escape their HTML once too often are forgiven: a text without any
// tag that begins with an escaped block element, and has an escaped end tag, is
// taken for HTML. The price: a text without markup of its own that begins by
// quoting "<p>…</p>" loses those tags.
func Blocks(source string) []news.Block {
	w := newWalker(source)
	for w.next() {
	}
	w.flush()
	return w.blocks
}

func newWalker(source string) *walker {
	if strings.Contains(source, "<![CDATA[") {
		source = cdata.Replace(source)
	}
	if escapedTwice(source) {
		source = html.UnescapeString(source)
	}
	return &walker{source: source, tokens: html.NewTokenizer(strings.NewReader(source))}
}

// cdata takes away the marks of character data, which mean nothing in HTML but
// make its tokenizer drop what stands between them.
var cdata = strings.NewReplacer("<![CDATA[", "", "]]>", "")

// escapedTwice reports whether the text is HTML that was escaped as if it were
// plain text.
func escapedTwice(source string) bool {
	source = strings.TrimSpace(source)
	if !strings.HasPrefix(source, "&lt;") || !strings.Contains(source, "&lt;/") || hasTag(source) {
		return false
	}
	e := elementOf(source[len("&lt;"):])
	return e != nil && e.role == block
}

// hasTag reports whether anything in the text would be read as a tag or a
// comment.
func hasTag(source string) bool {
	for {
		i := strings.IndexByte(source, '<')
		if i < 0 || i+1 == len(source) {
			return false
		}
		source = source[i+1:]
		if c := source[0] | 0x20; c >= 'a' && c <= 'z' || strings.IndexByte("/!?", source[0]) >= 0 {
			return true
		}
	}
}

// walker goes through the tokens of a text and gathers its blocks.
type walker struct {
	source string
	offset int // bytes of source behind us
	tokens *html.Tokenizer
	ends   map[*element]int // offset of each element's last end tag; nil: not looked for yet

	open   []*element // block elements round us, outermost first
	skip   *element   // we pass over the inside of this one
	linked bool       // we are inside a link
	breaks int        // line breaks since the last text
	text   folder     // the block being gathered
	blocks []news.Block

	dressing *dressing // gathers markup too; nil: nobody asks for it
}

// next takes one token and reports whether there was one.
func (w *walker) next() bool {
	kind := w.tokens.Next()
	tag := w.tokens.Raw()
	w.offset += len(tag)
	if w.dressing != nil && w.skip == nil && kind != html.TextToken && kind != html.ErrorToken {
		defer w.dressing.tag(bytes.Clone(tag)) // after a block that it ends
	}
	switch kind {
	case html.ErrorToken: // a string can only come to its end
		return false
	case html.TextToken:
		if w.skip == nil {
			w.add(w.tokens.Text())
		}
	case html.StartTagToken:
		w.start(elementOf(tag[len("<"):]), false)
	case html.SelfClosingTagToken:
		w.start(elementOf(tag[len("<"):]), true)
	case html.EndTagToken:
		w.end(elementOf(tag[len("</"):]))
	}
	return true
}

// add takes text into the block, or into several where blank lines divide it.
func (w *walker) add(text []byte) {
	for w.blankLinesDivide() {
		head, rest, found := cutBlankLine(text)
		if !found {
			break
		}
		w.put(head)
		w.flush()
		text = rest
	}
	w.put(text)
}

func (w *walker) put(text []byte) {
	if w.dressing != nil {
		w.dressing.put(text)
	}
	if w.text.add(text, w.linked) {
		w.breaks = 0
	}
}

func (w *walker) blankLinesDivide() bool {
	return len(w.open) == 0 || w.open[len(w.open)-1].kind == news.Code
}

// start enters an element; closed says that its tag ends in "/>".
func (w *walker) start(e *element, closed bool) {
	if e == nil {
		return
	}
	if e.raw && (closed || !e.greedy && !w.closesLater(e)) {
		w.tokens.NextIsNotRawText()
	}
	if w.skip != nil {
		return
	}
	switch e.role {
	case block:
		w.enter(e, closed)
	case lineBreak:
		w.lineBreak()
	case spacer:
		w.text.space = true
	case link:
		w.linked = w.hasTarget() && w.closesLater(e)
	case silent, reading:
		w.text.space = w.text.space || e.role == silent
		if !closed && (e.greedy || w.closesLater(e)) {
			w.skip = e
		}
	}
}

// end leaves an element.
func (w *walker) end(e *element) {
	switch {
	case e == nil:
	case w.skip != nil:
		if e == w.skip {
			w.skip = nil
		}
	case e.role == block:
		w.leave(e)
	case e.role == link:
		w.linked = false
	case e.role == lineBreak:
		w.lineBreak()
	case e.role == spacer:
		w.text.space = true
	}
}

// enter opens a block element, and closes those that it closes without saying:
// a paragraph, or a list item or row before this one.
func (w *walker) enter(e *element, closed bool) {
	w.flush()
	if top := w.top(); top != nil && top.family == paragraphs {
		w.open = w.open[:len(w.open)-1]
	}
	if top := w.top(); top != nil && e.family != 0 && top.family == e.family {
		w.open = w.open[:len(w.open)-1]
	}
	if !closed && !e.void {
		w.open = append(w.open, e)
	}
}

// leave closes a block element and those left open inside it. An end tag whose
// element is not among the nearest is a stray and only divides.
func (w *walker) leave(e *element) {
	w.flush()
	for i := len(w.open) - 1; i >= max(0, len(w.open)-near); i-- {
		if w.open[i] == e {
			w.open = w.open[:i]
			return
		}
	}
}

func (w *walker) top() *element {
	if len(w.open) == 0 {
		return nil
	}
	return w.open[len(w.open)-1]
}

func (w *walker) lineBreak() {
	w.text.space = true
	if w.breaks++; w.breaks == 2 {
		w.flush()
	}
}

// hasTarget reports whether the tag at hand, a link's, points anywhere.
func (w *walker) hasTarget() bool {
	for more := true; more; {
		var key []byte
		if key, _, more = w.tokens.TagAttr(); string(key) == "href" {
			return true
		}
	}
	return false
}

// closesLater reports whether the element has an end tag further on.
func (w *walker) closesLater(e *element) bool {
	if w.ends == nil {
		w.ends = lastEnds(w.source)
	}
	return w.ends[e] >= w.offset
}

// lastEnds finds the offset of the last end tag of every element that must be
// known to close before it is entered.
func lastEnds(source string) map[*element]int {
	ends := make(map[*element]int)
	for at := 0; ; {
		i := strings.Index(source[at:], "</")
		if i < 0 {
			return ends
		}
		at += i
		if e := elementOf(source[at+2:]); e != nil && (e.raw || e.role != block) {
			ends[e] = at
		}
		at += 2
	}
}

// flush ends the block being gathered.
func (w *walker) flush() {
	w.breaks = 2 // further line breaks divide nothing more
	text, links := w.text.take()
	b := news.Block{Kind: w.kind(), Text: text, Path: w.path(), Links: links}
	if w.dressing != nil {
		w.dressing.end(b)
	}
	if text == "" {
		return
	}
	w.blocks = append(w.blocks, b)
}

// kind is what the nearest element that says so makes of a block.
func (w *walker) kind() news.BlockKind {
	for i := len(w.open) - 1; i >= max(0, len(w.open)-near); i-- {
		if k := w.open[i].kind; k != "" {
			return k
		}
	}
	return news.Paragraph
}

// path names the block elements round a block, at most the longestPath
// innermost.
func (w *walker) path() string {
	open := w.open[max(0, len(w.open)-longestPath):]
	var b strings.Builder
	for i, e := range open {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(e.name)
	}
	return b.String()
}

// How far we look about us, in levels of nesting: enough for every text
// written by people, and a bound on the work for the rest.
const (
	near        = 64
	longestPath = 8
)
