package digest

import (
	"fmt"
	"slices"
	"strings"

	"kliping/internal/news"
)

// Curation is what a person made of a draft: the stories told, in their order.
// The others stay in the draft and can be taken in again.
type Curation struct {
	Note    string `json:"note,omitempty"`
	Stories []Pick `json:"stories"`
}

// Pick is a story that is told.
type Pick struct {
	Story news.StoryID `json:"story"`
	Note  string       `json:"note,omitempty"`
}

// longestNote is how many bytes a note may have.
const longestNote = 4000

// Uncurated is the curation of a draft as it was made: its first stories, up to
// limit.
func Uncurated(draft Digest, limit int) Curation {
	c := Curation{Stories: []Pick{}}
	for _, e := range draft.Stories[:min(limit, len(draft.Stories))] {
		c.Stories = append(c.Stories, Pick{Story: e.Story.ID})
	}
	return c
}

// Check says what is wrong with a curation of a draft, all at once; the error
// wraps [news.ErrInvalid].
func (c Curation) Check(draft Digest) error {
	var wrong []string
	seen := map[news.StoryID]bool{}
	notes := []string{c.Note}
	for _, p := range c.Stories {
		switch {
		case !slices.ContainsFunc(draft.Stories, func(e Entry) bool { return e.Story.ID == p.Story }):
			wrong = append(wrong, fmt.Sprintf("story %d is not in the draft", p.Story))
		case seen[p.Story]:
			wrong = append(wrong, fmt.Sprintf("story %d stands there twice", p.Story))
		}
		seen[p.Story] = true
		notes = append(notes, p.Note)
	}
	for _, n := range notes {
		if len(n) > longestNote {
			wrong = append(wrong, fmt.Sprintf("a note has %d bytes; %d are the most", len(n), longestNote))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s: %w", strings.Join(wrong, "; "), news.ErrInvalid)
	}
	return nil
}

// Apply is the draft as the curation has it.
func (c Curation) Apply(draft Digest) (Digest, error) {
	if err := c.Check(draft); err != nil {
		return draft, err
	}
	byID := map[news.StoryID]Entry{}
	for _, e := range draft.Stories {
		byID[e.Story.ID] = e
	}
	d := draft
	d.Note, d.Stories = c.Note, []Entry{}
	for _, p := range c.Stories {
		e := byID[p.Story]
		delete(byID, p.Story)
		e.Note = p.Note
		d.Stories = append(d.Stories, e)
	}
	d.Corrections = slices.Clone(draft.Corrections)
	for _, e := range draft.Stories {
		if _, out := byID[e.Story.ID]; out { // its new headlines stand where those of others do
			d.addCorrections(e.Corrections)
		}
	}
	return d, nil
}

// Drop leaves stories out.
func (c *Curation) Drop(ids ...news.StoryID) error {
	for _, id := range ids {
		at, err := c.find(id)
		if err != nil {
			return err
		}
		c.Stories = slices.Delete(slices.Clone(c.Stories), at, at+1)
	}
	return nil
}

// Move puts a story at a place, counted from 1; one that was left out is taken
// in.
func (c *Curation) Move(id news.StoryID, place int) error {
	pick, rest := Pick{Story: id}, slices.Clone(c.Stories)
	if at, err := c.find(id); err == nil {
		pick = rest[at]
		rest = slices.Delete(rest, at, at+1)
	}
	if place < 1 || place > len(rest)+1 {
		return fmt.Errorf("place %d: %w; there are the places 1 to %d", place, news.ErrInvalid, len(rest)+1)
	}
	c.Stories = slices.Insert(rest, place-1, pick)
	return nil
}

// SetNote writes a note to a story, or with story 0 to the digest; an empty one
// takes it away.
func (c *Curation) SetNote(id news.StoryID, note string) error {
	if id == 0 {
		c.Note = note
		return nil
	}
	at, err := c.find(id)
	if err != nil {
		return err
	}
	c.Stories = slices.Clone(c.Stories)
	c.Stories[at].Note = note
	return nil
}

func (c *Curation) find(id news.StoryID) (int, error) {
	at := slices.IndexFunc(c.Stories, func(p Pick) bool { return p.Story == id })
	if at < 0 {
		return 0, fmt.Errorf("story %d is not told in the draft: %w", id, news.ErrInvalid)
	}
	return at, nil
}
