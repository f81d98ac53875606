package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kliping/config"
	"kliping/index"
	"kliping/internal/feed"
	"kliping/internal/fetch"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/schedule"
	"kliping/internal/store"
)

// app is what every command starts from: the outside world and, once a command
// runs, the configuration.
type app struct {
	environ        []string
	stdout, stderr io.Writer
	started        bool // cobra accepted the words of the command line

	configFile string
	settings   []string // key=value from --set
	cfg        config.Config
	log        *slog.Logger
}

// configure loads the configuration: defaults, file, environment, flags.
func (a *app) configure(cmd *cobra.Command) error {
	path := a.configFile
	if path == "" {
		path = a.env("KLIPING_CONFIG")
	}
	if path == "" {
		if _, err := os.Stat(config.FileName); !errors.Is(err, fs.ErrNotExist) {
			path = config.FileName
		}
	}
	cfg, err := config.Load(path, a.environ)
	var flags []error
	set := func(key, value string) {
		if err := cfg.Set(key, value); err != nil {
			flags = append(flags, err)
		}
	}
	for _, s := range a.settings {
		key, value, ok := strings.Cut(s, "=")
		if !ok {
			flags = append(flags, fmt.Errorf("--set %s: write key=value, for example --set fetch.timeout=10s", s))
			continue
		}
		set(key, value)
	}
	for flag, key := range map[string]string{"data": "data", "listen": "listen"} {
		if f := cmd.Flags().Lookup(flag); f != nil && f.Changed {
			set(key, f.Value.String())
		}
	}
	if len(flags) > 0 {
		return usage(cmd, errors.Join(flags...))
	}
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		return fmt.Errorf("the configuration has mistakes:\n%w", err)
	}
	a.cfg = cfg
	a.log = newLog(a.stderr, "warn", cfg.Log.Format) // a command that a person waits for says the rest itself
	return nil
}

func (a *app) env(name string) string {
	for _, e := range a.environ {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}

func newLog(w io.Writer, level, format string) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // validated with the configuration
	opt := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}

// openStore opens the store, making the data directory if it is not there, and
// brings one that an earlier program wrote up to date.
func (a *app) openStore(ctx context.Context) (*store.DB, error) {
	if err := os.MkdirAll(a.cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w; set another with --data or KLIPING_DATA", err)
	}
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(a.cfg.Data, "kliping.db"), URL: a.cfg.Store})
	if err != nil {
		return nil, err
	}
	if err := pipeline.Renew(ctx, db, a.log); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// withStore runs f with the store open.
func (a *app) withStore(cmd *cobra.Command, f func(ctx context.Context, db *store.DB) error) error {
	db, err := a.openStore(cmd.Context())
	if err != nil {
		return err
	}
	return errors.Join(f(cmd.Context(), db), db.Close())
}

func (a *app) indexPath() string { return filepath.Join(a.cfg.Data, "index") }

// line is the straight line wired together.
type line struct {
	db        *store.DB
	index     *index.Index // nil: another process keeps it
	refresher *pipeline.Refresher
	grouper   *pipeline.Grouper
	follower  *pipeline.Follower
}

// openLine opens store and index and wires the line between them.
func (a *app) openLine(ctx context.Context) (*line, error) {
	db, err := a.openStore(ctx)
	if err != nil {
		return nil, err
	}
	l, err := a.wire(ctx, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return l, nil
}

func (a *app) wire(ctx context.Context, db *store.DB) (*line, error) {
	refresher, err := a.newRefresher(db)
	if err != nil {
		return nil, err
	}
	l, preparer := &line{db: db, refresher: refresher}, refresher.Preparer
	l.grouper = pipeline.NewGrouper(db, preparer, pipeline.GroupOptions{
		Batch: a.cfg.Group.Batch, Window: a.cfg.Group.Window, Log: a.log,
	})
	if err := l.grouper.LoadTemplates(ctx); err != nil {
		return nil, err
	}
	if err := a.openIndex(ctx, l); err != nil && !errors.Is(err, news.ErrLocked) {
		return nil, err
	}
	return l, nil
}

// newRefresher is what polls feeds. It knows no templates yet: what they would strip
// is stripped when the article is grouped.
func (a *app) newRefresher(db *store.DB) (*pipeline.Refresher, error) {
	preparer, err := pipeline.NewPreparer()
	if err != nil {
		return nil, err
	}
	client, err := a.newClient(db)
	if err != nil {
		return nil, err
	}
	due, err := a.feedTimes()
	if err != nil {
		return nil, err
	}
	preparer.FullText = news.FullText(a.cfg.Pages.FullText)
	pages, err := a.newPages(db)
	if err != nil {
		return nil, err
	}
	return &pipeline.Refresher{
		DB: db, Client: client, Preparer: preparer, Limits: feed.Options{MaxItems: a.cfg.Fetch.MaxItems},
		FullText: pipeline.FullText{Pages: pages, PerPoll: a.cfg.Pages.PerPoll},
		Next:     due.Next, Now: time.Now, Gap: a.cfg.Fetch.Gap, Log: a.log,
	}, nil
}

// openIndex gives the line its index, or says who keeps it from being opened.
func (a *app) openIndex(ctx context.Context, l *line) (err error) {
	if l.index, err = pipeline.OpenIndex(ctx, a.indexPath(), l.db, a.log); err != nil {
		return err
	}
	l.follower = &pipeline.Follower{DB: l.db, Index: l.index}
	return nil
}

func (l *line) close() error {
	if l.index == nil {
		return l.db.Close()
	}
	return errors.Join(l.index.Close(), l.db.Close())
}

// newPages is the way out for pages, which are smaller than feeds.
func (a *app) newPages(db *store.DB) (*fetch.Pages, error) {
	client, err := a.clientFor(db, a.cfg.Pages.MaxBytes, "pages.max_bytes")
	if err != nil {
		return nil, err
	}
	agent, _, _ := strings.Cut(a.cfg.Fetch.UserAgent, "/")
	return fetch.NewPages(fetch.PagesOptions{Client: client, Agent: agent, Gap: a.cfg.Pages.Gap}), nil
}

// newClient is the way out for feeds. What is asked for through it takes the turns
// of its domains.
func (a *app) newClient(db *store.DB) (*fetch.Client, error) {
	return a.clientFor(db, a.cfg.Fetch.MaxBytes, "fetch.max_bytes")
}

func (a *app) clientFor(db *store.DB, most config.Size, limit string) (*fetch.Client, error) {
	allow, err := fetch.ParseAllow(a.cfg.Fetch.Allow)
	if err != nil {
		return nil, err
	}
	proxy, err := fetch.ParseProxy(a.cfg.Fetch.Proxy, a.env)
	if err != nil {
		return nil, err
	}
	return fetch.New(fetch.Options{
		Timeout: a.cfg.Fetch.Timeout, MaxBytes: int64(most), Limit: limit, Allow: allow, Proxy: proxy, UserAgent: userAgent(a.cfg.Fetch.UserAgent),
		Gate: &schedule.Gate{DB: db, Gap: a.cfg.Fetch.Gap, Lease: a.lease(), Log: a.log},
	}), nil
}

// lease is how long a claimed feed is ours: the longest fetch, and time to save
// what it brought.
func (a *app) lease() time.Duration { return a.cfg.Fetch.Timeout + time.Minute }

// feedTimes says when feeds are polled.
func (a *app) feedTimes() (schedule.Feeds, error) {
	times := schedule.Feeds{Location: a.location(), Fastest: a.cfg.Fetch.Fastest, Slowest: a.cfg.Fetch.Slowest, Gap: a.cfg.Fetch.Gap}
	if a.cfg.Fetch.Schedule == "" {
		return times, nil
	}
	spec, err := schedule.ParseSpec(a.cfg.Fetch.Schedule, a.location())
	times.Default = spec
	return times, err
}

// location is the time zone that people read times in.
func (a *app) location() *time.Location {
	loc, err := time.LoadLocation(a.cfg.TimeZone)
	if err != nil {
		return time.Local // validated with the configuration
	}
	return loc
}
