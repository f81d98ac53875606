package digest

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"kliping/internal/news"
)

// Formats are the formats [Render] knows.
func Formats() []string { return []string{"html", "mail", "print", "md", "text", "json"} }

// Render writes a digest in one of [Formats]:
//
//   - html: one self-contained document
//   - mail: a document as mail programs render it: tables, every style inline
//   - print: the first, set for paper
//   - md: CommonMark; nothing in a headline or excerpt is taken for markup
//   - text: no line wider than 78 columns but one that is a link
//   - json: the Digest itself, indented
//
// An unknown format is [news.ErrInvalid].
func Render(w io.Writer, d Digest, format string) error {
	if format != "json" {
		d = named(d)
	}
	switch format {
	case "html", "mail", "print":
		return pages.ExecuteTemplate(w, format+".html", d)
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

// window says from when to when, and in which zone.
func window(d Digest) string {
	until := instant(d.Until)
	if !d.Since.IsZero() && d.Since.Format(time.DateOnly) == d.Until.Format(time.DateOnly) {
		until = d.Until.Format("15:04")
	}
	return fmt.Sprintf("%s – %s, %s time", instant(d.Since), until, clean(d.TimeZone))
}

// instant is a time as the head of a digest has it; a zero time is open.
func instant(t time.Time) string {
	if t.IsZero() {
		return "…"
	}
	return t.Format("Mon 2 Jan 2006 15:04")
}

// moment is when an entry's story began, in its first outlet's zone, which is
// named if it is not the digest's, with the year if that is another.
func moment(d Digest, e Entry) string {
	s := shortly(d, e.First)
	if e.FirstZone != "" {
		s += " (" + clean(e.FirstZone) + ")"
	}
	return s
}

func shortly(d Digest, t time.Time) string {
	if t.Year() != d.Until.Year() {
		return instant(t)
	}
	return t.Format("Mon 2 Jan 15:04")
}

// counts says how much there was; empty for nothing, which is said elsewhere.
func counts(d Digest) string {
	if d.TotalStories == 0 {
		return ""
	}
	s := fmt.Sprintf("%s in %s from %s, by %s", count(d.TotalArticles, "article", "articles"), count(d.TotalStories, "story", "stories"),
		count(d.TotalOutlets, "outlet", "outlets"), byWhat(d.By))
	if d.Query != "" {
		s += "; of what matches " + isolate(clean(d.Query))
	}
	return s + "."
}

// gist says how much of it is new, and how well the reading went.
func gist(d Digest) string {
	var all []string
	if old := d.TotalStories - d.NewStories; old > 0 && d.TotalStories > 0 {
		all = append(all, fmt.Sprintf("%s new, %s went on.", isAre(d.NewStories), thousands(old)))
	}
	if n := len(d.Stories); n > 0 && n < d.TotalStories {
		all = append(all, isAre(n)+" told here.")
	}
	if s := feedsSaid(d); s != "" && d.TotalStories > 0 {
		all = append(all, s+".")
	}
	return strings.Join(all, " ")
}

func isAre(n int) string {
	if n == 1 {
		return "1 is"
	}
	return thousands(n) + " are"
}

// feedsSaid says how many feeds were read; empty if nobody knows.
func feedsSaid(d Digest) string {
	if d.Feeds == 0 {
		return ""
	}
	s := count(d.Feeds, "feed was read", "feeds were read")
	if d.FeedsFailed > 0 {
		s += ", " + thousands(d.FeedsFailed) + " failed"
	}
	return s
}

func byWhat(by string) string {
	if by == "published" {
		return "time of publication"
	}
	return "time of arrival"
}

// nothing is the line of a digest without stories.
func nothing(d Digest) string {
	s := "No story in this window."
	if d.TotalStories > 0 {
		s = "No story was kept in this digest."
	} else if d.Query != "" {
		s = "No story in this window matches " + isolate(clean(d.Query)) + "."
	}
	if read := feedsSaid(d); read != "" {
		return s + " " + read + "."
	}
	return s + " No feed was read in it."
}

// number names a story as one can ask for it.
func number(e Entry) string { return fmt.Sprintf("story %d", e.Story.ID) }

// facts says how far a story went, but for what changes says.
func facts(e Entry) string {
	var all []string
	if e.New || e.Story.Outlets <= e.Grown.Outlets {
		all = append(all, count(e.Story.Outlets, "outlet", "outlets"))
	}
	if e.Story.Copies > e.Story.Outlets {
		all = append(all, count(e.Story.Copies, "article", "articles"))
	}
	if e.Story.Texts > 1 && (e.New || e.Story.Texts <= e.Grown.Texts) {
		all = append(all, count(e.Story.Texts, "text", "texts"))
	}
	if len(e.Story.Languages) > 0 && len(e.Grown.Languages) == 0 {
		all = append(all, clean(strings.Join(e.Story.Languages, " ")))
	}
	if p := percent(e.Share); p != "" {
		all = append(all, p+" of coverage")
	}
	return strings.Join(all, " · ")
}

// percent is a share in words; empty for none.
func percent(share float64) string {
	switch {
	case share <= 0:
		return ""
	case share < 0.01:
		return "under 1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// changes says what is new about a story.
func changes(e Entry) string {
	if e.New {
		return "New"
	}
	var all []string
	if e.Story.Outlets > e.Grown.Outlets {
		all = append(all, fmt.Sprintf("Grown from %d to %s", e.Grown.Outlets, count(e.Story.Outlets, "outlet", "outlets")))
	} else {
		all = append(all, count(e.Articles, "more article", "more articles"))
	}
	if e.Story.Texts > e.Grown.Texts {
		all = append(all, fmt.Sprintf("from %d to %s", e.Grown.Texts, count(e.Story.Texts, "text", "texts")))
	}
	if len(e.Grown.Languages) > 0 {
		all = append(all, "now also in "+clean(strings.Join(e.Grown.Languages, " ")))
	}
	return strings.Join(all, ", ")
}

// first says who was first and when.
func first(d Digest, e Entry) string {
	return fmt.Sprintf("First: %s, %s", outletName(e.Story.FirstOutlet), moment(d, e))
}

// shownSaid says whose copy is shown, where that is not the first's, and whom it
// credits.
func shownSaid(e Entry) string {
	var all []string
	if e.Shown.Outlet != "" && e.Shown.Outlet != e.Story.FirstOutlet {
		all = append(all, "shown as in "+outletName(e.Shown.Outlet))
	}
	if a := clean(e.Agency); a != "" {
		all = append(all, "credits "+a)
	}
	return strings.Join(all, ", ")
}

// corrected says what an outlet changed; the headlines themselves are said
// beside it.
func corrected(c Correction) string {
	s := outletName(c.Outlet) + " changed its "
	switch {
	case c.Is == "":
		return s + "text"
	case c.Text:
		return s + "text and headline"
	}
	return s + "headline"
}

// correctedLine is all of it in one line of text.
func correctedLine(c Correction) string {
	if c.Is == "" {
		return corrected(c)
	}
	return fmt.Sprintf("%s: “%s” is now “%s”", corrected(c), isolate(orNone(c.Was)), isolate(clean(c.Is)))
}

func orNone(s string) string {
	if s = clean(s); s == "" {
		return "(none)"
	}
	return s
}

// correctedSaid says how much was changed in all; empty for nothing.
func correctedSaid(d Digest) string {
	switch d.Corrected {
	case 0:
		return ""
	case 1:
		return "1 article was changed by its outlet."
	}
	return thousands(d.Corrected) + " articles were changed by their outlets."
}

// outletSaid says what an outlet's part was.
func outletSaid(o Outlet) string {
	s := fmt.Sprintf("%s, %s", count(o.Articles, "article", "articles"), percent(o.Share))
	if o.First > 0 {
		s += ", first with " + thousands(o.First)
	}
	return s
}

// madeFrom names what the digest was made from, so that it can be made again.
func madeFrom(d Digest) string {
	const most = 120
	ids := d.Source.Stories
	if len(ids) > most {
		ids = ids[:strings.LastIndexByte(ids[:most], ',')] + ", …"
	}
	if ids != "" {
		ids = " from stories " + strings.ReplaceAll(ids, "-", "–")
	}
	return fmt.Sprintf("Made%s at change %d.%s", ids, d.Source.Change, chosen(d.Source))
}

// chosen says whose copies stand for stories, if it is not always the first.
func chosen(s Source) string {
	var said []string
	for _, c := range s.Chosen {
		said = append(said, outletName(c.Said))
	}
	switch s.Show {
	case ShowPreferred:
		return " Shown is the copy of " + strings.Join(said, ", else of ") + ", else the first."
	case ShowLicensed:
		return " Shown is the copy of " + strings.Join(said, ", else of ") + "; other stories are withheld."
	}
	return ""
}

// outletsTold is how many outlets an entry names besides the first; the story's
// page has all.
const outletsTold = 6

// outlets names who carried a story after the first outlet; empty for nobody.
func outlets(e Entry) string {
	var all []string
	for _, o := range e.Outlets {
		if o != e.Story.FirstOutlet {
			all = append(all, outletName(o))
		}
	}
	told := all[:min(len(all), outletsTold)]
	s := strings.Join(told, ", ")
	if more := len(all) - len(told); more > 0 {
		s += fmt.Sprintf(" and %s more", thousands(more))
	}
	return s
}

// outletName is an outlet as it stands in a line.
func outletName(s string) string { return isolate(clean(s)) }

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

// isolate keeps text that is written from right to left from turning round what
// stands beside it, where there is no markup to do so, by Unicode's isolates.
func isolate(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam) || r == '\u200f' || r == '\u061c'
	}) {
		return "\u2068" + s + "\u2069"
	}
	return s
}

// Headline is what an entry is called, in one line: its title; else as headline
// has it.
func Headline(e Entry) string { return headline(e) }

// headline is an entry's title; a story without one is named by its number, one
// that is withheld by its reach.
func headline(e Entry) string {
	if title := clean(e.Story.Title); title != "" {
		return title
	}
	if e.Withheld {
		return fmt.Sprintf("Story %d, of which no licensed copy came", e.Story.ID)
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

// subjectRunes is how much of a headline a mail's subject has.
const subjectRunes = 70

// Subject is a digest in one line: its title, its day and its first headline.
func (d Digest) Subject() string {
	s := clean(d.Title) + ", " + d.Until.Format("Mon 2 Jan")
	if len(d.Stories) == 0 {
		return s + ": no story"
	}
	top := []rune(headline(d.Stories[0]))
	if len(top) > subjectRunes {
		top = append([]rune(strings.TrimSpace(string(top[:subjectRunes-1]))), '…')
	}
	return s + ": " + isolate(string(top))
}
