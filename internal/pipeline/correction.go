package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kliping/internal/news"
	"kliping/internal/store"
)

// editions compares the versions of articles, each pair once.
type editions struct {
	db       *store.DB
	preparer *Preparer
	names    store.OutletNames
	done     map[editionPair]string
}

type editionPair struct {
	article  news.ArticleID
	from, to int
}

// change says in words what an outlet changed in an article since one of its
// versions; "" if neither headline nor text is other words now. Both are read as
// the feed gave them: the page of an earlier one may not have been fetched. Only where
// the feed's item is the same does the page make the difference, and is compared. What
// is residue does not count, nor do case and punctuation.
func (e *editions) change(ctx context.Context, a *news.Article, from int) (string, error) {
	pair := editionPair{a.ID, from, a.Version}
	if said, ok := e.done[pair]; ok {
		return said, nil
	}
	before, after, err := e.read(ctx, a, from)
	if err != nil {
		return "", err
	}
	said := ""
	switch {
	case before == nil || after == nil:
	case before.Title != after.Title || before.HTML != after.HTML:
		said = changed(e.clean(a, *before, nil), e.clean(a, *after, nil))
	case full(before.Page) && full(after.Page):
		said = rewritten(prose(e.clean(a, *before, before.Page)), prose(e.clean(a, *after, after.Page)))
	}
	if e.done == nil {
		e.done = map[editionPair]string{}
	}
	e.done[pair] = said
	return said, nil
}

// since reports whether an outlet changed words of an article of a story since the
// given time.
func (e *editions) since(ctx context.Context, s *store.StoryDetail, at time.Time) (bool, error) {
	for i := range s.Members {
		a := &s.Members[i]
		if a.Version == 1 {
			continue
		}
		earlier, err := e.db.Versions(ctx, a.ID)
		if err != nil {
			return false, err
		}
		then := slices.IndexFunc(earlier, func(v store.Edition) bool { return !v.Replaced.Before(at) })
		if then < 0 {
			continue
		}
		if said, err := e.change(ctx, a, earlier[then].Version); err != nil || said != "" {
			return said != "", err
		}
	}
	return false, nil
}

// read returns the items of two versions; nil for one that is not there.
func (e *editions) read(ctx context.Context, a *news.Article, from int) (before, after *news.Item, err error) {
	earlier, err := e.db.Versions(ctx, a.ID)
	if err != nil {
		return nil, nil, err
	}
	for i := range earlier {
		switch earlier[i].Version {
		case from:
			before = &earlier[i].Item
		case a.Version:
			after = &earlier[i].Item
		}
	}
	if after == nil {
		it, err := e.db.Item(ctx, a.ID)
		if err != nil {
			return nil, nil, err
		}
		after = &it
	}
	return before, after, nil
}

func (e *editions) clean(a *news.Article, it news.Item, page *news.Page) *news.Article {
	it.Page = page
	in := e.preparer.Prepare(news.Feed{Outlet: a.Outlet, Language: a.Language}, it, a.Arrived)
	return &in.Article
}

func changed(a, b *news.Article) string {
	var said []string
	if !slices.Equal(plainWords(a.Title), plainWords(b.Title)) {
		said = append(said, fmt.Sprintf("changed the headline from “%s” to “%s”", a.Title, b.Title))
	}
	before, after := plainWords(a.Text()), plainWords(b.Text())
	if out, in := exchanged(before, after); out+in > 0 {
		said = append(said, fmt.Sprintf("changed the text: %s out, %s in", words(out), words(in)))
	} else if !slices.Equal(before, after) {
		said = append(said, "changed the order of the text")
	}
	return strings.Join(said, " and ")
}

// rewritten says in words that prose was changed; "" if it has the same words.
func rewritten(before, after []string) string {
	out, in := exchanged(strings.Fields(strings.Join(before, " ")), strings.Fields(strings.Join(after, " ")))
	if out+in == 0 {
		return ""
	}
	return fmt.Sprintf("changed the text: %s out, %s in", words(out), words(in))
}

// Around an article pages have lines that change by themselves: teasers, counters,
// times. A block is prose if it ends as a sentence does and is longer than such lines
// are or, in scripts that end sentences by nothing, much longer. An ideograph is worth
// a few letters.
const (
	proseLength = 30
	longLine    = 200
	ideograph   = 3
)

// prose is what of an article's text reads as sentences of its own, each block its
// plain words.
func prose(a *news.Article) (blocks []string) {
	for i := range a.Blocks {
		b := &a.Blocks[i]
		if b.Strip != nil || b.Kind == news.Heading || b.Kind == news.Caption || b.Links >= .5 {
			continue
		}
		size := 0
		for _, r := range b.Text {
			if size++; unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) {
				size += ideograph - 1
			}
		}
		bare := strings.TrimRightFunc(b.Text, func(r rune) bool {
			return unicode.In(r, unicode.Pe, unicode.Pf, unicode.Zs) || r == '"' || r == '\''
		})
		last, _ := utf8.DecodeLastRuneInString(bare)
		if size >= longLine || size >= proseLength && unicode.Is(unicode.Sentence_Terminal, last) {
			blocks = append(blocks, strings.Join(plainWords(b.Text), " "))
		}
	}
	return blocks
}

func words(n int) string {
	if n == 1 {
		return "1 word"
	}
	return fmt.Sprintf("%d words", n)
}

// plainWords are the words of a text in lower case, without punctuation.
func plainWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}

// exchanged counts the words that only one of two texts has, as often as it has
// them.
func exchanged(before, after []string) (out, in int) {
	count := map[string]int{}
	for _, w := range before {
		count[w]++
	}
	for _, w := range after {
		count[w]--
	}
	for _, n := range count {
		out += max(n, 0)
		in += max(-n, 0)
	}
	return out, in
}
