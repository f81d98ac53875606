package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kliping/internal/news"
)

// hostile is a text that would do something, if a page let it.
const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)" style="position:fixed">{{.}}</a>`

// publishHostile publishes a stranger's worst in every place that a page shows.
func (d *desk) publishHostile() (first, second news.ArticleID) {
	d.t.Helper()
	text := "<p>" + dam[0] + "</p><p>" + html.EscapeString(hostile+" stood on the wall, painted over the whole night by nobody knows whom.") + "</p>" +
		"<script>alert(2)</script><iframe src='https://evil.example/'></iframe><p onclick='alert(3)'>" + dam[2] + "</p>"
	for i, link := range []string{"javascript:alert(1)", "https://evil.example/\"><script>alert(1)</script>"} {
		second = d.save(news.Feed{Outlet: hostile}, news.Item{
			GUID: fmt.Sprint(hostile, i), Link: link, Title: hostile + " at the dam", HTML: text, Author: hostile, Published: d.clock,
		})
		if i == 0 {
			first = second
		}
	}
	d.addFeed(news.Feed{URL: "javascript:alert(1)//" + hostile, Title: hostile}, news.OutcomeHTTPError, hostile)
	d.settle()
	return first, second
}

func TestStrangersTextIsInert(t *testing.T) {
	d := newDesk(t)
	first, second := d.publishHostile()
	for path, status := range map[string]int{
		"/":                         http.StatusOK,
		"/feeds":                    http.StatusOK,
		storyPath(d.storyOf(first)): http.StatusOK,
		articlePath(first):          http.StatusOK,
		articlePath(second):         http.StatusOK,
		"/search?q=painted":         http.StatusOK,
		"/search?q=dam+OR+alert":    http.StatusOK,
		"/search?q=" + url.QueryEscape(hostile+` OR`): http.StatusBadRequest,
		"/?window=" + url.QueryEscape(hostile):        http.StatusBadRequest,
	} {
		page := d.page(path, status)
		if !strings.Contains(page.text(), "alert(1)") {
			t.Errorf("%s does not show what the stranger wrote, so it proves nothing", path)
		}
		for n := range page.Descendants() {
			if n.Type == html.ElementNode {
				checkInert(t, path, n)
			}
		}
	}
}

// checkInert wants no element that loads or runs anything but our own style.
func checkInert(t *testing.T, path string, n *html.Node) {
	t.Helper()
	switch n.Data {
	case "script", "img", "iframe", "object", "embed", "style", "base", "video", "audio", "use", "image", "foreignobject":
		t.Errorf("%s has a <%s>", path, n.Data)
	}
	for _, a := range n.Attr {
		switch {
		case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc":
			t.Errorf("%s: <%s %s=%q>", path, n.Data, a.Key, a.Val)
		case a.Key == "href" || a.Key == "src" || a.Key == "action":
			u, err := url.Parse(a.Val)
			if err != nil || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
				t.Errorf("%s: <%s %s=%q>", path, n.Data, a.Key, a.Val)
			}
			if u != nil && u.Host != "" && n.Data != "a" {
				t.Errorf("%s loads %s", path, a.Val)
			}
		}
	}
}

// TestHeaders wants the policy that holds strangers off on every answer.
func TestHeaders(t *testing.T) {
	d := newDesk(t)
	first, _, _ := d.publishDam()
	for _, test := range []struct {
		method, path string
		status       int
		kind         string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/search?q=dam", 200, "text/html; charset=utf-8"},
		{"GET", "/search?q=%28", 400, "text/html; charset=utf-8"},
		{"GET", storyPath(d.storyOf(first)), 200, "text/html; charset=utf-8"},
		{"GET", articlePath(first), 200, "text/html; charset=utf-8"},
		{"GET", "/feeds", 200, "text/html; charset=utf-8"},
		{"GET", "/story/999", 404, "text/html; charset=utf-8"},
		{"GET", "/story/0", 404, "text/html; charset=utf-8"},
		{"GET", "/story/one", 404, "text/html; charset=utf-8"},
		{"GET", "/story/99999999999999999999", 404, "text/html; charset=utf-8"},
		{"GET", "/article/999", 404, "text/html; charset=utf-8"},
		{"GET", "/article/", 404, "text/html; charset=utf-8"},
		{"GET", "/nowhere", 404, "text/html; charset=utf-8"},
		{"GET", "/static/", 404, "text/html; charset=utf-8"},
		{"GET", "/static/none", 404, "text/plain; charset=utf-8"},
		{"GET", "/static/style.css", 200, "text/css; charset=utf-8"},
		{"GET", "/static/icon.svg", 200, "image/svg+xml"},
		{"HEAD", "/", 200, "text/html; charset=utf-8"},
		{"HEAD", "/nowhere", 404, "text/html; charset=utf-8"},
		{"POST", "/", 405, "text/html; charset=utf-8"},
		{"DELETE", storyPath(d.storyOf(first)), 405, "text/html; charset=utf-8"},
		{"BREW", "/feeds", 405, "text/html; charset=utf-8"},
	} {
		head := d.ask(test.method, test.path, test.status).Header()
		if got := head.Get("Content-Type"); got != test.kind {
			t.Errorf("%s %s is %q, want %q", test.method, test.path, got, test.kind)
		}
		policy := head.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s %s: policy %q lacks %s", test.method, test.path, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s %s: policy is %q", test.method, test.path, policy)
		}
		if allow := head.Get("Allow"); (allow == "GET, HEAD") != (test.status == http.StatusMethodNotAllowed) {
			t.Errorf("%s %s: Allow is %q", test.method, test.path, allow)
		}
	}
}

// TestHeadAnswersAsGet asks through a real server, which drops the body.
func TestHeadAnswersAsGet(t *testing.T) {
	d := newDesk(t)
	d.publishDam()
	server := newServer(t, d.pages)
	resp, err := http.Head(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || len(b) != 0 || resp.ContentLength <= 0 {
		t.Errorf("HEAD gives %s, length %d, body %q (%v)", resp.Status, resp.ContentLength, b, err)
	}
}

// TestErrorsStayInside breaks the store: the page says nothing of it, the log does.
func TestErrorsStayInside(t *testing.T) {
	d := newDesk(t)
	d.publishDam()
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/feeds", "/story/1", "/article/1"} {
		d.log.Reset()
		page := d.page(path, http.StatusInternalServerError)
		if got := page.one(t, ".lede").text(); got != "The daemon's log says more." {
			t.Errorf("%s tells the reader %q", path, got)
		}
		if log := d.log.String(); !strings.Contains(log, "path="+path) || !strings.Contains(log, "closed") {
			t.Errorf("%s: the log says %q, want path and reason", path, log)
		}
	}
}
