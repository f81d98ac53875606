package main

import (
	"os"
	"strings"
	"testing"

	"kliping/internal/eval"
)

// TestReplace puts tables between markers, and nothing anywhere else.
func TestReplace(t *testing.T) {
	page := "a\n<!-- own: written by make recognition -->\nold\n<!-- end of own -->\nb\n"
	got, err := replace(page, "own", "new\n")
	want := "a\n<!-- own: written by make recognition -->\n\nnew\n\n<!-- end of own -->\nb\n"
	if err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if again, err := replace(got, "own", "new\n"); err != nil || again != got {
		t.Errorf("a second time: %q, %v", again, err)
	}
	if _, err := replace(page, "larger", "new\n"); err == nil {
		t.Error("a page without the markers was taken")
	}
}

func TestTablesNameEverySetAndLabel(t *testing.T) {
	s := []set{
		{name: "one", report: eval.Report{ByRelation: map[string]eval.PairRecall{"copy": {Recall: 1, Pairs: 3}}}, shuffled: []eval.Report{{Pair: eval.PRF{F1: .5}}, {Pair: eval.PRF{F1: .75}}}},
		{name: "two", report: eval.Report{ByRelation: map[string]eval.PairRecall{"excerpt": {Recall: .5, Pairs: 2}}}},
	}
	got := tables(s)
	for _, want := range []string{"0.5000 to 0.7500 (2)", "| recall by relation | one | two |", "| copy | 1.0000 of 3 |  |", "| excerpt |  | 0.5000 of 2 |"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

// TestPagesHaveMarkers holds the pages to what the program needs of them.
func TestPagesHaveMarkers(t *testing.T) {
	for _, p := range []struct{ path, name string }{{"docs/recognition.md", "own"}, {"docs/recognition.md", "larger"}, {"docs/recognition.md", "aside"}, {"README.md", "headline"}} {
		page, err := os.ReadFile("../../../" + p.path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := replace(string(page), p.name, ""); err != nil {
			t.Errorf("%s: %v", p.path, err)
		}
	}
}
