package pipeline_test

import (
	"html"
	"strings"
	"testing"
	"time"

	"kliping/internal/cluster"
	"kliping/internal/news"
	"kliping/internal/pipeline"
)

// FuzzPrepare holds what the line promises of any text, from HTML to sketch: it
// is its own copy; what is shown of it holds no control characters; and lines
// of residue round it do not lower the containment of what is left.
func FuzzPrepare(f *testing.F) {
	f.Add(strings.Join(paragraphs(1), "\n"))
	f.Add("1 2 3\n\u202e\u200b\n" + paragraph(3) + "\n\xff")
	f.Add("在Moscow会晤2次\nكَتَبَ الولد\nSubscribe to our free newsletter")
	preparer, err := pipeline.NewPreparer()
	if err != nil {
		f.Fatal(err)
	}
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	prepare := func(t *testing.T, lines ...string) (news.Article, *cluster.Sketch) {
		var b strings.Builder
		for _, l := range lines {
			b.WriteString("<p>" + html.EscapeString(l) + "</p>")
		}
		in := preparer.Prepare(news.Feed{}, news.Item{GUID: "1", Link: "https://a.example/1", Title: lines[0], HTML: b.String()}, at)
		s, err := cluster.UnmarshalSketch(in.Sketch)
		if err != nil {
			t.Fatal(err)
		}
		return in.Article, s
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		a, s := prepare(t, lines...)
		for _, shown := range []string{a.Title, a.Text()} {
			if strings.ContainsFunc(shown, func(r rune) bool { return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e }) {
				t.Fatalf("%q holds what steers a terminal", shown)
			}
		}
		if s.Words == 0 || strings.Count(a.Text(), "\n\n") == 0 {
			return // of one block something is kept, whatever it is
		}
		if j, c, _ := cluster.Similarity(s, s); j != 1 || c != 1 {
			t.Fatalf("a text is not its own copy: %v, %v", j, c)
		}
		soiled := append([]string{lines[0], "Advertisement", "Share this article"}, lines...)
		soiled = append(soiled, "Subscribe to our free newsletter")
		_, with := prepare(t, soiled...)
		if _, c, _ := cluster.Similarity(s, with); c < .95 {
			t.Fatalf("residue lowers containment to %.2f", c)
		}
	})
}
