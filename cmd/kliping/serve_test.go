package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// TestServeKeepsDigests lets the daemon make a digest on its schedule and reads
// it back, after the daemon has ended.
func TestServeKeepsDigests(t *testing.T) {
	r := newRunner(t)
	saveOld(t, r, "Ferry returns to service", time.Now().Add(-time.Hour))
	if out := r.run("digest", "list"); !strings.Contains(out, "None yet") {
		t.Errorf("before the daemon ran there are digests:\n%s", out)
	}
	r.env = append(r.env, "KLIPING_DIGEST_SCHEDULE=@every 1s")
	daemon, out := r.start("serve")
	var made []store.ArchivedDigest
	eventually(t, 30*time.Second, "a digest is kept", func() error {
		if r.json(&made, "digest", "list"); len(made) == 0 {
			return errors.New("none yet")
		}
		return nil
	})
	if err := daemon.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := daemon.Wait(); err != nil {
		t.Errorf("the interrupted daemon ends with %v\n%s", err, out)
	}
	for _, format := range []string{"text", "html", "md", "json"} {
		if got := r.run("digest", "show", made[0].Slot, "--format", format); !strings.Contains(got, "Ferry returns to service") {
			t.Errorf("as %s the kept digest does not have its story:\n%s", format, got)
		}
	}
	if _, _, err := r.try("digest", "show", "1999-01-01T00:00"); err == nil || !strings.Contains(err.Error(), "digest list") {
		t.Errorf("a digest that never was says %v", err)
	}
}

// saveOld puts an article into the store as one that arrived a while ago.
func saveOld(t *testing.T, r *runner, title string, arrived time.Time) {
	t.Helper()
	r.run("feeds", "list") // makes the data directory
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(r.data, "kliping.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	preparer, err := pipeline.NewPreparer()
	if err != nil {
		t.Fatal(err)
	}
	item := news.Item{GUID: title, Link: "https://test.example/old", Title: title, HTML: "<p>The ferry between the two islands returned to service on Friday.</p>"}
	if _, err := db.SaveArticles(t.Context(), []store.Incoming{preparer.Prepare(news.Feed{}, item, arrived)}); err != nil {
		t.Fatal(err)
	}
	r.run("refresh") // groups what waits
}
