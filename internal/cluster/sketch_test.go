package cluster

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// text makes n words that are like no others of another seed.
func text(seed, n int) string {
	var b strings.Builder
	x := uint64(seed)<<32 + 1
	for range n {
		x = mix(x + 0x9e3779b97f4a7c15)
		for k := range 4 + x%5 {
			b.WriteByte('a' + byte(x>>(8+5*k)%26))
		}
		b.WriteByte(' ')
	}
	return b.String()
}

func TestSketchRoundTrip(t *testing.T) {
	cases := map[string]*Sketch{
		"article":    NewSketch("en", "Harbour reopens after storm", []string{text(1, 300), text(2, 40)}),
		"title only": NewSketch("id", "Pelabuhan dibuka lagi", nil),
		"empty":      NewSketch("", "", nil),
		"one word":   NewSketch("en", "Word", []string{"Word"}),
		"digits":     NewSketch("und", "1 2 3", []string{strings.Repeat("12 345 6,789 ", 50)}),
		"long":       NewSketch("en", "Long", []string{text(3, 3*maxPrint)}),
	}
	for name, s := range cases {
		t.Run(name, func(t *testing.T) {
			b, err := s.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			got, err := UnmarshalSketch(b)
			if err != nil {
				t.Fatal(err)
			}
			again, _ := got.MarshalBinary()
			if diff := cmp.Diff(b, again); diff != "" {
				t.Errorf("bytes differ after a round trip:\n%s", diff)
			}
			if s.Words > 0 {
				if j, c, _ := Similarity(s, got); j != 1 || c != 1 {
					t.Errorf("similarity to itself is %v, %v", j, c)
				}
			}
			for cut := range b {
				if _, err := UnmarshalSketch(b[:cut]); cut < len(b)/2 && !errors.Is(err, news.ErrDamaged) {
					t.Fatalf("cut to %d bytes: error %v", cut, err)
				}
			}
		})
	}
}

func TestSketchOfAnotherVersion(t *testing.T) {
	b, err := NewSketch("en", "Title", []string{text(1, 20)}).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	b[0]++
	if _, err := UnmarshalSketch(b); !errors.Is(err, news.ErrDamaged) {
		t.Errorf("error %v", err)
	}
}

func FuzzUnmarshalSketch(f *testing.F) {
	for _, s := range []*Sketch{NewSketch("en", "A headline", []string{text(1, 30)}), NewSketch("", "", nil)} {
		b, _ := s.MarshalBinary()
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := UnmarshalSketch(b)
		if err != nil {
			if !errors.Is(err, news.ErrDamaged) {
				t.Fatalf("error %v", err)
			}
			return
		}
		Similarity(s, NewSketch("en", "A headline", []string{text(1, 30)}))
		w := NewWindow(Options{})
		w.Add(Entry{ID: 1, Story: 1, Sketch: s})
		w.Assign(Entry{ID: 2, Sketch: s})
		w.Remove(1)
	})
}

func TestHeadline(t *testing.T) {
	cases := []struct{ in, want string }{
		{"Harbour reopens after storm | Daily News", "Harbour reopens after storm"},
		{"Harbour reopens after the long storm - Daily News", "Harbour reopens after the long storm"},
		{"Storm - what we know", "Storm - what we know"},
		{"A headline - with a long remark that says more than the rest", "A headline - with a long remark that says more than the rest"},
		{" | Daily News", " | Daily News"},
		{"", ""},
	}
	for _, c := range cases {
		if got := headline(c.in); got != c.want {
			t.Errorf("headline(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
