package pipeline_test

import (
	"net/http"
	"strings"
	"testing"

	"kliping/internal/fetch"
	"kliping/internal/news"
)

// answers is a network of redirects, by host; what leads nowhere is gone.
type answers map[string]string

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	got := &http.Response{StatusCode: http.StatusGone, Header: http.Header{}, Body: http.NoBody, Request: r}
	if to := a[r.URL.Host]; to != "" {
		got.StatusCode = http.StatusMovedPermanently
		got.Header.Set("Location", to)
	}
	return got, nil
}

// TestGoneElsewhere has a feed's own server say that it is gone, and another to which
// it leads: only the first may end the feed.
func TestGoneElsewhere(t *testing.T) {
	for name, tt := range map[string]struct {
		to   string
		want news.Outcome
	}{
		"itself":         {"", news.OutcomeGone},
		"its domain":     {"https://www.paper.example/rss", news.OutcomeGone},
		"another domain": {"https://parked.example/", news.OutcomeHTTPError},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			r := d.refresher(1)
			r.Client = fetch.New(fetch.Options{Transport: answers{"paper.example": tt.to}})
			got, err := d.poll(t.Context(), r, news.Feed{URL: "https://paper.example/rss"})
			if err != nil {
				t.Fatal(err)
			}
			if got.Outcome != tt.want || !strings.Contains(got.Err, "410") {
				t.Errorf("%s, %s; want %s", got.Outcome, got.Err, tt.want)
			}
		})
	}
}
