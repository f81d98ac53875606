package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"kliping/internal/news"
	"kliping/internal/store"
)

func newStory(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "story ID",
		Short:   "Show a story: its copies, who was first, and why each belongs",
		Example: "  kliping story 12\n  kliping story 12 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return usage(cmd, err)
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				s, err := db.Story(ctx, news.StoryID(id))
				if err != nil {
					return fmt.Errorf("story %d: %w; 'kliping search' gives the ids of stories", id, err)
				}
				if asJSON {
					return printJSON(a.stdout, s)
				}
				a.printStory(s)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func parseID(s string) (int64, error) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("%q is no id; ids are whole numbers above zero", s)
	}
	return id, nil
}

func (a *app) printStory(s *store.StoryDetail) {
	fmt.Fprintf(a.stdout, "%s\n%s\n", plain(s.Title), plain(a.storyLine(&s.Story)))
	for i := range s.Members {
		m := &s.Members[i]
		lead := ""
		if m.ID == s.Lead {
			lead = "  (lead)"
		}
		fmt.Fprintf(a.stdout, "\n%d  %s  %s  %s%s\n", m.ID, plain(m.Outlet), m.Language, stamp(m.Published, a.location()), lead)
		fmt.Fprintf(a.stdout, "    %s\n", plain(m.Title))
		fmt.Fprintf(a.stdout, "    %s\n", plain(m.Reason.String()))
		if n := stripped(m.Blocks); n > 0 {
			fmt.Fprintf(a.stdout, "    %s stripped; 'kliping article %d' shows them\n", count(n, "line", "lines"), m.ID)
		}
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
