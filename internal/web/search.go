package web

import (
	"context"
	"net/url"
	"strings"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// searchView is the page of what was found.
type searchView struct {
	Total         int
	Offset        int
	Hits          []hit
	Before, After string   // links to the pages around this one, where there are any
	Sheets        string   // the query, for links to what was found as tables
	Mistake       *mistake // why nothing was looked for
}

// feedLink leads to what a page shows as a feed.
type feedLink struct{ Name, Type, Link string }

// feedLinks are those of a search.
func (s *server) feedLinks(query string) []feedLink {
	q := url.Values{"q": {query}}
	if s.FeedToken != "" {
		q.Set("token", s.FeedToken)
	}
	return []feedLink{
		{"Atom", "application/atom+xml", "/api/search.atom?" + q.Encode()},
		{"RSS", "application/rss+xml", "/api/search.rss?" + q.Encode()},
		{"JSON Feed", "application/feed+json", "/api/search.feed.json?" + q.Encode()},
	}
}

// hit is one story found, with pieces of the text that matched.
type hit struct {
	news.Story
	Found   []fragment
	Related []store.Related // stories about the same event
}

// fragment is a piece of an article's text.
type fragment struct {
	Article             news.ArticleID
	Outlet, Language    string
	Parts               []part
	CutBefore, CutAfter bool
}

// part is a run of text that matches, or one that does not.
type part struct {
	Text string
	Mark bool
}

// A hit shows this many pieces of its text, each of about so many characters.
const (
	fragmentsShown = 2
	fragmentWidth  = 160
)

// hits adds to the stories found what in their texts matched.
func (s *server) hits(ctx context.Context, query string, found pipeline.Found) ([]hit, error) {
	h, err := s.Index.Highlighter(query)
	if err != nil {
		return nil, err
	}
	ids := make([]news.StoryID, len(found.Stories))
	for i, f := range found.Stories {
		ids[i] = f.ID
	}
	details, err := s.DB.Documents(ctx, ids)
	if err != nil {
		return nil, err
	}
	fragments := map[news.StoryID][]fragment{}
	for i := range details {
		fragments[details[i].ID] = highlight(h, &details[i])
	}
	hits := make([]hit, len(found.Stories))
	for i, f := range found.Stories {
		hits[i] = hit{f.Story, fragments[f.ID], f.Related}
	}
	return hits, nil
}

// highlight takes the pieces from the lead if it matches, else from the first
// copy that does. A story found by a headline or an outlet alone has none.
func highlight(h *index.Highlighter, s *store.StoryDetail) []fragment {
	for i := range s.Members {
		m := &s.Members[i]
		var all []fragment
		for _, f := range h.Fragments(m.Language, strings.ReplaceAll(m.Text(), "\n\n", " "), fragmentWidth, fragmentsShown) {
			all = append(all, fragment{
				Article: m.ID, Outlet: m.Outlet, Language: m.Language,
				Parts: parts(f), CutBefore: f.CutBefore, CutAfter: f.CutAfter,
			})
		}
		if all != nil {
			return all
		}
	}
	return nil
}

// parts cuts a fragment at its marks.
func parts(f index.Fragment) []part {
	var all []part
	end := 0
	for _, m := range f.Marks {
		all = append(all, part{Text: f.Text[end:m.Start]}, part{Text: f.Text[m.Start:m.End], Mark: true})
		end = m.End
	}
	return append(all, part{Text: f.Text[end:]})
}

// mistake is a query that cannot be understood, cut at the place where.
type mistake struct {
	Column            int
	Message           string
	Before, At, After string
}

func newMistake(query string, e *index.QueryError) *mistake {
	typed := []rune(query)
	at := min(max(e.Column-1, 0), len(typed))
	m := &mistake{Column: e.Column, Message: e.Message, Before: string(typed[:at]), After: string(typed[at:])}
	if rest, ok := strings.CutPrefix(m.After, e.Near); ok {
		m.At, m.After = e.Near, rest
	}
	return m
}
