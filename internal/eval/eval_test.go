package eval

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden figures anew")

// measure runs the pipeline over labelled files.
func measure(t *testing.T, paths ...string) Report {
	t.Helper()
	rows, err := ReadFiles(paths)
	if err != nil {
		t.Fatal(err)
	}
	report, err := Run(t.Context(), rows, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestGoldenFigures holds the figures on the project's own sets, so that a
// change of recognition shows in the diff.
func TestGoldenFigures(t *testing.T) {
	for _, set := range []string{"small", "world"} {
		t.Run(set, func(t *testing.T) { golden(t, set) })
	}
}

func golden(t *testing.T, set string) {
	report := measure(t, filepath.Join("testdata", set+".jsonl"))
	report.Seconds, report.ArticlesPerSecond, report.PeakRSSBytes = 0, 0, 0 // the machine's, not recognition's
	var b strings.Builder
	if err := report.Table(&b); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", set+".golden.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the figures changed (-golden +now); if that is meant, run the test with -update:\n%s", diff)
	}
}

// TestSameFiguresTwice runs the same articles twice: nothing may depend on the
// order of a map or on timing.
func TestSameFiguresTwice(t *testing.T) {
	path := filepath.Join("testdata", "small.jsonl")
	a, b := measure(t, path), measure(t, path)
	b.Seconds, b.ArticlesPerSecond, b.PeakRSSBytes = a.Seconds, a.ArticlesPerSecond, a.PeakRSSBytes
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

// TestOrderOfArrivalMattersLittle shuffles the arrival of the articles within
// each day, ten times.
func TestOrderOfArrivalMattersLittle(t *testing.T) {
	const bar = 0.95 // least F1 of pairs, in the worst order; docs/recognition.md has what it is
	for _, set := range []string{"small", "world"} {
		rows, err := ReadFiles([]string{filepath.Join("testdata", set+".jsonl")})
		if err != nil {
			t.Fatal(err)
		}
		for seed := uint64(1); seed <= 10; seed++ {
			r, err := Run(t.Context(), rows, Options{Shuffle: seed})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s, seed %d: pair precision %.4f, recall %.4f, F1 %.4f", set, seed, r.Pair.Precision, r.Pair.Recall, r.Pair.F1)
			if r.Pair.F1 < bar {
				t.Errorf("%s, seed %d: pair F1 is %.4f, the bar %.2f", set, seed, r.Pair.F1, bar)
			}
		}
	}
}

func TestShuffledArrival(t *testing.T) {
	rows, err := ReadFiles([]string{filepath.Join("testdata", "small.jsonl")})
	if err != nil {
		t.Fatal(err)
	}
	all := arrive(rows, 7)
	seen, moved := map[int]bool{}, 0
	for i, a := range all {
		seen[a.place] = true
		if a.place != i {
			moved++
		}
		if a.at.Before(a.row.Published) || a.row.ID != rows[a.place].ID || a.row.Published.YearDay() != rows[i].Published.YearDay() {
			t.Errorf("arrival %d: row %d at %v, published %v", i, a.place, a.at, a.row.Published)
		}
		if i > 0 && a.at.Before(all[i-1].at) {
			t.Errorf("arrival %d is before the one before it", i)
		}
	}
	if len(seen) != len(rows) || moved < len(rows)/2 {
		t.Errorf("%d of %d rows arrive, %d of them elsewhere", len(seen), len(rows), moved)
	}
}

// TestReportJSON holds the report's keys, which scripts read.
func TestReportJSON(t *testing.T) {
	report, err := Run(context.Background(), []Row{{ID: "1", Outlet: "a.example", URL: "https://a.example/1", Title: "One", HTML: "<p>One sentence that is not long.</p>", Published: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Cluster: "c", Relation: "original", GoldLang: "en"}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	report.Seconds, report.ArticlesPerSecond, report.PeakRSSBytes = 0, 0, 0
	got, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"articles":1,"stories":1,"gold_stories":1,"seconds":0,"articles_per_second":0,"peak_rss_bytes":0,` +
		`"pair":{"precision":1,"recall":1,"f1":1},"bcubed":{"precision":1,"recall":1,"f1":1},"ari":1,"by_relation":{},"by_language":{},` +
		`"residue":{"precision":1,"recall":1,"f1":1,"lines":0,"repeated":{"recall":1,"lines":0},"with_copy":{"recall":1,"lines":0},"alone":{"recall":1,"lines":0}},` +
		`"text_kept":1,"false_merges":[],"missed":[]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}
