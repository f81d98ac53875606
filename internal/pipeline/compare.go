package pipeline

import (
	"context"
	"fmt"

	"kliping/internal/diff"
	"kliping/internal/news"
	"kliping/internal/store"
)

// Comparison says what became of one article in another.
type Comparison struct {
	From         news.ArticleID `json:"from"`
	To           news.ArticleID `json:"to"`
	FromVersion  int            `json:"from_version,omitempty"` // where one is an article's earlier version
	ToVersion    int            `json:"to_version,omitempty"`
	FromLanguage string         `json:"from_language"`
	ToLanguage   string         `json:"to_language"`
	diff.Changes
}

// NewComparison compares two articles.
func NewComparison(from, to *news.Article) Comparison {
	c := Comparison{From: from.ID, To: to.ID, FromLanguage: from.Language, ToLanguage: to.Language, Changes: diff.Compare(from, to)}
	if from.ID == to.ID {
		c.FromVersion, c.ToVersion = from.Version, to.Version
	}
	return c
}

// Compared reads the two articles to compare; from may be 0 for the lead of the
// story that to is in. No other article of the story is read, however many it has.
func Compared(ctx context.Context, db *store.DB, from, to news.ArticleID) (a, b *news.Article, err error) {
	if b, err = db.Article(ctx, to); err != nil {
		return nil, nil, err
	}
	if from == 0 {
		if from, err = leadOf(ctx, db, b); err != nil {
			return nil, nil, err
		}
	}
	a, err = db.Article(ctx, from)
	return a, b, err
}

// ComparedVersions reads two versions of an article to compare; 0 is the present
// one.
func ComparedVersions(ctx context.Context, db *store.DB, id news.ArticleID, from, to int) (a, b *news.Article, err error) {
	if a, err = Edition(ctx, db, id, from); err != nil {
		return nil, nil, err
	}
	b, err = Edition(ctx, db, id, to)
	return a, b, err
}

func leadOf(ctx context.Context, db *store.DB, a *news.Article) (news.ArticleID, error) {
	if a.Story == 0 {
		return 0, fmt.Errorf("article %d waits to be grouped and has no lead yet; name two articles to compare: %w", a.ID, news.ErrInvalid)
	}
	stories, err := db.StoriesByID(ctx, []news.StoryID{a.Story})
	switch {
	case err != nil:
		return 0, err
	case len(stories) == 0:
		return 0, fmt.Errorf("story %d: %w", a.Story, news.ErrNotFound)
	case stories[0].Lead == a.ID:
		return 0, fmt.Errorf("article %d is the lead of story %d; name the copy, or two articles to compare: %w", a.ID, a.Story, news.ErrInvalid)
	}
	return stories[0].Lead, nil
}
