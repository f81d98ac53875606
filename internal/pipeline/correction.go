package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

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
// the feed gave them: that is what makes a version, and the page of an earlier one
// may not have been fetched. What is residue does not count, nor do case and
// punctuation.
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
	if before != nil && after != nil {
		said = changed(e.clean(a, *before), e.clean(a, *after))
	}
	if e.done == nil {
		e.done = map[editionPair]string{}
	}
	e.done[pair] = said
	return said, nil
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

func (e *editions) clean(a *news.Article, it news.Item) *news.Article {
	it.Page = nil
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
