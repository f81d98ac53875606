package digest

import (
	"fmt"
	"strings"
)

func markdown(d Digest) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", escape(isolate(clean(d.Title))), escape(window(d)))
	if s := strings.TrimSpace(counts(d) + " " + gist(d)); s != "" {
		fmt.Fprintf(&b, "\n%s\n", escape(s))
	}
	if n := clean(d.Note); n != "" {
		fmt.Fprintf(&b, "\n**%s**\n", escape(isolate(n)))
	}
	if len(d.Stories) == 0 {
		fmt.Fprintf(&b, "\n%s\n", nothing(d))
	}
	for i, e := range d.Stories {
		markdownEntry(&b, d, i, e)
	}
	markdownRest(&b, d)
	return b.String()
}

func markdownEntry(b *strings.Builder, d Digest, i int, e Entry) {
	title, more := escape(isolate(headline(e))), number(e)
	if e.Link != "" {
		link := fmt.Sprintf("](<%s>)", linkEscaper.Replace(e.Link))
		title, more = "["+title+link, "["+more+link
	}
	fmt.Fprintf(b, "\n## %d. %s\n\n%s · %s · %s  \n%s", i+1, title, escape(changes(e)), escape(facts(e)), more, escape(first(d, e)))
	if s := shownSaid(e); s != "" {
		fmt.Fprintf(b, " · %s", escape(s))
	}
	b.WriteString("\n")
	if n := clean(e.Note); n != "" {
		fmt.Fprintf(b, "\n**%s**\n", escape(isolate(n)))
	}
	if text := clean(e.Excerpt); text != "" {
		fmt.Fprintf(b, "\n> %s\n", escapeStart(escape(text)))
	}
	if o := outlets(e); o != "" {
		fmt.Fprintf(b, "\nThen: %s\n", escape(o))
	}
	for n, c := range e.Corrections {
		item(b, n, correctedLine(c))
	}
	for n, r := range e.Related {
		item(b, n, relatedLine(r))
	}
}

func markdownRest(b *strings.Builder, d Digest) {
	if len(d.Outlets) > 0 {
		b.WriteString("\n## Busiest outlets\n\n| Outlet | Share | Articles | Stories | First |\n|---|--:|--:|--:|--:|\n")
		for _, o := range d.Outlets {
			fmt.Fprintf(b, "| %s | %s | %d | %d | %d |\n", escape(outletName(o.Name)), percent(o.Share), o.Articles, o.Stories, o.First)
		}
	}
	if len(d.Times) > 1 {
		fmt.Fprintf(b, "\n## Articles by the %s\n\n`%s`\n\n%s\n", d.Unit, spark(d.Times), escape(peak(d)))
	}
	if d.Corrected > 0 {
		fmt.Fprintf(b, "\n## Changed afterwards\n\n%s\n", escape(correctedSaid(d)))
		for n, c := range d.Corrections {
			item(b, n, fmt.Sprintf("%s (story %d)", correctedLine(c), c.Story))
		}
	}
	fmt.Fprintf(b, "\n%s\n", escape(madeFrom(d)))
}

// item is the n-th point of a list.
func item(b *strings.Builder, n int, s string) {
	if n == 0 {
		b.WriteString("\n")
	}
	fmt.Fprintf(b, "- %s\n", escapeStart(escape(s)))
}

// Any ASCII punctuation may be escaped in CommonMark (spec 0.31, section 2.4).
// Besides what is markup anywhere in a line, addresses are broken up, which
// GitHub's dialect would make links of.
var (
	escaper = strings.NewReplacer(
		`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`,
		`#`, `\#`, `|`, `\|`, `~`, `\~`, `&`, `\&`, `!`, `\!`, `$`, `\$`, `@`, `\@`,
		"://", `\://`, "www.", `www\.`,
	)
	linkEscaper = strings.NewReplacer("<", "%3C", ">", "%3E", " ", "%20", "\n", "%0A", "\r", "%0D", `\`, "%5C")
)

// escape makes plain text of a stranger's line.
func escape(s string) string { return escaper.Replace(s) }

// escapeStart escapes what is markup only at the beginning of a line: marks of
// lists and headings.
func escapeStart(s string) string {
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") || strings.HasPrefix(s, "=") {
		return `\` + s
	}
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits > 0 && digits < len(s) && (s[digits] == '.' || s[digits] == ')') {
		return s[:digits] + `\` + s[digits:]
	}
	return s
}
