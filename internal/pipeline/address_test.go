package pipeline_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

func TestSplitAddresses(t *testing.T) {
	got := pipeline.SplitAddresses([]string{
		"ann@example.org,bob@example.org", `"Doe, Ann" <ann@example.org>`, `"Doe, Änn" <a@example.org>, "O \"Q\" R" <q@example.org>`, `"a b"@example.org, c@example.org`,
		"ann@example.org\nBcc: x@y.example", "nobody, ann", "", " ",
	})
	want := []string{
		"ann@example.org", "bob@example.org", `"Doe, Ann" <ann@example.org>`, `"Doe, Änn" <a@example.org>`, `"O \"Q\" R" <q@example.org>`, `"a b"@example.org`, "c@example.org",
		"ann@example.org\nBcc: x@y.example", "nobody, ann",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Watches and plans know addresses by one rule; only that a plan does not take one
// twice, where a watch leaves the second out.
func TestAddresses(t *testing.T) {
	long := strings.Repeat("a", 64)
	domain := strings.Repeat(strings.Repeat("d", 60)+".", 3) + "example" // 190
	for s, why := range map[string]string{
		"ann@example.org":                     "",
		`"Doe, Ann" <ann@example.org>`:        "",
		"Änn Müller <ann@example.org>":        "",
		long + "@example.org":                 "",
		long[1:] + "@" + domain:               "",
		long + "a@example.org":                "too long",
		long + "@" + domain:                   "too long",
		strings.Repeat("a", 2000) + "@b.com":  "too long",
		"ann@example.org\nBcc: x@y.example":   "line break",
		"ann@example.org\u2028x":              "line break",
		"Ann\r\n <ann@example.org>":           "line break",
		"nobody":                              "it has no @",
		"ann@example.org, bob@example.org":    "one address",
		"ann@example.org bob":                 "one address",
		"ann@example.org\x00":                 "control",
		"Ann <ann@example.org>, Bob <b@c.ex>": "one address",
	} {
		watch := store.Watch{Name: "x", Query: "port", Mail: []string{s}}
		check := pipeline.WatchCheck{Location: time.UTC}
		plan := store.DigestPlan{Name: "x", Schedule: "0 7 * * *", To: []string{s}}
		for what, err := range map[string]error{"watch": check.Check(&watch), "plan": pipeline.CheckPlan(plan)} {
			if why == "" && err != nil || why != "" && (!errors.Is(err, news.ErrInvalid) || !strings.Contains(err.Error(), why)) {
				t.Errorf("%s %q: %v; want %q", what, s, err, why)
			}
		}
	}
	watch := store.Watch{Name: "x", Query: "port", Mail: []string{"Änn Müller <ann@example.org>", "ANN@example.org", "bob@example.org"}}
	if err := (pipeline.WatchCheck{Location: time.UTC}).Check(&watch); err != nil || !slices.Equal(watch.Mail, []string{"Änn Müller <ann@example.org>", "bob@example.org"}) {
		t.Errorf("%q, %v", watch.Mail, err)
	}
}
