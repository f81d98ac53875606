package content_test

import (
	"html"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"kliping/internal/content"
	"kliping/internal/news"
)

func p(texts ...string) []news.Block { return blocks(news.Paragraph, "p", texts...) }

func root(texts ...string) []news.Block { return blocks(news.Paragraph, "", texts...) }

func blocks(kind news.BlockKind, path string, texts ...string) []news.Block {
	var list []news.Block
	for _, t := range texts {
		list = append(list, news.Block{Kind: kind, Path: path, Text: t})
	}
	return list
}

func TestBlocks(t *testing.T) {
	for _, test := range []struct {
		name, html string
		want       []news.Block
	}{
		{"nothing", " \n\t", nil},
		{"paragraphs", "<p>One.</p>\n<p>Two\n  lines.</p>", p("One.", "Two lines.")},
		{"paragraphs never closed", "<p>One.<p>Two.", p("One.", "Two.")},
		{"inline elements are joined", "<p>A <b>bold</b>er<i> wo</i>rd<wbr>s.</p>", p("A bolder words.")},
		{"one line break is a space", "<p>One<br>two<br/>three</p>", p("One two three")},
		{"two line breaks divide", "<p>One<br>\n<br />two</p>", p("One", "two")},
		{"line breaks across inline elements", "<p>One<b><br></b><i><br>two</i></p>", p("One", "two")},
		{"plain text", "One\nline.\n\nTwo.\r\n \r\nThree.", root("One line.", "Two.", "Three.")},
		{"text with inline markup only", "One <b>bold</b>.\n\nTwo.", root("One bold.", "Two.")},
		{"a blank line inside a paragraph is a space", "<p>One\n\ntwo</p>", p("One two")},
		{"text outside elements", "before<p>in</p>after", append(append(root("before"), p("in")...), root("after")...)},
		{"less than", "if 1 < 2 and 3 <4", root("if 1 < 2 and 3 <4")},
		{"a list", "<ul><li>One<li>Two</li></ul>", blocks(news.ListItem, "ul/li", "One", "Two")},
		{"a list in a list", "<ul><li>One<ul><li>Two</li></ul></li><li>Three", []news.Block{
			{Kind: news.ListItem, Path: "ul/li", Text: "One"},
			{Kind: news.ListItem, Path: "ul/li/ul/li", Text: "Two"},
			{Kind: news.ListItem, Path: "ul/li", Text: "Three"},
		}},
		{"terms", "<dl><dt>A<dd>B<dt>C</dl>", []news.Block{
			{Kind: news.ListItem, Path: "dl/dt", Text: "A"},
			{Kind: news.ListItem, Path: "dl/dd", Text: "B"},
			{Kind: news.ListItem, Path: "dl/dt", Text: "C"},
		}},
		{"kinds", "<h2>Head</h2><blockquote><p>Said.</p></blockquote><figure><img src=a><figcaption>Seen.</figcaption></figure>", []news.Block{
			{Kind: news.Heading, Path: "h2", Text: "Head"},
			{Kind: news.Quote, Path: "blockquote/p", Text: "Said."},
			{Kind: news.Caption, Path: "figure/figcaption", Text: "Seen."},
		}},
		{"preformatted", "<pre>One\n  two\n\nthree</pre>", blocks(news.Code, "pre", "One two", "three")},
		{"a row is one block", "<table><tr><th>City<td>High<tr><td>Jakarta</td><td>31</td></tr></table>", blocks(news.Paragraph, "table/tr", "City High", "Jakarta 31")},
		{"paragraphs in a cell", "<table><tr><td><p>One</p><p>Two</p></td></tr></table>", blocks(news.Paragraph, "table/tr/p", "One", "Two")},
		{"a picture parts words", "<p>one<img src=a>two</p>", p("one two")},
		{"links", `<p>Read <a href="/x">also</a></p><p><a name=top>Top</a>`, []news.Block{
			{Kind: news.Paragraph, Path: "p", Text: "Read also", Links: .5},
			{Kind: news.Paragraph, Path: "p", Text: "Top"},
		}},
		{"a link round blocks", `<a href=x><div>One</div><div>Two</div></a><div>Three</div>`, []news.Block{
			{Kind: news.Paragraph, Path: "div", Text: "One", Links: 1},
			{Kind: news.Paragraph, Path: "div", Text: "Two", Links: 1},
			{Kind: news.Paragraph, Path: "div", Text: "Three"},
		}},
		{"a link never closed is none", `<p><a href=x>One</p>`, p("One")},
		{"what is not text", "<p>One<script>var a = '<p>x</p>'</script><style>p{}</style></p><svg><text>x</text></svg><p>Two", p("One", "Two")},
		{"never closed, swallows nothing", "<p>One</p><iframe src=x><p>Two</p><svg><noscript><p>Three</p><title><p>Four</p>", p("One", "Two", "Three", "Four")},
		{"closed at once", "<p>One</p><iframe src=x/><script src=y /><p>Two</p><script></script>", p("One", "Two")},
		{"a whole page", "<html><head><title>T</title><meta charset=utf-8></head><body><p>One</p></body></html>", blocks(news.Paragraph, "html/body/p", "One")},
		{"readings above words", "<p><ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>都</p>", p("東京都")},
		{"character data", "<![CDATA[<p>One</p>]]>", p("One")},
		{"stray end tags", "</div><p>One</p></p></section>two", append(p("One"), root("two")...)},
		{"entities are decoded once", "<p>AT&amp;T&#39;s &amp;lt;b&amp;gt; &eacute;&nbsp;&copy</p>", p("AT&T's &lt;b&gt; é ©")},
		{"escaped twice", "&lt;p&gt;AT&amp;amp;T&lt;/p&gt;\n&lt;p&gt;Two&lt;/p&gt;", p("AT&T", "Two")},
		{"about HTML", "The tag &lt;p&gt; and its &lt;/p&gt;", root("The tag <p> and its </p>")},
		{"about HTML, marked up", "<p>&lt;p&gt; and &lt;/p&gt;</p>", p("<p> and </p>")},
		{"without shape", "<p>\ufeffso\u00adft \u200bzero\u2060 \u202eleft\u202c\x00\x1b.</p>", p("soft zero left.")},
		{"joiners in Latin text", "<p>a\u200cb \u200d c</p>", p("ab c")},
		{"joiners in Persian and emoji", "<p>می\u200cخواهم 👩\u200d🚒</p>", p("می\u200cخواهم 👩\u200d🚒")},
		{"composed", "<p>cafe\u0301</p>", p("café")},
		{"spaces of every kind", "<p>a\u00a0\u2003b\u3000c\u2028d</p>", p("a b c d")},
		{"no UTF-8", "<p>a\xffb</p>", p("a\ufffdb")},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, content.Blocks(test.html)); diff != "" {
				t.Errorf("blocks (-want +got):\n%s", diff)
			}
		})
	}
}

// Markup and text that would make a careless reader slow or overflow its stack.
func TestBlocksOfHostileSize(t *testing.T) {
	const n = 200_000
	for name, source := range map[string]string{
		"deep":            strings.Repeat("<div>", n) + "text" + strings.Repeat("</div>", n),
		"deep, misclosed": strings.Repeat("<div><ul>", n/2) + "text" + strings.Repeat("</section></div>", n/2),
		"deep inline":     strings.Repeat("<b>", n) + "text" + strings.Repeat("</b>", n),
		"never closed":    strings.Repeat("<svg><a href=x>", n) + "text",
		"open signs":      "text" + strings.Repeat("<", n),
		"end signs":       "<a href=x>text" + strings.Repeat("</", n),
		"line breaks":     "text" + strings.Repeat("\n \t", n) + ".",
		"words":           strings.Repeat("text ", 5*n),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			got := content.Blocks(source)
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			if len(got) == 0 || !strings.Contains(got[0].Text+got[len(got)-1].Text, "text") {
				t.Errorf("the text is lost: %d blocks", len(got))
			}
			for _, b := range got {
				if len(b.Path) > 200 {
					t.Fatalf("path of %d bytes", len(b.Path))
				}
			}
		})
	}
}

func FuzzBlocks(f *testing.F) {
	for _, seed := range []string{
		"plain text, two\n\nparagraphs", "<p>One<br><br>two</p>", "<ul><li>a<li>b</ul>", "&lt;p&gt;x&lt;/p&gt;",
		"<svg><title>a", "<a href=x><pre>\n\n</a>", "a\u200c\u0301\u00ad", "<![CDATA[x]]>", "<plaintext><p>", "<\u0338 &amp;amp;",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		found := content.Blocks(source)
		var texts []string
		for _, b := range found {
			texts = append(texts, b.Text)
			checkText(t, b)
		}
		joined := strings.Join(texts, "\n\n")
		if !strings.ContainsAny(source, "<&\x00") && utf8.ValidString(source) {
			checkWords(t, source, joined)
		}
		if strings.Contains(joined, "</") || strings.Contains(joined, "<![CDATA[") || strings.Contains(joined, "]]>") {
			return // text that speaks of markup; taken for it the second time, as documented
		}
		var again []string
		for _, b := range content.Blocks(html.EscapeString(joined)) {
			again = append(again, b.Text)
		}
		if diff := cmp.Diff(texts, again); diff != "" {
			t.Errorf("read again, the text of %q differs:\n%s", source, diff)
		}
	})
}

func checkText(t *testing.T, b news.Block) {
	t.Helper()
	if b.Text == "" || b.Text != strings.Join(strings.Fields(b.Text), " ") || !norm.NFC.IsNormalString(b.Text) {
		t.Errorf("%q is empty, or not folded, or not normalised", b.Text)
	}
	if strings.ContainsFunc(b.Text, unicode.IsControl) || !utf8.ValidString(b.Text) {
		t.Errorf("%q holds control characters or bad bytes", b.Text)
	}
	if b.Links < 0 || b.Links > 1 {
		t.Errorf("%q has a link density of %v", b.Text, b.Links)
	}
}

// checkWords holds that every letter and digit of plain text is kept, in
// order, and that no words are run together.
func checkWords(t *testing.T, source, joined string) {
	t.Helper()
	words := func(s string) string {
		s = strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return ' '
			}
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, norm.NFD.String(s))
		return strings.Join(strings.Fields(s), " ")
	}
	if want, got := words(source), words(joined); want != got {
		t.Errorf("the words of %q became %q", want, got)
	}
}

// article is 3 KB of HTML as feeds have it.
var article = "<h2>Harbour opens</h2>\n" + strings.Repeat("<p>The new harbour of <a href=\"https://town.example/\">Little Town</a> opened on Friday, the mayor&#39;s office said, "+
	"after <em>eleven</em> years of building. Some 4,000 people came; caf&eacute;s stayed open until midnight. “It was worth it,” said one.</p>\n", 12) +
	"<ul><li>Ships: 12</li><li>Length: 240&nbsp;m</li></ul>"

func BenchmarkBlocks(b *testing.B) {
	b.SetBytes(int64(len(article)))
	b.ReportAllocs()
	for b.Loop() {
		content.Blocks(article)
	}
}
