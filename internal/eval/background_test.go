package eval

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"kliping/internal/cluster"
	"kliping/internal/content"
	"kliping/internal/news"
	"kliping/internal/pipeline"
)

// TestRecallAmongStrangers puts labelled sets into a window that holds so many
// other articles as KLIPING_TEST_BACKGROUND says, and into one with a tenth of
// them, and compares with the empty window. A tenth of the strangers comes while
// a set does, so that what two copies share is not among the newest any more.
// It goes straight to the window, without a store; 200,000 take some minutes.
func TestRecallAmongStrangers(t *testing.T) {
	dir := os.Getenv("KLIPING_TEST_LABELLED")
	n, _ := strconv.Atoi(os.Getenv("KLIPING_TEST_BACKGROUND"))
	if dir == "" || n == 0 {
		t.Skip("KLIPING_TEST_LABELLED names no directory of labelled sets, or KLIPING_TEST_BACKGROUND no number")
	}
	const bar = 0.08 // most that pair precision or recall may fall; docs/benchmarks.md has what they do
	names := []string{"copies", "translations-few", "translations-all", "translations-cut"}
	sets := map[string][]labelled{}
	press := newPress()
	for _, name := range names {
		rows, err := ReadFiles([]string{filepath.Join(dir, name+".jsonl")})
		if err != nil {
			t.Fatal(err)
		}
		sets[name] = prepared(t, rows)
		for i := range rows {
			press.read(&rows[i])
		}
	}
	press.ready()
	before := map[string]PRF{}
	for _, size := range []int{0, n / 10, n} {
		d := newDesk(press)
		d.strangers(size - size/10*len(names))
		for _, name := range names {
			f, joined := d.put(sets[name], size/10)
			t.Logf("%s among %d: pair precision %.4f, recall %.4f, F1 %.4f; %d in stories of strangers", name, size, f.Precision, f.Recall, f.F1, joined)
			if b, ok := before[name]; !ok {
				before[name] = f
			} else if f.Precision < b.Precision-bar || f.Recall < b.Recall-bar {
				t.Errorf("%s among %d: precision %.4f, recall %.4f; alone %.4f, %.4f", name, size, f.Precision, f.Recall, b.Precision, b.Recall)
			}
		}
	}
}

// labelled is a row ready to be put into a window.
type labelled struct {
	row    Row
	outlet string
	sketch *cluster.Sketch
}

func prepared(t *testing.T, rows []Row) []labelled {
	t.Helper()
	p, err := pipeline.NewPreparer()
	if err != nil {
		t.Fatal(err)
	}
	editions := map[string]int{}
	all := make([]labelled, len(rows))
	for i := range rows {
		in := p.Prepare(news.Feed{Outlet: rows[i].Outlet}, item(&rows[i], editions), rows[i].Published)
		s, err := cluster.UnmarshalSketch(in.Sketch)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = labelled{rows[i], in.Article.Outlet, s}
	}
	return all
}

// desk is a window with the bookkeeping of a grouper.
type desk struct {
	window  *cluster.Window
	press   *press
	entries []cluster.Entry               // by ID less one, as they were taken
	stories news.StoryID                  // the last one founded
	strange map[news.StoryID]bool         // stories that a stranger is in
	into    map[news.StoryID]news.StoryID // of stories merged away
}

func newDesk(p *press) *desk {
	return &desk{window: cluster.NewWindow(cluster.Options{}), press: p, strange: map[news.StoryID]bool{}, into: map[news.StoryID]news.StoryID{}}
}

// take does with an article what the grouper does, and returns its ID.
func (d *desk) take(outlet string, s *cluster.Sketch) news.ArticleID {
	id := news.ArticleID(len(d.entries) + 1)
	e := cluster.Entry{ID: id, Outlet: outlet, At: time.Unix(int64(id), 0), Sketch: s}
	dec := d.window.Assign(e)
	for _, m := range dec.Merge {
		d.merge(m.From, m.Into)
	}
	if e.Story = dec.Story; e.Story == 0 {
		d.stories++
		e.Story = d.stories
	}
	d.entries = append(d.entries, e)
	d.window.Add(e)
	for _, asked := range dec.Doubt {
		if m, astray := d.window.Astray(asked); astray {
			d.move(m)
		}
	}
	return id
}

func (d *desk) merge(from, into news.StoryID) {
	d.window.Merge(from, into)
	d.into[from] = into
	d.strange[into] = d.strange[into] || d.strange[from]
}

func (d *desk) move(m cluster.Move) {
	if m.Whole {
		d.merge(m.From, m.Into)
		return
	}
	for _, id := range m.Articles {
		e := &d.entries[id-1]
		e.Story = m.Into
		d.window.Add(*e)
	}
}

// story is where an article is now.
func (d *desk) story(id news.ArticleID) news.StoryID {
	s := d.entries[id-1].Story
	for d.into[s] != 0 {
		s = d.into[s]
	}
	return s
}

// strangers adds n made-up articles.
func (d *desk) strangers(n int) {
	for range n {
		id := d.take(fmt.Sprintf("o%d.example", d.press.rnd.IntN(2000)), d.press.sketch())
		d.strange[d.story(id)] = true
	}
}

// put assigns a set with n strangers among it, takes it out again, and says how
// well its pairs were found and how many of it are in stories of strangers.
func (d *desk) put(set []labelled, n int) (PRF, int) {
	ids := make([]news.ArticleID, len(set))
	for i := range set {
		d.strangers(n*(i+1)/len(set) - n*i/len(set))
		ids[i] = d.take(set[i].outlet, set[i].sketch)
	}
	found, rows, joined := make([]outcome, len(set)), make([]Row, len(set)), 0
	for i, id := range ids {
		rows[i], found[i].story = set[i].row, d.story(id)
		if d.strange[found[i].story] {
			joined++
		}
	}
	for _, id := range ids {
		d.window.Remove(id)
	}
	return tabulate(rows, found).pairs(), joined
}

// press writes strangers: articles in the languages of the sets, put together
// of their words in runs of one to four, with common phrases, and of names that
// are as unevenly common as in the news: the sets' own are among them, the more
// frequent ones earlier.
type press struct {
	rnd    *rand.Rand
	places *rand.Zipf
	langs  map[string]*tongue
	order  []string
}

// tongue is what the press knows of a language.
type tongue struct {
	words   []string // in the order of the texts
	count   map[string]int
	phrases [][]string
	names   []string // by rank
	spaced  bool
	lengths []int // of texts, in words
}

func newPress() *press {
	rnd := rand.New(rand.NewPCG(11, 7))
	return &press{rnd: rnd, places: rand.NewZipf(rnd, 1.08, 10, vocabulary-1), langs: map[string]*tongue{}}
}

const (
	vocabulary = 60_000 // names of a language
	rare       = 3      // sightings up to which a word counts as a name
	between    = 20     // invented names for each of the sets' own
)

// read takes in a row's words.
func (p *press) read(r *Row) {
	lang := cmp.Or(r.GoldLang, "en")
	t := p.langs[lang]
	if t == nil {
		t = &tongue{count: map[string]int{}, spaced: lang != "zh" && lang != "ja"}
		p.langs[lang] = t
	}
	before := len(t.words)
	for _, b := range content.Blocks(r.HTML) {
		words := strings.Fields(b.Text)
		if !t.spaced {
			words = strings.Split(b.Text, "")
		}
		t.words = append(t.words, words...)
		for _, w := range words {
			t.count[w]++
		}
	}
	t.lengths = append(t.lengths, len(t.words)-before)
}

// ready ranks the names and picks the phrases.
func (p *press) ready() {
	p.order = slices.Sorted(maps.Keys(p.langs))
	for _, lang := range p.order {
		t := p.langs[lang]
		var own []string
		for _, w := range slices.Sorted(maps.Keys(t.count)) {
			if t.name(w) {
				own = append(own, w)
			}
		}
		slices.SortStableFunc(own, func(a, b string) int { return cmp.Compare(t.count[b], t.count[a]) })
		for i := range vocabulary {
			if i%between == 0 && i/between < len(own) {
				t.names = append(t.names, own[i/between])
			} else {
				t.names = append(t.names, p.invent(own))
			}
		}
		for range 300 {
			at := p.rnd.IntN(max(len(t.words)-9, 1))
			t.phrases = append(t.phrases, t.words[at:at+9])
		}
	}
}

// name reports whether a word is taken for a name: by its capital, or, where
// letters have none, because it is rare.
func (t *tongue) name(w string) bool {
	r := []rune(w)
	return t.spaced && len(r) > 2 && (unicode.IsUpper(r[0]) && unicode.IsLower(r[1]) || unicode.Is(unicode.Lo, r[0]) && t.count[w] <= rare)
}

// invent puts the halves of two names together.
func (p *press) invent(own []string) string {
	if len(own) == 0 {
		return ""
	}
	a, b := []rune(own[p.rnd.IntN(len(own))]), []rune(own[p.rnd.IntN(len(own))])
	return string(a[:(len(a)+1)/2]) + strings.ToLower(string(b[len(b)/2:]))
}

// sketch makes a stranger. Two of five are English.
func (p *press) sketch() *cluster.Sketch {
	lang := "en"
	if p.rnd.IntN(5) > 1 {
		lang = p.order[p.rnd.IntN(len(p.order))]
	}
	t := p.langs[lang]
	var kept []string
	for left := max(t.lengths[p.rnd.IntN(len(t.lengths))], 30); left > 0; left -= 60 {
		kept = append(kept, p.text(t, min(left, 60)))
	}
	return cluster.NewSketch(lang, p.text(t, 9), kept)
}

func (p *press) text(t *tongue, words int) string {
	var out []string
	for len(out) < words {
		run := t.phrases[p.rnd.IntN(len(t.phrases))]
		if p.rnd.IntN(40) > 0 {
			at := p.rnd.IntN(len(t.words) - 4)
			run = t.words[at : at+1+p.rnd.IntN(4)]
		}
		for _, w := range run {
			out = append(out, p.word(t, w))
		}
	}
	if !t.spaced {
		return strings.Join(out, "")
	}
	return strings.Join(out, " ") + "."
}

// word replaces a name by another, and the digits of a figure.
func (p *press) word(t *tongue, w string) string {
	if t.name(w) {
		return t.names[p.places.Uint64()]
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0' + rune(p.rnd.IntN(10))
		}
		return r
	}, w)
}
