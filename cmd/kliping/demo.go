package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"kliping/config"
	"kliping/internal/digest"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/wiresim"
)

// demoOptions are what the demo can be asked for.
type demoOptions struct {
	once    bool
	outlets int
	seed    uint64
	keep    string
}

func newDemo(a *app) *cobra.Command {
	var opt demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show everything at work on a small made-up world of news outlets",
		Long: `Starts a small world of news outlets on this machine that copy, cut, edit, soil
and translate one another, and a daemon that is told nothing but their feeds;
prints a digest, and goes on publishing so that one can watch stories grow.
Nothing outside this machine is asked for anything.`,
		Example: "  kliping demo\n  kliping demo --once\n  kliping demo --listen 127.0.0.1:9000 --seed 7",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.demo(cmd.Context(), opt, cmd.Flags().Changed("listen"))
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&opt.once, "once", false, "end after the first digest")
	flags.IntVar(&opt.outlets, "outlets", 30, "`number` of outlets in the world")
	flags.Uint64Var(&opt.seed, "seed", 1, "seed of the world's dice")
	flags.StringVar(&opt.keep, "keep", "", "keep the demo's data in this `directory` instead of a temporary one")
	flags.String("listen", "", "`address` of the page (default any free port)")
	return cmd
}

// demoPast is how much of the world's day lies behind when the demo starts.
const demoPast = 12 * time.Hour

// demoTempo is how many times as much happens in the world as would in earnest.
const demoTempo = 60

func (a *app) demo(ctx context.Context, opt demoOptions, listenGiven bool) error {
	data := opt.keep
	if data == "" {
		dir, err := os.MkdirTemp("", "kliping-demo-")
		if err != nil {
			return fmt.Errorf("make a temporary store: %w", err)
		}
		defer os.RemoveAll(dir)
		data = filepath.Join(dir, "data")
	}
	a.configureDemo(data, listenGiven)
	world, base, stop, err := startWorld(opt)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Fprintf(a.stdout, "A world of %s publishes at %s\n", count(opt.outlets, "outlet", "outlets"), base)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d := &demo{app: a, opt: opt, world: world, base: base, stop: cancel}
	return a.serve(ctx, d.watch)
}

// configureDemo sets what the demo needs over whatever is configured: a store of
// its own, leave to fetch from this machine, and feeds polled every few seconds.
func (a *app) configureDemo(data string, listenGiven bool) {
	was := a.cfg
	a.cfg = config.Default()
	a.cfg.Data = data
	a.cfg.Listen = "127.0.0.1:0"
	if listenGiven {
		a.cfg.Listen, a.cfg.Password, a.cfg.Token, a.cfg.FeedToken = was.Listen, was.Password, was.Token, was.FeedToken
	}
	a.cfg.Fetch.Allow = []string{"127.0.0.0/8"}
	a.cfg.Fetch.Schedule = "@every 5s"
	a.cfg.Pages.FullText = "never" // the made-up outlets have no pages
	a.log = newLog(a.stderr, "warn", "text")
}

// startWorld serves a world that already has half a day behind it.
func startWorld(opt demoOptions) (world *wiresim.World, base string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", nil, fmt.Errorf("start the demo's world: %w", err)
	}
	now := time.Now()
	world = wiresim.New(wiresim.Options{Seed: opt.seed, Outlets: opt.outlets, Start: now.Add(-demoPast)})
	world.Step(now)
	server := &http.Server{Handler: world, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener) //nolint:errcheck // ends with Close below
	return world, "http://" + listener.Addr().String(), func() { server.Close() }, nil
}

// demo is one run: a world, and the daemon that watches it.
type demo struct {
	app   *app
	opt   demoOptions
	world *wiresim.World
	base  string
	stop  context.CancelFunc
}

// watch runs beside the daemon: it adds the feeds, waits for the first round to
// be in the index, prints the digest, and lets the world go on.
func (d *demo) watch(ctx context.Context, l *line, page string) error {
	a := d.app
	urls := d.world.FeedURLs(d.base)
	for _, u := range urls {
		if _, err := l.db.AddFeed(ctx, news.Feed{URL: u}); err != nil && !errors.Is(err, news.ErrExists) {
			return err
		}
	}
	if err := d.settled(ctx, l, len(urls)); err != nil {
		return err
	}
	if err := d.digest(ctx, l, page); err != nil {
		return err
	}
	if d.opt.once {
		d.stop()
		return nil
	}
	fmt.Fprintf(a.stdout, "\nThe page: %s\nThe world goes on publishing, an hour's news a minute; Ctrl-C ends it.\n\n", page)
	return d.goOn(ctx, l)
}

// settled waits until every feed was polled and everything it brought is
// grouped and indexed.
func (d *demo) settled(ctx context.Context, l *line, feeds int) error {
	bar := newProgress(d.app.stderr, "polling feeds", feeds)
	defer bar.end()
	for {
		polled, err := polledFeeds(ctx, l)
		if err != nil {
			return err
		}
		bar.set(polled)
		counts, err := l.db.Counts(ctx)
		if err != nil {
			return err
		}
		if polled >= feeds && counts.Ungrouped == 0 && l.index.State().Change == counts.LastChange {
			return nil
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

func polledFeeds(ctx context.Context, l *line) (int, error) {
	feeds, err := l.db.Feeds(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, f := range feeds {
		if !f.LastPoll.IsZero() {
			n++
		}
	}
	return n, nil
}

// digest prints a digest, with links where there is somebody to follow them.
func (d *demo) digest(ctx context.Context, l *line, page string) error {
	a := d.app
	if d.opt.once {
		page = ""
	}
	now := time.Now()
	found, err := pipeline.Digest(ctx, l.db, pipeline.DigestOptions{Since: now.Add(-24 * time.Hour), Until: now.Add(time.Minute), ByPublished: true, Limit: 10, Location: a.location(), BaseURL: page})
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout)
	return digest.Render(a.stdout, found, "text")
}

// goOn lets the world publish and says what became of it.
func (d *demo) goOn(ctx context.Context, l *line) error {
	d.world.SetTempo(demoTempo)
	before, err := l.db.Counts(ctx)
	if err != nil {
		return err
	}
	for {
		if err := pause(ctx, 2*time.Second); err != nil {
			return nil //nolint:nilerr // the demo was asked to end
		}
		d.world.Step(time.Now())
		now, err := l.db.Counts(ctx)
		if err != nil {
			return err
		}
		if now != before {
			fmt.Fprintf(d.app.stdout, "%s in %s\n", count(now.Articles, "article", "articles"), count(now.Stories, "story", "stories"))
			before = now
		}
	}
}

// pause waits, or says why it could not.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
