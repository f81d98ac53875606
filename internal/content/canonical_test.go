package content_test

import (
	"testing"

	"kliping/internal/content"
)

func TestCanonical(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"nothing", `<p>A canonical text</p>`, ""},
		{"a link", `<link rel="canonical" href="https://first.example/1"><p>Text</p>`, "https://first.example/1"},
		{"an anchor among relations", `<p>From <a href=" https://first.example/1 " rel="nofollow Canonical">there</a></p>`, "https://first.example/1"},
		{"in capitals", `<LINK REL="CANONICAL" HREF="https://first.example/1"/>`, "https://first.example/1"},
		{"another relation", `<a rel="nofollow" href="https://first.example/canonical">x</a>`, ""},
		{"another element", `<div rel="canonical" href="https://first.example/1">x</div>`, ""},
		{"no host", `<link rel="canonical" href="/1"><link rel="canonical" href="https://first.example/2">`, "https://first.example/2"},
		{"no page", `<a rel="canonical" href="javascript:alert(1)">x</a>`, ""},
		{"in a comment", `<!-- <link rel="canonical" href="https://first.example/1"> -->`, ""},
		{"cut", `<p>Text</p><link rel="canonical" href="https://fir`, ""},
	} {
		if got := content.Canonical(test.source); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
