package feed

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode/utf8"
)

// construct is the content of one element as the feed wrote it. Atom has seven
// ways to write a text and RSS leaves it to be guessed; plain and html give the
// one text that is meant.
type construct struct {
	parts  []part
	nested bool // elements stand in it
	atom   bool // Atom's rules hold
	base   *url.URL
	attrs  []attr
}

// attr is an attribute's value in lower case.
func (c *construct) attr(name string) string {
	for _, a := range c.attrs {
		if strings.EqualFold(a.name, name) {
			return strings.ToLower(strings.TrimSpace(a.value))
		}
	}
	return ""
}

// part is a run of character data or one tag.
type part struct {
	kind partKind
	text string
}

type partKind int

const (
	escaped partKind = iota // character data with its references
	literal                 // a CDATA section
	markup                  // a tag
)

// decoded is the character data with every reference decoded once, the tags
// left out.
func (c *construct) decoded(e *entities) string {
	if len(c.parts) == 1 && c.parts[0].kind == escaped {
		return strings.TrimSpace(e.decode(c.parts[0].text))
	}
	var b strings.Builder
	for _, p := range c.parts {
		switch p.kind {
		case escaped:
			b.WriteString(e.decode(p.text))
		case literal:
			b.WriteString(p.text)
		}
	}
	return strings.TrimSpace(b.String())
}

// inline is the element's inside as markup.
func (c *construct) inline(e *entities) string {
	var b strings.Builder
	for _, p := range c.parts {
		switch p.kind {
		case escaped:
			b.WriteString(escapeText(e.decode(p.text)))
		case literal:
			b.WriteString(escapeText(p.text))
		case markup:
			b.WriteString(p.text)
		}
	}
	return strings.TrimSpace(b.String())
}

// value is the text, and whether it is HTML rather than plain text.
func (c *construct) value(e *entities) (text string, isHTML bool) {
	typ := c.attr("type")
	switch {
	case c.nested && typ == "xhtml":
		return unwrapDiv(c.inline(e)), true
	case c.nested:
		return c.inline(e), true
	case !c.atom:
		text = c.decoded(e)
		return text, looksLikeHTML(text)
	case c.attr("mode") == "base64" || isBinary(typ):
		return fromBase64(c.decoded(e)), !isPlain(typ)
	}
	return c.decoded(e), !isPlain(typ)
}

func isPlain(typ string) bool { return typ == "" || typ == "text" || typ == "text/plain" }

// isBinary reports whether content of an Atom type is written in base64: what
// is neither text nor XML (RFC 4287, 4.1.3.3).
func isBinary(typ string) bool {
	return strings.Contains(typ, "/") && !strings.HasPrefix(typ, "text/") && !strings.Contains(typ, "xml") && !strings.Contains(typ, "html")
}

// fromBase64 is the text encoded in s; s itself if it is no base64, nothing if
// it is no text.
func fromBase64(s string) string {
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		return s
	}
	if !utf8.Valid(b) {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// plain is the construct as one line of plain text.
func (c *construct) plain(e *entities) string {
	text, isHTML := c.value(e)
	if isHTML {
		text = plainFromHTML(text)
	}
	return foldSpace(text)
}

// html is the construct as HTML, its addresses made absolute where xml:base
// says how. RSS's plain text is left alone: reading it as HTML gives the same.
func (c *construct) html(e *entities) string {
	text, isHTML := c.value(e)
	switch {
	case isHTML:
		return resolveHTML(text, c.base)
	case c.atom:
		return escapeText(text)
	}
	return text
}
