package cluster

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// report is one of the differently worded reports of an event, of which all are
// made up. Events that others come close to have but one.
type report struct {
	Event, Lang, Title, Text string
	Day                      int
	entry                    Entry
}

func reports(t testing.TB) []*report {
	t.Helper()
	var all []*report
	eachLine(t, "testdata/related.jsonl", func(line []byte) {
		r := &report{}
		if err := json.Unmarshal(line, r); err != nil {
			t.Fatal(err)
		}
		n := len(all) + 1
		r.entry = Entry{
			ID: news.ArticleID(n), Story: news.StoryID(n), Outlet: fmt.Sprintf("o%d.example", n),
			At: time.Date(2026, 5, 10+r.Day, 8, n%60, 0, 0, time.UTC), Sketch: NewSketch(r.Lang, r.Title, strings.Split(r.Text, "\n")),
		}
		all = append(all, r)
	})
	return all
}

func eachLine(t testing.TB, path string, f func([]byte)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		f(lines.Bytes())
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
}

// foundKin is how well related reports were found.
type foundKin struct {
	right, wrong, missed int
	notes                []string
}

func (k foundKin) String() string {
	return fmt.Sprintf("precision %.3f, recall %.3f (%d right, %d wrong, %d missed)",
		float64(k.right)/float64(max(k.right+k.wrong, 1)), float64(k.right)/float64(max(k.right+k.missed, 1)), k.right, k.wrong, k.missed)
}

// judgeKin asks for the kin of every report and counts pairs, of events for which
// half holds.
func judgeKin(w *Window, all []*report, half func(event string) bool) (k foundKin) {
	linked := map[[2]int]bool{}
	for i, r := range all {
		for _, kin := range w.Related(r.entry) {
			j := int(kin.Story) - 1
			linked[[2]int{min(i, j), max(i, j)}] = true
		}
	}
	for i, a := range all {
		for j := i + 1; j < len(all); j++ {
			b := all[j]
			if !half(a.Event) && !half(b.Event) || a.Event == b.Event && !half(a.Event) {
				continue
			}
			note := fmt.Sprintf("%s/%s %q – %s/%s %q", a.Event, a.Lang, a.Title, b.Event, b.Lang, b.Title)
			switch got, want := linked[[2]int{i, j}], a.Event == b.Event; {
			case got && want:
				k.right++
			case got:
				k.wrong++
				k.notes = append(k.notes, "wrong: "+note)
			case want:
				k.missed++
				k.notes = append(k.notes, "missed: "+note)
			}
		}
	}
	for pair := range linked {
		if pair[1] >= len(all) { // another text of the window
			k.wrong++
			k.notes = append(k.notes, fmt.Sprintf("wrong: %s – text %d of the background", all[pair[0]].Title, pair[1]))
		}
	}
	slices.Sort(k.notes)
	return k
}

var tags = regexp.MustCompile(`<[^>]*>`)

// background adds other texts to the window, each a story of its own, as far as
// they are not alike.
func background(t testing.TB, w *Window, path string, from int) int {
	t.Helper()
	seen := map[string]bool{}
	eachLine(t, path, func(line []byte) {
		var a struct{ Cluster, Title, HTML string }
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatal(err)
		}
		if seen[a.Cluster] {
			return
		}
		seen[a.Cluster] = true
		from++
		w.Add(Entry{ID: news.ArticleID(from), Story: news.StoryID(from), Outlet: "b.example", At: time.Date(2026, 5, 9, 0, 0, from%3000, 0, time.UTC),
			Sketch: NewSketch("en", a.Title, []string{tags.ReplaceAllString(a.HTML, " ")})})
	})
	return from
}

// TestRelated compares with golden figures how well reports of one event are found,
// and near misses told apart. Both halves were looked at while the thresholds were
// chosen, so neither is a held-out test.
func TestRelated(t *testing.T) {
	all := reports(t)
	w := NewWindow(Options{})
	for _, r := range all {
		w.Add(r.entry)
	}
	events := map[string]int{}
	for _, r := range all {
		if _, ok := events[r.Event]; !ok {
			events[r.Event] = len(events)
		}
	}
	var b strings.Builder
	say := func(what string) {
		for i, name := range []string{"first half", "second half"} {
			k := judgeKin(w, all, func(e string) bool { return events[e]%2 == i })
			fmt.Fprintf(&b, "%s, %s: %v\n", what, name, k)
			t.Log(what, name, strings.Join(k.notes, "\n"))
		}
	}
	say("alone")
	n := background(t, w, "../eval/testdata/world.jsonl", len(all))
	say("among our own set")
	compareGolden(t, "testdata/related.golden.txt", b.String())
	if dir := os.Getenv("KLIPING_TEST_LABELLED"); dir != "" {
		n = background(t, w, filepath.Join(dir, "copies.jsonl"), n)
		b.Reset()
		say(fmt.Sprintf("among %d", n))
		t.Log(b.String())
	}
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("KLIPING_TEST_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("figures (-golden +now); KLIPING_TEST_UPDATE=1 writes them anew:\n%s", diff)
	}
}

// TestRelatedSaysNamesFirst wants the names that two reports share to be said before
// figures, and a year or small number last, whatever they weigh: of a person and a
// place one sees what the two are about.
func TestRelatedSaysNamesFirst(t *testing.T) {
	w := NewWindow(Options{})
	report := func(id int, title, text string) Entry {
		return Entry{ID: news.ArticleID(id), Story: news.StoryID(id), Outlet: "o.example", At: time.Date(2026, 5, 10, 8, id, 0, 0, time.UTC), Sketch: NewSketch("en", title, []string{text})}
	}
	w.Add(report(1, "Estrava keeps its lighthouse", "A court ruled in 1990 for Estrava. Paula Pelberg spoke for 19 families, who lost 4,254 nets. Jonas Wesov has the keys."))
	kin := w.Related(report(2, "Wesov explains himself", "19 of every hundred in Estrava do not believe Jonas Wesov, and 4,254 nets were lost. Paula Pelberg warned of it in 1990."))
	if len(kin) != 1 {
		t.Fatalf("related to %v", kin)
	}
	shared := kin[0].Why.Shared
	names, figure, year := 0, slices.Index(shared, "4,254"), slices.Index(shared, "1990")
	for _, s := range []string{"Estrava", "Wesov", "Pelberg"} {
		names = max(names, slices.Index(shared, s))
	}
	if names == 0 || figure < names || year < figure && year >= 0 {
		t.Errorf("they share %q", shared)
	}
}
