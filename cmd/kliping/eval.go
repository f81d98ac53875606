package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"kliping/internal/eval"
	"kliping/internal/pipeline"
)

func newEval(a *app) *cobra.Command {
	var asJSON bool
	var pages string
	var shuffle uint64
	cmd := &cobra.Command{
		Use:   "eval [FILE…]",
		Short: "Measure recognition on labelled articles",
		Long: `Sends labelled articles (JSON Lines: id, outlet, url, title, html, published, and
the labels cluster, relation, residue, gold_lang) through cleaning and grouping
on a temporary store, in order of publication, and compares what came out with
the labels, of which the grouping knows nothing.

With --pages, reads web pages (NAME.html.gz and ground-truth.json) instead and
compares the text found on each with the article that people found there, by
runs of four words.`,
		Example: "  kliping eval articles.jsonl\n  kliping eval --json *.jsonl\n  kliping eval --shuffle 7 articles.jsonl\n  kliping eval --pages pages/",
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 0) == (pages == "") {
				return usage(cmd, errors.New("name files of labelled articles, or a directory of pages with --pages"))
			}
			if pages != "" {
				return a.evalPages(cmd.Context(), pages, asJSON)
			}
			rows, err := eval.ReadFiles(args)
			if err != nil {
				return err
			}
			bar := newProgress(a.stderr, "articles", len(rows))
			report, err := eval.Run(cmd.Context(), rows, eval.Options{Shuffle: shuffle, Progress: bar.set})
			bar.end()
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.stdout, report)
			}
			return report.Table(a.stdout)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&pages, "pages", "", "measure how well articles are found on the web pages in `DIR`")
	cmd.Flags().Uint64Var(&shuffle, "shuffle", 0, "let the articles of each day arrive in another order, chosen by `SEED`; 0 leaves the order of publication")
	return cmd
}

func (a *app) evalPages(ctx context.Context, dir string, asJSON bool) error {
	pages, err := eval.ReadPages(dir)
	if err != nil {
		return err
	}
	preparer, err := pipeline.NewPreparer()
	if err != nil {
		return err
	}
	bar := newProgress(a.stderr, "pages", len(pages))
	report, err := eval.RunPages(ctx, pages, func(p eval.Page) string {
		return preparer.PageText(p.HTML, "text/html", p.URL)
	}, bar.set)
	bar.end()
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(a.stdout, report)
	}
	return report.Table(a.stdout)
}
