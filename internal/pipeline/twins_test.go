package pipeline_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
)

// TestPageFailsAfterChange changes an item's summary whose page was read, and lets
// the page fail at the second time.
func TestPageFailsAfterChange(t *testing.T) {
	wall := page(`<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>`, paragraphs(1)[0])
	for name, then := range map[string]http.HandlerFunc{"gone": http.NotFound, "paywall": wall} {
		t.Run(name, func(t *testing.T) {
			d, p := newDesk(t), newPaper(t)
			p.add("/a", page("", paragraphs(1)...))
			r, f := d.refresher(10), news.Feed{URL: p.URL + "/feed"}
			d.mustPoll(r, f)
			p.pages["/a"], p.said = then, map[string]string{"/a": "A second word on the ferry, which is another than the first…"}
			done, all := d.mustPoll(r, f)
			a := all[0]
			if done.Changed != 1 || done.Pages != 1 || a.Version != 2 {
				t.Fatalf("%+v, version %d; want a change whose page was fetched", done.Saved, a.Version)
			}
			if a.Page != news.PageFull || !strings.Contains(a.Text(), paragraphs(1)[4]) {
				t.Errorf("%q: the full text is lost:\n%s", a.Page, a.Text())
			}
			if !strings.Contains(a.PageError, "fetched again: ") {
				t.Errorf("page error %q does not say that the page failed", a.PageError)
			}
		})
	}
}

// TestOldPageIsKept changes an item so late that its page is not fetched again, and
// so much that the feed says more than the page.
func TestOldPageIsKept(t *testing.T) {
	d, p := newDesk(t), newPaper(t)
	p.add("/a", page("", paragraphs(1)...))
	r, f := d.refresher(10), news.Feed{URL: p.URL + "/feed"}
	d.mustPoll(r, f)
	d.clock = d.clock.Add(60 * 24 * time.Hour)
	p.said = map[string]string{"/a": "Corrected: the ferry sails again after a winter of repairs…"}
	if done, all := d.mustPoll(r, f); done.Pages != 0 || all[0].Page != news.PageFull || !strings.Contains(all[0].Text(), paragraphs(1)[4]) {
		t.Errorf("%d pages, %q: the full text is lost:\n%s", done.Pages, all[0].Page, all[0].Text())
	}
	p.said["/a"] = strings.Join(append(paragraphs(1), paragraphs(2)...), " ")
	if _, all := d.mustPoll(r, f); !strings.Contains(all[0].Text(), paragraphs(2)[4]) {
		t.Errorf("the feed says more, and the text is still the page's:\n%s", all[0].Text())
	}
}

// count is how many articles the store has.
func (d *desk) count() int {
	d.t.Helper()
	n, err := d.db.Counts(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return n.Articles
}

// pollBoth polls two feeds of a paper, the same number of times each.
func (d *desk) pollBoth(p *paper, perPoll, times int) {
	d.t.Helper()
	r := d.refresher(perPoll)
	for range times {
		for _, path := range []string{"/feed/a", "/feed/b"} {
			d.t.Helper()
			d.clock = d.clock.Add(time.Minute)
			d.pollOne(r, p.URL+path)
		}
	}
}

// TestOneArticleByItsPages has two feeds of an outlet link to one article at two
// addresses, whose pages name a third, or one of the two.
func TestOneArticleByItsPages(t *testing.T) {
	for name, canonical := range map[string]string{"a third": "/news/300001", "the first": "/news/100001", "the second": "/news/200001"} {
		t.Run(name, func(t *testing.T) {
			d, p := newDesk(t), newPaper(t)
			head := `<link rel="canonical" href="` + canonical + `">`
			p.pages["/news/100001"], p.pages["/news/200001"] = page(head, paragraphs(1)...), page(head, paragraphs(1)...)
			p.others = map[string][]entry{
				"/feed/a": {{"one", "/news/100001", "The ferry sails again"}},
				"/feed/b": {{"two", "/news/200001", "Ferry: islands rejoice"}},
			}
			d.pollBoth(p, 10, 3)
			if n := d.count(); n != 1 {
				t.Fatalf("%d articles, want one", n)
			}
			if a := d.article(1); a.Title != "The ferry sails again" || a.Page != news.PageFull {
				t.Errorf("%q, %q: want the earlier, with its full text", a.Title, a.Page)
			}
			aliases, err := d.db.Aliases(t.Context(), 1)
			if name == "the second" { // it was known when it came, as from any second feed
				if len(aliases) != 0 {
					t.Errorf("aliases %+v", aliases)
				}
			} else if err != nil || len(aliases) != 1 || aliases[0].Item.Title != "Ferry: islands rejoice" {
				t.Errorf("what was received of the second is lost: %+v, %v", aliases, err)
			}
			p.others["/feed/b"] = []entry{{"three %d", "/news/200001", "Ferry: islands rejoice"}, {"four %d", canonical, "The ferry sails"}}
			d.pollBoth(p, 10, 2)
			if n := d.count(); n != 1 {
				t.Errorf("%d articles once the guids were new, want one", n)
			}
			d.groupAll(d.grouper())
			if all := d.stories(); len(all) != 1 || len(all[0]) != 1 {
				t.Errorf("stories %v", all)
			}
		})
	}
}

// TestDuplicateLeavesItsStory finds out after grouping that an article is another,
// on which a third leans, and that the earlier one gets the page.
func TestDuplicateLeavesItsStory(t *testing.T) {
	d, p := newDesk(t), newPaper(t)
	head := `<link rel="canonical" href="/news/100001">`
	p.others = map[string][]entry{
		"/feed/a": {{"one", "/news/100001", "The ferry sails again"}},
		"/feed/b": {{"two", "/news/200001", "The ferry sails again"}},
	}
	p.pages["/news/200001"] = page(head, paragraphs(1)...)
	d.pollBoth(p, 0, 1)
	g := d.grouper()
	d.groupAll(g)
	if d.count() != 2 {
		t.Fatalf("%d articles before their pages were read", d.count())
	}
	d.publish("other.example", "The ferry sails again", summary)
	d.groupAll(g)
	d.pollBoth(p, 10, 2)
	d.publish("third.example", "Ferry", paragraphs(1)...)
	d.groupAll(g)
	if a := d.article(1); a.Page != news.PageFull || !strings.Contains(a.Text(), paragraphs(1)[4]) {
		t.Errorf("%q: the earlier article did not get the later one's page", a.Page)
	}
	if d.count() != 3 {
		t.Errorf("%d articles, want three", d.count())
	}
	for _, story := range d.stories() {
		for _, id := range story {
			if a := d.article(id); a.Reason.Of == 2 {
				t.Errorf("article %d is where it is because of one that is gone", id)
			}
		}
	}
}

// TestBrokenCanonical reads a site all of whose pages name one address.
func TestBrokenCanonical(t *testing.T) {
	for name, address := range map[string]string{"the front page": "/", "one article": "/news/100001"} {
		t.Run(name, func(t *testing.T) {
			d, p := newDesk(t), newPaper(t)
			head := `<link rel="canonical" href="` + address + `">`
			for i, path := range []string{"/news/100001", "/news/200002", "/news/300003"} {
				p.add(path, page(head, paragraphs(i)...))
			}
			r, f := d.refresher(10), news.Feed{URL: p.URL + "/feed"}
			d.mustPoll(r, f)
			d.mustPoll(r, f)
			if n := d.count(); n != 3 {
				t.Errorf("%d articles, want three", n)
			}
		})
	}
}

// TestOneLinkTwoFeeds has two feeds of an outlet carry one link.
func TestOneLinkTwoFeeds(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []entry
		want int
	}{
		{"an edited headline", []entry{{"x", "/news/100001", "The ferry sails"}}, []entry{{"y", "/news/100001", "At last: the ferry"}}, 1},
		{"an AMP page", []entry{{"x", "/7", "The ferry sails"}}, []entry{{"y", "/7/amp", "At last: the ferry"}}, 1},
		{"every item links to the front page", []entry{{"x", "/", "The ferry sails"}}, []entry{{"y", "/", "At last: the ferry"}}, 2},
		{"a section", []entry{{"x", "/news/sport", "The ferry sails"}}, []entry{{"y", "/news/sport", "At last: the ferry"}}, 2},
		{"a live page", []entry{{"x", "/live/100001", "10:00 The ferry sails"}}, []entry{{"y", "/live/100001", "10:05 It is back"}}, 2},
		{"one link for all items of one", []entry{{"x", "/news/100001", "The ferry sails"}},
			[]entry{{"y", "/news/100001", "It is back"}, {"z", "/news/100001", "It is away again"}}, 3},
		{"one feed's second item there", []entry{{"x", "/news/100001", "The ferry sails"}, {"z", "/news/100001", "It is back"}},
			[]entry{{"y", "/news/100001", "It is away again"}}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, p := newDesk(t), newPaper(t)
			p.others = map[string][]entry{"/feed/a": c.a, "/feed/b": c.b}
			d.pollBoth(p, 0, 3)
			if n := d.count(); n != c.want {
				t.Errorf("%d articles, want %d", n, c.want)
			}
		})
	}
}

// TestColumnsOfOneTitle brings two days' columns under one headline, whose pages both
// name the address of one.
func TestColumnsOfOneTitle(t *testing.T) {
	d, p := newDesk(t), newPaper(t)
	head := `<link rel="canonical" href="/news/100001">`
	p.pages["/news/100001"], p.pages["/news/200001"] = page(head, paragraphs(1)...), page(head, paragraphs(2)...)
	p.others = map[string][]entry{
		"/feed/a": {{"one", "/news/100001", "Morning briefing"}, {"two", "/news/200001", "Morning briefing"}},
		"/feed/b": {},
	}
	d.pollBoth(p, 10, 3)
	if n := d.count(); n != 2 {
		t.Errorf("%d articles of two columns, want two", n)
	}
}
