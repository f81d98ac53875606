package feed

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode/utf8"
)

// construct is the content of one element as it is read. Atom has seven ways to
// write a text and RSS leaves it to be guessed; plain and html give the one
// text that is meant.
type construct struct {
	decoded strings.Builder // the character data, each reference decoded once
	inline  strings.Builder // the inside as markup; empty until an element is nested
	nested  bool
	atom    bool // Atom's rules hold
	base    *url.URL
	attrs   []attr
}

// characters takes in decoded character data.
func (c *construct) characters(text string) {
	c.decoded.WriteString(text)
	if c.nested {
		c.inline.WriteString(escapeText(text))
	}
}

// tag takes in a nested tag.
func (c *construct) tag(raw string) {
	if !c.nested {
		c.nested = true
		c.inline.WriteString(escapeText(c.decoded.String()))
	}
	c.inline.WriteString(raw)
}

// verbatim is the character data alone, tags left out.
func (c *construct) verbatim() string { return strings.TrimSpace(c.decoded.String()) }

// attr is an attribute's value in lower case.
func (c *construct) attr(name string) string {
	for _, a := range c.attrs {
		if strings.EqualFold(a.name, name) {
			return strings.ToLower(strings.TrimSpace(a.value))
		}
	}
	return ""
}

// value is the text, and whether it is HTML rather than plain text.
func (c *construct) value() (text string, isHTML bool) {
	text, typ := c.verbatim(), c.attr("type")
	inline := strings.TrimSpace(c.inline.String())
	switch {
	case c.nested && typ == "xhtml":
		return unwrapDiv(inline), true
	case c.nested:
		return inline, true
	case !c.atom:
		return text, looksLikeHTML(text)
	case c.attr("mode") == "base64" || isBinary(typ):
		return fromBase64(text), !isPlain(typ)
	}
	return text, !isPlain(typ)
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
func (c *construct) plain() string {
	text, isHTML := c.value()
	if isHTML {
		text = plainFromHTML(text)
	}
	return foldSpace(text)
}

// html is the construct as HTML, its addresses made absolute where xml:base
// says how. RSS's plain text is left alone: reading it as HTML gives the same.
func (c *construct) html() string {
	if !c.atom && !c.nested {
		return resolveHTML(c.verbatim(), c.base)
	}
	text, isHTML := c.value()
	if isHTML {
		return resolveHTML(text, c.base)
	}
	return escapeText(text)
}
