package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"kliping/internal/diff"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

func newDiff(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff ARTICLE [ARTICLE]",
		Short: "Show what a copy dropped, added and changed, or an outlet in its own article",
		Long: `Compares an article with the lead of its story, or the second article with the
first, sentence by sentence. A sentence that changed is shown before and after,
with its figures and quotes that differ. Residue is left out. Of a translation
only the figures are compared. 40@1 is article 40 as it was in its first version;
alone it is compared with the present one. 'kliping article' lists the versions.`,
		Example: "  kliping diff 40\n  kliping diff 12 40 --json\n  kliping diff 40@1\n  kliping diff 40@1 40@2",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var named []edition
			for _, arg := range args {
				e, err := parseEdition(arg)
				if err != nil {
					return usage(cmd, err)
				}
				named = append(named, e)
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				from, to, err := compared(ctx, db, named)
				if errors.Is(err, news.ErrNotFound) {
					return fmt.Errorf("%w; 'kliping story' gives the ids of articles", err)
				}
				if err != nil {
					return err
				}
				c := pipeline.NewComparison(from, to)
				if asJSON {
					return printJSON(a.stdout, c)
				}
				names, err := db.OutletNames(ctx)
				if err != nil {
					return err
				}
				from.Outlet, to.Outlet = names.Of(from.Outlet), names.Of(to.Outlet)
				a.diffPrinter().print(from, to, &c.Changes)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// edition names an article, or one of its versions; 0 is the present one.
type edition struct {
	id      news.ArticleID
	version int
}

// parseEdition reads 40 or 40@1.
func parseEdition(arg string) (e edition, err error) {
	before, after, earlier := strings.Cut(arg, "@")
	id, err := parseID(before)
	if err != nil {
		return e, err
	}
	if e.id = news.ArticleID(id); !earlier {
		return e, nil
	}
	if e.version, err = strconv.Atoi(after); err != nil || e.version < 1 {
		return e, fmt.Errorf("%q is no version of an article; write it like 40@1", arg)
	}
	return e, nil
}

// compared reads what is to be compared. One article alone is compared with its
// story's lead, an earlier version with the present one.
func compared(ctx context.Context, db *store.DB, named []edition) (from, to *news.Article, err error) {
	first, last := named[0], named[len(named)-1]
	if len(named) == 1 && first.version == 0 {
		return pipeline.Compared(ctx, db, 0, first.id)
	}
	if len(named) == 1 {
		last.version = 0
	}
	if from, err = pipeline.Edition(ctx, db, first.id, first.version); err != nil {
		return nil, nil, err
	}
	to, err = pipeline.Edition(ctx, db, last.id, last.version)
	return from, to, err
}

// diffPrinter prints changes with a mark before each sentence, in colours on a
// terminal.
type diffPrinter struct {
	out                  io.Writer
	minus, plus, neutral string // escapes; empty without colours
}

func (a *app) diffPrinter() *diffPrinter {
	p := &diffPrinter{out: a.stdout}
	if f, ok := a.stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) && a.env("NO_COLOR") == "" {
		p.minus, p.plus, p.neutral = "\x1b[31m", "\x1b[32m", "\x1b[0m"
	}
	return p
}

func (p *diffPrinter) print(from, to *news.Article, c *diff.Changes) {
	for _, side := range []struct {
		mark string
		*news.Article
	}{{"---", from}, {"+++", to}} {
		name := fmt.Sprint(side.ID)
		if from.ID == to.ID {
			name = fmt.Sprintf("%d@%d", side.ID, side.Version)
		}
		fmt.Fprintf(p.out, "%s %s  %s  %s  %s\n", side.mark, name, plain(side.Outlet), side.Language, plain(side.Title))
	}
	switch {
	case c.OtherUnits:
		fmt.Fprintln(p.out, "\nThe two are translations of each other, and one counts in ten thousands (万), the other in thousands: nothing can be compared.")
		return
	case c.Translation:
		fmt.Fprintln(p.out, "\nThe two are translations of each other; only figures are compared, as digits: one written in words is listed as if it differed.")
		p.section("figures", len(c.DroppedFigures)+len(c.AddedFigures))
		p.removed(strings.Join(c.DroppedFigures, ", "))
		p.added(strings.Join(c.AddedFigures, ", "))
		if c.Empty() {
			fmt.Fprintln(p.out, "Both have the same figures.")
		}
		return
	case c.Empty():
		fmt.Fprintf(p.out, "\nNothing differs: %s the same.\n", count(c.Same, "sentence", "sentences"))
		return
	}
	fmt.Fprintf(p.out, "\n%s the same\n", count(c.Same, "sentence", "sentences"))
	if c.Title != nil {
		p.section("headline", 1)
		p.change(c.Title)
	}
	p.section("changed", len(c.Changed))
	for i := range c.Changed {
		p.change(&c.Changed[i])
	}
	p.section("dropped", len(c.Dropped))
	for _, s := range c.Dropped {
		p.removed(s.Text)
	}
	p.section("added", len(c.Added))
	for _, s := range c.Added {
		p.added(s.Text)
	}
}

func (p *diffPrinter) section(name string, n int) {
	if n > 0 {
		fmt.Fprintf(p.out, "\n%s\n", name)
	}
}

func (p *diffPrinter) removed(text string) { p.line("-", p.minus, text) }
func (p *diffPrinter) added(text string)   { p.line("+", p.plus, text) }

func (p *diffPrinter) line(mark, colour, text string) {
	if text != "" {
		fmt.Fprintf(p.out, "%s%s %s%s\n", colour, mark, strings.ReplaceAll(plain(text), "\n", " "), p.neutral)
	}
}

func (p *diffPrinter) change(c *diff.Change) {
	p.removed(c.Before)
	p.added(c.After)
	for _, f := range c.Figures {
		fmt.Fprintf(p.out, "  figure: %s → %s\n", orNone(f[0]), orNone(f[1]))
	}
	for _, q := range c.Quotes {
		fmt.Fprintf(p.out, "  quote: %s → %s\n", orNone(q[0]), orNone(q[1]))
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return plain(s)
}
