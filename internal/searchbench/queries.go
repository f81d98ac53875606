package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kliping/index"
)

// asked is a query of one kind of those that the table has rows for.
type asked struct {
	kind  string
	query index.Query
}

// vocabulary is what queries are made of, as common as it is in the sentences
// the stories were made of.
type vocabulary struct {
	c     *corpus
	words map[string][]string // by language, the most common first
	pairs map[string][]string // neighbours, the most common first
}

func (c *corpus) vocabulary() *vocabulary {
	v := &vocabulary{c: c, words: map[string][]string{}, pairs: map[string][]string{}}
	for _, lang := range slices.Sorted(maps.Keys(c.articles)) {
		words, pairs := map[string]int{}, map[string]int{}
		for _, article := range c.articles[lang] {
			for _, s := range article {
				count(words, pairs, s)
			}
		}
		v.words[lang], v.pairs[lang] = ordered(words), ordered(pairs)
	}
	return v
}

func count(words, pairs map[string]int, sentence string) {
	before := ""
	for w := range strings.FieldsFuncSeq(sentence, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		w = strings.ToLower(w)
		if utf8.RuneCountInString(w) < 4 {
			before = ""
			continue
		}
		words[w]++
		if before != "" {
			pairs[before+" "+w]++
		}
		before = w
	}
}

func ordered(counts map[string]int) []string {
	all := slices.Collect(maps.Keys(counts))
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	return all
}

// among is one of the words ranked between from and to.
func (v *vocabulary) among(words []string, from, to int) string {
	to = min(to, len(words))
	from = min(from, to-1)
	return words[from+v.c.dice.IntN(to-from)]
}

// queries are a few hundred as a monitor would ask them: mostly names and words
// of the subject, some with words that half of all stories have.
func (v *vocabulary) queries(each int) []asked {
	var all []asked
	add := func(kind string, q index.Query) {
		q.Limit, q.Facets = 20, 10
		all = append(all, asked{kind, q})
	}
	for range each {
		lang := pick(v.c, v.c.languages)
		for lang == "zh" || lang == "ja" {
			lang = pick(v.c, v.c.languages)
		}
		words, pairs := v.words[lang], v.pairs[lang]
		person, someone := name(v.c.names.Uint64()), name(v.c.names.Uint64())
		subject := func() string { return v.among(words, 60, 2000) }
		common := func() string { return v.among(words, 5, 80) }
		add("name", index.Query{Text: person})
		add("word", index.Query{Text: subject()})
		add("common word", index.Query{Text: common()})
		add("commonest words", index.Query{Text: v.among(v.words["en"], 0, 10)})
		add("two words", index.Query{Text: subject() + " " + common()})
		add("four words", index.Query{Text: common() + " " + common() + " " + subject() + " " + common()})
		add("boolean", index.Query{Text: fmt.Sprintf("(%s OR %s OR %s) %s -%s", person, someone, subject(), common(), subject())})
		add("wide OR", index.Query{Text: strings.Join([]string{subject(), subject(), common(), subject(), person, common(), subject(), someone}, " OR ")})
		add("phrase", index.Query{Text: `"` + v.among(pairs, 20, 3000) + `"`})
		add("common phrase", index.Query{Text: `"` + v.among(pairs, 0, 20) + `"`})
		add("phrase and words", index.Query{Text: fmt.Sprintf(`"%s" %s -%s`, v.among(pairs, 0, 500), common(), person)})
		add("title", index.Query{Text: "title:" + subject()})
		add("field", index.Query{Text: fmt.Sprintf("outlet:%s%d.example %s", lang, v.c.outlets.Uint64(), common())})
		add("field alone", index.Query{Text: "lang:" + lang + " agency:reuters"})
		add("newest first", index.Query{Text: common(), Sort: "time"})
		add("widest first", index.Query{Text: common(), Sort: "spread"})
		add("last week", index.Query{Text: common(), Since: v.c.start.Add(45 * 24 * 3600e9)})
		add("Chinese", index.Query{Text: v.chinese()})
	}
	return all
}

// chinese is two neighbouring characters of a Chinese text.
func (v *vocabulary) chinese() string {
	if len(v.c.articles["zh"]) == 0 {
		return "市长"
	}
	for {
		s := []rune(pick(v.c, pick(v.c, v.c.articles["zh"])))
		i := v.c.dice.IntN(len(s) - 1)
		if unicode.Is(unicode.Han, s[i]) && unicode.Is(unicode.Han, s[i+1]) {
			return string(s[i : i+2])
		}
	}
}
