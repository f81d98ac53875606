package access

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

const (
	password = "obviously-fake-password"
	token    = "obviously-fake-token"
)

// door is a gate with a clock and a log, in front of a room that says hello.
type door struct {
	http.Handler
	clock time.Time
	log   bytes.Buffer
}

func newDoor(secrets ...string) *door {
	d := &door{clock: time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC)}
	d.Handler = New(Options{Secrets: secrets, Log: slog.New(slog.NewTextHandler(&d.log, nil)), Now: func() time.Time { return d.clock }},
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	return d
}

func (d *door) ask(change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8411/", nil)
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func basic(password string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth("anyone", password) }
}

func header(value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", value) }
}

func TestSecrets(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"none":                  {nil, 401},
		"password":              {basic(password), 200},
		"token as password":     {basic(token), 200},
		"bearer":                {header("Bearer " + token), 200},
		"bearer in small":       {header("bearer " + token), 200},
		"password as bearer":    {header("Bearer " + password), 200},
		"wrong":                 {basic("obviously-wrong"), 401},
		"empty password":        {basic(""), 401},
		"empty token":           {header("Bearer "), 401},
		"half of it":            {basic(password[:8]), 401},
		"more than it":          {basic(password + "x"), 401},
		"another scheme":        {header("Digest " + token), 401},
		"broken Basic":          {header("Basic !!!"), 401},
		"token without Bearer":  {header(token), 401},
		"in the address":        {func(r *http.Request) { r.URL.RawQuery = "token=" + token }, 401},
		"of a name not of here": {func(r *http.Request) { r.Host = "kliping.example"; basic(password)(r) }, 200},
	} {
		d := newDoor(password, token, "")
		got := d.ask(tt.change)
		if got.Code != tt.want || (got.Body.String() == "hello") != (tt.want == 200) {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
		if asks := got.Header().Get("WWW-Authenticate"); (asks != "") != (tt.want == 401) {
			t.Errorf("%s: asks %q", name, asks)
		}
	}
}

// TestOnlyHere asks without a password to be set: only names of this machine are
// answered, so that a page whose name was led here reads nothing.
func TestOnlyHere(t *testing.T) {
	d := newDoor("", "")
	for host, want := range map[string]int{
		"127.0.0.1:8411": 200, "127.0.0.1": 200, "localhost:8411": 200, "LocalHost": 200, "[::1]:8411": 200, "[::1]": 200, "127.8.8.8:1": 200,
		"": 421, "evil.example": 421, "evil.example:8411": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example": 421, "192.168.1.5:8411": 421,
		"localhost:8411:evil": 421, "127.1": 421,
	} {
		if got := d.ask(func(r *http.Request) { r.Host = host }); got.Code != want {
			t.Errorf("Host %q: %d, want %d", host, got.Code, want)
		}
	}
}

func TestWrongPasswordsAreLimited(t *testing.T) {
	d := newDoor(password)
	for i := range mostWrong {
		if got := d.ask(basic("obviously-wrong")); got.Code != 401 {
			t.Fatalf("attempt %d: %d", i, got.Code)
		}
	}
	if log := d.log.String(); strings.Count(log, "too many wrong passwords") != 1 || strings.Contains(log, "obviously") {
		t.Errorf("the log says %q", log)
	}
	got := d.ask(basic(password))
	if got.Code != 429 || got.Header().Get("Retry-After") != "60" {
		t.Errorf("even the right one then: %d, %v", got.Code, got.Header())
	}
	if got := d.ask(nil); got.Code != 401 {
		t.Errorf("none at all: %d", got.Code)
	}
	if got := d.ask(func(r *http.Request) { r.RemoteAddr = "198.51.100.7:1"; basic(password)(r) }); got.Code != 200 {
		t.Errorf("another client: %d", got.Code)
	}
	d.clock = d.clock.Add(span)
	if got := d.ask(basic(password)); got.Code != 200 {
		t.Errorf("a minute later: %d", got.Code)
	}
}

func TestClients(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.1:5": "192.0.2.1/32", "[::ffff:192.0.2.1]:5": "192.0.2.1/32", "[2001:db8:1:2:3:4:5:6]:7": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:9": "fe80::/64", "@": "invalid Prefix",
	} {
		if got := network(remote).String(); got != want {
			t.Errorf("%s is %s, want %s", remote, got, want)
		}
	}
}

func TestAttemptsStaySmall(t *testing.T) {
	var a attempts
	now := time.Now()
	for i := range 3 * mostKnown {
		a.note(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32), false, now)
	}
	if len(a.wrong) > mostKnown {
		t.Errorf("%d are remembered", len(a.wrong))
	}
}

// TestEveryAnswerIsSecured looks at the headers of all that the gate itself says.
func TestEveryAnswerIsSecured(t *testing.T) {
	open, locked := newDoor(), newDoor(password)
	for _, got := range []*httptest.ResponseRecorder{
		open.ask(nil), open.ask(func(r *http.Request) { r.Host = "evil.example" }), locked.ask(nil), locked.ask(basic(password)),
		open.ask(func(r *http.Request) { r.Method = "POST"; r.Header.Set("Sec-Fetch-Site", "cross-site") }),
	} {
		for name, want := range map[string]string{
			"Content-Security-Policy":    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		} {
			if value := got.Header().Get(name); value != want {
				t.Errorf("%d: %s is %q", got.Code, name, value)
			}
		}
	}
	if got := open.ask(func(r *http.Request) { r.Method = "POST"; r.Header.Set("Sec-Fetch-Site", "cross-site") }); got.Code != 403 {
		t.Errorf("a write from another site: %d", got.Code)
	}
	if got := locked.ask(func(r *http.Request) { r.URL.Path = "/api/status" }); got.Body.String() != `{"error":"A password is wanted, with any user name, or a bearer token."}`+"\n" {
		t.Errorf("the API says %s", got.Body)
	}
}

// TestFeedToken opens feeds by their own token in the address, and nothing else by
// it, or by another there.
func TestFeedToken(t *testing.T) {
	const feeds = "obviously-fake-feeds"
	var log bytes.Buffer
	h := New(Options{Secrets: []string{password}, FeedToken: feeds, IsFeed: func(path string) bool { return path == "/feed" }, Log: slog.New(slog.NewTextHandler(&log, nil))},
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	ask := func(method, target string, change func(*http.Request)) int {
		r := httptest.NewRequest(method, "http://kliping.example"+target, nil)
		if change != nil {
			change(r)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for _, test := range []struct {
		method, target string
		change         func(*http.Request)
		want           int
	}{
		{"GET", "/feed?token=" + feeds, nil, 200},
		{"HEAD", "/feed?q=x&token=" + feeds, nil, 200},
		{"GET", "/feed", nil, 401},
		{"GET", "/feed", basic(password), 200},
		{"GET", "/feed?token=", nil, 401},
		{"GET", "/feed?token=" + feeds[:8], nil, 401},
		{"GET", "/feed?token=" + password, nil, 401},
		{"POST", "/feed?token=" + feeds, nil, 401},
		{"GET", "/other?token=" + feeds, nil, 401},
		{"GET", "/", basic(feeds), 401},
		{"GET", "/feed?token=" + feeds, basic("obviously-wrong"), 401},
	} {
		if got := ask(test.method, test.target, test.change); got != test.want {
			t.Errorf("%s %s: %d, want %d", test.method, test.target, got, test.want)
		}
	}
	for range mostWrong {
		ask("GET", "/feed?token=obviously-wrong", nil)
	}
	if got := ask("GET", "/feed?token="+feeds, nil); got != 429 {
		t.Errorf("after many wrong ones: %d", got)
	}
	if strings.Contains(log.String(), "obviously") {
		t.Errorf("the log says %s", log.String())
	}
}
