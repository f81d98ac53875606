package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kliping/internal/feed"
	"kliping/internal/fetch"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// paper is an outlet on loopback whose feed gives summaries.
type paper struct {
	*httptest.Server
	mu     sync.Mutex
	pages  map[string]http.HandlerFunc
	asked  []string // in order, robots.txt and the feed left out
	items  []string // paths, the newest first
	robots string
	title  string // of every item; "": each has its own

	others  map[string][]entry // other feeds, by their paths
	said    map[string]string  // summaries of paths; else summary
	undated bool
	polls   int // of feeds; a guid with %d in it has their number
}

// entry is an item as a feed of a paper has it.
type entry struct{ guid, path, title string }

func newPaper(t *testing.T) *paper {
	p := &paper{pages: map[string]http.HandlerFunc{}}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

func (p *paper) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	page := p.pages[r.URL.Path]
	p.mu.Unlock()
	switch {
	case r.URL.Path == "/robots.txt":
		fmt.Fprint(w, p.robots)
	case strings.HasPrefix(r.URL.Path, "/feed"):
		p.polls++
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprint(w, "<rss version='2.0'><channel><title>Paper</title>")
		for _, e := range p.entries(r.URL.Path) {
			said := p.said[e.path]
			if said == "" {
				said = summary
			}
			fmt.Fprintf(w, "<item><guid>%s</guid><link>%s%s</link><title>%s</title><description>%s</description>", e.guid, p.URL, e.path, e.title, said)
			if !p.undated {
				fmt.Fprint(w, "<pubDate>Fri, 01 May 2026 05:00:00 GMT</pubDate>")
			}
			fmt.Fprint(w, "</item>")
		}
		fmt.Fprint(w, "</channel></rss>")
	default:
		p.mu.Lock()
		p.asked = append(p.asked, r.URL.Path)
		p.mu.Unlock()
		if page == nil {
			http.NotFound(w, r)
			return
		}
		page(w, r)
	}
}

// entries are the items of the feed at a path.
func (p *paper) entries(feed string) (all []entry) {
	for _, e := range p.others[feed] {
		e.guid = strings.ReplaceAll(e.guid, "%d", fmt.Sprint(p.polls))
		all = append(all, e)
	}
	if feed != "/feed" {
		return all
	}
	for _, path := range p.items {
		title := p.title
		if title == "" {
			title = "On " + path
		}
		all = append(all, entry{path, path, title})
	}
	return all
}

// add puts an item in front of the feed and its page on the server.
func (p *paper) add(path string, page http.HandlerFunc) {
	p.items = slices.Insert(p.items, 0, path)
	p.pages[path] = page
}

const summary = "The ferry between the two islands sails again after a winter of repairs, the harbour council…"

// page is a page with an article of so many paragraphs.
func page(head string, paragraphs ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<!doctype html><html><head><meta charset="utf-8"><title>T</title>%s</head><body><nav><ul><li><a href="/">Home</a></li></ul></nav>
			<main><article><h1>The ferry sails again</h1><p class="byline">By A. Writer</p>`, head)
		for _, s := range paragraphs {
			fmt.Fprintf(w, "<p>%s</p>", html.EscapeString(s))
		}
		fmt.Fprint(w, `</article><aside><h3>Related</h3><a href="/2">Another story altogether</a></aside></main><footer><p>All rights reserved.</p></footer></body></html>`)
	}
}

func raw(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		fmt.Fprint(w, body)
	}
}

func (d *desk) refresher(perPoll int) *pipeline.Refresher {
	allow := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	d.preparer.FullText = news.FullTextShort
	pages := fetch.New(fetch.Options{Allow: allow, Timeout: 500 * time.Millisecond, MaxBytes: 64 << 10})
	return &pipeline.Refresher{
		DB: d.db, Client: fetch.New(fetch.Options{Allow: allow}), Preparer: d.preparer, Limits: feed.Options{},
		FullText: pipeline.FullText{Pages: fetch.NewPages(fetch.PagesOptions{Client: pages, Agent: "Kliping"}), PerPoll: perPoll},
		Next:     func(_ news.Feed, _ pipeline.Answer, now time.Time) store.Plan { return store.Plan{NextDue: now} },
		Now:      d.now, Log: slog.New(slog.DiscardHandler),
	}
}

// poll polls a feed once, adding it first.
func (d *desk) poll(ctx context.Context, r *pipeline.Refresher, f news.Feed) (pipeline.Refreshed, error) {
	d.t.Helper()
	d.clock = d.clock.Add(time.Minute)
	if _, err := d.db.AddFeed(d.t.Context(), f); err != nil && !strings.Contains(err.Error(), "exists") {
		d.t.Fatal(err)
	}
	leases, err := d.db.Claim(d.t.Context(), store.Claim{Limit: 1, Lease: time.Minute})
	if err != nil || len(leases) != 1 {
		d.t.Fatalf("claimed %d feeds: %v", len(leases), err)
	}
	done, err := r.Refresh(ctx, leases[0])
	if err == nil && done.Outcome.Good() {
		done.Pages, err = r.FetchPages(ctx, leases[0].Feed)
	}
	return done, err
}

// pollOne polls one feed among several once, adding it first.
func (d *desk) pollOne(r *pipeline.Refresher, url string) {
	d.t.Helper()
	f, err := d.db.AddFeed(d.t.Context(), news.Feed{URL: url})
	if err != nil && !errors.Is(err, news.ErrExists) {
		d.t.Fatal(err)
	}
	leases, err := d.db.Claim(d.t.Context(), store.Claim{Limit: 1, Lease: time.Minute, Only: []news.FeedID{f.ID}})
	if err != nil || len(leases) != 1 {
		d.t.Fatalf("claimed %d feeds: %v", len(leases), err)
	}
	if _, err = r.Refresh(d.t.Context(), leases[0]); err == nil {
		_, err = r.FetchPages(d.t.Context(), leases[0].Feed)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// mustPoll polls a feed once and returns its articles.
func (d *desk) mustPoll(r *pipeline.Refresher, f news.Feed) (pipeline.Refreshed, []*news.Article) {
	d.t.Helper()
	done, err := d.poll(d.t.Context(), r, f)
	if err != nil {
		d.t.Fatal(err)
	}
	counts, err := d.db.Counts(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	var all []*news.Article
	for id := range counts.Articles {
		all = append(all, d.article(news.ArticleID(id+1)))
	}
	return done, all
}

func TestFullText(t *testing.T) {
	text := paragraphs(1)
	far := `<link rel="canonical" href="https://agency.example/2026/ferry">`
	consent := strings.Repeat("We and our partners use cookies and personal data. Accept all, or manage your consent. ", 12)
	for _, c := range []struct {
		name   string
		page   http.HandlerFunc
		robots string
		policy news.FullText
		state  news.PageState
		why    string // part of the reason
		source string
		asked  int
	}{
		{name: "a page with the article", page: page("", text...), state: news.PageFull, asked: 1},
		{name: "never", page: page("", text...), policy: news.FullTextNever},
		{name: "robots.txt forbids", page: page("", text...), robots: "User-agent: kliping\nDisallow: /a", state: news.PageFailed, why: "robots.txt"},
		{name: "robots.txt forbids others", page: page("", text...), robots: "User-agent: other\nDisallow: /", state: news.PageFull, asked: 1},
		{name: "not found", page: http.NotFound, state: news.PageFailed, why: "404", asked: 1},
		{name: "slow", page: func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, asked: 1},
		{name: "huge", page: raw("text/html", strings.Repeat("<p>much</p>", 20_000)), state: news.PageFailed, why: "larger than", asked: 1},
		{name: "no page", page: raw("application/pdf", "%PDF-1.7"), state: news.PageFailed, why: "application/pdf", asked: 1},
		{name: "no article", page: raw("text/html", "<html><body></body></html>"), state: news.PageFailed, why: "no article", asked: 1},
		{name: "nested too deep", page: raw("text/html", strings.Repeat("<div>", 2000)+"<p>"+strings.Join(text, "</p><p>")), state: news.PageFull, asked: 1},
		{name: "consent wall", page: page("", consent), state: news.PageConsent, why: "consent", asked: 1},
		{name: "paywall by its metadata", page: page(`<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>`, text[0]),
			state: news.PagePaywall, why: "subscribers", asked: 1},
		{name: "paywall by its words", page: page("", text[0][:100]+"…", "Already a subscriber? Log in to read."), state: news.PagePaywall, why: "subscribers", asked: 1},
		{name: "a long article about cookies", page: page("", append(text, consent)...), state: news.PageFull, asked: 1},
		{name: "another outlet's", page: page(far, text...), state: news.PageFull, source: "agency.example", asked: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, p := newDesk(t), newPaper(t)
			p.robots = c.robots
			p.add("/a", c.page)
			r, f := d.refresher(10), news.Feed{URL: p.URL + "/feed", FullText: c.policy}
			_, all := d.mustPoll(r, f)
			a := all[0]
			if a.Page != c.state || !strings.Contains(a.PageError, c.why) || (c.why == "") != (a.PageError == "") {
				t.Errorf("state %q (%s), want %q (%s)", a.Page, a.PageError, c.state, c.why)
			}
			if full := strings.Contains(a.Text(), text[4]); full != (c.state == news.PageFull) {
				t.Errorf("text is the page's: %v\n%s", full, a.Text())
			}
			if c.state != news.PageFull && a.Text() != summary {
				t.Errorf("text %q, want the feed's own", a.Text())
			}
			if strings.Contains(a.Text(), "Another story") || strings.Contains(a.Text(), "A. Writer") {
				t.Errorf("more than the article: %s", a.Text())
			}
			if a.Source != c.source {
				t.Errorf("source %q, want %q", a.Source, c.source)
			}
			if d.mustPoll(r, f); len(p.asked) != c.asked {
				t.Errorf("asked for %v in two polls, want %d", p.asked, c.asked)
			}
		})
	}
}

// TestFullTextWaits sees to it that what one poll leaves is done at the next
// ones, the newest first, that the outlet's word is heeded, and that neither an
// end in the middle nor a second poll fetches a page twice.
func TestFullTextWaits(t *testing.T) {
	d, p := newDesk(t), newPaper(t)
	for i := range 5 {
		p.add(fmt.Sprintf("/%d", i), page("", paragraphs(i)...))
	}
	ctx, stop := context.WithCancel(t.Context())
	p.pages["/3"] = func(http.ResponseWriter, *http.Request) { stop() } // the second to be asked for
	r, f := d.refresher(3), news.Feed{URL: p.URL + "/feed"}
	if _, err := d.poll(ctx, r, f); err == nil {
		t.Fatal("the poll ended well, though it was stopped")
	}
	p.mu.Lock()
	p.pages["/3"] = page("", paragraphs(3)...)
	p.mu.Unlock()
	if done, _ := d.mustPoll(r, f); done.Pages != 3 {
		t.Errorf("%d pages after the restart, want the other three", done.Pages)
	}
	d.clock = d.clock.Add(time.Hour) // the lease of the one that was stopped is over
	busy := true
	p.pages["/3"] = func(w http.ResponseWriter, r *http.Request) {
		if busy {
			w.Header().Set("Retry-After", "7200")
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		page("", paragraphs(3)...)(w, r)
	}
	d.mustPoll(r, f)
	busy = false
	d.mustPoll(r, f) // not yet
	d.clock = d.clock.Add(3 * time.Hour)
	_, all := d.mustPoll(r, f)
	d.mustPoll(r, f)
	want := []string{"/4", "/3", "/2", "/1", "/0", "/3", "/3"}
	if !slices.Equal(p.asked, want) {
		t.Errorf("asked for %v, want %v", p.asked, want)
	}
	for _, a := range all {
		if a.Page != news.PageFull || a.Version != 1 {
			t.Errorf("%s is %q, version %d", a.GUID, a.Page, a.Version)
		}
	}
}

// TestFullTextNoMore has a person want no more pages while some wait, and then pages
// of what comes later.
func TestFullTextNoMore(t *testing.T) {
	d, p := newDesk(t), newPaper(t)
	for i := range 3 {
		p.add(fmt.Sprintf("/%d", i), page("", paragraphs(i)...))
	}
	r := d.refresher(1)
	d.mustPoll(r, news.Feed{URL: p.URL + "/feed"})
	f, err := d.db.Feed(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, policy := range []news.FullText{news.FullTextNever, news.FullTextAlways} {
		f.FullText = policy
		if err := d.db.UpdateFeed(t.Context(), f, nil); err != nil {
			t.Fatal(err)
		}
		d.mustPoll(r, f)
	}
	p.add("/3", page("", paragraphs(3)...))
	d.mustPoll(r, f)
	d.mustPoll(r, f)
	if want := []string{"/2", "/3"}; !slices.Equal(p.asked, want) {
		t.Errorf("asked for %v, want %v", p.asked, want)
	}
}

// TestNoPagesOfAnArchive polls a feed whose items have no dates for the first time,
// and again when one has come.
func TestNoPagesOfAnArchive(t *testing.T) {
	d, p := newDesk(t), newPaper(t)
	p.undated = true
	p.add("/old", page("", paragraphs(0)...))
	r, f := d.refresher(10), news.Feed{URL: p.URL + "/feed"}
	d.mustPoll(r, f)
	d.mustPoll(r, f)
	if len(p.asked) != 0 {
		t.Errorf("asked for %v of an archive", p.asked)
	}
	p.add("/new", page("", paragraphs(1)...))
	d.mustPoll(r, f)
	if want := []string{"/new"}; !slices.Equal(p.asked, want) {
		t.Errorf("asked for %v, want %v", p.asked, want)
	}
}

// TestOneArticleUnderTwoAddresses reads an outlet's feeds of which one links to
// its pages, the other to their AMP form, and of which the pages name their
// canonical address.
func TestOneArticleUnderTwoAddresses(t *testing.T) {
	d, p := newDesk(t), newPaper(t)
	p.title = "The ferry sails again"
	amp := page(`<link rel="canonical" href="/news/ferry">`, paragraphs(1)...)
	p.add("/news/ferry/amp", amp)
	r, f := d.refresher(10), news.Feed{URL: p.URL + "/feed"}
	d.mustPoll(r, f)
	p.add("/news/ferry", page("", paragraphs(1)...))
	p.add("/news/ferry/print/", page("", paragraphs(1)...))
	_, all := d.mustPoll(r, f)
	if len(all) != 1 || all[0].URL != p.URL+"/news/ferry" {
		t.Errorf("%d articles, the first at %s; want one, at its canonical address", len(all), all[0].URL)
	}
	if len(p.asked) != 1 {
		t.Errorf("asked for %v, want one page", p.asked)
	}
}

// TestAMPWhereThePageIsEmpty takes the shorter form of a page that shows its
// article by script only.
func TestAMPWhereThePageIsEmpty(t *testing.T) {
	d, p := newDesk(t), newPaper(t)
	p.add("/a", raw("text/html", `<html><head><link rel="amphtml" href="/a/amp"></head><body><div id="app"></div></body></html>`))
	p.pages["/a/amp"] = page("", paragraphs(1)...)
	_, all := d.mustPoll(d.refresher(10), news.Feed{URL: p.URL + "/feed"})
	if a := all[0]; a.Page != news.PageFull || a.URL != p.URL+"/a" {
		t.Errorf("%q at %s", a.Page, a.URL)
	}
}

// TestFullTextGivesUp has a page whose server fails every time: it is asked for five
// times, and the last reason stays.
func TestFullTextGivesUp(t *testing.T) {
	d, p := newDesk(t), newPaper(t)
	p.add("/a", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "broken", http.StatusInternalServerError) })
	r, f := d.refresher(3), news.Feed{URL: p.URL + "/feed"}
	for try := 1; try <= 7; try++ {
		_, all := d.mustPoll(r, f)
		asked, failed := min(try, 5), try >= 5
		if a := all[0]; len(p.asked) != asked || (a.Page == news.PageFailed) != failed || failed && !strings.Contains(a.PageError, "500 Internal Server Error; asked for 5 times") {
			t.Errorf("poll %d: asked for %d times, state %q (%s)", try, len(p.asked), a.Page, a.PageError)
		}
		d.clock = d.clock.Add(3 * 24 * time.Hour / 2)
	}
}
