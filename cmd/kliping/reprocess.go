package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"kliping/internal/pipeline"
)

func newReprocess(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "reprocess",
		Short: "Run today's rules over every article as it was received",
		Long: `Cleans every article again from what was received, groups them again and brings
the index up to date. Worth doing after an upgrade whose notes say so.
It can be stopped and run again; nothing received is ever lost.`,
		Example: "  kliping reprocess",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			l, err := a.openLine(ctx)
			if err != nil {
				return err
			}
			defer l.close()
			counts, err := l.db.Counts(ctx)
			if err != nil {
				return err
			}
			bar := newProgress(a.stderr, "cleaning articles", counts.Articles)
			err = pipeline.Reprocess(ctx, l.db, l.refresher.Preparer, bar.add)
			bar.end()
			if err != nil {
				return err
			}
			if err := a.settle(ctx, l); err != nil {
				return err
			}
			after, err := l.db.Counts(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "%s cleaned and grouped again: %d stories, %d before\n", count(counts.Articles, "article", "articles"), after.Stories, counts.Stories)
			return nil
		},
	}
}
