package fetch

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// diary is a gate, and a network behind it, that notes what happens. Domains are
// the last two names of hosts.
type diary struct {
	lines   []string
	answers map[string]said
	busy    string
}

func (d *diary) Domain(address string) string {
	u, _ := url.Parse(address)
	names := strings.Split(u.Hostname(), ".")
	return strings.Join(names[max(0, len(names)-2):], ".")
}

func (d *diary) Enter(_ context.Context, v Visit) (func(Left), error) {
	if v.Domain == d.busy {
		return nil, &BusyError{Domain: v.Domain, Wait: time.Hour}
	}
	d.lines = append(d.lines, "enter "+v.Domain)
	return func(left Left) {
		line := "leave " + v.Domain
		if left.RetryAfter > 0 {
			line += " for " + left.RetryAfter.String()
		}
		if left.Delay != nil {
			line += " delay " + left.Delay.String()
		}
		d.lines = append(d.lines, line)
	}, nil
}

func (d *diary) RoundTrip(r *http.Request) (*http.Response, error) {
	d.lines = append(d.lines, r.URL.String())
	got, ok := d.answers[r.URL.String()]
	if !ok {
		got.code = http.StatusNotFound
	}
	return &http.Response{StatusCode: got.code, Header: got.header, Body: io.NopCloser(bytes.NewBufferString(got.body))}, nil
}

// said is what a server says.
type said struct {
	code   int
	header http.Header
	body   string
}

func answer(code int, body string, header ...string) said {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return said{code, h, body}
}

func TestGate(t *testing.T) {
	const from, near, far = "https://a.example/rss", "https://www.a.example/rss", "https://b.example/rss"
	for _, test := range []struct {
		name    string
		d       diary
		entered string
		page    bool
		outcome news.Outcome
		want    []string
	}{
		{name: "in a turn that the caller has", entered: "a.example", d: diary{answers: map[string]said{from: answer(200, "x")}},
			outcome: news.OutcomeOK, want: []string{from}},
		{name: "a redirect in the domain is the same visit", d: diary{answers: map[string]said{from: answer(301, "", "Location", near), near: answer(200, "x")}},
			outcome: news.OutcomeOK, want: []string{"enter a.example", from, near, "leave a.example"}},
		{name: "a redirect to another takes its turn, and its word is for it", entered: "a.example",
			d:       diary{answers: map[string]said{from: answer(302, "", "Location", far), far: answer(429, "", "Retry-After", "60")}},
			outcome: news.OutcomeRateLimited, want: []string{from, "enter b.example", far, "leave b.example for 1m0s"}},
		{name: "two turns are never held at once", d: diary{answers: map[string]said{from: answer(302, "", "Location", far), far: answer(200, "x")}},
			outcome: news.OutcomeOK, want: []string{"enter a.example", from, "leave a.example", "enter b.example", far, "leave b.example"}},
		{name: "a turn that does not come", entered: "a.example", d: diary{busy: "b.example", answers: map[string]said{from: answer(302, "", "Location", far)}},
			outcome: news.OutcomeBusy, want: []string{from}},
		{name: "gone behind a redirect for now", entered: "a.example", d: diary{answers: map[string]said{from: answer(307, "", "Location", near), near: answer(410, "")}},
			outcome: news.OutcomeHTTPError, want: []string{from, near}},
		{name: "gone behind one for good", entered: "a.example", d: diary{answers: map[string]said{from: answer(308, "", "Location", near), near: answer(410, "")}},
			outcome: news.OutcomeGone, want: []string{from, near}},
		{name: "a page after its robots.txt", page: true,
			d:       diary{answers: map[string]said{"https://a.example/robots.txt": answer(200, "User-agent: *\nCrawl-delay: 7"), from: answer(200, "x")}},
			outcome: news.OutcomeOK, want: []string{"enter a.example", "https://a.example/robots.txt", "leave a.example delay 7s", "enter a.example", from, "leave a.example"}},
		{name: "a robots.txt that asks to wait", page: true,
			d:       diary{answers: map[string]said{"https://a.example/robots.txt": answer(503, "", "Retry-After", "60")}},
			outcome: news.OutcomeUnreachable, want: []string{"enter a.example", "https://a.example/robots.txt", "leave a.example for 1m0s"}},
	} {
		c := New(Options{Transport: &test.d, Gate: &test.d})
		var got Response
		if test.page {
			got = NewPages(PagesOptions{Client: c, Agent: "kliping"}).Get(t.Context(), from)
		} else {
			got = c.Get(t.Context(), Request{URL: from, Entered: test.entered})
		}
		if got.Outcome != test.outcome {
			t.Errorf("%s: %s (%v), want %s", test.name, got.Outcome, got.Err, test.outcome)
		}
		if diff := cmp.Diff(test.want, test.d.lines); diff != "" {
			t.Errorf("%s (-want +got): %s", test.name, diff)
		}
	}
}

// slow is a gate that takes its time.
type slow struct {
	diary

	patience []time.Duration
}

func (s *slow) Enter(_ context.Context, v Visit) (func(Left), error) {
	s.patience = append(s.patience, v.Patience)
	time.Sleep(8 * time.Second)
	return func(Left) {}, nil
}

// TestTurnsShareTheirPatience redirects a feed from one busy domain to the next: it
// waits no longer than its lease lasts.
func TestTurnsShareTheirPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &slow{}
		v := visit{gate: gate, v: Visit{Patience: 20 * time.Second}}
		for _, host := range []string{"a.example", "b.example", "www.b.example", "c.example", "d.example"} {
			if err := v.to(t.Context(), &url.URL{Scheme: "https", Host: host}); err != nil {
				t.Fatal(err)
			}
		}
		want := []time.Duration{20 * time.Second, 12 * time.Second, 4 * time.Second, 0}
		if diff := cmp.Diff(want, gate.patience); diff != "" {
			t.Error(diff)
		}
	})
}
