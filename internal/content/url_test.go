package content_test

import (
	"errors"
	"testing"

	"kliping/internal/content"
	"kliping/internal/news"
)

func TestCanonicalURL(t *testing.T) {
	for raw, want := range map[string]string{
		"HTTPS://Wire.Example/A/b":                                     "https://wire.example/A/b",
		" http://wire.example ":                                        "http://wire.example/",
		"http://wire.example:80/a#part":                                "http://wire.example/a",
		"https://wire.example:443/a":                                   "https://wire.example/a",
		"http://wire.example:443/a":                                    "http://wire.example:443/a",
		"https://user:secret@wire.example./a":                          "https://wire.example/a",
		"https://wire.example/a?utm_source=rss&id=7&UTM_Medium=x":      "https://wire.example/a?id=7",
		"https://wire.example/a?b=2&a=1&&fbclid=zz":                    "https://wire.example/a?b=2&a=1",
		"https://wire.example/?at_medium=RSS&at_campaign=rss":          "https://wire.example/",
		"https://wire.example/a?source=rss":                            "https://wire.example/a",
		"https://wire.example/a?source=harbour&ref=12":                 "https://wire.example/a?source=harbour&ref=12",
		"https://wire.example/a?":                                      "https://wire.example/a",
		"https://wire.example/a?flag&q=a%20b":                          "https://wire.example/a?flag&q=a%20b",
		"https://wire.example/x/../a/./b":                              "https://wire.example/a/b",
		"https://wire.example/%7euser/%e6%9d%b1/a%2fb":                 "https://wire.example/~user/%E6%9D%B1/a%2Fb",
		"https://wire.example/東京":                                      "https://wire.example/%E6%9D%B1%E4%BA%AC",
		"https://wire.example/a?q=東 京":                                 "https://wire.example/a?q=%E6%9D%B1%20%E4%BA%AC",
		"https://wire.example/a//b/":                                   "https://wire.example/a//b/",
		"https://www.Bücher.example/":                                  "https://www.xn--bcher-kva.example/",
		"http://127.0.0.1:8899/a":                                      "http://127.0.0.1:8899/a",
		"http://[::1]:8899/a":                                          "http://[::1]:8899/a",
		"https://under_score.example/a":                                "https://under_score.example/a",
		"https://wire.example/a?title=100%25&mc_cid=1&amp;utm_term=hi": "https://wire.example/a?title=100%25&amp;utm_term=hi",
	} {
		got, err := content.CanonicalURL(raw)
		if err != nil || got != want {
			t.Errorf("%s becomes %s (%v), want %s", raw, got, err, want)
		}
		if again, err := content.CanonicalURL(got); err != nil || again != got {
			t.Errorf("%s, canonical, becomes %s (%v)", got, again, err)
		}
	}
}

func TestCanonicalURLRefuses(t *testing.T) {
	for _, raw := range []string{"", "wire.example/a", "/a", "javascript:alert(1)", "ftp://wire.example/", "mailto:a@wire.example", "http://", "http:///a", "http://a b/", "tag:wire.example,2020:1"} {
		if got, err := content.CanonicalURL(raw); !errors.Is(err, news.ErrInvalid) {
			t.Errorf("%q becomes %q, error %v", raw, got, err)
		}
	}
}

func FuzzCanonicalURL(f *testing.F) {
	for _, seed := range []string{"https://wire.example/a?utm_source=b&c", "http://[::1%25eth0]:80/%zz", "https://BÜCHER.example/%2e%2E/a%2", "HTTP://a..b/?&&=&"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		once, err := content.CanonicalURL(raw)
		if err != nil {
			return
		}
		if twice, err := content.CanonicalURL(once); err != nil || twice != once {
			t.Errorf("%q is canonical as %q, and that as %q (%v)", raw, once, twice, err)
		}
	})
}

func TestOutlet(t *testing.T) {
	for _, test := range []struct {
		want       string
		candidates []string
	}{
		{"wire.example", []string{"https://wire.example/a"}},
		{"wire.example", []string{"https://www.News.Wire.Example:8080/a"}},
		{"bbc.co.uk", []string{"http://feeds.bbc.co.uk/news"}},
		{"abc.net.au", []string{"https://www.abc.net.au/"}},
		{"daily.com.au", []string{"https://daily.com.au/"}},
		{"writer.github.io", []string{"https://writer.github.io/posts"}},
		{"kompas.co.id", []string{"https://rss.kompas.co.id/"}},
		{"xn--bcher-kva.example", []string{"https://shop.bücher.example/"}},
		{"wire.example", []string{"", "not an address at all", "https://wire.example/"}},
		{"wire.example", []string{"wire.example/a"}},
		{"wire.example", []string{"http://127.0.0.1:8899/feed", "https://wire.example/"}},
		{"127.0.0.1", []string{"http://127.0.0.1:8899/feed"}},
		{"::1", []string{"http://[::1]:8899/feed"}},
		{"localhost", []string{"http://localhost:8899/feed", "http://intranet/"}},
		{"co.uk", []string{"https://co.uk/"}},
		{"wire.example", []string{"https://feedproxy.google.com/~r/wire/1", "https://wire.example/"}},
		{"feeds.feedburner.com", []string{"https://feeds.feedburner.com/wire"}},
		{"", []string{"", "tag:", "http://"}},
		{"", nil},
	} {
		if got := content.Outlet(test.candidates...); got != test.want {
			t.Errorf("the outlet of %q is %q, want %q", test.candidates, got, test.want)
		}
	}
}
