package cluster

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"kliping/internal/news"
)

// sounding reads one word as a name.
func sounding(word string) string {
	k := known()
	var letters []rune
	var sc script
	for _, r := range word {
		if s := k.scriptOf(r); s != mark {
			sc = s
			letters = append(letters, k.foldOf(r))
		}
	}
	return string(k.skeleton(nil, bare(letters, sc), sc))
}

func TestNamesSoundAlikeInEveryScript(t *testing.T) {
	for _, names := range [][]string{
		{"Shoigu", "Шойгу", "शोइगु", "شويغو", "ショイグ", "שויגו", "შოიგუ", "Շոյգու", "쇼이구"},
		{"Baerbock", "Бербок", "बेयरबॉक", "بيربوك", "ბერბოკი", "Baerbocku"},
		{"Zelensky", "Зеленский", "Zelenskyy", "زيلينسكي", "זלנסקי", "ზელენსკი", "ゼレンスキー"},
		{"Trump", "Трамп", "ट्रंप", "ट्रम्प", "ترامب", "טראמפ", "トランプ", "트럼프", "ტრამპი", "特朗普"},
		{"Obama", "Обама", "ओबामा", "أوباما", "אובמה", "オバマ", "오바마", "ওবামা", "ஒபாமா", "ኦባማ", "奥巴马"},
		{"Merkel", "Меркель", "मर्केल", "ميركل", "Μέρκελ", "メルケル", "메르켈", "மெர்கல்", "మెర్కెల్", "മെർക്കൽ"},
		{"Macron", "Макрон", "मैक्रोन", "ماكرون", "マクロン", "Μακρόν"},
		{"Netanyahu", "Нетаньяху", "नेतन्याहू", "نتنياهو", "נתניהו", "ነታንያሁ"},
	} {
		want := sounding(names[0])
		for _, name := range names[1:] {
			if got := sounding(name); got[:min(4, len(got))] != want[:min(4, len(want))] {
				t.Errorf("%s sounds %q, %s sounds %q", name, got, names[0], want)
			}
		}
	}
}

// one returns the pivots of a sentence that are of a kind.
func one(lang, sentence string, kinds ...kind) []uint32 {
	var out []uint32
	for _, p := range pivots(lang, "", []string{sentence}) {
		if slices.Contains(kinds, kindOf(p.Hash)) {
			out = append(out, p.Hash)
		}
	}
	return out
}

func TestNumbersAreEqualHoweverWritten(t *testing.T) {
	type written struct{ lang, text string }
	for _, same := range [][]written{
		{{"en", "some 2 million people"}, {"id", "sekitar 2 juta orang"}, {"zh", "约200万人"}, {"en", "about 20 lakh people"},
			{"hi", "लगभग 20 लाख लोग"}, {"ja", "約200万人"}, {"ko", "약 200만 명"}, {"ru", "около 2 миллионов человек"},
			{"ru", "около 2 млн человек"}, {"en", "2,000,000"}, {"de", "2.000.000"}, {"fr", "2 000 000"}, {"hi", "20,00,000"},
			{"ar", "حوالي ٢ مليون شخص"}, {"vi", "khoảng 2 triệu người"}, {"de", "rund 2 Millionen Menschen"}},
		{{"en", "1.5 billion dollars"}, {"de", "1,5 Milliarden Dollar"}, {"ru", "1,5 млрд долларов"}, {"zh", "15亿美元"}, {"id", "1,5 miliar dolar"}, {"en", "$1.5bn"}},
		{{"en", "3,456 cases"}, {"de", "3.456 Fälle"}, {"fr", "3 456 cas"}, {"ar", "٣٬٤٥٦ حالة"}, {"hi", "३,४५६ मामले"}, {"de", "3’456"}, {"fa", "۳۴۵۶ مورد"}},
		{{"en", "7.25 per cent"}, {"fr", "7,25 %"}, {"ar", "٧٫٢٥ في المئة"}},
	} {
		want := one(same[0].lang, same[0].text, kindFigure, kindYear)
		if len(want) != 1 {
			t.Fatalf("%q has %d figures, expected 1", same[0].text, len(want))
		}
		for _, w := range same[1:] {
			if got := one(w.lang, w.text, kindFigure, kindYear); !slices.Contains(got, want[0]) {
				t.Errorf("%s %q is not the number of %q", w.lang, w.text, same[0].text)
			}
		}
	}
}

func TestSmallNumbersInWords(t *testing.T) {
	want := one("en", "with 15 ships", kindSmall)
	for lang, text := range map[string]string{"en": "with fifteen ships", "id": "dengan 15 kapal", "de": "mit fünfzehn Schiffen", "es": "con quince barcos", "ru": "с пятнадцать кораблями"} {
		if got := one(lang, text, kindSmall); !slices.Equal(got, want) {
			t.Errorf("%s %q: %v, expected %v", lang, text, got, want)
		}
	}
}

func TestDatesAndPlacesAreEqualInEveryLanguage(t *testing.T) {
	for name, texts := range map[string]map[string]string{
		"16 April": {"en": "on April 16 they", "id": "pada 16 April mereka", "ru": "они 16 апреля были", "zh": "他们4月16日", "ja": "彼らは4月16日に",
			"ko": "그들은 4월 16일", "vi": "ngày 16 tháng 4 họ", "es": "el 16 de abril", "de": "am 16. April", "sw": "tarehe 16 Aprili", "tr": "16 Nisan'da"},
		"Russia": {"en": "they saw Russia there", "id": "mereka di Rusia", "ru": "они в России были", "de": "sie in Russland waren", "zh": "他们在俄罗斯看到", "ja": "彼らはロシアで",
			"ar": "هم في روسيا هناك", "hi": "वे रूस में", "tr": "onlar Rusya'da", "ko": "그들은 러시아에서", "fi": "he Venäjällä olivat", "ta": "அவர்கள் ரஷ்யா சென்றனர்", "he": "הם ברוסיה היו", "th": "พวกเขาไปรัสเซียกัน"},
	} {
		var want uint32
		if name == "Russia" {
			want = makeHash(kindPlace, hashString("tRU"))
		} else {
			want = makeHash(kindDate, 4*32+16)
		}
		for lang, text := range texts {
			if got := one(lang, text, kindDate, kindPlace); !slices.Contains(got, want) {
				t.Errorf("no %s found in %s %q", name, lang, text)
			}
		}
	}
}

func TestEveryLanguagesNamesCanBeRead(t *testing.T) {
	if n := len(known().lexicons); n < 300 {
		t.Fatalf("%d languages, expected over 300", n)
	}
	for lang := range known().lexicons {
		if l := known().lexicon(lang); len(l.entries) == 0 {
			t.Errorf("%s has no names", lang)
		}
	}
}

// hostile are texts that nobody would write to be read.
func hostile() []string {
	return []string{
		"", " ", "a", "\xff\xfe\xfd", "\u202e\u200b\u2066", strings.Repeat("9", 5000), strings.Repeat("1,", 3000),
		strings.Repeat("Ж", 3000), strings.Repeat("Abc ", 2000), "٣٬,.٫4月月月 16日日", "ו", "و", "ال", "لل والل بال",
		strings.Repeat("特朗普", 2000), "𝟙𝟚𝟛 𠀀𠀁 \U0010ffff", "ꯀ꯱꯲ ᠐᠑", "4月", "월4월", "2 million million million lakh crore",
	}
}

func FuzzPivots(f *testing.F) {
	for _, text := range hostile() {
		f.Add("en", text)
		f.Add("zh", text)
		f.Add("ar", text)
	}
	f.Fuzz(func(t *testing.T, lang, text string) {
		list := pivots(lang, text, []string{text})
		if len(list) > maxPivots {
			t.Fatalf("%d pivots, expected at most %d", len(list), maxPivots)
		}
		for i, p := range list {
			if i > 0 && p.Hash <= list[i-1].Hash {
				t.Fatal("pivots not ascending")
			}
			if len(p.Label) > maxLabel || utf8.ValidString(text) && !utf8.ValidString(p.Label) {
				t.Fatalf("bad label %q", p.Label)
			}
			if n := p.Pos.len(); n == 0 || !slices.IsSorted(p.Pos[:n]) {
				t.Fatalf("positions %v", p.Pos)
			}
		}
		again, rest, err := readPivots(append(appendPivots(nil, list), "rest"...))
		if err != nil || string(rest) != "rest" || !slices.Equal(again, list) {
			t.Fatalf("not read back as written: %v, rest %q, error %v", again, rest, err)
		}
	})
}

func FuzzReadPivots(f *testing.F) {
	f.Add(appendPivots(nil, pivots("en", "Two", []string{"They saw Sergei Shoigu in Russia on April 16, 2022."})))
	f.Add([]byte{2, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		list, rest, err := readPivots(data)
		if err != nil {
			if !errors.Is(err, news.ErrDamaged) {
				t.Fatalf("error %v is not news.ErrDamaged", err)
			}
			return
		}
		again, _, err := readPivots(appendPivots(nil, list))
		if err != nil || !slices.Equal(list, again) || len(rest) > len(data) {
			t.Fatalf("%v read again as %v, error %v", list, again, err)
		}
	})
}

func BenchmarkPivots(b *testing.B) {
	paragraph := "On Friday the ministry in Jakarta said that 1,250 families had left the villages near Mount Sinabung, where Governor Edy Rahmayadi and General Listyo Prabowo arrived on April 16 with doctors from Singapore and 2.5 million masks; the airport at Kualanamu stayed open while ash fell on the coffee fields. "
	kept := slices.Repeat([]string{paragraph}, 10) // 500 words
	known().lexicon("en")
	b.ReportAllocs()
	for b.Loop() {
		pivots("en", "Families leave villages near the volcano", kept)
	}
}
