package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"kliping/internal/outbox"
	"kliping/internal/pipeline"
)

// TestServeTellsWatches lets the daemon tell a watch of a story: by a webhook that
// is allowed, and by a mail that no server takes.
func TestServeTellsWatches(t *testing.T) {
	type call struct {
		head http.Header
		body []byte
	}
	calls := make(chan call, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		calls <- call{r.Header, body}
	}))
	defer hook.Close()
	r := newRunner(t)
	added := r.run("watch", "add", "Ferries", "ferry AND islands", "--webhook", hook.URL, "--mail", "ann@example.org")
	_, secret, _ := strings.Cut(strings.TrimSpace(added), "not shown again: ")
	r.env = append(r.env, "KLIPING_MAIL_HOST=127.0.0.1", "KLIPING_MAIL_PORT=1", "KLIPING_MAIL_FROM=desk@example.org", "KLIPING_PUBLIC_URL=https://kliping.example", "KLIPING_FETCH_ALLOW=127.0.0.0/8")
	daemon, out := r.start("serve")
	saveOld(t, r, "Ferry returns to service", time.Now())
	var got call
	select {
	case got = <-calls:
	case <-time.After(30 * time.Second):
		t.Fatalf("nobody was called\n%s", out)
	}
	var body pipeline.HookBody
	if err := json.Unmarshal(got.body, &body); err != nil || body.Watch != "Ferries" || len(body.Alerts) != 1 || body.Alerts[0].Title != "Ferry returns to service" ||
		!strings.HasPrefix(body.Alerts[0].StoryURL, "https://kliping.example/story/") {
		t.Errorf("%s, %v", got.body, err)
	}
	if want := "sha256=" + outbox.Signature(secret, got.head.Get(outbox.HeaderTimestamp), got.body); got.head.Get(outbox.HeaderSignature) != want {
		t.Errorf("signed %s, want %s", got.head.Get(outbox.HeaderSignature), want)
	}
	eventually(t, 30*time.Second, "the mail is tried again", func() error {
		if list := r.run("outbox", "list"); !strings.Contains(list, "trying again") || !strings.Contains(list, "mail server 127.0.0.1") {
			return errors.New(list)
		}
		return nil
	})
	if got := r.run("watch", "show", "Ferries"); !strings.Contains(got, "Ferry returns to service") {
		t.Errorf("the alert is not shown:\n%s", got)
	}
	if got := r.run("watch", "test", "Ferries"); !strings.Contains(got, "1 alert of 1 story in 1 message") {
		t.Errorf("rehearsed:\n%s", got)
	}
	if err := daemon.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := daemon.Wait(); err != nil {
		t.Errorf("the interrupted daemon ends with %v\n%s", err, out)
	}
}
