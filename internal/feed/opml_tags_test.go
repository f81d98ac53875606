package feed

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// TestFolderWithSlash reads folders whose names have what parts tags, writes them and
// reads them again.
func TestFolderWithSlash(t *testing.T) {
	const list = `<opml version="2.0"><body><outline text="A"><outline text="B/C"><outline xmlUrl="https://a.example/rss"/></outline></outline>
		<outline text="B"><outline text="C"><outline xmlUrl="https://b.example/rss"/></outline></outline>
		<outline text="D\\"><outline text="E\\F"><outline xmlUrl="https://c.example/rss"/></outline></outline></body></opml>`
	feeds, _, err := ReadOPML(strings.NewReader(strings.ReplaceAll(list, `\\`, `\`)))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{`A/B\/C`}, {"B/C"}, {`D\\/E\F`}}
	if diff := cmp.Diff(want, tagsOf(feeds)); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	var b strings.Builder
	if err := WriteOPML(&b, "", feeds); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `<outline text="B/C">`) {
		t.Errorf("the folder's name is lost:\n%s", &b)
	}
	again, _, err := ReadOPML(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, sortedLike(again)); diff != "" {
		t.Errorf("tags after a round trip (-want +got):\n%s", diff)
	}
}

func tagsOf(feeds []news.Feed) (all [][]string) {
	for _, f := range feeds {
		all = append(all, f.Tags)
	}
	return all
}

func sortedLike(feeds []news.Feed) [][]string {
	slices.SortFunc(feeds, func(a, b news.Feed) int { return strings.Compare(a.URL, b.URL) })
	return tagsOf(feeds)
}

func FuzzTags(f *testing.F) {
	f.Add("a/b", "c")
	f.Add(`a\`, `\/b\\`)
	f.Fuzz(func(t *testing.T, a, b string) {
		var names []string
		for _, name := range []string{foldSpace(a), foldSpace(b)} {
			if name != "" {
				names = append(names, name)
			}
		}
		if diff := cmp.Diff(names, splitTag(joinTag(names))); diff != "" {
			t.Errorf("%q: %s", joinTag(names), diff)
		}
	})
}
