package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// archive keeps a digest of all that was published.
func (d *desk) archive(plan, slot string) {
	d.t.Helper()
	m := pipeline.Digester{DB: d.db, Location: time.UTC, BaseURL: "https://elsewhere.example"}
	if sent, err := m.Send(d.t.Context(), store.DigestPlan{Name: plan, Title: plan + " <b>"}, slot, d.clock.Add(time.Hour)); err != nil || !sent {
		d.t.Fatalf("sent %v: %v", sent, err)
	}
}

func TestArchiveOfDigests(t *testing.T) {
	d := newDesk(t)
	if got := d.ask(http.MethodGet, "/digests", http.StatusOK).Body.String(); !strings.Contains(got, "None yet") {
		t.Errorf("an empty archive says\n%s", got)
	}
	d.publishDam()
	d.publish("fourth.example", `<script>alert(1)</script>`, wells...)
	d.settle()
	d.archive("digest", "2026-05-01T07:00")
	d.archive("hourly", "2026-05-01T07:00+07:00")

	list := d.ask(http.MethodGet, "/digests", http.StatusOK).Body.String()
	for _, want := range []string{`href="/digests/digest/2026-05-01T07:00"`, `href="/digests/hourly/2026-05-01T07:00&#43;07:00"`, `href="/digests?plan=hourly"`, "Fri 1 May 2026, 07:00 &#43;07:00"} {
		if !strings.Contains(list, want) {
			t.Errorf("the archive lacks %s:\n%s", want, list)
		}
	}
	if one := d.ask(http.MethodGet, "/digests?plan=hourly", http.StatusOK).Body.String(); strings.Contains(one, "/digests/digest/") {
		t.Error("the archive of one plan lists another's")
	}

	shown := d.ask(http.MethodGet, "/digests/digest/2026-05-01T07:00", http.StatusOK).Body.String()
	for _, want := range []string{`href="/story/1"`, "Dam at Pellworth lowered after crack", "&lt;script&gt;alert(1)", "/digests/digest/2026-05-01T07:00/print", "digest &lt;b&gt;"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the digest's page lacks %s", want)
		}
	}
	if strings.Contains(shown, "elsewhere.example") || strings.Contains(shown, "<script") {
		t.Errorf("the digest's page leads elsewhere, or has a script:\n%s", shown)
	}
	d.ask(http.MethodGet, "/digests/hourly/2026-05-01T07:00+07:00", http.StatusOK)

	for _, path := range []string{"/digests/digest/1999-01-01T07:00", "/digests/none/2026-05-01T07:00", "/digests/none/2026-05-01T07:00/print"} {
		d.ask(http.MethodGet, path, http.StatusNotFound)
	}
}

func TestDigestForPaper(t *testing.T) {
	d := newDesk(t)
	d.publishDam()
	d.archive("digest", "2026-05-01T07:00")
	w := d.ask(http.MethodGet, "/digests/digest/2026-05-01T07:00/print", http.StatusOK)
	page, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
	if !strings.Contains(page, "@page") || !strings.Contains(page, "break-inside: avoid") || strings.Contains(page, "<nav") {
		t.Errorf("this is not for paper:\n%s", page)
	}
	if !strings.Contains(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(page, "style=") {
		t.Errorf("the policy is %s", policy)
	}
}
