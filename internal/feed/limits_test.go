package feed_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"kliping/internal/feed"
)

const item = "<item><title>kept</title><link>https://a.example/1</link></item>"

// TestBombs feeds inputs that would overflow a stack, a memory or an
// afternoon. The bounds are generous: they tell linear from quadratic.
func TestBombs(t *testing.T) {
	const mega = 1 << 18
	rss := func(inner string) string { return "<rss><channel>" + inner + "</channel></rss>" }
	repeat := strings.Repeat
	for name, test := range map[string]struct {
		body  string
		items int // -1: no feed
	}{
		"two million nested tags":        {"<rss><channel>" + repeat("<a>", 2_000_000), 0},
		"nested tags closed":             {rss(repeat("<x:a>", mega) + repeat("</x:a>", mega) + item), 1},
		"nested in an item":              {rss("<item><title>t</title>" + repeat("<a>", mega) + "</item>" + item), 2},
		"nested in a description":        {rss("<item><title>t</title><description>" + repeat("<b>", mega) + "</description></item>" + item), 2},
		"nested known extensions":        {rss("<item>" + repeat("<media:group>", mega) + "</item>" + item), 2},
		"wide known extensions":          {rss("<item>" + repeat("<dc:creator>x</dc:creator>", mega/2) + "</item>" + item), 2},
		"wide categories":                {rss("<item>" + repeat("<category>x</category>", mega/2) + "</item>"), 1},
		"many namespaces":                {"<rss " + namespaces(60) + "><channel>" + repeat(item, 10_000) + "</channel></rss>", 10_000},
		"nested namespaces":              {rss(repeat(`<a xmlns:a="b">`, mega/2) + item), 1},
		"nested bases":                   {rss(repeat(`<a xml:base="b/">`, mega/2) + item), 1},
		"end tags only":                  {rss(repeat("</a>", 2*mega) + item), 1},
		"comments never closed":          {"<rss><channel>" + repeat("<!-- ", 2*mega), 0},
		"instructions never closed":      {"<rss><channel>" + repeat("<? ", 2*mega), 0},
		"sections never closed":          {"<rss><channel>" + repeat("<![CDATA[", mega), 0},
		"declarations never closed":      {"<rss><channel>" + repeat("<!x [", mega), 0},
		"quotes never closed":            {"<rss><channel>" + repeat(`<a b="`, mega), 0},
		"values that swallow":            {"<rss><channel>" + repeat(`<a b="><c d=`, mega), 0},
		"less-than signs":                {rss("<item><title>" + repeat("<", 4*mega) + "</title></item>"), 1},
		"ampersands":                     {rss("<item><title>" + repeat("&", 4*mega) + "</title></item>"), 1},
		"entities":                       {rss("<item><title>" + repeat("&auml;", mega) + "</title></item>"), 1},
		"entities that grow":             {`<!DOCTYPE rss [<!ENTITY a "` + repeat("x", 1000) + `">]>` + rss("<item><title>"+repeat("&a;", mega)+"</title></item>"), 1},
		"divs in XHTML":                  {`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><content type="xhtml">` + repeat("<div>", mega) + repeat("</div>", mega) + "</content></entry></feed>", 1},
		"JSON arrays":                    {repeat("[", 1_000_000), -1},
		"JSON objects":                   {repeat(`{"items":[`, mega), -1},
		"JSON nested in an item":         {`{"version":"https://jsonfeed.org/version/1","items":[{"id":"1","x":` + repeat("[", mega) + repeat("]", mega) + `},{"id":"2"}]}`, 1},
		"JSON quotes":                    {`{"version":"https://jsonfeed.org/version/1","items":[` + repeat(`"`, mega), 0},
		"text before, in small elements": {repeat("<br>", mega) + rss(item), 1},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			f, err := feed.Parse([]byte(test.body), "", "https://a.example/feed", feed.Options{})
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			t.Logf("%d MB: %v, %d MB allocated", len(test.body)>>20, took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20)
			if took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			var not *feed.NotFeedError
			switch {
			case test.items < 0 && !errors.As(err, &not):
				t.Errorf("error is %v, want a NotFeedError", err)
			case test.items >= 0 && err != nil:
				t.Error(err)
			case test.items >= 0 && len(f.Items) != test.items:
				t.Errorf("%d items, want %d", len(f.Items), test.items)
			}
		})
	}
}

func namespaces(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` xmlns:n%d="urn:%d"`, i, i)
	}
	return b.String()
}

// TestMaxItems: of more items than the limit, the newest are kept in the
// feed's order, and where dates are missing, the first.
func TestMaxItems(t *testing.T) {
	dated := func(day int) string {
		return fmt.Sprintf("<item><guid>%d</guid><pubDate>2023-04-%02d</pubDate></item>", day, day)
	}
	undated := func(day int) string { return fmt.Sprintf("<item><guid>%d</guid></item>", day) }
	for name, test := range map[string]struct {
		one  func(int) string
		days []int
		want string
	}{
		"newest first":   {dated, []int{5, 4, 3, 2, 1}, "5 4 3"},
		"oldest first":   {dated, []int{1, 2, 3, 4, 5}, "3 4 5"},
		"mixed":          {dated, []int{2, 5, 1, 4, 3}, "5 4 3"},
		"ties":           {dated, []int{2, 2, 2, 2, 5}, "2 2 5"},
		"without dates":  {undated, []int{1, 2, 3, 4, 5}, "1 2 3"},
		"within a limit": {undated, []int{1, 2}, "1 2"},
	} {
		t.Run(name, func(t *testing.T) {
			body := "<rss><channel>"
			for _, day := range test.days {
				body += test.one(day)
			}
			f, err := feed.Parse([]byte(body+"</channel></rss>"), "", "", feed.Options{MaxItems: 3})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, i := range f.Items {
				got = append(got, i.GUID)
			}
			if strings.Join(got, " ") != test.want || f.Dropped != len(test.days)-len(got) {
				t.Errorf("kept %v, dropped %d; want %s", got, f.Dropped, test.want)
			}
		})
	}
}

// TestManyItems: two hundred thousand items are read in the time of ten
// thousand and little more.
func TestManyItems(t *testing.T) {
	const many = 200_000
	var xml, json strings.Builder
	xml.WriteString("<rss><channel>")
	json.WriteString(`{"version":"https://jsonfeed.org/version/1","items":[`)
	for i := range many {
		fmt.Fprintf(&xml, "<item><guid>%d</guid><title>t</title></item>", i)
		fmt.Fprintf(&json, `{"id":"%d"},`, i)
	}
	xml.WriteString("</channel></rss>")
	json.WriteString("]}")
	for name, body := range map[string]string{"xml": xml.String(), "json": json.String()} {
		start := time.Now()
		f, err := feed.Parse([]byte(body), "", "", feed.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d MB in %v", name, len(body)>>20, time.Since(start).Round(time.Millisecond))
		if len(f.Items) != 10_000 || f.Dropped != many-10_000 || f.Items[0].GUID != "0" {
			t.Errorf("%s: %d items, %d dropped, the first %q", name, len(f.Items), f.Dropped, f.Items[0].GUID)
		}
	}
}
