// Package fetch performs one polite HTTP GET: conditional when validators are
// known, bounded in time, bytes and redirects, and never to an address that is
// not public unless it was allowed. How it ended is a value, not an error.
//
//   - validator: an ETag or Last-Modified, sent back byte for byte
//   - guard: the table of addresses that are no public web server's
//   - hop: one request of a chain of redirects
package fetch

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/net/http/httpguts"

	"kliping/internal/news"
)

// Options bound what a [Client] does. Zero values mean the defaults.
type Options struct {
	Timeout      time.Duration  // for the whole request with its redirects and body; default 30s
	MaxBytes     int64          // of the body, decoded as well as on the wire; default 16 MiB
	Limit        string         // what people call MaxBytes, for the error; default fetch.max_bytes
	MaxRedirects int            // default 5
	Allow        []netip.Prefix // addresses the guard lets through though they are not public
	UserAgent    string         // default "Kliping"
	Proxy        ProxyFunc      // which proxy goes for us; default none
	// Gate lets requests through; default: all are, at once.
	Gate Gate
	// Transport takes the place of the guarded one, so that months of polls can be
	// simulated. Nothing guards it.
	Transport http.RoundTripper

	resolver *net.Resolver // default the system's
}

// Client fetches. It keeps connections for reuse, but no cookies and nothing
// else between requests, and is safe for concurrent use.
type Client struct {
	options   Options
	transport http.RoundTripper
}

// New returns a client that goes out through a [Transport] only.
func New(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Limit == "" {
		o.Limit = "fetch.max_bytes"
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 16 << 20
	}
	if o.MaxRedirects == 0 {
		o.MaxRedirects = 5
	}
	if o.UserAgent == "" {
		o.UserAgent = "Kliping"
	}
	if o.Transport != nil {
		return &Client{options: o, transport: o.Transport}
	}
	return &Client{options: o, transport: NewTransport(o)}
}

// Request says what to get and what is known of it.
type Request struct {
	URL          string
	ETag         string // as the last response gave it, or empty
	LastModified string // as the last response gave it, or empty
	Accept       string // media types; default: feeds first
	// Allowed, unless it is nil, is asked before each redirect is followed; its
	// errors are of the kinds that stopped knows.
	Allowed func(ctx context.Context, to *url.URL) error
	// Entered is the domain whose turn the caller has and keeps until after Get; for
	// others, and if it is empty, Get takes turns itself.
	Entered string

	visit *visit // default: one that Get begins and ends
}

// Response is how a request ended.
type Response struct {
	Outcome      news.Outcome
	Code         int            // HTTP status of the last hop; 0: none came
	Err          error          // why, for people; nil for OutcomeOK and OutcomeNotModified
	Body         []byte         // decoded; never empty for OutcomeOK; what had come where the rest was cut off
	ContentType  string         // as sent
	ETag         string         // byte for byte; on OutcomeNotModified the known one unless a new one was sent
	LastModified string         // likewise
	URL          string         // of the last hop, without user name and password
	MovedTo      string         // the last hop's URL if every hop said that the move is permanent
	RetryAfter   time.Duration  // how long the server asks to be left alone, 0 if it does not; on OutcomeBusy, after which the turn may come
	Fresh        *time.Duration // how long the server says the answer will do; nil: it does not say
	Bytes        int64          // of the last hop's body on the wire
}

const (
	acceptFeeds = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, " +
		"application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
	acceptEncodings = "gzip, br, zstd"
)

// Get fetches r.URL, following redirects. It never fails otherwise than by the
// response's outcome; when ctx ends, that is OutcomeTimeout with ctx's error. Where
// there is a gate, each domain's turn is waited for first, which does not count for
// the timeout; if it does not come, that is OutcomeBusy.
func (c *Client) Get(ctx context.Context, r Request) Response {
	limited, clock := newStopwatch(ctx, c.options.Timeout)
	defer clock.stop()
	own := r.visit == nil
	if own {
		r.visit = &visit{gate: c.options.Gate, entered: r.Entered, v: Visit{Patience: gatePatience}}
	}
	resp := c.follow(limited, clock, r)
	if own {
		r.visit.done(resp)
	}
	if ctx.Err() != nil && resp.Outcome != news.OutcomeOK && resp.Outcome != news.OutcomeNotModified {
		resp.Outcome, resp.Err = news.OutcomeTimeout, ctx.Err()
	}
	return resp
}

// follow requests hop after hop until one is no redirect.
func (c *Client) follow(ctx context.Context, clock *stopwatch, r Request) Response {
	at, err := url.Parse(r.URL)
	if err != nil {
		// The address is not shown: it may hold a password that cannot be found to be blotted out.
		return refuse(errors.New("the address is malformed; write it like https://news.example/feed.xml"))
	}
	if err := clock.pause(func() error { return r.visit.to(ctx, at) }); err != nil {
		return stopped(err)
	}
	permanent := true
	for hop := 0; ; hop++ {
		resp, next := c.hop(ctx, r, at)
		if hop > 0 && resp.Err != nil {
			resp.Err = fmt.Errorf("redirected to %s: %w", at.Redacted(), resp.Err)
		}
		if next == nil {
			return ended(resp, at, hop > 0, permanent)
		}
		if hop == c.options.MaxRedirects {
			resp.Outcome = news.OutcomeHTTPError
			resp.Err = fmt.Errorf("more than %d redirects, the last to %s", c.options.MaxRedirects, next.Redacted())
			return resp
		}
		if err := clock.pause(func() error { return r.mayGo(ctx, next) }); err != nil {
			resp = stopped(err)
			resp.Err = fmt.Errorf("redirected to %s: %w", next.Redacted(), err)
			return resp
		}
		permanent = permanent && (resp.Code == http.StatusMovedPermanently || resp.Code == http.StatusPermanentRedirect)
		at = next
	}
}

// mayGo says why a redirect is not followed; nil if it is.
func (r *Request) mayGo(ctx context.Context, next *url.URL) error {
	if r.Allowed != nil {
		if err := r.Allowed(ctx, next); err != nil {
			return err
		}
	}
	return r.visit.to(ctx, next)
}

// ended is the response of the last hop, with what the redirects before it say of it.
func ended(resp Response, at *url.URL, redirected, permanent bool) Response {
	switch {
	case !redirected:
	case resp.Outcome == news.OutcomeGone && !permanent:
		resp.Outcome = news.OutcomeHTTPError // what is gone is not what was asked for
		resp.Err = fmt.Errorf("%w, behind a redirect that is for now only", resp.Err)
	case permanent && resp.Outcome.Good():
		resp.MovedTo = at.String()
	}
	return resp
}

// hop makes one request. next is where a redirect leads, nil if it is none.
func (c *Client) hop(ctx context.Context, r Request, at *url.URL) (_ Response, next *url.URL) {
	req, err := c.request(ctx, r, at)
	if err != nil {
		return refuse(err), nil
	}
	got, err := c.roundTrip(req)
	if err != nil {
		return c.failed(ctx, at, err), nil
	}
	defer func() { _ = got.Body.Close() }() // what is left unread is not wanted
	resp := Response{
		Code:         got.StatusCode,
		ContentType:  got.Header.Get("Content-Type"),
		ETag:         got.Header.Get("ETag"),
		LastModified: got.Header.Get("Last-Modified"),
		RetryAfter:   retryAfter(got.Header, time.Now()),
		Fresh:        fresh(got.Header, time.Now()),
		URL:          bare(at),
	}
	switch code := got.StatusCode; {
	case code >= 200 && code < 300 && code != http.StatusPartialContent:
		c.read(ctx, &resp, got)
	case code == http.StatusNotModified && (r.ETag != "" || r.LastModified != ""):
		resp.Outcome = news.OutcomeNotModified
		if resp.ETag == "" {
			resp.ETag = r.ETag
		}
		if resp.LastModified == "" {
			resp.LastModified = r.LastModified
		}
	case code == 301 || code == 302 || code == 303 || code == 307 || code == 308:
		if next, err = redirect(at, got.Header.Get("Location")); err != nil {
			resp.Outcome, resp.Err = news.OutcomeHTTPError, err
		}
	default:
		resp.Outcome, resp.Err = outcome(got, resp.RetryAfter)
	}
	return resp, next
}

func (c *Client) request(ctx context.Context, r Request, at *url.URL) (*http.Request, error) {
	if (at.Scheme != "http" && at.Scheme != "https") || at.Hostname() == "" {
		return nil, fmt.Errorf("%q is no web address; only http:// and https:// are fetched", at.Redacted())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%q is no web address", at.Redacted())
	}
	if at.User != nil {
		password, _ := at.User.Password()
		req.SetBasicAuth(at.User.Username(), password)
	}
	set := func(name, value string) {
		// A value that HTTP cannot carry would fail every request to come.
		if value != "" && httpguts.ValidHeaderFieldValue(value) {
			req.Header.Set(name, value)
		}
	}
	if r.Accept == "" {
		r.Accept = acceptFeeds
	}
	set("Accept", r.Accept)
	set("Accept-Encoding", acceptEncodings)
	set("User-Agent", c.options.UserAgent)
	set("If-None-Match", r.ETag)
	set("If-Modified-Since", r.LastModified)
	return req, nil
}

// read fills in the body and the outcome of a successful response.
func (c *Client) read(ctx context.Context, resp *Response, got *http.Response) {
	var err error
	resp.Body, resp.Bytes, err = readBody(got, c.options.MaxBytes)
	switch {
	case err == nil && len(bytes.TrimSpace(resp.Body)) > 0:
		resp.Outcome = news.OutcomeOK
		return
	case err == nil:
		resp.Body = nil
		resp.Outcome, err = news.OutcomeEmpty, fmt.Errorf("the answer (%s) is empty", status(got.StatusCode))
	case errors.Is(err, errTooLarge):
		resp.Outcome, err = news.OutcomeTooLarge, fmt.Errorf("the answer is larger than %d bytes, the limit of %s", c.options.MaxBytes, c.options.Limit)
	case errors.Is(err, errTooSlow):
		resp.Outcome, err = news.OutcomeTimeout, fmt.Errorf("the answer came too slowly: %d bytes in %v", resp.Bytes, patience)
	case errors.Is(err, errEncoding):
		resp.Outcome = news.OutcomeHTTPError
	case ctx.Err() != nil:
		resp.Outcome = news.OutcomeTimeout
		err = fmt.Errorf("the answer was not complete after %v (fetch.timeout); %d bytes had come", c.options.Timeout, resp.Bytes)
	default:
		resp.Outcome, err = news.OutcomeUnreachable, fmt.Errorf("the connection broke after %d bytes: %w", resp.Bytes, err)
	}
	resp.Err = err
}

// failed says why no answer came at all.
func (c *Client) failed(ctx context.Context, at *url.URL, err error) Response {
	resp := Response{URL: bare(at), Outcome: news.OutcomeUnreachable}
	host := at.Hostname()
	var refused *RefusedError
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.As(err, &refused):
		resp.Outcome, resp.Err = news.OutcomeRefused, refused
	case errors.Is(err, errTooSlow):
		resp.Outcome, resp.Err = news.OutcomeTimeout, fmt.Errorf("%s began to answer, and was not through with the header after %v", host, patience)
	case ctx.Err() != nil:
		resp.Outcome, resp.Err = news.OutcomeTimeout, fmt.Errorf("%s did not answer within %v (fetch.timeout)", host, c.options.Timeout)
	case errors.As(err, &dns) && dns.IsNotFound:
		resp.Err = fmt.Errorf("the name %s does not exist", host)
	case errors.As(err, &cert):
		resp.Err = fmt.Errorf("the certificate of %s is not to be trusted: %w", host, cert.Err)
	case errors.As(err, &timeout) && timeout.Timeout():
		resp.Outcome, resp.Err = news.OutcomeTimeout, fmt.Errorf("%s could not be reached in time: %w", host, err)
	default:
		resp.Err = fmt.Errorf("%s could not be reached: %w", host, err)
	}
	return resp
}

// outcome names a status that is neither success, 304 nor redirect.
func outcome(got *http.Response, wait time.Duration) (news.Outcome, error) {
	text := status(got.StatusCode)
	switch got.StatusCode {
	case http.StatusNotFound:
		return news.OutcomeNotFound, errors.New(text)
	case http.StatusGone:
		return news.OutcomeGone, errors.New(text + ": taken down for good")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if wait > 0 {
			text += ": asks to wait " + wait.String()
		}
		return news.OutcomeRateLimited, errors.New(text)
	}
	return news.OutcomeHTTPError, errors.New(text)
}

func status(code int) string {
	if text := http.StatusText(code); text != "" {
		return strconv.Itoa(code) + " " + text
	}
	return "status " + strconv.Itoa(code)
}

func refuse(err error) Response { return Response{Outcome: news.OutcomeRefused, Err: err} }

// redirect resolves a Location. A password in the address goes along only to
// the same host, and never from https to http.
func redirect(from *url.URL, location string) (*url.URL, error) {
	if location == "" {
		return nil, errors.New("a redirect that does not say where to")
	}
	to, err := from.Parse(location)
	if err != nil {
		return nil, fmt.Errorf("a redirect to %q, which is no address", location)
	}
	to.Fragment, to.RawFragment = "", ""
	if to.User == nil && to.Host == from.Host && (to.Scheme == from.Scheme || to.Scheme == "https") {
		to.User = from.User
	}
	return to, nil
}

// bare is u without user name and password: links made absolute with it must
// not carry them on.
func bare(u *url.URL) string {
	clean := *u
	clean.User = nil
	return clean.String()
}
