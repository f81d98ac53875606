package feed

import (
	"encoding/json"
	"slices"
	"strings"
)

// scanJSON cuts a JSON text into top-level members and items without
// recursion, so that neither depth nor a missing end does harm.
func scanJSON(text string, maxDepth int) jsonFeed {
	s := jsonScanner{src: text, maxDepth: maxDepth, doc: jsonFeed{members: map[string]string{}}}
	if s.accept('{') {
		s.members()
	}
	if s.cut {
		s.note("the feed is cut off")
	}
	return s.doc
}

// jsonScanner moves over JSON text.
type jsonScanner struct {
	src      string
	pos      int
	maxDepth int
	cut      bool // the text ended within a value
	doc      jsonFeed
}

func (s *jsonScanner) space() {
	for s.pos < len(s.src) && isSpace(s.src[s.pos]) {
		s.pos++
	}
}

// accept moves past white space and, if it is next, past c.
func (s *jsonScanner) accept(c byte) bool {
	s.space()
	if s.pos < len(s.src) && s.src[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// members reads the top level, up to the end or to what is no JSON.
func (s *jsonScanner) members() {
	for {
		for s.accept(',') { // also the comma too many
		}
		if s.accept('}') {
			return
		}
		raw, ok := s.value()
		var key string
		if !ok || json.Unmarshal([]byte(raw), &key) != nil || !s.accept(':') {
			s.cut = true
			return
		}
		if key == "items" && s.accept('[') {
			s.doc.hasItems = true
			s.items()
		} else if value, ok := s.value(); ok {
			s.doc.members[key] = value
		}
		if s.cut {
			return
		}
	}
}

// items reads the elements of the array of items.
func (s *jsonScanner) items() {
	for {
		for s.accept(',') {
		}
		if s.accept(']') {
			return
		}
		value, ok := s.value()
		if ok && value[0] == '{' {
			s.doc.items = append(s.doc.items, value)
		}
		if s.cut {
			return
		}
	}
}

// value reads the next value. It is not ok if the text ends within it, if it
// is nested too deep, or if it is no JSON even when mended.
func (s *jsonScanner) value() (raw string, ok bool) {
	s.space()
	start, depth, deepest := s.pos, 0, 0
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; c {
		case '"':
			s.text()
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
			s.pos++
		case '}', ']':
			if depth == 0 { // belongs to what is around the value
				return s.check(start, deepest)
			}
			depth--
			s.pos++
		case ',', ':':
			if depth == 0 {
				return s.check(start, deepest)
			}
			s.pos++
		default:
			s.pos++
			continue
		}
		if depth == 0 {
			return s.check(start, deepest)
		}
	}
	s.cut = true
	return "", false
}

// text moves past a string.
func (s *jsonScanner) text() {
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch s.src[s.pos] {
		case '\\':
			s.pos++
		case '"':
			s.pos++
			return
		}
	}
	s.pos = len(s.src)
	s.cut = true
}

// check hands out the value that began at start.
func (s *jsonScanner) check(start, deepest int) (raw string, ok bool) {
	raw = strings.TrimSpace(s.src[start:s.pos])
	switch {
	case s.cut:
		return "", false
	case raw == "": // something is missing; move on, or stop
		s.cut = s.pos >= len(s.src) || s.src[s.pos] != ','
		return "", false
	case deepest > s.maxDepth:
		s.note("values nested too deep")
		return "", false
	case json.Valid([]byte(raw)):
		return raw, true
	}
	s.note("characters that JSON does not allow")
	raw = escapeControls(raw)
	return raw, json.Valid([]byte(raw))
}

// escapeControls writes line ends and tabs in strings as JSON wants them, and
// leaves out other control characters.
func escapeControls(raw string) string {
	var b strings.Builder
	inside, escaped := false, false
	for i := range len(raw) {
		switch c := raw[i]; {
		case !inside || escaped || c >= 0x20:
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		}
		if raw[i] == '"' && !escaped {
			inside = !inside
		}
		escaped = raw[i] == '\\' && !escaped
	}
	return b.String()
}

func (s *jsonScanner) note(what string) {
	if !slices.Contains(s.doc.repaired, what) {
		s.doc.repaired = append(s.doc.repaired, what)
	}
}
