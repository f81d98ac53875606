package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kliping/internal/api"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

func newArticle(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "article ID",
		Short:   "Show an article: its text, what was stripped from it, why it is in its story, and its versions",
		Example: "  kliping article 40\n  kliping article 40 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return usage(cmd, err)
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				article, err := db.Article(ctx, news.ArticleID(id))
				if err != nil {
					return fmt.Errorf("article %d: %w; 'kliping story' gives the ids of articles", id, err)
				}
				editions, err := db.Versions(ctx, article.ID)
				if err != nil {
					return err
				}
				if asJSON {
					body, err := pipeline.ShownBody(ctx, db, article)
					if err != nil {
						return err
					}
					return printJSON(a.stdout, articleJSON{api.Article{Article: article, Text: article.Text(), HTML: body}, editions})
				}
				var t *told
				if article.Story != 0 {
					if t, err = tell(ctx, db, article.Story); err != nil {
						return err
					}
				}
				a.printArticle(article, t)
				a.printEditions(article, editions)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// articleJSON is an article with the versions it had before, as received.
type articleJSON struct {
	api.Article
	Earlier []store.Edition `json:"earlier,omitempty"`
}

// printEditions lists the versions that an article had.
func (a *app) printEditions(m *news.Article, earlier []store.Edition) {
	if len(earlier) == 0 {
		return
	}
	fmt.Fprintf(a.stdout, "\n%s:\n", count(m.Version, "version", "versions"))
	for _, e := range earlier {
		fmt.Fprintf(a.stdout, "  %d@%d  until %s  %s\n", m.ID, e.Version, stamp(e.Replaced, a.location()), plain(e.Item.Title))
	}
	fmt.Fprintf(a.stdout, "  %d@%d  now  %s\n  'kliping diff %d@%d' shows what changed\n", m.ID, m.Version, plain(m.Title), m.ID, earlier[len(earlier)-1].Version)
}

// printArticle prints an article; t is its story, nil before it has one.
func (a *app) printArticle(m *news.Article, t *told) {
	fmt.Fprintln(a.stdout, plain(m.Title))
	outlet := m.Outlet
	if t != nil {
		outlet = t.names.Of(outlet)
	}
	arrived := ""
	if m.Time().Equal(m.Published) { // else said already
		arrived = ", arrived " + stamp(m.Arrived, a.location())
	}
	fmt.Fprintf(a.stdout, "%s, %s, %s%s\n", plain(outlet), m.Language, a.dated(m), arrived)
	for _, line := range []struct{ name, value string }{
		{"url", m.URL}, {"author", m.Author}, {"agency", m.Agency}, {"dateline", m.Dateline}, {"source", m.Source}, {"page", pageState(m)},
		{"down", a.takenDown(m)},
	} {
		if line.value != "" {
			fmt.Fprintf(a.stdout, "%-8s  %s\n", line.name, plain(line.value))
		}
	}
	if t == nil {
		fmt.Fprintln(a.stdout, "story     none yet: the article waits to be grouped")
	} else {
		a.printPlace(m, t)
	}
	fmt.Fprintf(a.stdout, "\n%s\n", plain(m.Text()))
	if n := stripped(m.Blocks); n > 0 {
		fmt.Fprintf(a.stdout, "\n%s stripped:\n", count(n, "line", "lines"))
	}
	for _, b := range m.Blocks {
		if b.Strip != nil {
			fmt.Fprintf(a.stdout, "  - %s\n    %s\n", plain(b.Text), plain(b.Strip.String()))
		}
	}
	if t != nil {
		a.printMeasures([]news.Article{*m})
	}
}

// pageState says what came of fetching the article's page.
func pageState(m *news.Article) string {
	if m.PageError == "" {
		return string(m.Page)
	}
	return string(m.Page) + ": " + m.PageError
}

// takenDown says since when an article's page is down, and by which answer; "" if it is
// not, as far as is known.
func (a *app) takenDown(m *news.Article) string {
	if m.TakenDown.IsZero() {
		return ""
	}
	return "since " + stamp(m.TakenDown.Since, a.location()) + ": " + m.TakenDown.Why
}

// printPlace prints why an article is in its story, where it came from and who
// was first.
func (a *app) printPlace(m *news.Article, t *told) {
	fmt.Fprintf(a.stdout, "story     %d: %s\n", t.ID, plain(t.why(m)))
	if from := t.from(m); from != "" {
		fmt.Fprintf(a.stdout, "origin    %s\n", plain(from))
	}
	first := &t.Members[0] // the lead
	if first.ID == m.ID {
		fmt.Fprintf(a.stdout, "first     this one, of %s\n", count(t.Copies, "article", "articles"))
		return
	}
	fmt.Fprintf(a.stdout, "first     article %d of %s, %s%s\n", first.ID, plain(t.names.Of(first.Outlet)), a.dated(first), afterwards(m.Time().Sub(first.Time())))
}

// afterwards says how much later this article is.
func afterwards(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch {
	case minutes <= 0:
		return ""
	case minutes < 60:
		return fmt.Sprintf("; this one %d min later", minutes)
	case minutes < 48*60:
		return fmt.Sprintf("; this one %d h %d min later", minutes/60, minutes%60)
	}
	return fmt.Sprintf("; this one %d days later", minutes/(24*60))
}
