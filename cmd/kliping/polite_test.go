package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
)

// TestFeedIsAskedOnceAndRetired adds a feed, whose check is its first poll, and lets
// it go for good and come back.
func TestFeedIsAskedOnceAndRetired(t *testing.T) {
	gone, unconditional := false, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case gone:
			w.WriteHeader(http.StatusGone)
			return
		case r.Header.Get("If-None-Match") == `"1"`:
			w.WriteHeader(http.StatusNotModified)
			return
		}
		unconditional++
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Cache-Control", "max-age=7200")
		_, _ = io.WriteString(w, good)
	}))
	defer server.Close()
	r := newRunner(t)
	r.run("feeds", "add", server.URL)
	r.run("refresh")
	var feeds []news.Feed
	r.json(&feeds, "feeds", "list")
	if f := feeds[0]; unconditional != 1 || f.Articles != 1 || !strings.Contains(f.Reason, "does for 2 h") {
		t.Errorf("asked without validators %d times; %d articles, next because %q", unconditional, f.Articles, f.Reason)
	}
	if out := r.run("feeds", "list", "-v"); !strings.Contains(out, ": the server says that its answer does for 2 h") {
		t.Errorf("feeds list -v does not say why:\n%s", out)
	}

	gone = true
	_, _, _ = r.try("refresh")
	if out := r.run("feeds", "list"); !strings.Contains(out, "gone for good (410), since") || !strings.Contains(out, "kliping feeds revive 1") {
		t.Errorf("a retired feed is listed as\n%s", out)
	}
	var done totals
	if r.json(&done, "refresh"); done.Feeds != 0 {
		t.Errorf("a retired feed is polled with all others: %+v", done)
	}
	gone = false
	r.run("feeds", "revive", "1")
	if r.json(&done, "refresh"); done.Unchanged != 1 {
		t.Errorf("a revived feed: %+v", done)
	}
}

// TestAddHearsTheServer adds feeds whose servers ask to be left alone, or say that
// the feed is gone: that is their first poll, and holds.
func TestAddHearsTheServer(t *testing.T) {
	for _, test := range []struct {
		code int
		want string // of the feed's reason
	}{
		{http.StatusTooManyRequests, "the server asked to be left alone for 2 h"},
		{http.StatusGone, "gone for good (410)"},
	} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(test.code)
		}))
		r := newRunner(t)
		r.run("feeds", "add", server.URL)
		var feeds []news.Feed
		r.json(&feeds, "feeds", "list")
		if f := feeds[0]; asked != 1 || !strings.Contains(f.Reason, test.want) {
			t.Errorf("%d: asked %d times; next because %q, want %q", test.code, asked, f.Reason, test.want)
		}
		server.Close()
	}
}

// TestRefreshLeavesAlone polls feeds of a host that asked to be left alone: neither
// refresh nor an edit asks it before.
func TestRefreshLeavesAlone(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	r := newRunner(t)
	r.run("feeds", "add", server.URL)
	r.run("feeds", "edit", "1", "--schedule", "* * * * *", "--tag", "x")
	for _, refresh := range [][]string{{"refresh"}, {"refresh", "1"}} {
		out, said, err := r.try(refresh...)
		if err != nil || !strings.Contains(said, "left alone until") || !strings.Contains(said, "the server asked for it (Retry-After)") {
			t.Errorf("%v: %v\n%s%s", refresh, err, out, said)
		}
	}
	var done totals
	if r.json(&done, "refresh"); done.Feeds != 0 || done.LeftAlone != 1 || asked != 1 {
		t.Errorf("asked %d times: %+v", asked, done)
	}
	var feeds []news.Feed
	r.json(&feeds, "feeds", "list")
	if f := feeds[0]; time.Until(f.NextDue) < time.Hour || !strings.Contains(f.Reason, "the server asked to be left alone") || f.Schedule == "" {
		t.Errorf("due %v, %q", f.NextDue, f.Reason)
	}
}

// TestRefreshEndsWithoutRemovedFeeds removes a feed that a refresh under way has not
// come to yet.
func TestRefreshEndsWithoutRemovedFeeds(t *testing.T) {
	r := newRunner(t)
	polling := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if polling {
			r.run("feeds", "remove", "2")
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	r.run("feeds", "add", "--no-check", server.URL+"/first", server.URL+"/second")
	polling = true
	ended := make(chan string, 1)
	go func() {
		out, said, _ := r.try("refresh", "--set", "fetch.workers=1")
		ended <- out + said
	}()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("the refresh waits for a feed that is gone")
	}
}

// TestEditRevivesNothing gives a retired feed a schedule.
func TestEditRevivesNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }))
	defer server.Close()
	r := newRunner(t)
	r.run("feeds", "add", server.URL)
	r.run("feeds", "edit", "1", "--schedule", "* * * * *")
	var feeds []news.Feed
	if r.json(&feeds, "feeds", "list"); feeds[0].Retired.IsZero() {
		t.Errorf("%+v", feeds[0])
	}
}
