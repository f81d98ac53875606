package eval

import (
	"cmp"
	"slices"
	"strings"

	"kliping/internal/news"
)

// outcome is what the pipeline made of one row.
type outcome struct {
	story  news.StoryID
	blocks []news.Block
}

// listed is how many false merges and misses a report names.
const listed = 20

// judge compares what was found with the labels; found[i] belongs to rows[i].
func judge(rows []Row, found []outcome) Report {
	t := tabulate(rows, found)
	r := Report{
		Articles: len(rows), Stories: len(t.stories), GoldStories: len(t.clusters),
		Pair: t.pairs(), BCubed: t.bcubed(), ARI: t.ari(),
	}
	r.ByRelation, r.ByLanguage = recallByLabel(rows, found)
	r.Residue, r.TextKept = judgeResidue(rows, found)
	r.FalseMerges, r.Missed = t.mistakes(rows)
	for i := range rows {
		if rows[i].Relation == "template" && t.stories[found[i].story] > 1 {
			r.MergedForms++
		}
	}
	return r
}

// cell is where a gold cluster and a found story meet.
type cell struct {
	cluster string
	story   news.StoryID
}

// table is the contingency table of gold clusters and found stories.
type table struct {
	rows     int
	cells    map[cell][]int // row numbers
	clusters map[string]int // sizes
	stories  map[news.StoryID]int
}

func tabulate(rows []Row, found []outcome) *table {
	t := &table{rows: len(rows), cells: map[cell][]int{}, clusters: map[string]int{}, stories: map[news.StoryID]int{}}
	for i := range rows {
		c := cell{rows[i].Cluster, found[i].story}
		t.cells[c] = append(t.cells[c], i)
		t.clusters[c.cluster]++
		t.stories[c.story]++
	}
	return t
}

// sums counts pairs of rows: together in both, in the labels, in what was found.
func (t *table) sums() (both, gold, found float64) {
	for _, members := range t.cells {
		both += choose2(len(members))
	}
	for _, n := range t.clusters {
		gold += choose2(n)
	}
	for _, n := range t.stories {
		found += choose2(n)
	}
	return both, gold, found
}

func (t *table) pairs() PRF {
	both, gold, found := t.sums()
	return prf(both, found, gold)
}

// ari is the adjusted Rand index (Hubert and Arabie 1985).
func (t *table) ari() float64 {
	both, gold, found := t.sums()
	expected := gold * found / max(choose2(t.rows), 1)
	if most := (gold + found) / 2; most != expected {
		return (both - expected) / (most - expected)
	}
	return 1
}

// bcubed averages, over rows, the share of a row's story that shares its
// cluster and the share of its cluster that shares its story (Bagga and Baldwin
// 1998).
func (t *table) bcubed() PRF {
	var precision, recall float64
	for c, members := range t.cells {
		n := float64(len(members))
		precision += n * n / float64(t.stories[c.story])
		recall += n * n / float64(t.clusters[c.cluster])
	}
	if t.rows == 0 {
		return PRF{1, 1, 1}
	}
	precision, recall = precision/float64(t.rows), recall/float64(t.rows)
	return PRF{precision, recall, harmonic(precision, recall)}
}

// mistakes names a pair for each of the worst false merges and misses. A false
// merge is two clusters met in one story, a miss one cluster parted over two
// stories; each weighs as many pairs as it got wrong.
func (t *table) mistakes(rows []Row) (merged, missed [][2]string) {
	byStory, byCluster := map[news.StoryID][][]int{}, map[string][][]int{}
	for c, members := range t.cells {
		byStory[c.story] = append(byStory[c.story], members)
		byCluster[c.cluster] = append(byCluster[c.cluster], members)
	}
	return worst(rows, byStory), worst(rows, byCluster)
}

// worst lists pairs of rows from different parts of one whole, the largest
// products of two parts' sizes first.
func worst[K comparable](rows []Row, wholes map[K][][]int) [][2]string {
	type mistake struct{ weight, a, b int }
	var all []mistake
	for _, parts := range wholes {
		for i, p := range parts {
			for _, q := range parts[:i] {
				all = append(all, mistake{len(p) * len(q), min(p[0], q[0]), max(p[0], q[0])})
			}
		}
	}
	slices.SortFunc(all, func(x, y mistake) int {
		return cmp.Or(cmp.Compare(y.weight, x.weight), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	pairs := make([][2]string, 0, listed)
	for _, m := range all[:min(len(all), listed)] {
		pairs = append(pairs, [2]string{rows[m.a].ID, rows[m.b].ID})
	}
	return pairs
}

// recallByLabel is the share found of the gold pairs that join a cluster's
// earliest row with another, by the other's relation and language.
func recallByLabel(rows []Row, found []outcome) (relation, language map[string]PairRecall) {
	relation, language = map[string]PairRecall{}, map[string]PairRecall{}
	count := func(m map[string]PairRecall, key string, hit bool) {
		if key == "" {
			return
		}
		p := m[key]
		hits := p.Recall * float64(p.Pairs)
		if hit {
			hits++
		}
		p.Pairs++
		p.Recall = hits / float64(p.Pairs)
		m[key] = p
	}
	for _, members := range byCluster(rows) {
		for _, i := range members[1:] {
			hit := found[i].story == found[members[0]].story
			count(relation, rows[i].Relation, hit)
			count(language, rows[i].GoldLang, hit)
		}
	}
	return relation, language
}

// judgeResidue compares stripped blocks with gold lines, and counts the words
// of the article that were kept.
func judgeResidue(rows []Row, found []outcome) (ResidueFigures, float64) {
	kinds := newLineKinds(rows)
	var f ResidueFigures
	var right, stripped, hit, words, kept int
	for i := range rows {
		if !rows[i].labelled() {
			continue
		}
		gold := foldedSet(rows[i].Residue)
		taken := map[string]bool{}
		for _, b := range found[i].blocks {
			line := fold(b.Text)
			n := len(strings.Fields(line))
			if !gold[line] {
				words += n
				if b.Strip == nil {
					kept += n
				}
			}
			if b.Strip != nil {
				stripped++
				taken[line] = true
				if gold[line] {
					right++
				}
			}
		}
		for line := range gold {
			f.Lines++
			part := kinds.of(&f, &rows[i], line)
			part.Lines++
			if taken[line] {
				hit++
				part.Recall++
			}
		}
	}
	f.Precision, f.Recall = share(right, stripped), share(hit, f.Lines)
	f.F1 = harmonic(f.Precision, f.Recall)
	for _, part := range []*LineRecall{&f.Repeated, &f.WithCopy, &f.Alone} {
		part.Recall = share(int(part.Recall), part.Lines)
	}
	return f, share(kept, words)
}

// lineKinds tells which part of the figures a gold line counts for.
type lineKinds struct {
	articles map[[2]string]int // outlet, line → articles of the outlet that carry it
	clusters map[string]int
}

func newLineKinds(rows []Row) lineKinds {
	k := lineKinds{map[[2]string]int{}, map[string]int{}}
	for i := range rows {
		k.clusters[rows[i].Cluster]++
		for line := range foldedSet(rows[i].Residue) {
			k.articles[[2]string{rows[i].Outlet, line}]++
		}
	}
	return k
}

func (k lineKinds) of(f *ResidueFigures, r *Row, line string) *LineRecall {
	switch {
	case k.articles[[2]string{r.Outlet, line}] >= 3:
		return &f.Repeated
	case k.clusters[r.Cluster] > 1:
		return &f.WithCopy
	}
	return &f.Alone
}

func foldedSet(lines []string) map[string]bool {
	set := make(map[string]bool, len(lines))
	for _, l := range lines {
		set[fold(l)] = true
	}
	return set
}

// fold folds white space.
func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

func choose2(n int) float64 { return float64(n) * float64(n-1) / 2 }

func prf(both, found, gold float64) PRF {
	p, r := 1.0, 1.0
	if found > 0 {
		p = both / found
	}
	if gold > 0 {
		r = both / gold
	}
	return PRF{p, r, harmonic(p, r)}
}

func harmonic(p, r float64) float64 {
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

// share is part of whole; all of nothing is 1.
func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}
