package export

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"kliping/internal/news"
)

var hour = time.Date(2026, 5, 1, 8, 0, 0, 0, time.FixedZone("WIB", 7*3600))

func channel() Channel {
	return Channel{
		ID: "tag:kliping,2026:e/search?q=dam", Title: `Kliping: "dam" & <b>`, Description: "One entry a story.", Home: "http://h/search?q=dam&a=1", Self: "http://h/api/search.atom?q=dam", Next: "http://h/api/search.atom?before=x&skip=1",
		Updated: hour.Add(time.Hour),
		Entries: []Entry{
			{
				ID: "tag:kliping,2026:e/story/1", Title: "Dam <b>lowered</b> & drained &amp; done", Link: "https://first.example/a?b=1&c=2", Page: "http://h/story/1",
				Summary: "Engineers < lowered", HTML: `<p>Engineers &lt; lowered</p>`, Author: "First & Co", Language: "en",
				Published: hour, Updated: hour.Add(time.Hour), Categories: []string{"water", "a & b"},
			},
			{ID: "tag:kliping,2026:e/story/2", Title: "نهر \x00 \x1b", Page: "http://h/story/2", HTML: "<p>]]></p>", Updated: hour},
		},
	}
}

// TestReadBack reads with gofeed what was written, in every format.
func TestReadBack(t *testing.T) {
	for _, format := range Formats() {
		f := readBack(t, channel(), format)
		if len(f.Items) != 2 {
			t.Fatalf("%s: %d items", format, len(f.Items))
		}
		if f.Link != "http://h/search?q=dam&a=1" && format != "json" || f.FeedLink != "http://h/api/search.atom?q=dam" {
			t.Errorf("%s: links %q and %q", format, f.Link, f.FeedLink)
		}
		a, b := f.Items[0], f.Items[1]
		title := "Dam <b>lowered</b> & drained &amp; done"
		if format == "rss" {
			title = "Dam &lt;b&gt;lowered&lt;/b&gt; &amp; drained &amp;amp; done" // for readers that take it for HTML
		}
		link := "https://first.example/a?b=1&c=2"
		if format == "json" {
			link = "http://h/story/1" // external_url has the other
		}
		got := []string{a.GUID, a.Title, a.Link, a.Content + a.Description, a.PublishedParsed.UTC().Format(time.RFC3339), strings.Join(a.Categories, "|"), a.Authors[0].Name, b.GUID, b.Link}
		body := `<p>Engineers &lt; lowered</p>`
		if format != "rss" {
			body += "Engineers < lowered"
		}
		want := []string{"tag:kliping,2026:e/story/1", title, link, body, "2026-05-01T01:00:00Z", "water|a & b", "First & Co", "tag:kliping,2026:e/story/2", "http://h/story/2"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
		if format != "rss" && !a.UpdatedParsed.Equal(hour.Add(time.Hour)) {
			t.Errorf("%s: updated %v", format, a.UpdatedParsed)
		}
	}
	if err := Render(&bytes.Buffer{}, channel(), "opml"); !errors.Is(err, news.ErrInvalid) {
		t.Errorf("no such format: %v", err)
	}
}

func readBack(t *testing.T, c Channel, format string) *gofeed.Feed {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, c, format); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"before=x", "2026-05-01T02:00:00Z"} { // the next page, and when the story grew
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s lacks %s:\n%s", format, want, b.String())
		}
	}
	f, err := gofeed.NewParser().ParseString(b.String())
	if err != nil {
		t.Fatalf("%s: %v\n%s", format, err, b.String())
	}
	return f
}

// TestEmpty wants a feed of nothing to be a feed.
func TestEmpty(t *testing.T) {
	for _, format := range Formats() {
		var b bytes.Buffer
		if err := Render(&b, Channel{ID: "tag:x,2026:y", Title: "t", Home: "http://h/", Self: "http://h/f", Updated: time.Unix(0, 0)}, format); err != nil {
			t.Fatal(err)
		}
		if f, err := gofeed.NewParser().ParseString(b.String()); err != nil || f.Title != "t" || len(f.Items) != 0 {
			t.Errorf("%s: %v, %v", format, f, err)
		}
	}
}
