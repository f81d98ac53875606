package digest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"kliping/internal/news"
)

// TestSameBytes makes a digest of the same stories in other orders and in a
// process that is elsewhere.
func TestSameBytes(t *testing.T) {
	want := map[string]string{}
	for _, f := range Formats() {
		want[f] = render(t, made(told(), window24()), f)
	}
	home := time.Local
	t.Cleanup(func() { time.Local = home })
	dice := rand.New(rand.NewPCG(1, 2))
	for _, zone := range []string{"America/St_Johns", "Pacific/Kiritimati", "Asia/Kathmandu"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		time.Local = loc
		entries, late := told(), changed()
		for _, e := range entries {
			for i := range e.In {
				e.In[i].At = e.In[i].At.In(loc)
			}
		}
		dice.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		dice.Shuffle(len(late), func(i, j int) { late[i], late[j] = late[j], late[i] })
		d := Choose(entries, window24())
		d.Tell(texts())
		d.Correct(late, 5, nil)
		d.Feeds, d.FeedsFailed, d.Source.Change = 42, 3, 4711
		for _, f := range Formats() {
			if diff := cmp.Diff(want[f], render(t, d, f)); diff != "" {
				t.Errorf("%s in %s differs:\n%s", f, zone, diff)
			}
		}
	}
}

// TestInputIsLeftAlone makes two digests of the same entries.
func TestInputIsLeftAlone(t *testing.T) {
	entries := told()
	first := render(t, made(entries, window24()), "json")
	made(entries, Options{Since: at(3), Until: at(9), Limit: 2})
	if diff := cmp.Diff(first, render(t, made(entries, window24()), "json")); diff != "" {
		t.Error(diff)
	}
}

// hostile are strings that have broken renderings somewhere.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</style><script>alert(1)</script>`, `javascript:alert(1)`, `<!--`, `]]>`, `{{.}}`,
	"\u202eevil\u202c", "\u2066x", "\x1b[2J", "\x00", "a\r\nBcc: x@evil.example", "\xff\xfe", "</title><b>", "<a href=javascript:alert(1)>x</a>", "مرحبا <b>",
	strings.Repeat("w", 300), "<svg/onload=alert(1)>", "&lt;b&gt;", "'; DROP TABLE stories; --",
}

// withEverywhere is a digest in which every text that a stranger or a person
// chooses is s.
func withEverywhere(s string) Digest {
	d := made(told(), window24())
	d.Title, d.Note, d.Query, d.TimeZone = s, s, s, s
	for i := range d.Stories {
		e := &d.Stories[i]
		e.Story.Title, e.Excerpt, e.Agency, e.Note, e.FirstZone, e.Story.FirstOutlet, e.Story.Languages = s, s, s, s, s, s, []string{s}
		e.Shown = Shown{Article: 1, Outlet: s + "x", URL: s, Language: s}
		e.Outlets = []string{s, s + "y"}
		e.Grown.Languages = []string{s}
		e.Corrections = []Correction{{Outlet: s, Was: s, Is: s + "z", At: at(1)}}
		e.Related = []Related{{Story: 3, Title: s, Why: s}}
	}
	d.Corrections = d.Stories[0].Corrections
	for i := range d.Outlets {
		d.Outlets[i].Name = s
	}
	return d
}

// elements are what our own templates are made of.
var elements = regexp.MustCompile(`^(html|head|meta|title|style|body|main|header|footer|section|h1|h2|p|ol|li|span|div|b|s|a|bdi|time|table|thead|tbody|tr|th|td|svg|rect|line|text|del|ins)$`)

// TestNoMarkupOfStrangers parses what is rendered of hostile texts and looks for
// anything that the templates do not have.
func TestNoMarkupOfStrangers(t *testing.T) {
	for _, s := range hostile {
		d := withEverywhere(s)
		for _, format := range []string{"html", "mail", "print"} {
			page := render(t, d, format)
			z := html.NewTokenizer(strings.NewReader(page))
			for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
				if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
					checkElement(t, format, s, z.Token())
				}
			}
			for _, r := range "\u202e\u202c\u2066\x1b\x00" {
				if strings.ContainsRune(page, r) {
					t.Errorf("%s of %q has %U", format, s, r)
				}
			}
		}
		for _, format := range []string{"text", "md"} {
			if got := render(t, d, format); strings.ContainsAny(got, "\u202e\u202c\x1b\x00\r") {
				t.Errorf("%s of %q lets control characters through", format, s)
			}
		}
		if got := d.Subject(); strings.ContainsAny(got, "\r\n\x00\x1b\u202e") || len([]rune(got)) > 500 {
			t.Errorf("the subject of %q is %q", s, got)
		}
	}
}

func checkElement(t *testing.T, format, s string, tok html.Token) {
	t.Helper()
	if !elements.MatchString(tok.Data) {
		t.Errorf("%s of %q has the element %s", format, s, tok)
	}
	for _, a := range tok.Attr {
		if strings.HasPrefix(a.Key, "on") || a.Key == "src" || (a.Key == "href" && !strings.HasPrefix(a.Val, "http")) {
			t.Errorf("%s of %q has %s", format, s, tok)
		}
	}
}

// TestMail holds what mail programs want: nothing from elsewhere, no class that a
// program that drops the style element would miss, no line too long for SMTP.
func TestMail(t *testing.T) {
	page := render(t, made(told(), window24()), "mail")
	for _, unwanted := range []string{"<img", "<svg", "<link", "@import", "url(", "<script", "<form", "float:", "position:", "display:grid", "display:flex"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the mail has %s", unwanted)
		}
	}
	for _, wanted := range []string{"max-width:600px", "<!--[if mso]>", `name="color-scheme"`, `dir="auto"`, "<bdi>", "prefers-color-scheme: dark"} {
		if !strings.Contains(page, wanted) {
			t.Errorf("the mail lacks %s", wanted)
		}
	}
	z := html.NewTokenizer(strings.NewReader(page))
	body := false
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		tok := z.Token()
		body = body || tok.Data == "body"
		class, style := "", ""
		for _, a := range tok.Attr {
			switch a.Key {
			case "class":
				class = a.Val
			case "style":
				style = a.Val
			}
		}
		if body && class != "" && style == "" {
			t.Errorf("%s is styled by its class alone", tok)
		}
	}
	if size := len(page); size > 100<<10 {
		t.Errorf("five stories are %d bytes; Gmail cuts at 102 KB", size)
	}
}

func TestShow(t *testing.T) {
	opt := window24()
	opt.Chosen = []Choice{{"outlet-k.example", []string{"outlet-k.example"}}, {"tier:2", []string{"none.example", "z.example"}}, {"wire.example", []string{"wire.example"}}}
	for show, want := range map[string]map[news.StoryID]string{
		ShowFirst:     {1: "wire.example", 2: "wire.example", 3: "wire.example", 4: "wire.example", 5: "wire.example"},
		ShowPreferred: {1: "wire.example", 2: "outlet-k.example", 3: "z.example", 4: "wire.example", 5: "outlet-k.example"},
		ShowLicensed:  {1: "wire.example", 2: "outlet-k.example", 3: "z.example", 4: "wire.example", 5: "outlet-k.example"},
	} {
		opt.Show = show
		got := map[news.StoryID]string{}
		for _, e := range Choose(told(), opt).Stories {
			got[e.Story.ID] = e.Shown.Outlet
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", show, diff)
		}
	}
}

// TestWithheld wants nothing of what an unlicensed outlet wrote in any format.
func TestWithheld(t *testing.T) {
	opt := window24()
	opt.Show, opt.Chosen = ShowLicensed, []Choice{{"x.example", []string{"x.example"}}}
	d := Choose(told(), opt)
	d.Tell(texts())
	d.Correct(changed(), 5, func(outlet string) bool { return outlet == "x.example" })
	for _, e := range d.Stories {
		for _, c := range e.Corrections {
			if c.Outlet != "x.example" {
				t.Errorf("what %s changed in story %d is told: %+v", c.Outlet, e.Story.ID, c)
			}
		}
	}
	for _, format := range Formats() {
		got := render(t, d, format)
		for _, theirs := range []string{"Dam", "国防部长", "Minister", "minister", "A headline at last"} {
			if strings.Contains(got, theirs) {
				t.Errorf("%s shows %q", format, theirs)
			}
		}
		if format != "json" && !strings.Contains(got, "no licensed copy came") {
			t.Errorf("%s does not say that stories are withheld", format)
		}
	}
}

func TestCorrectedSaid(t *testing.T) {
	for n, want := range map[int]string{0: "", 1: "1 article was changed by its outlet.", 1200: "1,200 articles were changed by their outlets."} {
		if got := correctedSaid(Digest{Corrected: n}); got != want {
			t.Errorf("of %d is said %q, want %q", n, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	kolkata := time.FixedZone("Asia/Kolkata", 5*3600+1800)
	one := func(at time.Time) []Entry {
		return []Entry{{Story: story(1, 1, 1), In: []Dated{{ID: 1, Outlet: "a", At: at}}}}
	}
	for name, test := range map[string]struct {
		since, until, at time.Time
		loc              *time.Location
		unit             string
		bins             int
		first, full      string
	}{
		"hours":             {at(0), at(24), at(3), time.UTC, "hour", 25, "00:00", "03:00"},
		"a zone of 5:30":    {at(0), at(2), at(1), kolkata, "hour", 3, "05:00", "06:00"},
		"the repeated hour": {time.Date(2026, 10, 25, 0, 0, 0, 0, berlin), time.Date(2026, 10, 26, 0, 0, 0, 0, berlin), time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC), berlin, "hour", 25, "00:00", "02:00"},
		"the skipped hour":  {time.Date(2026, 3, 29, 0, 0, 0, 0, berlin), time.Date(2026, 3, 30, 0, 0, 0, 0, berlin), time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), berlin, "hour", 23, "00:00", "03:00"},
		"days":              {at(0), at(24 * 7), at(30), jakarta, "day", 8, "00:00", "00:00"},
		"weeks":             {at(0), at(24 * 100), at(30), jakarta, "week", 15, "00:00", "00:00"},
		"open":              {time.Time{}, time.Time{}, at(3), time.UTC, "hour", 1, "03:00", "03:00"},
	} {
		d := Choose(one(test.at), Options{Since: test.since, Until: test.until, Location: test.loc})
		if d.Unit != test.unit || len(d.Times) != test.bins {
			t.Errorf("%s: %d bins by the %s, want %d by the %s", name, len(d.Times), d.Unit, test.bins, test.unit)
			continue
		}
		sum := 0
		for _, b := range d.Times {
			sum += b.Articles
		}
		if first, full := d.Times[0].At.Format("15:04"), busiest(d.Times).At.Format("15:04"); first != test.first || full != test.full || sum != 1 {
			t.Errorf("%s: begins at %s, the article is at %s (%d in all); want %s, %s", name, first, full, sum, test.first, test.full)
		}
	}
}

func TestRanges(t *testing.T) {
	for want, ids := range map[string][]news.StoryID{"": nil, "3": {3, 3}, "1-3, 5": {5, 3, 1, 2}, "1, 3, 5-6": {6, 5, 3, 1}} {
		if got := ranges(ids); got != want {
			t.Errorf("%v is %q, want %q", ids, got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("word ", 20)
	for text, want := range map[string]string{
		"Short. Text":                        "Short. Text",
		long + "ending. Then " + long + long: strings.TrimSpace(long) + " ending.",
		long + "Mr. Smith " + long + long:    strings.TrimSpace(long+"Mr. Smith "+strings.Repeat("word ", 18)) + " …",
		strings.Repeat("字", 100) + "。" + strings.Repeat("字", 300): strings.Repeat("字", 100) + "。",
		strings.Repeat("字", 400):                                  strings.Repeat("字", 240) + " …",
	} {
		if got := Excerpt(text); got != want {
			t.Errorf("%.40s: %q, want %q", text, got, want)
		}
	}
}

func TestCuration(t *testing.T) {
	draft := made(told(), window24()) // 2 5 1 3 4
	c := Uncurated(draft, 3)
	for name, err := range map[string]error{
		"drop of none":     c.Drop(99),
		"drop of untold":   c.Drop(4),
		"place 0":          c.Move(2, 0),
		"place beyond":     c.Move(2, 4),
		"note to untold":   c.SetNote(4, "x"),
		"an unknown story": Curation{Stories: []Pick{{Story: 99}}}.Check(draft),
		"the same twice":   Curation{Stories: []Pick{{Story: 2}, {Story: 2}}}.Check(draft),
		"an endless note":  Curation{Note: strings.Repeat("x", longestNote+1)}.Check(draft),
	} {
		if !errors.Is(err, news.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if diff := cmp.Diff(Uncurated(draft, 3), c); diff != "" {
		t.Errorf("mistakes changed the curation:\n%s", diff)
	}
	if err := c.Move(4, 1); err != nil { // taken in
		t.Fatal(err)
	}
	var got []news.StoryID
	for _, p := range c.Stories {
		got = append(got, p.Story)
	}
	if diff := cmp.Diff([]news.StoryID{4, 2, 5, 1}, got); diff != "" {
		t.Error(diff)
	}
}

// TestLeftOutIsStillCorrected drops the story whose headline was changed.
func TestLeftOutIsStillCorrected(t *testing.T) {
	draft := made(told(), window24())
	c := Uncurated(draft, 5)
	if err := c.Drop(5); err != nil {
		t.Fatal(err)
	}
	before := len(draft.Corrections)
	for range 2 { // and the draft stays as it was
		d, err := c.Apply(draft)
		if err != nil || len(d.Corrections) != before+1 || d.Corrections[before].Is != "Dam holds after a night of rain" || len(draft.Corrections) != before {
			t.Errorf("corrections are %+v (%v)", d.Corrections, err)
		}
	}
}

func TestCurationFile(t *testing.T) {
	draft := made(told(), window24())
	c := Uncurated(draft, 3)
	c.Note = "Top: \"note\"\nof two lines"
	c.Stories[1].Note = "- dash: {x}"
	var b bytes.Buffer
	if err := c.WriteFile(&b, "morning/2026-05-01T07:00", 7, draft); err != nil {
		t.Fatal(err)
	}
	f, back, err := ReadCuration(b.Bytes(), draft)
	if err != nil || f.Draft != "morning/2026-05-01T07:00" || f.Edit != 7 {
		t.Fatalf("read back %+v: %v", f, err)
	}
	if diff := cmp.Diff(c, back); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	for file, want := range map[string]string{
		"":                                   "empty",
		"storys: []":                         `line 1: "storys" is not known`,
		"stories:\n- story: 2\n  hedline: x": `line 3: "hedline" is not known`,
		"stories:\n- story: two":             "line 2: `two` is no whole number",
		"stories: 2":                         "line 1",
		"stories:\n- story: 2\n- story: 99":  "story 99 is not in the draft",
		"stories:\n- story: 2\n- story: 2":   "story 2 stands there twice",
		"stories:\n- story: 2\nleft_out:\n- story: 2": "story 2 stands there twice",
		"stories: [": "line 1",
	} {
		_, _, err := ReadCuration([]byte(file), draft)
		if !errors.Is(err, news.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", file, err, want)
		}
	}
}

func BenchmarkTenThousandStories(b *testing.B) {
	entries := make([]Entry, 10_000)
	for i := range entries {
		s := story(news.StoryID(i+1), i%7+1, i%7+2, "en", "id")
		s.FirstArrived = at(0).Add(time.Duration(i) * 8 * time.Second)
		entries[i] = entry(s)
		for j := range entries[i].In {
			entries[i].In[j].Outlet = fmt.Sprintf("outlet-%d.example", (i+j)%300)
		}
	}
	opt := window24()
	b.ReportAllocs()
	for b.Loop() {
		d := Choose(entries, opt)
		d.Tell(nil)
		var w bytes.Buffer
		if err := Render(&w, d, "mail"); err != nil {
			b.Fatal(err)
		}
	}
}
