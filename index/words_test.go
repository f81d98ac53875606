package index

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"Hello, World!":          "hello world",
		"Putin’s COVID-19 don't": "putin s covid 19 don t",
		"Élysée Fluß Ærø İstanbul Łódź Đà": "elysee fluss aero istanbul lodz da",
		"ёлка Йод":               "елка иод",
		"ΟΔΥΣΣΕΥΣ οδυσσεύς":      "οδυσσευσ οδυσσευσ",
		"北京市 2026年":              "北 京 市 2026 年",
		"東京タワー":                  "東 京 タ ワ ー",
		"サーバー3台 メーカーA":           "サ ー バ ー 3 台 メ ー カ ー a",
		"ｻｰﾊﾞｰ3台 ﾊﾟﾝ":            "サ ー バ ー 3 台 パ ン",
		"サーハ\u3099ー":             "サ ー バ ー",
		"〆切3日 人々2人 二〇2年 こゝろ1":    "〆 切 3 日 人 々 2 人 二 〇 2 年 こ ゝ ろ 1",
		"ソフト・バンク ｿﾌﾄ･ﾊﾞﾝｸ":       "ソ フ ト バ ン ク ソ フ ト バ ン ク",
		"서울에서":                   "서 울 에 서",
		"กรุงเทพ":                "ก รุ ง เ ท พ",
		"مُحَمَّد کتابی":         "محمد كتابي",
		"हिन्दी भाषा":            "हिन्दी भाषा",
		"soft\u00adhy\u200bphen": "softhyphen",
		"ＡＢＣ ﬁn":                 "abc fin",
		"\u0301x":                "x",
		"a\xff\xfeb":             "a b",
		"١٢٣ 4½":                 "١٢٣ 41⁄2",
	} {
		t.Run(text, func(t *testing.T) {
			if diff := cmp.Diff(want, strings.Join(foldWords(text), " ")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// FuzzWords holds that words stand in order in the text, are never empty, and
// that folding is done once and for all: a word is found by itself, and as
// capitals are.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"Putin’s COVID-19", "北京 ｶﾞ", "İı ﬃ ǆ ŉ", "ก็ e\u0301\u200d\u0301", "x\xffy", strings.Repeat("é", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		words(text, func(w string, start, end int) bool {
			if start < at || end <= start || end > len(text) {
				t.Fatalf("word %q at %d–%d of %q, the last ended at %d", w, start, end, text, at)
			}
			at = end
			if w == "" || !utf8.ValidString(w) {
				t.Fatalf("word %q", w)
			}
			if again := fold(w); again != w {
				t.Fatalf("%q folds to %q and that to %q", text[start:end], w, again)
			}
			return true
		})
	})
}
