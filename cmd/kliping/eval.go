package main

import (
	"github.com/spf13/cobra"

	"kliping/internal/eval"
)

func newEval(a *app) *cobra.Command {
	var asJSON bool
	var shuffle uint64
	cmd := &cobra.Command{
		Use:   "eval FILE…",
		Short: "Measure recognition on labelled articles",
		Long: `Sends labelled articles (JSON Lines: id, outlet, url, title, html, published, and
the labels cluster, relation, residue, gold_lang) through cleaning and grouping
on a temporary store, in order of publication, and compares what came out with
the labels, of which the grouping knows nothing.`,
		Example: "  kliping eval articles.jsonl\n  kliping eval --json *.jsonl\n  kliping eval --shuffle 7 articles.jsonl",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
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
	cmd.Flags().Uint64Var(&shuffle, "shuffle", 0, "let the articles of each day arrive in another order, chosen by `SEED`; 0 leaves the order of publication")
	return cmd
}
