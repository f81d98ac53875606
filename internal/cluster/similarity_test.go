package cluster

import (
	"strings"
	"testing"
)

func TestSimilarity(t *testing.T) {
	whole := text(1, 400)
	middle := strings.Join(strings.Fields(whole)[170:220], " ")
	cases := []struct {
		name          string
		a, b          []string
		j, c          float64 // expected, to within .02
		sharedAtLeast int
		sharedAtMost  int
	}{
		{"itself", []string{whole}, []string{whole}, 1, 1, 396, 396},
		{"other blocks, same words", []string{text(1, 400)}, strings.SplitAfterN(whole, " ", 4), 1, 1, 396, 396},
		{"nothing in common", []string{whole}, []string{text(2, 400)}, 0, 0, 0, 0},
		{"fifty words from the middle", []string{whole}, []string{middle}, .116, 1, 46, 46},
		{"one word", []string{"word"}, []string{"Word."}, 1, 1, 1, 1},
		{"one word in a text", []string{"word"}, []string{"word by word"}, 0, 0, 0, 0},
		{"empty", nil, nil, 0, 0, 0, 0},
		{"empty and full", nil, []string{whole}, 0, 0, 0, 0},
		{"one line over and over", []string{strings.Repeat("again and ", 300)}, []string{strings.Repeat("again and ", 200)}, 1, 1, 2, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a, b := NewSketch("xx", "", c.a), NewSketch("xx", "", c.b)
			j, k, n := Similarity(a, b)
			if j < c.j-.02 || j > c.j+.02 || k < c.c-.02 || k > c.c+.02 || n < c.sharedAtLeast || n > c.sharedAtMost {
				t.Errorf("jaccard %.3f, containment %.3f, shared %d", j, k, n)
			}
			j2, k2, n2 := Similarity(b, a)
			if j != j2 || k != k2 || n != n2 {
				t.Errorf("not symmetric: %v %v %v, %v %v %v", j, k, n, j2, k2, n2)
			}
		})
	}
}

func FuzzSimilarity(f *testing.F) {
	f.Add("one two three four five six", "five six seven eight one two three four five", "sign up now")
	f.Add("a a a a a a a a b a a a a a", "a a a a a a b", "")
	f.Add("国防部长将访问俄罗斯", "部长将访问", "订阅")
	f.Fuzz(func(t *testing.T, x, y, residue string) {
		a, b := NewSketch("xx", x, []string{x}), NewSketch("xx", y, []string{y})
		j, c, n := Similarity(a, b)
		if j2, c2, n2 := Similarity(b, a); j != j2 || c != c2 || n != n2 {
			t.Fatalf("not symmetric: %v %v %v, %v %v %v", j, c, n, j2, c2, n2)
		}
		if j < 0 || j > c || c > 1 {
			t.Fatalf("jaccard %v, containment %v", j, c)
		}
		if j, c, _ := Similarity(a, a); a.Words > 0 && (j != 1 || c != 1) {
			t.Fatalf("a text is not its own copy: %v, %v", j, c)
		}
		soiled := NewSketch("xx", x, []string{residue, x, residue})
		if _, c, _ := Similarity(a, soiled); a.Words >= shingleLen && soiled.Words < maxPrint && c != 1 {
			t.Fatalf("residue at the edges lowers containment to %v", c)
		}
	})
}
