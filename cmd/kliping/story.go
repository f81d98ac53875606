package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

func newStory(a *app) *cobra.Command {
	var asJSON, history bool
	cmd := &cobra.Command{
		Use:   "story ID",
		Short: "Show a story: its copies, who was first, and why each belongs",
		Long: `Shows a story: its copies, who was first, and why each belongs.

Its subcommands merge and split stories and pin articles. What they say is
remembered, and the machine never overturns it.`,
		Example: "  kliping story 12\n  kliping story 12 --history\n  kliping story 12 --json\n  kliping story split 12 40 41",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return usage(cmd, err)
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				t, err := tell(ctx, db, news.StoryID(id))
				switch {
				case err != nil:
					return err
				case asJSON:
					return printJSON(a.stdout, t)
				case history:
					a.printHistory(t)
				default:
					a.printStory(t)
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, history included")
	cmd.Flags().BoolVar(&history, "history", false, "print who merged, split and moved what, and when")
	cmd.AddCommand(newStoryMerge(a), newStorySplit(a), newStoryPin(a), newStoryUnpin(a))
	return cmd
}

// told is a story with all that is known of how it came about.
type told struct {
	*store.StoryDetail
	Origins []pipeline.Origin `json:"origins"`
	History []store.Audit     `json:"history"`
}

func tell(ctx context.Context, db *store.DB, id news.StoryID) (*told, error) {
	s, err := db.Story(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("story %d: %w; 'kliping search' gives the ids of stories", id, err)
	}
	t := &told{StoryDetail: s}
	if t.Origins, err = pipeline.Origins(ctx, db, s); err != nil {
		return nil, err
	}
	t.History, err = db.History(ctx, s.ID)
	if t.History == nil {
		t.History = []store.Audit{} // never null in JSON
	}
	return t, err
}

func parseID(s string) (int64, error) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("%q is no id; ids are whole numbers above zero", s)
	}
	return id, nil
}

func (a *app) printStory(t *told) {
	from := map[news.ArticleID]pipeline.Origin{}
	for _, o := range t.Origins {
		from[o.Article] = o
	}
	fmt.Fprintf(a.stdout, "%s\n%s\n", plain(t.Title), plain(a.storyLine(&t.Story)))
	for i := range t.Members {
		m := &t.Members[i]
		lead := ""
		if m.ID == t.Lead {
			lead = "  (lead)"
		}
		fmt.Fprintf(a.stdout, "\n%d  %s  %s  %s%s\n", m.ID, plain(m.Outlet), m.Language, stamp(m.Published, a.location()), lead)
		fmt.Fprintf(a.stdout, "    %s\n", plain(m.Title))
		fmt.Fprintf(a.stdout, "    %s\n", plain(m.Reason.String()))
		if o, ok := from[m.ID]; ok {
			fmt.Fprintf(a.stdout, "    %s\n", plain(o.String()))
		}
		if slices.Contains(t.Pinned, m.ID) {
			fmt.Fprintln(a.stdout, "    stays here, as a person decided")
		}
		if n := stripped(m.Blocks); n > 0 {
			fmt.Fprintf(a.stdout, "    %s stripped; 'kliping article %d' shows them\n", count(n, "line", "lines"), m.ID)
		}
	}
}

func (a *app) printHistory(t *told) {
	fmt.Fprintf(a.stdout, "%s\n%s\n\n", plain(t.Title), plain(a.storyLine(&t.Story)))
	if len(t.History) == 0 {
		fmt.Fprintln(a.stdout, "Nothing was merged, split or moved.")
	}
	for _, h := range t.History {
		fmt.Fprintf(a.stdout, "%s  %s  %s\n", stamp(h.At, a.location()), plain(h.Who), plain(h.String()))
	}
}

func stripped(blocks []news.Block) int {
	n := 0
	for _, b := range blocks {
		if b.Strip != nil {
			n++
		}
	}
	return n
}
