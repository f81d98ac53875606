package main

import (
	"context"
	"fmt"

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
		Short:   "Show an article: its text, what was stripped from it, and why it is in its story",
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
				if asJSON {
					return printJSON(a.stdout, api.Article{Article: article, Text: article.Text()})
				}
				from, err := cameFrom(ctx, db, article)
				if err != nil {
					return err
				}
				a.printArticle(article, from)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// cameFrom says where an article most likely came from, "" if nothing does.
func cameFrom(ctx context.Context, db *store.DB, m *news.Article) (string, error) {
	if m.Story == 0 {
		return "", nil
	}
	s, err := db.Story(ctx, m.Story)
	if err != nil {
		return "", err
	}
	origins, err := pipeline.Origins(ctx, db, s)
	for _, o := range origins {
		if o.Article == m.ID {
			return o.String(), err
		}
	}
	return "", err
}

func (a *app) printArticle(m *news.Article, from string) {
	fmt.Fprintln(a.stdout, plain(m.Title))
	fmt.Fprintf(a.stdout, "%s, %s, published %s, arrived %s\n", plain(m.Outlet), m.Language, stamp(m.Published, a.location()), stamp(m.Arrived, a.location()))
	for _, line := range []struct{ name, value string }{
		{"url", m.URL}, {"author", m.Author}, {"agency", m.Agency}, {"dateline", m.Dateline}, {"source", m.Source},
	} {
		if line.value != "" {
			fmt.Fprintf(a.stdout, "%-8s  %s\n", line.name, plain(line.value))
		}
	}
	if m.Story == 0 {
		fmt.Fprintln(a.stdout, "story     none yet: the article waits to be grouped")
	} else {
		fmt.Fprintf(a.stdout, "story     %d: %s\n", m.Story, plain(m.Reason.String()))
	}
	if from != "" {
		fmt.Fprintf(a.stdout, "origin    %s\n", plain(from))
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
}
