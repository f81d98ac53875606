package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kliping/internal/news"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// client is one that may fetch from the test's own servers.
func client(o Options) *Client {
	o.Allow = loopback
	return New(o)
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// summary is a response in a line, without the address of the test's server.
func summary(r Response, base string) string {
	err := "nil"
	if r.Err != nil {
		err = r.Err.Error()
	}
	if r.Outcome == news.OutcomeTooLarge {
		r.Body = nil // as much as the limit, which is seen elsewhere
	}
	text := fmt.Sprintf("%s, %d, %q, at %s, %s", r.Outcome, r.Code, r.Body, r.URL, err)
	return strings.ReplaceAll(text, base, "")
}

func TestOutcomes(t *testing.T) {
	answer := func(code int, body string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"ok", answer(200, "<rss/>"), `ok, 200, "<rss/>", at /feed, nil`},
		{"empty", answer(200, " \n"), `empty, 200, "", at /feed, the answer (200 OK) is empty`},
		{"no content", answer(204, ""), `empty, 204, "", at /feed, the answer (204 No Content) is empty`},
		{"part of it", answer(206, "<rs"), `http error, 206, "", at /feed, 206 Partial Content`},
		{"unasked 304", answer(304, ""), `http error, 304, "", at /feed, 304 Not Modified`},
		{"not found", answer(404, "no"), `not found, 404, "", at /feed, 404 Not Found`},
		{"gone", answer(410, "no"), `gone, 410, "", at /feed, 410 Gone: taken down for good`},
		{"too many", answer(429, "", "Retry-After", "120"), `rate limited, 429, "", at /feed, 429 Too Many Requests: asks to wait 2m0s`},
		{"unavailable", answer(503, ""), `rate limited, 503, "", at /feed, 503 Service Unavailable`},
		{"forbidden", answer(403, "no"), `http error, 403, "", at /feed, 403 Forbidden`},
		{"unheard of", answer(599, "no"), `http error, 599, "", at /feed, status 599`},
		{"lost redirect", answer(302, ""), `http error, 302, "", at /feed, a redirect that does not say where to`},
		{"bad redirect", answer(302, "", "Location", "http://[x/"), `http error, 302, "", at /feed, a redirect to "http://[x/", which is no address`},
		{"redirect to a file", answer(302, "", "Location", "file:///etc/passwd"),
			`refused, 0, "", at , redirected to file:///etc/passwd: "file:///etc/passwd" is no web address; only http:// and https:// are fetched`},
		{"unknown encoding", answer(200, "x", "Content-Encoding", "zebra"),
			`http error, 200, "", at /feed, the answer's compression "zebra", which was not asked for, cannot be decoded`},
		{"broken gzip", answer(200, "\x1f\x8b\x08 and so on", "Content-Encoding", "gzip"),
			`http error, 200, "", at /feed, the answer's compression cannot be decoded: unexpected EOF`},
		{"plain text called gzip", answer(200, "<rss/>", "Content-Encoding", "gzip"), `ok, 200, "<rss/>", at /feed, nil`},
		{"broken connection", answer(200, "<rss>", "Content-Length", "100"),
			`unreachable, 200, "<rss>", at /feed, the connection broke after 5 bytes: unexpected EOF`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.handler)
			got := client(Options{}).Get(t.Context(), Request{URL: s.URL + "/feed"})
			if diff := cmp.Diff(tt.want, summary(got, s.URL)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBadAddresses(t *testing.T) {
	const malformed = "the address is malformed; write it like https://news.example/feed.xml"
	for address, want := range map[string]string{
		"":                         `"" is no web address; only http:// and https:// are fetched`,
		"news.example/feed":        `"news.example/feed" is no web address; only http:// and https:// are fetched`,
		"gopher://news.example/":   `"gopher://news.example/" is no web address; only http:// and https:// are fetched`,
		"http://":                  `"http:" is no web address; only http:// and https:// are fetched`,
		"http://[::1/":             malformed,
		"http://ann:sec#ret@x.y/":  malformed, // read as a port; the error must not show it
		"http://ann:se%zzret@x.y/": malformed,
		"http:// news.example/":    malformed,
	} {
		got := New(Options{}).Get(t.Context(), Request{URL: address})
		if got.Outcome != news.OutcomeRefused || got.Err.Error() != want {
			t.Errorf("%q: %s, %v; want %s", address, got.Outcome, got.Err, want)
		}
	}
}

func TestConditionalGet(t *testing.T) {
	// Neither validator is well formed; both must come back as they were.
	const etag, modified = `W/"a b-'gzip`, "Tue, 3 Nov 2026 07:00 WIB"
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		w.Header().Set("Last-Modified", modified)
		if r.Header.Get("If-None-Match") == etag && r.Header.Get("If-Modified-Since") == modified {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, "<rss/>")
	})
	c := client(Options{})
	first := c.Get(t.Context(), Request{URL: s.URL})
	second := c.Get(t.Context(), Request{URL: s.URL, ETag: first.ETag, LastModified: first.LastModified})
	want := Response{Outcome: news.OutcomeNotModified, Code: 304, ETag: etag, LastModified: modified, URL: s.URL}
	if diff := cmp.Diff(want, second, cmpopts.EquateErrors()); diff != "" {
		t.Error(diff)
	}
	broken := c.Get(t.Context(), Request{URL: s.URL, ETag: "a\x00b", LastModified: modified})
	if broken.Outcome != news.OutcomeOK {
		t.Errorf("a validator that HTTP cannot carry: %s, %v; want it left out", broken.Outcome, broken.Err)
	}
}

func TestNotModifiedKeepsValidators(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	got := client(Options{}).Get(t.Context(), Request{URL: s.URL, ETag: `"e"`, LastModified: "l"})
	want := Response{Outcome: news.OutcomeNotModified, Code: 304, ETag: `"e"`, LastModified: "l", URL: s.URL}
	if diff := cmp.Diff(want, got, cmpopts.EquateErrors()); diff != "" {
		t.Error(diff)
	}
}

func TestRequestHeader(t *testing.T) {
	var got http.Header
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		if r.URL.Path == "/old" {
			http.SetCookie(w, &http.Cookie{Name: "id", Value: "7"})
			http.Redirect(w, r, "/new", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "<rss/>")
	})
	c := client(Options{UserAgent: "Kliping/test"})
	c.Get(t.Context(), Request{URL: s.URL + "/old", Accept: "text/html"})
	want := http.Header{"Accept": {"text/html"}, "Accept-Encoding": {"gzip, br, zstd"}, "User-Agent": {"Kliping/test"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after a redirect that sets a cookie: no cookie, no referrer: %s", diff)
	}
	c.Get(t.Context(), Request{URL: strings.Replace(s.URL, "//", "//ann:secret@", 1) + "/old"})
	if got.Get("Authorization") != "Basic YW5uOnNlY3JldA==" {
		t.Errorf("Authorization %q after a redirect on the same host", got.Get("Authorization"))
	}
}

func TestPasswordStaysOnItsHost(t *testing.T) {
	var seen string
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) { seen = r.Header.Get("Authorization") })
	first := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	got := client(Options{}).Get(t.Context(), Request{URL: strings.Replace(first.URL, "//", "//ann:secret@", 1)})
	if seen != "" || strings.Contains(fmt.Sprint(got), "secret") {
		t.Errorf("the other host saw %q; response %+v", seen, got)
	}
}

func TestRedirects(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var code, left int
		if n, _ := fmt.Sscanf(r.URL.Path, "/%d/%d", &code, &left); n == 2 && left > 0 {
			next := fmt.Sprintf("/%d/%d#top", code, left-1)
			if r.URL.RawQuery == "mixed" {
				next = fmt.Sprintf("/%d/%d", 302, left-1)
			}
			http.Redirect(w, r, next, code)
			return
		}
		if r.URL.Path == "/lost" {
			http.Redirect(w, r, "/404", http.StatusMovedPermanently)
			return
		}
		if r.URL.Path == "/404" {
			http.NotFound(w, r)
			return
		}
		if r.URL.Path == "/loop" {
			http.Redirect(w, r, "/loop", http.StatusMovedPermanently)
			return
		}
		_, _ = io.WriteString(w, "<rss/>")
	})
	tests := []struct{ path, want, moved string }{
		{"/301/1", `ok, 200, "<rss/>", at /301/0, nil`, "/301/0"},
		{"/308/5", `ok, 200, "<rss/>", at /308/0, nil`, "/308/0"},
		{"/301/2?mixed", `ok, 200, "<rss/>", at /302/0, nil`, ""},
		{"/302/1", `ok, 200, "<rss/>", at /302/0, nil`, ""},
		{"/303/1", `ok, 200, "<rss/>", at /303/0, nil`, ""},
		{"/307/1", `ok, 200, "<rss/>", at /307/0, nil`, ""},
		{"/300/1", `http error, 300, "", at /300/1, 300 Multiple Choices`, ""},
		{"/308/6", `http error, 308, "", at /308/1, more than 5 redirects, the last to /308/0`, ""},
		{"/loop", `http error, 301, "", at /loop, more than 5 redirects, the last to /loop`, ""},
		{"/lost", `not found, 404, "", at /404, redirected to /404: 404 Not Found`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			got := client(Options{}).Get(t.Context(), Request{URL: s.URL + tt.path})
			if diff := cmp.Diff(tt.want, summary(got, s.URL)); diff != "" {
				t.Error(diff)
			}
			if moved := strings.TrimPrefix(got.MovedTo, s.URL); moved != tt.moved {
				t.Errorf("moved to %q, want %q", moved, tt.moved)
			}
		})
	}
}

// forbidden is a server that no request may reach.
func forbidden(t *testing.T, network, address string) *httptest.Server {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Skip(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Errorf("a request reached %s", address)
	}))
	s.Listener = listener
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func TestGuardRefuses(t *testing.T) {
	s := forbidden(t, "tcp4", "127.0.0.1:0")
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0"} {
		got := New(Options{}).Get(t.Context(), Request{URL: "http://" + host + ":" + port})
		// The last two are refused or unknown, as the system's resolver reads them.
		if got.Outcome != news.OutcomeRefused && got.Outcome != news.OutcomeUnreachable {
			t.Errorf("%s: %s, %v", host, got.Outcome, got.Err)
		}
	}
	got := New(Options{}).Get(t.Context(), Request{URL: s.URL})
	const want = "127.0.0.1 is a loopback address; add it to fetch.allow to let Kliping fetch from it"
	if got.Outcome != news.OutcomeRefused || got.Err.Error() != want {
		t.Errorf("%s, %v; want %s", got.Outcome, got.Err, want)
	}
}

func TestGuardJudgesRedirects(t *testing.T) {
	inner := forbidden(t, "tcp4", "127.0.0.2:0")
	outer := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inner.URL, http.StatusMovedPermanently)
	})
	got := New(Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}).Get(t.Context(), Request{URL: outer.URL})
	want := "redirected to " + inner.URL + ": 127.0.0.2 is a loopback address; add it to fetch.allow to let Kliping fetch from it"
	if got.Outcome != news.OutcomeRefused || got.Err.Error() != want || got.MovedTo != "" {
		t.Errorf("%s, %v, moved %q; want %s", got.Outcome, got.Err, got.MovedTo, want)
	}
}

func TestNoProxyFromEnvironment(t *testing.T) {
	proxy := forbidden(t, "tcp4", "127.0.0.1:0")
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("ALL_PROXY", proxy.URL)
	got := New(Options{Timeout: time.Second, Allow: loopback}).Get(t.Context(), Request{URL: "http://news.invalid/"})
	if got.Outcome == news.OutcomeOK {
		t.Errorf("%+v", got)
	}
}

func TestTimeouts(t *testing.T) {
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	drip := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, "<")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-time.After(20 * time.Millisecond):
			case <-r.Context().Done():
			}
		}
	}
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"no answer": {silent, "127.0.0.1 did not answer within 200ms (fetch.timeout)"},
		"slow drip": {drip, "the answer was not complete after 200ms (fetch.timeout);"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, tt.handler)
			got := client(Options{Timeout: 200 * time.Millisecond}).Get(t.Context(), Request{URL: s.URL})
			if got.Outcome != news.OutcomeTimeout || !strings.HasPrefix(fmt.Sprint(got.Err), tt.want) {
				t.Errorf("%s, %v; want %s", got.Outcome, got.Err, tt.want)
			}
		})
	}
}

// TestHeaderDrips gives a header that does not end as long as a body that drips.
func TestHeaderDrips(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for its patience to end")
	}
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, to, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		for _, err := to.WriteString("HTTP/1.1 200 OK\r\nX-Drip: "); err == nil; _, err = to.WriteString("x") {
			if to.Flush() != nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	start := time.Now()
	got := client(Options{}).Get(t.Context(), Request{URL: s.URL})
	if took := time.Since(start); got.Outcome != news.OutcomeTimeout || !strings.Contains(fmt.Sprint(got.Err), "not through with the header") || took > 2*patience {
		t.Errorf("%s, %v after %v", got.Outcome, got.Err, took)
	}
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	got := client(Options{}).Get(ctx, Request{URL: s.URL})
	if got.Outcome != news.OutcomeTimeout || !errors.Is(got.Err, context.Canceled) {
		t.Errorf("%s, %v", got.Outcome, got.Err)
	}
}

func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	got := client(Options{}).Get(t.Context(), Request{URL: "http://" + address})
	if got.Outcome != news.OutcomeUnreachable || !strings.HasPrefix(got.Err.Error(), "127.0.0.1 could not be reached: ") {
		t.Errorf("%s, %v", got.Outcome, got.Err)
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = nil
	s.StartTLS()
	t.Cleanup(s.Close)

	c := client(Options{})
	if got := c.Get(t.Context(), Request{URL: s.URL}); got.Outcome != news.OutcomeUnreachable ||
		!strings.HasPrefix(got.Err.Error(), "the certificate of 127.0.0.1 is not to be trusted: x509: ") {
		t.Errorf("unknown authority: %s, %v", got.Outcome, got.Err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c = client(Options{})
	c.transport.(*Transport).direct.TLSClientConfig = &tls.Config{RootCAs: roots}
	if got := c.Get(t.Context(), Request{URL: s.URL}); string(got.Body) != "HTTP/2.0" {
		t.Errorf("spoke %q; %v", got.Body, got.Err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)
	tests := []struct {
		value, date string
		want        time.Duration
	}{
		{"", "", 0},
		{"0", "", 0},
		{"90", "", 90 * time.Second},
		{"-5", "", 0},
		{"soon", "", 0},
		{"99999999999999999999", "", 30 * 24 * time.Hour},
		{"Tue, 24 Nov 2099 08:00:00 GMT", "", 30 * 24 * time.Hour},
		{"Tue, 24 Nov 2026 08:00:00 GMT", "", time.Hour},
		{"Tue, 24 Nov 2026 06:00:00 GMT", "", 0},
		{"Tue, 24 Nov 2026 08:00:00 GMT", "Tue, 24 Nov 2026 07:30:00 GMT", 30 * time.Minute},
	}
	for _, tt := range tests {
		h := http.Header{"Retry-After": {tt.value}, "Date": {tt.date}}
		if got := retryAfter(h, now); got != tt.want {
			t.Errorf("%q at %q: %v, want %v", tt.value, tt.date, got, tt.want)
		}
	}
}

func TestFresh(t *testing.T) {
	const date = "Tue, 24 Nov 2026 07:00:00 GMT"
	for _, tt := range []struct {
		control, expires, age string
		want                  string
	}{
		{"", "", "", "unsaid"},
		{"public", "", "", "unsaid"},
		{"max-age=3600", "", "", "1h0m0s"},
		{`Public=1 , MAX-AGE = "3600"`, "", "", "1h0m0s"},
		{"max-age=3600", "Tue, 24 Nov 2026 09:00:00 GMT", "600", "50m0s"},
		{"max-age=60, s-maxage=3600", "", "90", "0s"},
		{"max-age=60, max-age=3600", "", "", "1m0s"},
		{"max-age=soon", "Tue, 24 Nov 2026 09:00:00 GMT", "", "2h0m0s"},
		{"no-cache, max-age=3600", "", "", "0s"},
		{"", "0", "", "0s"},
		{"", "Tue, 24 Nov 2026 06:00:00 GMT", "", "0s"},
		{"max-age=99999999999999999999", "", "", "596523h14m7s"},
	} {
		h := http.Header{"Date": {date}}
		for name, value := range map[string]string{"Cache-Control": tt.control, "Expires": tt.expires, "Age": tt.age} {
			if value != "" {
				h.Set(name, value)
			}
		}
		got := "unsaid"
		if d := fresh(h, time.Now()); d != nil {
			got = d.String()
		}
		if got != tt.want {
			t.Errorf("%+v: fresh for %s, want %s", tt, got, tt.want)
		}
	}
}
