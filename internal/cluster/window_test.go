package cluster

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// desk is a window with the bookkeeping of a caller: it adds what it assigns,
// applies merges and founds stories.
type desk struct {
	*Window
	next  news.StoryID
	story map[news.ArticleID]news.StoryID
	log   []Decision
}

func newDesk() *desk {
	return &desk{Window: NewWindow(Options{}), story: map[news.ArticleID]news.StoryID{}}
}

func (d *desk) take(e Entry) Decision {
	dec := d.Assign(e)
	for _, m := range dec.Merge {
		d.Merge(m.From, m.Into)
		for id, s := range d.story {
			if s == m.From {
				d.story[id] = m.Into
			}
		}
	}
	if e.Story = dec.Story; e.Story == 0 {
		d.next++
		e.Story = d.next
	}
	d.story[e.ID] = e.Story
	d.Add(e)
	d.log = append(d.log, dec)
	return dec
}

// paper is an article of a test: headline and blocks.
type paper struct {
	outlet, title string
	blocks        []string
}

func (p paper) entry(id int) Entry {
	return Entry{
		ID: news.ArticleID(id), Outlet: p.outlet, At: time.Unix(int64(id)*60, 0),
		Sketch: NewSketch("en", p.title, p.blocks),
	}
}

// stretch returns n words of s from word number at.
func stretch(s string, at, n int) string { return strings.Join(strings.Fields(s)[at:at+n], " ") }

func bulletin(town, day string, high, low, wind, rain int) string {
	return fmt.Sprintf("Expect a top temperature of %d and an overnight low of %d in %s on %s. The breeze over %s blows at %d knots. "+
		"There is a %d in a hundred chance of showers before the evening, and people in %s who plan to go out on the water should look at the harbour notice first.",
		high, low, town, day, town, wind, rain, town)
}

const smallPrint = "Material on these pages comes from members who answer for it alone. We take no responsibility for what is " +
	"written, shown or linked here. Whoever finds a mistake may tell the editors by letter. To read more, keep a list or reply, you need an account and must be of age."

func tender(firm string, sum, rate, year int) string {
	return "The following is made known under the listing order of this market. A borrower has placed paper with holders abroad and asks that it be quoted from the next session onward. " +
		fmt.Sprintf("Particulars: %d million at %d.%d per cent, due %d, lead bank %s. ", sum, rate, year%90+10, year, firm) +
		"Charges follow the usual scale. The paper ranks beside the other debts of the borrower. Nothing in this message invites anybody to subscribe."
}

// stars is a horoscope of stock phrases, others for each day.
func stars(day int) string {
	phrases := []string{"a good day begins slowly for you", "an old friend will write you a letter", "money comes late but it comes at last",
		"keep away from quarrels in the family", "your work will bear fruit before the evening", "rest is what you need most of all"}
	var b strings.Builder
	for i, sign := range []string{"Aries", "Taurus", "Gemini", "Cancer", "Leo", "Virgo", "Libra", "Scorpio", "Sagittarius", "Capricorn", "Aquarius", "Pisces"} {
		n := int(mix(uint64(day*100 + i)))
		fmt.Fprintf(&b, "%s: %s, and %s. ", sign, phrases[(n>>8&0xff)%6], phrases[(n>>16&0xff)%6])
	}
	return b.String()
}

func TestAssignPairs(t *testing.T) {
	whole := text(1, 420)
	sentences := strings.SplitAfter(whole, " ")
	var edited []string // every fourth sentence of twelve words left out
	for i := 0; i+12 <= len(sentences); i += 12 {
		if i/12%4 != 2 {
			edited = append(edited, strings.Join(sentences[i:i+12], ""))
		}
	}
	first := paper{"wire.example", "Harbour town rebuilds its flooded market", []string{whole}}
	cases := []struct {
		name          string
		first, second paper
		want          news.Relation
	}{
		{"word for word", first, paper{"b.example", first.title, first.blocks}, news.Copy},
		{"other headline", first, paper{"b.example", "Traders return after months of repairs", first.blocks}, news.Copy},
		{"soiled", first, paper{"b.example", first.title, []string{"jo_77", "3 comments", whole, text(9, 20)}}, news.Copy},
		{"edited", first, paper{"b.example", "Flooded market rebuilt by harbour town", edited}, news.Edited},
		{"first words", first, paper{"b.example", first.title, []string{stretch(whole, 0, 40)}}, news.Excerpt},
		{"fifty words from the middle under another headline", first, paper{"b.example", "What they said", []string{stretch(whole, 200, 50)}}, news.Excerpt},
		{"excerpt before the whole", paper{"b.example", "What they said", []string{stretch(whole, 200, 50)}}, first, news.Extended},
		{"the outlet's own later edition", first, paper{"wire.example", "Flooded harbour town rebuilds its market", edited}, news.Version},
		{"same outlet, other headline, same page furniture", paper{"a.example", "Cellists win prize", []string{text(5, 60), smallPrint}},
			paper{"a.example", "Ferry timetable changes", []string{text(6, 60), smallPrint}}, news.Founder},
		{"other text", first, paper{"b.example", first.title, []string{text(2, 420)}}, news.Founder},
		{"a quote in common", first, paper{"b.example", "Another matter", []string{text(2, 200), stretch(whole, 100, 35), text(3, 200)}}, news.Founder},
		{"bulletins of two towns", paper{"w.example", "Weather for Torvik", []string{bulletin("Torvik", "Monday", 21, 12, 14, 30)}},
			paper{"w2.example", "Weather for Lanna", []string{bulletin("Lanna", "Sunday", 17, 9, 22, 65)}}, news.Founder},
		{"bulletins of two days", paper{"w.example", "Weather for Torvik", []string{bulletin("Torvik", "Monday", 21, 12, 14, 30)}},
			paper{"w.example", "Weather for Torvik", []string{bulletin("Torvik", "Tuesday", 18, 11, 19, 45)}}, news.Founder},
		{"one bulletin on two sites", paper{"w.example", "Weather for Torvik", []string{bulletin("Torvik", "Monday", 21, 12, 14, 30)}},
			paper{"w2.example", "Torvik weather", []string{bulletin("Torvik", "Monday", 21, 12, 14, 30)}}, news.Copy},
		{"notices that differ in a line of terms", paper{"x.example", "Oakum Trust places paper", []string{tender("Harrow", 120, 7, 1994)}},
			paper{"y.example", "Bellis Freight places paper", []string{tender("Second Mutual", 85, 9, 2001)}}, news.Founder},
		{"one notice on two sites", paper{"x.example", "Oakum Trust places paper", []string{tender("Harrow", 120, 7, 1994)}},
			paper{"y.example", "Oakum Trust places paper", []string{tender("Harrow", 120, 7, 1994)}}, news.Copy},
		{"reports of one formula under headlines of one formula", paper{"p.example", "Police appeal after man attacked in Torvik", []string{text(5, 50), stretch(whole, 0, 34)}},
			paper{"q.example", "Police appeal after man attacked in Lanna", []string{text(6, 50), stretch(whole, 0, 34)}}, news.Founder},
		{"horoscopes of two days", paper{"h.example", "Horoscope for Monday", []string{stars(3)}},
			paper{"h2.example", "Horoscope for Monday", []string{stars(11)}}, news.Founder},
		{"one horoscope on two sites", paper{"h.example", "Horoscope for Monday", []string{stars(3)}},
			paper{"h2.example", "Horoscope for Monday", []string{stars(3)}}, news.Copy},
		{"stubs over one legal foot", paper{"s.example", "Kites", []string{"A few pictures of kites.", smallPrint}},
			paper{"s2.example", "Glass blowing", []string{"A few pictures of glass.", smallPrint}}, news.Founder},
		{"one plea under two headlines", paper{"p.example", "Minister resigns over harbour works", []string{smallPrint}},
			paper{"q.example", "Cellists win the northern prize", []string{smallPrint}}, news.Founder},
		{"one short report under two headlines", paper{"p.example", "Editors answer members by letter", []string{smallPrint}},
			paper{"q.example", "Accounts needed from now on", []string{smallPrint}}, news.Copy},
		{"headlines only", paper{"a.example", "Ferry strike enters its second week", nil},
			paper{"b.example", "Ferry strike enters its second week | B News", nil}, news.Copy},
		{"headline only, then the article", paper{"a.example", "Ferry strike enters its second week", nil},
			paper{"b.example", "Ferry strike enters its second week", []string{whole}}, news.Extended},
		{"headlines only that say little", paper{"a.example", "Morning news", nil}, paper{"b.example", "Morning news", nil}, news.Founder},
		{"one word each", paper{"a.example", "Photo", []string{"Photo"}}, paper{"b.example", "Picture", []string{"Photo"}}, news.Founder},
		{"nothing at all", paper{"a.example", "", nil}, paper{"b.example", "", nil}, news.Founder},
		{"Chinese", paper{"a.example", "国防部长下周访问莫斯科", []string{"国防部发言人周五表示,国防部长将于下周访问俄罗斯,与俄方举行会谈,并访问军事院校。这次访问是在领导人上月访问之后进行的。"}},
			paper{"b.example", "部长访俄", []string{"编辑:小王", "国防部发言人周五表示,国防部长将于下周访问俄罗斯,与俄方举行会谈,并访问军事院校。"}}, news.Edited},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk()
			d.take(c.first.entry(1))
			got := d.take(c.second.entry(2))
			if got.Reason.Relation != c.want {
				ev := d.scratch.table.weigh(NewSketch("en", c.second.title, c.second.blocks), d.shelf.item(d.shelf.find(1)).Sketch)
				t.Errorf("relation %q, want %q; %+v", got.Reason.Relation, c.want, ev)
			}
			if joined := got.Story == 1; joined != (c.want != news.Founder) {
				t.Errorf("story %d", got.Story)
			}
		})
	}
}

// An article that contains two stories' whole texts proves them one only if it
// is their article; two stories that share what it quotes stay apart.
func TestAssignMerges(t *testing.T) {
	whole := text(1, 400)
	head := paper{"a.example", "Market rebuilt after the flood", []string{stretch(whole, 0, 60)}}
	foot := paper{"b.example", "After the flood, a market rebuilt", []string{stretch(whole, 200, 60)}}
	full := paper{"c.example", "Market rebuilt after the flood", []string{whole}}

	d := newDesk()
	d.take(head.entry(1))
	if dec := d.take(foot.entry(2)); dec.Story != 0 {
		t.Fatalf("two parts joined before anything shows they are one: %+v", dec)
	}
	dec := d.take(full.entry(3))
	if dec.Story != 1 || len(dec.Merge) != 1 || dec.Merge[0].From != 2 || dec.Merge[0].Into != 1 {
		t.Fatalf("decision %+v", dec)
	}
	if d.story[1] != d.story[2] || d.story[2] != d.story[3] {
		t.Errorf("stories %v", d.story)
	}

	quote := text(3, 40)
	d = newDesk()
	d.take(paper{"a.example", "Council meets on the bridge", []string{text(4, 200), quote}}.entry(1))
	d.take(paper{"b.example", "Fans mourn a singer", []string{quote, text(5, 200)}}.entry(2))
	if dec := d.take(paper{"c.example", "In their words", []string{quote}}.entry(3)); len(dec.Merge) > 0 {
		t.Errorf("a quote merged two stories: %+v", dec)
	}
}

// The reason names the most similar member, the earliest among equals.
func TestReasonNamesTheMostSimilar(t *testing.T) {
	whole := text(1, 300)
	d := newDesk()
	d.take(paper{"a.example", "Market rebuilt after flood", []string{stretch(whole, 0, 50)}}.entry(1))
	d.take(paper{"b.example", "Market rebuilt after flood", []string{whole}}.entry(2))
	d.take(paper{"c.example", "Market rebuilt after flood", []string{whole}}.entry(3))
	dec := d.take(paper{"d.example", "Market rebuilt after flood", []string{whole}}.entry(4))
	want := news.Reason{Relation: news.Copy, Of: 2, Containment: 1, Jaccard: 1, Shared: 296}
	if diff := cmp.Diff(want, dec.Reason); diff != "" {
		t.Error(diff)
	}
}

func TestAssignPassesOverTheArticleItself(t *testing.T) {
	d := newDesk()
	p := paper{"a.example", "Market rebuilt after flood", []string{text(1, 100)}}
	d.take(p.entry(1))
	if dec := d.Assign(p.entry(1)); dec.Story != 0 {
		t.Errorf("matched with itself: %+v", dec)
	}
}

// Members that shared the keys of one that is gone are found all the same.
func TestRemoveAndExpire(t *testing.T) {
	p := paper{"a.example", "Market rebuilt after flood", []string{text(1, 200)}}
	again := p
	again.outlet = "z.example"
	d := newDesk()
	for id := 1; id <= 3; id++ {
		p.outlet = fmt.Sprintf("o%d.example", id)
		d.take(p.entry(id))
	}
	d.Remove(1)
	d.Remove(77)
	if dec := d.Assign(again.entry(9)); dec.Story != 1 || dec.Reason.Of != 2 {
		t.Errorf("after removal: %+v", dec)
	}
	d.Expire(time.Unix(3*60, 0))
	if dec := d.Assign(again.entry(9)); dec.Story != 1 || dec.Reason.Of != 3 || d.Len() != 1 {
		t.Errorf("after expiry, with %d left: %+v", d.Len(), dec)
	}
	d.Expire(time.Unix(1e6, 0))
	if dec := d.Assign(again.entry(9)); dec.Story != 0 || d.Len() != 0 {
		t.Errorf("in an empty window of %d: %+v", d.Len(), dec)
	}
	for i := range d.index.parts {
		if d.index.parts[i].used != 0 {
			t.Fatalf("part %d of the index still holds %d", i, d.index.parts[i].used)
		}
	}
}

func TestAddMovesAnArticle(t *testing.T) {
	a, b := paper{"a.example", "One", []string{text(1, 100)}}, paper{"a.example", "Two", []string{text(2, 100)}}
	w := NewWindow(Options{})
	e := a.entry(1)
	e.Story = 1
	w.Add(e)
	e = b.entry(1)
	e.Story = 2
	w.Add(e)
	a.outlet, b.outlet = "z.example", "z.example"
	if dec := w.Assign(a.entry(2)); dec.Story != 0 {
		t.Errorf("its former text is still found: %+v", dec)
	}
	if dec := w.Assign(b.entry(2)); dec.Story != 2 || w.Len() != 1 {
		t.Errorf("its new text is not: %+v, %d in the window", dec, w.Len())
	}
}

// An outlet that floods the window with near-equal pages neither hides other
// outlets' texts nor joins its own.
func TestFlood(t *testing.T) {
	whole := text(1, 300)
	d := newDesk()
	d.take(paper{"wire.example", "Market rebuilt after flood", []string{whole, smallPrint}}.entry(1))
	for i := range 2000 {
		town := strings.TrimSpace(text(100+i, 1))
		d.take(paper{"flood.example", "Weather for " + town, []string{bulletin(town, "Monday", i%37, i%23, i%19, i%97), smallPrint}}.entry(10 + i))
	}
	dec := d.take(paper{"b.example", "Market rebuilt after flood", []string{stretch(whole, 100, 60)}}.entry(5000))
	if dec.Story != 1 {
		t.Errorf("decision %+v", dec)
	}
	for i, p := range d.index.parts {
		for _, c := range p.cells {
			if c.place != 0 && len(d.index.find(nil, uint64(i)<<(64-partBits)|uint64(c.key))) > maxStories {
				t.Fatalf("key %x leads to more than %d stories", c.key, maxStories)
			}
		}
	}
}

func TestHugeText(t *testing.T) {
	s := NewSketch("xx", "Everything", []string{strings.Repeat(text(1, 1000), 1000)})
	if s.Words != maxPrint {
		t.Errorf("%d tokens kept", s.Words)
	}
	d := newDesk()
	d.take(Entry{ID: 1, Outlet: "a.example", Sketch: s})
	if dec := d.take(Entry{ID: 2, Outlet: "b.example", Sketch: s}); dec.Story != 1 {
		t.Errorf("decision %+v", dec)
	}
}

// world makes n stories in several forms each, among pages filled in by
// machine; the second result is each article's true story.
func world(n int) (papers []paper, truth []int) {
	add := func(story int, p paper) { papers, truth = append(papers, p), append(truth, story) }
	for i := range n {
		whole := text(10_000+i, 150+i%7*60)
		title := text(20_000+i, 7)
		words := len(strings.Fields(whole))
		add(i, paper{"wire.example", title, []string{whole}})
		add(i, paper{fmt.Sprintf("a%d.example", i%9), title + " | Daily", []string{"by jo77", whole, text(30_000+i%5, 12)}})
		add(i, paper{fmt.Sprintf("b%d.example", i%9), text(40_000+i, 7), []string{stretch(whole, 0, words/2)}})
		add(i, paper{fmt.Sprintf("c%d.example", i%9), title, []string{stretch(whole, words/3, 50)}})
		add(i, paper{fmt.Sprintf("d%d.example", i%9), stretch(whole, 0, 8), []string{stretch(whole, 0, 45)}})
		dice := rand.New(rand.NewPCG(uint64(i), 9))
		add(n+i, paper{fmt.Sprintf("w%d.example", i%3), "Weather today", []string{
			bulletin(strings.TrimSpace(text(i, 1)), "Monday", dice.IntN(40), dice.IntN(30), dice.IntN(50), dice.IntN(100)),
		}})
	}
	return papers, truth
}

// TestOrderOfArrival shuffles the world's articles and measures pairs.
func TestOrderOfArrival(t *testing.T) {
	papers, truth := world(60)
	for seed := range uint64(5) {
		order := rand.New(rand.NewPCG(seed, 1)).Perm(len(papers))
		if seed == 0 {
			slices.Sort(order)
		}
		d := newDesk()
		for id, i := range order {
			d.take(papers[i].entry(id + 1))
		}
		right, wrong, missed := 0, 0, 0
		for x, i := range order {
			for y, j := range order[:x] {
				found := d.story[news.ArticleID(x+1)] == d.story[news.ArticleID(y+1)]
				switch gold := truth[i] == truth[j]; {
				case gold && found:
					right++
				case gold:
					missed++
				case found:
					wrong++
				}
			}
		}
		if wrong > 0 || missed*100 > right {
			t.Errorf("seed %d: %d pairs right, %d wrong, %d missed", seed, right, wrong, missed)
		}
	}
}

// The same calls give the same decisions.
func TestDeterministic(t *testing.T) {
	papers, _ := world(25)
	run := func() []Decision {
		d := newDesk()
		for _, i := range rand.New(rand.NewPCG(3, 3)).Perm(len(papers)) {
			d.take(papers[i].entry(i + 1))
		}
		return d.log
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Error(diff)
	}
}
