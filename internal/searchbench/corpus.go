package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kliping/internal/news"
)

// corpus makes stories out of the sentences of real articles: each story takes
// those of a few articles of its language and puts other names and figures into
// them, so that words are as unevenly common as in the news and no two stories
// are one.
type corpus struct {
	dice      *rand.Rand
	articles  map[string][][]string // by language: articles as sentences
	languages []string              // as often as they are drawn
	names     *rand.Zipf
	outlets   *rand.Zipf
	tags      *rand.Zipf
	start     time.Time // when the first story arrives
}

// shares are how many of a hundred stories begin in a language, where there are
// texts in it; what is missing goes to the others.
var shares = map[string]int{"en": 36, "id": 20, "ms": 4, "es": 7, "de": 5, "fr": 5, "ru": 6, "ar": 4, "pt": 3, "zh": 4, "ja": 2, "tr": 2, "hi": 1, "vi": 1}

func newCorpus(files []string, start time.Time) (*corpus, error) {
	dice := rand.New(rand.NewPCG(20, 26))
	c := &corpus{
		dice: dice, articles: map[string][][]string{}, start: start,
		names: rand.NewZipf(dice, 1.07, 20, 200_000), outlets: rand.NewZipf(dice, 1.1, 20, 2000), tags: rand.NewZipf(dice, 1.2, 3, 150),
	}
	for _, name := range files {
		if err := c.read(name); err != nil {
			return nil, err
		}
	}
	for lang, share := range shares {
		if len(c.articles[lang]) >= 5 {
			c.languages = append(c.languages, slices.Repeat([]string{lang}, share)...)
		}
	}
	slices.Sort(c.languages)
	if len(c.languages) == 0 {
		return nil, fmt.Errorf("there are no texts in %s", strings.Join(files, ", "))
	}
	return c, nil
}

// read takes the articles of a labelled set.
func (c *corpus) read(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var row struct {
			HTML     string
			Relation string
			Language string `json:"gold_lang"`
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		switch row.Relation {
		case "original", "translation", "background":
		default:
			continue // a copy of what is there already
		}
		if row.Language == "" {
			row.Language = "en"
		}
		if s := sentences(row.HTML); len(s) > 2 {
			c.articles[row.Language] = append(c.articles[row.Language], s)
		}
	}
	return lines.Err()
}

var (
	tags         = regexp.MustCompile(`<[^>]*>`)
	sentenceEnds = regexp.MustCompile(`[.!?۔।][”"’»)]?\s+|[。！？]`)
)

func sentences(markup string) []string {
	text := strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(markup, " "))), " ")
	var all []string
	at := 0
	for _, end := range sentenceEnds.FindAllStringIndex(text, -1) {
		if s := strings.TrimSpace(text[at:end[1]]); len(s) > 20 {
			all = append(all, s)
		}
		at = end[1]
	}
	return all
}

// story is one story's articles, the first first.
func (c *corpus) story(n int) []news.Article {
	lang := pick(c, c.languages)
	arrived := c.start.Add(time.Duration(n) * 45 * time.Second)
	cast := make([]string, 6)
	for i := range cast {
		cast[i] = name(c.names.Uint64())
	}
	agency := ""
	if c.dice.IntN(3) == 0 {
		agency = pick(c, []string{"AP", "Reuters", "AFP", "Antara", "Bernama", "dpa", "EFE", "TASS", "Xinhua", "ANSA"})
	}
	tag := fmt.Sprintf("topic %d", c.tags.Uint64())
	blocks := c.blocks(lang, cast)
	all := []news.Article{c.article(lang, blocks, cast, arrived)}
	for i := range c.copies() - 1 {
		arrived = arrived.Add(time.Duration(1+c.dice.IntN(600)) * time.Second)
		if c.dice.IntN(100) < 15 {
			other := pick(c, c.languages)
			all = append(all, c.article(other, c.blocks(other, cast), cast, arrived))
			continue
		}
		a := c.article(lang, c.copied(lang, blocks, cast), cast, arrived)
		if c.dice.IntN(2) == 0 {
			a.Title = all[0].Title
		}
		_ = i
		all = append(all, a)
	}
	for i := range all {
		all[i].Agency, all[i].Tags = agency, []string{tag}
	}
	return all
}

// copies is how many articles a story has: three on average, some one, few many.
func (c *corpus) copies() int {
	switch n := c.dice.IntN(100); {
	case n < 38:
		return 1
	case n < 62:
		return 2
	case n < 80:
		return 3
	case n < 95:
		return 4 + c.dice.IntN(4)
	default:
		return 8 + c.dice.IntN(16)
	}
}

func (c *corpus) article(lang string, blocks []string, cast []string, arrived time.Time) news.Article {
	title := c.other(lang, pick(c, pick(c, c.articles[lang])), cast)
	if cut := strings.Fields(title); len(cut) > 10 {
		title = strings.Join(cut[:10], " ")
	} else if utf8.RuneCountInString(title) > 60 {
		title = string([]rune(title)[:24])
	}
	a := news.Article{
		Outlet: fmt.Sprintf("%s%d.example", lang, c.outlets.Uint64()), Title: title, Language: lang, Arrived: arrived, Published: arrived.Add(-time.Minute),
	}
	for _, b := range blocks {
		a.Blocks = append(a.Blocks, news.Block{Kind: news.Paragraph, Text: b})
	}
	return a
}

// blocks is a text of some 3,000 characters, half of that in Chinese and
// Japanese.
func (c *corpus) blocks(lang string, cast []string) []string {
	sources := [][]string{pick(c, c.articles[lang]), pick(c, c.articles[lang]), pick(c, c.articles[lang])}
	var blocks []string
	for size, want := 0, 1500+c.dice.IntN(3000); size < want; {
		var b []string
		for range 1 + c.dice.IntN(3) {
			b = append(b, c.other(lang, pick(c, pick(c, sources)), cast))
		}
		block := strings.Join(b, " ")
		blocks = append(blocks, block)
		size += len(block)
	}
	return blocks
}

// copied is what another outlet makes of a text: all of it, its beginning, or
// the text with a paragraph left out, one changed and one added.
func (c *corpus) copied(lang string, blocks, cast []string) []string {
	switch n := c.dice.IntN(85); {
	case n < 45:
		return blocks
	case n < 65:
		return blocks[:max(1, len(blocks)*(2+c.dice.IntN(6))/10)]
	}
	all := slices.Clone(blocks)
	i := c.dice.IntN(len(all))
	all[i] = c.other(lang, all[i], cast)
	j := c.dice.IntN(len(all))
	all[j] = c.other(lang, pick(c, pick(c, c.articles[lang])), cast)
	if k := c.dice.IntN(len(all)); len(all) > 2 {
		all = slices.Delete(all, k, k+1)
	}
	return all
}

// other is a sentence with other names and figures.
func (c *corpus) other(lang, sentence string, cast []string) string {
	if lang == "zh" || lang == "ja" {
		runes := []rune(sentence)
		for i := range runes {
			if c.dice.IntN(20) == 0 && unicode.Is(unicode.Han, runes[i]) {
				runes[i] = rune(0x4E00 + c.names.Uint64()%3000)
			}
		}
		return string(runes)
	}
	words := strings.Fields(sentence)
	for i, w := range words {
		first, _ := utf8.DecodeRuneInString(w)
		switch {
		case unicode.IsDigit(first):
			words[i] = fmt.Sprint(c.dice.IntN(3000))
		case i > 0 && (unicode.IsUpper(first) && c.dice.IntN(2) == 0 || c.dice.IntN(40) == 0):
			words[i] = pick(c, cast)
			if c.dice.IntN(3) == 0 {
				words[i] = name(c.names.Uint64())
			}
		}
	}
	return strings.Join(words, " ")
}

// name spells a number as a name.
func name(n uint64) string {
	syllables := []string{"ba", "ko", "ri", "mun", "tel", "sa", "vor", "da", "lin", "pe", "gar", "no", "shi", "mal", "wu", "ner", "fi", "zo", "har", "ty"}
	var b strings.Builder
	for n += 20; n > 0; n /= 20 {
		b.WriteString(syllables[n%20])
	}
	s := b.String()
	return strings.ToUpper(s[:1]) + s[1:]
}

func pick[T any](c *corpus, from []T) T { return from[c.dice.IntN(len(from))] }
