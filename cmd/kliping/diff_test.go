package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/diff"
	"kliping/internal/pipeline"
)

// TestDiff compares a copy with its story's lead, and two articles by name.
// TestVersions: an article that its outlet edits keeps its earlier versions, even
// where the feed makes a new guid of each; article lists them and diff compares.
func TestVersions(t *testing.T) {
	const text = "The ferry left the harbour of Karsa at dawn with two hundred people on board. A storm came up before noon and the engine failed. "
	var edition atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := edition.Load()
		fmt.Fprintf(w, `<rss><channel><title>Karsa</title><item><title>Ferry sinks</title><guid isPermaLink="false">%d</guid>
			<link>https://karsa.example/ferry</link><description>&lt;p&gt;%s %d people were killed, the coast guard said.&lt;/p&gt;</description></item></channel></rss>`, n, text, 16+n)
	}))
	defer server.Close()
	r := newRunner(t)
	r.run("feeds", "add", server.URL+"/rss")
	for range 3 {
		r.run("refresh", "1")
		edition.Add(1)
	}
	out := r.run("article", "1")
	for _, line := range []string{"3 versions:", "\n  1@1  until ", "\n  1@2  until ", "\n  1@3  now  Ferry sinks", "'kliping diff 1@2'"} {
		if !strings.Contains(out, line) {
			t.Errorf("%q is missing in:\n%s", line, out)
		}
	}
	for _, test := range []struct{ args, from, to, before, after string }{
		{"1@1", "--- 1@1 ", "+++ 1@3 ", "- 16 people", "+ 18 people"},
		{"1@1 1@2", "--- 1@1 ", "+++ 1@2 ", "- 16 people", "+ 17 people"},
	} {
		out := r.run(append([]string{"diff"}, strings.Fields(test.args)...)...)
		for _, line := range []string{test.from, test.to, test.before, test.after} {
			if !strings.Contains(out, line) {
				t.Errorf("diff %s: %q is missing in:\n%s", test.args, line, out)
			}
		}
	}
	for args, want := range map[string]string{"1@9": "version 9 of article 1", "1@x": "no version", "1@1 9": "article 9"} {
		if _, _, err := r.try(append([]string{"diff"}, strings.Fields(args)...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("diff %s: %v", args, err)
		}
	}
}

func TestDiff(t *testing.T) {
	const text = "The ferry left the harbour of Karsa at dawn with two hundred people on board. A storm came up before noon and the engine failed. " +
		"Fishermen saw it sink near the lighthouse and called the coast guard. Divers searched the wreck until the evening light was gone. %s people were killed, the coast guard said."
	feed := rss([2]string{"Ferry sinks off Karsa", strings.ReplaceAll(text, "%s", "Nearly 19")},
		[2]string{"Ferry sinks off Karsa", strings.ReplaceAll(text, "%s", "Nearly 16") + " The owner could not be reached."},
		[2]string{"Budget passed", "Parliament passed the budget with a narrow majority after a debate of nine hours."})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(feed)) }))
	defer server.Close()
	r := newRunner(t)
	r.run("feeds", "add", server.URL+"/rss")
	r.run("refresh")

	want := diff.Changes{
		Same: 4, DroppedFigures: []string{"19"}, AddedFigures: []string{"16"}, Dropped: []diff.Sentence{}, Added: []diff.Sentence{{Text: "The owner could not be reached."}},
		Changed: []diff.Change{{Before: "Nearly 19 people were killed, the coast guard said.", After: "Nearly 16 people were killed, the coast guard said.", Figures: [][2]string{{"19", "16"}}}},
	}
	for _, args := range [][]string{{"diff", "2"}, {"diff", "1", "2"}} {
		var got pipeline.Comparison
		r.json(&got, args...)
		if d := cmp.Diff(pipeline.Comparison{From: 1, To: 2, FromLanguage: "en", ToLanguage: "en", Changes: want}, got); d != "" {
			t.Errorf("%v (-want +got):\n%s", args, d)
		}
	}
	out := r.run("diff", "2")
	for _, line := range []string{"4 sentences the same", "\nchanged\n- Nearly 19 people", "\n+ Nearly 16 people", "  figure: 19 → 16", "\nadded\n+ The owner"} {
		if !strings.Contains(out, line) {
			t.Errorf("%q is missing in:\n%s", line, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("colours where there is no terminal:\n%q", out)
	}
	if _, _, err := r.try("diff", "1"); err == nil || !strings.Contains(err.Error(), "is the lead of story") {
		t.Errorf("comparing a lead with itself: %v", err)
	}
	if _, _, err := r.try("diff", "99"); err == nil || !strings.Contains(err.Error(), "article 99") {
		t.Errorf("comparing what is not there: %v", err)
	}
}
