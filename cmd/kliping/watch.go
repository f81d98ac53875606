package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kliping/internal/digest"
	"kliping/internal/news"
	"kliping/internal/outbox"
	"kliping/internal/pipeline"
	"kliping/internal/schedule"
	"kliping/internal/store"
)

func newWatch(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "watch",
		Short:   "Be told of new stories: saved queries that send mail and call webhooks",
		Example: "  kliping watch add Ports 'port OR harbour' --mail ann@example.org\n  kliping watch test Ports\n  kliping watch list",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newWatchAdd(a), newWatchList(a), newWatchShow(a), newWatchEdit(a), newWatchRemove(a),
		newWatchPause(a, "pause", true), newWatchPause(a, "resume", false), newWatchTest(a))
	return cmd
}

// watchFlags are what a person decides about a watch.
type watchFlags struct {
	store.Watch
	atOnce bool
	hooks  []string
}

func (f *watchFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.atOnce, "at-once", false, "tell as soon as a story comes (the default)")
	flags.StringVar(&f.Schedule, "schedule", "", "collect, and tell together when this cron `spec` comes due")
	flags.StringVar(&f.TimeZone, "time-zone", "", "time `zone` of schedule, dates and messages (default time_zone of the configuration)")
	flags.StringArrayVar(&f.Mail, "mail", nil, "`address` to mail, or several with commas between; may be repeated")
	flags.StringArrayVar(&f.hooks, "webhook", nil, "`URL` to call; may be repeated")
	flags.IntSliceVar(&f.Outlets, "outlets", nil, "tell a story again when so many outlets have it, such as `3,10,30`")
	flags.BoolVar(&f.Languages, "languages", false, "tell it again when it comes in a new language")
	flags.BoolVar(&f.Texts, "texts", false, "tell it again when it has another text")
	flags.BoolVar(&f.Corrections, "corrections", false, "tell it again when an article of it is corrected or taken down; its pages are asked for again for a week")
}

// apply gives the watch what flags were given, and new webhooks a secret.
func (f *watchFlags) apply(w *store.Watch, given func(flag string) bool) (fresh []store.Hook) {
	for flag, set := range map[string]func(){
		"schedule":    func() { w.Schedule = f.Schedule },
		"time-zone":   func() { w.TimeZone = f.TimeZone },
		"mail":        func() { w.Mail = pipeline.SplitAddresses(f.Mail) },
		"outlets":     func() { w.Outlets = f.Outlets },
		"languages":   func() { w.Languages = f.Languages },
		"texts":       func() { w.Texts = f.Texts },
		"corrections": func() { w.Corrections = f.Corrections },
		"webhook":     func() { w.Hooks, fresh = keepSecrets(w.Hooks, f.hooks) },
	} {
		if given(flag) {
			set()
		}
	}
	if f.atOnce {
		w.Schedule = ""
	}
	return fresh
}

// keepSecrets makes hooks of URLs; those that are there keep their secret, also if
// they are named as they are shown, and the fresh ones get one.
func keepSecrets(old []store.Hook, urls []string) (all, fresh []store.Hook) {
	for _, u := range urls {
		if u = strings.TrimSpace(u); u == "" {
			continue
		}
		there := func(h store.Hook) bool { return slices.Contains(all, h) }
		i := slices.IndexFunc(old, func(h store.Hook) bool { return h.URL == u })
		if i < 0 { // two may be shown alike
			i = slices.IndexFunc(old, func(h store.Hook) bool { return news.RedactedURL(h.URL) == u && !there(h) })
		}
		if i >= 0 {
			all = append(all, old[i])
			continue
		}
		h := store.Hook{URL: u, Secret: outbox.NewSecret()}
		all, fresh = append(all, h), append(fresh, h)
	}
	return all, fresh
}

func newWatchAdd(a *app) *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "add NAME QUERY",
		Short: "Add a watch: what comes from now on and matches the query is told once",
		Example: `  kliping watch add Ports 'port OR harbour' --mail ann@example.org
  kliping watch add Us '"Example Ltd"' --mail ann@example.org --outlets 3,10,30 --corrections
  kliping watch add Morning 'lang:id minister' --schedule "30 6 * * 1-5" --time-zone Asia/Jakarta --mail desk@example.org
  kliping watch add Bot 'merger' --webhook https://bot.example/kliping`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.atOnce && f.Schedule != "" {
				return usage(cmd, errors.New("--at-once and --schedule exclude one another"))
			}
			w := store.Watch{Name: args[0], Query: args[1]}
			fresh := f.apply(&w, cmd.Flags().Changed)
			if err := a.watchCheck().Check(&w); err != nil {
				return usage(cmd, err)
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				added, err := db.AddWatch(ctx, w)
				if err != nil {
					return nameTaken(w, err)
				}
				fmt.Fprintf(a.stdout, "%d  %s  added\n", added.ID, plain(added.Name))
				a.showSecrets(fresh)
				a.warnOfMail(added)
				return nil
			})
		},
	}
	f.register(cmd.Flags())
	return cmd
}

// nameTaken says what to do where another watch has the name.
func nameTaken(w store.Watch, err error) error {
	if errors.Is(err, news.ErrExists) {
		return fmt.Errorf("a watch called %s %w; change it with 'kliping watch edit', or take another name", w.Name, news.ErrExists)
	}
	return err
}

// showSecrets prints secrets for the only time.
func (a *app) showSecrets(fresh []store.Hook) {
	for _, h := range fresh {
		fmt.Fprintf(a.stdout, "secret of %s, which is not shown again: %s\n", plain(news.RedactedURL(h.URL)), h.Secret)
	}
}

func (a *app) warnOfMail(w store.Watch) {
	if len(w.Mail) > 0 && a.cfg.Mail.Host == "" {
		fmt.Fprintln(a.stderr, "kliping: mail.host is not set; mail waits in the outbox until it is")
	}
}

func (a *app) watchCheck() pipeline.WatchCheck {
	return pipeline.WatchCheck{Location: a.location(), Schedule: func(spec string, loc *time.Location) error {
		_, err := schedule.ParseSpec(spec, loc)
		return err
	}}
}

// findWatch names what to do where there is no such watch.
func findWatch(ctx context.Context, db *store.DB, ref string) (store.Watch, error) {
	w, err := db.FindWatch(ctx, ref)
	if errors.Is(err, news.ErrNotFound) {
		err = fmt.Errorf("%w; 'kliping watch list' lists all", err)
	}
	return w, err
}

func newWatchList(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List watches, with their alerts of the last week",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				all, err := db.Watches(ctx)
				if err != nil {
					return err
				}
				for i := range all {
					all[i] = all[i].Redacted()
				}
				if asJSON {
					return printJSON(a.stdout, append([]store.Watch{}, all...))
				}
				counts, err := db.AlertCounts(ctx, time.Now().AddDate(0, 0, -7))
				if err != nil {
					return err
				}
				rows := [][]string{{"ID", "NAME", "QUERY", "WHEN", "TO", "WEEK"}}
				for _, w := range all {
					rows = append(rows, []string{fmt.Sprint(w.ID), w.Name, w.Query, when(w), cmp.Or(strings.Join(recipients(w), " "), "nobody"), strconv.Itoa(counts[w.ID])})
				}
				return printTable(a.stdout, rows)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func when(w store.Watch) string {
	if w.Paused {
		return "paused"
	}
	return cmp.Or(w.Schedule, "at once")
}

func recipients(w store.Watch) []string {
	all := slices.Clone(w.Mail)
	for _, h := range w.Hooks {
		all = append(all, h.URL)
	}
	return all
}

func newWatchShow(a *app) *cobra.Command {
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show WATCH",
		Short: "Show a watch, by name or id, and its last alerts",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				w, err := findWatch(ctx, db, args[0])
				if err != nil {
					return err
				}
				alerts, err := db.Alerts(ctx, w.ID, limit)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.stdout, struct {
						store.Watch
						Alerts []store.Alert `json:"alerts"`
					}{w.Redacted(), append([]store.Alert{}, alerts...)})
				}
				return a.showWatch(w.Redacted(), alerts)
			})
		},
	}
	cmd.Flags().IntVarP(&limit, "limit", "n", 20, "how many alerts, the newest")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) showWatch(w store.Watch, alerts []store.Alert) error {
	loc := pipeline.WatchZone(&w, a.location())
	rows := [][]string{{"id", fmt.Sprint(w.ID)}, {"name", w.Name}, {"query", w.Query}, {"when", when(w)}, {"time zone", digest.ZoneName(loc, time.Now())},
		{"again at", again(w)}, {"to", strings.Join(recipients(w), " ")}, {"since", stamp(w.Since, loc)}}
	if err := printTable(a.stdout, rows); err != nil {
		return err
	}
	if len(alerts) == 0 {
		fmt.Fprintln(a.stdout, "\nno alerts yet")
		return nil
	}
	fmt.Fprintln(a.stdout)
	rows = [][]string{{"AT", "STORY", "WHY", "HEADLINE"}}
	for _, alert := range alerts {
		rows = append(rows, []string{stamp(alert.At, loc), fmt.Sprint(alert.Story), strings.Join(alert.Reasons, "; "), alert.Title})
	}
	return printTable(a.stdout, rows)
}

// again says what a story is told again for.
func again(w store.Watch) string {
	var all []string
	for _, n := range w.Outlets {
		all = append(all, fmt.Sprintf("%d outlets", n))
	}
	for _, t := range []struct {
		on   bool
		word string
	}{{w.Languages, "a new language"}, {w.Texts, "a new text"}, {w.Corrections, "a correction"}} {
		if t.on {
			all = append(all, t.word)
		}
	}
	return cmp.Or(strings.Join(all, ", "), "nothing")
}

func newWatchEdit(a *app) *cobra.Command {
	var f watchFlags
	var name, query string
	cmd := &cobra.Command{
		Use:   "edit WATCH",
		Short: "Change a watch, by name or id; what no flag names stays, and lists are replaced",
		Example: `  kliping watch edit Ports --query 'port OR harbour OR pelabuhan'
  kliping watch edit Ports --schedule "0 7,15 * * *"
  kliping watch edit Ports --mail ann@example.org,bob@example.org`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.atOnce && f.Schedule != "" {
				return usage(cmd, errors.New("--at-once and --schedule exclude one another"))
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				old, err := findWatch(ctx, db, args[0])
				if err != nil {
					return err
				}
				w := old
				w.Name, w.Query = cmp.Or(name, w.Name), cmp.Or(query, w.Query)
				fresh := f.apply(&w, cmd.Flags().Changed)
				if err := a.watchCheck().Check(&w); err != nil {
					return usage(cmd, err)
				}
				anew := w.Query != old.Query || w.Schedule != old.Schedule || w.TimeZone != old.TimeZone
				if err := db.UpdateWatch(ctx, w, anew); err != nil {
					return nameTaken(w, err)
				}
				fmt.Fprintf(a.stdout, "%d  %s  changed\n", w.ID, plain(w.Name))
				a.showSecrets(fresh)
				a.warnOfMail(w)
				return nil
			})
		},
	}
	f.register(cmd.Flags())
	cmd.Flags().StringVar(&name, "name", "", "another `name`")
	cmd.Flags().StringVar(&query, "query", "", "another `query`; it begins anew, from now on")
	return cmd
}

func newWatchRemove(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "remove WATCH…",
		Short: "Remove watches with their alerts, and what of them was not sent yet",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				for _, ref := range args {
					w, err := findWatch(ctx, db, ref)
					if err != nil {
						return err
					}
					if err := db.RemoveWatch(ctx, w.ID); err != nil {
						return err
					}
					fmt.Fprintf(a.stdout, "%d  %s  removed\n", w.ID, plain(w.Name))
				}
				return nil
			})
		},
	}
}

func newWatchPause(a *app, word string, paused bool) *cobra.Command {
	short := "Let watches tell nothing until they are resumed"
	if !paused {
		short = "Let paused watches tell what comes from now on"
	}
	return &cobra.Command{
		Use:   word + " WATCH…",
		Short: short,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				for _, ref := range args {
					w, err := findWatch(ctx, db, ref)
					if err != nil {
						return err
					}
					was := w.Paused
					w.Paused = paused
					if err := db.UpdateWatch(ctx, w, was && !paused); err != nil {
						return err
					}
					fmt.Fprintf(a.stdout, "%d  %s  %sd\n", w.ID, plain(w.Name), word)
				}
				return nil
			})
		},
	}
}

func newWatchTest(a *app) *cobra.Command {
	var since string
	cmd := &cobra.Command{
		Use:   "test WATCH",
		Short: "Show what a watch would have sent, and when; nothing is sent",
		Long: `Show what a watch would have sent of the stories that came in the last month,
article by article as they arrived. Stories are put together as they are now; what
outlets and thresholds a story had at each moment is counted anew.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := parseTime(since, time.Now(), a.location())
			if err != nil {
				return usage(cmd, err)
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				w, err := findWatch(ctx, db, args[0])
				if err != nil {
					return err
				}
				return a.rehearse(ctx, db, w, from)
			})
		},
	}
	cmd.Flags().StringVar(&since, "since", "30d", "how far back: an age or a date")
	return cmd
}

// rehearse prints what a watch would have sent.
func (a *app) rehearse(ctx context.Context, db *store.DB, w store.Watch, from time.Time) error {
	watcher, err := a.newWatcher(db, nil)
	if err != nil {
		return err
	}
	loc := pipeline.WatchZone(&w, a.location())
	var next func(time.Time) time.Time
	if w.Schedule != "" {
		spec, err := schedule.ParseSpec(w.Schedule, loc)
		if err != nil {
			return err
		}
		next = spec.Next
	}
	r, err := watcher.Rehearse(ctx, w, from, next)
	if err != nil {
		return err
	}
	const shown = 5
	for _, m := range r.Sent {
		fmt.Fprintf(a.stdout, "%s  %s\n", stamp(m.At, loc), count(len(m.Alerts), "story", "stories"))
		for i, alert := range m.Alerts {
			if i == shown {
				fmt.Fprintf(a.stdout, "    and %d more\n", len(m.Alerts)-shown)
				break
			}
			fmt.Fprintf(a.stdout, "    %s  (%s)\n", plain(cmp.Or(alert.Title, "(no headline)")), plain(strings.Join(alert.Reasons, "; ")))
		}
	}
	fmt.Fprintf(a.stdout, "since %s: %s of %s in %s to each of %s\n", stamp(from, loc), count(r.Alerts, "alert", "alerts"),
		count(r.Stories, "story", "stories"), count(len(r.Sent), "message", "messages"), count(len(recipients(w)), "recipient", "recipients"))
	return nil
}

// newWatcher is what tells watches. preparer may be nil.
func (a *app) newWatcher(db *store.DB, preparer *pipeline.Preparer) (*pipeline.Watcher, error) {
	if preparer == nil {
		var err error
		if preparer, err = pipeline.NewPreparer(); err != nil {
			return nil, err
		}
	}
	letter := pipeline.Letter{PublicURL: a.cfg.PublicURL}
	if from, err := mail.ParseAddress(a.cfg.Mail.From); err == nil { // validated with the configuration; it may be empty
		letter.From = from.Address
	}
	return &pipeline.Watcher{
		DB: db, Preparer: preparer, Letter: letter, Location: a.location(), Now: time.Now, Log: a.log,
	}, nil
}
