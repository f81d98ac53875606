package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
		Short: "Show what a copy dropped, added and changed",
		Long: `Compares an article with the lead of its story, or the second article with the
first, sentence by sentence. A sentence that changed is shown before and after,
with its figures and quotes that differ. Residue is left out. Of a translation
only the figures are compared.`,
		Example: "  kliping diff 40\n  kliping diff 12 40 --json",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var ids [2]news.ArticleID // the first stays 0 where only the copy is named
			for i, arg := range args {
				id, err := parseID(arg)
				if err != nil {
					return usage(cmd, err)
				}
				ids[i+len(ids)-len(args)] = news.ArticleID(id)
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				from, to, err := pipeline.Compared(ctx, db, ids[0], ids[1])
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
				a.diffPrinter().print(from, to, &c.Changes)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
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
		fmt.Fprintf(p.out, "%s %d  %s  %s  %s\n", side.mark, side.ID, plain(side.Outlet), side.Language, plain(side.Title))
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
