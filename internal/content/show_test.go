package content_test

import (
	"strings"
	"testing"

	"kliping/internal/content"
	"kliping/internal/news"
)

func TestShow(t *testing.T) {
	const rel = ` rel="nofollow noopener noreferrer"`
	for _, test := range []struct{ name, html, want string }{
		{"paragraphs", "<p>A <em>b</em></p><p>C &amp; &lt;d&gt;</p>", "<p>A <em>b</em></p>\n<p>C &amp; &lt;d&gt;</p>\n"},
		{"plain text", "A\n\nB", "<p>A</p>\n<p>B</p>\n"},
		{"structure", "<h2>A</h2><ul><li>B</li><li>C</li></ul><blockquote>D</blockquote><pre>E</pre>",
			"<h2>A</h2>\n<ul><li>B</li>\n<li>C</li>\n</ul><blockquote><p>D</p></blockquote>\n<pre>E</pre>\n"},
		{"links", `<p>A <a href="/b" onclick=x()>b</a> <a href="javascript:x()">c</a></p>`, `<p>A <a href="https://wire.example/b"` + rel + ">b</a> c</p>\n"},
		{"a link over blocks", `<a href="/b"><p>A</p><p>B</p></a>`,
			`<p><a href="https://wire.example/b"` + rel + `>A</a></p>` + "\n" + `<p><a href="https://wire.example/b"` + rel + `>B</a></p>` + "\n"},
		{"an image in the text", `<p>A <img src="/i.png" alt="A ferry"> b</p>`, `<p>A  [<a href="https://wire.example/i.png"` + rel + ">A ferry</a>]  b</p>\n"},
		{"an image by itself", `<figure><img src="https://cdn.example/i.png"></figure><p>A</p>`, `<p>[<a href="https://cdn.example/i.png"` + rel + ">image</a>]</p>\n<p>A</p>\n"},
		{"an image in a link", `<p>A <a href="/b"><img src="/i.png" alt='"><script>x()</script>'></a></p>`,
			`<p>A [<a href="https://wire.example/i.png"` + rel + ">&#34;&gt;&lt;script&gt;x()&lt;/script&gt;</a>]</p>\n"},
		{"the last image", `<p>A</p><img src="/i.png">`, "<p>A</p>\n" + `<p>[<a href="https://wire.example/i.png"` + rel + ">image</a>]</p>\n"},
		{"only an image", `<img src="/i.png">`, `<p>[<a href="https://wire.example/i.png"` + rel + ">image</a>]</p>\n"},
		{"images that are none", `<p>A<img src="data:image/png;base64,AA"><img src="javascript:x()"><img src="/p.gif" width=1 height=1><img></p>`, "<p>A</p>\n"},
		{"what runs", `<p>A<script>x()</script></p><svg onload=x()><p>B</p></svg><style>p{}</style><p style=x>C</p>`, "<p>A</p>\n<p>C</p>\n"},
		{"what turns text round", "<p>A\u202eB</p>", "<p>AB</p>\n"},
		{"what the policy drops", "<![CDATA[<p>A <b>b</b></p>]]>", "<p>A <b>b</b></p>\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			shown := content.Show(test.html, "https://wire.example/x", content.Blocks(test.html))
			if got := content.Body(shown); got != test.want {
				t.Errorf("becomes\n%s, want\n%s", got, test.want)
			}
		})
	}
}

// TestShowResidue leaves residue out, and shows every other block, also one that
// the HTML does not have.
func TestShowResidue(t *testing.T) {
	blocks := []news.Block{{Kind: news.Paragraph, Text: "A b"}, {Kind: news.Paragraph, Text: "Follow us", Strip: &news.Strip{}}, {Kind: news.Paragraph, Text: "<Elsewhere>"}, {Kind: news.Paragraph, Text: "C"}}
	shown := content.Show("<p>A <b>b</b></p><p>Follow <i>us</i></p><p>More</p><p><u>C</u></p>", "", blocks)
	if got, want := content.Body(shown), "<p>A <b>b</b></p>\n<p>&lt;Elsewhere&gt;</p>\n<p><u>C</u></p>\n"; got != want {
		t.Errorf("becomes\n%s, want\n%s", got, want)
	}
	if shown[1].HTML != "Follow <i>us</i>" || shown[1].Strip == nil {
		t.Errorf("the residue is %+v", shown[1])
	}
}

// FuzzShow wants each block, and all together, to be what Sanitize leaves as it is.
func FuzzShow(f *testing.F) {
	for _, seed := range []string{
		"<p>A<b>B</p>C", `<a href="//x"><p>A<img src=//y alt="&lt;b>">`, "<table><tr><td>A<td>B</table>", "<svg><style><img src=x onerror=y>A", "A\n\nB<br><br>C",
		"<pre>A\n\nB</pre><img src=x>", "<a href='java&#115;cript:x'>A</a>", "<ul><li><img src=http://x.example/>A<li>B</ul>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		shown := content.Show(source, "https://wire.example/", content.Blocks(source))
		for _, s := range shown {
			for _, part := range []string{s.HTML, s.Images} {
				if again := content.Sanitize(part, ""); again != part {
					t.Errorf("%q gives a block %q, which is sanitised to %q", source, part, again)
				}
			}
		}
		body := content.Body(shown)
		if again := content.Sanitize(body, ""); again != body {
			t.Errorf("%q becomes %q, and that %q", source, body, again)
		}
	})
}

// TestShowLongLinks shows a link that is never closed over many blocks and images.
func TestShowLongLinks(t *testing.T) {
	for _, size := range []int{2000, 100_000} {
		source := `<a href="https://wire.example/` + strings.Repeat("x", size) + `">` + strings.Repeat(`<p>A<img src="//i.example/b"></p>`, 2000)
		body := content.Body(content.Show(source, "", content.Blocks(source)))
		if len(body) > 2<<20 {
			t.Errorf("%d bytes become %d", len(source), len(body))
		}
		if n := strings.Count(body, "<p>A"); n+strings.Count(body, "<p><a") < 2000 {
			t.Errorf("%d of 2000 blocks are there", n)
		}
	}
}
