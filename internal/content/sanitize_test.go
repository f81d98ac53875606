package content_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kliping/internal/content"
)

func TestSanitize(t *testing.T) {
	const rel = ` rel="nofollow noopener noreferrer"`
	for _, test := range []struct{ name, html, base, want string }{
		{"text and structure", "<h2>A</h2><p lang=id>B &amp; <em>C</em></p>", "", `<h2>A</h2><p lang="id">B &amp; <em>C</em></p>`},
		{"what runs", `<p onclick="x()">A</p><script>x()</script><style>p{}</style><iframe src=x></iframe>`, "", "<p>A</p>"},
		{"what loads", `<p style="background:url(x)">A<img src="https://t.example/pixel.gif"></p><video src=x>B</video>`, "", "<p>A</p>"},
		{"what asks", `<form action=x>A<input name=b><button>C</button></form>`, "", "AC"},
		{"a link", `<a href="https://wire.example/a" target=_top id=x>A</a>`, "", `<a href="https://wire.example/a"` + rel + `>A</a>`},
		{"a link made absolute", `<a href="../b?c=1&amp;d">A</a>`, "https://wire.example/x/y/z", `<a href="https://wire.example/x/b?c=1&amp;d"` + rel + `>A</a>`},
		{"no base", `<a href="/b">A</a> <a href="#x">B</a>`, "", "A B"},
		{"a base that is no page", `<a href="/b">A</a>`, "file:///etc/", "A"},
		{"script links", "<a href=\"javascript:x()\">A</a><a href=\"JaVa\tScript:x()\">B</a><a href=\"data:text/html,x\">C</a>", "https://wire.example/", "ABC"},
		{"other schemes", `<a href="mailto:a@wire.example">A</a><a href="tel:1">B</a>`, "https://wire.example/", "AB"},
		{"left open", "<div><ul><li><b>A", "", "<div><ul><li><b>A</b></li></ul></div>"},
		{"strays", "A</div></td></main>B", "", "AB"},
		{"crossed", "<b><i>A</b>B</i>", "", "<b><i>A</i></b>B"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := content.Sanitize(test.html, test.base); got != test.want {
				t.Errorf("becomes\n%s, want\n%s", got, test.want)
			}
		})
	}
}

func FuzzSanitize(f *testing.F) {
	for _, seed := range []string{
		"<p>A<b>B</p>", `<a href="//x">`, "<table><tr><td></div>", strings.Repeat("<div>", 100), "<svg><style><img src=x onerror=y>",
		"<a href='java&#115;cript:x'>", "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=x&gt;\">",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		safe := content.Sanitize(source, "https://wire.example/")
		open := 0
		for z := html.NewTokenizer(strings.NewReader(safe)); ; {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			token := z.Token()
			switch kind {
			case html.StartTagToken:
				if token.Data != "br" && token.Data != "hr" && token.Data != "wbr" {
					open++
				}
			case html.EndTagToken:
				open--
			}
			checkSafe(t, token)
			if open < 0 || open > 64 {
				t.Fatalf("%q becomes %q, which does not balance", source, safe)
			}
		}
		if open != 0 {
			t.Errorf("%q becomes %q, which leaves %d elements open", source, safe, open)
		}
	})
}

func checkSafe(t *testing.T, token html.Token) {
	t.Helper()
	switch token.Data {
	case "script", "style", "img", "iframe", "object", "embed", "svg", "form", "input", "link", "meta", "base":
		if token.Type != html.TextToken {
			t.Errorf("<%s> survives", token.Data)
		}
	}
	for _, a := range token.Attr {
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" {
			t.Errorf("%s=%q survives", a.Key, a.Val)
		}
		if a.Key == "href" && !strings.HasPrefix(a.Val, "http://") && !strings.HasPrefix(a.Val, "https://") {
			t.Errorf("a link to %q survives", a.Val)
		}
	}
}
