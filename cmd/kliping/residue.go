package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/residue"
	"kliping/internal/store"
)

func newResidue(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "residue",
		Short: "List the lines that outlets repeat, and say which are residue",
		Long: `Lists the lines that outlets were seen to repeat, which are stripped from their
articles. What you pin is stripped, what you veto is kept, whatever else speaks for
or against it; articles that came lately and carry the line are cleaned again.

The outlet '*' is outlets in general: a line that several of them carry in otherwise
different articles is stripped everywhere. What you say of a line of one outlet comes
before what you say of it in general.`,
		Example: `  kliping residue list --outlet daily.example
  kliping residue list --outlet '*'
  kliping residue pin daily.example "Come by for a coffee in our reading room"
  kliping residue veto '*' "This article was first published elsewhere"
  kliping residue veto daily.example 9f3b0c52d1a7e40a`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newResidueList(a),
		a.newJudge("pin", residue.StatePinned, "Strip a line from an outlet's articles"),
		a.newJudge("veto", residue.StateVetoed, "Keep a line in an outlet's articles, whatever speaks against it"),
		a.newJudge("forget", "", "Take back what was pinned or vetoed"))
	return cmd
}

// repeated is a template as it is printed.
type repeated struct {
	Outlet string    `json:"outlet"`
	Print  string    `json:"print"` // 16 hexadecimal digits
	State  string    `json:"state"`
	Seen   int       `json:"seen"` // articles, with outlet "*" outlets, it was seen in when it was learned
	First  time.Time `json:"first,omitzero"`
	Last   time.Time `json:"last,omitzero"`
	Stale  bool      `json:"stale,omitempty"` // not seen for so long that it strips no more
	Text   string    `json:"text"`
}

func newResidueList(a *app) *cobra.Command {
	var outlet string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the lines that outlets repeat",
		Example: "  kliping residue list\n  kliping residue list --outlet daily.example --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				all, err := db.Templates(ctx)
				if err != nil {
					return err
				}
				lines := []repeated{}
				for _, row := range all {
					if t := residue.Template(row); outlet == "" || t.Outlet == outlet {
						lines = append(lines, repeated{t.Outlet, printID(t.Print), t.State, t.Count, t.First, t.Last, t.Stale(time.Now()), t.Sample})
					}
				}
				if asJSON {
					return printJSON(a.stdout, lines)
				}
				return a.printRepeated(lines)
			})
		},
	}
	cmd.Flags().StringVar(&outlet, "outlet", "", "only of this outlet, a `domain`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) printRepeated(lines []repeated) error {
	if len(lines) == 0 {
		fmt.Fprintln(a.stdout, "No outlet was seen to repeat a line yet.")
		return nil
	}
	rows := [][]string{{"OUTLET", "PRINT", "STATE", "SEEN", "LAST", "TEXT"}}
	for _, l := range lines {
		state := l.State
		if l.Stale {
			state = "stale"
		}
		rows = append(rows, []string{l.Outlet, l.Print, state, fmt.Sprint(l.Seen), stamp(l.Last, a.location()), l.Text})
	}
	return printTable(a.stdout, rows)
}

// newJudge is a command by which a person puts a block into a state.
func (a *app) newJudge(name, state, short string) *cobra.Command {
	return &cobra.Command{
		Use:     name + " OUTLET TEXT|PRINT",
		Short:   short,
		Long:    short + ".\nThe line is given as it stands in the article, or by its print from 'kliping residue list'.",
		Example: fmt.Sprintf("  kliping residue %s daily.example \"Come by for a coffee in our reading room\"", name),
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				t, err := findLine(ctx, db, args[0], args[1])
				if err != nil {
					return err
				}
				t.State = state
				n, err := pipeline.Judge(ctx, db, t, time.Now().Add(-a.cfg.Group.Window))
				if errors.Is(err, news.ErrNotFound) {
					return fmt.Errorf("%s: %q is neither pinned nor vetoed: %w", t.Outlet, args[1], err)
				}
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "%s  %s  %s: %s\n", t.Outlet, printID(t.Print), cmp.Or(state, "forgotten"), plain(t.Sample))
				fmt.Fprintf(a.stdout, "%s with it will be cleaned again, by the daemon at once, else by the next 'kliping refresh'\n", count(n, "recent article", "recent articles"))
				return nil
			})
		},
	}
}

// findLine is the block that a person means: by its print if there is one like
// that, else by its text.
func findLine(ctx context.Context, db *store.DB, outlet, line string) (residue.Template, error) {
	outlet = strings.ToLower(outlet)
	t := residue.Template{Outlet: outlet, Print: residue.Print(line), Sample: strings.Join(strings.Fields(line), " ")}
	all, err := db.Templates(ctx)
	if err != nil {
		return t, err
	}
	meant, isPrint := parsePrint(line)
	for _, row := range all {
		if row.Outlet == outlet && (row.Print == t.Print || isPrint && row.Print == meant) {
			return residue.Template(row), nil
		}
	}
	switch {
	case isPrint:
		return t, fmt.Errorf("%s has no line with print %s: %w; 'kliping residue list' gives the prints", outlet, line, news.ErrNotFound)
	case t.Print == 0:
		return t, fmt.Errorf("%q has no words: %w", line, news.ErrInvalid)
	}
	return t, nil
}

// printID is a block's print as people see it.
func printID(print uint64) string { return fmt.Sprintf("%016x", print) }

func parsePrint(s string) (uint64, bool) {
	if len(s) != 16 {
		return 0, false
	}
	print, err := strconv.ParseUint(s, 16, 64)
	return print, err == nil
}
