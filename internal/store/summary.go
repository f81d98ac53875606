package store

import (
	"maps"
	"slices"
	"strings"
	"time"

	"kliping/internal/news"
)

// member is what a story's row is computed from.
type member struct {
	story          news.StoryID
	id, textOf     news.ArticleID
	outlet         string
	source         string // the outlet that the item names as its source
	agency         string
	language       string
	dated, arrived int64
}

// summed computes a story's row, but for the title, from its members in order of
// credible time.
func summed(members []member) *storyRow {
	first := lead(members)
	s := &storyRow{
		id: int64(first.story), lead: int64(first.id), outlet: first.outlet, published: first.dated,
		copies: len(members), texts: countTexts(members), firstArrived: first.arrived,
	}
	outlets, languages := map[string]bool{}, map[string]bool{}
	for i := range members {
		m := &members[i]
		outlets[m.outlet], languages[m.language] = true, true
		s.firstArrived, s.lastArrived = min(s.firstArrived, m.arrived), max(s.lastArrived, m.arrived)
	}
	delete(languages, "")
	s.outlets, s.languages = len(outlets), slices.Sorted(maps.Keys(languages))
	return s
}

// lead returns the member with the earliest credible time. Clocks of outlets are
// not read to the second: among those of the first minute it prefers an outlet
// that other members name as their source, then an agency's own that the story
// is credited to, then the first.
func lead(members []member) *member {
	rivals := 1
	for rivals < len(members) && members[rivals].dated < members[0].dated+time.Minute.Milliseconds() {
		rivals++
	}
	if rivals == 1 {
		return &members[0]
	}
	sources, agencies := map[string]bool{}, map[string]bool{}
	for i := range members {
		m := &members[i]
		sources[m.source] = sources[m.source] || m.source != m.outlet
		agencies[strings.ToLower(m.agency)] = true
	}
	for i := range members[:rivals] {
		if sources[members[i].outlet] {
			return &members[i]
		}
	}
	for i := range members[:rivals] {
		if name := agencyName(members[i].outlet); name != "" && agencies[name] {
			return &members[i]
		}
	}
	return &members[0]
}

// agencyName is the agency that an outlet would be, were it one: agencies'
// domains are their names, with a word for the trade or without.
func agencyName(outlet string) string {
	name, _, _ := strings.Cut(outlet, ".")
	for _, trade := range []string{"news", "net", "agency"} {
		name = strings.TrimSuffix(name, trade)
	}
	return name
}

// countTexts counts the groups of members that share wording. Two do if one says
// so of the other, or both of a third, wherever that is now.
func countTexts(members []member) int {
	group := make(map[news.ArticleID]news.ArticleID, len(members)) // to another of the same group; itself: it stands for it
	find := func(id news.ArticleID) news.ArticleID {
		for {
			up, ok := group[id]
			if !ok || up == id {
				return id
			}
			if top, ok := group[up]; ok {
				group[id] = top
			}
			id = up
		}
	}
	for i := range members {
		if m := &members[i]; m.textOf != 0 {
			if a, b := find(m.id), find(m.textOf); a != b {
				group[a] = b
			}
		}
	}
	texts := map[news.ArticleID]bool{}
	for i := range members {
		texts[find(members[i].id)] = true
	}
	return len(texts)
}
