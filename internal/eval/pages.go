package eval

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
	"unicode"
)

// Page is a real page and the article that people found on it.
type Page struct {
	Name string
	URL  string
	HTML []byte
	Gold string
}

// ReadPages reads DIR/*.html.gz with the articles of DIR/ground-truth.json, in
// order of name.
func ReadPages(dir string) ([]Page, error) {
	data, err := os.ReadFile(filepath.Join(dir, "ground-truth.json"))
	if err != nil {
		return nil, fmt.Errorf("read the articles of the pages: %w", err)
	}
	var gold map[string]struct {
		ArticleBody string `json:"articleBody"`
		URL         string `json:"url"`
	}
	if err := json.Unmarshal(data, &gold); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "ground-truth.json"), err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.html.gz"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no pages; they are called NAME.html.gz", dir)
	}
	sort.Strings(files)
	pages := make([]Page, 0, len(files))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".html.gz")
		truth, ok := gold[name]
		if !ok {
			return nil, fmt.Errorf("%s: ground-truth.json has no article %q", dir, name)
		}
		html, err := readGzip(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		pages = append(pages, Page{Name: name, URL: truth.URL, HTML: html, Gold: truth.ArticleBody})
	}
	return pages, nil
}

func readGzip(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(z)
	return data, errors.Join(err, z.Close())
}

// PageReport is how well articles were found on pages.
type PageReport struct {
	Pages          int     `json:"pages"`
	Precision      float64 `json:"precision"`
	Recall         float64 `json:"recall"`
	F1             float64 `json:"f1"`
	PagesPerSecond float64 `json:"pages_per_second"`
}

// RunPages extracts the article of every page and compares it with what people
// found there, as article-extraction-benchmark does: by multisets of four tokens
// in a row. Precision and recall are the means over the pages, and F1 is theirs.
func RunPages(ctx context.Context, pages []Page, extract func(Page) string, progress func(int)) (PageReport, error) {
	r := PageReport{Pages: len(pages)}
	var took time.Duration
	for i, p := range pages {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		start := time.Now()
		found := extract(p)
		took += time.Since(start)
		precision, recall := overlap(shingles(found), shingles(p.Gold))
		r.Precision += precision / float64(len(pages))
		r.Recall += recall / float64(len(pages))
		if progress != nil {
			progress(i + 1)
		}
	}
	if r.Precision+r.Recall > 0 {
		r.F1 = 2 * r.Precision * r.Recall / (r.Precision + r.Recall)
	}
	r.PagesPerSecond = float64(len(pages)) / max(took.Seconds(), 1e-9)
	return r, nil
}

// Table prints the report for people.
func (r PageReport) Table(w io.Writer) error {
	_, err := fmt.Fprintf(w, "pages      %d\nprecision  %.4f\nrecall     %.4f\nF1         %.4f\nspeed      %.0f pages a second\n",
		r.Pages, r.Precision, r.Recall, r.F1, r.PagesPerSecond)
	return err
}

// inShingle is how many tokens a shingle has.
const inShingle = 4

// shingles counts the runs of four tokens in a text; a text of fewer has one.
func shingles(text string) map[string]int {
	tokens := strings.FieldsFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	all := make(map[string]int, len(tokens))
	for i := range max(1, len(tokens)-inShingle+1) {
		all[strings.Join(tokens[i:min(i+inShingle, len(tokens))], " ")]++
	}
	return all
}

func overlap(found, gold map[string]int) (precision, recall float64) {
	var matched, all, wanted int
	for s, n := range found {
		matched += min(n, gold[s])
		all += n
	}
	for _, n := range gold {
		wanted += n
	}
	return float64(matched) / float64(all), float64(matched) / float64(wanted)
}
