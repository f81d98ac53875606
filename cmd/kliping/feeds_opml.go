package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"kliping/internal/feed"
	"kliping/internal/news"
	"kliping/internal/store"
)

func newFeedsImport(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "import FILE",
		Short:   "Import feeds from OPML; - reads standard input",
		Example: "  kliping feeds import subscriptions.opml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := cmd.InOrStdin()
			if args[0] != "-" {
				file, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer file.Close()
				in = file
			}
			feeds, notes, err := feed.ReadOPML(in)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			for _, note := range notes {
				fmt.Fprintf(a.stderr, "%s: %s\n", args[0], note)
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error { return a.importFeeds(ctx, db, feeds) })
		},
	}
}

// importedAtOnce is how many feeds of a list are stored in one transaction.
const importedAtOnce = 1000

// importFeeds adds what is new. A feed that cannot be polled as it stands is
// named and left out; it stops no other.
func (a *app) importFeeds(ctx context.Context, db *store.DB, feeds []news.Feed) error {
	listed := len(feeds)
	good := slices.DeleteFunc(feeds, func(f news.Feed) bool { // in place: lists are long
		err := a.checkFeed(f)
		if err != nil {
			fmt.Fprintf(a.stderr, "%s: %v; left out\n", f.Redacted().URL, err)
		}
		return err != nil
	})
	added := 0
	for part := range slices.Chunk(good, importedAtOnce) {
		n, err := db.AddFeeds(ctx, part)
		if err != nil {
			return err
		}
		added += n
	}
	fmt.Fprintf(a.stdout, "%s added, %d there already, %d left out\n", count(added, "feed", "feeds"), len(good)-added, listed-len(good))
	return nil
}

func newFeedsExport(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Export the feeds as OPML",
		Example: "  kliping feeds export > subscriptions.opml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				feeds, err := db.Feeds(ctx)
				if err != nil {
					return err
				}
				return a.writeOut(out, func(w io.Writer) error { return feed.WriteOPML(w, "Kliping", feeds) })
			})
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "write to `file` instead of standard output")
	return cmd
}
