package index

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
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

// TestEveryValueNarrows holds that each value of a facet, however it is written,
// finds as many stories as were counted for it.
func TestEveryValueNarrows(t *testing.T) {
	odd := []string{
		"「東京」 news", `the "big" one`, "the big one", "“curly” one", "«guillemets»", "‘single’ one", "it's", `"`, "「」", `back\slash`, `\"`, `\`,
		"(round)", "[square]", "{curly}", "a*b", "*", "?", "what?", "a:b", ":", "http://one.example/?q=1", " spaced  out ", "\u3000wide\u00a0space",
		"-5", "-", "–dash", "AND", "or", "NEAR/5", "w/5", "cs(US)", "cs", "not", "title:x", "ＷＩＤＥ　＂form＂", "Élysée", "İstanbul", "zero\u200bwidth", "\xff",
		"a/b", "5..8", ">5", "🐟", ".", "...", "a.", "#tag", "&&", "||", "tab\tand\nline", strings.Repeat("long ", 200),
	}
	dice := rand.New(rand.NewPCG(1, 2))
	pieces := []rune(`"“”„«»「」『』'‘’\()[]*?:-–/.& ＂＊：AbÉ東7` + "\u3000\u200b")
	for range 200 {
		v := make([]rune, 1+dice.IntN(6))
		for i := range v {
			v[i] = pieces[dice.IntN(len(pieces))]
		}
		odd = append(odd, string(v))
	}
	ix := newIndex(t)
	docs := make([]Document, 0, len(odd))
	for i, v := range odd {
		d := doc(news.StoryID(i+1), "en", "Plums", "Plums were counted.")
		d.Tags, d.Agencies = []string{v, odd[dice.IntN(len(odd))]}, []string{v}
		docs = append(docs, d)
	}
	apply(t, ix, State{}, docs...)
	const query = "plums OR nothing"
	r, err := ix.Search(t.Context(), Query{Text: query, Facets: 1000})
	must(t, err)
	for field, counts := range r.Facets {
		for _, c := range counts {
			narrow := Refine(query, field, c.Value)
			got, err := ix.Search(t.Context(), Query{Text: narrow})
			if err != nil || got.Total != c.Count {
				t.Errorf("%s %q: %s finds %d of %d, %v", field, c.Value, narrow, got.Total, c.Count, err)
			}
		}
	}
	for query, least := range map[string]int{`tag:"the big one"`: 2, `tag:"東京 news"`: 1, `agency:"*"`: 1} {
		if got, err := ix.Search(t.Context(), Query{Text: query}); err != nil || got.Total < least {
			t.Errorf("%s finds %d, %v", query, got.Total, err)
		}
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
