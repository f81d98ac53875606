package eval

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

// bar is the least that a figure of a report may be.
type bar struct {
	name  string
	of    func(Report) float64
	least float64
}

func precision(least float64) bar {
	return bar{"pair precision", func(r Report) float64 { return r.Pair.Precision }, least}
}

func recall(least float64) bar {
	return bar{"pair recall", func(r Report) float64 { return r.Pair.Recall }, least}
}

func f1(least float64) bar {
	return bar{"pair F1", func(r Report) float64 { return r.Pair.F1 }, least}
}

func relation(name string, least float64) bar {
	return bar{"recall of " + name, func(r Report) float64 { return r.ByRelation[name].Recall }, least}
}

// everyLanguage is a bar for the language with the lowest recall.
func everyLanguage(least float64) bar {
	return bar{"least recall of a language", func(r Report) float64 {
		lowest := 1.0
		for _, l := range r.ByLanguage {
			lowest = math.Min(lowest, l.Recall)
		}
		return lowest
	}, least}
}

// stripping are bars for residue: its precision, and the recall of lines that
// are repeated and of lines whose article has a copy.
func stripping(least, repeated, withCopy float64) []bar {
	return []bar{
		{"residue precision", func(r Report) float64 { return r.Residue.Precision }, least},
		{"residue recall, repeated", func(r Report) float64 { return r.Residue.Repeated.Recall }, repeated},
		{"residue recall, with a copy", func(r Report) float64 { return r.Residue.WithCopy.Recall }, withCopy},
	}
}

func textKept(least float64) bar {
	return bar{"text kept", func(r Report) float64 { return r.TextKept }, least}
}

// formsApart is a bar for pages filled in by machine: none may share a story
// with anything.
var formsApart = bar{"forms kept apart", func(r Report) float64 { return oneIf(r.MergedForms == 0) }, 1}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// TestBars holds recognition to its bars on larger labelled sets, where
// KLIPING_TEST_LABELLED names the directory that has them.
func TestBars(t *testing.T) {
	dir := os.Getenv("KLIPING_TEST_LABELLED")
	if dir == "" {
		t.Skip("KLIPING_TEST_LABELLED names no directory of labelled sets")
	}
	all, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	one := func(set string) []string { return []string{filepath.Join(dir, set+".jsonl")} }
	shuffled := []bar{precision(.99), recall(.96), relation("translation", .93)}
	for _, set := range []struct {
		name    string
		files   []string
		shuffle uint64
		bars    []bar
	}{
		{"seed", one("seed"), 0, append(stripping(1, 1, 1), f1(1), textKept(1))},
		{"copies", one("copies"), 0, append(stripping(.98, .98, .92), precision(.995), recall(.985), relation("excerpt", .97), textKept(.999))},
		{"templates", one("templates"), 0, append(stripping(.99, .98, 0), f1(.98))},
		{"translations-few", one("translations-few"), 0, []bar{f1(.97), precision(.985)}},
		{"translations-all", one("translations-all"), 0, []bar{f1(.96), everyLanguage(.85)}},
		{"translations-cut", one("translations-cut"), 0, []bar{f1(.94), precision(.98)}},
		{"all at once, shuffled", all, 1, shuffled},
		{"all at once, shuffled otherwise", all, 2, shuffled},
	} {
		t.Run(set.name, func(t *testing.T) {
			rows, err := ReadFiles(set.files)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Run(t.Context(), rows, Options{Shuffle: set.shuffle})
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range append(set.bars, formsApart) {
				got := b.of(r)
				t.Logf("%s: %.4f (bar %.4f)", b.name, got, b.least)
				if got < b.least {
					t.Errorf("%s is %.5f, the bar %.4f", b.name, got, b.least)
				}
			}
		})
	}
}
