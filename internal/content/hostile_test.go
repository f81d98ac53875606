package content_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kliping/internal/content"
)

// TestHostile sanitises every hostile snippet, and shows it as an article: what is
// left is harmless, balanced and the same when it is sanitised again.
func TestHostile(t *testing.T) {
	b, err := os.ReadFile("testdata/hostile.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		if s, err := strconv.Unquote(line); err == nil && line[0] == '"' {
			line = s
		}
		safe := content.Sanitize(line, "https://wire.example/")
		if again := content.Sanitize(safe, "https://wire.example/"); again != safe {
			t.Errorf("%q becomes %q, and that %q", line, safe, again)
		}
		shown := content.Body(content.Show(line, "https://wire.example/", content.Blocks(line)))
		for z := html.NewTokenizer(strings.NewReader(safe + shown)); z.Next() != html.ErrorToken; {
			token := z.Token()
			switch token.Data {
			case "script", "style", "img", "iframe", "svg", "math", "form", "link", "meta", "base", "object", "embed", "template", "noscript":
				if token.Type != html.TextToken {
					t.Errorf("%q leaves %s", line, token)
				}
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "id" || a.Key == "href" && !strings.HasPrefix(a.Val, "http") {
					t.Errorf("%q leaves %s", line, token)
				}
			}
		}
	}
}
