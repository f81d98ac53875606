package feed_test

import (
	"os"
	"path/filepath"
	"testing"

	"kliping/internal/feed"
)

// TestReplay reads the feeds of a directory beside the repository, if it is
// there: every one of them is whole and parses without mending.
func TestReplay(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/feeds/*.*")
	feeds, items := 0, 0
	for _, file := range files {
		if filepath.Ext(file) == ".opml" {
			continue
		}
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := feed.Parse(body, "", "http://127.0.0.1:8899/"+filepath.Base(file), feed.Options{})
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
	if len(files) > 0 && (feeds != 183 || items != 1509) {
		t.Errorf("%d feeds with %d items, want 183 and 1509", feeds, items)
	}
}
