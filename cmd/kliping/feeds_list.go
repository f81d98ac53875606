package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"kliping/internal/news"
	"kliping/internal/store"
)

func newFeedsList(a *app) *cobra.Command {
	var asJSON, verbose bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the feeds with how their last poll went, and when and why the next comes",
		Example: "  kliping feeds list -v\n  kliping feeds list --json | jq '.[] | select(.failures > 0)'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				feeds, err := db.Feeds(ctx)
				if err != nil {
					return err
				}
				return a.printFeeds(feeds, asJSON, verbose)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "show what was decided about each feed, and why it is polled when it is")
	return cmd
}

func (a *app) printFeeds(all []news.Feed, asJSON, verbose bool) error {
	feeds := make([]news.Feed, len(all))
	for i, f := range all {
		feeds[i] = f.Redacted()
	}
	if asJSON {
		return printJSON(a.stdout, feeds)
	}
	if len(feeds) == 0 {
		fmt.Fprintln(a.stdout, "No feeds yet. Add one: kliping feeds add https://news.example/rss")
		return nil
	}
	rows := [][]string{{"ID", "TITLE", "ARTICLES", "LAST POLL", "STATUS", "NEXT", "URL"}}
	for _, f := range feeds {
		status := string(f.Status)
		if f.Error != "" {
			status = fmt.Sprintf("%s ×%d", f.Status, f.Failures)
		}
		next := stamp(f.NextDue, a.location())
		if !f.Retired.IsZero() {
			next = "retired"
		}
		rows = append(rows, []string{fmt.Sprint(f.ID), f.Title, fmt.Sprint(f.Articles), stamp(f.LastPoll, a.location()), status, next, f.URL})
	}
	if err := printTable(a.stdout, rows); err != nil {
		return err
	}
	for _, f := range feeds {
		if verbose {
			a.printDecided(f)
		}
		a.printPlan(f, verbose)
	}
	return nil
}

// printDecided prints what is in force for a feed, and whether that is its own or
// the default.
func (a *app) printDecided(f news.Feed) {
	fmt.Fprintf(a.stdout, "\n%d  %s\n", f.ID, f.URL)
	for _, line := range []struct{ name, own, standard string }{
		{"schedule", f.Schedule, cmp.Or(a.cfg.Fetch.Schedule, "as often as it brings something")}, {"full text", string(f.FullText), a.cfg.Pages.FullText},
		{"outlet", f.Outlet, "as each item tells"}, {"language", f.Language, "as each item tells"},
	} {
		value := line.own
		if value == "" {
			value = line.standard + " (default)"
		}
		fmt.Fprintf(a.stdout, "   %-9s  %s\n", line.name, plain(value))
	}
}

// printPlan says what is wrong with a feed, and why it is polled when it is.
func (a *app) printPlan(f news.Feed, verbose bool) {
	retired := !f.Retired.IsZero()
	if f.Error == "" && !retired && !verbose {
		return
	}
	if !verbose {
		fmt.Fprintf(a.stdout, "\n%d  %s\n", f.ID, f.URL)
	}
	if f.Error != "" {
		fmt.Fprintf(a.stdout, "   %s\n", plain(f.Error))
	}
	switch {
	case retired:
		fmt.Fprintf(a.stdout, "   %s, since %s; 'kliping feeds revive %d' polls it again\n", plain(f.Reason), stamp(f.Retired, a.location()), f.ID)
	case verbose:
		fmt.Fprintf(a.stdout, "   next poll  %s: %s\n", stamp(f.NextDue, a.location()), plain(cmp.Or(f.Reason, "not polled yet")))
	}
	if to := f.Timing.MovedTo; to != "" && verbose {
		fmt.Fprintf(a.stdout, "   moved      to %s, as its server says since %s; polled there once it has said so for a day\n", plain(to), stamp(f.Timing.MovedSince, a.location()))
	}
}
