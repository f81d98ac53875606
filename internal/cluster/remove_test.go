package cluster

import (
	"testing"
	"time"

	"kliping/internal/news"
)

// TestHeirStandsOnceUnderItsKeys takes out the first of two members. The other,
// which has keys of its own, inherits the rest; when it goes too, nothing of it
// may be left in the index.
func TestHeirStandsOnceUnderItsKeys(t *testing.T) {
	w := NewWindow(Options{})
	short, long := []string{text(1, 200)}, []string{text(1, 200), text(2, 200)}
	entry := func(id news.ArticleID, story news.StoryID, outlet string, kept []string) Entry {
		return Entry{ID: id, Story: story, Outlet: outlet, At: time.Unix(1e9, 0), Sketch: NewSketch("en", "Headline", kept)}
	}
	w.Add(entry(1, 1, "first.example", short))
	w.Add(entry(2, 1, "second.example", long))
	w.Remove(1)
	w.Remove(2)
	if d := w.Assign(entry(3, 0, "third.example", long)); d.Story != 0 {
		t.Errorf("an article whose copies are all gone joins story %d", d.Story)
	}
}
