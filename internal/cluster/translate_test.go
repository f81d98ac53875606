package cluster

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// told is one event told in several languages, and a second one of the same
// town and the same days.
var told = map[string][]string{
	"en": {"Ferry between Bitung and Ternate stopped after fire",
		"The ferry Dharma Kencana stopped sailing between Bitung and Ternate on Thursday after a fire in its engine room, harbour master Ronny Wowiling said.",
		"All 214 passengers and 37 crew were brought ashore by the patrol boat Bittern before 19:40.",
		"Inspectors from Japan and Norway, whose yards built the ship in 1998, will examine it until March 23.",
		"Governor Olly Dondokambey promised 1.5 billion rupiah for a replacement."},
	"id": {"Feri Bitung-Ternate berhenti setelah kebakaran",
		"Feri Dharma Kencana berhenti berlayar antara Bitung dan Ternate pada Kamis setelah kebakaran di ruang mesin, kata syahbandar Ronny Wowiling.",
		"Seluruh 214 penumpang dan 37 awak dibawa ke darat oleh kapal patroli Bittern sebelum pukul 19.40.",
		"Pemeriksa dari Jepang dan Norwegia, yang galangannya membangun kapal itu pada 1998, akan memeriksanya sampai 23 Maret.",
		"Gubernur Olly Dondokambey menjanjikan 1,5 miliar rupiah untuk penggantinya."},
	"ru": {"Паром между Битунгом и Тернате остановлен после пожара",
		"Паром «Дхарма Кенчана» прекратил рейсы между Битунгом и Тернате в четверг после пожара в машинном отделении, сказал капитан порта Ронни Вовилинг.",
		"Всех 214 пассажиров и 37 членов экипажа доставил на берег катер «Биттерн» до 19:40.",
		"Инспекторы из Японии и Норвегии, чьи верфи построили судно в 1998 году, осмотрят его до 23 марта.",
		"Губернатор Олли Дондокамбей обещал 1,5 млрд рупий на замену."},
	"ja": {"ビトゥンとテルナテを結ぶフェリー、火災で運航停止",
		"フェリー「ダルマ・クンチャナ」は木曜日、機関室の火災のためビトゥンとテルナテの間の運航を停止したと港長のロニー・ウォウィリン氏が述べた。",
		"乗客214人と乗員37人は全員、19時40分までに巡視艇ビターンで上陸した。",
		"1998年に船を建造した日本とノルウェーの検査官が3月23日まで調べる。",
		"オリー・ドンドカンベイ知事は代わりの船に15億ルピアを約束した。"},
}

var otherEvent = []string{"Bitung market opens again",
	"The fish market of Bitung opened again on Thursday, two months after the flood, mayor Maurits Mantiri said.",
	"Some 480 traders from Ternate and Bitung had sold their catch at the roadside since January.",
	"A bank from Japan lent 62 billion rupiah, and a second hall follows in 2026."}

// add indexes an article, as Window.Add does.
func add(t *translations, e *Entry) {
	remove(t, e.ID)
	t.enter(t.shelf.take(e, t.lang(e.Sketch.Lang)), e)
}

func remove(t *translations, id news.ArticleID) {
	place := t.shelf.find(id)
	if place == 0 {
		return
	}
	if t.shelf.at(place).flags&flagSilent == 0 {
		t.leave(place)
	}
	t.shelf.drop(place)
}

// best returns the stories that carry e's text in another language, best first.
func best(t *translations, e *Entry) []candidate { return accept(e, t.rateAll(e)) }

func entryOfText(id int, story news.StoryID, lang string, text []string) *Entry {
	return &Entry{ID: news.ArticleID(id), Story: story, Sketch: &Sketch{Lang: lang, Pivots: pivots(lang, text[0], text[1:])}}
}

// filler are n unrelated English articles with names and figures of their own.
func filler(t *translations, from, n int) {
	for i := range n {
		name := func(k int) string {
			const syllables = "bakodirufemosatunilegapovyxazhu"
			at := func(j int) string { j %= len(syllables) / 2; return syllables[2*j : 2*j+2] }
			v := int(mix(uint64(i*7+k)) % 1e6)
			return strings.ToUpper(at(v)[:1]) + at(v)[1:] + at(v/16) + at(v/256) + at(v/4096)
		}
		add(t, entryOfText(from+i, news.StoryID(from+i), "en", []string{
			"News of " + name(1), fmt.Sprintf("On Friday the mayor %s %s told %d people in %s that %s would come in May.", name(2), name(3), 100+i*13, name(4), name(5))}))
	}
}

func TestTranslationsAreFound(t *testing.T) {
	for _, pair := range [][2]string{{"en", "id"}, {"en", "ru"}, {"en", "ja"}, {"id", "ru"}, {"ru", "en"}, {"id", "ja"}, {"ja", "ru"}} {
		tr := newTranslations(newShelf())
		filler(tr, 100, 300)
		add(tr, entryOfText(2, 2, "en", otherEvent))
		add(tr, entryOfText(1, 1, pair[0], told[pair[0]]))
		got := best(tr, entryOfText(3, 0, pair[1], told[pair[1]]))
		if len(got) != 1 || got[0].Story != 1 || got[0].Reason.Of != 1 {
			t.Errorf("%s for %s: %+v, expected story 1", pair[0], pair[1], got)
			continue
		}
		if len(got[0].Reason.Pivots) < 4 || got[0].Score < accepted || got[0].Reason.Score > 1 {
			t.Errorf("%s for %s: score %.2f, pivots %q", pair[0], pair[1], got[0].Score, got[0].Reason.Pivots)
		}
	}
}

func TestACutTranslationIsFound(t *testing.T) {
	tr := newTranslations(newShelf())
	filler(tr, 100, 300)
	add(tr, entryOfText(1, 1, "en", told["en"]))
	for _, lang := range []string{"id", "ru", "ja"} {
		if got := best(tr, entryOfText(3, 0, lang, told[lang][:4])); len(got) != 1 || got[0].Story != 1 {
			t.Errorf("%s without its last paragraph: %+v, expected story 1", lang, got)
		}
	}
}

func TestAnotherEventOfTheTownIsNoTranslation(t *testing.T) {
	tr := newTranslations(newShelf())
	for lang, text := range told {
		add(tr, entryOfText(len(lang)+int(lang[0]), 1, lang, text))
	}
	filler(tr, 1000, 100)
	if got := best(tr, entryOfText(9, 0, "en", otherEvent)); len(got) != 0 {
		t.Errorf("%+v, expected none", got)
	}
}

func TestTheSameLanguageIsNoTranslation(t *testing.T) {
	tr := newTranslations(newShelf())
	add(tr, entryOfText(1, 1, "en", told["en"]))
	if got := best(tr, entryOfText(2, 0, "en", told["en"])); len(got) != 0 {
		t.Errorf("%+v, expected none", got)
	}
}

func TestMergedStoriesAndRemovedArticles(t *testing.T) {
	tr := newTranslations(newShelf())
	filler(tr, 100, 50)
	en := entryOfText(1, 1, "en", told["en"])
	add(tr, en)
	asked := entryOfText(3, 0, "id", told["id"])
	tr.shelf.merge(1, 7)
	if got := best(tr, asked); len(got) != 1 || got[0].Story != 7 {
		t.Fatalf("after a merge: %+v, expected story 7", got)
	}
	remove(tr, 1)
	if got := best(tr, asked); len(got) != 0 {
		t.Fatalf("after removal: %+v, expected none", got)
	}
	remove(tr, 1)
	add(tr, entryOfText(1, 4, "en", told["en"]))
	if got := best(tr, asked); len(got) != 1 || got[0].Story != 4 {
		t.Fatalf("added again: %+v, expected story 4", got)
	}
}

func TestRemovingAllLeavesNothing(t *testing.T) {
	tr := newTranslations(newShelf())
	filler(tr, 1, 200)
	for i, lang := range []string{"en", "id", "ru", "ja"} {
		add(tr, entryOfText(1000+i, 5, lang, told[lang]))
	}
	for id := range 2000 {
		remove(tr, news.ArticleID(id))
	}
	pivots := 0
	for i := range tr.numbers.parts {
		pivots += tr.numbers.parts[i].used
	}
	sum := 0
	for _, n := range tr.docs {
		sum += n
	}
	if pivots != 0 || tr.shelf.count != 0 || sum != 0 {
		t.Errorf("left: %d pivots, %d articles, %d counted", pivots, tr.shelf.count, sum)
	}
}

func TestAFloodOfCopiesDoesNotHideAStory(t *testing.T) {
	tr := newTranslations(newShelf())
	filler(tr, 5000, 100)
	for i := range 1000 {
		add(tr, entryOfText(10+i, 1, "en", told["en"]))
	}
	if got := best(tr, entryOfText(3, 0, "id", told["id"])); len(got) != 1 || got[0].Story != 1 {
		t.Errorf("%+v, expected story 1", got)
	}
	if tr.docs[tr.lang("en")] > 100+maxAlike {
		t.Errorf("%d English articles counted, expected %d", tr.docs[tr.lang("en")], 100+maxAlike)
	}
}

func TestTheSameCallsGiveTheSameAnswers(t *testing.T) {
	run := func() []candidate {
		tr := newTranslations(newShelf())
		filler(tr, 100, 200)
		var out []candidate
		for i, lang := range []string{"en", "id", "ja", "ru"} {
			e := entryOfText(1+i, news.StoryID(1+i), lang, told[lang])
			out = append(out, best(tr, e)...)
			add(tr, e)
		}
		return out
	}
	want := run()
	if len(want) < 3 {
		t.Fatalf("only %d found", len(want))
	}
	for range 3 {
		if diff := cmp.Diff(want, run()); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestAlignmentPrefersTheDiagonal(t *testing.T) {
	at := func(list ...uint16) *places {
		p := places{noPlace, noPlace, noPlace, noPlace}
		copy(p[:], list)
		return &p
	}
	var straight, strewn []point
	for i, y := range []uint16{3, 11, 19, 30, 41} {
		straight = cross(straight, at(uint16(10*i)), at(y), 1)
		strewn = cross(strewn, at(uint16(10*i)), at(50-y), 1)
	}
	var s translationScratch
	a, first, last := align(s.gather(straight))
	b, _, _ := align(s.gather(strewn))
	if a < 4.5 || b > 1.5 {
		t.Errorf("chains weigh %.2f and %.2f, expected nearly 5 and about 1", a, b)
	}
	if first.x != 0 || last.x != 40 {
		t.Errorf("the chain runs from %d to %d, expected 0 to 40", first.x, last.x)
	}
}

func TestLogarithm(t *testing.T) {
	for x, want := range map[float32]float32{1: 0, 2: 0.6931, 0.5: -0.6931, 0.001: -6.9078, 1e-6: -13.8155, 1000: 6.9078} {
		if got := logarithm(x); got < want-0.01 || got > want+0.01 {
			t.Errorf("logarithm(%g) = %g, expected %g", x, got, want)
		}
	}
}

func BenchmarkTranslations(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		tr := newTranslations(newShelf())
		var names []*Entry
		for i := range n {
			e := randomEntry(i)
			add(tr, e)
			e.Sketch = &Sketch{Lang: e.Sketch.Lang}
			names = append(names, e)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		ask := func(name string, from int) {
			var asked [1000]*Entry
			for i := range asked {
				asked[i] = randomEntry(from + i)
				asked[i].ID, asked[i].Sketch.Lang = news.ArticleID(1<<40+i), "de"
			}
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					best(tr, asked[i%len(asked)])
				}
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "B/article")
			})
		}
		ask("stranger", n)
		ask("translation", n-1000)
		runtime.KeepAlive(names)
	}
}

// randomEntry makes the i-th article of a large window: 60 pivots, drawn from
// vocabularies whose words are the rarer the more there are.
func randomEntry(i int) *Entry {
	langs := []string{"en", "id", "ru", "es", "zh"}
	var list []Pivot
	for j := range 60 {
		r := mix(uint64(i)<<8 | uint64(j))
		k, size := kindExact, uint64(300_000)
		switch {
		case j < 4:
			k, size = kindPlace, 400
		case j < 8:
			k, size = kindSmall, 87
		case j < 12:
			k, size = kindFigure, 20_000
		case j < 30:
			k, size = kindName, 20_000
		case j < 45:
			k, size = kindWhole, 100_000
		}
		u := float64(r%(1<<30)) / (1 << 30)
		word := uint32(u * u * u * float64(size)) // some are common, most are rare
		list = append(list, Pivot{Hash: makeHash(k, word), Pos: places{uint16(j * 4), noPlace, noPlace, noPlace}})
	}
	slices.SortFunc(list, func(a, b Pivot) int { return int(int64(a.Hash) - int64(b.Hash)) })
	list = slices.CompactFunc(list, func(a, b Pivot) bool { return a.Hash == b.Hash })
	return &Entry{ID: news.ArticleID(i + 1), Story: news.StoryID(i + 1), Sketch: &Sketch{Lang: langs[i%len(langs)], Pivots: list}}
}
