// Document measures recognition and writes the tables of docs/recognition.md
// and the headline figures of README.md anew, between their markers; 'make
// recognition' runs it. The project's own
// labelled set is always measured. Larger sets are, where KLIPING_TEST_LABELLED
// names a directory of them; elsewhere their tables stay as they are.
//
// Figures of the machine, such as articles a second, are not written: only a
// change of recognition is to show in the diff.
package main

import (
	"context"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kliping/internal/eval"
)

// own are the project's labelled sets.
var own = []struct{ name, file string }{
	{"our own", "internal/eval/testdata/small.jsonl"},
	{"the world", "internal/eval/testdata/world.jsonl"},
}

// set is a labelled set as measured.
type set struct {
	name     string
	rows     []eval.Row
	report   eval.Report   // in order of publication
	shuffled []eval.Report // in other orders of arrival
}

func main() {
	log.SetFlags(0)
	if err := write(context.Background(), os.Getenv("KLIPING_TEST_LABELLED")); err != nil {
		log.Fatal(err)
	}
}

// write measures and puts the figures into their pages.
func write(ctx context.Context, larger string) error {
	var ours []set
	var wrong strings.Builder
	for _, o := range own {
		rows, err := eval.ReadFiles([]string{o.file})
		if err != nil {
			return err
		}
		s, err := measure(ctx, o.name, 10, rows)
		if err != nil {
			return err
		}
		ours = append(ours, s)
		wrong.WriteString(failures(s))
	}
	if err := put("docs/recognition.md", "own", tables(ours)+wrong.String()); err != nil || larger == "" {
		return err
	}
	return writeLarger(ctx, larger)
}

// writeLarger does the same for the larger sets.
func writeLarger(ctx context.Context, larger string) error {
	files, err := filepath.Glob(filepath.Join(larger, "*.jsonl"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no labelled sets in KLIPING_TEST_LABELLED=%s", larger)
	}
	var sets []set
	for _, file := range append(files, "") {
		name, some := strings.TrimSuffix(filepath.Base(file), ".jsonl"), []string{file}
		if file == "" {
			name, some = "all at once", files
		}
		rows, err := eval.ReadFiles(some)
		if err != nil {
			return err
		}
		s, err := measure(ctx, name, 3, rows)
		if err != nil {
			return err
		}
		sets = append(sets, s)
	}
	if err := put("docs/recognition.md", "larger", tables(sets)); err != nil {
		return err
	}
	apart, err := asides(ctx, sets)
	if err != nil {
		return err
	}
	if err := put("docs/recognition.md", "aside", apart); err != nil {
		return err
	}
	return put("README.md", "headline", headline(sets[len(sets)-1]))
}

// put writes text between the markers named name in the page at path.
func put(path, name, text string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("run this from the top of the project: %w", err)
	}
	changed, err := replace(string(page), name, text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(changed), 0o644)
}

// measure runs rows in order of publication, and in so many other orders of
// arrival.
func measure(ctx context.Context, name string, orders int, rows []eval.Row) (set, error) {
	log.Print("measuring ", name)
	s := set{name: name, rows: rows}
	for seed := range orders + 1 {
		r, err := eval.Run(ctx, rows, eval.Options{Shuffle: uint64(seed)})
		if err != nil {
			return set{}, err
		}
		if seed == 0 {
			s.report = r
			continue
		}
		s.shuffled = append(s.shuffled, r)
	}
	return s, nil
}

// replace puts tables between the markers named name.
func replace(page, name, tables string) (string, error) {
	begin, end := "<!-- "+name+": written by make recognition -->\n", "<!-- end of "+name+" -->\n"
	before, rest, ok := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", fmt.Errorf("the markers of %q are missing", name)
	}
	return before + begin + "\n" + tables + "\n" + end + after, nil
}

// tables are the figures of sets in Markdown.
func tables(sets []set) string {
	var b strings.Builder
	row := func(cells ...string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	row("set", "articles", "stories", "found", "pair precision", "pair recall", "pair F1", "F1 in other orders")
	row("---", "--:", "--:", "--:", "--:", "--:", "--:", "--:")
	for _, s := range sets {
		r := s.report
		row(s.name, fmt.Sprint(r.Articles), fmt.Sprint(r.GoldStories), fmt.Sprint(r.Stories), figure(r.Pair.Precision), figure(r.Pair.Recall), figure(r.Pair.F1), spread(s.shuffled))
	}
	b.WriteByte('\n')
	row("set", "residue lines", "precision", "recall", "repeated", "with a copy", "alone", "text kept")
	row("---", "--:", "--:", "--:", "--:", "--:", "--:", "--:")
	for _, s := range sets {
		r := s.report.Residue
		row(s.name, fmt.Sprint(r.Lines), figure(r.Precision), figure(r.Recall), lines(r.Repeated), lines(r.WithCopy), lines(r.Alone), fmt.Sprintf("%.5f", s.report.TextKept))
	}
	matrix(row, &b, "relation", sets, func(r eval.Report) map[string]eval.PairRecall { return r.ByRelation })
	matrix(row, &b, "language", sets, func(r eval.Report) map[string]eval.PairRecall { return r.ByLanguage })
	return b.String()
}

// matrix is recall with a row a label and a column a set.
func matrix(row func(...string), b *strings.Builder, name string, sets []set, of func(eval.Report) map[string]eval.PairRecall) {
	labels := map[string]bool{}
	head, rule := []string{"recall by " + name}, []string{"---"}
	for _, s := range sets {
		head, rule = append(head, s.name), append(rule, "--:")
		for label := range of(s.report) {
			labels[label] = true
		}
	}
	b.WriteByte('\n')
	row(head...)
	row(rule...)
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		cells := []string{label}
		for _, s := range sets {
			cell := ""
			if p, ok := of(s.report)[label]; ok {
				cell = fmt.Sprintf("%s of %d", figure(p.Recall), p.Pairs)
			}
			cells = append(cells, cell)
		}
		row(cells...)
	}
}

// headline is the few figures for readers in a hurry.
func headline(all set) string {
	r := all.report
	worst := r.Pair.F1
	for _, s := range all.shuffled {
		worst = min(worst, s.Pair.F1)
	}
	translations := r.ByRelation["translation"]
	return fmt.Sprintf(`Measured on %d labelled articles made from public collections, all in one store:

- **copies and translations**: pairs of one story found with precision %.4f and recall %.4f (F1 %.4f); when each day's
  articles arrive in another order, F1 is %.4f in the worst of %d orders
- **translations**: %.1f %% of %d found
- **residue**: %.1f %% of it found, %.1f %% of what was stripped rightly so, %.3f %% of the articles' own words kept
`, r.Articles, r.Pair.Precision, r.Pair.Recall, r.Pair.F1, worst, len(all.shuffled), 100*translations.Recall, translations.Pairs,
		100*r.Residue.Recall, 100*r.Residue.Precision, 100*r.TextKept)
}

// failures shows what went wrong in a set whose texts are ours to show.
func failures(s set) string {
	byID := map[string]*eval.Row{}
	for i := range s.rows {
		byID[s.rows[i].ID] = &s.rows[i]
	}
	var b strings.Builder
	list := func(what string, pairs [][2]string) {
		if len(pairs) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n%s:\n\n", what)
		for _, p := range pairs {
			x, y := byID[p[0]], byID[p[1]]
			fmt.Fprintf(&b, "- “%s” (%s, %s) and “%s” (%s, %s)\n", x.Title, x.GoldLang, x.Relation, y.Title, y.GoldLang, y.Relation)
		}
	}
	list("Merged though they are two stories", s.report.FalseMerges)
	list("Parted though they are one story", s.report.Missed)
	return b.String()
}

func figure(share float64) string { return fmt.Sprintf("%.4f", share) }

func lines(r eval.LineRecall) string {
	if r.Lines == 0 {
		return ""
	}
	return fmt.Sprintf("%s of %d", figure(r.Recall), r.Lines)
}

// spread is the worst and the best F1 of several runs.
func spread(runs []eval.Report) string {
	if len(runs) == 0 {
		return ""
	}
	worst, best := 1.0, 0.0
	for _, r := range runs {
		worst, best = min(worst, r.Pair.F1), max(best, r.Pair.F1)
	}
	return fmt.Sprintf("%s to %s (%d)", figure(worst), figure(best), len(runs))
}
