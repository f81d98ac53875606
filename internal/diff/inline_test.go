package diff

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// marked writes parts as -dropped- and +added+.
func marked(parts []Part) string {
	var b strings.Builder
	for _, p := range parts {
		mark := map[Fate]string{Kept: "", Dropped: "-", Added: "+"}[p.Fate]
		b.WriteString(mark + p.Text + mark)
	}
	return b.String()
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{"the same", "One ferry.", "One ferry.", "One ferry."},
		{"a figure", "Some 19 people died.", "Some 16 people died.", "Some -19-+16+ people died."},
		{"only dropped", "It sank off Karsa, on Monday, and fast.", "It sank and fast.", "It sank- off Karsa, on Monday- and fast."},
		{"dropped at the start", "On Monday it sank.", "it sank.", "-On Monday-it sank."},
		{"dropped at the end", "It sank on Monday.", "It sank.", "It sank- on Monday-."},
		{"only added", "It sank.", "It sank on Monday.", "It sank +on Monday+."},
		{"Chinese", "渡轮沉没19人死亡", "渡轮沉没16人死亡", "渡轮沉没-19-+16+人死亡"},
		{"little in common", "Locusts reach Marsabit and eat for days", "Kenya sends locusts aircraft", "-Locusts reach Marsabit and eat for days-+Kenya sends locusts aircraft+"},
		{"from nothing", "", "Two!", "+Two+!"},
		{"to nothing", "Two!", "", "-Two-"},
	} {
		if got := marked(Words(c.before, c.after)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestInline(t *testing.T) {
	lead := article("en", "Ferry sinks", "A ferry sank off Karsa on Monday and 19 people died. Rescuers searched all night. Nobody spoke.", "The owner is sought.", "-Follow us")
	for _, c := range []struct {
		name string
		copy []string
		want string // a paragraph a line
	}{
		{"the same", []string{"A ferry sank off Karsa on Monday and 19 people died. Rescuers searched all night. Nobody spoke.", "The owner is sought."},
			"A ferry sank off Karsa on Monday and 19 people died. Rescuers searched all night. Nobody spoke.\nThe owner is sought."},
		{"all three", []string{"A ferry sank off Karsa on Monday and 16 people died. Nobody spoke. The sea was calm."},
			"A ferry sank off Karsa on Monday and -19-+16+ people died. -Rescuers searched all night.- Nobody spoke.\n-The owner is sought.- +The sea was calm.+"},
		{"the head is gone, and the rest moved", []string{"The owner is sought.", "Nobody spoke."},
			"-A ferry sank off Karsa on Monday and 19 people died.- -Rescuers searched all night.-\nThe owner is sought.\nNobody spoke."},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			for i, l := range Inline(lead, article("en", "Ferry sinks", c.copy...)) {
				if i > 0 {
					b.WriteString(map[bool]string{true: "\n", false: " "}[l.Starts])
				}
				b.WriteString(marked(l.Parts))
			}
			if diff := cmp.Diff(c.want, b.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	if lines := Inline(lead, article("id", "Feri tenggelam", "Sebuah feri tenggelam pada hari Senin.")); lines != nil {
		t.Errorf("a translation is laid over: %v", lines)
	}
}

// FuzzInline holds that what was not dropped is the second article, and that as
// many sentences are dropped as Compare says.
func FuzzInline(f *testing.F) {
	f.Add("One here. 19 killed there.", "One here. 16 killed there. “New,” he said.")
	f.Add("他来了。5月30日。", "他来了。5月31日！")
	f.Add("a b c d e. \xff", "a b c d f. a b c d e g")
	f.Fuzz(func(t *testing.T, x, y string) {
		a, b := article("en", "", strings.Split(x, "\n")...), article("en", "", strings.Split(y, "\n")...)
		var second []string
		dropped := 0
		for _, l := range Inline(a, b) {
			text := ""
			for _, p := range l.Parts {
				if p.Fate != Dropped {
					text += p.Text
				}
			}
			if len(l.Parts) == 1 && l.Parts[0].Fate == Dropped {
				dropped++
				continue
			}
			second = append(second, text)
		}
		var want []string
		for _, p := range sentences(b) {
			want = append(want, p.text)
		}
		if diff := cmp.Diff(want, second); diff != "" {
			t.Fatalf("the second article (-is +laid over)\n%s", diff)
		}
		if c := Compare(a, b); dropped != len(c.Dropped) {
			t.Fatalf("%d sentences dropped, laid over %d", len(c.Dropped), dropped)
		}
	})
}
