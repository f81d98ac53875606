package cluster

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzSketchRoundTrip: a sketch read back is the sketch that was written, and
// any text with words is its own copy, before and after.
func FuzzSketchRoundTrip(f *testing.F) {
	for _, text := range hostile() {
		f.Add("en", text, text)
		f.Add("th", "ประเทศไทย", text)
	}
	f.Add("en", "Harbour reopens | Daily News", "On April 16, 2022 Sergei Shoigu saw 1,250 men in Russia.\nThey left.")
	f.Fuzz(func(t *testing.T, lang, title, body string) {
		if len(lang) > 8 {
			return // no language
		}
		s := NewSketch(lang, title, strings.Split(body, "\n"))
		first, err := s.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		read, err := UnmarshalSketch(first)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		second, err := read.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Fatal("written again, it is another")
		}
		if s.Words == 0 {
			return
		}
		a, b, n := Similarity(s, s)
		c, d, m := Similarity(s, read)
		if diff := cmp.Diff([]float64{1, 1, float64(n), 1, 1}, []float64{a, b, float64(m), c, d}); diff != "" {
			t.Fatalf("a text is not its own copy (-want +got)\n%s", diff)
		}
	})
}
