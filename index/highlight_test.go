package index

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// show writes fragments with [marks] and … where they are cut.
func show(fragments []Fragment) []string {
	var all []string
	for _, f := range fragments {
		var b strings.Builder
		if f.CutBefore {
			b.WriteString("…")
		}
		at := 0
		for _, m := range f.Marks {
			b.WriteString(f.Text[at:m.Start] + "[" + f.Text[m.Start:m.End] + "]")
			at = m.End
		}
		b.WriteString(f.Text[at:])
		if f.CutAfter {
			b.WriteString("…")
		}
		all = append(all, b.String())
	}
	return all
}

func TestFragments(t *testing.T) {
	ix := newIndex(t)
	long := "The harbour was quiet. " + strings.Repeat("Nothing moved for hours. ", 10) +
		"Then the ministers came, and the minister of fisheries spoke. " + strings.Repeat("Rain fell on them. ", 10) + "The harbour slept."
	for _, test := range []struct {
		name, query, lang, text string
		width                   int
		want                    []string
	}{
		{"whole text", "Beijing", "en", "He came to Beijing.", 80, []string{"He came to [Beijing]."}},
		{"other forms", "minister", "en", "All ministers agreed.", 80, []string{"All [ministers] agreed."}},
		{"other forms in another language", "minister", "id", "Semua ministers setuju.", 80, nil},
		{"quoted", `"minister"`, "en", "All ministers and a Minister agreed.", 80, []string{"All ministers and a [Minister] agreed."}},
		{"phrase", `"defence minister"`, "en", "A minister; the Defence Minister spoke.", 80, []string{"A minister; the [Defence Minister] spoke."}},
		{"accents", "elysee", "fr", "Le palais de l’Élysée.", 80, []string{"Le palais de l’[Élysée]."}},
		{"no spaces", "市长", "zh", "上海市长辞职", 80, []string{"上海[市长]辞职"}},
		{"excluded", "came -Beijing", "en", "He came to Beijing.", 80, []string{"He [came] to Beijing."}},
		{"nothing", "Moscow", "en", "He came to Beijing.", 80, nil},
		{"two places", "harbour minister", "en", long, 60, []string{
			"The [harbour] was quiet. Nothing moved…",
			"…Then the [ministers] came, and the [minister] of fisheries…",
			"…Rain fell on them. The [harbour] slept.",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, err := ix.Highlighter(Query{Text: test.query})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, show(h.Fragments(test.lang, test.text, test.width, 3))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// FuzzFragments holds that fragments are pieces of the text, in order and
// apart, and that every mark is a piece of its fragment.
func FuzzFragments(f *testing.F) {
	f.Add("minister OR 上海", "The ministers of 上海 and others", 10)
	f.Add(`"a b" a b`, "a b a a b c a", 3)
	f.Add("xé", "xé \xff\xfe xe\u0301\u0301 x", 1)
	ix := newIndex(f)
	f.Fuzz(func(t *testing.T, query, text string, width int) {
		h, err := ix.Highlighter(Query{Text: query})
		if err != nil {
			return
		}
		at := 0
		for _, fr := range h.Fragments("en", text, width%200, 3) {
			i := strings.Index(text[at:], fr.Text)
			if i < 0 {
				t.Fatalf("fragment %q is not in what is left of %q", fr.Text, text)
			}
			at += i + len(fr.Text)
			last := 0
			for _, m := range fr.Marks {
				if m.Start < last || m.End <= m.Start || m.End > len(fr.Text) {
					t.Fatalf("marks %v do not fit %q", fr.Marks, fr.Text)
				}
				last = m.End
			}
		}
	})
}
