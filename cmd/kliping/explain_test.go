package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// explained is a story with every kind of reason, and times of every kind.
func explained() *told {
	at := func(h, m int) time.Time { return time.Date(2026, 5, 1, h, m, 0, 0, time.UTC) }
	return &told{
		StoryDetail: &store.StoryDetail{
			Story: news.Story{ID: 7, Title: "Ferry sinks off Karsa", Lead: 1, Copies: 4, Texts: 2, Outlets: 4, Languages: []string{"ar", "en"}, FirstOutlet: "wire.example", FirstPublished: at(6, 0)},
			Members: []news.Article{
				{ID: 1, Outlet: "wire.example", Language: "en", Title: "Ferry sinks off Karsa", Published: at(6, 0), Arrived: at(6, 5), Reason: news.Reason{Relation: news.Founder}},
				{ID: 2, Outlet: "daily.example", Language: "en", Title: "Ferry\x1b[2J sinks", Published: time.Unix(0, 0), Arrived: at(6, 40), Story: 7,
					Reason: news.Reason{Relation: news.Excerpt, Of: 1, Containment: .97, Jaccard: .4, Shared: 41},
					Blocks: []news.Block{
						{Text: "The ferry sank."},
						{Text: "Follow us", Strip: &news.Strip{Evidence: news.ByTemplate, Rule: "repeated", Detail: "seen in 6 articles of daily.example since 25 April 2026"}},
					}},
				{ID: 3, Outlet: "abar.example", Language: "ar", Title: "غرق عبارة", Arrived: at(8, 10), Reason: news.Reason{Relation: news.Translation, Of: 1, Score: .61, Pivots: []string{"19", "كارسا"}}},
				{ID: 4, Outlet: "echo.example", Language: "en", Title: "Ferry sinks", Published: at(9, 0), Arrived: at(9, 0), TakenDown: news.Takedown{Since: at(11, 0), Why: "404 Not Found, twice"},
					Reason: news.Reason{Relation: news.Copy, Of: 1, Containment: 1, Jaccard: 1, Shared: 44}},
			},
			Pinned: []news.ArticleID{4},
		},
		Origins: []pipeline.Origin{{Article: 2, From: 1, Outlet: "wire.example", Containment: .97}, {Article: 4, From: 2, Outlet: "daily.example", Named: true}},
	}
}

const measures = `
Containment is the share of the shorter text that the longer one has too, Jaccard the share of
both together that both have; a shingle is five words in a row, or so many characters where
words are not spaced.
`

func TestStoryExplains(t *testing.T) {
	var out bytes.Buffer
	a := &app{stdout: &out}
	story := explained()
	story.names = store.OutletNames{"daily.example": "The Daily"}
	a.printStory(story)
	want := `Ferry sinks off Karsa
4 articles, 2 texts, 4 outlets, ar en; first wire.example, 2026-05-01 06:00 UTC

1  wire.example  en  published 2026-05-01 06:00 UTC  (lead)
    Ferry sinks off Karsa
    the story began with it

2  The Daily  en  arrived 2026-05-01 06:40 UTC (its feed says 1970-01-01 00:00 UTC, which is not credible)
    Ferry [2J sinks
    excerpt of article 1 of wire.example: containment 0.97, Jaccard 0.40, 41 shared shingles
    most likely from article 1
    1 line stripped; 'kliping article 2' shows them

3  abar.example  ar  arrived 2026-05-01 08:10 UTC (its feed gives no time)
    غرق عبارة
    translation of article 1 of wire.example: score 0.61, both have 19, ` + "\u2068كارسا\u2069" + `

4  echo.example  en  published 2026-05-01 09:00 UTC
    Ferry sinks
    copy of article 1 of wire.example: containment 1.00, Jaccard 1.00, 44 shared shingles
    most likely from article 2 of The Daily, which it names as its source
    stays here, as a person decided
    page taken down since 2026-05-01 11:00 UTC: 404 Not Found, twice
` + measures + `The score of a translation, from 0 to 1, weighs the names, places, dates and figures that both
texts have, those first that few other articles have.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestArticleExplains(t *testing.T) {
	var out bytes.Buffer
	a := &app{stdout: &out}
	story := explained()
	story.names = store.OutletNames{"daily.example": "The Daily", "wire.example": "The Wire"}
	a.printArticle(&story.Members[1], story)
	want := `Ferry [2J sinks
The Daily, en, arrived 2026-05-01 06:40 UTC (its feed says 1970-01-01 00:00 UTC, which is not credible)
story     7: excerpt of article 1 of The Wire: containment 0.97, Jaccard 0.40, 41 shared shingles
origin    most likely from article 1
first     article 1 of The Wire, published 2026-05-01 06:00 UTC; this one 40 min later

The ferry sank.

1 line stripped:
  - Follow us
    template: repeated, seen in 6 articles of daily.example since 25 April 2026
` + measures
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	out.Reset()
	a.printArticle(&story.Members[3], story)
	if got := out.String(); !bytes.Contains([]byte(got), []byte("down      since 2026-05-01 11:00 UTC: 404 Not Found, twice\n")) {
		t.Errorf("one whose page is down says\n%s", got)
	}
	out.Reset()
	a.printArticle(&story.Members[0], story)
	if got := out.String(); !bytes.Contains([]byte(got), []byte("first     this one, of 4 articles")) {
		t.Errorf("the lead says\n%s", got)
	}
}
