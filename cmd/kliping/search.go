package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kliping/docs"
	"kliping/index"
	"kliping/internal/api"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

func newSearch(a *app) *cobra.Command {
	var q index.Query
	var since, until, sheet string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "search QUERY",
		Short: "Search stories: a story is found by any of its copies, in any language",
		Long:  docs.QueryText(),
		Example: `  kliping search Shoigu
  kliping search '"no limits" (Putin OR Xi) -ceasefire' --since 48h
  kliping search '(minister OR "chief of staff") NEAR/5 resign* outlets:>3'
  kliping search 'title:minister lang:id' --json
  kliping search Shoigu --csv copies > copies.csv`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Text, q.Location = strings.Join(args, " "), a.location()
			var err error
			if q.Since, q.Until, err = a.window(since, until); err != nil {
				return usage(cmd, err)
			}
			if !languageCode.MatchString(q.Language) {
				return usage(cmd, fmt.Errorf("--lang %s: write a code of two or three letters, such as id or zh", q.Language))
			}
			if sheet != "" && asJSON {
				return usage(cmd, errors.New("--csv and --json: give one"))
			}
			if sheet != "" && !cmd.Flags().Changed("limit") {
				q.Limit = index.MaxLimit - q.Offset
			}
			err = a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				if sheet != "" {
					return a.searchSheet(ctx, db, q, pipeline.SheetKind(sheet))
				}
				found, err := a.search(ctx, db, q)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.stdout, found)
				}
				names, err := db.OutletNames(ctx)
				if err == nil {
					a.printFound(found, names)
				}
				return err
			})
			if errors.Is(err, news.ErrInvalid) {
				return usage(cmd, err)
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&since, "since", "", "only stories that arrived after this `time`: 24h, 7d, 2026-05-01, 2026-05-01T07:00")
	flags.StringVar(&until, "until", "", "only stories that arrived before this `time`")
	flags.StringVar(&q.Language, "lang", "", "only stories with a copy in this `language`, such as id or zh")
	flags.StringVar(&q.Outlet, "outlet", "", "only stories with a copy of this `outlet`")
	flags.StringVar(&q.Sort, "sort", "relevance", "`order`: relevance, time (newest first) or spread (most outlets first)")
	flags.IntVarP(&q.Limit, "limit", "n", 20, "`number` of stories given at most")
	flags.IntVar(&q.Offset, "offset", 0, "`number` of stories left out at the top")
	flags.StringVar(&q.Cursor, "cursor", "", "go on behind the page that gave this `cursor`, in the same search")
	flags.IntVar(&q.Facets, "facets", 0, "count the stories found by outlet, language, agency and tag, so `many` of each, and by day")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	flags.StringVar(&sheet, "csv", "", "print a table for spreadsheets, a row for each of `stories or copies`, all that are found unless --limit is given")
	return cmd
}

// languageCode is how stories have their languages; nothing is no condition.
var languageCode = regexp.MustCompile(`^([a-z]{2,3})?$`)

// search asks the index, or the daemon when that keeps the index.
func (a *app) search(ctx context.Context, db *store.DB, q index.Query) (found pipeline.Found, err error) {
	if client := a.daemon(); client != nil {
		return client.Search(ctx, q)
	}
	err = a.withIndex(ctx, db, func(ix *index.Index) error {
		found, err = pipeline.Search(ctx, db, ix, q)
		return err
	})
	return found, err
}

// searchSheet prints what a search finds as CSV.
func (a *app) searchSheet(ctx context.Context, db *store.DB, q index.Query, kind pipeline.SheetKind) error {
	if kind != pipeline.SheetStories && kind != pipeline.SheetCopies {
		return fmt.Errorf("--csv %s is %w: there is stories and copies", kind, news.ErrInvalid)
	}
	if client := a.daemon(); client != nil {
		return client.Sheet(ctx, q, kind, a.stdout)
	}
	return a.withIndex(ctx, db, func(ix *index.Index) error { return pipeline.Sheet(ctx, db, ix, q, kind, a.stdout) })
}

// daemon asks the daemon that keeps the index, nil if none runs.
func (a *app) daemon() *api.Client {
	if info, running := store.DaemonInfo(a.cfg.Data); running {
		return api.NewClient(daemonURL(info), cmp.Or(a.cfg.Token, a.cfg.Password))
	}
	return nil
}

// withIndex runs f with the index brought up to the store.
func (a *app) withIndex(ctx context.Context, db *store.DB, f func(*index.Index) error) error {
	l := &line{db: db}
	err := a.openIndex(ctx, l)
	if errors.Is(err, news.ErrLocked) {
		return fmt.Errorf("the index in %s is %w by another command; try again when it is done", a.cfg.Data, news.ErrLocked)
	}
	if err != nil {
		return err
	}
	if err = a.follow(ctx, l); err == nil {
		err = f(l.index)
	}
	return errors.Join(err, l.index.Close())
}

func (a *app) printFound(found pipeline.Found, names store.OutletNames) {
	for _, h := range found.Hints {
		fmt.Fprintf(a.stderr, "%s\n", plain(h.String()))
	}
	fmt.Fprintf(a.stdout, "%s\n", count(found.Total, "story", "stories"))
	for _, s := range found.Stories {
		fmt.Fprintf(a.stdout, "\n%d  %s\n    %s\n", s.ID, plain(s.Title), plain(a.storyLine(&s.Story, names)))
		a.printFoundBy(s.By, names)
	}
	for _, f := range found.Facets.All() {
		if len(f.Counts) > 0 {
			fmt.Fprintf(a.stdout, "\n%s:\n", f.Field)
			for _, c := range f.Counts {
				value := c.Value
				if name := names[value]; f.Field == "outlet" && name != "" {
					value += "  " + name // one searches for the domain
				}
				fmt.Fprintf(a.stdout, "%8d  %s\n", c.Count, plain(value))
			}
		}
	}
	if found.Next != "" {
		fmt.Fprintf(a.stdout, "\nthere are more: --cursor %s\n", found.Next)
	}
}

// printFoundBy says by which copy a story was found.
func (a *app) printFoundBy(by *pipeline.FoundBy, names store.OutletNames) {
	if by == nil {
		return
	}
	fmt.Fprintf(a.stdout, "    by article %d of %s (%s): %s\n", by.Article, plain(names.Of(by.Outlet)), plain(by.Language), plain(marked(by.Title)))
	for _, f := range by.Fragments {
		text := marked(f.Parts)
		if f.CutBefore {
			text = "… " + text
		}
		if f.CutAfter {
			text += " …"
		}
		fmt.Fprintf(a.stdout, "      %s\n", plain(text))
	}
}

// marked is a text with what was asked for in brackets.
func marked(parts []pipeline.Part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Mark {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// storyLine says in one line how far a story went and where it began.
func (a *app) storyLine(s *news.Story, names store.OutletNames) string {
	return fmt.Sprintf("%s, %s, %s, %s; first %s, %s", count(s.Copies, "article", "articles"), count(s.Texts, "text", "texts"), count(s.Outlets, "outlet", "outlets"),
		strings.Join(s.Languages, " "), names.Of(s.FirstOutlet), stamp(s.FirstPublished, a.location()))
}

// window reads --since and --until; empty means open.
func (a *app) window(since, until string) (from, to time.Time, err error) {
	now := time.Now()
	if from, err = parseTime(since, now, a.location()); err != nil {
		return from, to, fmt.Errorf("--since: %w", err)
	}
	if to, err = parseTime(until, now, a.location()); err != nil {
		return from, to, fmt.Errorf("--until: %w", err)
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return from, to, fmt.Errorf("--since %s is not before --until %s", since, until)
	}
	return from, to, nil
}
