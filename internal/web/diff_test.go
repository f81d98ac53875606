package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// changed is the dam's text with one figure changed, its third sentence dropped,
// and a quote added.
var changed = []string{dam[0], strings.ReplaceAll(dam[1], "340", "430"), dam[3], "“Nobody has seen such a crack,” a surveyor told this paper."}

func TestDiffPage(t *testing.T) {
	d := newDesk(t)
	first := d.publish("first.example", "Dam at Pellworth lowered after crack", dam...)
	second := d.publish("second.example", "Dam at Pellworth lowered", changed...)
	d.settle()
	story := d.get(storyPath(d.storyOf(first)))
	if len(story.one(t, fmt.Sprintf("#article-%d", first)).all(".origin")) != 0 {
		t.Error("the lead is compared with itself")
	}
	if got := story.one(t, fmt.Sprintf("#article-%d .origin", second)).text(); !strings.HasPrefix(got, "most likely from first.example") {
		t.Errorf("the copy is %q", got)
	}
	links := story.all(fmt.Sprintf("#article-%d .origin a", second))
	page := d.get(links[len(links)-1].attr("href"))
	if got, want := page.one(t, ".lede").text(), "2 sentences the same · 1 changed · 1 dropped · 1 added"; got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}
	for selector, want := range map[string][]string{
		".pulled dt":      {"Headline", "Figures", "Quotes"},
		".pulled dd del":  {"after crack", "340", "1958", "19"},
		".pulled dd ins":  {"430", "Nobody has seen such a crack,"},
		".laid del":       {"340", dam[2]},
		".laid ins":       {"430", changed[3]},
		".laid del.whole": {dam[2]},
		".laid ins.whole": {changed[3]},
		".facts b":        {"second.example", "first.example"},
	} {
		if diff := cmp.Diff(want, page.texts(selector)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", selector, diff)
		}
	}
	for _, p := range page.all(".laid p") {
		if p.attr("dir") != "auto" {
			t.Errorf("a paragraph has no direction of its own: %s", p.text())
		}
	}
	if got := page.one(t, ".crumb a").attr("href"); got != fmt.Sprintf("/story/%d#article-%d", d.storyOf(second), second) {
		t.Errorf("the way back is %q", got)
	}
	back := d.get(fmt.Sprintf("/article/%d/diff?from=%d", first, second))
	if diff := cmp.Diff([]string{"430", changed[3]}, back.texts(".laid del")); diff != "" {
		t.Errorf("the other way round (-want +got):\n%s", diff)
	}
	d.page(articlePath(first)+"/diff", http.StatusBadRequest) // it is the lead
	d.page(articlePath(99)+"/diff", http.StatusNotFound)
	d.page(articlePath(second)+"/diff?from=99", http.StatusNotFound)
	d.page(articlePath(second)+"/diff?from=x", http.StatusBadRequest)
}

func TestDiffOfNothingAndOfATranslation(t *testing.T) {
	d := newDesk(t)
	first, soiled, _ := d.publishDam()
	arabic := d.publish("abar.example", "سبع آبار في وادي السدر", wells...)
	d.settle()
	page := d.get(fmt.Sprintf("/article/%d/diff?from=%d", soiled, first))
	if n := len(page.all(".laid del")) + len(page.all(".laid ins")); n != 0 || len(page.all(".pulled dd")) != 1 {
		t.Errorf("a copy under another headline differs %d times", n)
	}
	page = d.get(fmt.Sprintf("/article/%d/diff?from=%d", arabic, first))
	if got := page.one(t, ".lede").text(); !strings.Contains(got, "different languages") || len(page.all(".laid")) != 0 {
		t.Errorf("a translation is compared: %q", got)
	}
	if diff := cmp.Diff([]string{"340", "1958", "19"}, page.texts(".pulled del")); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

// TestDiffIsInert shows a stranger's worst.
func TestDiffIsInert(t *testing.T) {
	d := newDesk(t)
	first, second := d.publishHostile()
	if page := d.get(fmt.Sprintf("/article/%d/diff?from=%d", second, first)); len(page.all("script"))+len(page.all("img"))+len(page.all("[onclick]")) != 0 {
		t.Error("the page has what a stranger wrote as more than text")
	}
}

// TestDiffOfHugeTextsIsBounded compares texts of a hundred thousand sentences.
func TestDiffOfHugeTextsIsBounded(t *testing.T) {
	d := newDesk(t)
	long := func(n int) string {
		var b strings.Builder
		for i := range 40_000 {
			fmt.Fprintf(&b, "Sentence %d of %d speaks. ", i, n)
		}
		return b.String()
	}
	one := d.publish("first.example", "Long", long(1))
	two := d.publish("second.example", "Long", long(2))
	start := time.Now()
	body := d.ask(http.MethodGet, fmt.Sprintf("/article/%d/diff?from=%d", two, one), http.StatusOK).Body
	if n := body.Len(); n > 1<<20 {
		t.Errorf("the page has %d bytes", n)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestStoryOfManyCopies lists a part, links to the rest, and numbers texts.
func TestStoryOfManyCopies(t *testing.T) {
	d := newDesk(t)
	var first news.ArticleID
	for i := range 230 {
		id := d.publish(fmt.Sprintf("outlet-%d.example", i), "Dam lowered after crack", dam...)
		if i == 0 {
			first = id
		}
	}
	d.settle()
	page := d.get(storyPath(d.storyOf(first)))
	if n := len(page.all(".copies li[id]")); n != 200 {
		t.Errorf("%d copies listed, want 200", n)
	}
	if got := page.texts("h2"); !cmp.Equal(got, []string{"230 articles, 1 text"}) {
		t.Errorf("the page counts %q", got)
	}
	if n := len(page.all(".badge.plain")); n != 0 {
		t.Error("the only text has a number")
	}
	if n := len(d.get(strings.Split(page.one(t, ".more a").attr("href"), "#")[0]).all(".copies li[id]")); n != 230 {
		t.Errorf("the longer page lists %d", n)
	}
}
