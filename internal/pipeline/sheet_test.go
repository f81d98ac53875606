package pipeline

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestColumnsAreDocumented compares the columns with docs/output.md.
func TestColumnsAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../../docs/output.md")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	name := regexp.MustCompile("`([a-z_]+)`")
	for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z_]+`(?:, `[a-z_]+`)*) \\|").FindAllStringSubmatch(string(b), -1) {
		for _, n := range name.FindAllStringSubmatch(row[1], -1) {
			got = append(got, n[1])
		}
	}
	want := slices.Concat(SheetColumns(SheetStories), SheetColumns(SheetCopies))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("columns (-written +documented):\n%s", diff)
	}
}
