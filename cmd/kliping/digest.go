package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kliping/internal/digest"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

func newDigest(a *app) *cobra.Command {
	var since, until, format, out, by string
	var limit int
	var plan store.DigestPlan // what a plan's flags would say
	cmd := &cobra.Command{
		Use:   "digest",
		Short: "Print the stories of a window, ranked by how many independent outlets carried them",
		Example: `  kliping digest
  kliping digest --since 7d --limit 50 --format md --out week.md
  kliping digest --since 2026-05-01 --until 2026-05-02 --by published --format html --out may-day.html
  kliping digest --show preferred --outlet reuters.com --outlet tier:1`,
		Long: `Prints the stories of a window: what outlets carried in it, what is new, what grew,
and what outlets changed afterwards. The subcommands keep plans, by which the daemon
makes digests and mails them, and drafts, which a person curates before they go out.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opt, err := a.digestOptions(since, until, by, limit)
			if err != nil {
				return usage(cmd, err)
			}
			if !validFormat(format) {
				return usage(cmd, fmt.Errorf("--format %s: there is %s", format, strings.Join(digest.Formats(), ", ")))
			}
			plan.Name = "now" // only what may be of no plan is asked for
			plan.Outlets = outletsNamed(plan.Outlets)
			opt.Query, opt.Show, opt.Outlets = plan.Query, plan.Show, plan.Outlets
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) (err error) {
				if err := a.checkPlan(ctx, db, plan); err != nil {
					return usage(cmd, err)
				}
				d, err := pipeline.Digest(ctx, db, opt)
				if err != nil {
					return err
				}
				return a.writeOut(out, func(w io.Writer) error { return digest.Render(w, d, format) })
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&since, "since", "", "where the window begins, a `time`: 24h, 7d, 2026-05-01, 2026-05-01T07:00 (default the configured digest.window)")
	flags.StringVar(&until, "until", "", "where the window ends, a `time` (default now)")
	flags.StringVar(&by, "by", "", "date articles by `arrival` or published (default the configured digest.by)")
	flags.StringVarP(&format, "format", "f", "text", "`format`: "+strings.Join(digest.Formats(), ", "))
	flags.StringVarP(&out, "out", "o", "", "write to `file` instead of standard output")
	flags.StringVar(&plan.Query, "query", "", "only stories that match this `query`, as in 'kliping search'")
	flags.StringVar(&plan.Show, "show", "", "which `copy` of a story is shown: first (the default), preferred (of --outlet, in order) or licensed (of --outlet only)")
	flags.StringSliceVar(&plan.Outlets, "outlet", nil, "outlet for --show: a `domain`, tier:1 or tag:national; may be repeated")
	flags.IntVarP(&limit, "limit", "n", 0, "`number` of stories told (default the configured digest.limit)")
	cmd.AddCommand(newDigestList(a), newDigestShow(a), newDigestPlan(a))
	cmd.AddCommand(newDigestDraft(a), newDigestDrafts(a), newDigestExport(a), newDigestCurate(a), newDigestDrop(a), newDigestMove(a), newDigestNote(a), newDigestSend(a), newDigestDiscard(a))
	return cmd
}

func newDigestList(a *app) *cobra.Command {
	var asJSON bool
	var plan string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the digests that were made",
		Example: "  kliping digest list\n  kliping digest list --plan morning --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				all, err := db.Digests(ctx, plan, 1000)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.stdout, append([]store.ArchivedDigest{}, all...))
				}
				if len(all) == 0 && plan != "" {
					_, err := a.anyPlan(ctx, db, plan)
					if err == nil {
						fmt.Fprintf(a.stdout, "None yet of the plan %s.\n", plan)
					}
					return err
				}
				if len(all) == 0 {
					fmt.Fprintf(a.stdout, "None yet: the daemon makes one at %q.\n", a.cfg.Digest.Schedule)
					return nil
				}
				rows := [][]string{{"DIGEST", "MADE"}}
				for _, d := range all {
					rows = append(rows, []string{d.Name + "/" + d.Slot, stamp(d.Made, a.location())})
				}
				return printTable(a.stdout, rows)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&plan, "plan", "", "only those of this `plan`")
	return cmd
}

func newDigestShow(a *app) *cobra.Command {
	var format, out string
	cmd := &cobra.Command{
		Use:   "show DIGEST",
		Short: "Show a digest as it was made, or a draft as it would go out",
		Long: `Shows a digest by plan and slot, by its slot alone if it is the configured one's,
or the newest of a plan by the plan's name. A draft that waits is the newest, and is
shown as it would go out.`,
		Example: "  kliping digest show 2026-05-01T07:00\n  kliping digest show morning\n  kliping digest show morning/2026-05-01T07:00 --format html --out may-day.html",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !validFormat(format) {
				return usage(cmd, fmt.Errorf("--format %s: there is %s", format, strings.Join(digest.Formats(), ", ")))
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				d, err := readDigest(ctx, db, args[0])
				if err != nil {
					return err
				}
				return a.writeOut(out, func(w io.Writer) error { return digest.Render(w, d, format) })
			})
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", "text", "`format`: "+strings.Join(digest.Formats(), ", "))
	cmd.Flags().StringVarP(&out, "out", "o", "", "write to `file` instead of standard output")
	return cmd
}

// digestName takes apart what a person calls a digest: plan and slot, one of them
// perhaps left out.
func digestName(ref string) (plan, slot string) {
	plan, slot, both := strings.Cut(ref, "/")
	if !both && strings.Contains(ref, "T") { // names of plans have no capitals
		return pipeline.ConfiguredPlan, ref
	}
	return plan, slot
}

// newestSlot is the slot of a plan's last digest; empty if there is none, or a
// draft of a later one waits.
func newestSlot(ctx context.Context, db *store.DB, plan string) (string, error) {
	last, err := db.Digests(ctx, plan, 1)
	if err != nil || len(last) == 0 {
		return "", err
	}
	drafts, err := db.Drafts(ctx, plan)
	if err != nil || len(drafts) > 0 && drafts[0].Slot > last[0].Slot {
		return "", err
	}
	return last[0].Slot, nil
}

// readDigest reads the digest that a person means, or the draft.
func readDigest(ctx context.Context, db *store.DB, ref string) (d digest.Digest, err error) {
	plan, slot := digestName(ref)
	if slot == "" {
		if slot, err = newestSlot(ctx, db, plan); err != nil {
			return d, err
		}
	}
	d, err = pipeline.ReadDigest(ctx, db, plan, slot)
	if !errors.Is(err, news.ErrNotFound) {
		return d, err
	}
	row, bad := findDraft(ctx, db, ref)
	if errors.Is(bad, news.ErrNotFound) {
		return d, fmt.Errorf("digest %s: %w; 'kliping digest list' shows all, 'kliping digest drafts' those that wait", ref, news.ErrNotFound)
	}
	if bad != nil {
		return d, bad
	}
	return pipeline.Curated(row)
}

func validFormat(format string) bool {
	for _, f := range digest.Formats() {
		if f == format {
			return true
		}
	}
	return false
}

// digestOptions are the configured ones with the command's on top.
func (a *app) digestOptions(since, until, by string, limit int) (pipeline.DigestOptions, error) {
	from, to, err := a.window(since, until)
	if err != nil {
		return pipeline.DigestOptions{}, err
	}
	if by == "" {
		by = a.cfg.Digest.By
	}
	if by != "arrival" && by != "published" {
		return pipeline.DigestOptions{}, fmt.Errorf("--by %s: there is arrival and published", by)
	}
	if limit < 0 {
		return pipeline.DigestOptions{}, fmt.Errorf("--limit %d: write a number above zero", limit)
	}
	if limit == 0 {
		limit = a.cfg.Digest.Limit
	}
	if to.IsZero() {
		to = time.Now()
	}
	if from.IsZero() {
		from = to.Add(-a.cfg.Digest.Window)
	}
	return pipeline.DigestOptions{Since: from, Until: to, ByPublished: by == "published", Limit: limit, Location: a.location(), BaseURL: a.cfg.PublicURL}, nil
}
