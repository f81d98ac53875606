package main

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kliping/internal/store"
)

const fakePassword = "obviously-fake-password"

// TestEveryRouteIsGuarded asks a daemon that has a password for everything there
// is, with it and without.
func TestEveryRouteIsGuarded(t *testing.T) {
	r := newRunner(t)
	saveOld(t, r, "Ferry returns to service", time.Now())
	open := r.env
	r.env = append(r.env, "KLIPING_PASSWORD="+fakePassword)
	r.start("serve")
	var base string
	eventually(t, 30*time.Second, "the daemon serves", func() error {
		info, _ := store.DaemonInfo(r.data)
		if base = daemonURL(info); base == "" {
			return errors.New("no address yet")
		}
		got, err := askRoute(http.MethodGet, base+"/", "")
		if err == nil && got.status != http.StatusUnauthorized {
			t.Fatalf("without a password: %d", got.status)
		}
		return err
	})
	for _, path := range routes(t, base) {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
			got, err := askRoute(method, base+path, "")
			if err != nil || got.status != http.StatusUnauthorized || strings.Contains(got.body, "Ferry") {
				t.Errorf("%s %s without the password: %v, %s", method, path, err, got.body)
				continue
			}
			checkSecured(t, method+" "+path, got.head)
			if got, err = askRoute(method, base+path, fakePassword); err != nil || got.status == http.StatusUnauthorized {
				t.Errorf("%s %s with the password: %v", method, path, err)
				continue
			}
			checkSecured(t, method+" "+path, got.head)
		}
	}
	if out := r.run("search", "ferry"); !strings.Contains(out, "Ferry returns") {
		t.Errorf("a command that has the password is told %s", out)
	}
	r.env = open
	if _, _, err := r.try("search", "ferry"); err == nil || !strings.Contains(err.Error(), "set password or token") {
		t.Errorf("a command that lacks the password ends with %v", err)
	}
}

// routes are a path for every route: the pages', and what the API says it has.
func routes(t *testing.T, base string) []string {
	t.Helper()
	described, err := askRoute(http.MethodGet, base+"/api/openapi.yaml", fakePassword)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"/", "/search?q=ferry", "/story/1", "/article/1", "/article/1/diff", "/feeds", "/outlets", "/outlet/x.example", "/static/style.css", "/static/icon.svg", "/nowhere", "/story/999", "/api/nowhere"}
	found := regexp.MustCompile(`(?m)^  (/api/[^:]*):`).FindAllStringSubmatch(described.body, -1)
	if len(found) < 5 {
		t.Fatalf("openapi.yaml names %d routes", len(found))
	}
	for _, m := range found {
		all = append(all, strings.ReplaceAll(m[1], "{id}", "1"))
	}
	return all
}

// reply is what came back, whole.
type reply struct {
	status int
	head   http.Header
	body   string
}

func askRoute(method, url, password string) (reply, error) {
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		return reply{}, err
	}
	if password != "" {
		req.SetBasicAuth("anyone", password)
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // redirects are answers too
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(body)}, err
}

// checkSecured wants the headers that hold strangers off.
func checkSecured(t *testing.T, what string, head http.Header) {
	t.Helper()
	policy := head.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "form-action ", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("%s: policy %q lacks %s", what, policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") || strings.Contains(policy, "*") {
		t.Errorf("%s: policy is %q", what, policy)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := head.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", what, name, got, want)
		}
	}
}
