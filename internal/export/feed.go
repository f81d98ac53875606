package export

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"kliping/internal/news"
)

// Channel is a feed.
type Channel struct {
	ID          string // a URI that never changes
	Title       string
	Description string
	Home        string    // the same as a page, for people
	Self        string    // where the feed is
	Next        string    // where older entries are; empty: these are the last
	Updated     time.Time // when the newest of the entries was
	Entries     []Entry
}

// Entry is one story.
type Entry struct {
	ID         string // a URI that never changes
	Title      string // plain text
	Link       string // the lead at its outlet; empty: it has no link
	Page       string // the story's own page
	Summary    string // plain text
	HTML       string // sanitised
	Author     string // the lead's outlet
	Language   string // of title and summary; empty: unknown
	Published  time.Time
	Updated    time.Time // when the story last grew in a way worth a second look
	Categories []string
}

// link is where an entry's title leads.
func (e *Entry) link() string {
	if e.Link == "" {
		return e.Page
	}
	return e.Link
}

// Formats names the kinds of feed.
func Formats() []string { return []string{"atom", "rss", "json"} }

// MediaType is that of a kind of feed.
func MediaType(format string) string {
	if format == "json" {
		return "application/feed+json"
	}
	return "application/" + format + "+xml"
}

// Render writes a channel. The error wraps news.ErrInvalid if there is no such
// format.
func Render(w io.Writer, c Channel, format string) error {
	switch format {
	case "atom":
		return writeAtom(w, &c)
	case "rss":
		return writeRSS(w, &c)
	case "json":
		return writeJSON(w, &c)
	}
	return fmt.Errorf("feed format %q is %w: there is %s", format, news.ErrInvalid, strings.Join(Formats(), ", "))
}

// markup is what a reader may take for HTML in plain text.
var markup = regexp.MustCompile(`<[A-Za-z/!?]|&#?[0-9A-Za-z]+;`)

// ambiguous is plain text for a place where some readers expect HTML and others do
// not, such as an RSS title: what would be markup is escaped. Downside: in readers
// that take it for plain text such a title shows its escapes.
func ambiguous(s string) string {
	if !markup.MatchString(s) {
		return s
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
