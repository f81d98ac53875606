package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"kliping/internal/feed"
	"kliping/internal/fetch"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

func newFeedsAdd(a *app) *cobra.Command {
	var f news.Feed
	var noCheck bool
	cmd := &cobra.Command{
		Use:   "add URL…",
		Short: "Add feeds, by their URL, by that of a page that has a feed, or by that of a sitemap",
		Long: `Adds feeds, each by its own URL, by that of a page that has one, or by that of a
sitemap. What is no URL is refused before anything is asked. Where a page names
no feed, up to a dozen addresses are tried at which feeds usually are, with the
gap between requests that fetch.gap says. An URL that fails stops no other.`,
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
				return a.addFeeds(ctx, db, f, args, !noCheck)
			})
		},
	}
	flags := cmd.Flags()
	feedFlags(flags, &f)
	flags.BoolVar(&noCheck, "no-check", false, "add without looking whether a feed is there")
	return cmd
}

// addFeeds adds a feed like f for each of the URLs, and goes on where one fails.
func (a *app) addFeeds(ctx context.Context, db *store.DB, f news.Feed, urls []string, check bool) error {
	refresher, err := a.newRefresher(db)
	if err != nil {
		return err
	}
	adder := adder{app: a, db: db, refresher: refresher, check: check}
	var failed []error
	for _, f.URL = range urls {
		if err := adder.add(ctx, f); err != nil {
			failed = append(failed, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

// adder adds the feeds of one command.
type adder struct {
	*app
	db        *store.DB
	refresher *pipeline.Refresher
	check     bool // look whether a feed is there
}

// add adds one feed. A page is searched for its feed first; a server that does not
// answer now is no reason to refuse a feed, only to say so.
func (a *adder) add(ctx context.Context, f news.Feed) error {
	if there, err := a.there(ctx, f.URL); there || err != nil {
		return err
	}
	start := time.Now()
	found := found{url: f.URL}
	if a.check {
		var err error
		if found, err = a.find(ctx, f.URL); err != nil {
			return err
		}
	}
	if there, err := a.there(ctx, found.url); there || err != nil {
		return err
	}
	f.URL, f.Title = found.url, cmp.Or(f.Title, found.title)
	if found.answered() {
		f.NextDue = start.Add(a.lease()) // no daemon asks for what is here already
	}
	added, err := a.db.AddFeed(ctx, f)
	if err != nil {
		return err
	}
	a.sayFeed(added, "added")
	if !found.answered() {
		return nil
	}
	return a.firstPoll(ctx, added, *found.got, start)
}

// there says that a feed is there already, if one has the URL.
func (a *adder) there(ctx context.Context, url string) (bool, error) {
	f, err := a.db.FindFeed(ctx, url)
	switch {
	case errors.Is(err, news.ErrNotFound), errors.Is(err, news.ErrInvalid), err == nil && f.URL != url: // the last two are titles
		return false, nil
	case err != nil:
		return false, err
	}
	a.sayFeed(f, "is there already")
	return true, nil
}

// firstPoll makes the answer to the check the feed's first poll, so that its server
// is not asked for the same again.
func (a *adder) firstPoll(ctx context.Context, f news.Feed, got fetch.Response, start time.Time) error {
	leases, err := a.db.Claim(ctx, store.Claim{Limit: 1, Lease: a.lease(), Only: []news.FeedID{f.ID}, Asked: true})
	if err != nil || len(leases) == 0 {
		return err
	}
	_, err = a.refresher.Save(ctx, leases[0], got, start)
	return err
}

// found is where a feed is or may be.
type found struct {
	url, title string
	got        *fetch.Response // what its server answered, whatever it says; nil: it was not asked
}

// answered reports whether there is an answer, which can be a first poll.
func (f found) answered() bool { return f.got != nil && f.got.Outcome != news.OutcomeBusy }

// find looks whether a feed is at an address. If a page is, it looks for the page's.
func (a *adder) find(ctx context.Context, address string) (found, error) {
	got := a.refresher.Client.Get(ctx, fetch.Request{URL: address})
	if ctx.Err() != nil {
		return found{}, ctx.Err()
	}
	if got.Outcome != news.OutcomeOK { // it says how long to wait, or that the feed is gone
		a.sayUnread(address, got)
		return found{url: address, got: &got}, nil
	}
	title, err := isFeed(got)
	if err == nil {
		return found{address, title, &got}, nil
	}
	if named := feed.Discover(got.Body, got.URL); len(named) > 0 {
		return a.named(ctx, address, named[:min(len(named), mostNamed)])
	}
	return a.guessed(ctx, address, feed.Guesses(got.URL), err)
}

func (a *adder) sayUnread(address string, got fetch.Response) {
	fmt.Fprintf(a.stderr, "%s: %s: %v; added all the same, 'kliping feeds list -v' says when it is polled\n", redact(address), got.Outcome, got.Err)
}

// mostNamed is how many of the feeds that a page names are looked at: the first is
// mostly the page's own.
const mostNamed = 5

// named is the first that is a feed of those that a page names or, if none is, the
// first that may be one but could not be read now.
func (a *adder) named(ctx context.Context, page string, links []feed.Link) (found, error) {
	at, unread, err := a.look(ctx, page, links)
	if err == nil && at == nil && unread == nil {
		err = fmt.Errorf("%s is a page, and none of the feeds that it names is one", redact(page))
	}
	if err != nil {
		return found{}, err
	}
	at = cmp.Or(at, unread)
	fmt.Fprintf(a.stderr, "%s is a page; taking the feed %s\n", redact(page), redact(at.url))
	if at == unread {
		a.sayUnread(at.url, *at.got)
	}
	return *at, nil
}

// guessed is the first feed that is where feeds usually are. notFeed says what the
// page is instead.
func (a *adder) guessed(ctx context.Context, page string, addresses []string, notFeed error) (found, error) {
	links := make([]feed.Link, len(addresses))
	for i, address := range addresses {
		links[i].URL = address
	}
	at, unread, err := a.look(ctx, page, links)
	switch {
	case err != nil:
		return found{}, err
	case at != nil:
		fmt.Fprintf(a.stderr, "%s is a page; taking the feed %s\n", redact(page), redact(at.url))
		return *at, nil
	case unread != nil:
		return found{}, fmt.Errorf("%s: %w; where feeds usually are its server could not be asked: %s: %w", redact(page), notFeed, redact(unread.url), unread.got.Err)
	}
	return found{}, fmt.Errorf("%s: %w; nor is one at the %d addresses where feeds usually are", redact(page), notFeed, len(links))
}

// look asks for one address after the other, each in its server's turn, until one is
// a feed or is there already, which at is then, or until a server is not to be asked
// for more. unread is the first that could not be read now.
func (a *adder) look(ctx context.Context, page string, links []feed.Link) (at, unread *found, err error) {
	bar := a.lookFor(page, len(links))
	defer bar.end()
	for _, l := range links {
		if f, err := a.db.FindFeed(ctx, l.URL); err == nil && f.URL == l.URL {
			return &found{url: l.URL}, nil, nil
		}
		got := a.refresher.Client.Get(ctx, fetch.Request{URL: l.URL})
		bar.add(1)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		title, err := isFeed(got)
		if err == nil {
			return &found{l.URL, cmp.Or(title, l.Title), &got}, nil, nil
		}
		if unread == nil && unreadable(got.Outcome) {
			unread = &found{l.URL, l.Title, &got}
		}
		if enough(got.Outcome) {
			break
		}
	}
	return nil, unread, nil
}

// lookFor shows how far looking for a page's feed is: with a gap between requests
// it takes a while.
func (a *adder) lookFor(page string, most int) *progress {
	name := page
	if u, err := url.Parse(page); err == nil {
		name = u.Hostname()
	}
	return newProgress(a.stderr, "looking for a feed of "+name, most)
}

// enough reports whether a server that answers so is not to be asked for more now.
func enough(o news.Outcome) bool {
	return o == news.OutcomeRateLimited || o == news.OutcomeUnreachable || o == news.OutcomeTimeout || o == news.OutcomeBusy
}

// unreadable reports whether there may be a feed though it was not read.
func unreadable(o news.Outcome) bool {
	return enough(o) || o == news.OutcomeHTTPError || o == news.OutcomeTooLarge
}

// isFeed reads an answer and returns the title of the feed it is; the error says
// what it is instead. An index of sitemaps can be polled, too.
func isFeed(got fetch.Response) (title string, err error) {
	if got.Outcome != news.OutcomeOK {
		return "", cmp.Or(got.Err, errors.New(string(got.Outcome)))
	}
	if at, _ := feed.NewestMap(got.Body, got.ContentType); at != "" {
		return "", nil
	}
	parsed, err := feed.Parse(got.Body, got.ContentType, got.URL, feed.Options{})
	if err != nil {
		return "", err
	}
	return parsed.Title, nil
}

// redact is an address as it may be shown.
func redact(address string) string { return news.Feed{URL: address}.Redacted().URL }
