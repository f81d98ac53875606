package eval

import (
	"context"
	"math"
	"testing"
)

func TestRunPages(t *testing.T) {
	pages := []Page{
		{Name: "whole", Gold: "One two three four five."},
		{Name: "half", Gold: "one two three four five six seven eight"},
		{Name: "nothing", Gold: "one two three four"},
	}
	found := map[string]string{"whole": "One two, three four (five)", "half": "one two three four five", "nothing": ""}
	got, err := RunPages(context.Background(), pages, func(p Page) string { return found[p.Name] }, nil)
	if err != nil {
		t.Fatal(err)
	}
	near := func(name string, got, want float64) {
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s %v, want %v", name, got, want)
		}
	}
	near("precision", got.Precision, 2.0/3)
	near("recall", got.Recall, (1+2.0/5)/3)
	near("F1", got.F1, 2*got.Precision*got.Recall/(got.Precision+got.Recall))
}
