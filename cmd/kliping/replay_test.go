package main

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"kliping/internal/api"
	"kliping/internal/eval"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// TestReplay reads a directory of real feeds, where KLIPING_TEST_FEEDS names
// one: an OPML list of them, a file COUNTS of how many feeds and articles there
// are, and among them the story this project began from.
func TestReplay(t *testing.T) {
	dir := os.Getenv("KLIPING_TEST_FEEDS")
	if dir == "" {
		t.Skip("KLIPING_TEST_FEEDS names no directory of feeds")
	}
	var bodies atomic.Int64 // answers with a body
	files := http.FileServer(http.Dir(dir))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorded := &recorder{ResponseWriter: w}
		files.ServeHTTP(recorded, r)
		if recorded.status != http.StatusNotModified {
			bodies.Add(1)
		}
	}))
	defer server.Close()
	r := newRunner(t)
	r.run("feeds", "import", listAt(t, dir, server.URL))
	wantFeeds, wantArticles := counts(t, dir)

	var first, second totals
	r.json(&first, "refresh")
	if first.Feeds != wantFeeds || first.Failed != 0 || first.Articles != wantArticles {
		t.Errorf("the first refresh did %+v, want %d feeds and %d articles", first, wantFeeds, wantArticles)
	}
	bodies.Store(0)
	r.json(&second, "refresh")
	if second.New != 0 || second.Unchanged != wantFeeds || bodies.Load() != 0 || second.Stories != first.Stories {
		t.Errorf("the second refresh did %+v with %d bodies sent, want all unchanged", second, bodies.Load())
	}
	t.Logf("%d feeds, %d articles, %d stories", first.Feeds, first.Articles, first.Stories)

	headline := checkSeed(t, r)
	if out := r.run("digest", "--limit", "1000", "--format", "md"); !strings.Contains(out, headline) {
		t.Error("today's digest does not have the story that arrived today")
	}
	checkTexts(t, r, first.Articles)
}

// recorder remembers the status that a handler gave.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// listAt writes the directory's OPML anew for another server.
func listAt(t *testing.T, dir, server string) string {
	t.Helper()
	list, err := os.ReadFile(filepath.Join(dir, "subscriptions.opml"))
	if err != nil {
		t.Fatal(err)
	}
	moved := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).ReplaceAllString(string(list), server)
	path := filepath.Join(t.TempDir(), "subscriptions.opml")
	if err := os.WriteFile(path, []byte(moved), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func counts(t *testing.T, dir string) (feeds, articles int) {
	t.Helper()
	said, err := os.ReadFile(filepath.Join(dir, "COUNTS"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(string(said), "feeds %d\narticles %d", &feeds, &articles); err != nil {
		t.Fatal(err)
	}
	return feeds, articles
}

// checkSeed looks at the story the project began from, and returns its headline.
func checkSeed(t *testing.T, r *runner) string {
	t.Helper()
	var found pipeline.Found
	r.json(&found, "search", "Shoigu")
	if found.Total != 1 || len(found.Stories) != 1 {
		t.Fatalf("search finds %+v, want one story", found)
	}
	s := found.Stories[0]
	if s.Copies != 5 || !slices.Equal(s.Languages, []string{"en", "id"}) || s.FirstOutlet != "wire.example" {
		t.Errorf("the story is %+v, want five copies in en and id, first at wire.example", s)
	}
	var story store.StoryDetail
	r.json(&story, "story", fmt.Sprint(s.ID))
	soiled := false
	for i := range story.Members {
		m := &story.Members[i]
		if strings.Contains(m.URL, "near-") {
			t.Errorf("%s is in the story", m.URL)
		}
		if m.URL != "https://berita.example/seed-id" {
			continue
		}
		soiled = true
		if n := stripped(m.Blocks); n != 4 {
			t.Errorf("%d lines were stripped from the soiled copy, want 4", n)
		}
		out := r.run("article", fmt.Sprint(m.ID))
		text, lines, _ := strings.Cut(out, "4 lines stripped:")
		if !strings.Contains(lines, "keren989") || strings.Contains(text, "keren989") || !strings.Contains(lines, "shape: handle") {
			t.Errorf("the article does not show what was stripped and why:\n%s", out)
		}
	}
	if !soiled {
		t.Error("the soiled copy is not in the story")
	}
	return s.Title
}

var entity = regexp.MustCompile(`&(#\d+|#x[0-9a-fA-F]+|amp|lt|gt|quot|nbsp|apos);`)

// checkTexts looks for what broken reading leaves in texts, and compares them,
// where KLIPING_TEST_LABELLED has them as their outlets wrote them, word for
// word.
func checkTexts(t *testing.T, r *runner, articles int) {
	t.Helper()
	written := asWritten(t)
	compared := 0
	for id := 1; id <= articles; id++ {
		var a api.Article
		r.json(&a, "article", fmt.Sprint(id))
		if strings.Contains(a.Text+a.Title, "\ufffd") || entity.MatchString(a.Text+a.Title) {
			t.Errorf("article %d %s has broken letters or entities", id, a.URL)
		}
		if a.Text == "" || a.Story == 0 {
			t.Errorf("article %d %s has no text or no story", id, a.URL)
		}
		row, ok := written[a.URL]
		if !ok {
			continue
		}
		compared++
		var blocks []string
		for _, b := range a.Blocks {
			blocks = append(blocks, b.Text)
		}
		if diff := cmp.Diff(words(row.Title), words(a.Title)); diff != "" {
			t.Errorf("article %d %s: headline (-written +read):\n%s", id, a.URL, diff)
		}
		if want, got := words(tag.ReplaceAllString(row.HTML, " ")), words(html.EscapeString(strings.Join(blocks, " "))); !slices.Equal(want, got) {
			t.Errorf("article %d %s: %d words written, %d read: %s", id, a.URL, len(want), len(got), firstDifference(want, got))
		}
	}
	t.Logf("%d articles compared with what was written", compared)
}

var tag = regexp.MustCompile(`<[^>]*>`)

// words are the words of HTML text, entities read, letters composed, without
// characters that cannot be seen.
func words(text string) []string {
	visible := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, html.UnescapeString(text))
	return strings.Fields(norm.NFC.String(visible))
}

func firstDifference(want, got []string) string {
	for i, w := range want {
		if i >= len(got) || got[i] != w {
			return fmt.Sprintf("%q against %q", want[i:min(i+8, len(want))], got[min(i, len(got)):min(i+8, len(got))])
		}
	}
	return "more at the end"
}

// asWritten are labelled articles by URL; those that one URL has twice, in
// different words, are left out.
func asWritten(t *testing.T) map[string]eval.Row {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(os.Getenv("KLIPING_TEST_LABELLED"), "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := eval.ReadFiles(paths)
	if err != nil {
		t.Fatal(err)
	}
	byURL, twice := map[string]eval.Row{}, map[string]bool{}
	for _, row := range rows {
		if old, ok := byURL[row.URL]; ok && old.HTML != row.HTML {
			twice[row.URL] = true
		}
		byURL[row.URL] = row
	}
	for url := range twice {
		delete(byURL, url)
	}
	return byURL
}
