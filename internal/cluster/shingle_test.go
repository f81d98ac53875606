package cluster

import (
	"slices"
	"strings"
	"testing"
)

func tokensOf(text string) []uint64 {
	var z tokenizer
	z.tokens(text, maxPrint)
	var out []uint64
	for _, t := range z.out {
		out = append(out, t.hash)
	}
	return out
}

func TestTokensAlike(t *testing.T) {
	cases := []struct{ name, a, b string }{
		{"case and punctuation", "The Minister said: no!", "the minister said, no"},
		{"apostrophes", "China’s plan isn't new", "Chinas plan isnt new"},
		{"compatibility forms", "ﬁnal ２０２３ ½", "final 2023 1 2"},
		{"separators in figures", "1,750 bags at 07:57", "1750 bags at 0757"},
		{"invisible characters", "soft\u00adware is zero\u200bwidth", "software is zerowidth"},
		{"composed accents", "Caf\u00e9", "Cafe\u0301"},
		{"Arabic vowels and stretchers", "كَتَبَ الـــولد", "كتب الولد"},
		{"Hebrew points", "שָׁלוֹם", "שלום"},
		{"final sigma", "ΛΌΓΟΣ", "λόγος"},
		{"other digits", "١٩٤٥ and १९४५", "1945 and 1945"},
		{"spaces at the ends", "  one two ", "one two"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if a, b := tokensOf(c.a), tokensOf(c.b); !slices.Equal(a, b) {
				t.Errorf("%q and %q differ: %x, %x", c.a, c.b, a, b)
			}
		})
	}
}

func TestTokensCount(t *testing.T) {
	cases := []struct {
		name, text string
		want       int
	}{
		{"nothing", " \t.,!", 0},
		{"words", "three plain words", 3},
		{"hyphen parts", "anti-aircraft", 2},
		{"Chinese characters", "国防部长", 4},
		{"Thai characters", "ประเทศไทย", 9},
		{"mixed", "在Moscow会晤2次", 6},
		{"full stop after a figure", "In 2022. Then", 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := len(tokensOf(c.text)); got != c.want {
				t.Errorf("%q has %d tokens, want %d", c.text, got, c.want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	var z tokenizer
	z.tokens("The General met Li Shangfu. Then he left Moscow with 12 men", 100)
	var got []int
	for i, x := range z.out {
		if x.name || x.figure {
			got = append(got, i)
		}
	}
	if want := []int{1, 3, 4, 8, 10}; !slices.Equal(got, want) {
		t.Errorf("particulars at %v, want %v", got, want)
	}
}

// A passage that two texts share, once it is longer than a neighbourhood, has
// keys in common however the texts go on.
func TestKeysOfSharedPassages(t *testing.T) {
	for seed := range 200 {
		passage := text(seed, tailSpan+shingleLen+headTokens/4)
		a := NewSketch("xx", "", []string{text(1000+seed, 150) + passage + text(2000+seed, 90)})
		b := NewSketch("xx", "", []string{text(3000+seed, seed%7) + passage + text(4000+seed, 10)})
		inB := keys(nil, b.print)
		if !slices.ContainsFunc(keys(nil, a.print), func(k uint64) bool { return slices.Contains(inB, k) }) {
			t.Fatalf("seed %d: no key in common", seed)
		}
	}
}

func FuzzTokens(f *testing.F) {
	f.Add("The minister, 在Moscow会晤2次 كَتَبَ \u202e\ufeff\xff ประเทศ")
	f.Fuzz(func(t *testing.T, s string) {
		once := tokensOf(s)
		if doubled := tokensOf(s + "\n" + s); len(doubled) != min(2*len(once), maxPrint) {
			t.Fatalf("%d tokens once, %d twice", len(once), len(doubled))
		}
		if spaced := tokensOf(" " + s + " "); !slices.Equal(once, spaced) {
			t.Fatal("spaces around change the tokens")
		}
		if upper := tokensOf(strings.ToLower(s)); isASCII(s) && !slices.Equal(once, upper) {
			t.Fatal("case changes the tokens")
		}
	})
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0
}
