package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/schedule"
	"kliping/internal/store"
)

func newRefresh(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "refresh [feed…]",
		Short: "Poll feeds now, group what they bring, and index it",
		Long: `Polls all feeds now, or those named by id, URL or title, whether due or not;
then groups the new articles into stories and brings the index up to date.
A feed that fails is listed and stops no other. One that is retired is polled
when it is named. One whose server asked to be left alone is not before the time
that it asked for, which is said.`,
		Example: `  kliping refresh
  kliping refresh https://news.example/rss
  kliping refresh 3 --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.refresh(cmd.Context(), args, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the totals as JSON")
	return cmd
}

// totals is what one refresh of many feeds did.
type totals struct {
	Feeds     int   `json:"feeds"`
	Unchanged int   `json:"unchanged"` // not modified, by the server's word
	Failed    int   `json:"failed"`
	LeftAlone int   `json:"left_alone"` // not polled, because the server asked for it
	New       int   `json:"new"`
	Changed   int   `json:"changed"`
	Bytes     int64 `json:"bytes"`
	Articles  int   `json:"articles"` // in the store afterwards
	Stories   int   `json:"stories"`
}

func (a *app) refresh(ctx context.Context, refs []string, asJSON bool) error {
	l, err := a.openLine(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	l.refresher.Log = slog.New(slog.DiscardHandler) // failures are told below, as they come
	feeds, err := findFeeds(ctx, l.db, refs)
	if err != nil {
		return err
	}
	if len(refs) == 0 {
		feeds = slices.DeleteFunc(feeds, func(f news.Feed) bool { return !f.Retired.IsZero() })
	}
	if err := a.reclaim(ctx, l.db); err != nil {
		return err
	}
	t, err := a.pollAll(ctx, l, feeds)
	if err != nil {
		return err
	}
	if err := a.settle(ctx, l); err != nil {
		return err
	}
	counts, err := l.db.Counts(ctx)
	if err != nil {
		return err
	}
	t.Articles, t.Stories = counts.Articles, counts.Stories
	if err := a.printTotals(t, asJSON); err != nil {
		return err
	}
	if t.Failed > 0 && (len(refs) > 0 || t.Failed == t.Feeds) {
		return fmt.Errorf("%s could not be read; 'kliping feeds list' says why", count(t.Failed, "feed", "feeds"))
	}
	return nil
}

func (a *app) printTotals(t totals, asJSON bool) error {
	if asJSON {
		return printJSON(a.stdout, t)
	}
	fmt.Fprintf(a.stdout, "%s polled: %d unchanged, %d failed; %s new, %d changed, %.1f MB received\n",
		count(t.Feeds, "feed", "feeds"), t.Unchanged, t.Failed, count(t.New, "article", "articles"), t.Changed, float64(t.Bytes)/1e6)
	fmt.Fprintf(a.stdout, "%s in %s\n", count(t.Articles, "article", "articles"), count(t.Stories, "story", "stories"))
	return nil
}

// reclaim takes back the leases of polls that died with their process. On
// SQLite only the daemon polls for long, so without one they are nobody's; two
// refreshes at once at worst poll a feed twice. On PostgreSQL other nodes poll.
func (a *app) reclaim(ctx context.Context, db *store.DB) error {
	if _, running := store.DaemonInfo(a.cfg.Data); running || a.cfg.Store != "" {
		return nil
	}
	return db.ReleaseLeases(ctx)
}

// pollAll polls every one of the feeds once.
func (a *app) pollAll(ctx context.Context, l *line, feeds []news.Feed) (totals, error) {
	var t totals
	left := map[news.FeedID]bool{}
	for _, f := range feeds {
		if until := f.Timing.HeldUntil; until.After(time.Now()) {
			a.leaveAlone(&t, f, until)
			continue
		}
		left[f.ID] = true
	}
	bar := newProgress(a.stderr, "polling feeds", len(left))
	defer bar.end()
	poll := schedule.Poll{
		Refresher: l.refresher, Workers: a.cfg.Fetch.Workers,
		Claim: func(ctx context.Context, most int) ([]store.Lease, bool, error) {
			if len(left) == 0 {
				return nil, true, nil
			}
			leases, err := l.db.Claim(ctx, store.Claim{Limit: most, Lease: a.lease(), Only: keys(left)})
			for _, lease := range leases {
				delete(left, lease.Feed.ID)
			}
			if err != nil || len(leases) > 0 {
				return leases, false, err
			}
			at, err := l.db.Claimable(ctx, keys(left))
			if err == nil && at.IsZero() {
				return nil, false, a.forgetRemoved(ctx, l.db, left)
			}
			if err != nil || time.Until(at) < 2*a.lease() { // others are polling them, or their domain needs its rest
				return nil, false, err
			}
			for _, f := range feeds {
				if left[f.ID] {
					a.leaveAlone(&t, f, at)
				}
			}
			return nil, true, nil
		},
		Report: func(r pipeline.Refreshed) {
			t.add(r)
			bar.add(1)
			if r.Err != "" {
				fmt.Fprintf(a.stderr, "%s: %s: %s\n", r.Feed.Redacted().URL, r.Outcome, r.Err)
			}
		},
	}
	return t, poll.Run(ctx)
}

// forgetRemoved takes out of left the feeds that were removed meanwhile.
func (a *app) forgetRemoved(ctx context.Context, db *store.DB, left map[news.FeedID]bool) error {
	feeds, err := db.Feeds(ctx)
	if err != nil {
		return err
	}
	there := map[news.FeedID]bool{}
	for _, f := range feeds {
		there[f.ID] = true
	}
	maps.DeleteFunc(left, func(id news.FeedID, _ bool) bool { return !there[id] })
	return nil
}

// leaveAlone counts a feed that is not polled because its server asked for it, and
// says so.
func (a *app) leaveAlone(t *totals, f news.Feed, until time.Time) {
	t.LeftAlone++
	fmt.Fprintf(a.stderr, "%s: left alone until %s: the server asked for it (Retry-After)\n", f.Redacted().URL, clock(until, time.Now(), a.location()))
}

func (t *totals) add(r pipeline.Refreshed) {
	t.Feeds++
	t.New += r.New
	t.Changed += r.Changed
	t.Bytes += r.Bytes
	switch r.Outcome {
	case news.OutcomeNotModified:
		t.Unchanged++
	case news.OutcomeOK, news.OutcomeBusy:
	default:
		t.Failed++
	}
}

// settle groups whatever waits and brings the index up to date. An index that
// the daemon keeps is left to the daemon.
func (a *app) settle(ctx context.Context, l *line) error {
	counts, err := l.db.Counts(ctx)
	if err != nil {
		return err
	}
	bar := newProgress(a.stderr, "grouping articles", counts.Ungrouped)
	err = l.grouper.GroupAll(ctx, func(g pipeline.Grouped) { bar.add(g.Articles) })
	bar.end()
	if err != nil || l.follower == nil {
		return err
	}
	return a.follow(ctx, l)
}

// follow brings the index up to date.
func (a *app) follow(ctx context.Context, l *line) error {
	bar := newProgress(a.stderr, "indexing stories", 0)
	defer bar.end()
	return l.follower.FollowAll(ctx, bar.add)
}

func keys[K comparable](m map[K]bool) []K {
	all := make([]K, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	return all
}
