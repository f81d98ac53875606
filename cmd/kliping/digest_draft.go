package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"kliping/internal/digest"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

func newDigestDraft(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "draft [PLAN]",
		Short: "Draft a plan's next digest now, to be curated; it goes out at its slot, or with 'digest send'",
		Example: `  kliping digest draft morning
  kliping digest show morning
  kliping digest drop morning 12`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := pipeline.ConfiguredPlan
			if len(args) > 0 {
				name = args[0]
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				p, err := a.anyPlan(ctx, db, name)
				if err != nil {
					return err
				}
				return a.draft(ctx, db, p)
			})
		},
	}
}

// draft makes a draft for the plan's next slot; one without a schedule has its
// slot now.
func (a *app) draft(ctx context.Context, db *store.DB, p store.DigestPlan) error {
	now := time.Now()
	slot, err := a.nextSlot(ctx, db, p, now)
	if err != nil {
		return err
	}
	made, err := a.digester(db).Draft(ctx, p, slot, now)
	if err != nil {
		return err
	}
	said := "drafted"
	if !made {
		said = "is drafted or sent already"
	}
	fmt.Fprintf(a.stdout, "%s/%s  %s\n", p.Name, slot, said)
	return nil
}

func newDigestDrafts(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "drafts",
		Short:   "List the drafts that wait",
		Example: "  kliping digest drafts --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				all, err := db.Drafts(ctx, "")
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.stdout, append([]store.Draft{}, all...))
				}
				if len(all) == 0 {
					fmt.Fprintln(a.stdout, "None. 'kliping digest draft PLAN' makes one.")
					return nil
				}
				rows := [][]string{{"DRAFT", "MADE", "EDITS"}}
				for _, d := range all {
					rows = append(rows, []string{d.Name + "/" + d.Slot, stamp(d.Made, a.location()), fmt.Sprint(d.Edit)})
				}
				return printTable(a.stdout, rows)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// findDraft returns the draft that a person means: by plan and slot, or the one
// of a plan.
func findDraft(ctx context.Context, db *store.DB, ref string) (store.Draft, error) {
	plan, slot := digestName(ref)
	if slot != "" {
		d, err := db.Draft(ctx, plan, slot)
		return d, draftError(ref, err)
	}
	all, err := db.Drafts(ctx, plan)
	switch {
	case err != nil:
		return store.Draft{}, err
	case len(all) == 0:
		return store.Draft{}, draftError(ref, news.ErrNotFound)
	case len(all) > 1:
		return store.Draft{}, fmt.Errorf("%s has %d drafts; name one, such as %s/%s: %w", plan, len(all), plan, all[0].Slot, news.ErrInvalid)
	}
	return all[0], nil
}

func draftError(ref string, err error) error {
	if errors.Is(err, news.ErrNotFound) {
		return fmt.Errorf("draft %s: %w; 'kliping digest drafts' shows all", ref, news.ErrNotFound)
	}
	return err
}

func newDigestExport(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "export DRAFT",
		Short:   "Write a draft as a file to edit, for 'digest curate'",
		Example: "  kliping digest export morning > morning.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				row, err := findDraft(ctx, db, args[0])
				if err != nil {
					return err
				}
				d, c, err := pipeline.ReadDraft(row)
				if err != nil {
					return err
				}
				return a.writeOut(out, func(w io.Writer) error { return c.WriteFile(w, row.Name+"/"+row.Slot, row.Edit, d) })
			})
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "write to `file` instead of standard output")
	return cmd
}

func newDigestCurate(a *app) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "curate DRAFT",
		Short: "Make of a draft what an edited file says",
		Long: `Reads a file as 'digest export' writes it. Its stories are told in its order; the
others stay in the draft and can be taken in again. A file with a mistake, or of a
draft that was changed since, changes nothing.`,
		Example: "  kliping digest curate morning --file morning.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := readInput(cmd, file)
			if err != nil {
				return err
			}
			return a.curate(cmd, args[0], func(row store.Draft, d digest.Digest, c *digest.Curation) error {
				f, read, err := digest.ReadCuration(data, d)
				if err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				if name := row.Name + "/" + row.Slot; f.Draft != name {
					return fmt.Errorf("%s is of the draft %q, not of %s: %w", file, f.Draft, name, news.ErrInvalid)
				}
				if f.Edit != row.Edit {
					return fmt.Errorf("%s has edit %d of the draft, which has had %d since: %w; export it again and carry your changes over", file, f.Edit, row.Edit-f.Edit, news.ErrInvalid)
				}
				*c = read
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&file, "file", "-", "the edited `file`; - is standard input")
	return cmd
}

// readInput reads a file, or standard input for "-".
func readInput(cmd *cobra.Command, file string) ([]byte, error) {
	const most = 4 << 20
	in := cmd.InOrStdin()
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, most+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("%s has more than %d MiB: %w", file, most>>20, news.ErrInvalid)
	}
	return data, err
}

// curate changes a draft and prints what is told now.
func (a *app) curate(cmd *cobra.Command, ref string, change func(store.Draft, digest.Digest, *digest.Curation) error) error {
	return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
		row, err := findDraft(ctx, db, ref)
		if err != nil {
			return err
		}
		d, c, err := pipeline.ReadDraft(row)
		if err != nil {
			return err
		}
		if err := change(row, d, &c); err != nil {
			return err
		}
		if row.Curation, err = pipeline.CurationJSON(d, c); err != nil {
			return err
		}
		if err := db.CurateDraft(ctx, row); err != nil {
			if errors.Is(err, news.ErrExists) {
				return fmt.Errorf("draft %s/%s was changed or sent by another meanwhile; look at it and try again", row.Name, row.Slot)
			}
			return err
		}
		told, err := c.Apply(d)
		if err != nil {
			return err
		}
		return a.printOutline(told, row)
	})
}

// printOutline lists what a draft tells.
func (a *app) printOutline(d digest.Digest, row store.Draft) error {
	fmt.Fprintf(a.stdout, "%s/%s tells %s\n", row.Name, row.Slot, count(len(d.Stories), "story", "stories"))
	rows := [][]string{}
	for i, e := range d.Stories {
		row := []string{fmt.Sprintf("%3d.", i+1), fmt.Sprintf("story %d", e.Story.ID), digest.Headline(e)}
		if e.Note != "" {
			row = append(row, "note: "+e.Note)
		}
		rows = append(rows, row)
	}
	return printTable(a.stdout, rows)
}

func newDigestDrop(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "drop DRAFT STORY…",
		Short:   "Leave stories out of a draft; 'digest move' takes one in again",
		Example: "  kliping digest drop morning 12 15",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := storyIDs(args[1:])
			if err != nil {
				return usage(cmd, err)
			}
			return a.curate(cmd, args[0], func(_ store.Draft, _ digest.Digest, c *digest.Curation) error { return c.Drop(ids...) })
		},
	}
}

func newDigestMove(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "move DRAFT STORY PLACE",
		Short:   "Put a story of a draft at a place, counted from 1; one that was left out comes in",
		Example: "  kliping digest move morning 15 1",
		Args:    cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := storyIDs(args[1:2])
			if err != nil {
				return usage(cmd, err)
			}
			place, err := strconv.Atoi(args[2])
			if err != nil {
				return usage(cmd, fmt.Errorf("place %q: write a number from 1", args[2]))
			}
			return a.curate(cmd, args[0], func(_ store.Draft, _ digest.Digest, c *digest.Curation) error { return c.Move(ids[0], place) })
		},
	}
}

func newDigestNote(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "note DRAFT STORY TEXT",
		Short:   "Write a note to a story of a draft, or with 'top' above all; an empty one takes it away",
		Example: "  kliping digest note morning 15 'Our own reporter was there'\n  kliping digest note morning top 'A quiet night'",
		Args:    cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids := []news.StoryID{0}
			if args[1] != "top" {
				var err error
				if ids, err = storyIDs(args[1:2]); err != nil {
					return usage(cmd, err)
				}
			}
			return a.curate(cmd, args[0], func(_ store.Draft, _ digest.Digest, c *digest.Curation) error { return c.SetNote(ids[0], args[2]) })
		},
	}
}

func storyIDs(args []string) ([]news.StoryID, error) {
	ids := make([]news.StoryID, len(args))
	for i, arg := range args {
		id, err := parseID(arg)
		if err != nil {
			return nil, err
		}
		ids[i] = news.StoryID(id)
	}
	return ids, nil
}

func newDigestSend(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "send DRAFT",
		Short:   "Send a draft now instead of at its slot",
		Example: "  kliping digest send morning",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				row, err := findDraft(ctx, db, args[0])
				if err != nil {
					return err
				}
				p, err := a.anyPlan(ctx, db, row.Name)
				if err != nil {
					return err
				}
				sent, err := a.digester(db).Send(ctx, p, row.Slot, time.Now())
				if errors.Is(err, news.ErrExists) {
					return fmt.Errorf("draft %s/%s was changed meanwhile; look at it and send it again", row.Name, row.Slot)
				}
				if err != nil {
					return err
				}
				if !sent {
					return fmt.Errorf("digest %s/%s was sent already", row.Name, row.Slot)
				}
				fmt.Fprintf(a.stdout, "%s/%s  sent to %s\n", row.Name, row.Slot, count(len(p.To), "address", "addresses"))
				return nil
			})
		},
	}
}

func newDigestDiscard(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "discard DRAFT",
		Short:   "Throw a draft away with what was made of it; its slot's digest is made anew",
		Example: "  kliping digest discard morning",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				row, err := findDraft(ctx, db, args[0])
				if err != nil {
					return err
				}
				if err := db.RemoveDraft(ctx, row.Name, row.Slot); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "%s/%s  thrown away\n", row.Name, row.Slot)
				return nil
			})
		},
	}
}
