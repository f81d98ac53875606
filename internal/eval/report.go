package eval

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// PRF is precision, recall and their harmonic mean, each 0 to 1. Nothing found
// and nothing to find counts as perfect.
type PRF struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// PairRecall is the share of some gold pairs that were found.
type PairRecall struct {
	Recall float64 `json:"recall"`
	Pairs  int     `json:"pairs"`
}

// LineRecall is the share of some gold residue lines that were stripped.
type LineRecall struct {
	Recall float64 `json:"recall"`
	Lines  int     `json:"lines"`
}

// ResidueFigures measure stripping, line by line.
type ResidueFigures struct {
	PRF
	Lines    int        `json:"lines"`
	Repeated LineRecall `json:"repeated"`  // lines that stand in three or more articles of their outlet
	WithCopy LineRecall `json:"with_copy"` // others, whose article has a copy
	Alone    LineRecall `json:"alone"`     // the rest
}

// Report is everything one run measured.
type Report struct {
	Articles          int     `json:"articles"`
	Stories           int     `json:"stories"`
	GoldStories       int     `json:"gold_stories"`
	Seconds           float64 `json:"seconds"`
	ArticlesPerSecond float64 `json:"articles_per_second"`
	PeakRSSBytes      int64   `json:"peak_rss_bytes"`

	Pair       PRF                   `json:"pair"`
	BCubed     PRF                   `json:"bcubed"`
	ARI        float64               `json:"ari"` // adjusted Rand index, 1 perfect, 0 chance
	ByRelation map[string]PairRecall `json:"by_relation"`
	ByLanguage map[string]PairRecall `json:"by_language"`

	Residue  ResidueFigures `json:"residue"`
	TextKept float64        `json:"text_kept"` // of the words that are the article, the share kept

	FalseMerges [][2]string `json:"false_merges"` // worst first, at most 20
	Missed      [][2]string `json:"missed"`       // worst first, at most 20

	MergedForms int `json:"-"` // pages filled in by machine that share a story with anything
}

// Table prints the report for people.
func (r *Report) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "articles\t%d\tin %.1f s, %.0f a second, peak memory %d MB\n", r.Articles, r.Seconds, r.ArticlesPerSecond, r.PeakRSSBytes>>20)
	fmt.Fprintf(t, "stories\t%d\tlabelled %d\n\n", r.Stories, r.GoldStories)
	fmt.Fprintf(t, "\tprecision\trecall\tF1\n")
	for _, row := range []struct {
		name string
		PRF
	}{{"pairs", r.Pair}, {"B-cubed", r.BCubed}, {"residue", r.Residue.PRF}} {
		fmt.Fprintf(t, "%s\t%.4f\t%.4f\t%.4f\n", row.name, row.Precision, row.Recall, row.F1)
	}
	fmt.Fprintf(t, "\nadjusted Rand index\t%.4f\n", r.ARI)
	fmt.Fprintf(t, "text kept\t%.5f\n\n", r.TextKept)
	fmt.Fprintf(t, "residue lines\trecall\tlines\n")
	for _, row := range []struct {
		name string
		LineRecall
	}{{"repeated", r.Residue.Repeated}, {"with a copy", r.Residue.WithCopy}, {"alone", r.Residue.Alone}} {
		fmt.Fprintf(t, "%s\t%.4f\t%d\n", row.name, row.Recall, row.Lines)
	}
	pairTable(t, "relation", r.ByRelation)
	pairTable(t, "language", r.ByLanguage)
	pairList(t, "false merges", r.FalseMerges)
	pairList(t, "missed", r.Missed)
	return t.Flush()
}

func pairTable(w io.Writer, name string, rows map[string]PairRecall) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\trecall\tpairs\n", name)
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(w, "%s\t%.4f\t%d\n", key, rows[key].Recall, rows[key].Pairs)
	}
}

func pairList(w io.Writer, name string, pairs [][2]string) {
	if len(pairs) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", name)
	for _, p := range pairs {
		fmt.Fprintf(w, "  %s\n", strings.Join(p[:], "  "))
	}
}
