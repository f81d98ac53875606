package pipeline

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/store"
)

// Found is the answer to a search: whole stories, as the store has them.
type Found struct {
	Total   int          `json:"total"` // stories that match, however many are given
	Stories []FoundStory `json:"stories"`
	Next    string       `json:"next,omitempty"`   // cursor of the stories behind these; empty: there are none
	Facets  *Facets      `json:"facets,omitempty"` // nil unless asked for
	Hints   []index.Hint `json:"hints,omitempty"`  // what else the query may have meant
}

// Facets say how many of all stories that match have a value, the most frequent
// values first, but the days in order.
type Facets struct {
	Lang   []index.Count `json:"lang"`
	Outlet []index.Count `json:"outlet"`
	Agency []index.Count `json:"agency"`
	Tag    []index.Count `json:"tag"`
	Day    []index.Count `json:"day"`
}

// Facet is one of them, with the field that asks for a value of it in a query;
// see [index.Refine].
type Facet struct {
	Field  string
	Counts []index.Count
}

// All are the facets in the order they are shown in; none of nil.
func (f *Facets) All() []Facet {
	if f == nil {
		return nil
	}
	return []Facet{{"lang", f.Lang}, {"outlet", f.Outlet}, {"agency", f.Agency}, {"tag", f.Tag}, {"day", f.Day}}
}

// FoundStory is one story that matches, with how well and by which copy.
type FoundStory struct {
	news.Story
	Score   float64         `json:"score"`
	Related []store.Related `json:"related,omitempty"` // stories about the same event, where few stories are given
	By      *FoundBy        `json:"by,omitempty"`      // nil: nothing was asked for that one copy has and another has not
}

// FoundBy is the copy of a story that answers the most of a query, in whichever
// language it is. A story may be found by several copies together.
type FoundBy struct {
	Article   news.ArticleID `json:"article"`
	Outlet    string         `json:"outlet"`
	Language  string         `json:"language"`
	Title     []Part         `json:"title"`
	Fragments []Fragment     `json:"fragments"` // pieces of its text; empty if its headline or outlet was asked for
}

// Fragment is a piece of an article's text.
type Fragment struct {
	Parts     []Part `json:"parts"`
	CutBefore bool   `json:"cut_before,omitempty"` // the text begins before it
	CutAfter  bool   `json:"cut_after,omitempty"`  // and goes on behind it
}

// Part is a run of text that matches, or one that does not.
type Part struct {
	Text string `json:"text"`
	Mark bool   `json:"mark,omitempty"`
}

// A hit shows this many pieces of its text, each of about so many characters.
const (
	fragmentsShown = 2
	fragmentWidth  = 160
)

// readAtOnce is how many stories a search reads with all their texts at a time.
const readAtOnce = 200

// A search that gives so many stories or fewer says what each is related to, and
// names so many of them.
const (
	relatedUpTo  = 100
	relatedNamed = 3
)

// Search finds stories. The index says which and in what order, the store what
// they are; a story that went since the index was last brought up to date is
// left out. Errors are those of [index.Index.Search].
func Search(ctx context.Context, db *store.DB, ix *index.Index, q index.Query) (Found, error) {
	result, err := ix.Search(ctx, q)
	if err != nil {
		return Found{}, err
	}
	h, err := ix.Highlighter(q)
	if err != nil {
		return Found{}, err
	}
	found := Found{Total: result.Total, Stories: make([]FoundStory, 0, len(result.Hits)), Next: result.Next, Hints: index.Hints(q.Text)}
	if f := result.Facets; f != nil {
		found.Facets = &Facets{f["lang"], f["outlet"], f["agency"], f["tag"], f["day"]}
	}
	for hits := range slices.Chunk(result.Hits, readAtOnce) {
		stories, err := foundStories(ctx, db, h, hits, len(result.Hits) <= relatedUpTo)
		if err != nil {
			return Found{}, err
		}
		found.Stories = append(found.Stories, stories...)
	}
	return found, nil
}

// foundStories reads the stories of some hits. Most are found by their lead,
// whose text is read first; only of the others some copies are read.
func foundStories(ctx context.Context, db *store.DB, h *index.Highlighter, hits []index.Hit, withRelated bool) ([]FoundStory, error) {
	ids := make([]news.StoryID, len(hits))
	for i, hit := range hits {
		ids[i] = hit.ID
	}
	stories, err := db.StoriesByID(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the stories found: %w", err)
	}
	by, err := foundBy(ctx, db, h, stories)
	if err != nil {
		return nil, fmt.Errorf("read the copies found: %w", err)
	}
	var related map[news.StoryID][]store.Related
	if withRelated {
		if related, err = db.Related(ctx, ids, relatedNamed); err != nil {
			return nil, err
		}
	}
	place := make(map[news.StoryID]int, len(stories))
	for i, s := range stories {
		place[s.ID] = i + 1
	}
	var all []FoundStory
	for _, hit := range hits {
		if i := place[hit.ID]; i > 0 {
			all = append(all, FoundStory{stories[i-1], hit.Score, related[hit.ID], by[hit.ID]})
		}
	}
	return all, nil
}

// copiesRead is how many copies of a story are read that its lead does not answer
// for. Most others have the words of one of these.
const copiesRead = 8

// foundBy says of each story by which copy it was found; of one that no copy
// answers any more, nothing.
func foundBy(ctx context.Context, db *store.DB, h *index.Highlighter, stories []news.Story) (map[news.StoryID]*FoundBy, error) {
	leads := make([]news.ArticleID, len(stories))
	unclear := make(map[news.StoryID]bool, len(stories))
	for i, s := range stories {
		leads[i], unclear[s.ID] = s.Lead, true
	}
	articles, err := db.Articles(ctx, leads)
	if err != nil {
		return nil, err
	}
	all := make(map[news.StoryID]*FoundBy, len(stories))
	lead := make(map[news.StoryID]*news.Article, len(stories))
	for i := range articles {
		lead[articles[i].Story] = &articles[i]
		if by, whole := best(h, articles[i:i+1]); whole {
			if by != nil {
				all[articles[i].Story] = by
			}
			delete(unclear, articles[i].Story)
		}
	}
	copies, err := db.Copies(ctx, slices.Sorted(maps.Keys(unclear)), h.Names, copiesRead)
	if err != nil {
		return nil, err
	}
	for story, articles := range copies {
		if l := lead[story]; l != nil && !slices.ContainsFunc(articles, func(a news.Article) bool { return a.ID == l.ID }) {
			articles = append(articles, *l)
		}
		if by, _ := best(h, articles); by != nil {
			all[story] = by
		}
	}
	return all, nil
}

// best looks for the copy that answers the query best; whole: all of it.
func best(h *index.Highlighter, articles []news.Article) (by *FoundBy, whole bool) {
	copies := make([]index.Copy, len(articles))
	for i := range articles {
		m := &articles[i]
		copies[i] = index.Copy{
			Title: m.Title, Text: strings.Join(kept(m.Blocks), " "),
			Language: m.Language, Outlet: m.Outlet, Agency: m.Agency, Tags: m.Tags,
		}
	}
	i, match := h.Best(copies, fragmentWidth, fragmentsShown)
	if i < 0 {
		return nil, match.Whole
	}
	m := &articles[i]
	by = &FoundBy{Article: m.ID, Outlet: m.Outlet, Language: m.Language, Title: parts(match.Title), Fragments: []Fragment{}}
	for _, f := range match.Fragments {
		by.Fragments = append(by.Fragments, Fragment{parts(f), f.CutBefore, f.CutAfter})
	}
	return by, match.Whole
}

// parts cuts a fragment at its marks.
func parts(f index.Fragment) []Part {
	all := []Part{}
	add := func(text string, mark bool) {
		if text != "" {
			all = append(all, Part{text, mark})
		}
	}
	end := 0
	for _, m := range f.Marks {
		add(f.Text[end:m.Start], false)
		add(f.Text[m.Start:m.End], true)
		end = m.End
	}
	add(f.Text[end:], false)
	return all
}
