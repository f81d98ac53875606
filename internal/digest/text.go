package digest

import (
	"fmt"
	"strings"

	"github.com/rivo/uniseg"
)

// columns is how wide a text digest may be: what a mail program quotes without
// breaking lines.
const columns = 78

func plainText(d Digest) string {
	var b strings.Builder
	title := clean(d.Title) + ", " + window(d)
	wrap(&b, title, "", "")
	wrap(&b, counts(d), "", "")
	b.WriteString(strings.Repeat("=", min(columns, uniseg.StringWidth(title))) + "\n")
	if len(d.Stories) == 0 {
		b.WriteString("\n" + nothing(d) + "\n")
	}
	for i := range d.Stories {
		b.WriteString("\n")
		plainEntry(&b, d, i)
	}
	return b.String()
}

func plainEntry(b *strings.Builder, d Digest, i int) {
	const indent = "    "
	e := d.Stories[i]
	wrap(b, headline(e), fmt.Sprintf("%2d. ", i+1), indent)
	wrap(b, first(d, e), indent, indent)
	wrap(b, facts(e)+" · "+number(e), indent, indent)
	wrap(b, clean(e.Excerpt), indent, indent)
	wrap(b, outlets(e), indent, indent)
	if e.Link != "" {
		b.WriteString(indent + clean(e.Link) + "\n")
	}
}

// wrap writes s in lines of at most [columns] terminal columns, broken where
// Unicode allows it (UAX #14), or anywhere if a piece is wider than a line. The
// first line begins with head, the others with indent. Nothing is written for
// an empty s.
func wrap(b *strings.Builder, s, head, indent string) {
	if s == "" {
		return
	}
	l := line{b: b, text: head, begin: len(head), indent: indent}
	var segment string
	for state := -1; s != ""; {
		segment, s, _, state = uniseg.FirstLineSegmentInString(s, state)
		if l.fits(segment) {
			l.text += segment
			continue
		}
		l.end()
		if l.fits(segment) {
			l.text += segment
			continue
		}
		l.chop(segment)
	}
	l.end()
}

// line is a line of text that grows until nothing more fits.
type line struct {
	b      *strings.Builder
	text   string // so far, with what it begins with
	begin  int    // where in text its own words begin
	indent string // what the next line begins with
}

func (l *line) fits(s string) bool {
	return uniseg.StringWidth(l.text+strings.TrimRight(s, " ")) <= columns
}

// end writes the line, if there is anything in it, and begins the next.
func (l *line) end() {
	if len(l.text) > l.begin {
		l.b.WriteString(strings.TrimRight(l.text, " ") + "\n")
		l.text, l.begin = l.indent, len(l.indent)
	}
}

// chop adds a piece that is wider than a line, a character at a time.
func (l *line) chop(segment string) {
	var cluster string
	for state := -1; segment != ""; {
		cluster, segment, _, state = uniseg.FirstGraphemeClusterInString(segment, state)
		if !l.fits(cluster) {
			l.end()
		}
		l.text += cluster
	}
}
