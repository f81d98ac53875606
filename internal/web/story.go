package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// A story's page lists so many articles, and so many can be asked for.
const (
	storyShows = 200
	storyMost  = 10_000
)

// storyView is the page of a story.
type storyView struct {
	*store.StoryDetail
	Names    store.OutletNames
	Related  []store.Related // other stories about the same event
	Text     []shown         // the lead's
	Articles []copyView      // the members shown, lead first, then by time
	Spread   spread
	More     string // link to the rest of the articles, if there are more
}

// copyView is one article in its story.
type copyView struct {
	*news.Article
	Why      why
	Origin   why    // where it most likely came from
	Later    string // than the first
	Text     int    // which of the story's texts it has, counted from 1; 0 if the story has but one
	Pinned   bool
	Stripped []news.Block
}

func (s *server) story(r *http.Request) (page, error) {
	id, err := pathID(r)
	if err != nil {
		return page{}, err
	}
	show, err := number(r.URL.Query(), "show", storyShows, storyMost)
	if err != nil {
		return page{}, err
	}
	detail, err := s.DB.Story(r.Context(), news.StoryID(id))
	if err != nil {
		return page{}, err
	}
	if detail.ID != news.StoryID(id) { // merged; not for good, as a person may part them again
		return page{moved: fmt.Sprintf("/story/%d", detail.ID)}, nil
	}
	v, err := s.newStoryView(r.Context(), detail, max(show, 1))
	return page{name: "story", Title: headline(detail.Title), Data: v}, err
}

// newStoryView shows the first articles of a story. Where they came from is
// looked for among themselves, so that a story of thousands costs no more.
func (s *server) newStoryView(ctx context.Context, d *store.StoryDetail, show int) (storyView, error) {
	shown := *d
	shown.Members = d.Members[:min(len(d.Members), show)]
	names, err := s.DB.OutletNames(ctx)
	if err != nil {
		return storyView{}, err
	}
	related, err := pipeline.Related(ctx, s.DB, d.ID)
	if err != nil {
		return storyView{}, err
	}
	d.FirstOutlet = names.Of(d.FirstOutlet)
	for i := range related {
		related[i].Story.FirstOutlet = names.Of(related[i].Story.FirstOutlet)
	}
	v := storyView{StoryDetail: d, Names: names, Related: related, Spread: newSpread(d.Members, names)}
	if len(d.Members) > show && show < storyMost {
		v.More = fmt.Sprintf("/story/%d?show=%d#article-%d", d.ID, min(len(d.Members), storyMost), d.Members[show].ID)
	}
	if v.Text, err = s.shown(ctx, &d.Members[0]); err != nil {
		return v, err
	}
	origins, err := pipeline.Origins(ctx, s.DB, &shown)
	if err != nil {
		return v, err
	}
	from := map[news.ArticleID]pipeline.Origin{}
	for _, o := range origins {
		from[o.Article] = o
	}
	outlets := map[news.ArticleID]string{}
	for i := range shown.Members {
		outlets[shown.Members[i].ID] = shown.Members[i].Outlet
	}
	texts := textsOf(d.Members)
	for i := range shown.Members {
		m := &shown.Members[i]
		c := copyView{
			Article: m, Later: later(d.Members[0].Time(), m.Time()), Why: why{Before: m.Reason.String()}, Text: texts[m.ID],
			Pinned: slices.Contains(d.Pinned, m.ID), Stripped: strippedOf(m),
		}
		if outlet, ok := outlets[m.Reason.Of]; ok {
			c.Why = newWhy(m.Reason.String(), m.Reason.Of, outlet, fmt.Sprintf("#article-%d", m.Reason.Of))
		}
		if o, ok := from[m.ID]; ok {
			if o.From == m.Reason.Of {
				o.Containment = 0 // said already
			}
			c.Origin = newWhy(o.String(), o.From, o.Outlet, fmt.Sprintf("#article-%d", o.From))
		}
		c.Why.Of, c.Origin.Of = names.Of(c.Why.Of), names.Of(c.Origin.Of)
		v.Articles = append(v.Articles, c)
	}
	return v, nil
}

func strippedOf(a *news.Article) []news.Block {
	return slices.DeleteFunc(slices.Clone(a.Blocks), func(b news.Block) bool { return b.Strip == nil })
}

// textsOf numbers the texts of a story in the order of its members. Two members
// have one text if one's reason says that it shares the other's wording, at
// once or by way of others. A story of one text has no numbers.
func textsOf(members []news.Article) map[news.ArticleID]int {
	parent := map[news.ArticleID]news.ArticleID{}
	for i := range members {
		parent[members[i].ID] = members[i].ID
	}
	root := func(id news.ArticleID) news.ArticleID {
		for parent[id] != id {
			parent[id] = parent[parent[id]]
			id = parent[id]
		}
		return id
	}
	for i := range members {
		m := &members[i]
		if of := m.Reason.TextOf(); parent[of] != 0 {
			parent[root(m.ID)] = root(of)
		}
	}
	numbers, texts := map[news.ArticleID]int{}, map[news.ArticleID]int{}
	for i := range members {
		top := root(members[i].ID)
		if numbers[top] == 0 {
			numbers[top] = len(numbers) + 1
		}
		texts[members[i].ID] = numbers[top]
	}
	if len(numbers) < 2 {
		return nil
	}
	return texts
}

// articleView is the page of one article.
type articleView struct {
	*news.Article
	Names   store.OutletNames
	Why     why
	Lead    bool    // of its story, which it is compared with if it is not
	Shown   []shown // its blocks, residue included
	Earlier []store.Edition
	Also    []string // the other addresses that it was received under
}

// shown is a block with its markup, which content sanitised.
type shown struct {
	news.Block
	HTML, Images template.HTML
}

func (s *server) article(r *http.Request) (page, error) {
	id, err := pathID(r)
	if err != nil {
		return page{}, err
	}
	a, err := s.DB.Article(r.Context(), news.ArticleID(id))
	if errors.Is(err, news.ErrNotFound) {
		if is, missing := s.DB.AliasOf(r.Context(), news.ArticleID(id)); missing == nil {
			return page{moved: fmt.Sprintf("/article/%d", is)}, nil
		}
	}
	if err != nil {
		return page{}, err
	}
	v := articleView{Article: a, Why: why{Before: a.Reason.String()}}
	if v.Names, err = s.DB.OutletNames(r.Context()); err != nil {
		return page{}, err
	}
	if of := a.Reason.Of; of != 0 {
		other, err := s.DB.Article(r.Context(), of)
		if err != nil && !errors.Is(err, news.ErrNotFound) {
			return page{}, err
		}
		if err == nil {
			v.Why = newWhy(a.Reason.String(), of, other.Outlet, fmt.Sprintf("/article/%d", of))
			v.Why.Of = v.Names.Of(v.Why.Of)
		}
	}
	if v.Shown, err = s.shown(r.Context(), a); err != nil {
		return page{}, err
	}
	if v.Earlier, err = s.DB.Versions(r.Context(), a.ID); err != nil {
		return page{}, err
	}
	aliases, err := s.DB.Aliases(r.Context(), a.ID)
	if err != nil {
		return page{}, err
	}
	for _, alias := range aliases {
		if !slices.Contains(v.Also, alias.URL) && alias.URL != a.URL {
			v.Also = append(v.Also, alias.URL)
		}
	}
	stories, err := s.DB.StoriesByID(r.Context(), []news.StoryID{a.Story})
	v.Lead = len(stories) == 1 && stories[0].Lead == a.ID
	return page{name: "article", Title: headline(a.Title), Data: v}, err
}

func (s *server) shown(ctx context.Context, a *news.Article) ([]shown, error) {
	blocks, err := pipeline.Show(ctx, s.DB, a)
	all := make([]shown, len(blocks))
	for i, b := range blocks {
		all[i] = shown{b.Block, template.HTML(b.HTML), template.HTML(b.Images)}
	}
	return all, err
}
