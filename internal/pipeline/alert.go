package pipeline

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kliping/internal/news"
	"kliping/internal/store"
)

// The events that a watch is told of.
const (
	EventNew   = "story.new"   // a story that was not told before
	EventAgain = "story.again" // one that was, at one of the watch's thresholds
)

// decide says whether a watch is told of a story, and why, in words. after is what
// it was told then, nil if that need not be saved; without reasons it only notes
// that an edition was looked at. Of a story that matches no longer only corrections
// are told.
func decide(ctx context.Context, watch asking, s *store.StoryDetail, e *editions) (event string, reasons []string, after *store.Told, err error) {
	now, before := toldNow(watch.Watch, s), watch.before
	if before == nil {
		reason, err := newReason(ctx, watch.Watch, s, e)
		if err != nil || reason == "" {
			return "", nil, nil, err
		}
		return EventNew, []string{reason}, now, nil
	}
	if watch.matches {
		reasons = grown(watch.Watch, s, before)
	}
	if watch.Corrections {
		changed, err := corrections(ctx, s, before, e)
		if err != nil {
			return "", nil, nil, err
		}
		if len(changed) > 0 && !watch.matches {
			changed = append(changed, "the story matches the watch no longer")
		}
		reasons = append(reasons, changed...)
	}
	if len(reasons) > 0 || before.Story != s.ID || watch.Corrections && seesMore(before, now) {
		after = toldTogether(before, now)
		after.Gone = slices.DeleteFunc(after.Gone, func(id news.ArticleID) bool { return isThere(s, id) })
		after.Story, after.Shown = s.ID, now.Shown
	}
	return EventAgain, reasons, after, nil
}

// newReason says why a watch is told of a story for the first time; "" if nothing of
// it came since the watch was made, and it changed otherwise.
func newReason(ctx context.Context, watch *store.Watch, s *store.StoryDetail, e *editions) (string, error) {
	switch {
	case s.LastArrived.Before(watch.Since):
		edited, err := e.since(ctx, s, watch.Since)
		if err != nil || !edited {
			return "", err
		}
		return "an edited article of a story that is older than the watch", nil
	case s.FirstArrived.Before(watch.Since):
		return "new articles of a story that is older than the watch", nil
	case s.Outlets > 1:
		return fmt.Sprintf("a new story, in %d outlets", s.Outlets), nil
	}
	return "a new story", nil
}

// grown says which thresholds a story has passed since it was told.
func grown(watch *store.Watch, s *store.StoryDetail, before *store.Told) (reasons []string) {
	passed := 0
	for _, n := range watch.Outlets {
		if before.Outlets < n && n <= s.Outlets {
			passed = n
		}
	}
	if passed > 0 {
		reasons = append(reasons, fmt.Sprintf("now in %d outlets, past %d", s.Outlets, passed))
	}
	if watch.Languages {
		var added []string
		for _, l := range s.Languages {
			if l != "und" && !slices.Contains(before.Languages, l) {
				added = append(added, l)
			}
		}
		if added != nil {
			reasons = append(reasons, "now also in "+strings.Join(added, ", "))
		}
	}
	if watch.Texts && s.Texts > before.Texts {
		reasons = append(reasons, fmt.Sprintf("a new text: %d now", s.Texts))
	}
	return reasons
}

// corrections says which articles changed since the story was told, and whose pages
// were taken down, or are there again.
func corrections(ctx context.Context, s *store.StoryDetail, before *store.Told, e *editions) (reasons []string, err error) {
	for i := range s.Members {
		a := &s.Members[i]
		if from := max(before.Versions[a.ID], 1); a.Version > from {
			change, err := e.change(ctx, a, from)
			if err != nil {
				return nil, err
			}
			if change != "" {
				reasons = append(reasons, e.names.Of(a.Outlet)+" "+change)
			}
		}
		switch down, was := !a.TakenDown.IsZero(), slices.Contains(before.Gone, a.ID); {
		case down && !was:
			reasons = append(reasons, fmt.Sprintf("the page at %s was taken down (%s)", e.names.Of(a.Outlet), a.TakenDown.Why))
		case was && !down:
			reasons = append(reasons, "the page at "+e.names.Of(a.Outlet)+" is there again")
		}
	}
	return reasons, nil
}

// isThere reports whether an article is one of a story whose page is there, as far
// as is known.
func isThere(s *store.StoryDetail, id news.ArticleID) bool {
	return slices.ContainsFunc(s.Members, func(a news.Article) bool { return a.ID == id && a.TakenDown.IsZero() })
}

// toldNow is what the watch knows of a story once it is told of it.
func toldNow(watch *store.Watch, s *store.StoryDetail) *store.Told {
	t := &store.Told{Watch: watch.ID, Story: s.ID, Shown: s.Lead, Outlets: s.Outlets, Texts: s.Texts, Languages: s.Languages}
	for i := range s.Members {
		a := &s.Members[i]
		if a.Version > 1 {
			if t.Versions == nil {
				t.Versions = map[news.ArticleID]int{}
			}
			t.Versions[a.ID] = a.Version
		}
		if !a.TakenDown.IsZero() {
			t.Gone = append(t.Gone, a.ID)
		}
	}
	return t
}

// seesMore reports whether now has editions that before has not.
func seesMore(before, now *store.Told) bool {
	for id, version := range now.Versions {
		if version > before.Versions[id] {
			return true
		}
	}
	return false
}

// toldTogether is what a watch knows that was told both; either may be nil. Numbers
// never go down again: a story that shrinks and grows is not told for it.
func toldTogether(a, b *store.Told) *store.Told {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	all := *a
	all.Outlets, all.Texts = max(a.Outlets, b.Outlets), max(a.Texts, b.Texts)
	all.Languages = slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.Languages, b.Languages))))
	all.Gone = slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.Gone, b.Gone))))
	all.Versions = maps.Clone(a.Versions)
	for id, version := range b.Versions {
		if all.Versions == nil {
			all.Versions = map[news.ArticleID]int{}
		}
		all.Versions[id] = max(all.Versions[id], version)
	}
	return &all
}

func newAlert(watch *store.Watch, s *store.StoryDetail, at time.Time, event string, reasons []string) store.Alert {
	a := store.Alert{
		Watch: watch.ID, Story: s.ID, At: at, Event: event, Reasons: reasons, Title: s.Title, Article: s.Lead,
		Outlet: s.FirstOutlet, Copies: s.Copies, Texts: s.Texts, Outlets: s.Outlets, Languages: s.Languages,
	}
	if len(s.Members) > 0 {
		a.URL, a.Language = s.Members[0].URL, s.Members[0].Language
	}
	return a
}
