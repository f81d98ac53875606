package index

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// relevanceSet is the stories and queries of testdata/relevance.txt.
type relevanceSet struct {
	names   []string // of the stories, by id - 1
	docs    []Document
	queries []gradedQuery
	newest  time.Time
}

type gradedQuery struct {
	text   string
	grades map[string]int
}

func (r *relevanceSet) add(name string) *Document {
	if i := slices.Index(r.names, name); i >= 0 {
		return &r.docs[i]
	}
	r.names = append(r.names, name)
	r.docs = append(r.docs, Document{ID: news.StoryID(len(r.names))})
	return &r.docs[len(r.docs)-1]
}

var markup = regexp.MustCompile(`<[^>]*>`)

// articles adds the project's labelled articles, a story for each cluster.
func (r *relevanceSet) articles(t *testing.T, path string) {
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	runs := map[string]*Runs{}
	for lines.Scan() {
		var row struct {
			Cluster, Outlet, Title, HTML string
			Published                    time.Time
			Language                     string `json:"gold_lang"`
		}
		must(t, json.Unmarshal(lines.Bytes(), &row))
		d := r.add(row.Cluster)
		if runs[row.Cluster] == nil {
			runs[row.Cluster] = &Runs{}
		}
		var paragraphs []string
		for p := range strings.SplitSeq(row.HTML, "</p>") {
			if p = strings.TrimSpace(markup.ReplaceAllString(p, " ")); p != "" {
				paragraphs = append(paragraphs, p)
			}
		}
		runs[row.Cluster].Add(row.Language, paragraphs)
		d.Texts = runs[row.Cluster].Texts
		d.Titles, d.Languages, d.Outlets = append(d.Titles, row.Title), append(d.Languages, row.Language), append(d.Outlets, row.Outlet)
		d.Copies, d.OutletCount = d.Copies+1, len(foldValues(d.Outlets))
		if d.FirstArrived.IsZero() || row.Published.Before(d.FirstArrived) {
			d.FirstArrived = row.Published
		}
		if row.Published.After(r.newest) {
			r.newest = row.Published
		}
	}
	must(t, lines.Err())
}

func readRelevance(t *testing.T) *relevanceSet {
	r := &relevanceSet{}
	r.articles(t, "../internal/eval/testdata/small.jsonl")
	r.articles(t, "../internal/eval/testdata/world.jsonl")
	b, err := os.ReadFile("testdata/relevance.txt")
	must(t, err)
	for line := range strings.Lines(string(b)) {
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		cells := strings.Split(rest, " | ")
		switch kind {
		case "story":
			outlets, err := strconv.Atoi(cells[2])
			must(t, err)
			days, err := strconv.Atoi(cells[3])
			must(t, err)
			d := r.add(cells[0])
			d.Languages, d.Titles, d.Texts = cells[1:2], cells[4:5], []Text{{cells[1], cells[5]}}
			d.OutletCount, d.Copies, d.FirstArrived = outlets, outlets, r.newest.AddDate(0, 0, -days)
		case "query":
			q := gradedQuery{cells[0], map[string]int{}}
			for grade := range strings.FieldsSeq(cells[1]) {
				name, n, _ := strings.Cut(grade, "=")
				if !slices.Contains(r.names, name) {
					t.Fatalf("query %s: there is no story %s", q.text, name)
				}
				q.grades[name], err = strconv.Atoi(n)
				must(t, err)
			}
			r.queries = append(r.queries, q)
		}
	}
	return r
}

// TestRelevance holds how well queries find what they should, and in which order,
// against testdata/relevance.golden.txt; -update writes it anew. Recall@10 is the
// share of graded stories among the first ten; MRR is one over the rank of the
// first story of the highest grade; nDCG@10 judges the whole order, a grade g
// counting 2^g − 1 (Järvelin and Kekäläinen, 2002).
func TestRelevance(t *testing.T) {
	const path = "testdata/relevance.golden.txt"
	r := readRelevance(t)
	ix := newIndex(t, r.docs...)
	var b strings.Builder
	var recalls, ranks, gains float64
	for _, q := range r.queries {
		var found []string
		for _, id := range find(t, ix, Query{Text: q.text, Limit: 10, Now: r.newest}) {
			found = append(found, r.names[id-1])
		}
		recall, rank, gain := judge(found, q.grades)
		recalls, ranks, gains = recalls+recall, ranks+rank, gains+gain
		fmt.Fprintf(&b, "%.2f %.2f %.2f  %-45s %s\n", recall, rank, gain, q.text, strings.Join(found[:min(len(found), 6)], " "))
	}
	n := float64(len(r.queries))
	got := fmt.Sprintf("%d queries over %d stories: recall@10 %.3f, MRR %.3f, nDCG@10 %.3f\n\nrecall, reciprocal rank, nDCG; the query and the first it finds\n%s",
		len(r.queries), len(r.docs), recalls/n, ranks/n, gains/n, b.String())
	t.Log(got[:strings.IndexByte(got, '\n')])
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("ranking has changed; if for the better, -update (-want +got)\n%s", diff)
	}
}

func judge(found []string, grades map[string]int) (recall, rank, gain float64) {
	highest := 0
	var ideal []float64
	for _, g := range grades {
		highest = max(highest, g)
		ideal = append(ideal, math.Exp2(float64(g))-1)
	}
	slices.Sort(ideal)
	slices.Reverse(ideal)
	discount := func(i int) float64 { return 1 / math.Log2(float64(i)+2) }
	best := 0.0
	for i, g := range ideal {
		best += g * discount(i)
	}
	for i, name := range found {
		g := grades[name]
		if g > 0 {
			recall += 1 / float64(len(grades))
			gain += (math.Exp2(float64(g)) - 1) * discount(i) / best
		}
		if g == highest && rank == 0 {
			rank = 1 / float64(i+1)
		}
	}
	return recall, rank, gain
}
