package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kliping/internal/feed"
	"kliping/internal/fetch"
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

// withStore runs f with the store open.
func (a *app) withStore(cmd *cobra.Command, f func(ctx context.Context, db *store.DB) error) error {
	db, err := a.openStore(cmd.Context())
	if err != nil {
		return err
	}
	return errors.Join(f(cmd.Context(), db), db.Close())
}

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

// feedFlags are the flags for what a person decides about a feed.
func feedFlags(flags *pflag.FlagSet, f *news.Feed) {
	flags.StringVar(&f.Title, "title", "", "the feed's `name`, until the feed gives its own")
	flags.StringVar(&f.Schedule, "schedule", "", "cron `spec` for this feed")
	flags.StringVar((*string)(&f.FullText), "full-text", "", "of which items to fetch the page: `never`, short or always; empty: as pages.full_text says")
	flags.StringVar(&f.Outlet, "outlet", "", "`domain` of the outlet, for feeds whose links do not tell")
	flags.StringVar(&f.Language, "language", "", "`language` of the feed, such as id")
	flags.StringSliceVar(&f.Tags, "tag", nil, "`tag` for the feed; may be repeated")
}

func newFeedsEdit(a *app) *cobra.Command {
	var edit news.Feed
	cmd := &cobra.Command{
		Use:     "edit FEED…",
		Short:   "Change what was decided about feeds, by id, URL or title; what no flag names stays",
		Example: "  kliping feeds edit 3 --full-text always\n  kliping feeds edit https://news.example/rss --schedule '' --tag world",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				feeds, err := findFeeds(ctx, db, args)
				if err != nil {
					return err
				}
				for _, f := range feeds {
					f = edited(f, edit, cmd.Flags().Changed)
					if err := a.checkFeed(f); err != nil {
						return usage(cmd, err)
					}
					if err := db.UpdateFeed(ctx, f); err != nil {
						return err
					}
					fmt.Fprintf(a.stdout, "%d  %s  changed\n", f.ID, f.Redacted().URL)
				}
				return nil
			})
		},
	}
	feedFlags(cmd.Flags(), &edit)
	return cmd
}

// edited is the feed with those of the edit's values whose flags were given.
func edited(f, edit news.Feed, given func(flag string) bool) news.Feed {
	for flag, set := range map[string]func(){
		"title":     func() { f.Title = edit.Title },
		"schedule":  func() { f.Schedule = edit.Schedule },
		"full-text": func() { f.FullText = edit.FullText },
		"outlet":    func() { f.Outlet = edit.Outlet },
		"language":  func() { f.Language = edit.Language },
		"tag":       func() { f.Tags = edit.Tags },
	} {
		if given(flag) {
			set()
		}
	}
	return f
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
}

func newFeedsRevive(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "revive FEED…",
		Short:   "Poll feeds again that were retired because their server said they are gone for good",
		Example: "  kliping feeds revive 3",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				feeds, err := findFeeds(ctx, db, args)
				if err != nil {
					return err
				}
				for _, f := range feeds {
					if err := db.ReviveFeed(ctx, f.ID); err != nil {
						return err
					}
					fmt.Fprintf(a.stdout, "%d  %s  is due again\n", f.ID, f.Redacted().URL)
				}
				return nil
			})
		},
	}
}

func newFeedsRemove(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "remove FEED…",
		Short:   "Remove feeds, by id, URL or title; their articles stay",
		Example: "  kliping feeds remove 3\n  kliping feeds remove https://news.example/rss",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				feeds, err := findFeeds(ctx, db, args)
				if err != nil {
					return err
				}
				for _, f := range feeds {
					if err := db.RemoveFeed(ctx, f.ID); err != nil {
						return err
					}
					fmt.Fprintf(a.stdout, "%d  %s  removed; its %s stay\n", f.ID, f.URL, count(f.Articles, "article", "articles"))
				}
				return nil
			})
		},
	}
}

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
	var good []news.Feed
	for _, f := range feeds {
		if err := a.checkFeed(f); err != nil {
			fmt.Fprintf(a.stderr, "%s: %v; left out\n", f.Redacted().URL, err)
			continue
		}
		good = append(good, f)
	}
	added := 0
	for part := range slices.Chunk(good, importedAtOnce) {
		n, err := db.AddFeeds(ctx, part)
		if err != nil {
			return err
		}
		added += n
	}
	fmt.Fprintf(a.stdout, "%s added, %d there already, %d left out\n", count(added, "feed", "feeds"), len(good)-added, len(feeds)-len(good))
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

// writeOut writes to a file, or to standard output when path is empty or "-".
// A file appears whole or not at all.
func (a *app) writeOut(path string, write func(io.Writer) error) error {
	if path == "" || path == "-" {
		return write(a.stdout)
	}
	var b strings.Builder
	if err := write(&b); err != nil {
		return err
	}
	temporary := path + ".part"
	if err := os.WriteFile(temporary, []byte(b.String()), 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
