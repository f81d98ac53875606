package feed

import (
	"html"
	"strings"
	"unicode/utf8"
)

// maxEntity is the longest reference looked for between & and ;, in bytes. The
// longest name HTML knows is 32 bytes long.
const maxEntity = 40

// entities decodes character references: XML's five, HTML's two thousand,
// numbers, and what the document itself declares.
type entities struct {
	declared map[string]string
	budget   int // bytes that declared entities may still add

	undeclared bool // a name was used that XML does not know
	stray      bool // an & was no reference and is taken as itself
}

// The bounds of what a document may declare, so that entities cannot multiply.
const (
	maxDeclared     = 100
	maxDeclaredText = 1 << 10 // bytes an entity
	maxExpansion    = 1 << 20 // bytes a document
)

// declare reads the <!ENTITY name "value"> of a document type declaration.
// Values are plain text: entities are not expanded within entities.
func (e *entities) declare(doctype string) {
	for len(e.declared) < maxDeclared {
		_, rest, found := strings.Cut(doctype, "<!ENTITY")
		if !found {
			return
		}
		doctype = rest
		name, value, _ := strings.Cut(strings.TrimSpace(rest), " ")
		value = strings.TrimSpace(value)
		if value == "" || value[0] != '"' && value[0] != '\'' {
			continue // a parameter or external entity
		}
		end := strings.IndexByte(value[1:], value[0])
		if end < 0 || end > maxDeclaredText {
			continue
		}
		if e.declared == nil {
			e.declared, e.budget = map[string]string{}, maxExpansion
		}
		e.declared[name] = html.UnescapeString(value[1 : 1+end])
	}
}

// decode replaces every reference in s once.
func (e *entities) decode(s string) string {
	at := strings.IndexByte(s, '&')
	if at < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for at >= 0 {
		b.WriteString(s[:at])
		s = s[at:]
		value, length := e.reference(s)
		b.WriteString(value)
		s = s[length:]
		at = strings.IndexByte(s, '&')
	}
	b.WriteString(s)
	return b.String()
}

// reference reads what stands at the & that s begins with: its value and the
// bytes it takes. An & that begins no reference stands for itself.
func (e *entities) reference(s string) (value string, length int) {
	end := strings.IndexByte(s[:min(len(s), maxEntity)], ';')
	if end < 2 {
		e.stray = true
		return "&", 1
	}
	name, whole := s[1:end], s[:end+1]
	switch name {
	case "amp", "lt", "gt", "quot", "apos":
		return html.UnescapeString(whole), len(whole)
	}
	if text, ok := e.declared[name]; ok {
		if e.budget -= len(text); e.budget < 0 {
			text = ""
		}
		return text, len(whole)
	}
	// HTML takes some names without their ; and so &copy=2; for ©=2; which
	// spoils addresses: only what needs the ; is a reference.
	value = html.UnescapeString(whole)
	if value == html.UnescapeString(whole[:end])+";" {
		e.stray = true
		return "&", 1
	}
	if name[0] != '#' {
		e.undeclared = true
	} else if value == string(utf8.RuneError) {
		value = "" // a number that stands for no character
	}
	return value, len(whole)
}

// escapeText makes plain text safe to stand in HTML or XML.
func escapeText(s string) string {
	if !strings.ContainsAny(s, "&<>") {
		return s
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
