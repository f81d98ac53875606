//go:build unix

package cluster

import "testing"

// TestWhatIsCutIsBelowTheFloor compares articles to the end that a comparison
// gave up, and wants all others to be scored alike with and without a floor.
func TestWhatIsCutIsBelowTheFloor(t *testing.T) {
	c := newCorpus(3)
	w := NewWindow(Options{})
	c.fill(w, 1000)
	cut, scored := 0, 0
	for _, e := range c.queries(w)[:300] {
		tr := w.translations
		x := tr.read(&e, nil)
		tr.resolve(&x)
		a := tr.ask(&x)
		for _, place := range tr.firsts(nil, &a) {
			y := tr.unpack(place)
			whole, some := tr.compare(&a, &y, 0), tr.compare(&a, &y, worthMore)
			switch {
			case whole.cut:
				t.Fatal("a comparison without a floor was cut")
			case some.cut && whole.score >= worthMore:
				t.Errorf("cut, but has a score of %g", whole.score)
			case !some.cut && whole.score != some.score:
				t.Errorf("scores %g and %g", whole.score, some.score)
			case some.cut:
				cut++
			case some.score > 0:
				scored++
			}
		}
	}
	if cut < 100 || scored < 20 {
		t.Errorf("%d cut, %d scored: too few to tell", cut, scored)
	}
}
