package residue

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// long is an article whose middle is far from either end.
func long() []string { return slices.Concat(story, story, story, story) }

// inMiddle is the verdict on a line amid a long article.
func inMiddle(c *Cleaner, line string) *news.Strip {
	text := long()
	return c.Clean("example.org", "", toBlocks(slices.Insert(text, len(text)/2, line)...), nil).Blocks[len(long())/2].Strip
}

// Lines that say enough by themselves go wherever they stand.
func TestStripsInTheMiddle(t *testing.T) {
	c := newCleaner(t)
	for _, line := range []string{
		"Advertisement", "ADVERTISEMENT", "Story continues below", "Read also: Parliament passes the budget",
		"Sign up for our morning newsletter", "Subscribe to the newsletter", "Follow us on Facebook",
		"Werbung", "Lesen Sie auch: Bundestag beschließt Haushalt", "Melden Sie sich für unseren Newsletter an",
		"Publicité", "À lire aussi : Le Parlement adopte le budget", "Publicidad", "Lee también: El Congreso aprueba el presupuesto",
		"Реклама", "Читайте также: Парламент принял бюджет", "إعلان", "اقرأ أيضا: البرلمان يقر الموازنة",
		"Baca juga: DPR sahkan anggaran", "Scroll untuk lanjut membaca", "विज्ञापन", "यह भी पढ़ें: संसद ने बजट पारित किया",
		"广告", "延伸阅读：议会通过预算", "関連記事：議会が予算を可決", "メールマガジンの登録はこちら", "뉴스레터를 무료로 구독하세요",
		"Կարդացեք նաև՝ Խորհրդարանն ընդունեց բյուջեն", "អានបន្ថែម៖ រដ្ឋសភាអនុម័តថវិកា", "በተጨማሪ ያንብቡ፡ ምክር ቤቱ በጀቱን አጸደቀ",
	} {
		if inMiddle(c, line) == nil {
			t.Errorf("%q is kept", line)
		}
	}
	for _, line := range []string{
		"What the opponents say", "Photo: Jane Doe", "12", "- 0", "keren989", "Support our work", "Reporting by Ada Brook",
		"Read the river and you know the season.", "Sign up for the army, they were told, and see the world.",
	} {
		if s := inMiddle(c, line); s != nil {
			t.Errorf("%q is stripped: %v", line, s)
		}
	}
}

// What is done with texts that are hardly texts.
func TestOddTexts(t *testing.T) {
	c := newCleaner(t)
	million := strings.Repeat("river bridge ferry ", 1_000_000/3)
	digits := []string{"12", "1984", "3 141 592", "007", "00 00 00", "31"}
	for _, test := range []struct {
		name       string
		text, want []string
	}{
		{"one word", []string{"Advertisement"}, []string{"Advertisement"}},
		{"one word under a line", []string{"Flood", "Subscribe to our free newsletter"}, []string{"Flood"}},
		{"a million words in one block", []string{million, "Advertisement"}, []string{million}},
		{"a million words of pleas are no plea", []string{strings.Repeat("subscribe to our newsletter ", 250_000), "A story."}, []string{strings.Repeat("subscribe to our newsletter ", 250_000), "A story."}},
		{"only residue: the longest stays", []string{"Advertisement", "Read also: Parliament passes the budget", "- 0"}, []string{"Read also: Parliament passes the budget"}},
		{"all digits: a table", digits, digits},
		{"nothing", []string{"", "\u200b", "\u202e"}, []string{""}},
	} {
		got := kept(c.Clean("example.org", "", toBlocks(test.text...), nil).Blocks)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %.400s", test.name, diff)
		}
	}
}

// Characters that nobody sees hide nothing; letters of another script that look
// alike are other letters, and a text is not guessed at.
func TestTricks(t *testing.T) {
	c := newCleaner(t)
	for _, test := range []struct {
		name, line string
		out        bool
	}{
		{"zero width", "Sub\u200bscribe to our\u200d free news\u2060letter", true},
		{"soft hyphens", "Sub\u00adscribe to our free news\u00adletter", true},
		{"bidirectional marks", "\u202eSubscribe to our \u2066free\u2069 newsletter\u202c", true},
		{"full width", "Ｓｕｂｓｃｒｉｂｅ ｔｏ ｏｕｒ ｆｒｅｅ ｎｅｗｓｌｅｔｔｅｒ", true},
		{"combining accents", "S\u0301u\u0308bscribe to our free newsletter", true},
		{"two scripts", "订阅 our free newsletter, подпишитесь на рассылку", true},
		{"look-alikes", "Ѕubѕcrіbе tо оur frее nеwѕlеttеr", false},
		{"only marks", "\u0301\u0302\u0303", true},
	} {
		got := c.Clean("example.org", "", insert(test.line, 0), nil).Blocks[0].Strip
		if (got != nil) != test.out {
			t.Errorf("%s: %v", test.name, got)
		}
		if a, b := Print(test.line), Print("\u200b"+test.line+"\u202c"); a != b {
			t.Errorf("%s: unseen characters change its print", test.name)
		}
	}
}

// An outlet that floods thousands of near-equal stories erases nothing: not what
// its own editions have in common, and nothing of another outlet's.
func TestFloodErasesNothing(t *testing.T) {
	same := paragraphs(7, 8)
	for _, test := range []struct {
		name    string
		article func(n int) []uint64
	}{
		{"one paragraph of its own", func(n int) []uint64 { return slices.Concat(same, paragraphs(1000+n, 1)) }},
		{"one at either end", func(n int) []uint64 {
			return slices.Concat(paragraphs(1000+n, 1), same, paragraphs(9000+n, 1))
		}},
		{"one changed in turn", func(n int) []uint64 {
			text := slices.Clone(same)
			text[n%len(text)] = paragraphs(1000+n, 1)[0]
			return text
		}},
	} {
		c := newCrowd()
		for n := range 2000 {
			if got := c.show("flood.example", test.article(n)); got != nil {
				t.Fatalf("%s: article %d brings up %v", test.name, n, got)
			}
			if n%200 == 0 {
				c.show("victim.example", same, paragraphs(20000+n, 3))
			}
		}
		for name, o := range c.outlets {
			for _, p := range same {
				if r := o.repeated[p]; r != nil && r.learned {
					t.Errorf("%s: a paragraph is a template of %s", test.name, name)
				}
			}
		}
	}
}

// Lines of residue change nothing about the other blocks, and a clean text is
// cleaned of nothing.
func TestResidueLinesChangeNothingElse(t *testing.T) {
	c := newCleaner(t)
	_, keep := lines(t, "keep.txt")
	_, strip := lines(t, "strip.txt")
	for n, line := range keep {
		text := toBlocks(slices.Insert(slices.Clone(story), n%len(story), line)...)
		before := kept(c.Clean("example.org", "", text, nil).Blocks)
		soiled := slices.Concat(toBlocks(strip[n%len(strip)], strip[(n+7)%len(strip)]), text, toBlocks(strip[(n+13)%len(strip)]))
		after := kept(c.Clean("example.org", "", soiled, nil).Blocks)
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("with residue round %q (-without +with)\n%s", line, diff)
		}
		if diff := cmp.Diff(after, kept(c.Clean("example.org", "", toBlocks(after...), nil).Blocks)); diff != "" {
			t.Errorf("cleaned again, %q (-once +twice)\n%s", line, diff)
		}
	}
}

// FuzzCopy holds what copies say to its properties: an article's exact copy takes
// nothing out of it, and nobody is heard who shares nothing.
func FuzzCopy(f *testing.F) {
	c := newCleaner(f)
	f.Add(strings.Join(story, "\n"), "Come by for a coffee in our reading room")
	f.Add("a\nb\n\u200b\n", "\xff")
	f.Fuzz(func(t *testing.T, text, line string) {
		blocks := toBlocks(strings.Split(text, "\n")...)
		for i := range blocks {
			blocks[i].Kind = news.Paragraph
		}
		w := c.Copy("a.example", "en", blocks)
		same := c.Copy("b.example", "en", blocks)
		other := c.Copy("c.example", "en", []news.Block{{Kind: news.Paragraph, Text: line}})
		for i, found := range w.Hear([]*Copy{same, same}) {
			if found.Standing == Outside {
				t.Fatalf("block %d %q stands outside of the same text", i, blocks[i].Text)
			}
		}
		if len(blocks) == 1 && strings.Contains(text, line) {
			return
		}
		for i, found := range other.Hear([]*Copy{w}) {
			if found.Standing == Outside {
				t.Fatalf("block %d %q stands outside of nothing shared", i, line)
			}
		}
	})
}

// FuzzLearner holds the learner to this: what it remembers can be forgotten, and
// one outlet brings up nothing.
func FuzzLearner(f *testing.F) {
	f.Add([]byte("abcabdabeabf"), uint8(3))
	f.Fuzz(func(t *testing.T, text []byte, outlets uint8) {
		c := newCrowd()
		for i := 0; i+3 <= len(text); i += 3 {
			var prints []uint64
			for _, b := range text[i : i+3] {
				prints = append(prints, Print(fmt.Sprintf("line number %d of the ferry and the long bridge over the wide river", b)))
			}
			for _, found := range c.show(domain(i%(int(outlets)+1)), prints) {
				if len(found.Witnesses) < acrossEnough || outlets < acrossEnough-1 {
					t.Fatalf("%d outlets bring up %v", outlets+1, found)
				}
				c.Learn(found.Print)
			}
		}
		c.Expire(noon.AddDate(0, 0, 1))
		if n := len(c.outlets) + len(c.numbered) + len(c.first) + len(c.across); n != 0 {
			t.Fatalf("%d things are remembered of nothing", n)
		}
	})
}
