package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kliping/internal/news"
	"kliping/internal/schedule"
	"kliping/internal/store"
)

func newFeeds(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "feeds",
		Short:   "Add, edit, list, remove, revive, import and export feeds",
		Example: "  kliping feeds add https://news.example/rss --tag world\n  kliping feeds list --json\n  kliping feeds import subscriptions.opml",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newFeedsAdd(a), newFeedsEdit(a), newFeedsList(a), newFeedsRemove(a), newFeedsRevive(a), newFeedsImport(a), newFeedsExport(a))
	return cmd
}

// feedFlags are the flags for what a person decides about a feed.
func feedFlags(flags *pflag.FlagSet, f *news.Feed) {
	flags.StringVar(&f.Title, "title", "", "the feed's `name`, until the feed gives its own")
	flags.StringVar(&f.Schedule, "schedule", "", "cron `spec` for this feed")
	flags.StringVar((*string)(&f.FullText), "full-text", "", "of which items to fetch the page: `never`, short or always; empty: as pages.full_text says")
	flags.StringVar(&f.Outlet, "outlet", "", "`domain` of the outlet, for feeds whose links do not tell")
	flags.StringVar(&f.Language, "language", "", "`language` of the feed, such as id")
	flags.StringSliceVar(&f.Tags, "tag", nil, "`tag` for the feed; may be repeated")
}

// checkFeed refuses what could never be polled.
func (a *app) checkFeed(f news.Feed) error {
	if u, err := url.Parse(f.URL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("%q is no http or https URL; write for example https://news.example/rss", f.URL)
	}
	switch f.FullText {
	case "", news.FullTextNever, news.FullTextShort, news.FullTextAlways:
	default:
		return fmt.Errorf("--full-text %s is not known; write never, short or always", f.FullText)
	}
	if f.Schedule == "" {
		return nil
	}
	_, err := schedule.ParseSpec(f.Schedule, a.location())
	return err
}

// findFeeds resolves names of feeds; none named means all.
func findFeeds(ctx context.Context, db *store.DB, refs []string) ([]news.Feed, error) {
	if len(refs) == 0 {
		return db.Feeds(ctx)
	}
	feeds := make([]news.Feed, len(refs))
	for i, ref := range refs {
		f, err := db.FindFeed(ctx, ref)
		if errors.Is(err, news.ErrNotFound) {
			return nil, fmt.Errorf("feed %q: %w; 'kliping feeds list' shows all", ref, news.ErrNotFound)
		}
		if err != nil {
			return nil, err
		}
		feeds[i] = f
	}
	return feeds, nil
}

// onFeeds makes a command of one that does something to each of the feeds that a
// person names. What act says that it did is printed.
func (a *app) onFeeds(cmd *cobra.Command, act func(ctx context.Context, db *store.DB, f news.Feed) (done string, err error)) *cobra.Command {
	cmd.Args = cobra.MinimumNArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
			feeds, err := findFeeds(ctx, db, args)
			if err != nil {
				return err
			}
			for _, f := range feeds {
				done, err := act(ctx, db, f)
				if err != nil {
					return err
				}
				a.sayFeed(f, done)
			}
			return nil
		})
	}
	return cmd
}

// sayFeed prints what became of a feed.
func (a *app) sayFeed(f news.Feed, what string) {
	fmt.Fprintf(a.stdout, "%d  %s  %s\n", f.ID, f.Redacted().URL, what)
}
