package index

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// TestArabic wants words of Arabic news to be found with the article and without,
// behind what is written together with the next word, and in the accusative.
func TestArabic(t *testing.T) {
	sentences := []string{
		1: "أعلنت وزارة الخارجية أن الوزير عقد اجتماعا مع نظيره في القاهرة.",
		2: "قالت الوزارة إن الاجتماع المقبل سيعقد في عمان.",
		3: "زار الرئيس المدينة وزارت زوجته المستشفى.",
		4: "وقال المتحدث باسم الجيش إن قواته تقدمت شمالا.",
		5: "ووصف وزير الدفاع القرار بأنه كبير، والتحق بوزارة المالية موظفون جدد.",
		6: "رحب النواب باجتماع اللجنة واعتبروه تقدما كبيرا.",
		7: "عاد والد الطفل والطفل إلى سوريا وقرار المحكمة لم يصدر.",
	}
	docs := make([]Document, 0, len(sentences))
	for i, s := range sentences {
		if s != "" {
			docs = append(docs, doc(news.StoryID(i), "ar", "خبر", s))
		}
	}
	ix := newIndex(t, docs...)
	m := NewMatcher()
	for query, want := range map[string][]news.StoryID{
		"وزارة":    {1, 2, 5},
		"الوزارة":  {1, 2, 5},
		"اجتماع":   {1, 2, 6},
		"الاجتماع": {1, 2, 6},
		"كبير":     {5, 6},
		"قرار":     {5, 7},
		"القرار":   {5, 7},
		"والد":     {7},
		"الطفل":    {7},
		"وزير":     {1, 5},
		"سوريا":    {7},
		`"وزارة"`:  {1},
	} {
		q := Query{Text: query}
		got := find(t, ix, q)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
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
			if got := len(h.Fragments("ar", docs[i].Texts[0].Body, 100, 1)) > 0; got != wanted {
				t.Errorf("%s is marked in story %d: %t", query, docs[i].ID, got)
			}
		}
	}
}
