package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"kliping/internal/store"
)

// TestServeKeepsDigests lets the daemon make a digest on its schedule and reads
// it back, after the daemon has ended.
func TestServeKeepsDigests(t *testing.T) {
	r := serveGood(t)
	if out := r.run("digest", "list"); !strings.Contains(out, "None yet") {
		t.Errorf("before the daemon ran there are digests:\n%s", out)
	}
	r.env = append(r.env, "KLIPING_DIGEST_SCHEDULE=@every 1s")
	time.Sleep(1100 * time.Millisecond) // slots are due on whole seconds: the next is after the article came
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
