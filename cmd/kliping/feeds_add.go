package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kliping/internal/feed"
	"kliping/internal/fetch"
	"kliping/internal/news"
	"kliping/internal/store"
)

func newFeedsAdd(a *app) *cobra.Command {
	var f news.Feed
	var noCheck bool
	cmd := &cobra.Command{
		Use:   "add URL…",
		Short: "Add feeds, by their URL, by that of a page that has a feed, or by that of a sitemap",
		Example: `  kliping feeds add https://news.example/rss
  kliping feeds add https://news.example/ --schedule "*/10 6-22 * * *" --tag world
  kliping feeds add https://kabar.example/feed --schedule "TZ=Asia/Jakarta 0 * * * *" --outlet kabar.example`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, f.URL = range args {
				if err := a.checkFeed(f); err != nil {
					return usage(cmd, err)
				}
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				for _, u := range args {
					if err := a.addFeed(ctx, db, f, u, !noCheck); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	flags := cmd.Flags()
	feedFlags(flags, &f)
	flags.BoolVar(&noCheck, "no-check", false, "add without looking whether a feed is there")
	return cmd
}

// addFeed adds one feed. A page is searched for its feed first; a server that
// does not answer now is no reason to refuse a feed, only to say so.
func (a *app) addFeed(ctx context.Context, db *store.DB, f news.Feed, rawURL string, check bool) error {
	f.URL = rawURL
	start := time.Now()
	var got *fetch.Response
	if check {
		var err error
		if got, err = a.discover(ctx, db, &f); err != nil {
			return err
		}
	}
	added, err := db.AddFeed(ctx, f)
	if errors.Is(err, news.ErrExists) {
		fmt.Fprintf(a.stdout, "%d  %s  is there already\n", added.ID, added.URL)
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%d  %s  added\n", added.ID, added.URL)
	if got == nil {
		return nil
	}
	return a.firstPoll(ctx, db, added, *got, start)
}

// firstPoll makes the answer to the check the feed's first poll, so that its server
// is not asked for the same again. A daemon may have been quicker.
func (a *app) firstPoll(ctx context.Context, db *store.DB, f news.Feed, got fetch.Response, start time.Time) error {
	refresher, err := a.newRefresher(db)
	if err != nil {
		return err
	}
	leases, err := db.Claim(ctx, store.Claim{Lease: a.lease(), Only: []news.FeedID{f.ID}, Asked: true})
	if err != nil || len(leases) == 0 {
		return err
	}
	_, err = refresher.Save(ctx, leases[0], got, start)
	return err
}

// discover looks whether a feed is there, and replaces the URL of a page by that of
// the feed it names or, if it names none, of the first that is where feeds usually
// are. It returns the answer if that is of the feed itself, whatever it says.
func (a *app) discover(ctx context.Context, db *store.DB, f *news.Feed) (*fetch.Response, error) {
	client, err := a.newClient(db)
	if err != nil {
		return nil, err
	}
	got := client.Get(ctx, fetch.Request{URL: f.URL})
	if got.Outcome != news.OutcomeOK {
		fmt.Fprintf(a.stderr, "%s: %s: %v; added all the same, 'kliping feeds list -v' says when it is polled\n", f.URL, got.Outcome, got.Err)
		return &got, nil // it says how long to wait, or that the feed is gone
	}
	title, err := isFeed(got)
	if err == nil {
		f.Title = cmp.Or(f.Title, title)
		return &got, nil
	}
	page := f.URL
	links := feed.Discover(got.Body, got.URL)
	if len(links) == 0 {
		links = a.guess(ctx, client, got.URL)
	}
	if len(links) == 0 {
		return nil, fmt.Errorf("%s: %w", page, err)
	}
	fmt.Fprintf(a.stderr, "%s is a page; taking the feed %s\n", page, links[0].URL)
	f.URL, f.Title = links[0].URL, cmp.Or(f.Title, links[0].Title)
	return nil, nil
}

// guess looks where feeds usually are, and returns the first that is there. An
// outlet is asked twenty times at most, and only when a person adds it.
func (a *app) guess(ctx context.Context, client *fetch.Client, page string) []feed.Link {
	for _, address := range feed.Guesses(page) {
		got := client.Get(ctx, fetch.Request{URL: address})
		if got.Outcome == news.OutcomeUnreachable || got.Outcome == news.OutcomeRateLimited || ctx.Err() != nil {
			return nil
		}
		if got.Outcome != news.OutcomeOK {
			continue
		}
		if title, err := isFeed(got); err == nil {
			return []feed.Link{{URL: address, Title: title}}
		}
	}
	return nil
}

// isFeed reads an answer and returns the title of the feed it is; the error says
// what it is instead. An index of sitemaps can be polled, too.
func isFeed(got fetch.Response) (title string, err error) {
	if feed.NewestMap(got.Body, got.ContentType) != "" {
		return "", nil
	}
	parsed, err := feed.Parse(got.Body, got.ContentType, got.URL, feed.Options{})
	if err != nil {
		return "", err
	}
	return parsed.Title, nil
}
