package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/diff"
	"kliping/internal/pipeline"
)

// TestDiff compares a copy with its story's lead, and two articles by name.
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
