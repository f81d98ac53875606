package api

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"kliping/index"
	"kliping/internal/export"
	"kliping/internal/pipeline"
)

// IsFeed reports whether a path is a feed's: of what a feed token opens.
func IsFeed(path string) bool {
	file := strings.TrimPrefix(path, "/api/")
	if rest, ok := strings.CutPrefix(file, "watches/"); ok {
		id, stories, _ := strings.Cut(rest, "/")
		if _, err := strconv.ParseInt(id, 10, 64); err != nil {
			return false
		}
		file = "search" + strings.TrimPrefix(stories, "stories")
	}
	switch file {
	case "search.atom", "search.rss", "search.feed.json":
		return strings.HasPrefix(path, "/api/")
	}
	return false
}

// FeedPath is where a search's feed is.
func FeedPath(format string) string {
	if format == "json" {
		format = "feed.json"
	}
	return "/api/search." + format
}

// How many entries a feed has, and how many can be asked for.
const (
	feedEntries = 50
	mostEntries = 200
)

// fresh is how long a feed need not be asked for again.
const fresh = 5 * time.Minute

// feed answers with what a search finds as a feed.
func (s *server) feed(format string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p := s.params(r)
		q := s.searched(p)
		opt := pipeline.FeedOptions{Key: "search?" + p.feedKey(), Title: "Kliping: " + cmp.Or(q.Text, "all stories"), Home: searchPage(p.typed())}
		return s.feedOf(w, r, p, q, opt, format)
	}
}

// watchFeed answers with what a watch looks for as a feed: a story once, whenever it
// came and however often the watch told it.
func (s *server) watchFeed(format string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		watch, err := s.findWatch(r)
		if err != nil {
			return err
		}
		opt := pipeline.FeedOptions{Key: fmt.Sprintf("watch/%d", watch.ID), Title: "Kliping: " + watch.Name, Home: searchPage(watch.Query)}
		return s.feedOf(w, r, s.params(r), index.Query{Text: watch.Query, Location: pipeline.WatchZone(&watch, s.Location), Now: s.Now()}, opt, format)
	}
}

// feedOf answers with what a query finds as a feed.
func (s *server) feedOf(w http.ResponseWriter, r *http.Request, p *params, q index.Query, opt pipeline.FeedOptions, format string) error {
	opt.Limit = max(p.int("limit", feedEntries, mostEntries), 1)
	opt.Place = pipeline.Place{Before: p.time("before"), Skip: p.int("skip", 0, index.MaxLimit/2)}
	if p.err != nil {
		return p.err
	}
	address(r, &opt)
	channel, err := pipeline.Feed(r.Context(), s.DB, s.Index, q, opt)
	if err != nil {
		return err
	}
	return serveFeed(w, r, channel, format)
}

// searched is the query that a request asks, without its bounds of number.
func (s *server) searched(p *params) index.Query {
	return index.Query{
		Text: p.Get("q"), Since: p.time("since"), Until: p.time("until"), Language: p.Get("lang"), Outlet: p.Get("outlet"),
		Location: s.Location, Now: s.Now(),
	}
}

// feedKey tells one search's feed from another's: by what was asked, not by what
// that means now, so that a feed of the last day is the same tomorrow.
func (p *params) feedKey() string {
	key := url.Values{"q": {p.Get("q")}, "lang": {p.Get("lang")}, "outlet": {p.Get("outlet")}}
	for _, bound := range []string{"since", "until"} {
		if v := p.Get(bound); v != "" {
			key.Set(bound, v)
		}
	}
	return key.Encode()
}

// typed is what a person would type into the search box for what is asked.
func (p *params) typed() string {
	text := p.Get("q")
	also := func(field, value string) {
		if value != "" {
			text = index.Refine(text, field, value)
		}
	}
	also("lang", p.Get("lang"))
	also("outlet", p.Get("outlet"))
	if age, err := time.ParseDuration(p.Get("since")); err == nil && age > 0 {
		also("since", ageTyped(age))
	} else {
		also("after", timeTyped(p.time("since")))
	}
	also("before", timeTyped(p.time("until")))
	return text
}

// ageTyped is an age as since: takes it, which knows no seconds.
func ageTyped(age time.Duration) string {
	if age%time.Hour == 0 {
		return fmt.Sprintf("%dh", age/time.Hour)
	}
	return fmt.Sprintf("%dmin", (age+time.Minute-1)/time.Minute)
}

func timeTyped(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// searchPage is where the page of a search is.
func searchPage(query string) string { return "/search?" + url.Values{"q": {query}}.Encode() }

// address says where a feed and its pages are: at the host that was asked. Where
// the request brings a feed token, its own links do too.
func address(r *http.Request, opt *pipeline.FeedOptions) {
	here := url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		here.Scheme = "https"
	}
	opt.Base = here.String()
	self := here
	self.Path, self.RawQuery = r.URL.Path, r.URL.Query().Encode()
	opt.Self = self.String()
	opt.Home = opt.Base + opt.Home
	opt.Older = func(p pipeline.Place) string {
		values := r.URL.Query()
		values.Set("before", p.Before.UTC().Format(time.RFC3339Nano))
		values.Set("skip", strconv.Itoa(p.Skip))
		next := self
		next.RawQuery = values.Encode()
		return next.String()
	}
}

// serveFeed sends a feed, or that it is as the reader has it. What has changed is
// told by a hash of all of it, so it is made for every request: a feed takes
// milliseconds, and a change number would say "changed" of every search with
// every article. There is no Last-Modified: no time of the entries tells that one
// went, or that its counts changed.
func serveFeed(w http.ResponseWriter, r *http.Request, c export.Channel, format string) error {
	var b bytes.Buffer
	if err := export.Render(&b, c, format); err != nil {
		return err
	}
	head := w.Header()
	head.Set("Content-Type", export.MediaType(format)+"; charset=utf-8")
	head.Set("Cache-Control", fmt.Sprintf("private, max-age=%d", int(fresh.Seconds())))
	head.Set("ETag", fmt.Sprintf(`"%016x"`, xxh3.Hash(b.Bytes())))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.Bytes()))
	return nil
}

// sheet answers with what a search finds as CSV, while it is read.
func (s *server) sheet(kind pipeline.SheetKind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p := s.params(r)
		q := s.searched(p)
		q.Sort, q.Offset = p.Get("sort"), p.int("offset", 0, index.MaxLimit)
		q.Limit = cmp.Or(p.int("limit", 0, index.MaxLimit), index.MaxLimit-q.Offset)
		if p.err != nil {
			return p.err
		}
		out := &attachment{to: w, name: string(kind) + ".csv"}
		err := pipeline.Sheet(r.Context(), s.DB, s.Index, q, kind, out)
		if err != nil && out.begun {
			s.Log.ErrorContext(r.Context(), "sheet broken off", "path", r.URL.Path, "error", err)
			panic(http.ErrAbortHandler) // else half a sheet would look like a whole one
		}
		return err
	}
}

// partTakes is the longest a reader may take for what it is sent of a table. The
// whole of one has no limit, whatever the server's is.
const partTakes = time.Minute

// attachment sets its headers with the first byte, until which a request can still
// be answered otherwise.
type attachment struct {
	to    http.ResponseWriter
	name  string
	begun bool
}

var _ io.Writer = (*attachment)(nil)

func (a *attachment) Write(b []byte) (int, error) {
	if !a.begun {
		a.begun = true
		a.to.Header().Set("Content-Type", "text/csv; charset=utf-8")
		a.to.Header().Set("Content-Disposition", `attachment; filename="kliping-`+a.name+`"`)
		a.to.Header().Set("Cache-Control", "private, no-store")
	}
	// One that cannot have a deadline, as in a test, has none that ends it either.
	_ = http.NewResponseController(a.to).SetWriteDeadline(time.Now().Add(partTakes))
	return a.to.Write(b)
}
