package pipeline

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
	"kliping/internal/store"
)

// TestPress counts five stories: a copied and translated one, one that an agency
// had first by its clock's error, one of a single outlet twice, one alone, and one that
// its outlet has in two languages, with another's translation that says so.
func TestPress(t *testing.T) {
	at := func(m int) time.Time { return time.Date(2026, 5, 1, 8, m, 0, 0, time.UTC) }
	p := press{rows: map[string]*OutletRow{}, pairs: map[[2]string][]int{}}
	p.add(1, []store.Carried{
		{Article: 1, Outlet: "wire.example", Text: 1, Dated: at(0)},
		{Article: 2, Outlet: "echo.example", Text: 1, Dated: at(4)},
		{Article: 3, Outlet: "kabar.example", Text: 3, Dated: at(20)},
		{Article: 4, Outlet: "berita.example", Text: 3, Dated: at(30)},
		{Article: 5, Outlet: "named.example", Source: "echo.example", Text: 1, Dated: at(40)},
		{Article: 6, Outlet: "wire.example", Text: 1, Dated: at(50)},
	})
	p.add(8, []store.Carried{
		{Article: 7, Outlet: "echo.example", Agency: "AP", Text: 7, Dated: at(0)},
		{Article: 8, Outlet: "apnews.com", Agency: "AP", Text: 7, Dated: at(1)},
	})
	p.add(9, []store.Carried{{Article: 9, Outlet: "wire.example", Text: 9, Dated: at(0)}, {Article: 10, Outlet: "wire.example", Text: 9, Dated: at(9)}})
	p.add(11, []store.Carried{{Article: 11, Outlet: "echo.example", Text: 11, Dated: at(0)}})
	p.add(12, []store.Carried{
		{Article: 12, Outlet: "two.example", Text: 12, Dated: at(0)},
		{Article: 13, Outlet: "two.example", Text: 13, Dated: at(30)},
		{Article: 14, Outlet: "third.example", Text: 14, Dated: at(50)},
		{Article: 15, Outlet: "two.example", Source: "third.example", Text: 15, Dated: at(58)},
	})
	p.sum()
	type row struct {
		Articles, Stories, Shared, First, Founded, Translated, Copied, Repeated, Behind int
		Copies, CopiedBy                                                                []Flow
	}
	got := map[string]row{}
	for domain, r := range p.rows {
		got[domain] = row{r.Articles, r.Stories, r.Shared, r.First, r.Founded, r.Translated, r.Copied, r.Repeated, r.Behind, r.Copies, r.CopiedBy}
	}
	want := map[string]row{
		"wire.example":   {4, 2, 1, 1, 2, 0, 0, 2, 0, []Flow{}, []Flow{{"echo.example", 1, 4}, {"kabar.example", 1, 20}}},
		"echo.example":   {3, 3, 2, 0, 1, 0, 2, 0, 0, []Flow{{"apnews.com", 1, 0}, {"wire.example", 1, 4}}, []Flow{{"named.example", 1, 36}}},
		"kabar.example":  {1, 1, 1, 0, 0, 1, 0, 0, 20, []Flow{{"wire.example", 1, 20}}, []Flow{{"berita.example", 1, 10}}},
		"berita.example": {1, 1, 1, 0, 0, 0, 1, 0, 10, []Flow{{"kabar.example", 1, 10}}, []Flow{}},
		"named.example":  {1, 1, 1, 0, 0, 0, 1, 0, 36, []Flow{{"echo.example", 1, 36}}, []Flow{}},
		"apnews.com":     {1, 1, 1, 1, 1, 0, 0, 0, 0, []Flow{}, []Flow{{"echo.example", 1, 0}}},
		"two.example":    {3, 1, 1, 1, 1, 1, 0, 1, 8, []Flow{{"third.example", 1, 8}}, []Flow{{"third.example", 1, 50}}},
		"third.example":  {1, 1, 1, 0, 0, 1, 0, 0, 50, []Flow{{"two.example", 1, 50}}, []Flow{{"two.example", 1, 8}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d := p.rows["wire.example"].Leads; d != (Delays{1, 0, 1}) {
		t.Errorf("copies of the wire came after %v", d)
	}
	if s := p.rows["echo.example"].Independent; s < .33 || s > .34 {
		t.Errorf("echo.example is %v independent", s)
	}
	all := Press{Outlets: []OutletRow{*p.rows["wire.example"], *p.rows["kabar.example"]}}
	for by, first := range map[string]string{"behind": "kabar.example", "first": "wire.example", "outlet": "kabar.example", "tier": "kabar.example"} {
		if err := all.Sort(by); err != nil || all.Outlets[0].Domain != first {
			t.Errorf("by %s: %s, %v", by, all.Outlets[0].Domain, err)
		}
	}
	if err := all.Sort("luck"); err == nil {
		t.Error("sorted by luck")
	}
	if _, err := all.Outlet("none.example"); !errors.Is(err, news.ErrNotFound) {
		t.Error("an outlet that is not there is found")
	}
}
