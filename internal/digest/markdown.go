package digest

import (
	"fmt"
	"strings"
)

func markdown(d Digest) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s, %s\n\n%s\n", escape(clean(d.Title)), escape(window(d)), escape(counts(d)))
	if len(d.Stories) == 0 {
		fmt.Fprintf(&b, "\n%s\n", nothing(d))
	}
	for i, e := range d.Stories {
		title, more := escape(headline(e)), number(e)
		if e.Link != "" {
			link := fmt.Sprintf("](<%s>)", linkEscaper.Replace(e.Link))
			title, more = "["+title+link, "["+more+link
		}
		fmt.Fprintf(&b, "\n## %d. %s\n\n%s  \n%s · %s\n", i+1, title, escape(first(d, e)), escape(facts(e)), more)
		if text := clean(e.Excerpt); text != "" {
			fmt.Fprintf(&b, "\n> %s\n", escapeStart(escape(text)))
		}
		if o := outlets(e); o != "" {
			fmt.Fprintf(&b, "\n%s\n", escape(o))
		}
	}
	return b.String()
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
