package index

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// day is a moment the test documents' times are counted from.
var day = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func newIndex(t testing.TB, docs ...Document) *Index {
	t.Helper()
	ix, err := Open(filepath.Join(t.TempDir(), "index"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	if len(docs) > 0 {
		apply(t, ix, State{Change: 1, Epoch: "e"}, docs...)
	}
	return ix
}

func apply(t testing.TB, ix *Index, s State, docs ...Document) {
	t.Helper()
	if err := ix.Apply(t.Context(), docs, nil, s); err != nil {
		t.Fatal(err)
	}
}

// find gives the ids a query finds, in order.
func find(t testing.TB, ix *Index, q Query) []news.StoryID {
	t.Helper()
	r, err := ix.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("search %+v: %v", q, err)
	}
	var ids []news.StoryID
	for _, h := range r.Hits {
		ids = append(ids, h.ID)
	}
	return ids
}

// doc is a document of one text for tests that want no more.
func doc(id news.StoryID, lang, title, body string) Document {
	return Document{
		ID: id, Titles: []string{title}, Texts: []Text{{lang, body}}, Languages: []string{lang},
		Outlets: []string{"one.example"}, OutletCount: 1, Copies: 1, FirstArrived: day.Add(time.Duration(id) * time.Hour),
	}
}

// TestJapanese wants a word that ends in a mark which several scripts share to be
// found before digits and Latin letters, and in half width as in full.
func TestJapanese(t *testing.T) {
	docs := []Document{
		doc(1, "ja", "メーカー3社が値上げ", "大手メーカー3社が値上げを発表した。〆切2日前だった。"),
		doc(2, "ja", "ｻｰﾊﾞｰ2台が停止", "ｻｰﾊﾞｰ2台とセンターA棟が停止した。"),
	}
	ix := newIndex(t, docs...)
	m := NewMatcher()
	for query, want := range map[string][]news.StoryID{
		"メーカー": {1}, "ﾒｰｶｰ": {1}, "メーカー3社": {1}, `"メーカー3"`: {1}, "〆切": {1},
		"サーバー": {2}, "ｻｰﾊﾞｰ": {2}, "センター": {2}, "title:サーバー": {2}, "サーハー": nil,
	} {
		q := Query{Text: query, Sort: "time"}
		if diff := cmp.Diff(want, find(t, ix, q)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
		must(t, m.Put(1, q))
		h, err := ix.Highlighter(q)
		must(t, err)
		for i := range docs {
			wanted := slices.Contains(want, docs[i].ID)
			if got := len(m.Match(&docs[i], day)) > 0; got != wanted {
				t.Errorf("the matcher says %t of %s in story %d", got, query, docs[i].ID)
			}
			_, match := h.Best([]Copy{{Title: docs[i].Titles[0], Text: docs[i].Texts[0].Body, Language: "ja"}}, 100, 1)
			if got := match.Whole && len(match.Title.Marks)+len(match.Fragments) > 0; got != wanted {
				t.Errorf("%s is marked in story %d: %t", query, docs[i].ID, got)
			}
		}
	}
}

func TestSearch(t *testing.T) {
	wire := Document{
		ID: 1, Titles: []string{"Russian minister Shoigu visits Beijing", "Menteri Rusia Shoigu ke Beijing"},
		Texts: []Text{
			{"en", "Defence Minister Sergei Shoigu met his Chinese counterparts on Tuesday. “No limits,” he said of Putin’s promises."},
			{"id", "Menteri Pertahanan Sergei Shoigu bertemu mitranya di Beijing."},
		},
		Outlets: []string{"wire.example", "kabar.example"}, Languages: []string{"en", "id"}, Agencies: []string{"AP"}, Tags: []string{"World News"},
		Copies: 5, OutletCount: 4, FirstArrived: day,
	}
	cyrillic := doc(2, "ru", "Министры обсудили бюджет", "Министров собрали в Москве. Ёлка стоит.")
	chinese := doc(3, "zh", "上海市长辞职", "上海市长周二宣布辞职。")
	german := doc(4, "de", "Die Häuser am Fluß", "Viele Häuser standen leer; der Bürgermeister trat zurück.")
	thai := doc(5, "th", "นายกรัฐมนตรี", "นายกรัฐมนตรีเดินทางไปกรุงเทพ")
	ix := newIndex(t, wire, cyrillic, chinese, german, thai)

	for _, test := range []struct {
		query string
		want  []news.StoryID
	}{
		{"Shoigu", []news.StoryID{1}},
		{"SHOIGU bertemu counterparts", []news.StoryID{1}}, // AND over the copies
		{"ministers", []news.StoryID{1}},                   // another form
		{`"ministers"`, nil},                               // in quotes as it stands
		{`"defence minister"`, []news.StoryID{1}},
		{`"minister defence"`, nil},
		{`"tuesday no limits"`, []news.StoryID{1}},
		{`"promises menteri"`, nil}, // no phrase reaches into the next text
		{"Putin", []news.StoryID{1}},
		{"putin's", []news.StoryID{1}},
		{"министр", []news.StoryID{2}},
		{"ёлка", []news.StoryID{2}},
		{"елка", []news.StoryID{2}},
		{"市长", []news.StoryID{3}},
		{"长市", nil},
		{"haus", []news.StoryID{4}},
		{"hauser", []news.StoryID{4}},
		{"fluss", []news.StoryID{4}},
		{"กรุงเทพ", []news.StoryID{5}},
		{"shoigu OR 上海 OR ёлка", []news.StoryID{3, 2, 1}},
		{"beijing -bertemu", nil},
		{"NOT (shoigu OR 上海)", []news.StoryID{5, 4, 2}},
		{"title:visits", []news.StoryID{1}},
		{"title:bertemu", nil},
		{"lang:de OR lang:RU", []news.StoryID{4, 2}},
		{"outlet:kabar.example", []news.StoryID{1}},
		{"outlet:(kabar.example OR wire.example)", []news.StoryID{1}},
		{"outlet:kabar", nil},
		{"agency:ap", []news.StoryID{1}},
		{`tag:"world  news"`, []news.StoryID{1}},
		{"after:2026-05-01T14:00 before:2026-05-01T16:00", []news.StoryID{3, 2}},
		{"after:2026-05-02", nil},
		{"", []news.StoryID{5, 4, 3, 2, 1}},
	} {
		t.Run(test.query, func(t *testing.T) {
			if diff := cmp.Diff(test.want, find(t, ix, Query{Text: test.query, Sort: "time"})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestSearchFilters(t *testing.T) {
	a, b := doc(1, "en", "River", "flood"), doc(2, "id", "Sungai", "flood banjir")
	b.Outlets, b.OutletCount = []string{"one.example", "two.example"}, 2
	ix := newIndex(t, a, b, doc(3, "en", "Flood", "flood flood"))
	for name, test := range map[string]struct {
		query Query
		want  []news.StoryID
	}{
		"language": {Query{Text: "flood", Language: "id"}, []news.StoryID{2}},
		"outlet":   {Query{Text: "flood", Outlet: "two.example"}, []news.StoryID{2}},
		"since":    {Query{Text: "flood", Since: day.Add(2 * time.Hour), Sort: "time"}, []news.StoryID{3, 2}},
		"until":    {Query{Text: "flood", Until: day.Add(2 * time.Hour)}, []news.StoryID{1}},
		"titles":   {Query{Text: "flood", Limit: 1}, []news.StoryID{3}},
		"offset":   {Query{Text: "flood", Sort: "time", Limit: 1, Offset: 1}, []news.StoryID{2}},
		"spread":   {Query{Text: "flood", Sort: "spread"}, []news.StoryID{2, 3, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, find(t, ix, test.query)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}

	got, err := ix.Search(t.Context(), Query{Text: "flood", Limit: 1, Facets: 5})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]Count{
		"outlet": {{"one.example", 3}, {"two.example", 1}}, "lang": {{"en", 2}, {"id", 1}}, "agency": {}, "tag": {}, "day": {{"2026-05-01", 3}},
	}
	if diff := cmp.Diff(want, got.Facets); diff != "" || got.Total != 3 {
		t.Errorf("total %d, facets -want +got\n%s", got.Total, diff)
	}
}
