package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
	"kliping/internal/store"
)

// good is a feed of one story that every bad neighbour must leave alone.
var good = rss([2]string{"Ferry returns to service", "The ferry between the two islands returned to service on Friday after repairs that took eleven weeks, the harbour office said."})

// TestBadFeedsStopNoOther polls every kind of bad feed together with a good one.
func TestBadFeedsStopNoOther(t *testing.T) {
	hang := make(chan struct{})
	mux := http.NewServeMux()
	say := func(path, contentType, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			_, _ = io.WriteString(w, body)
		})
	}
	say("/good", "application/rss+xml", good)
	say("/page", "text/html", `<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/good"></head><body><p>Hello</p></body></html>`)
	say("/empty", "application/rss+xml", "")
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		chunk := bytes.Repeat([]byte("<item><title>x</title></item>"), 4000)
		for range 900 { // a hundred megabytes
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hang) })

	r := newRunner(t)
	r.env = append(r.env, "KLIPING_FETCH_TIMEOUT=2s")
	for _, path := range []string{"/page", "/empty", "/missing", "/slow", "/huge", "/good"} {
		r.run("feeds", "add", "--no-check", server.URL+path)
	}
	var done totals
	r.json(&done, "refresh")
	if done.Feeds != 6 || done.Failed != 5 || done.New != 1 || done.Stories != 1 {
		t.Errorf("the refresh did %+v, want 5 of 6 failed, and the good feed's article in a story", done)
	}
	var feeds []news.Feed
	r.json(&feeds, "feeds", "list")
	want := map[string]struct {
		status news.Outcome
		says   string
	}{
		"/page":    {news.OutcomeNotAFeed, "/good"}, // says where the page's feed is
		"/empty":   {news.OutcomeEmpty, "empty"},
		"/missing": {news.OutcomeNotFound, "404"},
		"/slow":    {news.OutcomeTimeout, "2s"},
		"/huge":    {news.OutcomeTooLarge, "fetch.max_bytes"},
		"/good":    {news.OutcomeOK, ""},
	}
	for _, f := range feeds {
		path := strings.TrimPrefix(f.URL, server.URL)
		w := want[path]
		if f.Status != w.status || !strings.Contains(f.Error, w.says) || (f.Error == "") != (w.says == "") {
			t.Errorf("%s: %q: %q, want %q and a word of %q", path, f.Status, f.Error, w.status, w.says)
		}
		if w.says != "" && f.NextDue.Before(time.Now().Add(4*time.Minute)) {
			t.Errorf("%s failed and is due again at once, at %v", path, f.NextDue)
		}
	}
}

// serveGood serves the good feed and returns a runner that has read it.
func serveGood(t *testing.T) *runner {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		_, _ = io.WriteString(w, good)
	}))
	t.Cleanup(server.Close)
	r := newRunner(t)
	r.run("feeds", "add", server.URL)
	r.run("refresh")
	return r
}

// TestDamagedStoreIsRefused overwrites the database's first pages.
func TestDamagedStoreIsRefused(t *testing.T) {
	r := serveGood(t)
	path := filepath.Join(r.data, "kliping.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string][]byte{
		"garbage":   bytes.Repeat([]byte("garbage "), 1024),
		"truncated": whole[:len(whole)/3],
	} {
		for _, side := range []string{"-wal", "-shm"} {
			_ = os.Remove(path + side) // may not be there
		}
		if err := os.WriteFile(path, damage, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, command := range [][]string{{"feeds", "list"}, {"serve"}} {
			_, _, err := r.try(command...)
			if err == nil || !strings.Contains(err.Error(), "kliping.db") || !strings.Contains(err.Error(), "backup") {
				t.Errorf("%s store: kliping %v says %v, want the file and what to do", name, command, err)
			}
		}
		left, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(left, damage) {
			t.Errorf("%s store: the damaged file was changed (%v)", name, err)
		}
	}
	if err := os.WriteFile(path, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	if out := r.run("search", "ferry"); !strings.HasPrefix(out, "1 story") {
		t.Errorf("with the backup put back, search says %q", out)
	}
}

// TestDamagedIndexIsBuiltAgain damages every file of the index.
func TestDamagedIndexIsBuiltAgain(t *testing.T) {
	r := serveGood(t)
	damage := map[string]func(path string) error{
		"garbage":   func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte{0xa5}, 3000), 0o644) },
		"truncated": func(path string) error { return os.Truncate(path, 10) },
		"missing":   os.Remove,
	}
	for name, hurt := range damage {
		err := filepath.WalkDir(filepath.Join(r.data, "index"), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return hurt(path)
		})
		if err != nil {
			t.Fatal(err)
		}
		if out := r.run("search", "ferry"); !strings.HasPrefix(out, "1 story") {
			t.Errorf("%s index: search says %q, want the story found in an index built again", name, out)
		}
	}
}

// TestTwoDaemons starts a second daemon, and other commands, beside a daemon.
func TestTwoDaemons(t *testing.T) {
	r := serveGood(t)
	first, out := r.start("serve")
	eventually(t, 20*time.Second, "the daemon serves", func() error {
		if _, running := store.DaemonInfo(r.data); !running {
			return errors.New("nobody holds the lock")
		}
		_, _, err := r.try("search", "ferry")
		return err
	})
	_, _, err := r.try("serve")
	if err == nil || !strings.Contains(err.Error(), "in use") || !strings.Contains(err.Error(), "--data") {
		t.Errorf("the second daemon says %v, want who has the store and what to do", err)
	} else if said := err.Error(); !strings.Contains(said, fmt.Sprintf("process id %d, whose page is http://127.0.0.1:", first.Process.Pid)) || strings.Contains(said, "{") || strings.Count(said, "stop that") != 1 {
		t.Errorf("the second daemon says %v, want process and page in words, and once what to do", err)
	}
	if _, _, err := r.try("reindex"); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("reindex beside a daemon says %v", err)
	}
	if out := r.run("search", "ferry"); !strings.HasPrefix(out, "1 story") {
		t.Errorf("search beside a daemon says %q", out)
	}
	r.run("refresh")
	if err := first.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := first.Wait(); err != nil {
		t.Errorf("the daemon ended with %v\n%s", err, out)
	}
}

// TestLockFailsOtherwise: what is no other daemon is not called one.
func TestLockFailsOtherwise(t *testing.T) {
	r := newRunner(t)
	if err := os.MkdirAll(filepath.Join(r.data, "kliping.lock"), 0o750); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.try("serve"); err == nil || strings.Contains(err.Error(), "stop that") {
		t.Errorf("a lock that cannot be opened is told as %v", err)
	}
}
