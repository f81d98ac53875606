package feed_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"kliping/internal/feed"
	"kliping/internal/news"
)

func TestReadOPML(t *testing.T) {
	plain := func(url, title string, tags ...string) news.Feed {
		return news.Feed{URL: url, Title: title, Tags: append([]string{}, tags...)}
	}
	for name, test := range map[string]struct {
		in   string
		want []news.Feed
	}{
		"version 1, mixed case, nested": {
			`<?xml version="1.0"?><OPML version="1.1"><head><title>x</title></head><body>
			<outline title="World"><outline TEXT="Asia"><outline text="A &amp; B" type="rss" xmlurl="https://a.example/f" htmlURL="https://a.example/"/></outline>
			<outline title="C" xmlUrl="https://c.example/f"></outline></outline><outline text="D" xmlUrl="https://d.example/f"/></body></OPML>`,
			[]news.Feed{
				{URL: "https://a.example/f", Title: "A & B", Site: "https://a.example/", Tags: []string{"World/Asia"}},
				plain("https://c.example/f", "C", "World"),
				plain("https://d.example/f", "D"),
			},
		},
		"listed twice, categories, no text": {
			`<opml version="2.0"><body><outline text="One"><outline xmlUrl="https://a.example/f"/></outline>
			<outline text="Two"><outline text="https://a.example/f" xmlUrl="https://a.example/f" category="/Politics/EU,Law"/></outline></body></opml>`,
			[]news.Feed{plain("https://a.example/f", "", "One", "Two", "Politics/EU", "Law")},
		},
		"our own attributes": {
			`<opml xmlns:kliping="urn:kliping"><body><outline text="A" xmlUrl="https://a.example/f" language="id" kliping:schedule="@every 5m" kliping:fullText="always" kliping:outlet="a.example"/></body></opml>`,
			[]news.Feed{{URL: "https://a.example/f", Title: "A", Language: "id", Schedule: "@every 5m", FullText: news.FullTextAlways, Outlet: "a.example", Tags: []string{}}},
		},
		"old and odd addresses": {
			`<opml><body><outline type="rss" text="A" url="https://a.example/f"/><outline text="B" xmlUrl="feed://b.example/f"/><outline text="C" xmlUrl="feed:https://c.example/f"/><outline type="link" text="L" url="https://l.example/"/></body></opml>`,
			[]news.Feed{plain("https://a.example/f", "A"), plain("http://b.example/f", "B"), plain("https://c.example/f", "C")},
		},
		"cut and damaged": {
			`junk <opml><body><outline text="R&D & more"><outline text="A" xmlUrl="https://a.example/f?a=1&b=2"></body>`,
			[]news.Feed{plain("https://a.example/f?a=1&b=2", "A", "R&D & more")},
		},
		"windows-1251": {
			"<?xml version=\"1.0\" encoding=\"windows-1251\"?><opml><body><outline text=\"\xcd\xee\xe2\xee\xf1\xf2\xe8\" xmlUrl=\"https://a.example/f\"/></body></opml>",
			[]news.Feed{plain("https://a.example/f", "Новости")},
		},
		"deep": {
			"<opml><body>" + strings.Repeat(`<outline text="d">`, 100_000) + `<outline text="A" xmlUrl="https://a.example/f"/>` + strings.Repeat(`</outline>`, 100_000) + `<outline text="B" xmlUrl="https://b.example/f"/></body></opml>`,
			[]news.Feed{plain("https://a.example/f", "A", strings.Repeat("d/", 31)+"d"), plain("https://b.example/f", "B")},
		},
		"cut off": {
			`<opml><body><outline text="A"><outline text="B" xmlUrl="https://b.example/f"/><outline text="C" xmlUrl="https://c.ex`,
			[]news.Feed{plain("https://b.example/f", "B", "A")},
		},
		"empty": {"<opml><body/></opml>", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, notes, err := feed.ReadOPML(strings.NewReader(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if cut := strings.HasPrefix(name, "cut"); cut != (len(notes) > 0) {
				t.Errorf("notes are %q", notes)
			}
			if diff := gocmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadOPMLRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"a feed":  "<rss><channel/></rss>",
		"nothing": "",
		"text":    "https://a.example/f\nhttps://b.example/f\n",
	} {
		if _, _, err := feed.ReadOPML(strings.NewReader(in)); !errors.Is(err, news.ErrInvalid) {
			t.Errorf("%s: error is %v, want one that wraps news.ErrInvalid", name, err)
		}
	}
	var many strings.Builder
	many.WriteString("<opml><body>")
	for i := range 1_000_000 {
		fmt.Fprintf(&many, `<outline xmlUrl="https://%d"/>`, i)
	}
	if feeds, notes, err := feed.ReadOPML(strings.NewReader(many.String())); err != nil || len(feeds) != 50_000 || len(notes) == 0 {
		t.Errorf("a million feeds: %d read, notes %q, error %v", len(feeds), notes, err)
	}
}

// TestOPMLRoundTrip: what is written is read again as it was.
func TestOPMLRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[rng.IntN(len(from))] }
	for range 200 {
		var feeds []news.Feed
		for i := range rng.IntN(8) {
			f := news.Feed{
				URL:   fmt.Sprintf("https://%d.example/f?a=1&b=%s", i, pick("2", "<", `"`, "é")),
				Title: pick("", "Daily", `"Quoted" & <more>`, "Лента", "it's"), Site: pick("", "https://x.example/?a&b"),
				Language: pick("", "id", "pt-BR"), Schedule: pick("", "*/5 * * * *", "@every 5m"), Outlet: pick("", "x.example"),
				Tags: []string{},
			}
			for range rng.IntN(3) {
				tag := pick("World", "World/Asia", "World/Asia/East", "R&D", "Наука", `"q"`)
				if !slices.Contains(f.Tags, tag) {
					f.Tags = append(f.Tags, tag)
				}
			}
			feeds = append(feeds, f)
		}
		if diff := gocmp.Diff(sorted(feeds), sorted(rewritten(t, feeds))); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
	}
}

// rewritten writes feeds and reads them again.
func rewritten(t *testing.T, feeds []news.Feed) []news.Feed {
	t.Helper()
	var b bytes.Buffer
	if err := feed.WriteOPML(&b, "Feeds & more", feeds); err != nil {
		t.Fatal(err)
	}
	again, _, err := feed.ReadOPML(&b)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// sorted puts feeds and their tags in order: in a list they stand by folder.
func sorted(feeds []news.Feed) []news.Feed {
	out := []news.Feed{}
	for _, f := range feeds {
		f.Tags = append([]string{}, f.Tags...)
		slices.Sort(f.Tags)
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b news.Feed) int { return cmp.Compare(a.URL, b.URL) })
	return out
}

// FuzzReadOPML: any list that can be read is written and read again as the
// same feeds, in valid UTF-8.
func FuzzReadOPML(f *testing.F) {
	f.Add([]byte(`<opml><body><outline text="a"><outline text="b" xmlUrl="https://a.example/f" category="x/y, z"/></outline></body></opml>`))
	f.Add([]byte("<opml><outline text='\xff&#1;&lt;' xmlUrl=' a b '><outline text='/ /' ><outline xmlUrl=c></outline>"))
	f.Add([]byte("<opml><outline xmlUrl='00  0'>"))
	f.Fuzz(func(t *testing.T, in []byte) {
		feeds, _, err := feed.ReadOPML(bytes.NewReader(in))
		if err != nil {
			return
		}
		for _, fd := range feeds {
			if !utf8.ValidString(fd.URL + fd.Title + strings.Join(fd.Tags, "")) {
				t.Fatalf("invalid UTF-8 in %+v", fd)
			}
		}
		if diff := gocmp.Diff(sorted(feeds), sorted(rewritten(t, feeds))); diff != "" {
			t.Errorf("(-read +written and read):\n%s", diff)
		}
	})
}
