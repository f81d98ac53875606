package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"kliping/internal/news"
	"kliping/internal/store"
)

func newStoryMerge(a *app) *cobra.Command {
	return a.decision(&cobra.Command{
		Use:     "merge INTO FROM...",
		Short:   "Make stories one, for good",
		Long:    "Moves all articles of the stories FROM into the story INTO. They stay together,\nwhatever the machine finds out later.",
		Example: "  kliping story merge 12 15 17 --note 'one press release'",
		Args:    cobra.MinimumNArgs(2),
	}, func(ctx context.Context, db *store.DB, by store.By, ids []int64) (string, error) {
		into, err := db.MergeStories(ctx, by, news.StoryID(ids[0]), named[news.StoryID](ids[1:])...)
		return fmt.Sprintf("merged into story %d", into), err
	})
}

func newStorySplit(a *app) *cobra.Command {
	return a.decision(&cobra.Command{
		Use:     "split ID ARTICLE...",
		Short:   "Make articles of a story a story of their own, for good",
		Long:    "Takes articles out of the story ID; they become a story of their own. The two\nstories stay apart, whatever the machine finds out later.",
		Example: "  kliping story split 12 40 41",
		Args:    cobra.MinimumNArgs(2),
	}, func(ctx context.Context, db *store.DB, by store.By, ids []int64) (string, error) {
		split, err := db.SplitStory(ctx, by, news.StoryID(ids[0]), named[news.ArticleID](ids[1:])...)
		return fmt.Sprintf("%s split off into story %d", count(len(ids)-1, "article", "articles"), split), err
	})
}

func newStoryPin(a *app) *cobra.Command {
	return a.decision(&cobra.Command{
		Use:     "pin ID ARTICLE...",
		Short:   "Keep articles in a story, for good",
		Long:    "Puts articles in the story ID, if they are not there, and keeps them there,\nwhatever the machine finds out later.",
		Example: "  kliping story pin 12 40 41",
		Args:    cobra.MinimumNArgs(2),
	}, func(ctx context.Context, db *store.DB, by store.By, ids []int64) (string, error) {
		story, err := db.PinArticles(ctx, by, news.StoryID(ids[0]), named[news.ArticleID](ids[1:])...)
		return fmt.Sprintf("%s pinned to story %d", count(len(ids)-1, "article", "articles"), story), err
	})
}

func newStoryUnpin(a *app) *cobra.Command {
	return a.decision(&cobra.Command{
		Use:   "unpin ID [ARTICLE...]",
		Short: "Take back what was decided about a story or its articles",
		Long: `Takes back merges, splits and pins as far as they hold the given articles of the
story ID, or all of it. The articles stay where they are until they are grouped
again, by the daemon or 'kliping refresh'; then the machine decides.`,
		Example: "  kliping story unpin 12 40\n  kliping story unpin 12",
		Args:    cobra.MinimumNArgs(1),
	}, func(ctx context.Context, db *store.DB, by store.By, ids []int64) (string, error) {
		n, err := db.UnpinArticles(ctx, by, news.StoryID(ids[0]), named[news.ArticleID](ids[1:])...)
		return fmt.Sprintf("%s free to be grouped again", count(n, "article", "articles")), err
	})
}

// decision makes a command of what one decides about ids, and brings the index
// up to date after it; beside a daemon, the daemon does.
func (a *app) decision(cmd *cobra.Command, decide func(context.Context, *store.DB, store.By, []int64) (string, error)) *cobra.Command {
	by := store.By{Who: "cli"}
	cmd.Flags().StringVar(&by.Note, "note", "", "why, for the story's history")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		ids := make([]int64, len(args))
		for i, arg := range args {
			if ids[i], err = parseID(arg); err != nil {
				return usage(cmd, err)
			}
		}
		ctx := cmd.Context()
		l, err := a.openLine(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, l.close()) }()
		done, err := decide(ctx, l.db, by, ids)
		if err != nil {
			return fmt.Errorf("%w; 'kliping story' gives the ids of articles, 'kliping search' those of stories", err)
		}
		fmt.Fprintln(a.stdout, done)
		if l.follower == nil {
			return nil
		}
		return a.follow(ctx, l)
	}
	return cmd
}

// named gives whole numbers their kind of id.
func named[ID ~int64](all []int64) []ID {
	ids := make([]ID, len(all))
	for i, id := range all {
		ids[i] = ID(id)
	}
	return ids
}
