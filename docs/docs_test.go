package docs_test

import (
	"strings"
	"testing"

	"kliping/docs"
	"kliping/index"
)

// TestExamplesAreQueries holds that every query of the reference is understood.
func TestExamplesAreQueries(t *testing.T) {
	n := 0
	m := index.NewMatcher()
	for _, s := range docs.Query() {
		for _, r := range s.Rows {
			if len(r.Examples) == 0 || r.Means == "" {
				t.Errorf("%s: row %+v", s.Title, r)
			}
			for _, q := range r.Examples {
				n++
				if err := m.Put(int64(n), index.Query{Text: q}); err != nil {
					t.Errorf("%s: %v", q, err)
				}
			}
		}
	}
	if n < 30 || len(docs.Query()) != 6 {
		t.Errorf("%d examples in %d sections", n, len(docs.Query()))
	}
}

func TestQueryText(t *testing.T) {
	text := docs.QueryText()
	for line := range strings.SplitSeq(text, "\n") {
		if len([]rune(line)) > 100 || strings.Contains(line, "`") {
			t.Errorf("line %q", line)
		}
	}
	if !strings.Contains(text, "minister NEAR/5 resigned\n      in one title") {
		t.Error(text)
	}
}
