package news_test

import (
	"testing"

	"kliping/internal/news"
)

func TestRedactedURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://a.example/x":                      "https://a.example/x",
		"https://u:PASS@a.example/x?token=TOK&b=2": "https://u:xxxxx@a.example/x?token=xxxxx&b=xxxxx",
		"https://a.example/x?TOK":                  "https://a.example/x?xxxxx",
		"https://a.example/x?a=T=K&&b=":            "https://a.example/x?a=xxxxx&xxxxx&b=xxxxx",
		"https://u:PASS@a.example/%zz":             "xxxxx",
		"/x?token=TOK":                             "/x?token=xxxxx",
		"":                                         "",
	} {
		if got := news.RedactedURL(raw); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}
