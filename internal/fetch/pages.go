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
	"golang.org/x/net/publicsuffix"

	"kliping/internal/news"
)

// PagesOptions say how polite [Pages] is.
type PagesOptions struct {
	Client *Client
	Agent  string        // the word by which robots.txt calls us
	Gap    time.Duration // between two requests to one domain
}

// Pages gets web pages as a guest does: where robots.txt lets it, from one domain
// one at a time, with a gap. It is safe for concurrent use.
type Pages struct {
	options PagesOptions
	mu      sync.Mutex
	domains map[string]*domain
	robots  map[string]*robots // by origin
}

// domain is whose turn it is.
type domain struct {
	turn  chan struct{} // holds one token while nobody is asking
	free  time.Time     // when the next may ask; only for who has the token
	delay time.Duration // what robots.txt asks for, likewise
	users int           // who have or wait for the token; guarded by Pages.mu
}

// robots is what an origin's robots.txt says.
type robots struct {
	rules *robotstxt.Group // nil: it could not be read, so nothing may be
	until time.Time
}

const (
	robotsKept   = 24 * time.Hour // as RFC 9309 has it at most
	robotsRetry  = time.Hour      // where a server failed to give it
	longestDelay = 30 * time.Second
	mostKept     = 10_000 // domains and origins remembered
)

const acceptPages = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"

// NewPages returns a fetcher of pages.
func NewPages(o PagesOptions) *Pages {
	return &Pages{options: o, domains: map[string]*domain{}, robots: map[string]*robots{}}
}

// Get fetches a page once its domain's turn has come. It does not fail
// otherwise than by the response's outcome, as with [Client.Get]; what robots.txt
// forbids is OutcomeRefused.
func (p *Pages) Get(ctx context.Context, address string) Response {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" {
		return refuse(fmt.Errorf("the page's address is malformed"))
	}
	d, err := p.enter(ctx, at)
	if err != nil {
		return Response{Outcome: news.OutcomeTimeout, Err: err}
	}
	defer p.leave(d)
	if err := p.allowed(ctx, d, at); err != nil {
		return refuse(err)
	}
	if err := d.wait(ctx); err != nil {
		return Response{Outcome: news.OutcomeTimeout, Err: err}
	}
	defer d.asked(p.options.Gap)
	return p.options.Client.Get(ctx, Request{URL: address, Accept: acceptPages, Allowed: func(ctx context.Context, to *url.URL) error {
		return p.allowed(ctx, d, to)
	}})
}

// enter takes the turn of a domain.
func (p *Pages) enter(ctx context.Context, at *url.URL) (*domain, error) {
	p.mu.Lock()
	d := p.domains[domainOf(at)]
	if d == nil {
		d = &domain{turn: make(chan struct{}, 1)}
		d.turn <- struct{}{}
		p.forget()
		p.domains[domainOf(at)] = d
	}
	d.users++
	p.mu.Unlock()
	select {
	case <-d.turn:
		return d, nil
	case <-ctx.Done():
		p.mu.Lock()
		d.users--
		p.mu.Unlock()
		return nil, ctx.Err()
	}
}

func (p *Pages) leave(d *domain) {
	d.turn <- struct{}{}
	p.mu.Lock()
	d.users--
	p.mu.Unlock()
}

// forget makes room: domains that nobody uses and whose gap is over, and
// robots.txt files that are too old. The caller holds the lock.
func (p *Pages) forget() {
	now := time.Now()
	if len(p.domains) >= mostKept {
		for name, d := range p.domains {
			if d.users == 0 && now.After(d.free) {
				delete(p.domains, name)
			}
		}
	}
	if len(p.robots) >= mostKept {
		clear(p.robots)
	}
}

// wait waits until the domain may be asked again.
func (d *domain) wait(ctx context.Context) error {
	left := time.Until(d.free)
	if left <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *domain) asked(gap time.Duration) { d.free = time.Now().Add(max(gap, d.delay)) }

// allowed says why robots.txt forbids a page; nil if it does not.
func (p *Pages) allowed(ctx context.Context, d *domain, at *url.URL) error {
	origin := at.Scheme + "://" + at.Host
	p.mu.Lock()
	r := p.robots[origin]
	p.mu.Unlock()
	if r == nil || time.Now().After(r.until) {
		var err error
		if r, err = p.ask(ctx, d, origin); err != nil {
			return err
		}
		p.mu.Lock()
		p.robots[origin] = r
		p.mu.Unlock()
	}
	if r.rules == nil {
		return fmt.Errorf("%s/robots.txt cannot be read, and until it can no page is", origin)
	}
	d.delay = min(r.rules.CrawlDelay, longestDelay)
	if path := at.RequestURI(); !r.rules.Test(path) {
		return fmt.Errorf("robots.txt of %s forbids it", at.Hostname())
	}
	return nil
}

// ask reads an origin's robots.txt. As RFC 9309 has it, one that is not there
// (4xx) forbids nothing, and one that the server fails to give forbids all.
func (p *Pages) ask(ctx context.Context, d *domain, origin string) (*robots, error) {
	if err := d.wait(ctx); err != nil {
		return nil, err
	}
	got := p.options.Client.Get(ctx, Request{URL: origin + "/robots.txt", Accept: "text/plain,*/*;q=0.1"})
	d.asked(p.options.Gap)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	body, missing := got.Body, got.Code >= 400 && got.Code < 500 && got.Code != http.StatusTooManyRequests
	switch {
	case missing, got.Outcome == news.OutcomeEmpty, strings.HasPrefix(got.ContentType, "text/html"):
		body = nil
	case got.Outcome != news.OutcomeOK:
		return &robots{until: time.Now().Add(robotsRetry)}, nil
	}
	rules, err := robotstxt.FromBytes(body)
	if err != nil {
		rules, _ = robotstxt.FromBytes(nil) // what nobody can read forbids nothing
	}
	return &robots{rules: rules.FindGroup(p.options.Agent), until: time.Now().Add(robotsKept)}, nil
}

// domainOf is the registrable domain, or the host and port if there is none.
func domainOf(u *url.URL) string {
	if name, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(u.Hostname())); err == nil {
		return name
	}
	return u.Host
}
