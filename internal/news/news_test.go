package news_test

import (
	"testing"

	"kliping/internal/news"
)

func TestReasonString(t *testing.T) {
	for _, test := range []struct {
		reason news.Reason
		want   string
	}{
		{news.Reason{}, "not grouped yet"},
		{news.Reason{Relation: news.Founder}, "the story began with it"},
		{news.Reason{Relation: news.Placed}, "put here by a person"},
		{
			news.Reason{Relation: news.Excerpt, Of: 7, Containment: 1, Jaccard: .09, Shared: 41},
			"excerpt of article 7: containment 1.00, Jaccard 0.09, 41 shared shingles",
		},
		{
			news.Reason{Relation: news.Copy, Of: 7, Containment: 1, Jaccard: 1},
			"copy of article 7: the same headline, and no text to compare",
		},
		{
			news.Reason{Relation: news.Translation, Of: 3, Score: 1, Pivots: []string{"40", "السبت"}},
			"translation of article 3: score 1.00, both have 40, \u2068السبت\u2069",
		},
		{
			news.Reason{Relation: news.Translation, Of: 3, Score: .61, Pivots: []string{"Tan Kefei", "16–19", "CN"}},
			"translation of article 3: score 0.61, both have Tan Kefei, 16–19, CN",
		},
	} {
		if got := test.reason.String(); got != test.want {
			t.Errorf("%+v says\n%s, want\n%s", test.reason, got, test.want)
		}
	}
}

func TestTextLeavesResidueOut(t *testing.T) {
	a := news.Article{Blocks: []news.Block{
		{Text: "keren989", Strip: &news.Strip{Evidence: news.ByShape, Rule: "handle"}},
		{Text: "First."},
		{Text: "Second."},
	}}
	if got, want := a.Text(), "First.\n\nSecond."; got != want {
		t.Errorf("text is %q, want %q", got, want)
	}
}

func TestRedactedHidesThePassword(t *testing.T) {
	for given, want := range map[string]string{
		"https://reader:hunter2@news.example/rss": "https://reader:xxxxx@news.example/rss",
		"https://news.example/rss?a=%20b":         "https://news.example/rss?a=%20b",
	} {
		if got := (news.Feed{URL: given}).Redacted().URL; got != want {
			t.Errorf("%s is shown as %s, want %s", given, got, want)
		}
	}
}

func TestIsAgency(t *testing.T) {
	for _, test := range []struct {
		outlet, agency string
		want           bool
	}{
		{"apnews.com", "AP", true},
		{"reuters.com", "Reuters", true},
		{"antaranews.com", "Antara", true},
		{"xinhuanet.com", "Xinhua", true},
		{"news.cn", "Xinhua", true},
		{"aa.com.tr", "Anadolu", true},
		{"yna.co.kr", "Yonhap", true},
		{"daily.example", "AP", false},
		{"news.example", "", false},
	} {
		if got := news.IsAgency(test.outlet, test.agency); got != test.want {
			t.Errorf("%s is %s: %v, want %v", test.outlet, test.agency, got, test.want)
		}
	}
}
