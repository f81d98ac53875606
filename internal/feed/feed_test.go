package feed_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/feed"
	"kliping/internal/news"
)

var update = flag.Bool("update", false, "write the golden files anew")

const fixtureURL = "https://feed.example/dir/feed.xml"

// TestParse reads testdata/CASE.xml and .json and compares with
// CASE.golden.json beside it.
func TestParse(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, file := range files {
		name, isGolden := strings.CutSuffix(filepath.Base(file), ".golden.json")
		if isGolden {
			continue
		}
		ran++
		name = strings.TrimSuffix(name, filepath.Ext(name))
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, filepath.Join("testdata", name+".golden.json"), body)
		})
	}
	if ran == 0 {
		t.Error("no fixtures found")
	}
}

func compareGolden(t *testing.T, golden string, body []byte) {
	t.Helper()
	var result any
	f, err := feed.Parse(body, "", fixtureURL, feed.Options{})
	result = f
	if err != nil {
		if !errors.Is(err, news.ErrInvalid) {
			t.Errorf("error %v does not wrap news.ErrInvalid", err)
		}
		result = map[string]string{"error": err.Error()}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(result); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("differs from %s (-want +got):\n%s", golden, diff)
	}
}

// TestReplay reads the feeds of a directory, where KLIPING_TEST_FEEDS names one:
// every one of them is whole and parses without mending.
func TestReplay(t *testing.T) {
	dir := os.Getenv("KLIPING_TEST_FEEDS")
	if dir == "" {
		t.Skip("KLIPING_TEST_FEEDS names no directory of feeds")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	feeds, items := 0, 0
	for _, file := range files {
		if filepath.Ext(file) == ".opml" {
			continue
		}
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := feed.Parse(body, "", "http://127.0.0.1/"+filepath.Base(file), feed.Options{})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		feeds++
		items += len(f.Items)
		if len(f.Repaired) > 0 {
			t.Errorf("%s: repaired %q", file, f.Repaired)
		}
	}
	if feeds != 183 || items != 1509 {
		t.Errorf("%d feeds with %d items, want 183 and 1509", feeds, items)
	}
}
