package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
	"kliping/internal/store"
)

func TestHomeRanksStories(t *testing.T) {
	d := newDesk(t)
	alone := d.publish("first.example", "Orchard prize goes to Norwick", "The Norwick orchard won the county prize for its plums, the judges said on Friday evening.")
	first, _, _ := d.publishDam()
	home := d.get("/")
	want := []string{"Dam at Pellworth lowered after crack", "Orchard prize goes to Norwick"}
	if diff := cmp.Diff(want, home.texts(".stories h2")); diff != "" {
		t.Errorf("stories (-want +got):\n%s", diff)
	}
	var links []string
	for _, a := range home.all(".stories h2 a") {
		links = append(links, a.attr("href"))
	}
	if diff := cmp.Diff([]string{storyPath(d.storyOf(first)), storyPath(d.storyOf(alone))}, links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	facts := home.texts(".story .facts")[0]
	for _, want := range []string{"3 articles", "3 outlets", "first first.example, 1 May, 06:02"} {
		if !strings.Contains(facts, want) {
			t.Errorf("the dam's facts are %q, want %q among them", facts, want)
		}
	}
	if got, want := home.one(t, ".lede").text(), "Friday, 1 May 2026 · in all 4 articles in 2 stories from 0 feeds"; got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}
}

func TestHomeWindow(t *testing.T) {
	d := newDesk(t)
	d.publishDam()
	d.clock = d.clock.Add(50 * time.Hour)
	for path, want := range map[string]struct {
		stories int
		choice  string
		title   string
	}{
		"/":             {0, "24 hours", "Today's stories"},
		"/?window=72h":  {1, "3 days", "Stories of the last 3 days"},
		"/?window=168h": {1, "7 days", "Stories of the last 7 days"},
		"/?window=36h":  {0, "36 hours", "Stories of the last 36 hours"},
		"/?window=90m":  {0, "1h30m0s", "Stories of the last 1h30m0s"},
	} {
		home := d.get(path)
		if n := len(home.all(".story")); n != want.stories {
			t.Errorf("%s lists %d stories, want %d", path, n, want.stories)
		}
		if got := home.one(t, ".choice [aria-current]").text(); got != want.choice {
			t.Errorf("%s is chosen as %q, want %q", path, got, want.choice)
		}
		if got := home.one(t, "h1").text(); got != want.title {
			t.Errorf("%s is titled %q, want %q", path, got, want.title)
		}
	}
	for _, bad := range []string{"/?window=yesterday", "/?window=-1h", "/?show=many", "/?show=-1", "/?show=100000"} {
		said := d.page(bad, http.StatusBadRequest).one(t, ".lede").text()
		if !strings.Contains(said, "write ") {
			t.Errorf("%s: %q does not say what to write", bad, said)
		}
	}
}

func TestHomeGoesOn(t *testing.T) {
	d := newDesk(t)
	for i := range 43 {
		d.publish("first.example", fmt.Sprintf("Headline %d", i), fmt.Sprintf("In %d the village of Number %d counted %d goats and was glad of every single one.", 1900+i, i, 7*i))
	}
	d.settle()
	home := d.get("/")
	if n := len(home.all(".story")); n != 40 {
		t.Errorf("the page lists %d stories, want 40", n)
	}
	all := d.get(home.one(t, ".more a").attr("href"))
	if n := len(all.all(".story")); n != 43 {
		t.Errorf("the longer page lists %d stories, want 43", n)
	}
	if n := len(all.all(".more")); n != 0 {
		t.Error("the longer page, which has all, offers more")
	}
}

func TestEmptyStore(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{"/", "/feeds"} {
		if said := d.get(path).one(t, ".empty").text(); !strings.Contains(said, "kliping feeds add") {
			t.Errorf("%s says %q, want how to add a feed", path, said)
		}
	}
	d.addFeed(news.Feed{URL: "https://first.example/rss"}, news.OutcomeEmpty, "")
	if said := d.get("/").one(t, ".empty").text(); !strings.Contains(said, "Nothing arrived") {
		t.Errorf("with a feed, the page says %q", said)
	}
}

func TestStoryPage(t *testing.T) {
	d := newDesk(t)
	first, soiled, cut := d.publishDam()
	story := d.get(storyPath(d.storyOf(first)))
	if got, want := story.one(t, "h1").text(), "Dam at Pellworth lowered after crack"; got != want {
		t.Errorf("headline is %q, want %q", got, want)
	}
	if diff := cmp.Diff(dam, story.texts(".text p")); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if got := story.one(t, ".text").attr("lang"); got != "en" {
		t.Errorf("the text's language is %q", got)
	}
	type told struct{ Who, Later, Link, Out, Why, Stripped string }
	var got []told
	for _, c := range story.all(".copies li[id]") {
		got = append(got, told{
			Who: c.one(t, ".who b").text(), Later: c.one(t, ".later").text(),
			Link: c.all(".headline a")[0].attr("href"), Out: c.one(t, ".headline .out").attr("href"),
			Why: strings.SplitN(c.one(t, "p.why").text(), ":", 2)[0], Stripped: strings.Join(c.texts(".stripped s"), "|"),
		})
	}
	want := []told{
		{"first.example", "first", articlePath(first), "https://first.example/1777615260", "the story began with it", ""},
		{"second.example", "+1 min", articlePath(soiled), "https://second.example/1777615320", "copy of first.example", plea},
		{"third.example", "+2 min", articlePath(cut), "https://third.example/1777615380", "edited from first.example", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("copies (-want +got):\n%s", diff)
	}
	if badge := story.one(t, fmt.Sprintf("#article-%d .badge", first)).text(); badge != "lead" {
		t.Errorf("the first is marked %q", badge)
	}
	of := story.one(t, fmt.Sprintf("#article-%d p.why a", soiled)).attr("href")
	story.one(t, of) // the reason's link leads to the copy on this page
	strip := story.one(t, ".stripped .why").text()
	if !strings.HasPrefix(strip, "lexicon: ") {
		t.Errorf("the plea is stripped by %q, want the lexicon and its rule", strip)
	}
}

// TestSpread looks at the picture of stories with few and with many copies.
func TestSpread(t *testing.T) {
	for _, test := range []struct{ copies, rows, more int }{{1, 0, 0}, {2, 2, 0}, {40, 40, 0}, {45, 40, 5}} {
		d := newDesk(t)
		var id news.ArticleID
		for i := range test.copies {
			id = d.publish(fmt.Sprintf("a-really-long-name-of-an-outlet-number-%d.example", i), "Dam lowered after crack", dam...)
		}
		d.settle()
		story := d.get(storyPath(d.storyOf(id)))
		rows := story.all(".spread li")
		if len(rows) != test.rows {
			t.Errorf("%d copies have %d rows, want %d", test.copies, len(rows), test.rows)
		}
		last := 0.0
		for i, r := range rows {
			x, err := strconv.ParseFloat(strings.TrimSuffix(r.one(t, "a svg circle").attr("cx"), "%"), 64)
			if err != nil || x < last || x > 100 {
				t.Errorf("%d copies: circle %d stands at %v (%v), the one before at %v", test.copies, i, x, err, last)
			}
			last = x
			if label := r.one(t, ".label").text(); label != fmt.Sprintf("a-really-long-name-of-an-outlet-number-%d.example", i) {
				t.Errorf("row %d is of %s", i, label)
			}
			story.one(t, r.one(t, "a").attr("href")) // leads to the copy below
		}
		if test.rows > 0 && last != 98 {
			t.Errorf("%d copies: the last circle stands at %v, want the right end", test.copies, last)
		}
		if more := strings.Contains(story.text(), "5 later articles are only in the list below"); more != (test.more > 0) {
			t.Errorf("%d copies: that some have no row is said: %v", test.copies, more)
		}
		if n := len(story.all(".copies li[id]")); n != test.copies {
			t.Errorf("%d copies, %d listed", test.copies, n)
		}
	}
}

// TestMergedStoryMoves asks for a story that was merged into another.
func TestMergedStoryMoves(t *testing.T) {
	d := newDesk(t)
	_, _, cut := d.publishDam()
	other := d.publish("fourth.example", "Orchard prize", "The Norwick orchard won the county prize for its plums, the judges said on Friday evening.")
	d.settle()
	from, into := d.storyOf(other), d.storyOf(cut)
	d.group(func(ctx context.Context, g *store.Grouping) error {
		_, err := g.Merge(ctx, from, into, news.Reason{Relation: news.Placed})
		return err
	})
	if to := d.ask(http.MethodGet, storyPath(from), http.StatusFound).Header().Get("Location"); to != storyPath(into) {
		t.Errorf("the merged story is said to be at %q, want %q", to, storyPath(into))
	}
}

func TestArticlePage(t *testing.T) {
	d := newDesk(t)
	first, soiled, _ := d.publishDam()
	page := d.get(articlePath(soiled))
	if got := page.one(t, ".residue s").text(); got != plea {
		t.Errorf("stripped is %q, want the plea", got)
	}
	if why := page.one(t, ".residue .why").text(); !strings.HasPrefix(why, "stripped by lexicon: ") {
		t.Errorf("it is stripped because %q", why)
	}
	if diff := cmp.Diff(append(append([]string{}, dam...), plea), withoutWhy(page.texts(".text p"))); diff != "" {
		t.Errorf("the article's lines (-want +got):\n%s", diff)
	}
	if got, want := page.one(t, ".crumb a").attr("href"), fmt.Sprintf("/story/%d#article-%d", d.storyOf(soiled), soiled); got != want {
		t.Errorf("the way to the story is %q, want %q", got, want)
	}
	if got := page.one(t, "article p.why a").attr("href"); got != articlePath(first) {
		t.Errorf("the reason leads to %q, want the first article", got)
	}
	waiting := d.publish("fifth.example", "", "A text that nobody has looked at until now, and that has no headline.")
	page = d.get(articlePath(waiting))
	if page.one(t, ".crumb").text() != "waits to be grouped" || page.one(t, "h1").text() != "(no headline)" {
		t.Errorf("an article without story and headline says %q", page.one(t, "article").text())
	}
}

func withoutWhy(lines []string) []string {
	var kept []string
	for _, l := range lines {
		if !strings.HasPrefix(l, "stripped by") {
			kept = append(kept, l)
		}
	}
	return kept
}

// TestTakenDown has an outlet take a page down.
func TestTakenDown(t *testing.T) {
	d := newDesk(t)
	first, second, _ := d.publishDam()
	state, err := d.db.WatchState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.db.SaveWatched(t.Context(), store.Watched{From: state, To: state.Last, Revisits: store.Revisits{Articles: []news.ArticleID{second}, Told: d.clock, Due: d.clock}}); err != nil {
		t.Fatal(err)
	}
	claimed, err := d.db.ClaimRevisits(t.Context(), 1, time.Minute)
	if err != nil || len(claimed) != 1 {
		t.Fatalf("claimed %v, %v", claimed, err)
	}
	if _, err := d.db.SaveRevisit(t.Context(), claimed[0], store.Visited{TakenDown: news.Takedown{Since: d.clock, Why: "410 Gone"}}); err != nil {
		t.Fatal(err)
	}
	says := func(page element, want bool) {
		t.Helper()
		if got := strings.Contains(strings.Join(page.texts(".badge"), "|"), "page taken down, since "); got != want {
			t.Errorf("says that its page was taken down: %v, want %v", got, want)
		}
	}
	story := d.get(storyPath(d.storyOf(first)))
	says(story.one(t, fmt.Sprintf("#article-%d", first)), false)
	says(story.one(t, fmt.Sprintf("#article-%d", second)), true)
	says(d.get(articlePath(first)), false)
	says(d.get(articlePath(second)), true)
}

// TestBlocksKeepTheirKind shows headings, lists, quotes and code as such.
func TestBlocksKeepTheirKind(t *testing.T) {
	d := newDesk(t)
	id := d.save(news.Feed{}, news.Item{GUID: "k", Link: "https://first.example/k", Title: "Kinds", HTML: "<p>" + dam[0] +
		"</p><h2>What is known about the wall</h2><ul><li>It is sixty years old, the survey says.</li></ul><blockquote>It held, and it will hold for us all.</blockquote><pre>water  = wall</pre>"})
	page := d.get(articlePath(id))
	for selector, want := range map[string]string{
		".text h3": "What is known about the wall", ".text .item": "It is sixty years old, the survey says.",
		".text blockquote": "It held, and it will hold for us all.", ".text pre": "water = wall",
	} {
		if got := page.one(t, selector).text(); got != want {
			t.Errorf("%s is %q, want %q", selector, got, want)
		}
	}
}

// TestRightToLeft: a stranger's text has the direction and language of its own.
func TestRightToLeft(t *testing.T) {
	d := newDesk(t)
	id := d.publish("abar.example", "سبع آبار في وادي السدر", wells...)
	d.settle()
	for path, selectors := range map[string][]string{
		"/":                                  {".stories h2 a"},
		storyPath(d.storyOf(id)):             {"h1", ".copies .headline"},
		articlePath(id):                      {"h1"},
		"/search?q=%D8%A2%D8%A8%D8%A7%D8%B1": {".stories h2 a", ".fragment"},
	} {
		page := d.get(path)
		for _, s := range selectors {
			if e := page.one(t, s); e.attr("dir") != "auto" || e.attr("lang") != "ar" {
				t.Errorf("%s %s: dir=%q lang=%q", path, s, e.attr("dir"), e.attr("lang"))
			}
		}
		for _, p := range page.all(".text p") {
			if p.attr("dir") != "auto" {
				t.Errorf("%s: a paragraph has no direction of its own", path)
			}
		}
	}
}

func TestSearchPage(t *testing.T) {
	d := newDesk(t)
	_, soiled, _ := d.publishDam()
	d.publish("abar.example", "سبع آبار في وادي السدر", wells...)
	d.settle()

	page := d.get("/search?q=" + url.QueryEscape("families surveyed"))
	if got := page.one(t, "h1").text(); got != "1 story for families surveyed" {
		t.Errorf("the page says %q", got)
	}
	if diff := cmp.Diff([]string{"families", "surveyed", "survey"}, page.texts(".fragment mark")); diff != "" {
		t.Errorf("marked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"first.example"}, page.texts(".by a")); diff != "" {
		t.Errorf("the copies it was found by, want the lead (-want +got):\n%s", diff)
	}
	if got := page.one(t, "header [name]").attr("value"); got != "families surveyed" {
		t.Errorf("the box has %q", got)
	}
	page = d.get("/search?q=" + url.QueryEscape("title:homes"))
	if got := page.texts(".story h2"); len(got) != 1 {
		t.Errorf("by the headline of article %d, stories %q are found, want one", soiled, got)
	}
	page = d.get("/search?q=" + url.QueryEscape("dam OR السدر"))
	if got := page.all(".facets a"); len(got) == 0 {
		t.Error("two stories in two languages are found, and nothing to narrow them down by")
	} else if got := d.get(got[0].attr("href")).texts(".story h2"); len(got) != 1 {
		t.Errorf("narrowed down to one language, stories %q are found, want one", got)
	}
	page = d.get("/search?q=volcano")
	if got := page.one(t, "h1").text(); got != "0 stories for volcano" {
		t.Errorf("where nothing is found, the page says %q", got)
	}
	if said := page.one(t, ".empty").text(); !strings.Contains(said, "fewer words") {
		t.Errorf("where nothing is found, the advice is %q", said)
	}
	if page = d.get("/search?q="); page.one(t, "h1").text() != "Search stories" {
		t.Errorf("without a query the page says %q", page.one(t, "h1").text())
	}
}

func TestSearchMistake(t *testing.T) {
	d := newDesk(t)
	d.publishDam()
	for _, test := range []struct{ query, where, before string }{
		{`(dam OR`, "At column 8", `(dam OR`},
		{`dam colour:red`, "At column 5", `dam `},
		{`سد "آبار`, "At column 4", `سد `},
		{`<b>dam</b> OR`, "At column 14", `<b>dam</b> OR`},
	} {
		page := d.page("/search?q="+url.QueryEscape(test.query), http.StatusBadRequest)
		if said := page.all(".mistake p")[0].text(); !strings.HasPrefix(said, test.where) {
			t.Errorf("%s: %q, want %q", test.query, said, test.where)
		}
		typed := page.one(t, ".mistake .typed bdi")
		if got := typed.FirstChild.Data; got != test.before {
			t.Errorf("%s: before the mistake stands %q, want %q", test.query, got, test.before)
		}
		if got := typed.text(); got != strings.TrimSpace(test.query) {
			t.Errorf("%s is shown as %q", test.query, got)
		}
		if got := page.one(t, "header [name]").attr("value"); got != test.query {
			t.Errorf("%s: the box has %q", test.query, got)
		}
	}
}

func TestSearchPages(t *testing.T) {
	d := newDesk(t)
	for i := range 45 {
		d.publish("first.example", fmt.Sprintf("Goats %d", i), fmt.Sprintf("In %d the village of Number %d counted %d goats and was glad of every single one.", 1900+i, i, 7*i))
	}
	d.settle()
	seen := map[string]int{}
	path, pages := "/search?q=goats", 0
	for path != "" {
		page := d.get(path)
		pages++
		for _, title := range page.texts(".story h2") {
			seen[title]++
		}
		path = ""
		for _, next := range page.all(".more a[rel]") {
			if next.attr("rel") == "next" {
				path = next.attr("href")
			}
		}
	}
	if pages != 3 || len(seen) != 45 {
		t.Errorf("%d stories on %d pages, want 45 on 3", len(seen), pages)
	}
	for title, n := range seen {
		if n != 1 {
			t.Errorf("%s is there %d times", title, n)
		}
	}
	if d.get("/search?q=goats&from=20").all(".more a")[0].attr("href") != "/search?q=goats" {
		t.Error("the second page does not lead back to the first")
	}
	if said := d.get("/search?q=goats&from=60").one(t, ".empty").text(); said != "There are no more." {
		t.Errorf("behind the last page stands %q", said)
	}
	d.page("/search?q=goats&from=x", http.StatusBadRequest)
}

func TestFeedsPage(t *testing.T) {
	d := newDesk(t)
	d.addFeed(news.Feed{URL: "https://good.example/rss", Title: "Good"}, news.OutcomeOK, "")
	d.addFeed(news.Feed{URL: "https://bad.example/rss", Title: "Bad"}, news.OutcomeNotAFeed, "this is an HTML page")
	if _, err := d.db.AddFeed(t.Context(), news.Feed{URL: "https://new.example/rss"}); err != nil {
		t.Fatal(err)
	}
	page := d.get("/feeds")
	if diff := cmp.Diff([]string{"Bad", "Good", "(no title yet)"}, page.texts("tbody bdi")); diff != "" {
		t.Errorf("feeds (-want +got):\n%s", diff)
	}
	failing := page.one(t, ".failing")
	if got := failing.one(t, ".status").text(); got != "not a feedthis is an HTML page" {
		t.Errorf("the failing feed's status is %q", got)
	}
	if !strings.HasPrefix(page.one(t, ".lede").text(), "1 could not be read") {
		t.Errorf("the page says %q", page.one(t, ".lede").text())
	}
	if got := page.all("tbody tr")[2].all("td")[2].text(); got != "not yet" {
		t.Errorf("a new feed was polled %q", got)
	}
}

// TestFeedsPageSaysWhen expects of every feed when it is polled next, and why.
func TestFeedsPageSaysWhen(t *testing.T) {
	d := newDesk(t)
	now := d.clock
	for url, plan := range map[string]store.Plan{
		"https://held.example/rss":    {NextDue: now.Add(2 * time.Hour), Reason: "the server asked to be left alone for 2 h (status 429, Retry-After)", Timing: news.Timing{HeldUntil: now.Add(2 * time.Hour)}},
		"https://retired.example/rss": {Retired: now, Reason: "retired: the server says that it is gone for good (410)"},
		"https://moved.example/rss":   {NextDue: now.Add(time.Hour), Reason: "every 1 h", Timing: news.Timing{MovedTo: "https://ann:hunter2@there.example/", MovedSince: now}},
	} {
		f, err := d.db.AddFeed(t.Context(), news.Feed{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		leases, err := d.db.Claim(t.Context(), store.Claim{Limit: 1, Lease: time.Minute, Only: []news.FeedID{f.ID}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.db.SaveRefresh(t.Context(), store.Refresh{Lease: leases[0], Outcome: news.OutcomeOK, Plan: func(int) store.Plan { return plan }}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.db.AddFeed(t.Context(), news.Feed{URL: "https://new.example/rss"}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"held": "the server asked to be left alone for 2 h", "retired": "gone for good (410)", "new": "not polled yet",
		"moved": "every 1 hmoved to https://ann:xxxxx@there.example/, as its server says",
	}
	for _, row := range d.get("/feeds").all("tbody tr") {
		cells := row.all("td")
		for name, why := range want {
			if strings.Contains(cells[0].text(), name+".example") {
				if got := cells[4].text(); !strings.Contains(got, why) || len(got) < len(why)+10 {
					t.Errorf("%s: next %q, want a time and %q", name, got, why)
				}
				delete(want, name)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not on the page: %v", want)
	}
}
