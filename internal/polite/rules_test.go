package polite

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// row is one line of the table.
type row struct {
	rule        string
	marks, full int
	turns       int    // how often the reader could have broken it
	worst       string // the first time that it did
}

// rule looks at what was seen once all is over.
type rule struct {
	name  string
	check func(*tally)
}

// tally counts turns and breaches.
type tally struct {
	turns, broken int
	worst         string
}

// turn counts one turn, kept or not.
func (c *tally) turn(kept bool, format string, args ...any) {
	c.turns++
	if !kept {
		if c.broken++; c.worst == "" {
			c.worst = fmt.Sprintf(format, args...)
		}
	}
}

const full = 10

func (r rule) score() row {
	var c tally
	r.check(&c)
	out := row{rule: r.name, full: full, turns: c.turns, worst: c.worst}
	if c.turns == 0 {
		out.worst = "it never came to it"
		return out
	}
	out.marks = full * (c.turns - c.broken) / c.turns
	return out
}

// site adds a feed to the world.
func (l *lab) site(s site) *site {
	l.outlets.sites[s.url] = &s
	return &s
}

// after is the time since the world began.
func (l *lab) after(t time.Time) time.Duration { return t.Sub(l.outlets.began) }

// apart holds that visits are at least so far apart, and that there are as many as
// there would be if each waited three times that.
func (c *tally) apart(s *site, least time.Duration) {
	for i := 1; i < len(s.visits); i++ {
		wait := s.visits[i].at.Sub(s.visits[i-1].at)
		c.turn(wait >= least && wait <= max(3*least, 2*slowest), "%s asked again after %v, wanted %v at least", s.url, wait, least)
	}
}

// always sets headers on every answer, 200 and 304.
func always(pairs ...string) func(*visit, http.Header) {
	return func(_ *visit, h http.Header) {
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
	}
}

func (l *lab) rules() []rule {
	return slices.Concat(l.validators(), l.freshness(), l.pace(), l.retryAfter(), l.moves(), l.domains(), l.turns(), l.intervals(), l.manners())
}

func (l *lab) validators() []rule {
	s := l.site(site{url: "https://plain.example/rss", every: 9 * time.Hour})
	renewed := l.site(site{url: "https://renewed.example/rss", header: func(v *visit, h http.Header) {
		h.Set("ETag", fmt.Sprintf(`"%d"`, v.nth))
	}, answer: func(v *visit) *answer {
		if v.nth == 0 {
			return nil
		}
		return status(http.StatusNotModified, "ETag", fmt.Sprintf(`"%d"`, v.nth))
	}})
	same := func(c *tally, s *site, validator string, given func(*visit) string) {
		for i, v := range s.visits[min(1, len(s.visits)):] {
			want, got := given(s.visits[i]), v.header.Get(validator)
			c.turn(got == want, "%s: %q for %q", validator, got, want)
		}
	}
	return []rule{
		{"one unconditional request ever", func(c *tally) {
			for _, v := range s.visits {
				c.turn(v.nth == 0 || v.header.Get("If-None-Match") != "", "request %d has no validator", v.nth)
			}
		}},
		{"ETag sent back byte for byte", func(c *tally) { same(c, s, "If-None-Match", func(v *visit) string { return v.etag }) }},
		{"Last-Modified sent back byte for byte", func(c *tally) { same(c, s, "If-Modified-Since", func(v *visit) string { return v.changed }) }},
		{"an ETag that a 304 renews", func(c *tally) { same(c, renewed, "If-None-Match", func(v *visit) string { return v.etag }) }},
	}
}

func (l *lab) freshness() []rule {
	apart := func(name string, s site, least time.Duration) rule {
		s.url = "https://" + url.PathEscape(strings.NewReplacer(" ", "-", ",", "", "-A", "a").Replace(strings.ToLower(name))) + ".example/rss"
		added := l.site(s)
		return rule{name, func(c *tally) { c.apart(added, least) }}
	}
	only := func(code200 bool, value string) func(*visit, http.Header) {
		return func(_ *visit, h http.Header) {
			if (h.Get("Content-Type") != "") == code200 {
				h.Set("Cache-Control", value)
			}
		}
	}
	return []rule{
		apart("Cache-Control on 200", site{every: time.Minute, header: only(true, "public, max-age=5400")}, 90*time.Minute),
		apart("Cache-Control on 304", site{header: always("Cache-Control", "max-age=25200")}, 7*time.Hour),
		apart("Cache-Control of the 200 that a 304 stands for", site{header: only(true, "max-age=28800")}, 8*time.Hour),
		apart("Cache-Control before an own schedule", site{schedule: "*/5 * * * *", header: always("Cache-Control", "max-age=3600")}, time.Hour),
		apart("Expires", site{every: time.Minute, header: func(v *visit, h http.Header) {
			h.Set("Expires", v.at.Add(2*time.Hour).UTC().Format(http.TimeFormat))
		}}, 2*time.Hour),
		apart("Age", site{every: time.Minute, header: always("Cache-Control", "max-age=7200", "Age", "1800")}, 90*time.Minute),
	}
}

func (l *lab) pace() []rule {
	ttl := l.site(site{url: "https://ttl.example/rss", every: time.Minute, head: "<ttl>180</ttl>"})
	update := l.site(site{url: "https://sy.example/rss", every: time.Minute, head: "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>6</sy:updateFrequency>"})
	hours := l.site(site{url: "https://hours.example/rss", every: 4 * time.Hour, head: "<skipHours><hour>1</hour><hour>2</hour><hour>3</hour><hour>4</hour></skipHours>"})
	days := l.site(site{url: "https://days.example/rss", every: 8 * time.Hour, head: "<skipDays><day>Sunday</day><day>Monday</day></skipDays>"})
	return []rule{
		{"ttl", func(c *tally) { c.apart(ttl, 3*time.Hour) }},
		{"sy:updatePeriod and updateFrequency", func(c *tally) { c.apart(update, 4*time.Hour) }},
		{"skipHours", func(c *tally) {
			for _, v := range hours.visits[min(1, len(hours.visits)):] {
				hour := v.at.UTC().Hour()
				c.turn(hour == 0 || hour > 4, "asked at %v", v.at)
			}
		}},
		{"skipDays", func(c *tally) {
			for _, v := range days.visits[min(1, len(days.visits)):] {
				weekday := v.at.UTC().Weekday()
				c.turn(weekday != time.Sunday && weekday != time.Monday, "asked at %v, a %s", v.at, weekday)
			}
		}},
	}
}

// limited answers every tenth visit with a wish to be left alone.
func limited(code int, wait time.Duration, date bool) func(*visit) *answer {
	return func(v *visit) *answer {
		if v.nth%10 != 4 {
			return nil
		}
		if date {
			return status(code, "Retry-After", v.at.Add(wait).UTC().Format(http.TimeFormat))
		}
		return status(code, "Retry-After", fmt.Sprint(int(wait.Seconds())))
	}
}

// alone holds that nobody of the sites is asked for so long after the first of them
// wished it.
func (c *tally) alone(wait time.Duration, sites ...*site) {
	var all []*visit
	for _, s := range sites {
		all = append(all, s.visits...)
	}
	slices.SortStableFunc(all, func(a, b *visit) int { return a.at.Compare(b.at) })
	for i, v := range all {
		if (v.status == 429 || v.status == 503) && i+1 < len(all) {
			c.turn(all[i+1].at.Sub(v.at) >= wait, "%s asked %v after a %d that asked for %v", all[i+1].url, all[i+1].at.Sub(v.at), v.status, wait)
		}
	}
}

func (l *lab) retryAfter() []rule {
	pair := func(code int, wait time.Duration, date bool, base string) []*site {
		return []*site{
			l.site(site{url: "https://a." + base, every: 12 * time.Hour, answer: limited(code, wait, date)}),
			l.site(site{url: "https://b." + base, every: 12 * time.Hour}),
		}
	}
	seconds := pair(429, 9*time.Hour, false, "busy.example/rss")
	date := pair(503, 10*time.Hour, true, "repair.example/rss")
	shared := pair(429, 12*time.Hour, false, "substack.com/feed")
	return []rule{
		{"Retry-After in seconds on 429, the whole domain", func(c *tally) { c.alone(9*time.Hour, seconds...) }},
		{"Retry-After as a date on 503, the whole domain", func(c *tally) { c.alone(10*time.Hour-time.Second, date...) }},
		{"Retry-After on a host that strangers share, that feed", func(c *tally) { c.alone(12*time.Hour, shared[0]) }},
		{"and the strangers are still read", func(c *tally) {
			for i := 1; i < len(shared[1].visits); i++ {
				wait := shared[1].visits[i].at.Sub(shared[1].visits[i-1].at)
				c.turn(wait >= fastest && wait < 11*time.Hour, "left unread for %v", wait)
			}
		}},
	}
}

// moving redirects as long as the condition holds.
func (l *lab) moving(code int, to string, while func(since time.Duration) bool) func(*visit) *answer {
	return func(v *visit) *answer {
		if !while(l.after(v.at)) {
			return nil
		}
		return status(code, "Location", to, "Set-Cookie", "id=7")
	}
}

func (l *lab) moves() []rule {
	ever := func(time.Duration) bool { return true }
	target := func(name string) string {
		return l.site(site{url: "https://" + name + ".example/rss", every: day, schedule: "unasked"}).url
	}
	forGood := func(code int) *site {
		to := target(fmt.Sprint("new", code))
		return l.site(site{url: fmt.Sprintf("https://old%d.example/rss", code), answer: l.moving(code, to, ever)})
	}
	stays := func(code int, while func(time.Duration) bool) *site {
		return l.site(site{url: fmt.Sprintf("https://stays%d-%d.example/rss", code, len(l.outlets.sites)), every: day,
			answer: l.moving(code, target(fmt.Sprint("other", len(l.outlets.sites))), while)})
	}
	moved := []*site{forGood(301), forGood(308)}
	slip := stays(301, func(since time.Duration) bool { return since%(2*day) < 20*time.Hour })
	found, temporary := stays(302, ever), stays(307, ever)
	gone := l.site(site{url: "https://gone.example/rss", every: day, answer: func(v *visit) *answer {
		if v.nth < 5 {
			return nil
		}
		return status(http.StatusGone)
	}})
	still := func(sites ...*site) func(c *tally) {
		return func(c *tally) {
			for _, s := range sites {
				since := l.outlets.began
				for _, v := range s.visits {
					c.turn(v.at.Sub(since) <= 2*slowest, "%s not asked from %v to %v", s.url, since, v.at)
					since = v.at
				}
				c.turn(time.Since(since) <= 2*slowest, "%s asked no more after %v", s.url, l.after(since))
			}
		}
	}
	return []rule{
		{"301 and 308 rewrite the feed after a day", func(c *tally) {
			for _, s := range moved {
				l.left(c, s)
			}
		}},
		{"a 301 that did not hold rewrites nothing", still(slip)},
		{"302 and 307 never do", still(found, temporary)},
		{"410 retires the feed and says so", func(c *tally) {
			for _, v := range gone.visits[min(5, len(gone.visits)):] {
				c.turn(v.nth == 5, "asked %d times after it was gone", v.nth-5)
			}
			f, err := l.db.FindFeed(l.t.Context(), gone.url)
			c.turn(err == nil && !f.Retired.IsZero() && strings.Contains(f.Reason, "410"), "retired %v, %q", f.Retired, f.Reason)
		}},
	}
}

func (l *lab) domains() []rule {
	var mates, private []*site
	for i := range 6 {
		mates = append(mates, l.site(site{url: fmt.Sprintf("https://%c.mates.example/rss", 'a'+i), every: 12 * time.Hour}))
	}
	for i := range 3 {
		private = append(private, l.site(site{url: fmt.Sprintf("http://10.1.2.3/rss/%d", i), every: day}))
	}
	return []rule{
		{"one request at a time to a domain", func(c *tally) { c.alternate(mates) }},
		{"a gap between requests to a domain", func(c *tally) { c.spaced(mates) }},
		{"none for private addresses, each feed by itself", func(c *tally) {
			for _, s := range private {
				c.turn(l.after(s.visits[0].at) < time.Second, "%s waits %v for its first poll", s.url, l.after(s.visits[0].at))
			}
		}},
	}
}

func (l *lab) intervals() []rule {
	busy := l.site(site{url: "https://ticker.example/rss", every: 20 * time.Minute})
	quiet := l.site(site{url: "https://quiet.example/rss"})
	own := l.site(site{url: "https://own.example/rss", every: time.Hour, schedule: "0 */2 * * *"})
	failing := l.site(site{url: "https://failing.example/rss", every: day, answer: func(v *visit) *answer {
		if since := l.after(v.at); since > 6*time.Hour && since < 3*day {
			return status(http.StatusInternalServerError)
		}
		return nil
	}})
	waits := func(s *site) (all []time.Duration) {
		for i := 1; i < len(s.visits); i++ {
			all = append(all, s.visits[i].at.Sub(s.visits[i-1].at))
		}
		return all
	}
	return []rule{
		{"a busy feed is read often, a quiet one seldom", func(c *tally) {
			for _, w := range waits(busy)[3:] {
				c.turn(w <= 2*fastest, "the busy one is left for %v", w)
			}
			for _, w := range waits(quiet)[20:] {
				c.turn(w >= slowest, "the quiet one is asked after %v", w)
			}
		}},
		{"never more often than the bound", func(c *tally) { c.apart(busy, fastest) }},
		{"jitter", func(c *tally) {
			seen := map[time.Duration]bool{}
			for _, w := range waits(busy) {
				w = w.Round(time.Millisecond)
				c.turn(!seen[w] || len(seen) > 20, "twice the same wait of %v", w)
				seen[w] = true
			}
		}},
		{"an own schedule is kept", func(c *tally) {
			for _, v := range own.visits[1:] {
				late := v.at.Sub(v.at.Truncate(2 * time.Hour))
				c.turn(late < time.Minute, "%v late", late)
			}
		}},
		{"failures back off, to a day at most, and end", func(c *tally) {
			all := waits(failing)
			least := 5 * time.Minute
			for i, wait := range all {
				if failing.visits[i].status != 500 {
					continue
				}
				c.turn(wait >= least && wait <= day+time.Hour, "asked after %v, wanted %v at least", wait, least)
				least = min(2*least, day)
			}
			last := failing.visits[len(failing.visits)-1]
			c.turn(last.status != 500 || l.after(last.at) < 3*day && time.Since(last.at) < day+time.Hour, "given up after %v", l.after(last.at))
		}},
		{"no early poll after a restart", func(c *tally) {
			for at, due := range l.due {
				for _, s := range l.outlets.sites {
					i := slices.IndexFunc(s.visits, func(v *visit) bool { return !v.at.Before(at) })
					if d, known := due[s.url]; known && i >= 0 {
						c.turn(!s.visits[i].at.Before(d), "%s asked %v early", s.url, d.Sub(s.visits[i].at))
					}
				}
			}
		}},
		{"every feed shows its next poll and the reason", func(c *tally) {
			feeds, err := l.db.Feeds(l.t.Context())
			l.ok(err)
			for _, f := range feeds {
				c.turn(f.Reason != "" && (!f.NextDue.IsZero() || !f.Retired.IsZero()), "%s: next %v, %q", f.URL, f.NextDue, f.Reason)
			}
		}},
	}
}

// manners are rules about every request.
func (l *lab) manners() []rule {
	each := func(name string, kept func(v *visit) bool) rule {
		return rule{name, func(c *tally) {
			for _, s := range l.outlets.sites {
				for _, v := range s.visits {
					c.turn(kept(v), "%s: %v", v.url, v.header)
				}
			}
		}}
	}
	return []rule{
		each("no cookies", func(v *visit) bool { return v.header.Get("Cookie") == "" }),
		each("no referrer", func(v *visit) bool { return v.header.Get("Referer") == "" }),
		each("no query to get round caches", func(v *visit) bool { return !strings.Contains(v.url, "?") }),
		each("a User-Agent with a contact", func(v *visit) bool { return strings.Contains(v.header.Get("User-Agent"), "(+https://") }),
		each("gzip, brotli and zstd", func(v *visit) bool { return v.header.Get("Accept-Encoding") == "gzip, br, zstd" }),
		{"what was packed is read", func(c *tally) {
			for _, s := range l.outlets.sites {
				if f, err := l.db.FindFeed(l.t.Context(), s.url); err == nil && s.every > 0 && s.answer == nil {
					c.turn(f.Articles > 0 && len(f.Error) == 0 && !slices.ContainsFunc(s.visits, notPacked), "%s: %d articles, %s", s.url, f.Articles, f.Error)
				}
			}
		}},
	}
}

func notPacked(v *visit) bool { return v.header.Get("Accept-Encoding") == "identity" }
