package feed

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// mended is a feed made fit for gofeed: well-formed XML of a dozen known
// elements, at most four deep, each text written in one way.
type mended struct {
	format   string // "rss", "rdf" or "atom"; empty: no feed
	head     string // what the feed says of itself
	items    []mendedItem
	dropped  int    // items over the limit
	language string // xml:lang of the root
	root     string // the first element's name, as written
	page     bool   // it is an HTML page
	cut      bool   // the input ends in the middle
	repaired []string
}

// mendedItem is the XML of one item.
type mendedItem struct{ xml, date string }

// document puts the feed together again, with the items given.
func (d *mended) document(items []mendedItem) string {
	opening, between, closing := `<rss version="2.0"`+namespaces+`><channel>`, "", "</channel></rss>"
	switch d.format {
	case "rdf":
		opening = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"` + namespaces + `><channel>`
		between, closing = "</channel>", "</rdf:RDF>"
	case "atom":
		opening, closing = `<feed xmlns="http://www.w3.org/2005/Atom"`+namespaces+`>`, "</feed>"
	}
	var b strings.Builder
	b.WriteString(opening + d.head + between)
	for _, item := range items {
		b.WriteString(item.xml)
	}
	b.WriteString(closing)
	return b.String()
}

// frame is an element that is open.
type frame struct {
	name     string // as written, in lower case
	kind     frameKind
	element  element
	key      string
	base     *url.URL
	lang     string
	seen     []string  // children of a feed, item or group that counted
	shadowed []binding // what its namespace declarations replaced
}

type frameKind int

const (
	ignoredFrame frameKind = iota
	feedFrame              // the root and the channel
	itemFrame
	groupFrame
	textFrame   // an element whose content is read
	markupFrame // an element within that content
)

// binding is a namespace prefix and its URI.
type binding struct{ prefix, uri string }

// maxPerItem bounds the elements kept of one item.
const maxPerItem = 100

// mender reads markup with a scanner and writes what gofeed shall see. It
// needs memory in proportion to the input and never recurses; that is what
// keeps two million nested tags away from gofeed, whose parser does.
type mender struct {
	doc      mended
	entities entities
	feedURL  *url.URL // for a relative xml:base
	limits   Options

	stack    []frame
	open     map[string]int    // how often a name is open
	overflow int               // elements open beyond maxDepth, not on the stack
	bindings map[string]string // namespace URIs by prefix
	native   string            // URI that unprefixed names have at the root

	out      strings.Builder // the present item
	head     strings.Builder
	headSeen []string
	headKept int    // elements kept of the feed itself
	kept     int    // elements kept of the present item
	inItem   bool   // an item is open
	date     string // its first date
	lang     string // the language its content is declared in

	text *construct // of the open textFrame; nil: none is open
}

// mend reads a whole feed.
func mend(src string, feedURL *url.URL, limits Options) mended {
	m := mender{feedURL: feedURL, limits: limits, open: map[string]int{}, bindings: map[string]string{}}
	m.stack = append(m.stack, frame{kind: feedFrame}) // never closed: a feed may go on after its root
	s := newScanner(src)
	for !m.doc.page {
		t, more := s.next()
		if !more {
			break
		}
		m.token(t)
	}
	if s.endless {
		m.note("a comment that never ends")
	}
	m.finish()
	return m.doc
}

func (m *mender) token(t token) {
	switch t.kind {
	case doctypeToken:
		m.doctype(t.text)
	case textToken, cdataToken:
		m.characters(t)
	case startToken:
		m.start(t)
	case endToken:
		m.end(strings.ToLower(t.name))
	case cutToken:
		m.doc.cut = true
	}
}

func (m *mender) doctype(text string) {
	if m.doc.format == "" && strings.HasPrefix(strings.ToLower(text), "doctype html") {
		m.doc.page = true
	}
	m.entities.declare(text)
}

func (m *mender) characters(t token) {
	switch {
	case m.text != nil && t.kind == cdataToken:
		m.text.characters(t.text)
	case m.text != nil:
		if t.stray {
			m.note("a < that opens no tag")
		}
		m.text.characters(m.entities.decode(t.text))
	case m.doc.format == "" && strings.TrimSpace(t.text) != "":
		m.note("text before the feed")
	}
}

func (m *mender) top() *frame { return &m.stack[len(m.stack)-1] }

func (m *mender) start(t token) {
	if m.doc.format == "" {
		m.root(t)
		return
	}
	if len(m.stack) > m.limits.MaxDepth {
		m.note(fmt.Sprintf("elements nested more than %d deep", m.limits.MaxDepth))
		if strings.ToLower(localName(t.name)) != m.itemName() {
			if !t.empty {
				m.overflow++
			}
			return
		}
		m.closeToFeed()
	}
	f := m.frame(t)
	f.key = m.key(f.name)
	if f.key == m.itemName() {
		m.closeToFeed()
	}
	m.place(&f, t)
	m.push(f)
	if t.empty {
		m.pop()
	}
}

// frame is the beginning of an element, with its namespaces, base and
// language taken in.
func (m *mender) frame(t token) frame {
	f := frame{name: strings.ToLower(t.name), base: m.top().base, lang: m.top().lang}
	m.scope(&f, t)
	return f
}

func (m *mender) push(f frame) {
	m.stack = append(m.stack, f)
	m.open[f.name]++
}

// root looks for the feed's first element. What comes before it is passed
// over, unless it is a page.
func (m *mender) root(t token) {
	if m.doc.root == "" {
		m.doc.root = t.name
	}
	switch strings.ToLower(localName(t.name)) {
	case "rss", "channel":
		m.doc.format = "rss"
	case "rdf":
		m.doc.format = "rdf"
	case "feed":
		m.doc.format = "atom"
	case "html", "head", "body":
		m.doc.page = isHTMLElement(m.doc.root)
		return
	default:
		return
	}
	if m.doc.root != t.name {
		m.note("elements before the feed")
	}
	f := m.frame(t)
	f.kind = feedFrame
	prefix, _, prefixed := strings.Cut(f.name, ":")
	if !prefixed || m.doc.format != "atom" {
		prefix = ""
	}
	m.native = m.bindings[prefix]
	m.doc.language = f.lang
	if m.doc.format == "rss" {
		m.attributeTexts(&f, t)
	}
	m.push(f)
	if t.empty {
		m.pop()
	}
}

// scope takes in an element's namespaces, base and language.
func (m *mender) scope(f *frame, t token) {
	for _, a := range t.attrs {
		name := strings.ToLower(a.name)
		switch {
		case name == "xmlns":
			m.bind(f, "", a.value)
		case strings.HasPrefix(name, "xmlns:"):
			m.bind(f, name[len("xmlns:"):], a.value)
		case name == "xml:lang":
			f.lang = strings.TrimSpace(a.value)
		case name == "xml:base":
			against := f.base
			if against == nil {
				against = m.feedURL
			}
			if base := parseBase(resolve(against, m.entities.decode(a.value))); base != nil {
				f.base = base
			}
		}
	}
}

func (m *mender) bind(f *frame, prefix, uri string) {
	f.shadowed = append(f.shadowed, binding{prefix, m.bindings[prefix]})
	m.bindings[prefix] = uri
}

// key is an element's name in the vocabulary: in lower case, with the usual
// prefix of its namespace, without one if it is the format's own.
func (m *mender) key(name string) string {
	prefix, local, prefixed := strings.Cut(name, ":")
	if !prefixed {
		prefix, local = "", name
	}
	uri := m.bindings[prefix]
	usual := usualPrefix(uri)
	if usual == "" && isUsualPrefix(prefix) {
		usual = prefix
	}
	switch {
	case !prefixed && (uri == "" || uri == m.native),
		usual == "rss" && m.doc.format != "atom",
		usual == "rdf" && m.doc.format == "rdf",
		usual == "atom" && m.doc.format == "atom",
		prefixed && uri != "" && uri == m.native && m.doc.format == "atom":
		return local
	case usual == "":
		return "?:" + local
	}
	return usual + ":" + local
}

// place decides what an element is, by where it stands.
func (m *mender) place(f *frame, t token) {
	if m.text != nil {
		f.kind = markupFrame
		m.nest(f, t)
		return
	}
	parent := m.top()
	switch parent.kind {
	case feedFrame:
		switch {
		case f.key == "channel":
			f.kind = feedFrame
			m.attributeTexts(f, t)
		case f.key == m.itemName():
			m.openItem(f, t)
		default:
			m.child(f, t, inFeed, m.headSeen)
		}
	case itemFrame:
		m.child(f, t, inItem, parent.seen)
	case groupFrame:
		m.child(f, t, inGroup, parent.seen)
	}
}

func (m *mender) openItem(f *frame, t token) {
	f.kind = itemFrame
	m.out.Reset()
	m.inItem, m.kept, m.date, m.lang = true, 0, "", f.lang
	m.out.WriteString("<" + m.itemName() + ">")
	m.attributeTexts(f, t)
}

// attributeTexts writes what RDF and CDF say of an element in its attributes as
// elements.
func (m *mender) attributeTexts(f *frame, t token) {
	for _, a := range t.attrs {
		value := m.entities.decode(a.value)
		switch strings.ToLower(a.name) {
		case "rdf:about":
			if f.kind == itemFrame {
				m.writeText("dc:identifier", "", value)
			}
		case "href":
			m.writeText("link", "", resolve(f.base, value))
		case "lastmod":
			m.writeText("dcterms:modified", "", value)
		}
	}
}

func (m *mender) itemName() string {
	if m.doc.format == "atom" {
		return "entry"
	}
	return "item"
}

// child opens an element within the feed, an item or a group.
func (m *mender) child(f *frame, t token, in place, seen []string) {
	known := rssElement(in, f.key)
	if m.doc.format == "atom" {
		known = atomElement(in, f.key)
	}
	if known.as == "" {
		known.as = f.key
	}
	if known.role == unknown || known.once && slices.Contains(seen, known.as) || !m.allow() {
		return
	}
	f.element = known
	switch known.role {
	case group:
		f.kind = groupFrame
		m.writer().WriteString("<" + known.as + ">")
	case attributes:
		fmt.Fprintf(m.writer(), "<%s%s/>", known.as, m.attributes(f, t.attrs))
	default:
		f.kind = textFrame
		m.text = &construct{atom: m.doc.format == "atom", base: f.base, attrs: t.attrs}
	}
}

// allow counts an element, and says whether it may still be kept.
func (m *mender) allow() bool {
	count := &m.headKept
	if m.inItem {
		count = &m.kept
	}
	*count++
	return *count <= maxPerItem
}

// namespaceDeclaration is what XHTML in a feed has and HTML does not.
var namespaceDeclaration = regexp.MustCompile(`\s+xmlns(:\w+)?\s*=\s*("[^"]*"|'[^']*')`)

// nest takes a tag within a text into it.
func (m *mender) nest(f *frame, t token) {
	raw := t.raw
	if local := localName(t.name); local != t.name {
		raw = "<" + local + raw[1+len(t.name):]
	}
	if strings.Contains(raw, "xmlns") {
		raw = namespaceDeclaration.ReplaceAllString(raw, "")
	}
	m.text.tag(raw)
	if isVoid(localName(f.name)) {
		f.key = ""
	} else if t.empty {
		m.text.tag("</" + localName(f.name) + ">") // HTML takes <script/> for a start tag
		f.key = ""
	}
}

// isVoid reports whether HTML has no end tag for an element.
func isVoid(name string) bool {
	switch name {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr":
		return true
	}
	return false
}

// end closes the innermost open element of a name, and what was left open in
// it. An end tag that nothing opened is passed over.
func (m *mender) end(name string) {
	structural := isStructural(name)
	if m.overflow > 0 && !structural {
		m.overflow--
		return
	}
	if m.open[name] == 0 {
		return
	}
	if structural {
		m.overflow = 0
	}
	for {
		closed := m.top().name == name
		if !closed && m.top().kind != markupFrame {
			m.note("elements that were never closed")
		}
		m.pop()
		if closed {
			return
		}
	}
}

// isStructural reports whether a name frames items, so that its end tag counts
// whatever was left open before it.
func isStructural(name string) bool {
	switch localName(name) {
	case "item", "entry", "channel", "rss", "rdf", "feed":
		return true
	}
	return false
}

// closeToFeed closes everything up to the element items stand in.
func (m *mender) closeToFeed() {
	for len(m.stack) > 1 && m.top().kind != feedFrame {
		m.note("elements that were never closed")
		m.pop()
	}
	m.overflow = 0
}

// pop closes the innermost element.
func (m *mender) pop() {
	f := m.top()
	switch f.kind {
	case markupFrame:
		if f.key != "" {
			m.text.tag("</" + localName(f.name) + ">")
		}
	case textFrame:
		m.closeText(f)
	case groupFrame:
		m.writer().WriteString("</" + f.element.as + ">")
	case itemFrame:
		m.closeItem(f)
	}
	for _, b := range slices.Backward(f.shadowed) {
		m.bindings[b.prefix] = b.uri
	}
	m.open[f.name]--
	m.stack = m.stack[:len(m.stack)-1]
}

// localName is a name without its prefix.
func localName(name string) string { return name[strings.LastIndexByte(name, ':')+1:] }
