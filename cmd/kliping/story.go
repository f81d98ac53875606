package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	Related []store.Related   `json:"related"`
	History []store.Audit     `json:"history"`
	names   store.OutletNames
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
	if t.Related, err = pipeline.Related(ctx, db, s.ID); err != nil {
		return nil, err
	}
	if t.names, err = db.OutletNames(ctx); err != nil {
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
	fmt.Fprintf(a.stdout, "%s\n%s\n", plain(t.Title), plain(a.storyLine(&t.Story, t.names)))
	for i := range t.Members {
		m := &t.Members[i]
		lead := ""
		if m.ID == t.Lead {
			lead = "  (lead)"
		}
		fmt.Fprintf(a.stdout, "\n%d  %s  %s  %s%s\n", m.ID, plain(t.names.Of(m.Outlet)), m.Language, a.dated(m), lead)
		fmt.Fprintf(a.stdout, "    %s\n", plain(m.Title))
		fmt.Fprintf(a.stdout, "    %s\n", plain(t.why(m)))
		if from := t.from(m); from != "" {
			fmt.Fprintf(a.stdout, "    %s\n", plain(from))
		}
		if slices.Contains(t.Pinned, m.ID) {
			fmt.Fprintln(a.stdout, "    stays here, as a person decided")
		}
		if down := a.takenDown(m); down != "" {
			fmt.Fprintf(a.stdout, "    page taken down %s\n", plain(down))
		}
		if n := stripped(m.Blocks); n > 0 {
			fmt.Fprintf(a.stdout, "    %s stripped; 'kliping article %d' shows them\n", count(n, "line", "lines"), m.ID)
		}
	}
	a.printMeasures(t.Members)
	a.printRelated(t.Related, t.names)
}

// printRelated lists other stories about the same event.
func (a *app) printRelated(all []store.Related, names store.OutletNames) {
	if len(all) > 0 {
		fmt.Fprintln(a.stdout, "\nAbout the same event:")
	}
	for _, r := range all {
		fmt.Fprintf(a.stdout, "\n%d  %s\n    %s\n    %s\n", r.Story.ID, plain(r.Story.Title), plain(a.storyLine(&r.Story, names)), plain(r.Why.String()))
	}
}

// why says why an article is in the story, with the outlet of the other article.
func (t *told) why(m *news.Article) string {
	said := m.Reason.String()
	for i := range t.Members {
		if of := &t.Members[i]; of.ID == m.Reason.Of {
			number := fmt.Sprintf("article %d", of.ID)
			return strings.Replace(said, number, number+" of "+t.names.Of(of.Outlet), 1)
		}
	}
	return said
}

// from says where an article most likely came from, "" if nothing does. What the
// reason has said already is not said again.
func (t *told) from(m *news.Article) string {
	for _, o := range t.Origins {
		switch {
		case o.Article != m.ID:
		case o.From == m.Reason.Of && !o.Named:
			return fmt.Sprintf("most likely from article %d", o.From)
		default:
			o.Outlet = t.names.Of(o.Outlet)
			return o.String()
		}
	}
	return ""
}

// dated is when an article was published, or why that is not believed and what
// counts instead.
func (a *app) dated(m *news.Article) string {
	switch {
	case m.Published.IsZero():
		return "arrived " + stamp(m.Arrived, a.location()) + " (its feed gives no time)"
	case !m.Time().Equal(m.Published):
		return "arrived " + stamp(m.Arrived, a.location()) + " (its feed says " + stamp(m.Published, a.location()) + ", which is not credible)"
	}
	return "published " + stamp(m.Published, a.location())
}

// printMeasures says what the figures of the articles' reasons mean.
func (a *app) printMeasures(members []news.Article) {
	var copies, translations bool
	for i := range members {
		r := &members[i].Reason
		copies = copies || r.Shared > 0
		translations = translations || r.Relation == news.Translation
	}
	if copies || translations {
		fmt.Fprintln(a.stdout)
	}
	if copies {
		fmt.Fprintln(a.stdout, "Containment is the share of the shorter text that the longer one has too, Jaccard the share of\nboth together that both have; a shingle is five words in a row, or so many characters where\nwords are not spaced.")
	}
	if translations {
		fmt.Fprintln(a.stdout, "The score of a translation, from 0 to 1, weighs the names, places, dates and figures that both\ntexts have, those first that few other articles have.")
	}
}

func (a *app) printHistory(t *told) {
	fmt.Fprintf(a.stdout, "%s\n%s\n\n", plain(t.Title), plain(a.storyLine(&t.Story, t.names)))
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
