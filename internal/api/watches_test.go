package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kliping/internal/news"
	"kliping/internal/store"
)

// checkWatch stands for the check that commands and API share.
func checkWatch(w *store.Watch) error {
	if w.Name == "" {
		return fmt.Errorf("a watch has a name: %w", news.ErrInvalid)
	}
	return nil
}

func (d *desk) send(method, path, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(d.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w
}

func TestWatches(t *testing.T) {
	d := newDesk(t)
	if got := strings.TrimSpace(d.ask(http.MethodGet, "/api/watches").Body.String()); got != "[]" {
		t.Errorf("no watches are %s", got)
	}
	const ports = `{"name":"Ports","query":"port","outlets":[3,10],"mail":["ann@example.org"],"hooks":[{"url":"https://u:p4ss@hook.example/x","secret":"mine"}]}`
	w := d.send(http.MethodPost, "/api/watches", "application/json; charset=utf-8", ports)
	var added store.Watch
	if err := json.Unmarshal(w.Body.Bytes(), &added); err != nil || w.Code != http.StatusCreated || w.Header().Get("Location") != "/api/watches/1" {
		t.Fatalf("%d %s, %v", w.Code, w.Body, err)
	}
	if secret := added.Hooks[0].Secret; len(secret) < 20 {
		t.Errorf("the secret is %q", secret)
	}
	state, err := d.db.WatchState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	alert := store.Alert{Watch: added.ID, Story: 3, At: d.clock, Event: "story.new", Reasons: []string{"a new story"}, Title: "On it", Languages: []string{"en"}}
	if err := d.db.SaveWatched(t.Context(), store.Watched{From: state, To: 9, Alerts: []store.Alert{alert}}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/api/watches": `"name":"Ports"`, "/api/watches/1": `"outlets":[3,10]`, "/api/watches/1/alerts": `"reasons":["a new story"]`, "/api/watches/1/alerts?limit=1": `"title":"On it"`,
	} {
		got := d.ask(http.MethodGet, path)
		if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), want) || strings.Contains(got.Body.String(), added.Hooks[0].Secret) || strings.Contains(got.Body.String(), "p4ss") {
			t.Errorf("%s: %d %s; want %s and no secret", path, got.Code, got.Body, want)
		}
		route := strings.Replace(strings.TrimSuffix(path, "?limit=1"), "/1", "/{id}", 1)
		strict := json.NewDecoder(bytes.NewReader(got.Body.Bytes()))
		strict.DisallowUnknownFields()
		if err := strict.Decode(ptr(answers[route])); err != nil {
			t.Errorf("%s does not answer as described: %v", path, err)
		}
	}
	for _, bad := range []struct {
		method, path, kind, body string
		status                   int
	}{
		{"POST", "/api/watches", "application/json", ports, 409},
		{"POST", "/api/watches", "application/json", `{"query":"port"}`, 400},
		{"POST", "/api/watches", "application/json", `{"name":"x","colour":"red"}`, 400},
		{"POST", "/api/watches", "application/json", `{"name":"x"} {}`, 400},
		{"POST", "/api/watches", "application/json", `{"name":"` + strings.Repeat("x", mostBody) + `"}`, 400},
		{"POST", "/api/watches", "text/plain", ports, 400},
		{"GET", "/api/watches/9/alerts", "", "", 404},
		{"DELETE", "/api/watches/9", "", "", 404},
		{"DELETE", "/api/watches/x", "", "", 400},
	} {
		if w := d.send(bad.method, bad.path, bad.kind, bad.body); w.Code != bad.status {
			t.Errorf("%s %s %.60s: %d %s, want %d", bad.method, bad.path, bad.body, w.Code, w.Body, bad.status)
		}
	}
	if w := d.send(http.MethodDelete, "/api/watches/1", "", ""); w.Code != http.StatusNoContent {
		t.Errorf("removed: %d %s", w.Code, w.Body)
	}
	if w := d.ask(http.MethodGet, "/api/watches/1"); w.Code != http.StatusNotFound {
		t.Errorf("after that: %d %s", w.Code, w.Body)
	}
}

// ptr is a new value of the type of v.
func ptr(v any) any {
	switch v.(type) {
	case []store.Watch:
		return &[]store.Watch{}
	case []store.Alert:
		return &[]store.Alert{}
	}
	return &store.Watch{}
}
