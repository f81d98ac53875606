package digest

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"kliping/internal/news"
)

var update = flag.Bool("update", false, "write the golden files anew")

var jakarta = time.FixedZone("Asia/Jakarta", 7*3600)

func at(hour int) time.Time { return time.Date(2026, 5, 1, hour, 5, 0, 0, time.UTC) }

func story(id news.StoryID, outlets, copies int, langs ...string) news.Story {
	return news.Story{
		ID: id, Change: news.Change(id), Title: "A headline", Copies: copies, Texts: max(len(langs), 1), Outlets: outlets, Languages: langs,
		FirstOutlet: "wire.example", FirstPublished: at(int(id)), FirstArrived: at(int(id)).Add(time.Minute), LastArrived: at(int(id) + 1),
	}
}

// entry is a story whose articles are all of the window, an outlet each as far as
// there are outlets.
func entry(s news.Story, outlets ...string) Entry {
	e := Entry{Story: s}
	for i := range s.Copies {
		a := Dated{ID: news.ArticleID(100*int(s.ID) + i), Outlet: fmt.Sprintf("outlet-%c.example", 'a'+i%max(s.Outlets, 1)), At: s.FirstArrived.Add(time.Duration(i) * 25 * time.Minute)}
		if i < len(outlets) {
			a.Outlet = outlets[i]
		} else if i >= s.Outlets && len(outlets) > 0 {
			a.Outlet = outlets[i%len(outlets)]
		}
		e.In = append(e.In, a)
		if i < s.Outlets {
			e.Carriers = append(e.Carriers, a)
		}
	}
	e.Story.Lead = news.ArticleID(100 * int(s.ID))
	return e
}

// told are entries with everything in them that has gone wrong somewhere.
func told() []Entry {
	hostile := story(1, 3, 4, "en")
	hostile.FirstPublished = time.Time{}
	chinese := story(2, 16, 41, "en", "id", "zh")
	arabic := story(3, 3, 3, "ar")
	untitled := story(4, 1, 1)
	untitled.FirstPublished = at(4).AddDate(-4, 0, 0)
	grown := story(5, 12, 14, "en", "id", "zh")
	all := []Entry{
		entry(hostile, "wire.example", "a.example", "b.example"),
		entry(chinese),
		entry(arabic, "x.example", "y.example", "z.example"),
		entry(untitled, "wire.example"),
		entry(grown, "wire.example"),
	}
	all[4].Before = story(5, 3, 4, "en")
	all[4].In = all[4].In[4:]
	return all
}

// texts are the articles that told shows.
func texts() map[news.ArticleID]*news.Article {
	all := map[news.ArticleID]*news.Article{}
	add := func(id news.ArticleID, title, text, agency string) {
		all[id] = &news.Article{ID: id, Title: title, Agency: agency, URL: "https://wire.example/" + fmt.Sprint(id), Blocks: []news.Block{{Text: text}}}
	}
	add(100, "[Click](javascript:alert(1)) *now* <script>alert(1)</script> \x1b[31m| `x` & more at www.evil.example", "- not a list\n# not a heading <b>&amp; https://evil.example/a_b_c", "")
	all[100].URL = "javascript:alert(1)"
	add(200, "国防部长抵达北京开始为期四天的访问并会见多位高级官员双方讨论边境安全能源合作以及地区局势等一系列议题", strings.Repeat("The minister arrived on Tuesday. ", 12), "AP")
	add(300, "وزير الدفاع يصل إلى بكين في زيارة تستغرق أربعة أيام", "2026. "+strings.Repeat("x", 200), "")
	all[300].Language = "ar"
	add(400, " \n", "", "")
	add(500, "Dam holds after a night of rain", "The dam held.", "")
	return all
}

func changed() []Correction {
	return []Correction{
		{Story: 5, Article: 500, Outlet: "wire.example", At: at(9), Was: "Dam breaks", Is: "Dam holds after a night of rain", Text: true},
		{Story: 5, Article: 501, Outlet: "outlet-b.example", At: at(10), Was: "Same", Is: "Same", Text: true},
		{Story: 1, Article: 100, Outlet: "a.example", At: at(8), Was: "وزير", Is: "<b>Minister</b> \u202egnorw"},
		{Story: 77, Article: 7700, Outlet: "b.example", At: at(8), Was: "", Is: "A headline at last"},
		{Story: 78, Article: 7800, Outlet: "b.example", At: at(7), Text: true},
	}
}

// made is a digest as the pipeline makes it.
func made(entries []Entry, opt Options) Digest {
	d := Choose(entries, opt)
	d.Tell(texts())
	d.Correct(changed(), 5, nil)
	d.Feeds, d.FeedsFailed, d.Source.Change = 42, 3, 4711
	return d
}

func window24() Options {
	return Options{
		Title: "Morning", Since: at(0), Until: at(24), Location: jakarta, BaseURL: "http://127.0.0.1:8080/",
		Zone: func(outlet string) *time.Location {
			if outlet == "wire.example" {
				return time.FixedZone("America/New_York", -4*3600)
			}
			return nil
		},
	}
}

// curated is a draft after a person was at it.
func curated(t testing.TB, d Digest) Digest {
	t.Helper()
	c := Uncurated(d, 4)
	for _, err := range []error{c.Drop(2), c.Move(4, 1), c.Move(5, 2), c.SetNote(0, "Watch the dam."), c.SetNote(5, "Call <the> mayor\nمرحبا")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d, err := c.Apply(d)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// withNames is a digest that knows what people call some of its outlets, and a
// related story.
func withNames(d Digest) Digest {
	names := map[string]string{"wire.example": "The *Wire*", "x.example": "\u200fصحيفة <b>", "outlet-b.example": "Outlet B", "none.example": "Nowhere"}
	d.Name(func(outlet string) string { return names[outlet] })
	e := &d.Stories[0]
	e.Link, e.Related = fmt.Sprintf("https://kliping.example/story/%d", e.Story.ID), []Related{{Story: 9, Title: "<i>Reservoir", Why: "shares Pellworth"}}
	return d
}

func TestGolden(t *testing.T) {
	digests := map[string]Digest{
		"full":     made(told(), window24()),
		"empty":    {Title: "Morning", Since: at(0), Until: at(24), By: "published", TimeZone: "UTC", Feeds: 42, FeedsFailed: 3},
		"short":    made(told(), Options{Since: at(0), Until: at(24), Limit: 1}),
		"curated":  curated(t, made(told(), window24())),
		"licensed": made(told(), licensed()),
		"named":    withNames(made(told(), window24())),
	}
	for name, d := range digests {
		for _, format := range Formats() {
			t.Run(name+"."+format, func(t *testing.T) {
				got := render(t, d, format)
				path := filepath.Join("testdata", name+"."+format)
				if *update {
					if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("-want +got (go test -update writes it anew)\n%s", diff)
				}
			})
		}
	}
}

func licensed() Options {
	opt := window24()
	opt.Show = ShowLicensed
	opt.Chosen = []Choice{{"wire.example", []string{"wire.example"}}, {"tier:1", []string{"z.example", "x.example"}}}
	return opt
}

func render(t testing.TB, d Digest, format string) string {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, d, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRank(t *testing.T) {
	newer := story(9, 2, 5, "en")
	texts := story(5, 2, 2, "en", "id")
	texts.Texts = 3
	languages := story(6, 2, 7, "en", "id")
	languages.Texts = 1
	twin := newer
	twin.ID = 3
	inOrder := []news.Story{
		story(1, 9, 9, "en"), // most outlets, though few languages
		texts,                // most texts
		story(7, 2, 8, "en"), // most copies
		languages,            // which do not count
		newer,                // newest
		twin,                 // as new, smaller id
		story(8, 2, 5, "en"),
		story(2, 1, 7, "en"),
	}
	entries := make([]Entry, len(inOrder))
	want := make([]news.StoryID, len(inOrder))
	for i, s := range inOrder {
		entries[i], want[i] = entry(s), s.ID
	}
	dice := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		dice.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		d := Choose(entries, Options{})
		var got []news.StoryID
		for _, e := range d.Stories {
			got = append(got, e.Story.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-want +got\n%s", diff)
		}
		if d.TotalStories != 8 || d.TotalArticles != 48 {
			t.Fatalf("counts %d stories, %d articles; want 8, 48", d.TotalStories, d.TotalArticles)
		}
	}
}

func TestRankByPublished(t *testing.T) {
	late, early := story(1, 1, 1), story(2, 1, 1)
	late.FirstPublished, late.FirstArrived = at(9), at(9)
	early.FirstPublished, early.FirstArrived = at(1), at(12)
	for by, want := range map[string]news.StoryID{"arrival": 2, "published": 1} {
		d := Choose([]Entry{{Story: late}, {Story: early}}, Options{By: by})
		if got := d.Stories[0].Story.ID; got != want {
			t.Errorf("by %s story %d is first, want %d", by, got, want)
		}
	}
}

func TestReadBackRendersTheSame(t *testing.T) {
	d := made(told(), window24())
	var back Digest
	if err := json.Unmarshal([]byte(render(t, d, "json")), &back); err != nil {
		t.Fatal(err)
	}
	for _, format := range Formats() {
		if diff := cmp.Diff(render(t, d, format), render(t, back, format)); diff != "" {
			t.Errorf("%s -first +read back\n%s", format, diff)
		}
	}
}

func TestZoneIsNamed(t *testing.T) {
	local := time.FixedZone("Local", -3*3600-1800)
	if got := ZoneName(time.FixedZone("Local", 0), at(0)); got != "UTC" {
		t.Errorf("a machine without an offset is at %q", got)
	}
	for want, loc := range map[string]*time.Location{"UTC": nil, "Asia/Jakarta": jakarta, "UTC-03:30": local} {
		if got := Choose(nil, Options{Since: at(0), Until: at(1), Location: loc}).TimeZone; got != want {
			t.Errorf("zone is %q, want %q", got, want)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	err := Render(&bytes.Buffer{}, Digest{}, "pdf")
	if !errors.Is(err, news.ErrInvalid) || !strings.Contains(err.Error(), "html, mail, print, md, text, json") {
		t.Errorf("error is %v", err)
	}
}

// FuzzText holds that no line of a text digest is too wide, carries a control
// character or ends in a space, and that no word of the headline is lost.
func FuzzText(f *testing.F) {
	for _, a := range texts() {
		f.Add(a.Title, a.Text())
	}
	f.Add("e\u0301\u0301 👩‍👩‍👧‍👦"+strings.Repeat("字", 90), strings.Repeat("a-", 100))
	f.Fuzz(func(t *testing.T, title, excerpt string) {
		d := Choose([]Entry{entry(story(1, 2, 2, "en"), "a.example", "b.example")}, Options{Since: at(0), Until: at(9)})
		d.Stories[0].Story.Title, d.Stories[0].Excerpt, d.Stories[0].Note = title, excerpt, excerpt
		got := plainText(d)
		unisolated := strings.NewReplacer("\u2068", "", "\u2069", "")
		for line := range strings.SplitSeq(strings.TrimSuffix(got, "\n"), "\n") {
			if w := uniseg.StringWidth(line); w > columns {
				t.Errorf("%d columns: %q", w, line)
			}
			if strings.HasSuffix(line, " ") || clean(line) != strings.Join(strings.Fields(unisolated.Replace(line)), " ") {
				t.Errorf("not clean: %q", line)
			}
		}
		if want := strings.Join(strings.Fields(headline(d.Stories[0])), ""); !strings.Contains(unisolated.Replace(strings.Join(strings.Fields(got), "")), want) {
			t.Errorf("headline %q is not in\n%s", want, got)
		}
	})
}
