package digest

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"kliping/internal/news"
)

// Formats are the formats [Render] knows.
func Formats() []string { return []string{"html", "md", "text", "json"} }

// Render writes a digest in one of [Formats]:
//
//   - html: one self-contained document
//   - md: CommonMark; nothing in a headline or excerpt is taken for markup
//   - text: no line wider than 78 columns but one that is a link
//   - json: the Digest itself, indented
//
// An unknown format is [news.ErrInvalid].
func Render(w io.Writer, d Digest, format string) error {
	switch format {
	case "html":
		return page.Execute(w, d)
	case "md":
		_, err := io.WriteString(w, markdown(d))
		return err
	case "text":
		_, err := io.WriteString(w, plainText(d))
		return err
	case "json":
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(d)
	}
	return fmt.Errorf("format %q is %w: there is %s", format, news.ErrInvalid, strings.Join(Formats(), ", "))
}

//go:embed digest.html
var files embed.FS

var page = template.Must(template.New("digest.html").Funcs(template.FuncMap{
	"window": window, "counts": counts, "nothing": nothing, "facts": facts, "moment": moment, "clean": clean, "add": func(a, b int) int { return a + b },
	"began": began, "headline": headline, "number": number,
}).ParseFS(files, "digest.html"))

// window says from when to when, and in which zone.
func window(d Digest) string {
	return fmt.Sprintf("%s – %s (%s)", instant(d.Since), instant(d.Until), d.TimeZone)
}

// instant is a time as the head of a digest has it; a zero time is open.
func instant(t time.Time) string {
	if t.IsZero() {
		return "…"
	}
	return t.Format("Mon 2 Jan 2006 15:04")
}

// moment is when an entry's story began, with the year if that is another than
// the digest's.
func moment(d Digest, e Entry) string {
	t := began(e.Story)
	if t.Year() != d.Until.Year() {
		return instant(t)
	}
	return t.Format("Mon 2 Jan 15:04")
}

// counts says how much there was and how much of it is told.
func counts(d Digest) string {
	told := count(d.TotalStories, "story", "stories")
	if len(d.Stories) < d.TotalStories {
		told = thousands(len(d.Stories)) + " of " + told
	}
	return fmt.Sprintf("%s from %s, by %s", told, count(d.TotalArticles, "article", "articles"), byWhat(d.By))
}

func byWhat(by string) string {
	if by == "published" {
		return "time of publication"
	}
	return "time of arrival"
}

// nothing is the line of a digest without stories.
func nothing(d Digest) string {
	if d.By == "published" {
		return "Nothing happened: no story was published in this window."
	}
	return "Nothing happened: no story arrived in this window."
}

// number names a story as one can ask for it.
func number(e Entry) string { return fmt.Sprintf("story %d", e.Story.ID) }

// facts says how far a story went.
func facts(e Entry) string {
	all := []string{count(e.Story.Copies, "article", "articles"), count(e.Story.Outlets, "outlet", "outlets")}
	if e.Story.Texts > 1 {
		all = append(all, count(e.Story.Texts, "text", "texts"))
	}
	if len(e.Story.Languages) > 0 {
		all = append(all, strings.Join(e.Story.Languages, " "))
	}
	return strings.Join(all, " · ")
}

// first says who was first and when.
func first(d Digest, e Entry) string {
	s := fmt.Sprintf("First: %s, %s", clean(e.Story.FirstOutlet), moment(d, e))
	if e.Agency != "" {
		s += " · " + clean(e.Agency)
	}
	return s
}

// outletsTold is how many outlets an entry names where there is little room.
const outletsTold = 12

// outlets names who carried a story; empty if that is only the first outlet,
// which is named already.
func outlets(e Entry) string {
	if len(e.Outlets) < 2 {
		return ""
	}
	told := e.Outlets[:min(len(e.Outlets), outletsTold)]
	s := "Outlets: " + strings.Join(told, ", ")
	if more := len(e.Outlets) - len(told); more > 0 {
		s += fmt.Sprintf(" and %s more", thousands(more))
	}
	return clean(s)
}

// clean makes one line of a stranger's text, without control characters, which
// a terminal would obey, and without overrides of the writing direction.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), 0x202A <= r && r <= 0x202E, 0x2066 <= r && r <= 0x2069:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// headline is an entry's title; a story without one is named by its number.
func headline(e Entry) string {
	if title := clean(e.Story.Title); title != "" {
		return title
	}
	return fmt.Sprintf("Story %d", e.Story.ID)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
