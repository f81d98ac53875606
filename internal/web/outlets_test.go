package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/store"
)

func TestOutlets(t *testing.T) {
	d := newDesk(t)
	first, _, _ := d.publishDam()
	if err := d.db.SetOutlets(t.Context(), []store.Outlet{{Domain: "second.example", Name: "The <b>Second", Tier: 2, Tags: []string{"local"}}, {Domain: "first.example", Name: "The First"}}); err != nil {
		t.Fatal(err)
	}
	page := d.get("/outlets?sort=first")
	var rows []string
	for _, tr := range page.all(".outlets tbody tr") {
		rows = append(rows, strings.Join(tr.texts("td"), " | "))
	}
	want := []string{
		"The Firstfirst.example | – | 1 | 1 of 1 | 100 % | 0 | –",
		"The <b>Secondsecond.example | 2 | 1 | 0 of 1 | 0 % | 1 | 1 min",
		"third.example | – | 1 | 0 of 1 | 0 % | 1 | 2 min",
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if links := len(page.all(".outlets th a")); links != 7 {
		t.Errorf("%d columns order the table", links)
	}
	one := d.get("/outlet/first.example")
	if bars := one.texts(".bars li"); len(bars) != 7 || !strings.HasPrefix(bars[0], "within 5 min") || !strings.HasSuffix(bars[0], "2") || !strings.HasPrefix(bars[2], "15 min to 1 h") || !strings.HasPrefix(bars[6], "over 24 h") {
		t.Errorf("bars %q", bars)
	}
	if diff := cmp.Diff([]string{"The <b>Second11 min", "third.example12 min"}, one.texts(".flows tbody tr")); diff != "" {
		t.Errorf("copied by (-want +got):\n%s", diff)
	}
	story := d.get(storyPath(d.storyOf(first)))
	if got := strings.Join(story.texts(".who b"), ", "); got != "The First, The <b>Second, third.example" {
		t.Errorf("the story is carried by %s", got)
	}
	for _, path := range []string{storyPath(d.storyOf(first)), "/?window=168h", "/search?q=dam"} {
		if got := d.get(path).text(); !strings.Contains(got, "first The First") {
			t.Errorf("%s does not name the first outlet as people do: %s", path, got)
		}
	}
	d.page("/outlet/none.example", http.StatusNotFound)
	d.page("/outlets?sort=luck", http.StatusBadRequest)
	d.page("/outlets?window=never", http.StatusBadRequest)
}

// TestRelated wants another report of the event to be named on the story's page
// and where it is found, with the reason.
func TestRelated(t *testing.T) {
	d := newDesk(t)
	a := d.publish("one.example", "Halvorsen to buy Brightwell in $4.7 billion deal", "Danish brewer Halvorsen said on Wednesday it would buy Britain's Brightwell for $4.7 billion in cash. Chief executive Mette Krog expects savings of 180 million a year. Brightwell shares jumped 31 percent in London.")
	b := d.publish("two.example", "Brightwell shareholders cheer Danish takeover", "Shares in soft-drinks maker Brightwell rose almost a third on Wednesday after Halvorsen of Denmark offered 4.7 billion dollars. Analyst Priya Raman of Colne Capital called it a full price. Mette Krog, who runs Halvorsen, flew to London to meet unions in Sheffield, where 1,900 work.")
	d.settle()
	if d.storyOf(a) == d.storyOf(b) {
		t.Fatal("they are one story")
	}
	page := d.get(storyPath(d.storyOf(a)))
	if got := page.one(t, ".related li a"); got.attr("href") != storyPath(d.storyOf(b)) || !strings.Contains(page.one(t, ".related .why").text(), "Brightwell") {
		t.Errorf("related to %s: %s", got.attr("href"), page.one(t, ".related").text())
	}
	hit := d.get("/search?q=savings").one(t, ".kin a")
	if hit.attr("href") != storyPath(d.storyOf(b)) || !strings.HasPrefix(hit.attr("title"), "shares ") {
		t.Errorf("a hit is related to %s, which %s", hit.attr("href"), hit.attr("title"))
	}
}
