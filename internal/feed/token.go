package feed

import "strings"

// tokenKind says what a token of the markup is.
type tokenKind int

const (
	textToken  tokenKind = iota // character data, entities not yet decoded
	cdataToken                  // character data, taken as it stands
	startToken
	endToken
	doctypeToken // what stands between <!DOCTYPE and its >
	cutToken     // the input ended inside a tag or CDATA section
)

// token is one piece of markup. Its strings are parts of the input.
type token struct {
	kind  tokenKind
	text  string // character data or doctype
	name  string // of a tag, with its prefix, as written
	attrs []attr
	empty bool   // <name/>
	raw   string // a tag as written
	stray bool   // text with a < in it that opens no tag
}

// attr is an attribute, its value's entities not yet decoded.
type attr struct{ name, value string }

// maxAttrs bounds the attributes kept of one tag. None of a feed's needs ten.
const maxAttrs = 64

// scanner cuts markup into tokens. It reads what XML parsers refuse (a < in
// text, attributes without quotes, a comment that never ends), needs no stack
// and looks at each byte a bounded number of times.
type scanner struct {
	src string
	pos int

	// From these offsets on, the closing mark is known not to occur; without
	// that memory many unclosed comments would cost a search each.
	missing map[string]int

	endless bool // a comment or instruction never ended

	pending    token // follows the text just returned
	hasPending bool
}

func newScanner(src string) *scanner {
	return &scanner{src: src, missing: map[string]int{}}
}

// next returns the next token, or false at the end. Comments and processing
// instructions are passed over.
func (s *scanner) next() (token, bool) {
	if s.hasPending {
		s.hasPending = false
		return s.pending, true
	}
	stray := false
	for start := s.pos; s.pos < len(s.src); {
		if n := strings.IndexByte(s.src[s.pos:], '<'); n >= 0 {
			s.pos += n
		} else {
			s.pos = len(s.src)
		}
		end := s.pos
		t, what := s.markup()
		if what == noMarkup && s.pos < len(s.src) {
			stray = true
			continue
		}
		text := token{kind: textToken, text: s.src[start:end], stray: stray}
		if what == noMarkup {
			text.text = s.src[start:]
		}
		switch {
		case text.text != "":
			s.pending, s.hasPending = t, what == aToken
			return text, true
		case what == aToken:
			return t, true
		}
		start = s.pos
	}
	return token{}, false
}

// found says what stands at a <.
type found int

const (
	noMarkup found = iota // text after all
	aToken
	passedOver // a comment or instruction
)

// markup reads what stands at the < at pos. What is no markup it moves past,
// up to a < that may be.
func (s *scanner) markup() (token, found) {
	rest := s.src[s.pos:]
	switch {
	case rest == "":
		return token{}, noMarkup
	case strings.HasPrefix(rest, "<!--"):
		s.skip("<!--", "-->")
		return token{}, passedOver
	case strings.HasPrefix(rest, "<?"):
		s.skip("<?", "?>")
		return token{}, passedOver
	case strings.HasPrefix(rest, "<![CDATA["):
		return s.cdata(), aToken
	case strings.HasPrefix(rest, "<!"):
		return s.doctype(), aToken
	case len(rest) > 1 && (startsName(rest[1]) || rest[1] == '/' && len(rest) > 2 && startsName(rest[2])):
		return s.tag()
	case len(rest) < 3:
		s.pos = len(s.src)
		return token{kind: cutToken}, aToken
	}
	s.pos++
	return token{}, noMarkup
}

func startsName(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == ':' || c >= 0x80
}

// find is the offset of mark at or after from, or -1.
func (s *scanner) find(mark string, from int) int {
	if gone, ok := s.missing[mark]; ok && from >= gone {
		return -1
	}
	n := strings.Index(s.src[from:], mark)
	if n < 0 {
		s.missing[mark] = from
		return -1
	}
	return from + n
}

// skip passes over a comment or instruction. One that never ends is taken to
// end with its first >, so that it does not swallow the feed.
func (s *scanner) skip(opening, closing string) {
	from := s.pos + len(opening)
	if end := s.find(closing, from); end >= 0 {
		s.pos = end + len(closing)
	} else if end := s.find(">", from); end >= 0 {
		s.pos = end + 1
		s.endless = true
	} else {
		s.pos = len(s.src)
	}
}

func (s *scanner) cdata() token {
	from := s.pos + len("<![CDATA[")
	end := s.find("]]>", from)
	if end < 0 {
		s.pos = len(s.src)
		return token{kind: cutToken}
	}
	s.pos = end + len("]]>")
	return token{kind: cdataToken, text: s.src[from:end]}
}

// doctype reads <!DOCTYPE … [ … ]> and whatever else begins with <!.
func (s *scanner) doctype() token {
	from := s.pos + len("<!")
	end := s.find(">", from)
	if end >= 0 && strings.IndexByte(s.src[from:end], '[') >= 0 {
		if closing := s.find("]", from); closing >= 0 {
			end = s.find(">", closing)
		}
	}
	if end < 0 {
		s.pos = len(s.src)
		return token{kind: cutToken}
	}
	s.pos = end + 1
	return token{kind: doctypeToken, text: s.src[from:end]}
}

// tag reads a start or end tag; the input at pos is < and a name's beginning.
// A start tag without its > is text: "if x<y".
func (s *scanner) tag() (token, found) {
	begin := s.pos
	t := token{kind: startToken}
	s.pos++
	if s.src[s.pos] == '/' {
		t.kind = endToken
		s.pos++
	}
	t.name = s.word("/>")
	for {
		s.space()
		switch {
		case s.pos >= len(s.src):
			return token{kind: cutToken}, aToken
		case s.src[s.pos] == '>':
			s.pos++
			t.raw = s.src[begin:s.pos]
			return t, aToken
		case s.src[s.pos] == '<' && t.kind == startToken:
			return token{}, noMarkup
		case s.src[s.pos] == '<':
			t.raw = s.src[begin:s.pos]
			return t, aToken
		case s.src[s.pos] == '/':
			t.empty = strings.HasPrefix(s.src[s.pos:], "/>")
			s.pos++
		default:
			if a := s.attribute(); len(t.attrs) < maxAttrs {
				t.attrs = append(t.attrs, a)
			}
		}
	}
}

// word reads up to white space, <, or one of stop; at least one byte.
func (s *scanner) word(stop string) string {
	start := s.pos
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		if isSpace(c) || c == '<' || strings.IndexByte(stop, c) >= 0 && s.pos > start {
			break
		}
		s.pos++
	}
	return s.src[start:s.pos]
}

func (s *scanner) space() {
	for s.pos < len(s.src) && isSpace(s.src[s.pos]) {
		s.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func (s *scanner) attribute() attr {
	a := attr{name: s.word("=/>")}
	s.space()
	if s.pos >= len(s.src) || s.src[s.pos] != '=' {
		return a
	}
	s.pos++
	s.space()
	if s.pos >= len(s.src) {
		return a
	}
	if q := s.src[s.pos]; q == '"' || q == '\'' {
		a.value = s.quoted(s.src[s.pos : s.pos+1])
	} else if q != '>' && q != '<' {
		a.value = s.word(">")
	}
	return a
}

// quoted reads a value in quotes. Where the closing quote was forgotten, the
// value ends with its tag.
func (s *scanner) quoted(quote string) string {
	from := s.pos + 1
	end := s.find(quote, from)
	if end >= 0 && !swallowsTag(s.src[from:end]) {
		s.pos = end + 1
		return s.src[from:end]
	}
	if end < 0 {
		end = len(s.src)
	}
	if n := strings.IndexByte(s.src[from:end], '>'); n >= 0 {
		value := strings.TrimSuffix(s.src[from:from+n], "/")
		s.pos = from + len(value)
		return value
	}
	s.pos = min(end+1, len(s.src))
	return s.src[from:end]
}

// swallowsTag reports whether a quoted value looks as if it ran over the end of
// its tag up to the quote that opens the value of another tag's attribute.
func swallowsTag(value string) bool {
	return strings.HasSuffix(strings.TrimRight(value, " "), "=") && strings.Contains(value, ">") && strings.Contains(value, "<")
}
