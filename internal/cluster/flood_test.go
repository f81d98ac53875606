package cluster

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
)

// steps counts what a window did to assign, add and remove one article: entries
// of the indexes that were looked at, texts compared, members of stories walked
// over.
func steps(w *Window, do func()) int {
	count := func() int { return w.index.steps + w.translations.steps + w.translations.numbers.steps + w.shelf.steps }
	before := count()
	do()
	return count() - before
}

// TestFloodOfOneStory sends 20,000 articles that are nearly the same, in two
// languages, and takes the oldest out as they age. What the last costs is what
// the first hundreds cost.
func TestFloodOfOneStory(t *testing.T) {
	whole := told["en"]
	flat(t, 20_000, func(i int) Entry {
		k := NewSketch("en", whole[0], append([]string{fmt.Sprintf("Reader %d says hello.", i)}, whole[1:]...))
		return Entry{ID: news.ArticleID(i + 1), Outlet: fmt.Sprintf("o%d.example", i%7), Sketch: k}
	}, 1)
}

// TestFloodOfStories sends 20,000 stories of one outlet that share most of their
// sentences and differ in figures and names.
func TestFloodOfStories(t *testing.T) {
	flat(t, 20_000, func(i int) Entry {
		town := strings.TrimSpace(text(100+i, 1))
		town = strings.ToUpper(town[:1]) + town[1:]
		k := NewSketch("en", "Weather for "+town, []string{bulletin(town, "Monday", i%37, i%23, i%19, i%97), smallPrint})
		return Entry{ID: news.ArticleID(i + 1), Outlet: "flood.example", Sketch: k}
	}, 10_000)
}

// flat takes n articles in, and from the middle on lets the oldest go. It wants
// the work for an article to be bounded, and at least so many stories.
func flat(t *testing.T, n int, article func(int) Entry, stories news.StoryID) {
	t.Helper()
	d := newDesk()
	d.take(paper{"wire.example", "Market rebuilt after flood", []string{text(1, 300), smallPrint}}.entry(n + 1))
	var early, late int
	for i := range n {
		e := article(i)
		e.At = time.Unix(int64(i)*60, 0)
		work := steps(d.Window, func() {
			dec := d.Assign(e)
			for _, m := range dec.Merge {
				d.Merge(m.From, m.Into)
			}
			if e.Story = dec.Story; e.Story == 0 {
				d.next++
				e.Story = d.next
			}
			d.Add(e)
			if i >= n/2 {
				d.Remove(e.ID - news.ArticleID(n/2))
			}
		})
		switch {
		case i >= n/20 && i < n/10:
			early = max(early, work)
		case i >= n-n/20:
			late = max(late, work)
		}
	}
	t.Logf("%d stories; most work for an article: %d early, %d late", d.next, early, late)
	if late > 3*early {
		t.Errorf("an article costs %d steps late, %d early", late, early)
	}
	if d.next < stories {
		t.Errorf("%d stories, want %d", d.next, stories)
	}
	if dec := d.Assign(paper{"b.example", "Market rebuilt after flood", []string{stretch(text(1, 300), 100, 60)}}.entry(n + 2)); dec.Story != 1 {
		t.Errorf("what came before the flood is not found: %+v", dec)
	}
}
