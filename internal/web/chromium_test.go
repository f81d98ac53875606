package web_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// server serves a handler and remembers what was asked for. A browser that has
// it for its proxy asks it for what lies elsewhere too.
type server struct {
	*httptest.Server
	mu        sync.Mutex
	asked     []string // paths here
	elsewhere []string // hosts
}

func newServer(t *testing.T, h http.Handler) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		away := r.Host != s.Listener.Addr().String()
		if away && !errand(r.Host) {
			s.elsewhere = append(s.elsewhere, r.Host)
		} else if !away {
			s.asked = append(s.asked, r.URL.Path)
		}
		s.mu.Unlock()
		if away {
			http.Error(w, "there is nothing elsewhere", http.StatusBadGateway)
			return
		}
		h.ServeHTTP(w, r)
	}))
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// errand reports whether a browser asks a host for itself: for updates and
// accounts of its own, whatever page it shows.
func errand(host string) bool {
	return strings.Contains(host, ".google.com") || strings.Contains(host, ".googleapis.com") || strings.Contains(host, ".gvt1.com")
}

// TestInBrowser walks from the home page to a story and to an article by their
// links, in a real browser that reaches nothing but this test's server.
func TestInBrowser(t *testing.T) {
	chromium := findChromium(t)
	d := newDesk(t)
	d.publishHostile()
	first, _, _ := d.publishDam()
	s := newServer(t, d.pages)

	path := "/"
	for _, step := range []struct{ link, want string }{
		{".stories h2 a", "Dam at Pellworth lowered after crack"},
		{".copies .headline a", "Dam at Pellworth lowered after crack"},
		{"", dam[3]},
	} {
		page, console := s.browse(t, chromium, path)
		if console != "" {
			t.Errorf("%s: the browser complains:\n%s", path, console)
		}
		if !strings.Contains(page.text(), step.want) {
			t.Fatalf("%s does not show %q", path, step.want)
		}
		if step.link != "" {
			path = linkTo(page, step.link, step.want)
		}
	}
	if path != articlePath(first) {
		t.Errorf("the walk ends at %s, want the first article", path)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.elsewhere) > 0 {
		t.Errorf("the pages ask elsewhere: %s", s.elsewhere)
	}
	asked := strings.Join(s.asked, " ")
	if !strings.Contains(asked, "/static/style.css") {
		t.Errorf("the pages have no style; asked for were %s", asked)
	}
}

// TestDiffInBrowser shows a comparison, which has more markup than the rest.
func TestDiffInBrowser(t *testing.T) {
	chromium := findChromium(t)
	d := newDesk(t)
	d.publish("first.example", "Dam at Pellworth lowered after crack", dam...)
	second := d.publish("second.example", "Dam at Pellworth lowered", changed...)
	d.settle()
	s := newServer(t, d.pages)
	page, console := s.browse(t, chromium, articlePath(second)+"/diff")
	if console != "" {
		t.Errorf("the browser complains:\n%s", console)
	}
	if got := page.texts(".laid ins"); len(got) != 2 || got[0] != "430" {
		t.Errorf("added is %q", got)
	}
}

// TestBrowserComplains shows that the test above would notice a page that loads
// or runs what it must not.
func TestBrowserComplains(t *testing.T) {
	chromium := findChromium(t)
	for _, bad := range []string{`<script>document.title = "run"</script>`, `<img src="http://elsewhere.example/x.png">`} {
		s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Security-Policy", "script-src 'none'")
			_, _ = w.Write([]byte("<!doctype html><link rel=icon href=data:,>" + bad))
		}))
		_, console := s.browse(t, chromium, "/")
		s.mu.Lock()
		if console == "" && s.elsewhere == nil {
			t.Errorf("the browser says nothing about %s", bad)
		}
		s.mu.Unlock()
	}
}

func linkTo(page element, selector, text string) string {
	for _, a := range page.all(selector) {
		if a.text() == text {
			return a.attr("href")
		}
	}
	return ""
}

func findChromium(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds; run without -short")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium is installed; apt-get install chromium, and run again")
	return ""
}

// browse loads a page and returns it as the browser has it, and what it wrote to
// its console.
func (s *server) browse(t *testing.T, chromium, path string) (page element, console string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--proxy-server="+s.URL, "--enable-logging=stderr", "--virtual-time-budget=2000", "--dump-dom", s.URL+path)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("chromium %s: %v\n%s", path, err, log.String())
	}
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "CONSOLE") {
			console += line
		}
	}
	return parsePage(t, &out), console
}
