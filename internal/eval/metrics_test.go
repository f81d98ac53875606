package eval

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// The rows: two clusters of three and two, and one alone.
func sampleRows() []Row {
	return []Row{
		{ID: "a1", Outlet: "x", Cluster: "a", Relation: "original", GoldLang: "en"},
		{ID: "a2", Outlet: "x", Cluster: "a", Relation: "copy", GoldLang: "en", Residue: []string{"Follow us"}},
		{ID: "a3", Outlet: "x", Cluster: "a", Relation: "translation", GoldLang: "id", Residue: []string{"Follow us"}},
		{ID: "b1", Outlet: "x", Cluster: "b", Relation: "original", GoldLang: "en", Residue: []string{"Follow us"}},
		{ID: "b2", Outlet: "y", Cluster: "b", Relation: "excerpt", GoldLang: "en", Residue: []string{"Read more"}},
		{ID: "c1", Outlet: "y", Cluster: "c", Relation: "background", GoldLang: "en", Residue: []string{"- 0"}},
	}
}

func stories(ids ...news.StoryID) []outcome {
	found := make([]outcome, len(ids))
	for i, id := range ids {
		found[i].story = id
	}
	return found
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestPairsCountEveryPair(t *testing.T) {
	// Found: {a1 a2} {a3} {b1 b2 c1}: 4 found pairs, 4 gold pairs, 2 in both.
	r := judge(sampleRows(), stories(1, 1, 2, 3, 3, 3))
	if !near(r.Pair.Precision, .5) || !near(r.Pair.Recall, .5) {
		t.Errorf("pairs are %+v, want .5 and .5", r.Pair)
	}
	// B-cubed by hand: precision (1+1+1+2/3+2/3+1/3)/6, recall (2/3+2/3+1/3+1+1+1)/6.
	if !near(r.BCubed.Precision, (3+5.0/3)/6) || !near(r.BCubed.Recall, (3+5.0/3)/6) {
		t.Errorf("B-cubed is %+v", r.BCubed)
	}
	// Adjusted Rand index by hand: (2 − 4·4/15) / (4 − 4·4/15).
	if want := (2 - 16.0/15) / (4 - 16.0/15); !near(r.ARI, want) {
		t.Errorf("ARI is %v, want %v", r.ARI, want)
	}
	if diff := cmp.Diff(map[string]PairRecall{"copy": {1, 1}, "translation": {0, 1}, "excerpt": {1, 1}}, r.ByRelation); diff != "" {
		t.Errorf("by relation (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]PairRecall{"en": {1, 2}, "id": {0, 1}}, r.ByLanguage); diff != "" {
		t.Errorf("by language (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][2]string{{"b1", "c1"}}, r.FalseMerges); diff != "" {
		t.Errorf("false merges (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][2]string{{"a1", "a3"}}, r.Missed); diff != "" {
		t.Errorf("missed (-want +got):\n%s", diff)
	}
}

func TestPerfectIsOne(t *testing.T) {
	r := judge(sampleRows(), stories(1, 1, 1, 2, 2, 3))
	if !near(r.Pair.F1, 1) || !near(r.BCubed.F1, 1) || !near(r.ARI, 1) {
		t.Errorf("a perfect clustering scores %+v", r)
	}
}

func TestResidueIsJudgedByLine(t *testing.T) {
	rows := sampleRows()
	found := stories(1, 1, 1, 2, 2, 3)
	strip := &news.Strip{Evidence: news.ByLexicon, Rule: "plea/follow"}
	text := news.Block{Text: "five words of the article"}
	for i := range found {
		found[i].blocks = []news.Block{text}
	}
	found[1].blocks = append(found[1].blocks, news.Block{Text: "Follow  us", Strip: strip})
	found[2].blocks = append(found[2].blocks, news.Block{Text: "Follow us", Strip: strip})
	found[3].blocks = append(found[3].blocks, news.Block{Text: "Follow us"})
	found[4].blocks = append(found[4].blocks, news.Block{Text: "Read more", Strip: strip})
	found[5].blocks[0].Strip = strip // an article lost

	r := judge(rows, found)
	want := ResidueFigures{
		PRF:      PRF{Precision: .75, Recall: .6, F1: 2 * .75 * .6 / 1.35},
		Lines:    5,
		Repeated: LineRecall{2.0 / 3, 3}, // "Follow us" stands in three articles of x
		WithCopy: LineRecall{1, 1},
		Alone:    LineRecall{0, 1},
	}
	if diff := cmp.Diff(want, r.Residue, cmp.Comparer(near)); diff != "" {
		t.Errorf("residue (-want +got):\n%s", diff)
	}
	if want := 25.0 / 30; !near(r.TextKept, want) {
		t.Errorf("text kept is %v, want %v", r.TextKept, want)
	}
}

func TestReadNamesFileAndLine(t *testing.T) {
	good := `{"id":"1","outlet":"x","cluster":"c","published":"2026-05-01T00:00:00Z"}` + "\n"
	for input, says := range map[string]string{
		good + "{broken": "set.jsonl:2: ",
		"\n" + good + `{"id":"2","outlet":"x"}` + "": "set.jsonl:3: invalid: cluster is missing",
	} {
		_, err := Read(strings.NewReader(input), "set.jsonl")
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("reading %q says %v, want %q", input, err, says)
		}
	}
}
