package residue

import (
	"fmt"
	"testing"

	"kliping/internal/news"
)

// crowd shows a learner articles of many outlets, each with its number as its id.
type crowd struct {
	*Learner
	last news.ArticleID
}

func newCrowd() *crowd { return &crowd{Learner: NewLearner()} }

// show shows an outlet's next article and returns what it brings up.
func (c *crowd) show(outlet string, prints ...[]uint64) []Candidate {
	var all []uint64
	for _, p := range prints {
		all = append(all, p...)
	}
	c.last++
	c.See(outlet, c.last, noon, all)
	return c.Shared(outlet, c.last)
}

func domain(n int) string { return fmt.Sprintf("paper%d.example", n) }

var network = line("Your coffee is on the house at every paper of our network")

func TestSharedByThreeOutlets(t *testing.T) {
	c := newCrowd()
	for n := range 2 {
		if got := c.show(domain(n), paragraphs(n, 5), network); got != nil {
			t.Fatalf("outlet %d brings up %v", n, got)
		}
	}
	got := c.show(domain(2), paragraphs(2, 5), network)
	if len(got) != 1 || got[0].Print != network[0] || len(got[0].Witnesses) != 3 {
		t.Fatalf("the third outlet brings up %v, want the line with three witnesses", got)
	}
	if got := c.show(domain(2), paragraphs(12, 5), network); got != nil {
		t.Errorf("another article of the same outlet brings it up again: %v", got)
	}
	if got := c.show(domain(3), paragraphs(3, 5), network); len(got) != 1 {
		t.Errorf("a fourth outlet does not bring it up again: %v", got)
	}
	l := c.Learn(network[0])
	if l.Count != 5 || len(l.Articles) != 5 || !l.First.Equal(noon) || !l.Last.Equal(noon) {
		t.Errorf("learned %+v, want five articles", l)
	}
	if got := c.show(domain(4), paragraphs(4, 5), network); got != nil {
		t.Errorf("what is learned comes up again: %v", got)
	}
	c.Expire(noon.AddDate(0, 0, 1))
	if n := len(c.outlets) + len(c.numbered) + len(c.first) + len(c.across); n != 0 {
		t.Errorf("after all articles expired, %d things are remembered", n)
	}
}

func TestNotShared(t *testing.T) {
	wire := paragraphs(1000, 6)
	for _, test := range []struct {
		name string
		show func(c *crowd, n int) []Candidate
	}{
		{"a wire story in copies", func(c *crowd, n int) []Candidate { return c.show(domain(n), wire) }},
		{"copies cut at different lengths", func(c *crowd, n int) []Candidate { return c.show(domain(n), wire[:1+n%6]) }},
		{"copies with paragraphs of their own", func(c *crowd, n int) []Candidate {
			return c.show(domain(n), wire, paragraphs(n, 3))
		}},
		{"a quotation amid articles of their own", func(c *crowd, n int) []Candidate {
			return c.show(domain(n), paragraphs(n, 3), network, paragraphs(2000+n, 3))
		}},
		{"a standing heading", func(c *crowd, n int) []Candidate {
			return c.show(domain(n), line("What we know"), paragraphs(n, 4))
		}},
		{"a line under every copy of one story", func(c *crowd, n int) []Candidate { return c.show(domain(n), wire, network) }},
		{"a line that most outlets carry with one story", func(c *crowd, n int) []Candidate {
			if n%6 == 0 {
				return c.show(domain(n), paragraphs(n, 5), network)
			}
			return c.show(domain(n), wire, network)
		}},
		{"stubs that say nothing besides", func(c *crowd, n int) []Candidate {
			return c.show(domain(n), network, line(fmt.Sprintf("Notice number %d", n)))
		}},
		{"one outlet's flood", func(c *crowd, n int) []Candidate { return c.show(domain(n%2), paragraphs(n, 5), network) }},
		{"editions of one article", func(c *crowd, n int) []Candidate {
			c.last = 0
			return c.show(domain(0), paragraphs(n, 5), network)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCrowd()
			for n := range 30 {
				if got := test.show(c, n); got != nil {
					t.Fatalf("outlet %d brings up %v", n, got)
				}
			}
		})
	}
}

// A flood of one outlet does not hide what others share, and what is remembered
// of a line does not grow with it.
func TestFloodCountsOnce(t *testing.T) {
	c := newCrowd()
	for n := range 3000 {
		c.show("flood.example", paragraphs(n, 2), network)
	}
	c.show(domain(1), paragraphs(5001, 5), network)
	if got := c.show(domain(2), paragraphs(5002, 5), network); len(got) != 1 {
		t.Errorf("two papers and a flood bring up %v, want the line", got)
	}
	if r := c.across[network[0]]; len(r.outlets) != 3 || len(r.witnesses) != 3 {
		t.Errorf("%d outlets and %d witnesses are remembered, want three", len(r.outlets), len(r.witnesses))
	}
	for n := range 200 {
		c.show(domain(10+n), paragraphs(6000+n, 5), network)
	}
	if r := c.across[network[0]]; len(r.outlets) > maxOutlets {
		t.Errorf("%d outlets of one line are remembered", len(r.outlets))
	}
}

func TestAsks(t *testing.T) {
	c := newCleaner(t)
	for _, test := range []struct {
		block news.Block
		want  int
	}{
		{news.Block{Kind: news.Paragraph, Text: "Your coffee is on the house at every paper of our network"}, 3},
		{news.Block{Kind: news.Paragraph, Text: "A COFFEE ON US AT EVERY PAPER OF THE NETWORK"}, 3},
		{news.Block{Kind: news.Paragraph, Text: "This text was first published elsewhere."}, 5},
		{news.Block{Kind: news.Paragraph, Text: "This text first ran in The Lantern Weekly of Millbridge."}, 7},
		{news.Block{Kind: news.Paragraph, Text: "The two countries have been at war since 1998, and Marlow has mediated."}, 9},
		{news.Block{Kind: news.Paragraph, Text: "読者のみなさまからの声をお待ちしております"}, 3},
		{news.Block{Kind: news.Heading, Text: "What we know about the flood so far"}, 0},
		{news.Block{Kind: news.Quote, Text: "We will not rest until the bridge is built"}, 0},
		{news.Block{Kind: news.Paragraph, Text: "“We are delighted to welcome all of them here today,” she said"}, 0},
		{news.Block{Kind: news.Paragraph, Text: "LONDON (Reuters) - the ferries stay in port tonight"}, 0},
		{news.Block{Kind: news.Paragraph, Text: "By Jane Doe"}, 0},
		{news.Block{Kind: news.Paragraph, Text: "Key points"}, 0},
	} {
		if got := c.Asks(test.block); got != test.want {
			t.Errorf("%q asks for %d outlets, want %d", test.block.Text, got, test.want)
		}
	}
}
