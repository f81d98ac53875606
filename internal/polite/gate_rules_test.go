package polite

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// neighbours are the visits of sites that follow one another.
func neighbours(sites []*site, check func(before, v *visit)) {
	var all []*visit
	for _, s := range sites {
		all = append(all, s.visits...)
	}
	slices.SortStableFunc(all, func(a, b *visit) int { return a.at.Compare(b.at) })
	for i := 1; i < len(all); i++ {
		check(all[i-1], all[i])
	}
}

// alternate holds that no site is asked before another has answered.
func (c *tally) alternate(sites []*site) {
	neighbours(sites, func(before, v *visit) {
		c.turn(!before.end.IsZero() && !v.at.Before(before.end), "%s asked before %s had answered", v.url, before.url)
	})
}

// exact is how exactly the store keeps times.
const exact = time.Millisecond

// spaced holds that sites are left alone between visits.
func (c *tally) spaced(sites []*site) {
	neighbours(sites, func(before, v *visit) {
		c.turn(v.at.Sub(before.end) >= gap-exact, "%s asked %v after %s had answered", v.url, v.at.Sub(before.end), before.url)
	})
}

// served answers with a text.
func served(contentType, text string) *answer {
	a := status(http.StatusOK, "Content-Type", contentType)
	a.body = []byte(text)
	return a
}

// paper is a domain with a feed, pages and a robots.txt.
type paper struct{ feed, pages, robots *site }

func (p paper) all() []*site { return []*site{p.feed, p.pages, p.robots} }

// byPage are the visits of each page.
func (p paper) byPage() map[string][]*visit {
	all := map[string][]*visit{}
	for _, v := range p.pages.visits {
		bare, _, _ := strings.Cut(v.url, "?")
		all[bare] = append(all[bare], v)
	}
	return all
}

// paper adds one to the world. Its feed has a new item every few hours, and the page of
// every other is below /page/private/.
func (l *lab) paper(name, robots string, feed, pages func(*visit) *answer) paper {
	base := "https://" + name + ".example/"
	private := l.site(site{url: base + "page/private/", schedule: "unasked", answer: page})
	p := paper{
		l.site(site{url: base + "rss", every: 4 * time.Hour, fullText: true, answer: feed, link: func(n int) string {
			if n%2 == 1 && strings.Contains(robots, "private") {
				return fmt.Sprint(private.url, n)
			}
			return fmt.Sprint(base, "page/", n)
		}}),
		l.site(site{url: base + "page/", schedule: "unasked", answer: func(v *visit) *answer {
			if pages != nil {
				if got := pages(v); got != nil {
					return got
				}
			}
			return page(v)
		}}),
		l.site(site{url: base + "robots.txt", schedule: "unasked", answer: func(*visit) *answer { return served("text/plain", robots) }}),
	}
	return p
}

// page is a page with an article of its own.
func page(v *visit) *answer {
	return served("text/html", "<html><body><article><h1>News</h1>"+strings.Repeat("<p>"+strings.Repeat("The page at "+v.url+" has more to tell. ", 12)+"</p>", 5)+"</article></body></html>")
}

// turns are the rules for what is not a feed's own poll: pages, robots.txt, where
// redirects lead, and the maps of an index.
func (l *lab) turns() []rule {
	polite := l.paper("paper", "User-agent: *\nDisallow: /page/private/\n", nil, nil)
	second := l.site(site{url: "https://second.paper.example/rss", every: 6 * time.Hour})
	slow := l.paper("slow", "User-agent: *\nCrawl-delay: 20\n", nil, nil)
	return slices.Concat([]rule{
		{"pages and feeds of a domain, one request at a time", func(c *tally) { c.alternate(append(polite.all(), second)) }},
		{"pages and feeds of a domain, with its gap", func(c *tally) { c.spaced(append(polite.all(), second)) }},
		{"what robots.txt forbids is not asked for", func(c *tally) {
			c.turn(len(polite.pages.visits) > 2, "only %d pages that it allows asked for", len(polite.pages.visits))
			for _, v := range polite.pages.visits {
				c.turn(true, "%s", v.url)
			}
			for _, v := range l.outlets.sites["https://paper.example/page/private/"].visits {
				c.turn(false, "%s asked for", v.url)
			}
		}},
		{"robots.txt asked for once a day, or after a restart", func(c *tally) {
			c.daily(l, polite.robots)
			c.daily(l, slow.robots)
		}},
		{"Crawl-delay, by pages and feeds", func(c *tally) {
			neighbours(slow.all(), func(before, v *visit) {
				if read := slow.robots.visits[0]; !before.at.Before(read.at) {
					c.turn(v.at.Sub(before.end) >= 20*time.Second-exact, "%s asked %v after %s", v.url, v.at.Sub(before.end), before.url)
				}
			})
		}},
	}, l.held(), l.elsewhere(), l.broken(), l.again())
}

// daily holds that a site is asked at most once in 24 hours of one run.
func (c *tally) daily(l *lab, s *site) {
	for i := 1; i < len(s.visits); i++ {
		before, at := s.visits[i-1].at, s.visits[i].at
		restarted := false
		for start := range l.due {
			restarted = restarted || start.After(before) && !start.After(at)
		}
		c.turn(restarted || at.Sub(before) >= day, "%s asked again after %v", s.url, at.Sub(before))
	}
}

// held are the rules for what a server asks of all who ask its domain.
func (l *lab) held() []rule {
	const wait = 5 * time.Hour
	byPage := l.paper("page-busy", "", nil, limited(http.StatusTooManyRequests, wait, false))
	byFeed := l.paper("feed-busy", "", limited(http.StatusTooManyRequests, wait, false), nil)
	held := func(p paper) func(c *tally) {
		return func(c *tally) {
			c.turn(len(p.pages.visits) > 2, "only %d pages asked for", len(p.pages.visits))
			c.alone(wait, p.all()...)
		}
	}
	return []rule{
		{"Retry-After of a page holds the domain's feeds", held(byPage)},
		{"Retry-After of a feed holds the domain's pages", held(byFeed)},
	}
}

// elsewhere are the rules for what an answer leads to.
func (l *lab) elsewhere() []rule {
	hourly := "0 * * * *"
	hub := []*site{l.site(site{url: "https://hub.example/rss", every: day, schedule: hourly})}
	for i := range 3 {
		to := l.site(site{url: fmt.Sprintf("https://hub.example/of/%d", i), every: day, schedule: "unasked"})
		l.site(site{url: fmt.Sprintf("https://leads%d.example/rss", i), schedule: hourly, answer: func(*visit) *answer {
			return status(http.StatusFound, "Location", to.url)
		}})
		hub = append(hub, to)
	}
	shaky := l.site(site{url: "https://shaky-new.example/rss", every: day, schedule: "unasked", answer: func(v *visit) *answer {
		if v.nth%4 == 2 {
			return status(http.StatusInternalServerError)
		}
		return nil
	}})
	old := l.site(site{url: "https://shaky-old.example/rss", answer: l.moving(http.StatusMovedPermanently, shaky.url, func(time.Duration) bool { return true })})
	inner := l.site(site{url: "https://maps.example/news.xml", every: 5 * time.Hour, schedule: "unasked", text: newsMap})
	index := l.site(site{url: "https://maps.example/index.xml", text: func(int) string {
		return `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>` + inner.url + `</loc></sitemap></sitemapindex>`
	}})
	return []rule{
		{"where redirects lead, the gap of that domain", func(c *tally) { c.spaced(hub) }},
		{"a move whose target fails now and then is followed", func(c *tally) { l.left(c, old) }},
		{"the map of a sitemap index, in its turn", func(c *tally) { c.spaced([]*site{index, inner}) }},
		{"the map of a sitemap index, by its validators", func(c *tally) {
			for i, v := range inner.visits[min(1, len(inner.visits)):] {
				want, got := inner.visits[i].etag, v.header.Get("If-None-Match")
				c.turn(got == want, "%s: %q for %q", v.url, got, want)
			}
		}},
	}
}

// newsMap is a sitemap with the last five items.
func newsMap(version int) string {
	var b strings.Builder
	b.WriteString(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">`)
	for n := max(0, version-4); n <= version; n++ {
		fmt.Fprintf(&b, `<url><loc>https://maps.example/%d</loc><news:news><news:publication><news:name>Maps</news:name><news:language>en</news:language></news:publication>
			<news:publication_date>2026-01-01T00:00:00Z</news:publication_date><news:title>Item %[1]d of the map</news:title></news:news></url>`, n)
	}
	return b.String() + "</urlset>"
}

// left holds that a feed is left for where it moved, after a day.
func (l *lab) left(c *tally, s *site) {
	for _, v := range s.visits {
		c.turn(l.after(v.at) <= day+2*slowest, "%s still asked after %v", s.url, l.after(v.at))
	}
	last := s.visits[len(s.visits)-1]
	c.turn(l.after(last.at) >= day, "%s left after %v", s.url, l.after(last.at))
}

// broken is the rule for pages whose server fails.
func (l *lab) broken() []rule {
	p := l.paper("broken", "", nil, func(*visit) *answer { return status(http.StatusInternalServerError) })
	return []rule{{"a page that fails is asked for again, five times in all", func(c *tally) {
		for address, all := range p.byPage() {
			c.turn(len(all) <= 5, "%s asked for %d times", address, len(all))
			if time.Since(all[0].at) > 4*day {
				c.turn(len(all) >= 5, "%s given up after %d times", address, len(all))
			}
			for i := 1; i < len(all); i++ {
				wait, least := all[i].at.Sub(all[i-1].at), 15*time.Minute<<(2*min(i-1, 4))
				c.turn(wait >= least, "%s asked for again after %v, wanted %v at least", address, wait, least)
			}
		}
	}}}
}

// again are the rules for pages of what watches were told.
func (l *lab) again() []rule {
	p := l.paper("again", "", nil, func(v *visit) *answer {
		got := page(v)
		got.header.Set("ETag", `"of `+v.url+`"`)
		if v.header.Get("If-None-Match") == got.header.Get("ETag") {
			got.code, got.body = http.StatusNotModified, nil
		}
		return got
	})
	l.told = p.feed.url
	return []rule{
		{"what watches were told is asked for five times more, then left", func(c *tally) {
			for address, all := range p.byPage() {
				c.turn(len(all) <= 6, "%s asked for %d times", address, len(all))
				if time.Since(all[0].at) > 8*day {
					c.turn(len(all) >= 5, "%s asked for %d times", address, len(all)) // of a new feed's first items no pages are fetched
				}
				for i := 1; i < len(all); i++ {
					wait := all[i].at.Sub(all[i-1].at)
					c.turn(wait >= time.Hour-time.Minute, "%s asked for again after %v", address, wait)
				}
			}
		}},
		{"by the validators of the page as it was last read", func(c *tally) {
			for _, all := range p.byPage() {
				for i := 2; i < len(all); i++ {
					want, got := all[i-1].etag, all[i].header.Get("If-None-Match")
					c.turn(got == want, "%s: %q for %q", all[i].url, got, want)
				}
			}
		}},
		{"and with the gap of its domain", func(c *tally) { c.spaced(p.all()) }},
	}
}
