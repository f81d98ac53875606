package digest

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// columns is how wide a text digest may be: what a mail program quotes without
// breaking lines.
const columns = 78

func plainText(d Digest) string {
	var b strings.Builder
	title := isolate(clean(d.Title))
	wrap(&b, title, "", "")
	b.WriteString(strings.Repeat("=", max(min(columns, uniseg.StringWidth(title)), 3)) + "\n")
	wrap(&b, window(d), "", "")
	wrap(&b, strings.TrimSpace(counts(d)+" "+gist(d)), "", "")
	if d.Note != "" {
		b.WriteString("\n")
		wrap(&b, isolate(clean(d.Note)), "* ", "  ")
	}
	if len(d.Stories) == 0 {
		b.WriteString("\n" + nothing(d) + "\n")
	}
	for i := range d.Stories {
		b.WriteString("\n")
		plainEntry(&b, d, i)
	}
	plainOutlets(&b, d)
	plainTimes(&b, d)
	plainCorrections(&b, d)
	b.WriteString("\n--\n")
	wrap(&b, madeFrom(d), "", "")
	return b.String()
}

const indent = "    "

func plainEntry(b *strings.Builder, d Digest, i int) {
	e := d.Stories[i]
	wrap(b, isolate(headline(e)), fmt.Sprintf("%2d. ", i+1), indent)
	wrap(b, changes(e)+" · "+facts(e), indent, indent)
	said := first(d, e)
	if s := shownSaid(e); s != "" {
		said += "; " + s
	}
	wrap(b, said, indent, indent)
	wrap(b, isolate(clean(e.Note)), indent+"* ", indent+"  ")
	wrap(b, clean(e.Excerpt), indent, indent)
	wrapWords(b, outlets(e), indent+"Then: ", indent+indent)
	for _, c := range e.Corrections {
		wrap(b, correctedLine(c), indent+"! ", indent+"  ")
	}
	for _, r := range e.Related {
		wrap(b, relatedLine(r), indent+"> ", indent+"  ")
	}
	if e.Link != "" {
		b.WriteString(indent + clean(e.Link) + "\n")
	} else {
		b.WriteString(indent + "kliping story " + fmt.Sprint(e.Story.ID) + "\n")
	}
}

func relatedLine(r Related) string {
	s := fmt.Sprintf("see also: %s (story %d)", isolate(clean(r.Title)), r.Story)
	if r.Why != "" {
		s += ", " + clean(r.Why)
	}
	return s
}

// barColumns is how wide the longest bar is.
const barColumns = 12

func plainOutlets(b *strings.Builder, d Digest) {
	if len(d.Outlets) < 2 {
		return
	}
	b.WriteString("\nBUSIEST OUTLETS\n")
	wide := 0
	for _, o := range d.Outlets {
		wide = max(wide, min(uniseg.StringWidth(clean(o.Name)), 30))
	}
	for _, o := range d.Outlets {
		name := isolate(clip(clean(o.Name), wide))
		bar := strings.Repeat("█", max(barColumns*o.Articles/d.Outlets[0].Articles, 1))
		wrap(b, fmt.Sprintf("%s%s  %s %s", name, strings.Repeat(" ", wide-uniseg.StringWidth(name)), bar, outletSaid(o)), "  ", indent)
	}
}

// clip cuts s to a width.
func clip(s string, columns int) string {
	for uniseg.StringWidth(s) > columns {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

func plainTimes(b *strings.Builder, d Digest) {
	if len(d.Times) < 2 {
		return
	}
	fmt.Fprintf(b, "\nARTICLES BY THE %s\n", strings.ToUpper(d.Unit))
	fmt.Fprintf(b, "  %s\n", spark(d.Times))
	if d.Unit == "hour" {
		fmt.Fprintf(b, "  %s\n", strings.TrimRight(ticks(d.Times), " "))
	}
	wrap(b, peak(d), "  ", "  ")
}

// spark draws bins as a line of bars, one a bin.
func spark(bins []Bin) string {
	most := busiest(bins).Articles
	var b strings.Builder
	for _, bin := range bins {
		if bin.Articles == 0 || most == 0 {
			b.WriteRune('·')
			continue
		}
		b.WriteRune([]rune("▁▂▃▄▅▆▇█")[(bin.Articles*8-1)/most])
	}
	return b.String()
}

// ticks are the hours below a spark, every third.
func ticks(bins []Bin) string {
	line := make([]byte, len(bins)+2)
	for i := range line {
		line[i] = ' '
	}
	free := 0
	for i, bin := range bins {
		if bin.At.Hour()%3 == 0 && i >= free {
			free = i + 1 + copy(line[i:], fmt.Sprint(bin.At.Hour()))
		}
	}
	return string(line)
}

// peak says when most articles came.
func peak(d Digest) string {
	b := busiest(d.Times)
	at := b.At.Format("Mon 2 Jan 15:04")
	if d.Unit != "hour" {
		at = "the " + d.Unit + " of " + b.At.Format("Mon 2 Jan")
	}
	return fmt.Sprintf("Most at %s: %s. Times are %s.", at, count(b.Articles, "article", "articles"), clean(d.TimeZone))
}

func plainCorrections(b *strings.Builder, d Digest) {
	if d.Corrected == 0 {
		return
	}
	b.WriteString("\nCHANGED AFTERWARDS\n")
	wrap(b, correctedSaid(d), "  ", "  ")
	for _, c := range d.Corrections {
		wrap(b, fmt.Sprintf("%s (story %d)", correctedLine(c), c.Story), "  ! ", indent)
	}
}

// wrapWords is wrap for names, which are not broken within.
func wrapWords(b *strings.Builder, s, head, indent string) {
	if s == "" {
		return
	}
	l := line{b: b, text: head, begin: len(head), indent: indent}
	for _, word := range strings.SplitAfter(s, " ") {
		if !l.fits(word) {
			l.end()
		}
		if l.fits(word) {
			l.text += word
		} else {
			l.chop(word)
		}
	}
	l.end()
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
