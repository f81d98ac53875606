package outbox_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kliping/internal/outbox"
)

func caller() *outbox.Caller {
	return &outbox.Caller{Transport: http.DefaultTransport, Timeout: 300 * time.Millisecond, UserAgent: "Kliping/test", Now: time.Now}
}

func TestHook(t *testing.T) {
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	h := outbox.Hook{URL: strings.Replace(server.URL, "://", "://ann:p4ss@", 1) + "/hook", Secret: outbox.NewSecret(), Event: "alerts", Body: []byte(`{"watch":"Ports"}`)}
	if err := caller().Send(t.Context(), "watch/1/c7/x", h); err != nil {
		t.Fatal(err)
	}
	if got.Method != http.MethodPost || got.URL.Path != "/hook" || string(body) != `{"watch":"Ports"}` {
		t.Errorf("%s %s %s", got.Method, got.URL, body)
	}
	if user, password, ok := got.BasicAuth(); user != "ann" || password != "p4ss" || !ok {
		t.Errorf("signed in as %q, %q", user, password)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", outbox.HeaderEvent: "alerts", outbox.HeaderKey: "watch/1/c7/x", "User-Agent": "Kliping/test",
		outbox.HeaderSignature: "sha256=" + outbox.Signature(h.Secret, got.Header.Get(outbox.HeaderTimestamp), body),
	} {
		if is := got.Header.Get(name); is != want {
			t.Errorf("%s: %q, want %q", name, is, want)
		}
	}
	// As openssl dgst -sha256 -hmac has it.
	if got := outbox.Signature("secret", "1700000000", []byte(`{"a":1}`)); got != "49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686" {
		t.Errorf("signature %s", got)
	}
}

func TestHookFails(t *testing.T) {
	inside := 0
	loopback := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inside++ }))
	defer loopback.Close()
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   string
		says   string
	}{
		"redirects": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, loopback.URL+"/x?token=TOKEN", http.StatusTemporaryRedirect)
		}, "down", "redirects to " + loopback.URL + "/x?token=xxxxx ("},
		"gone":          {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, "refused", "410"},
		"fails":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "down", "502"},
		"forbids":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, "down", "403"},
		"never answers": {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }, "down", "no answer within 300ms"},
		"never ends": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte(strings.Repeat(" ", 1024))); err != nil {
					return
				}
			}
		}, "sent", ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(tt.answer)
			defer server.Close()
			err := caller().Send(t.Context(), "k", outbox.Hook{URL: server.URL, Body: []byte("{}")})
			if kindOf(err) != tt.want || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v; want %s: %s", err, tt.want, tt.says)
			}
		})
	}
	if inside > 0 {
		t.Error("the redirect was followed")
	}
}
