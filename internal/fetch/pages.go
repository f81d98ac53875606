package fetch

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/temoto/robotstxt"

	"kliping/internal/news"
)

// PagesOptions say how polite [Pages] is.
type PagesOptions struct {
	Client   *Client       // whose gate says when; without one nobody waits
	Agent    string        // the word by which robots.txt calls us
	Gap      time.Duration // after a request, where the gate's is not longer
	Patience time.Duration // how long to wait for a domain's turn; default a minute
}

// Pages gets web pages as a guest does: where robots.txt lets it, in the turns of
// their domains, which robots.txt takes as well. It is safe for concurrent use.
type Pages struct {
	options PagesOptions
	mu      sync.Mutex
	robots  map[string]*robots // by origin
}

// robots is what an origin's robots.txt says.
type robots struct {
	asking chan struct{}    // holds one token while nobody is asking for it; what follows is for who has that
	rules  *robotstxt.Group // nil: it could not be read, so nothing may be
	until  time.Time
}

// robotsError says that robots.txt keeps a page from being asked for.
type robotsError struct {
	text  string
	until time.Time // when it is asked for again, as it could not be read; zero: it was
}

func (e *robotsError) Error() string { return e.text }

const (
	robotsKept   = 24 * time.Hour // as RFC 9309 has it at most
	robotsRetry  = time.Hour      // where a server failed to give it
	longestDelay = 30 * time.Second
	mostKept     = 10_000 // origins remembered
)

const acceptPages = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"

// NewPages returns a fetcher of pages.
func NewPages(o PagesOptions) *Pages {
	if o.Patience == 0 {
		o.Patience = time.Minute
	}
	return &Pages{options: o, robots: map[string]*robots{}}
}

// Get fetches a page once its domain's turn has come. It does not fail
// otherwise than by the response's outcome, as with [Client.Get]; what robots.txt
// forbids is OutcomeRefused, and what it might forbid if it could be read
// OutcomeUnreachable, with the time until it is asked for again as RetryAfter.
func (p *Pages) Get(ctx context.Context, address string) Response {
	return p.get(ctx, Request{URL: address}, p.options.Patience)
}

// Again fetches a page that was read before, if it changed since, by the validators
// of then. It lets everybody else go first: if its domain's turn, or that of robots.txt
// or of a redirect, is not to be had at once, the outcome is OutcomeBusy.
func (p *Pages) Again(ctx context.Context, address, etag, lastModified string) Response {
	return p.get(ctx, Request{URL: address, ETag: etag, LastModified: lastModified}, 0)
}

func (p *Pages) get(ctx context.Context, r Request, patience time.Duration) Response {
	at, err := url.Parse(r.URL)
	if err != nil || at.Host == "" {
		return refuse(fmt.Errorf("the page's address is malformed"))
	}
	v := p.visit(patience)
	if err := p.allowed(ctx, v, at); err != nil {
		return stopped(err)
	}
	r.Accept, r.visit = acceptPages, v
	r.Allowed = func(ctx context.Context, to *url.URL) error { return p.allowed(ctx, v, to) }
	got := p.options.Client.Get(ctx, r)
	v.done(got)
	return got
}

func (p *Pages) visit(patience time.Duration) *visit {
	return &visit{gate: p.options.Client.options.Gate, v: Visit{Page: true, Patience: patience}, gap: p.options.Gap}
}

// allowed says why robots.txt keeps a page from being asked for; nil if it does
// not. If robots.txt has to be asked for, that is a visit of its own: the page's
// gives its turn back.
func (p *Pages) allowed(ctx context.Context, v *visit, at *url.URL) error {
	origin := at.Scheme + "://" + at.Host
	r := p.of(origin)
	select {
	case <-r.asking:
	default:
		v.done(Response{})
		select {
		case <-r.asking:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { r.asking <- struct{}{} }()
	if time.Now().After(r.until) {
		v.done(Response{})
		if err := p.ask(ctx, r, origin, v.v.Patience); err != nil {
			return err
		}
	}
	if r.rules == nil {
		return &robotsError{origin + "/robots.txt cannot be read, and until it can no page is", r.until}
	}
	if !r.rules.Test(at.RequestURI()) {
		return &robotsError{text: fmt.Sprintf("robots.txt of %s forbids it", at.Hostname())}
	}
	return nil
}

// of is what is known of an origin's robots.txt. Where too many are, all are
// forgotten.
func (p *Pages) of(origin string) *robots {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.robots[origin] == nil {
		if len(p.robots) >= mostKept {
			clear(p.robots)
		}
		r := &robots{asking: make(chan struct{}, 1)}
		r.asking <- struct{}{}
		p.robots[origin] = r
	}
	return p.robots[origin]
}

// ask reads an origin's robots.txt. As RFC 9309 has it, one that is not there
// (4xx) forbids nothing, and one that the server fails to give forbids all. The
// error says that it could not be asked for.
func (p *Pages) ask(ctx context.Context, r *robots, origin string, patience time.Duration) error {
	v := p.visit(patience)
	got := p.options.Client.Get(ctx, Request{URL: origin + "/robots.txt", Accept: "text/plain,*/*;q=0.1", visit: v})
	defer func() { v.done(got) }()
	if err := ctx.Err(); err != nil {
		return err
	}
	body, missing := got.Body, got.Code >= 400 && got.Code < 500 && got.Code != http.StatusTooManyRequests
	switch {
	case got.Outcome == news.OutcomeBusy:
		return got.Err
	case missing, got.Outcome == news.OutcomeEmpty, strings.HasPrefix(got.ContentType, "text/html"):
		body = nil
	case got.Outcome != news.OutcomeOK:
		r.rules, r.until = nil, time.Now().Add(min(max(robotsRetry, got.RetryAfter), robotsKept))
		return nil
	}
	rules, err := robotstxt.FromBytes(body)
	if err != nil {
		rules, _ = robotstxt.FromBytes(nil) // what nobody can read forbids nothing
	}
	r.rules, r.until = rules.FindGroup(p.options.Agent), time.Now().Add(robotsKept)
	delay := min(r.rules.CrawlDelay, longestDelay)
	v.delay = &delay
	return nil
}
