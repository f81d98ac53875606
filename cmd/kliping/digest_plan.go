package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/schedule"
	"kliping/internal/store"
)

func newDigestPlan(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Say what is told to whom, and when: add, list, edit and remove plans",
		Long: `A plan is a digest that the daemon makes on a schedule, keeps, and mails. The one
called "digest" is the configured one (digest.* in kliping.yaml).`,
		Example: `  kliping digest plan add morning --schedule "TZ=Asia/Jakarta 30 6 * * 1-5" --to desk@example.org
  kliping digest plan add dams --query "dam OR reservoir" --schedule "0 17 * * *" --draft 30m --to desk@example.org`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPlanAdd(a), newPlanList(a), newPlanEdit(a), newPlanRemove(a))
	return cmd
}

func planFlags(flags *pflag.FlagSet, p *store.DigestPlan) {
	flags.StringVar(&p.Title, "title", "", "`heading` of the digest (default its name)")
	flags.StringVar(&p.Schedule, "schedule", "", "cron `spec`; without one it is drafted and sent by hand")
	flags.StringVar(&p.Window, "window", "", "how far back it reaches, a `duration` such as 24h (default since its last digest)")
	flags.StringVar(&p.Draft, "draft", "", "how long before its slot to draft it, a `duration` such as 30m")
	flags.StringVar(&p.Query, "query", "", "only stories that match this `query`, as in 'kliping search'")
	flags.StringVar(&p.Watch, "watch", "", "only stories of this `watch`")
	flags.StringVar(&p.By, "by", "", "date articles by `arrival` or published (default arrival)")
	flags.IntVar(&p.Limit, "limit", 0, "`number` of stories told (default the configured digest.limit)")
	flags.StringVar(&p.Show, "show", "", "which `copy` of a story is shown: first (the default), preferred (of --outlet, in order) or licensed (of --outlet only)")
	flags.StringSliceVar(&p.Outlets, "outlet", nil, "outlet for --show: a `domain`, tier:1 or tag:national; may be repeated")
	flags.StringArrayVar(&p.To, "to", nil, "mail `address` it goes to; may be repeated")
	flags.StringSliceVar(&p.Formats, "format", nil, "of the mail: `text`, html (default both)")
}

func newPlanAdd(a *app) *cobra.Command {
	var p store.DigestPlan
	cmd := &cobra.Command{
		Use:     "add NAME",
		Short:   "Add a plan",
		Example: "  kliping digest plan add morning --schedule \"30 6 * * *\" --to 'Desk <desk@example.org>'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.Name, p.Outlets = args[0], outletsNamed(p.Outlets)
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				if err := a.checkPlan(ctx, db, p); err != nil {
					return usage(cmd, err)
				}
				if err := db.AddPlan(ctx, p); err != nil {
					return fmt.Errorf("%w; 'kliping digest plan edit' changes it", err)
				}
				a.sayPlan(p, "added")
				return nil
			})
		},
	}
	planFlags(cmd.Flags(), &p)
	return cmd
}

func newPlanEdit(a *app) *cobra.Command {
	var edit store.DigestPlan
	cmd := &cobra.Command{
		Use:     "edit NAME",
		Short:   "Change a plan; what no flag names stays",
		Example: "  kliping digest plan edit morning --to desk@example.org --to night@example.org\n  kliping digest plan edit morning --draft ''",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				old, err := a.findPlan(ctx, db, args[0])
				if err != nil {
					return err
				}
				p := editedPlan(old, edit, cmd.Flags().Changed)
				if err := a.checkPlan(ctx, db, p); err != nil {
					return usage(cmd, err)
				}
				from, to, err := a.movedDraft(ctx, db, old, p)
				if err != nil {
					return err
				}
				if err := db.UpdatePlan(ctx, p, from, to); err != nil {
					return err
				}
				a.sayPlan(p, "changed")
				if from != to {
					fmt.Fprintf(a.stdout, "its draft %s/%s is %s/%s now\n", p.Name, from, p.Name, to)
				} else if from == "" && old.Schedule != p.Schedule {
					return a.sayDrafts(ctx, db, p)
				}
				return nil
			})
		},
	}
	planFlags(cmd.Flags(), &edit)
	return cmd
}

// sayDrafts tells of drafts that stay for slots which their plan no longer comes to.
func (a *app) sayDrafts(ctx context.Context, db *store.DB, p store.DigestPlan) error {
	drafts, err := db.Drafts(ctx, p.Name)
	for _, d := range drafts {
		fmt.Fprintf(a.stdout, "its draft %[1]s/%[2]s stays, and goes out by 'kliping digest send %[1]s/%[2]s' only\n", p.Name, d.Slot)
	}
	return err
}

// movedDraft are the slot that the draft which waits is for and the one that it is for
// when its plan has become p; both empty if none waits or that slot stays.
func (a *app) movedDraft(ctx context.Context, db *store.DB, old, p store.DigestPlan) (from, to string, err error) {
	if old.Schedule == "" || p.Schedule == "" || old.Schedule == p.Schedule {
		return "", "", nil
	}
	now := time.Now()
	if from, err = a.nextSlot(ctx, db, old, now); err == nil {
		_, err = db.Draft(ctx, p.Name, from)
	}
	if errors.Is(err, news.ErrNotFound) || errors.Is(err, news.ErrInvalid) { // an older program's schedule may be
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	p.Since = now
	to, err = a.nextSlot(ctx, db, p, now)
	return from, to, err
}

// nextSlot is the next slot of a plan; now for one without a schedule.
func (a *app) nextSlot(ctx context.Context, db *store.DB, p store.DigestPlan, now time.Time) (string, error) {
	if p.Schedule == "" {
		return now.In(a.location()).Format("2006-01-02T15:04"), nil
	}
	spec, err := schedule.ParseSpec(p.Schedule, a.location())
	if err != nil {
		return "", err
	}
	slot, _, err := schedule.PlanSlot(ctx, db, p, spec, spec.Next(now))
	return slot, err
}

// editedPlan is p with what flags changed.
func editedPlan(p, edit store.DigestPlan, changed func(string) bool) store.DigestPlan {
	for flag, set := range map[string]func(){
		"title": func() { p.Title = edit.Title }, "schedule": func() { p.Schedule = edit.Schedule }, "window": func() { p.Window = edit.Window },
		"draft": func() { p.Draft = edit.Draft }, "query": func() { p.Query = edit.Query }, "watch": func() { p.Watch = edit.Watch },
		"by": func() { p.By = edit.By }, "limit": func() { p.Limit = edit.Limit }, "show": func() { p.Show = edit.Show },
		"outlet": func() { p.Outlets = outletsNamed(edit.Outlets) }, "to": func() { p.To = edit.To }, "format": func() { p.Formats = edit.Formats },
	} {
		if changed(flag) {
			set()
		}
	}
	// An empty word empties a list.
	for _, list := range []*[]string{&p.Outlets, &p.To, &p.Formats} {
		if len(*list) == 1 && (*list)[0] == "" {
			*list = nil
		}
	}
	return p
}

func newPlanList(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the plans, the configured one first",
		Example: "  kliping digest plan list --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				stored, err := db.Plans(ctx)
				if err != nil {
					return err
				}
				all := append([]store.DigestPlan{a.configuredPlan()}, stored...)
				if asJSON {
					return printJSON(a.stdout, all)
				}
				rows := [][]string{{"PLAN", "SCHEDULE", "OF", "WINDOW", "TO"}}
				for _, p := range all {
					of := "all stories"
					if p.Query != "" {
						of = p.Query
					} else if p.Watch != "" {
						of = "watch " + p.Watch
					}
					rows = append(rows, []string{p.Name, cmp.Or(p.Schedule, "by hand"), of, cmp.Or(p.Window, "since the last"), cmp.Or(strings.Join(p.To, ", "), "nobody")})
				}
				return printTable(a.stdout, rows)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newPlanRemove(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "remove NAME",
		Short:   "Remove a plan with its drafts; its digests stay",
		Example: "  kliping digest plan remove morning",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				if args[0] == pipeline.ConfiguredPlan {
					return usage(cmd, errConfigured)
				}
				if err := db.RemovePlan(ctx, args[0]); err != nil {
					return fmt.Errorf("%w; 'kliping digest plan list' shows all", err)
				}
				fmt.Fprintf(a.stdout, "%s  removed\n", args[0])
				return nil
			})
		},
	}
}

// errConfigured is the error of who would change the configured plan here.
var errConfigured = errors.New("the plan digest is the configured one; change digest.* in the configuration")

// findPlan returns the plan of that name that is in the store.
func (a *app) findPlan(ctx context.Context, db *store.DB, name string) (store.DigestPlan, error) {
	all, err := db.Plans(ctx)
	if err != nil {
		return store.DigestPlan{}, err
	}
	for _, p := range all {
		if p.Name == name {
			return p, nil
		}
	}
	if name == pipeline.ConfiguredPlan {
		return store.DigestPlan{}, errConfigured
	}
	return store.DigestPlan{}, fmt.Errorf("digest plan %s: %w; 'kliping digest plan list' shows all", name, news.ErrNotFound)
}

// anyPlan is findPlan with the configured one among those found.
func (a *app) anyPlan(ctx context.Context, db *store.DB, name string) (store.DigestPlan, error) {
	if name == pipeline.ConfiguredPlan {
		return a.configuredPlan(), nil
	}
	return a.findPlan(ctx, db, name)
}

// configuredPlan is what digest.* says, as a plan.
func (a *app) configuredPlan() store.DigestPlan {
	d := a.cfg.Digest
	return store.DigestPlan{
		Name: pipeline.ConfiguredPlan, Title: "Digest", Schedule: d.Schedule, Window: brief(d.Window), Limit: d.Limit, By: d.By, To: append([]string{}, d.To...),
	}
}

// checkPlan says all that is wrong with a plan.
func (a *app) checkPlan(ctx context.Context, db *store.DB, p store.DigestPlan) error {
	if p.Name == pipeline.ConfiguredPlan {
		return errConfigured
	}
	err := errors.Join(pipeline.CheckPlan(p), pipeline.CheckOutlets(ctx, db, p.Outlets))
	if p.Schedule != "" {
		_, bad := schedule.ParseSpec(p.Schedule, a.location())
		err = errors.Join(err, bad)
	}
	if p.Query != "" {
		err = errors.Join(err, index.NewMatcher().Put(1, index.Query{Text: p.Query, Location: a.location()}))
	}
	if p.Watch != "" {
		_, missing := findWatch(ctx, db, p.Watch)
		err = errors.Join(err, missing)
	}
	return err
}

// outletsNamed are the outlets that a person means, domains as stories have them,
// tiers and tags as they are typed.
func outletsNamed(typed []string) []string {
	var all []string
	for _, t := range typed {
		if !strings.Contains(t, ":") || strings.Contains(t, "://") {
			t = outletNamed(t)
		}
		all = append(all, strings.TrimSpace(t))
	}
	return all
}

// digester makes digests as the configuration says.
func (a *app) digester(db *store.DB) *pipeline.Digester {
	return &pipeline.Digester{
		DB: db, Location: a.location(), Window: a.cfg.Digest.Window, Limit: a.cfg.Digest.Limit, BaseURL: a.cfg.PublicURL, From: a.cfg.Mail.From,
	}
}

// sayPlan says what became of a plan and when it comes due next.
func (a *app) sayPlan(p store.DigestPlan, done string) {
	next := "sent by hand, with 'kliping digest draft " + p.Name + "'"
	if spec, err := schedule.ParseSpec(p.Schedule, a.location()); err == nil {
		next = "next " + stamp(spec.Next(time.Now()), a.location())
	}
	fmt.Fprintf(a.stdout, "%s  %s; %s, to %s\n", p.Name, done, next, cmp.Or(strings.Join(p.To, ", "), "nobody: it is kept to be read"))
	if len(p.To) > 0 && a.cfg.Mail.Host == "" {
		fmt.Fprintln(a.stderr, "no mail server is configured (mail.host): mails wait in the outbox")
	}
}

// brief is a duration without its zeros: 24h for 24h0m0s.
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
