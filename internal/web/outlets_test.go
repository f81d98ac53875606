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
	if err := d.db.SetOutlets(t.Context(), []store.Outlet{{Domain: "second.example", Name: "The <b>Second", Tier: 2, Tags: []string{"local"}}}); err != nil {
		t.Fatal(err)
	}
	page := d.get("/outlets?sort=first")
	var rows []string
	for _, tr := range page.all(".outlets tbody tr") {
		rows = append(rows, strings.Join(tr.texts("td"), " | "))
	}
	want := []string{
		"first.example | – | 1 | 1 of 1 | 100 % | 0 | –",
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
	if bars := one.texts(".bars li"); len(bars) != 7 || !strings.HasPrefix(bars[0], "within 5 min") || !strings.HasSuffix(bars[0], "2") {
		t.Errorf("bars %q", bars)
	}
	if diff := cmp.Diff([]string{"second.example11 min", "third.example12 min"}, one.texts(".outlets tbody tr")); diff != "" {
		t.Errorf("copied by (-want +got):\n%s", diff)
	}
	story := d.get(storyPath(d.storyOf(first)))
	if got := strings.Join(story.texts(".who b"), ", "); got != "first.example, The <b>Second, third.example" {
		t.Errorf("the story is carried by %s", got)
	}
	d.page("/outlet/none.example", http.StatusNotFound)
	d.page("/outlets?sort=luck", http.StatusBadRequest)
	d.page("/outlets?window=never", http.StatusBadRequest)
}
