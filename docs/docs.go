// Package docs holds the documents that the program shows too.
package docs

import (
	_ "embed"
	"strings"
)

//go:embed query.md
var query string

// Section is a part of the reference of the query language: rows, then text.
type Section struct {
	Title string
	Rows  []Row
	Text  []string // paragraphs, code without its marks
}

// Row is one thing to write, and what it means.
type Row struct {
	Examples []string
	Means    string
}

// Query gives the reference of the query language, docs/query.md.
func Query() []Section {
	all := []Section{{}}
	for block := range strings.SplitSeq(strings.TrimSpace(query), "\n\n") {
		last := &all[len(all)-1]
		switch {
		case strings.HasPrefix(block, "# "):
			last.Title = block[2:]
		case strings.HasPrefix(block, "## "):
			all = append(all, Section{Title: block[3:]})
		case strings.HasPrefix(block, "|"):
			last.Rows = rows(block)
		default:
			last.Text = append(last.Text, strings.NewReplacer("\n", " ", "`", "").Replace(block))
		}
	}
	return all
}

// rows reads a table of two columns, whose first two lines are its empty head.
func rows(table string) []Row {
	var all []Row
	for _, line := range strings.Split(table, "\n")[2:] {
		left, right, _ := strings.Cut(strings.Trim(line, "| "), " | ")
		var examples []string
		for i, piece := range strings.Split(left, "`") {
			if i%2 == 1 {
				examples = append(examples, piece)
			}
		}
		all = append(all, Row{examples, strings.ReplaceAll(right, "`", "")})
	}
	return all
}

// QueryText is the reference as plain text for a terminal.
func QueryText() string {
	var b strings.Builder
	for i, s := range Query() {
		if i > 0 {
			b.WriteString("\n" + s.Title + "\n")
		}
		for _, r := range s.Rows {
			b.WriteString("  " + strings.Join(r.Examples, "  ") + "\n")
			wrap(&b, r.Means, "      ")
		}
		for _, p := range s.Text {
			wrap(&b, p, "")
		}
	}
	return strings.TrimSpace(b.String())
}

// lineWidth is the characters of a line on a terminal.
const lineWidth = 80

func wrap(b *strings.Builder, text, indent string) {
	width := 0
	for _, word := range strings.Fields(text) {
		if width > 0 && width+1+len(word) > lineWidth {
			b.WriteString("\n")
			width = 0
		}
		if width == 0 {
			b.WriteString(indent)
			width = len(indent)
		} else {
			b.WriteString(" ")
			width++
		}
		b.WriteString(word)
		width += len(word)
	}
	if width > 0 {
		b.WriteString("\n")
	}
}
