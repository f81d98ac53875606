package store

import "testing"

func TestDomain(t *testing.T) {
	for url, want := range map[string]struct {
		name string
		own  bool
	}{
		"https://www.News.example./rss":  {"news.example", false},
		"https://a.b.co.uk:8443/":        {"b.co.uk", false},
		"https://ann.github.io/rss":      {"ann.github.io", false},
		"https://münchen.example/a":      {"xn--mnchen-3ya.example", false},
		"https://XN--mnchen-3ya.example": {"xn--mnchen-3ya.example", false},
		"https://co.uk/":                 {"co.uk", false},
		"http://93.184.216.34/1":         {"93.184.216.34", false},
		"http://10.1.2.3/1":              {"http://10.1.2.3/1", true},
		"http://[::ffff:10.1.2.3]/":      {"http://[::ffff:10.1.2.3]/", true},
		"http://127.0.0.1:80/":           {"http://127.0.0.1:80/", true},
		"http://intranet/rss":            {"http://intranet/rss", true},
		"http://news.internal/rss":       {"http://news.internal/rss", true},
		"http://[::1/":                   {"http://[::1/", true},
	} {
		if name, own := Domain(url); name != want.name || own != want.own {
			t.Errorf("%s: %s, %v; want %s, %v", url, name, own, want.name, want.own)
		}
	}
}
