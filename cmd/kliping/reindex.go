package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

func newReindex(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "reindex",
		Short:   "Build the search index again from the store",
		Example: "  kliping reindex",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			if info, running := store.DaemonInfo(a.cfg.Data); running {
				return fmt.Errorf("the index is %w by the daemon (%s); stop it first: it builds the index again by itself when something is wrong with it", news.ErrLocked, info)
			}
			db, err := a.openStore(ctx)
			if err != nil {
				return err
			}
			defer db.Close()
			ix, err := pipeline.NewIndex(a.indexPath(), db)
			if err != nil {
				return err
			}
			defer ix.Close()
			counts, err := db.Counts(ctx)
			if err != nil {
				return err
			}
			bar := newProgress(a.stderr, "indexing stories", counts.Stories)
			err = (&pipeline.Follower{DB: db, Index: ix}).FollowAll(ctx, bar.add)
			bar.end()
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "%s indexed\n", count(counts.Stories, "story", "stories"))
			return nil
		},
	}
}
