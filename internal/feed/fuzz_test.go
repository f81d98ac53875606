package feed_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/feed"
)

// FuzzParse: whatever the bytes, Parse gives a feed within the limits, in valid
// UTF-8, with web links or none, or says that it is no feed.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".golden.json") {
			continue
		}
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "")
	}
	f.Add([]byte("<rss><item>"), "text/xml; charset=koi8-r")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		got, err := feed.Parse(body, contentType, "https://feed.example/f.xml", feed.Options{MaxItems: 2, MaxDepth: 8})
		if err != nil {
			var not *feed.NotFeedError
			if !errors.As(err, &not) || not.What == "" || !utf8.ValidString(err.Error()) {
				t.Errorf("error is %q", err)
			}
			return
		}
		if len(got.Items) > 2 {
			t.Errorf("%d items, over the limit", len(got.Items))
		}
		for _, i := range got.Items {
			if !utf8.ValidString(i.GUID+i.Link+i.Title+i.HTML+i.Summary+i.Author+i.Language+i.SourceURL+i.Canonical+strings.Join(i.Tags, "")) || !utf8.ValidString(got.Title+got.Site+got.Language) {
				t.Errorf("invalid UTF-8 in %+v", i)
			}
			if i.Link != "" && !strings.HasPrefix(i.Link, "http") {
				t.Errorf("link %q", i.Link)
			}
			if strings.ContainsAny(i.Title, "\n\r\t") {
				t.Errorf("title %q has more than one line", i.Title)
			}
			if b, err := json.Marshal(i); err != nil || !json.Valid(b) {
				t.Errorf("item cannot be stored: %v", err)
			}
		}
	})
}

func TestDiscover(t *testing.T) {
	page := `<html><head><base href="/blog/"><title>x</title>
		<link rel=stylesheet href=a.css>
		<link rel="Alternate" type="application/rss+xml" title="  All
		 posts " href="feed.xml">
		<LINK REL="alternate home" TYPE="Application/Atom+XML; charset=utf-8" HREF="https://other.example/atom">
		<link rel="alternate" type="application/rss+xml" href="feed.xml">
		<link rel="alternate" type="application/feed+json" href="//cdn.example/f.json">
		<link rel="alternate" type="text/html" hreflang="de" href="/de">
		<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
		<link rel="alternate" type="application/rss+xml" href=""></head>` + strings.Repeat("<div>", 100_000)
	want := []feed.Link{
		{URL: "https://site.example/blog/feed.xml", Title: "All posts", Type: "application/rss+xml"},
		{URL: "https://other.example/atom", Type: "application/atom+xml; charset=utf-8"},
		{URL: "https://cdn.example/f.json", Type: "application/feed+json"},
	}
	if diff := cmp.Diff(want, feed.Discover([]byte(page), "https://site.example/x/y.html")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHeaderCharset: the header's character set counts where the document names
// none, and where both name one and both could be.
func TestHeaderCharset(t *testing.T) {
	body := func(declared string) []byte {
		return []byte(`<?xml version="1.0"` + declared + "?><rss><channel><title>\xcf\xf0\xe8\xe2\xe5\xf2</title></channel></rss>")
	}
	for name, test := range map[string]struct{ contentType, declared, want string }{
		"header alone":              {"text/xml; charset=windows-1251", "", "Привет"},
		"quoted oddly":              {"text/xml; charset='windows-1251'", "", "Привет"},
		"header before declaration": {"text/xml; charset=koi8-r", ` encoding="windows-1251"`, "оПХБЕР"},
		"Latin 1 of everything":     {"text/xml; charset=ISO-8859-1", ` encoding="windows-1251"`, "Привет"},
		"both wrong":                {"text/xml; charset=utf-8", ` encoding="utf-8"`, "Привет"},
		"nonsense":                  {";;;", "", "Привет"},
	} {
		f, err := feed.Parse(body(test.declared), test.contentType, "", feed.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if f.Title != test.want {
			t.Errorf("%s: title is %q, want %q", name, f.Title, test.want)
		}
	}
}
