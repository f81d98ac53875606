package index

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// TestPagesStayInStep reads page after page while better stories arrive: none of
// those that were there at first is missed or given twice.
func TestPagesStayInStep(t *testing.T) {
	for _, sort := range Sorts() {
		var docs []Document
		for i := range news.StoryID(50) {
			d := doc(i+1, "en", "flood", fmt.Sprintf("the same words in every one of them, and %d", i%7))
			d.OutletCount = int(i % 3)
			docs = append(docs, d)
		}
		ix := newIndex(t, docs...)
		seen := map[news.StoryID]int{}
		q := Query{Text: "flood OR same", Sort: sort, Limit: 7, Now: day.Add(60 * time.Hour)}
		for page := news.StoryID(0); ; page++ {
			r, err := ix.Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range r.Hits {
				seen[h.ID]++
			}
			if r.Next == "" {
				break
			}
			better := doc(1000+page, "en", "flood flood", "flood")
			better.OutletCount = 1 + int(page)
			apply(t, ix, State{Change: 100 + news.Change(page)}, better, doc(2000+page, "en", "Other", "nothing of the kind"))
			q.Cursor, q.Now = r.Next, q.Now.Add(24*time.Hour)
		}
		for i := range news.StoryID(50) {
			if seen[i+1] != 1 {
				t.Errorf("by %s story %d is given %d times", sort, i+1, seen[i+1])
			}
		}
	}
}

func TestSearchRefuses(t *testing.T) {
	ix := newIndex(t, doc(1, "en", "flood", "flood"), doc(2, "en", "flood", "flood"))
	r, err := ix.Search(t.Context(), Query{Text: "flood", Limit: 1})
	if err != nil || r.Next == "" {
		t.Fatalf("no second page: %v", err)
	}
	for name, q := range map[string]Query{
		"limit":                {Limit: -1},
		"too many":             {Limit: MaxLimit, Offset: 1},
		"offset":               {Offset: -1},
		"overflow":             {Limit: MaxLimit, Offset: 1<<63 - 1},
		"facets":               {Facets: -1},
		"order":                {Sort: "beauty"},
		"cursor":               {Text: "flood", Cursor: "flood!"},
		"short cursor":         {Text: "flood", Cursor: r.Next[:20]},
		"cut cursor":           {Text: "flood", Cursor: r.Next[:len(r.Next)-8]},
		"another text":         {Text: "rain", Cursor: r.Next},
		"another order":        {Text: "flood", Sort: "time", Cursor: r.Next},
		"cursor and an offset": {Text: "flood", Cursor: r.Next, Offset: 1},
	} {
		if _, err := ix.Search(t.Context(), q); !errors.Is(err, news.ErrInvalid) {
			t.Errorf("%s: error %v, want one that it is invalid", name, err)
		}
	}
}

func TestFreshAndWideStoriesComeFirst(t *testing.T) {
	at := func(id news.StoryID, age time.Duration, outlets int) Document {
		d := doc(id, "en", "flood", "flood")
		d.FirstArrived, d.OutletCount = day.Add(-age), outlets
		return d
	}
	rich := at(5, 60*24*time.Hour, 1)
	rich.Texts = []Text{{"en", "flood flood flood rain"}}
	ix := newIndex(t, at(1, 30*24*time.Hour, 1), at(2, time.Hour, 1), at(3, 30*24*time.Hour, 20), at(4, time.Hour, 20), rich)
	if diff := cmp.Diff([]news.StoryID{4, 3, 2, 1}, find(t, ix, Query{Text: "title:flood -rain", Now: day})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := find(t, ix, Query{Text: "flood rain", Now: day}); len(got) != 1 || got[0] != 5 {
		t.Errorf("what was asked for is found in %v, want story 5", got)
	}
}

func TestRuns(t *testing.T) {
	var r Runs
	r.Add("en", []string{"One.", "Two.", "Three."})
	r.Add("en", []string{"One.", "New.", "Newer.", "Three.", "End."})
	r.Add("en", []string{"Two."})
	r.Add("id", []string{"Two."})
	want := []Text{{"en", "One.\n\nTwo.\n\nThree."}, {"en", "New.\n\nNewer."}, {"en", "End."}, {"id", "Two."}}
	if diff := cmp.Diff(want, r.Texts); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestRefine(t *testing.T) {
	for _, test := range [][4]string{
		{"dam", "outlet", "one.example", "dam outlet:one.example"},
		{"dam OR flood", "tag", "world news", `(dam OR flood) tag:"world news"`},
		{"", "lang", "id", "lang:id"},
		{"dam", "day", "2026-12-31", "dam after:2026-12-31 before:2027-01-01"},
	} {
		if got := Refine(test[0], test[1], test[2]); got != test[3] {
			t.Errorf("%q with %s %q is %q, want %q", test[0], test[1], test[2], got, test[3])
		}
	}
}

// TestBest says by which copy a story is found.
func TestBest(t *testing.T) {
	ix := newIndex(t)
	copies := []Copy{
		{Title: "Dam lowered", Text: "The dam was lowered on Friday.", Language: "en", Outlet: "first.example"},
		{Title: "Bendungan diturunkan", Text: "Warga membersihkan rumah mereka.", Language: "id", Outlet: "kabar.example", Agency: "Antara"},
		{Title: "Bendungan", Text: "Bendungan itu besar.", Language: "id", Outlet: "lain.example"},
	}
	for query, want := range map[string]int{
		"dam": 0, "bendungan warga": 1, "besar": 2, "lang:id": 1, "outlet:lain.example": 2, "agency:antara dam": 0, "title:bendungan": 1,
		"volcano": -1, "": -1,
	} {
		h, err := ix.Highlighter(Query{Text: query})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := h.Best(copies, 80, 2); got != want {
			t.Errorf("%q is found by copy %d, want %d", query, got, want)
		}
	}
	h, err := ix.Highlighter(Query{Text: "bendungan warga"})
	if err != nil {
		t.Fatal(err)
	}
	_, m := h.Best(copies, 80, 2)
	if diff := cmp.Diff([]string{"[Bendungan] diturunkan", "[Warga] membersihkan rumah mereka."}, show(append([]Fragment{m.Title}, m.Fragments...))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
