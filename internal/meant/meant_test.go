package meant

import "testing"

func TestEdits(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"outlet", "outlet", 0}, {"oulet", "outlet", 1}, {"outlets", "outlet", 1},
		{"outket", "outlet", 1}, {"oulte", "oulet", 1}, {"kitten", "sitting", 3},
	} {
		if got := Edits(tt.a, tt.b); got != tt.want {
			t.Errorf("%s to %s: %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := Edits(tt.b, tt.a); got != tt.want {
			t.Errorf("%s to %s: %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"tier", "tag", "licensed"}
	for word, want := range map[string]string{"licenced": "licensed", "lic": "licensed", "teir": "tier", "tga": "tag", "t": "", "city": "", "": ""} {
		if got := Nearest(word, names); got != want {
			t.Errorf("nearest to %q: %q, want %q", word, got, want)
		}
	}
}
