package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"kliping/internal/access"
	"kliping/internal/api"
	"kliping/internal/news"
	"kliping/internal/schedule"
	"kliping/internal/store"
	"kliping/internal/web"
)

func newServe(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the daemon: poll feeds, group, index, make digests, tell watches, serve page and API",
		Example: `  kliping serve
  kliping serve --listen 127.0.0.1:9000 --data /var/lib/kliping`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.log = newLog(a.stderr, a.cfg.Log.Level, a.cfg.Log.Format)
			return a.serve(cmd.Context(), nil)
		},
	}
	cmd.Flags().String("listen", "", "`address` of page and API")
	return cmd
}

// daemonInfo is what the lock file says of the daemon that holds it.
type daemonInfo struct {
	PID int    `json:"pid"`
	URL string `json:"url"`
}

// daemonURL is where the daemon that left info serves.
func daemonURL(info string) string {
	var d daemonInfo
	_ = json.Unmarshal([]byte(info), &d) // an older daemon's note: no URL, which the client reports
	return d.URL
}

// lockError says of a data directory that has a daemon who that is and what to
// do; any other failure stays as it is.
func (a *app) lockError(err error) error {
	if !errors.Is(err, news.ErrLocked) {
		return err
	}
	holder := "another daemon"
	var d daemonInfo
	if info, _ := store.DaemonInfo(a.cfg.Data); json.Unmarshal([]byte(info), &d) == nil {
		holder = fmt.Sprintf("the daemon with process id %d, whose page is %s", d.PID, d.URL)
	}
	return fmt.Errorf("data directory %s: %w by %s; stop that daemon, or give this one a directory of its own with --data", a.cfg.Data, news.ErrLocked, holder)
}

// serve runs the daemon until ctx ends. ready, which may be nil, is called with
// the line and the address once the daemon listens.
func (a *app) serve(ctx context.Context, ready func(context.Context, *line, string) error) (err error) {
	if err := os.MkdirAll(a.cfg.Data, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w; set another with --data or KLIPING_DATA", err)
	}
	listener, err := net.Listen("tcp", a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; set another address with --listen or KLIPING_LISTEN", a.cfg.Listen, err)
	}
	defer listener.Close()
	url := "http://" + listener.Addr().String()
	info, err := json.Marshal(daemonInfo{os.Getpid(), url})
	if err != nil {
		return err
	}
	release, err := store.LockDaemon(a.cfg.Data, string(info))
	if err != nil {
		return a.lockError(err)
	}
	defer func() { err = errors.Join(err, release()) }()
	l, err := a.openLine(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	if err := a.awaitIndex(ctx, l); err != nil {
		return err
	}
	if a.cfg.Store == "" { // the lock says that no other daemon polls; on PostgreSQL other nodes do
		if err := l.db.ReleaseLeases(ctx); err != nil {
			return err
		}
	} else if err := l.db.TryWays(ctx); err != nil {
		return err
	}
	daemon, err := a.newDaemon(ctx, l)
	if err != nil {
		return err
	}
	return a.runDaemon(ctx, listener, l, daemon, ready)
}

// patience is how long a starting daemon waits for a command that has the index.
const patience = 30 * time.Second

// awaitIndex opens the index for the daemon, when a command that was running
// before it is done with it. Commands that start from now on ask the daemon.
func (a *app) awaitIndex(ctx context.Context, l *line) error {
	for deadline := time.Now().Add(patience); l.index == nil; {
		err := a.openIndex(ctx, l)
		switch {
		case err == nil:
		case !errors.Is(err, news.ErrLocked):
			return err
		case time.Now().After(deadline):
			return fmt.Errorf("the index in %s is %w by another command; start the daemon when it is done", a.cfg.Data, news.ErrLocked)
		default:
			if err := pause(ctx, 100*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

// newDaemon wires the daemon and brings in the feeds that the configuration
// names.
func (a *app) newDaemon(ctx context.Context, l *line) (*schedule.Daemon, error) {
	for _, f := range a.cfg.Feeds {
		_, err := l.db.AddFeed(ctx, news.Feed{URL: f.URL, Title: f.Title, Schedule: f.Schedule, FullText: news.FullText(f.FullText),
			Outlet: f.Outlet, Language: f.Language, Tags: f.Tags})
		if err != nil && !errors.Is(err, news.ErrExists) {
			return nil, fmt.Errorf("add the configured feed %s: %w", f.URL, err)
		}
	}
	slots, err := a.slots(l.db)
	if err != nil {
		return nil, err
	}
	watcher, err := a.newWatcher(l.db, l.refresher.Preparer)
	if err != nil {
		return nil, err
	}
	sending, err := a.newSending(ctx, l.db)
	if err != nil {
		return nil, err
	}
	return &schedule.Daemon{
		Watcher: watcher, Sending: sending,
		DB: l.db, Refresher: l.refresher, Grouper: l.grouper, Follower: l.follower, Workers: a.cfg.Fetch.Workers, Lease: a.lease(), Log: a.log,
		Slots: slots, Plans: a.plans(l.db),
	}, nil
}

// pruning is when articles that were kept long enough are removed: at night, and
// when no digest is likely to be made.
const pruning = "40 3 * * *"

// sentKept is how long the texts of messages are kept that were sent.
const sentKept = 30 * 24 * time.Hour

// slots is all that the daemon does at set times, besides digests.
func (a *app) slots(db *store.DB) ([]schedule.Job, error) {
	nights, err := schedule.ParseSpec(pruning, a.location())
	if err != nil {
		return nil, err
	}
	jobs := []schedule.Job{{Name: "outbox", Spec: nights, Run: func(ctx context.Context, slot time.Time) error {
		_, err := db.ForgetSent(ctx, slot.Add(-sentKept))
		return err
	}}}
	if a.cfg.Keep > 0 {
		jobs = append(jobs, schedule.Job{Name: "prune", Spec: nights, Run: func(ctx context.Context, slot time.Time) error {
			return a.prune(ctx, db, slot.Add(-a.cfg.Keep))
		}})
	}
	return jobs, nil
}

// plans are the digests that the daemon makes.
func (a *app) plans(db *store.DB) *schedule.Plans {
	return &schedule.Plans{Digester: a.digester(db), Fixed: []store.DigestPlan{a.configuredPlan()}, Location: a.location(), Log: a.log}
}

// answerTakes is the longest an answer may take to be made and sent. Tables, which
// are sent while they are made, set a time for each part of theirs instead.
const answerTakes = 5 * time.Minute

// runDaemon runs loops and server side by side until ctx ends or one fails.
func (a *app) runDaemon(ctx context.Context, listener net.Listener, l *line, daemon *schedule.Daemon, ready func(context.Context, *line, string) error) error {
	handler, err := a.handler(l)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: answerTakes, IdleTimeout: 2 * time.Minute}
	url := "http://" + listener.Addr().String()
	a.log.InfoContext(ctx, "kliping serves", "page", url, "data", a.cfg.Data)
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve %s: %w", url, err)
		}
		return nil
	})
	work.Go(func() error {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return server.Shutdown(grace)
	})
	work.Go(func() error { return daemon.Run(ctx) })
	if ready != nil {
		work.Go(func() error { return ready(ctx, l, url) })
	}
	if err := work.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// handler is page and API on one mux, behind the gate.
func (a *app) handler(l *line) (http.Handler, error) {
	pages, err := web.New(web.Options{DB: l.db, Index: l.index, Location: a.location(), Window: a.cfg.Digest.Window, ByPublished: a.cfg.Digest.By == "published", Log: a.log, Version: version, FeedToken: a.cfg.FeedToken})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", api.New(api.Options{DB: l.db, Index: l.index, Location: a.location(), Log: a.log, Version: version, CheckWatch: a.watchCheck().Check}))
	mux.Handle("/", pages)
	return access.New(access.Options{Secrets: []string{a.cfg.Password, a.cfg.Token}, FeedToken: a.cfg.FeedToken, IsFeed: api.IsFeed, Log: a.log}, mux), nil
}

// prune removes stories that nothing was added to since the given time.
func (a *app) prune(ctx context.Context, db *store.DB, before time.Time) error {
	removed, err := db.Prune(ctx, before)
	if err != nil {
		return err
	}
	a.log.InfoContext(ctx, "old articles removed", "articles", removed, "before", before)
	return nil
}
