package web

import (
	"fmt"
	"net/http"
	"slices"

	"kliping/internal/diff"
	"kliping/internal/news"
	"kliping/internal/pipeline"
)

// A comparison shows so many sentences of the two articles, and so many figures
// and quotes before them: a text of a million words is no page.
const (
	sentencesShown = 2000
	pulledShown    = 40
)

// diffView is the page of what became of one article in another.
type diffView struct {
	From, To *news.Article
	// What the two are called, on the page and on the command line.
	FromName, ToName string
	FromRef, ToRef   string
	diff.Changes
	Headline   []diff.Part
	Figures    pulled
	Quotes     pulled
	Paragraphs [][]diff.Line
	More       int // sentences that are not shown
}

// pulled is what stands before the text because a reader looks for it first.
type pulled struct {
	Changed [][]diff.Part
	Dropped []string
	Added   []string
	More    int // that are not shown
}

func (p *pulled) Any() bool { return len(p.Changed)+len(p.Dropped)+len(p.Added) > 0 }

func (s *server) diff(r *http.Request) (page, error) {
	to, err := pathID(r)
	if err != nil {
		return page{}, err
	}
	q := r.URL.Query()
	var numbers [3]int
	for i, name := range []string{"from", "version", "to"} {
		if numbers[i], err = number(q, name, 0, 1<<53); err != nil {
			return page{}, err
		}
	}
	from, version, next := numbers[0], numbers[1], numbers[2]
	var a, b *news.Article
	if version != 0 {
		a, b, err = pipeline.ComparedVersions(r.Context(), s.DB, news.ArticleID(to), version, next)
	} else {
		a, b, err = pipeline.Compared(r.Context(), s.DB, news.ArticleID(from), news.ArticleID(to))
	}
	if err != nil {
		return page{}, err
	}
	names, err := s.DB.OutletNames(r.Context())
	if err != nil {
		return page{}, err
	}
	a.Outlet, b.Outlet = names.Of(a.Outlet), names.Of(b.Outlet)
	return page{name: "diff", Title: headline(b.Title), Data: newDiffView(a, b)}, nil
}

func newDiffView(from, to *news.Article) *diffView {
	v := &diffView{From: from, To: to, Changes: diff.Compare(from, to), FromName: from.Outlet, ToName: to.Outlet,
		FromRef: fmt.Sprint(from.ID), ToRef: fmt.Sprint(to.ID)}
	if from.ID == to.ID {
		v.FromName, v.ToName = fmt.Sprintf("version %d", from.Version), fmt.Sprintf("version %d", to.Version)
		v.FromRef, v.ToRef = fmt.Sprintf("%d@%d", from.ID, from.Version), fmt.Sprintf("%d@%d", to.ID, to.Version)
	}
	v.pull()
	lines := diff.Inline(from, to)
	v.More = max(len(lines)-sentencesShown, 0)
	for _, l := range lines[:len(lines)-v.More] {
		if last := len(v.Paragraphs) - 1; last >= 0 && !l.Starts {
			v.Paragraphs[last] = append(v.Paragraphs[last], l)
		} else {
			v.Paragraphs = append(v.Paragraphs, []diff.Line{l})
		}
	}
	return v
}

// pull takes headline, figures and quotes out of the changes. A figure that was
// changed is named as that, and not as dropped and added too.
func (v *diffView) pull() {
	v.Figures.Dropped, v.Figures.Added = v.DroppedFigures, v.AddedFigures
	if v.Title != nil {
		v.Headline = diff.Words(v.Title.Before, v.Title.After)
		v.Figures.change(v.Title.Figures)
	}
	for _, c := range v.Changed {
		v.Figures.change(c.Figures)
		v.Quotes.change(c.Quotes)
	}
	for _, s := range v.Dropped {
		v.Quotes.Dropped = append(v.Quotes.Dropped, s.Quotes...)
	}
	for _, s := range v.Added {
		v.Quotes.Added = append(v.Quotes.Added, s.Quotes...)
	}
	v.Figures.cut()
	v.Quotes.cut()
}

// change takes up pairs of before and after. A figure with nothing in its place
// is among the dropped and the added ones already, if it stands nowhere else.
func (p *pulled) change(pairs [][2]string) {
	for _, pair := range pairs {
		parts := diff.Words(pair[0], pair[1])
		if pair[0] == "" || pair[1] == "" || slices.ContainsFunc(p.Changed, func(q []diff.Part) bool { return slices.Equal(q, parts) }) {
			continue
		}
		p.Changed = append(p.Changed, parts)
		p.Dropped = without(p.Dropped, pair[0])
		p.Added = without(p.Added, pair[1])
	}
}

func without(all []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == one })
}

// cut keeps what a page has room for.
func (p *pulled) cut() {
	p.More = max(len(p.Changed)-pulledShown, 0) + max(len(p.Dropped)-pulledShown, 0) + max(len(p.Added)-pulledShown, 0)
	p.Changed = p.Changed[:min(len(p.Changed), pulledShown)]
	p.Dropped = p.Dropped[:min(len(p.Dropped), pulledShown)]
	p.Added = p.Added[:min(len(p.Added), pulledShown)]
}
