package diff

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// article makes an article of paragraphs; one that begins with "-" is residue.
func article(lang, title string, paragraphs ...string) *news.Article {
	a := &news.Article{Title: title, Language: lang}
	for _, p := range paragraphs {
		b := news.Block{Text: p}
		if text, ok := strings.CutPrefix(p, "-"); ok {
			b = news.Block{Text: text, Strip: &news.Strip{}}
		}
		a.Blocks = append(a.Blocks, b)
	}
	return a
}

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", " \n ", nil},
		{"plain", "One is here. Two is here! Is three?", []string{"One is here.", "Two is here!", "Is three?"}},
		{"titles and initials", "Mr. Karsa met Dr. A. B. Lind on Jan. 5. He left.", []string{"Mr. Karsa met Dr. A. B. Lind on Jan. 5.", "He left."}},
		{"countries", "The U.S. Senate voted. Nobody spoke.", []string{"The U.S. Senate voted.", "Nobody spoke."}},
		{"figures", "It costs 3.50 a day. 19 were sold.", []string{"It costs 3.50 a day.", "19 were sold."}},
		{"quotes", `“We go. We stay!” she said. "No?" he asked.`, []string{"“We go.", "We stay!” she said.", `"No?" he asked.`}},
		{"Chinese", "他来了。“你好吗？”她问。走了！", []string{"他来了。", "“你好吗？”", "她问。", "走了！"}},
		{"Hindi", "वह आया। वह गया॥ फिर?", []string{"वह आया।", "वह गया॥", "फिर?"}},
		{"Arabic", "هل جاء؟ نعم جاء. ذهب", []string{"هل جاء؟", "نعم جاء.", "ذهب"}},
		{"Indonesian", "Drs. Budi dan Hj. Siti hadir. Acara selesai...", []string{"Drs. Budi dan Hj. Siti hadir.", "Acara selesai..."}},
		{"Thai has no marks", "เขามาแล้ว เขาไปแล้ว", []string{"เขามาแล้ว เขาไปแล้ว"}},
		{"not UTF-8", "A\xff. \xfeB.", []string{"A\xff.", "\xfeB."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Sentences(c.text)); diff != "" {
				t.Errorf("sentences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFiguresAreReadAlikeInEveryLanguage(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"1,250", "1250"}, {"1.250", "1250"}, {"1'250", "1250"}, {"1\u00a0250", "1250"}, {"١٬٢٥٠", "1250"}, {"१२५०", "1250"}, {"１２５０", "1250"},
		{"3.5", "3.5"}, {"3,5", "3.5"}, {"٣٫٥", "3.5"}, {"1,250.75", "1250.75"}, {"1.250,75", "1250.75"},
		{"-5", "-5"}, {"−5", "-5"}, {"16–19", "16 19"}, {"5月30日", "5 30"}, {"in 2022 16 came", "2022 16"}, {"3.", "3"},
	} {
		if got := strings.Join(keys(onlyFigures(tokenize(c.text))), " "); got != c.want {
			t.Errorf("figures of %q are %q, want %q", c.text, got, c.want)
		}
	}
}

func TestCompare(t *testing.T) {
	lead := article("en", "Ferry sinks off Karsa", "A ferry sank off Karsa on Monday and 19 people were killed. Rescuers searched all night.",
		"“Nobody expected the storm,” the harbour master said.", "-Follow us")
	none := Changes{Dropped: []Sentence{}, Added: []Sentence{}, Changed: []Change{}}
	with := func(set func(*Changes)) Changes {
		c := none
		set(&c)
		return c
	}
	for _, c := range []struct {
		name string
		to   *news.Article
		want Changes
	}{
		{"a copy with other residue, moved and typed differently",
			article("en", "FERRY sinks off Karsa", "Rescuers searched all night.", "A ferry sank off Karsa on Monday, and 19 people were killed.", "\"Nobody expected the storm\", the harbour master said.", "-Sign up"),
			with(func(c *Changes) { c.Same = 3 })},
		{"a changed figure",
			article("en", "Ferry sinks off Karsa", "A ferry sank off Karsa on Monday and 16 people were killed. Rescuers searched all night.", "“Nobody expected the storm,” the harbour master said."),
			with(func(c *Changes) {
				c.Same, c.DroppedFigures, c.AddedFigures = 2, []string{"19"}, []string{"16"}
				c.Changed = []Change{{Before: "A ferry sank off Karsa on Monday and 19 people were killed.", After: "A ferry sank off Karsa on Monday and 16 people were killed.", Figures: [][2]string{{"19", "16"}}}}
			})},
		{"a changed quote and headline",
			article("en", "Storm sinks ferry", "A ferry sank off Karsa on Monday and 19 people were killed. Rescuers searched all night.", "“Everybody expected the storm,” the harbour master said."),
			with(func(c *Changes) {
				c.Same = 2
				c.Title = &Change{Before: "Ferry sinks off Karsa", After: "Storm sinks ferry"}
				c.Changed = []Change{{Before: "“Nobody expected the storm,” the harbour master said.", After: "“Everybody expected the storm,” the harbour master said.",
					Quotes: [][2]string{{"Nobody expected the storm,", "Everybody expected the storm,"}}}}
			})},
		{"cut short, and something of its own",
			article("en", "Ferry sinks off Karsa", "A ferry sank off Karsa on Monday and", "Our reporter counted 7 boats."),
			with(func(c *Changes) {
				c.DroppedFigures, c.AddedFigures = []string{"19"}, []string{"7"}
				c.Changed = []Change{{Before: "A ferry sank off Karsa on Monday and 19 people were killed.", After: "A ferry sank off Karsa on Monday and", Figures: [][2]string{{"19", ""}}}}
				c.Dropped = []Sentence{{Text: "Rescuers searched all night."}, {Text: "“Nobody expected the storm,” the harbour master said.", Quotes: []string{"Nobody expected the storm,"}}}
				c.Added = []Sentence{{Text: "Our reporter counted 7 boats.", Figures: []string{"7"}}}
			})},
		{"a translation",
			article("id", "Feri tenggelam", "Sebuah feri tenggelam pada hari Senin dan 16 orang tewas pada 2026."),
			with(func(c *Changes) {
				c.Translation, c.DroppedFigures, c.AddedFigures = true, []string{"19"}, []string{"16", "2026"}
			})},
		{"a translation that counts in ten thousands",
			article("zh", "渡轮沉没", "渡轮沉没，16人死亡，8.8万人受影响。"),
			with(func(c *Changes) { c.Translation, c.OtherUnits = true, true })},
		{"the same text, its language guessed otherwise",
			article("ms", "Ferry sinks off Karsa", "A ferry sank off Karsa on Monday and 19 people were killed. Rescuers searched all night.", "“Nobody expected the storm,” the harbour master said."),
			with(func(c *Changes) { c.Same = 3 })},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Compare(lead, c.to)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSpacesInFigures: white space is folded before a text gets here, so that
// the space that groups digits may be a plain one.
func TestSpacesInFigures(t *testing.T) {
	lead := article("en", "", "The swarm ate 31,000 hectares in 2026 and 1,250,000 bags.")
	for _, to := range []*news.Article{
		article("fr", "", "Le nuage a mangé 31 000 hectares en 2026 et 1 250 000 sacs."),
		article("ru", "31 000", "Стая съела 31 000 гектаров в 2026 и 1 250 000 мешков."),
	} {
		if c := Compare(lead, to); !c.Translation || !c.Empty() {
			t.Errorf("%s: %+v", to.Language, c)
		}
	}
	if c := Compare(article("en", "", "In 2026 on May 5 200 people came."), article("en", "", "In 2026 on May 5 300 people came.")); len(c.Changed) != 1 || !cmp.Equal(c.Changed[0].Figures, [][2]string{{"200", "300"}}) {
		t.Errorf("%+v", c)
	}
}

func TestFiguresThatChangePlaces(t *testing.T) {
	c := Compare(article("en", "", "The storm killed 19 and wounded 16 people there."), article("en", "", "The storm killed 16 and wounded 19 people there."))
	want := [][2]string{{"19", "16"}, {"16", "19"}}
	if len(c.Changed) != 1 || !cmp.Equal(want, c.Changed[0].Figures) {
		t.Errorf("changed: %+v, want figures %v", c.Changed, want)
	}
}

func TestAQuoteRunsOverSentences(t *testing.T) {
	c := Compare(article("en", "", "Nothing in common at all."), article("en", "", "She said: “We go. We stay. We wait.” He left."))
	var got [][]string
	for _, s := range c.Added {
		got = append(got, s.Quotes)
	}
	if diff := cmp.Diff([][]string{{"We go."}, {"We stay."}, {"We wait."}, nil}, got); diff != "" {
		t.Errorf("quotes (-want +got):\n%s", diff)
	}
}

// TestHugeTextsEnd compares texts far longer than news, with nothing in common
// and with everything but one word.
func TestHugeTextsEnd(t *testing.T) {
	start := time.Now()
	a := article("en", "", strings.Repeat("Alpha beta gamma delta. ", 20_000), strings.Repeat("word ", 300_000))
	b := article("en", "", strings.Repeat("Epsilon zeta eta theta. ", 20_000), strings.Repeat("word ", 300_001))
	if c := Compare(a, b); c.Same != 0 || len(c.Dropped) == 0 {
		t.Errorf("%d same, %d dropped", c.Same, len(c.Dropped))
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("took %v", d)
	}
}

// FuzzCompare holds what Compare promises of any two texts: an article differs
// in nothing from itself, every sentence is accounted for, and what remains
// when the listed sentences are taken away is the same on both sides.
func FuzzCompare(f *testing.F) {
	f.Add("One here. 19 killed there.", "One here. 16 killed there. “New,” he said.")
	f.Add("他来了。5月30日。", "他来了。5月31日！")
	f.Add("\xff. ॥ \"", "...")
	f.Add("a a a a. a a a a. b", "a a a a. b b")
	f.Fuzz(func(t *testing.T, x, y string) {
		a, b := article("en", x, strings.Split(x, "\n")...), article("en", y, strings.Split(y, "\n")...)
		if c := Compare(a, a); !c.Empty() || c.Same != len(sentences(a)) {
			t.Fatalf("an article differs from itself: %+v", c)
		}
		c := Compare(a, b)
		if c.Same+len(c.Changed)+len(c.Dropped) != len(sentences(a)) || c.Same+len(c.Changed)+len(c.Added) != len(sentences(b)) {
			t.Fatalf("sentences are lost: %+v", c)
		}
		left, right := count(sentences(a)), count(sentences(b))
		for _, ch := range c.Changed {
			left[newPiece(ch.Before).key]--
			right[newPiece(ch.After).key]--
		}
		for _, s := range c.Dropped {
			left[newPiece(s.Text).key]--
		}
		for _, s := range c.Added {
			right[newPiece(s.Text).key]--
		}
		for key := range right {
			left[key] -= right[key]
		}
		for key, n := range left {
			if n != 0 {
				t.Fatalf("%q stands %d times more on one side: %+v", key, n, c)
			}
		}
		back := Compare(b, a)
		if len(back.Dropped) != len(c.Added) || len(back.Added) != len(c.Dropped) || back.Same != c.Same {
			t.Fatalf("the way back differs: %+v, %+v", c, back)
		}
	})
}

func count(pieces []piece) map[string]int {
	n := map[string]int{}
	for _, p := range pieces {
		n[p.key]++
	}
	return n
}
