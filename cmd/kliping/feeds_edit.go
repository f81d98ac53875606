package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kliping/internal/news"
	"kliping/internal/store"
)

func newFeedsEdit(a *app) *cobra.Command {
	var edit news.Feed
	cmd := &cobra.Command{
		Use:     "edit FEED…",
		Short:   "Change what was decided about feeds, by id, URL or title; what no flag names stays",
		Example: "  kliping feeds edit 3 --full-text always\n  kliping feeds edit https://news.example/rss --schedule '' --tag world",
	}
	flags := cmd.Flags()
	feedFlags(flags, &edit)
	return a.onFeeds(cmd, func(ctx context.Context, db *store.DB, f news.Feed) (string, error) {
		f = edited(f, edit, flags.Changed)
		if err := a.checkFeed(f); err != nil {
			return "", usage(cmd, err)
		}
		times, err := a.feedTimes()
		if err != nil {
			return "", err
		}
		return "changed", db.UpdateFeed(ctx, f, func(f news.Feed) (time.Time, string) { return times.Rescheduled(f, time.Now()) })
	})
}

// edited is the feed with those of the edit's values whose flags were given.
func edited(f, edit news.Feed, given func(flag string) bool) news.Feed {
	for flag, set := range map[string]func(){
		"title":     func() { f.Title = edit.Title },
		"schedule":  func() { f.Schedule = edit.Schedule },
		"full-text": func() { f.FullText = edit.FullText },
		"outlet":    func() { f.Outlet = edit.Outlet },
		"language":  func() { f.Language = edit.Language },
		"tag":       func() { f.Tags = edit.Tags },
	} {
		if given(flag) {
			set()
		}
	}
	return f
}

func newFeedsRevive(a *app) *cobra.Command {
	return a.onFeeds(&cobra.Command{
		Use:     "revive FEED…",
		Short:   "Poll feeds again that were retired because their server said they are gone for good",
		Example: "  kliping feeds revive 3",
	}, func(ctx context.Context, db *store.DB, f news.Feed) (string, error) {
		return "is due again", db.ReviveFeed(ctx, f.ID)
	})
}

func newFeedsRemove(a *app) *cobra.Command {
	return a.onFeeds(&cobra.Command{
		Use:     "remove FEED…",
		Short:   "Remove feeds, by id, URL or title; their articles stay",
		Example: "  kliping feeds remove 3\n  kliping feeds remove https://news.example/rss",
	}, func(ctx context.Context, db *store.DB, f news.Feed) (string, error) {
		return fmt.Sprintf("removed; its %s stay", count(f.Articles, "article", "articles")), db.RemoveFeed(ctx, f.ID)
	})
}
