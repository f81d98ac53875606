package feed

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// foldSpace trims s and makes every run of spaces, tabs and line ends one space.
// A no-break space within is the writer's and stays.
func foldSpace(s string) string {
	s = strings.TrimSpace(s)
	if !strings.ContainsAny(s, "\t\n\r") && !strings.Contains(s, "  ") {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }), " ")
}

// Signs of HTML in a text whose type the feed does not tell: a closing tag, an
// element that needs none, or a character reference.
var (
	htmlTag       = regexp.MustCompile(`</([A-Za-z][A-Za-z0-9]*)\s*>|<((?i:br|hr|img|wbr))\b[^<>]*>`)
	htmlReference = regexp.MustCompile(`&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)
)

// looksLikeHTML guesses whether an RSS text is HTML or plain text. "a <b c> d"
// is plain, "a <b>c</b>" and "a &#8217; b" are not.
func looksLikeHTML(s string) bool {
	if strings.IndexByte(s, '<') >= 0 {
		for _, m := range htmlTag.FindAllStringSubmatch(s, 8) {
			if atom.Lookup([]byte(strings.ToLower(m[1]+m[2]))) != 0 {
				return true
			}
		}
	}
	if strings.IndexByte(s, '&') >= 0 {
		for _, ref := range htmlReference.FindAllString(s, 8) {
			if html.UnescapeString(ref) != ref {
				return true
			}
		}
	}
	return false
}

// plainFromHTML is the text of HTML, tags removed and references decoded.
func plainFromHTML(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	silent := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if silent == 0 {
				b.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.Script, atom.Style:
				silent = 1
			case atom.Br, atom.P, atom.Div, atom.Li:
				b.WriteByte(' ')
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.Script, atom.Style:
				silent = 0
			case atom.P, atom.Div, atom.Li:
				b.WriteByte(' ')
			}
		}
	}
}

// unwrapDiv takes off the <div> that Atom puts around XHTML (RFC 4287,
// 3.1.1.3).
func unwrapDiv(s string) string {
	if !strings.HasPrefix(s, "<div") || !strings.HasSuffix(s, "</div>") {
		return s
	}
	end := strings.IndexByte(s, '>')
	inner := s[end+1 : len(s)-len("</div>")]
	if end < 0 || s[end-1] == '/' {
		return s
	}
	// The last </div> must be the first <div>'s own.
	depth := 0
	for rest := inner; ; {
		open, closing := strings.Index(rest, "<div"), strings.Index(rest, "</div>")
		if closing < 0 || depth < 0 {
			break
		}
		if open >= 0 && open < closing {
			depth, rest = depth+1, rest[open+4:]
		} else {
			depth, rest = depth-1, rest[closing+6:]
		}
	}
	if depth < 0 {
		return s
	}
	return strings.TrimSpace(inner)
}

// isAddress reports whether an HTML attribute holds a URL.
func isAddress(name string) bool {
	switch name {
	case "href", "src", "cite", "action", "background", "poster", "longdesc", "data":
		return true
	}
	return false
}

// resolveHTML makes the addresses in HTML absolute. What needs no change is
// kept byte for byte.
func resolveHTML(s string, base *url.URL) string {
	if base == nil || strings.IndexByte(s, '<') < 0 || !hasRelative(s, base) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 256)
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			b.Write(z.Raw())
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			if tag := z.Token(); resolveTag(&tag, base) {
				raw = tag.String()
			}
			b.WriteString(raw)
		default:
			b.Write(z.Raw())
		}
	}
}

// hasRelative reports whether any address in s would change.
func hasRelative(s string, base *url.URL) bool {
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken, html.SelfClosingTagToken:
			if tag := z.Token(); resolveTag(&tag, base) {
				return true
			}
		}
	}
}

// resolveTag makes a tag's addresses absolute and reports whether any changed.
func resolveTag(tag *html.Token, base *url.URL) bool {
	changed := false
	for i, a := range tag.Attr {
		if !isAddress(a.Key) || a.Val == "" || a.Val[0] == '#' {
			continue
		}
		if abs := resolve(base, a.Val); abs != a.Val {
			tag.Attr[i].Val = abs
			changed = true
		}
	}
	return changed
}

// resolve makes an address absolute against base. One that is absolute
// already, or cannot be read, is returned as it stands.
func resolve(base *url.URL, ref string) string {
	ref = strings.TrimSpace(ref)
	if base == nil || ref == "" {
		return ref
	}
	u, err := url.Parse(strings.ReplaceAll(ref, " ", "%20"))
	if err != nil || u.IsAbs() {
		return ref
	}
	return base.ResolveReference(u).String()
}

// parseBase is the URL relative addresses are resolved against, or nil.
func parseBase(s string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}
