package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kliping/internal/content"
	"kliping/internal/export"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// pressWindow is how far back a list of outlets looks.
const pressWindow = 30 * 24 * time.Hour

func newOutlets(a *app) *cobra.Command {
	var since, until, sort string
	var asJSON bool
	var limit int
	cmd := &cobra.Command{
		Use:   "outlets",
		Short: "List outlets: who is first, who copies whom, and how much later; name and rank them",
		Long: `Lists the outlets of the stories that first arrived in a window. FIRST counts the
stories that the outlet led, OF how many that others carry too; INDEPENDENT is the
share of its articles that founded a story's text; COPIES are articles whose text
another outlet had earlier, BEHIND how long after (median).
docs/outlets.md says what is counted.`,
		Example: "  kliping outlets\n  kliping outlets --since 7d --sort first\n  kliping outlets show kabar.example\n  kliping outlets set kabar.example --name 'Kabar Harian' --tier 1 --time-zone Asia/Jakarta",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 0 {
				return usage(cmd, fmt.Errorf("--limit %d: write a number above zero, or 0 for all", limit))
			}
			return a.withPress(cmd, since, until, func(_ context.Context, _ *store.DB, p pipeline.Press) error {
				if err := p.Sort(sort); err != nil {
					return usage(cmd, fmt.Errorf("--sort: %w", err))
				}
				if limit > 0 {
					p.Outlets = p.Outlets[:min(limit, len(p.Outlets))]
				}
				if asJSON {
					return printJSON(a.stdout, p)
				}
				return a.printOutlets(p)
			})
		},
	}
	flags := cmd.Flags()
	windowFlags(flags, &since, &until)
	flags.StringVar(&sort, "sort", "articles", "`order`: "+strings.Join(pipeline.PressOrders(), ", "))
	flags.IntVarP(&limit, "limit", "n", 0, "`number` of outlets listed at most; 0: all")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	cmd.AddCommand(newOutletsShow(a), newOutletsSet(a), newOutletsImport(a), newOutletsExport(a))
	return cmd
}

func windowFlags(flags *pflag.FlagSet, since, until *string) {
	flags.StringVar(since, "since", "30d", "stories that first arrived after this `time`: 24h, 7d, 2026-05-01, 2026-05-01T07:00")
	flags.StringVar(until, "until", "", "stories that first arrived before this `time` (default now)")
}

// withPress runs f with what the outlets did between two times.
func (a *app) withPress(cmd *cobra.Command, since, until string, f func(context.Context, *store.DB, pipeline.Press) error) error {
	from, to, err := a.window(since, until)
	if err != nil {
		return usage(cmd, err)
	}
	if to.IsZero() {
		to = time.Now()
	}
	if from.IsZero() {
		from = to.Add(-pressWindow)
	}
	return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
		p, err := pipeline.ReadPress(ctx, db, from, to)
		if err != nil {
			return err
		}
		return f(ctx, db, p)
	})
}

func (a *app) printOutlets(p pipeline.Press) error {
	if len(p.Outlets) == 0 {
		fmt.Fprintln(a.stdout, "No outlet carried anything in this time.")
		return nil
	}
	names := p.Names()
	table := [][]string{{"OUTLET", "NAME", "TIER", "ARTICLES", "FIRST", "OF", "INDEPENDENT", "COPIES", "BEHIND", "COPIES WHOM"}}
	for i := range p.Outlets {
		o := &p.Outlets[i]
		table = append(table, []string{
			o.Domain, o.Name, orDash(o.Tier), fmt.Sprint(o.Articles), fmt.Sprint(o.First), fmt.Sprint(o.Shared), cmp.Or(o.IndependentText(), "-"), fmt.Sprint(o.Copied), cmp.Or(o.BehindText(), "-"), whom(o.Copies, names),
		})
	}
	return printTable(a.stdout, table)
}

func orDash(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// whom names the outlets that most is taken from.
func whom(flows []pipeline.Flow, names store.OutletNames) string {
	var all []string
	for _, f := range flows[:min(len(flows), 3)] {
		all = append(all, fmt.Sprintf("%s (%d)", names.Of(f.Outlet), f.Articles))
	}
	return strings.Join(all, ", ")
}

func newOutletsShow(a *app) *cobra.Command {
	var since, until string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show DOMAIN",
		Short:   "Show an outlet: whom it copies, who copies it, and how much later",
		Example: "  kliping outlets show kabar.example --since 90d",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPress(cmd, since, until, func(_ context.Context, _ *store.DB, p pipeline.Press) error {
				o, err := p.Outlet(outletNamed(args[0]))
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.stdout, o)
				}
				return a.printOutlet(o, p.Names())
			})
		},
	}
	windowFlags(cmd.Flags(), &since, &until)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// outletNamed is the outlet that a person means by a domain or an address, or by
// what a feed was told to call it.
func outletNamed(typed string) string {
	typed = strings.TrimSpace(typed)
	return cmp.Or(content.Outlet(typed), typed)
}

func (a *app) printOutlet(o *pipeline.OutletRow, names store.OutletNames) error {
	fmt.Fprintf(a.stdout, "%s\n", plain(strings.Join(slices.DeleteFunc([]string{o.Domain, o.Name}, func(s string) bool { return s == "" }), "  ")))
	if o.Tier != 0 || len(o.Tags) > 0 || o.TimeZone != "" {
		fmt.Fprintf(a.stdout, "tier %s, tags %s, time zone %s\n", orDash(o.Tier), plain(cmp.Or(strings.Join(o.Tags, ", "), "-")), cmp.Or(o.TimeZone, "-"))
	}
	fmt.Fprintf(a.stdout, "%s in %s; first in %d of the %d that others carry too\n", count(o.Articles, "article", "articles"), count(o.Stories, "story", "stories"), o.First, o.Shared)
	fmt.Fprintf(a.stdout, "%d founded a text, %d translate one, %d are copies, %d repeat its own: %s independent\n", o.Founded, o.Translated, o.Copied, o.Repeated, cmp.Or(o.IndependentText(), "-"))
	for _, part := range []struct {
		head  string
		flows []pipeline.Flow
	}{{"COPIES", o.Copies}, {"COPIED BY", o.CopiedBy}} {
		if len(part.flows) == 0 {
			continue
		}
		table := [][]string{{part.head, "NAME", "ARTICLES", "LATER BY"}}
		for _, f := range part.flows {
			table = append(table, []string{f.Outlet, names[f.Outlet], fmt.Sprint(f.Articles), f.Later()})
		}
		fmt.Fprintln(a.stdout)
		if err := printTable(a.stdout, table); err != nil {
			return err
		}
	}
	return nil
}

func newOutletsSet(a *app) *cobra.Command {
	var edit store.Outlet
	cmd := &cobra.Command{
		Use:     "set DOMAIN",
		Short:   "Give an outlet a name, a tier, tags and a time zone; what no flag names stays",
		Example: "  kliping outlets set kabar.example --name 'Kabar Harian' --tier 1 --tag national --time-zone Asia/Jakarta\n  kliping outlets set kabar.example --name '' --tier 0",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.ContainsFunc([]string{"name", "tier", "tag", "time-zone"}, cmd.Flags().Changed) {
				return usage(cmd, errors.New("say what: --name, --tier, --tag or --time-zone"))
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				o, err := db.Outlet(ctx, outletNamed(args[0]))
				if err != nil {
					return err
				}
				given := cmd.Flags().Changed
				if given("name") {
					o.Name = strings.TrimSpace(edit.Name)
				}
				if given("tier") {
					o.Tier = edit.Tier
				}
				if given("tag") {
					o.Tags = tidyTags(edit.Tags)
				}
				if given("time-zone") {
					o.TimeZone = edit.TimeZone
				}
				err = db.SetOutlets(ctx, []store.Outlet{o})
				if errors.Is(err, news.ErrInvalid) {
					return usage(cmd, err)
				}
				if err == nil {
					fmt.Fprintf(a.stdout, "%s  set\n", plain(o.Domain))
				}
				return err
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&edit.Name, "name", "", "what the outlet is `called` where it is shown")
	flags.IntVar(&edit.Tier, "tier", 0, "1, 2 or 3; 0 for none")
	flags.StringSliceVar(&edit.Tags, "tag", nil, "`tag` for the outlet; may be repeated")
	flags.StringVar(&edit.TimeZone, "time-zone", "", "`zone` in which the outlet works, such as Asia/Jakarta")
	return cmd
}

func tidyTags(tags []string) []string {
	all := []string{}
	for _, t := range tags {
		if t = strings.TrimSpace(t); t != "" && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

// outletColumns are those of a list of outlets.
var outletColumns = []string{"domain", "name", "tier", "tags", "time_zone"}

func newOutletsImport(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "import FILE",
		Short:   "Read names, tiers, tags and time zones of outlets from CSV; - reads standard input",
		Long:    "Reads CSV whose first row names its columns: domain, and any of name, tier, tags\n(with semicolons between) and time_zone. What it says of an outlet replaces what\nwas said; outlets and columns that it does not have stay. All of it is taken, or,\nif a row has a mistake, nothing.",
		Example: "  kliping outlets import outlets.csv",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := cmd.InOrStdin()
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				in = f
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				all, err := readOutlets(ctx, db, in)
				if err == nil {
					err = db.SetOutlets(ctx, all)
				}
				if err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				fmt.Fprintf(a.stdout, "%s set\n", count(len(all), "outlet", "outlets"))
				return nil
			})
		},
	}
}

// mostOutletBytes bounds a list of outlets.
const mostOutletBytes = 64 << 20

func readOutlets(ctx context.Context, db *store.DB, in io.Reader) ([]store.Outlet, error) {
	r := csv.NewReader(io.LimitReader(in, mostOutletBytes))
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("the row of column names cannot be read: %w", err)
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(head[i], "\ufeff")))
		if !slices.Contains(outletColumns, head[i]) {
			return nil, fmt.Errorf("column %q is not known: there is %s", head[i], strings.Join(outletColumns, ", "))
		}
	}
	if !slices.Contains(head, "domain") {
		return nil, errors.New("there is no column domain")
	}
	said, err := db.Outlets(ctx)
	if err != nil {
		return nil, err
	}
	var all []store.Outlet
	lines := map[string]int{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		o, err := readOutlet(said, head, row)
		if before := lines[o.Domain]; err == nil && before > 0 {
			err = fmt.Errorf("the outlet %s has a row already, in line %d", o.Domain, before)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		lines[o.Domain] = line
		all = append(all, o)
	}
}

func readOutlet(said []store.Outlet, head, row []string) (store.Outlet, error) {
	domain := outletNamed(unguarded(row[slices.Index(head, "domain")]))
	o := store.Outlet{Domain: domain}
	if i := slices.IndexFunc(said, func(s store.Outlet) bool { return s.Domain == domain }); i >= 0 {
		o = said[i]
	}
	for i, column := range head {
		value := strings.TrimSpace(unguarded(row[i]))
		switch column {
		case "name":
			o.Name = value
		case "tier":
			n, err := strconv.Atoi(cmp.Or(value, "0"))
			if err != nil {
				return o, fmt.Errorf("tier %q is no number", value)
			}
			o.Tier = n
		case "tags":
			o.Tags = tidyTags(strings.Split(value, ";"))
		case "time_zone":
			o.TimeZone = value
		}
	}
	return o, nil
}

// unguarded is a cell without the apostrophe that keeps a spreadsheet from taking
// it for a formula.
func unguarded(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && export.Harmless(rest) == cell {
		return rest
	}
	return cell
}

func newOutletsExport(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Write names, tiers, tags and time zones of outlets as CSV, which import reads",
		Example: "  kliping outlets export --out outlets.csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				all, err := db.Outlets(ctx)
				if err != nil {
					return err
				}
				return a.writeOut(out, func(w io.Writer) error { return writeOutlets(w, all) })
			})
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "write to `file` instead of standard output")
	return cmd
}

func writeOutlets(w io.Writer, all []store.Outlet) error {
	sheet, err := export.NewSheet(w, outletColumns...)
	if err != nil {
		return err
	}
	for _, o := range all {
		tier := ""
		if o.Tier != 0 {
			tier = strconv.Itoa(o.Tier)
		}
		if err := sheet.Row(o.Domain, o.Name, tier, strings.Join(o.Tags, ";"), o.TimeZone); err != nil {
			return err
		}
	}
	return sheet.Flush()
}
