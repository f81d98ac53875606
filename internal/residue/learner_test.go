package residue

import (
	"fmt"
	"testing"
	"time"

	"kliping/internal/news"

	"github.com/google/go-cmp/cmp"
)

const outletName = "paper.example"

var noon = time.Date(2024, 5, 2, 12, 0, 0, 0, time.UTC)

// paragraphs are n long paragraphs that no other seed has.
func paragraphs(seed, n int) []uint64 {
	var prints []uint64
	for i := range n {
		prints = append(prints, Print(fmt.Sprintf("paragraph number%dx%d of a story about bridges and ferries and the people who live by the river", seed, i)))
	}
	return prints
}

// see shows the learner article id, made of the prints in order, id hours after
// noon.
func see(l *Learner, id int, prints ...[]uint64) []Learned {
	var all []uint64
	for _, p := range prints {
		all = append(all, p...)
	}
	return l.See(outletName, news.ArticleID(id), noon.Add(time.Duration(id)*time.Hour), all)
}

func line(text string) []uint64 { return []uint64{Print(text)} }

var club = line("The Paper Club opens every door in town")

func TestLearnsFromThreeArticles(t *testing.T) {
	l := NewLearner()
	for id := range 2 {
		if got := see(l, id+1, paragraphs(id, 5), club); got != nil {
			t.Fatalf("article %d taught %v", id+1, got)
		}
	}
	want := []Learned{{Print: club[0], Articles: []news.ArticleID{1, 2, 3}, Count: 3, First: noon.Add(time.Hour), Last: noon.Add(3 * time.Hour)}}
	if diff := cmp.Diff(want, see(l, 3, paragraphs(3, 5), club)); diff != "" {
		t.Errorf("third article (-want +got)\n%s", diff)
	}
	if got := see(l, 4, paragraphs(4, 5), club); got != nil {
		t.Errorf("a template was learned twice: %v", got)
	}
	if got := l.Count(outletName, club[0]); got != 4 {
		t.Errorf("Count = %d, want 4", got)
	}
}

// What is learned from one paper says nothing about another.
func TestOutletsLearnAlone(t *testing.T) {
	l := NewLearner()
	for id := range 5000 {
		l.See("flood.example", news.ArticleID(id+1), noon, append(paragraphs(id, 3), club[0]))
	}
	for id := range 2 {
		if got := see(l, 6000+id, paragraphs(6000+id, 5), club); got != nil {
			t.Errorf("another outlet's flood taught %v", got)
		}
	}
	if got := l.Count(outletName, club[0]); got != 2 {
		t.Errorf("Count = %d, want 2", got)
	}
}

func TestDoesNotLearn(t *testing.T) {
	same := paragraphs(1, 6)
	for _, test := range []struct {
		name    string
		article func(id int) []uint64
	}{
		{"the same text posted again", func(int) []uint64 { return same }},
		{"a text posted again with another line added", func(id int) []uint64 {
			return append(append([]uint64{}, same...), Print(fmt.Sprintf("update number %d", id)))
		}},
		{"editions that change one paragraph", func(id int) []uint64 {
			return append(append([]uint64{}, same[:5]...), paragraphs(100+id, 1)...)
		}},
		{"blocks without words", func(id int) []uint64 { return append(paragraphs(id, 5), Print("* * *")) }},
		{"lines that differ in figures", func(id int) []uint64 {
			return append(paragraphs(id, 5), Print(fmt.Sprintf("Temperature at noon: %d degrees", 10+id)))
		}},
		{"a heading of a word amid the text", func(id int) []uint64 {
			return append(append(paragraphs(id, 4), Print("Analysis")), paragraphs(1000+id, 4)...)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := NewLearner()
			for id := range 5 {
				if got := see(l, id+1, test.article(id+1)); got != nil {
					t.Fatalf("article %d taught %v", id+1, got)
				}
			}
		})
	}
}

// A later version replaces the earlier: three versions are one article.
func TestVersionsDoNotTeach(t *testing.T) {
	l := NewLearner()
	for version := range 6 {
		if got := see(l, 1, paragraphs(version, 5), club); got != nil {
			t.Fatalf("version %d taught %v", version, got)
		}
	}
	if got := l.Count(outletName, club[0]); got != 1 {
		t.Errorf("Count = %d, want 1", got)
	}
	if got := l.Count(outletName, paragraphs(0, 1)[0]); got != 0 {
		t.Errorf("the first version's paragraph is still counted: %d", got)
	}
}

func TestSeeTwiceChangesNothing(t *testing.T) {
	l := NewLearner()
	for range 3 {
		for id := range 2 {
			if got := see(l, id+1, paragraphs(id, 5), club); got != nil {
				t.Fatalf("taught %v", got)
			}
		}
	}
	if got := l.Count(outletName, club[0]); got != 2 {
		t.Errorf("Count = %d, want 2", got)
	}
	see(l, 3, paragraphs(3, 5), club)
	if got := see(l, 3, paragraphs(3, 5), club); got != nil {
		t.Errorf("seen again, article 3 taught %v", got)
	}
}

// A block in the middle needs more articles, and gets them.
func TestLearnsInside(t *testing.T) {
	inside := line("Our correspondents all over the province are there for everybody")
	l := NewLearner()
	learnedAt := 0
	for id := 1; id <= 8 && learnedAt == 0; id++ {
		if got := see(l, id, paragraphs(id, 4), inside, paragraphs(100+id, 4)); got != nil {
			learnedAt = id
		}
	}
	if learnedAt != enoughInside {
		t.Errorf("learned at article %d, want %d", learnedAt, enoughInside)
	}
}

func TestExpire(t *testing.T) {
	l := NewLearner()
	for id := range 3 {
		see(l, id+1, paragraphs(id, 5), club)
	}
	l.Expire(noon.Add(3 * time.Hour)) // article 3 stays
	if got := l.Count(outletName, club[0]); got != 1 {
		t.Errorf("Count = %d, want 1", got)
	}
	l.Expire(noon.Add(24 * time.Hour))
	if len(l.outlets) != 0 {
		t.Errorf("%d outlets are remembered of nothing", len(l.outlets))
	}
	for id := range 3 {
		got := see(l, id+11, paragraphs(id, 5), club)
		if (got != nil) != (id == 2) {
			t.Errorf("article %d after all expired taught %v", id+11, got)
		}
	}
}

// The middle of a very long article is not remembered.
func TestLongArticles(t *testing.T) {
	l := NewLearner()
	see(l, 1, paragraphs(1, 10000))
	o := l.outlets[outletName]
	if got := len(o.articles[1].prints); got != maxPrints {
		t.Errorf("%d prints are remembered, want %d", got, maxPrints)
	}
}

func TestPrint(t *testing.T) {
	same := [][2]string{
		{"Read ALSO: the Café", "read also the cafe"},
		{"Hello\u200b world", "hello world!"},
		{"ﬁne print", "fine print"},
		{"كتاب", "كـتاب"},
	}
	for _, p := range same {
		if Print(p[0]) != Print(p[1]) {
			t.Errorf("%q and %q have two prints", p[0], p[1])
		}
	}
	differ := [][2]string{{"3 comments", "4 comments"}, {"read also", "readalso"}, {"a b", "b a"}}
	for _, p := range differ {
		if Print(p[0]) == Print(p[1]) {
			t.Errorf("%q and %q have one print", p[0], p[1])
		}
	}
	if got := Print(" -- … "); got != 0 {
		t.Errorf("a text without words has print %x", got)
	}
}

func BenchmarkSee(b *testing.B) {
	l := NewLearner()
	i := 0
	for b.Loop() {
		i++
		see(l, i, paragraphs(i, 5), club)
	}
}
