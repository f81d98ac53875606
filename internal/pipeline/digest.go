package pipeline

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kliping/internal/digest"
	"kliping/internal/news"
	"kliping/internal/store"
)

// DigestOptions choose what a digest tells.
type DigestOptions struct {
	Since, Until time.Time
	ByPublished  bool // date stories by publication instead of arrival
	Limit        int  // stories told; default 20
	Location     *time.Location
	BaseURL      string // where the story pages are; empty: no links
}

// Digest chooses and ranks the stories of a window.
func Digest(ctx context.Context, db *store.DB, opt DigestOptions) (digest.Digest, error) {
	stories, err := db.Stories(ctx, store.Filter{Since: opt.Since, Until: opt.Until, ByPublished: opt.ByPublished, Order: store.ByRank})
	if err != nil {
		return digest.Digest{}, fmt.Errorf("read the stories of the window: %w", err)
	}
	entries := make([]digest.Entry, len(stories))
	for i, s := range stories {
		entries[i] = digest.Entry{Story: s}
	}
	by := "arrival"
	if opt.ByPublished {
		by = "published"
	}
	d := digest.Choose(entries, digest.Options{
		Since: opt.Since, Until: opt.Until, By: by, Limit: opt.Limit, Location: opt.Location, BaseURL: opt.BaseURL,
	})
	return d, tell(ctx, db, &d)
}

// tell fills in what is said only of the stories that were chosen.
func tell(ctx context.Context, db *store.DB, d *digest.Digest) error {
	ids := make([]news.StoryID, len(d.Stories))
	at := map[news.StoryID]int{}
	for i, e := range d.Stories {
		ids[i], at[e.Story.ID] = e.Story.ID, i
	}
	details, err := db.Documents(ctx, ids)
	if err != nil {
		return fmt.Errorf("read the chosen stories: %w", err)
	}
	for i := range details {
		s := &details[i]
		e := &d.Stories[at[s.ID]]
		seen := set[string]{}
		for j := range s.Members {
			m := &s.Members[j]
			if seen.add(m.Outlet) {
				e.Outlets = append(e.Outlets, m.Outlet)
			}
			if m.ID == s.Lead {
				e.Agency, e.Excerpt = m.Agency, excerpt(m.Text())
			}
		}
	}
	return nil
}

// excerptWords is how much of a lead's text a digest shows.
const excerptWords = 40

// excerpt is the beginning of a text, cut at a word; scripts that put no spaces
// between words are cut at six times as many runes.
func excerpt(text string) string {
	words := strings.Fields(text)
	cut := len(words) > excerptWords
	s := strings.Join(words[:min(len(words), excerptWords)], " ")
	if runes := []rune(s); len(runes) > 8*excerptWords {
		s, cut = string(runes[:6*excerptWords]), true
	}
	if cut {
		s += " …"
	}
	return s
}
