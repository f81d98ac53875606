package store

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"kliping/internal/news"
)

// member is what a story's row is computed from.
type member struct {
	story          news.StoryID
	id, textOf     news.ArticleID
	outlet         string
	source         string // the outlet that the item says it is from
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

// What a date of publication is worth where several articles claim to be first.
const (
	// Feeds date some items by what the page was before. A date so long before the
	// article arrived is not believed if it also lies so long before every other
	// date of the story: copies are made in days.
	deepPast   = 30 * 24 * time.Hour
	copiedLate = 14 * 24 * time.Hour
	// Clocks of outlets are not read to the second.
	sameTime = time.Minute
)

// lead returns the member that stands for the story, of those given in order of
// credible time: the first that is not dated in the deep past and does not itself
// say that it comes from another member. Among those of the first minute it
// prefers an outlet that other members name as their source, then an agency's own
// that the story is credited to, then one that names no source, then the first.
// What others say moves nobody further than that minute: it costs them nothing.
func lead(members []member) *member {
	said := hear(members)
	believed := said.first(credible(members))
	for _, m := range []*member{believed, said.first(members)} {
		if m != nil {
			return m
		}
	}
	return &members[0] // they name one another
}

// credible returns the members without those that are dated in the deep past.
func credible(members []member) []member {
	for i := range members {
		if members[i].arrived-members[i].dated > deepPast.Milliseconds() {
			continue
		}
		for j := range members[:i] {
			if members[j].dated >= members[i].dated-copiedLate.Milliseconds() {
				return members[j:]
			}
		}
		return members[i:]
	}
	return members
}

// sayings are what a story's members say of where they are from.
type sayings struct {
	outlets  map[string]bool            // members'
	sources  map[string]bool            // outlets that members of others name
	agencies map[string]map[string]bool // agency credited → members' outlets that are its own
}

func hear(members []member) sayings {
	s := sayings{outlets: map[string]bool{}, sources: map[string]bool{}, agencies: map[string]map[string]bool{}}
	for i := range members {
		m := &members[i]
		s.outlets[m.outlet] = true
		s.sources[m.source] = s.sources[m.source] || m.source != m.outlet
		if m.agency != "" {
			s.agencies[m.agency] = map[string]bool{}
		}
	}
	for agency, own := range s.agencies {
		for outlet := range s.outlets {
			if news.IsAgency(outlet, agency) {
				own[outlet] = true
			}
		}
	}
	return s
}

// isFrom reports whether a member says that its text is another member's.
func (s sayings) isFrom(m *member) bool {
	own := s.agencies[m.agency]
	return m.source != m.outlet && s.outlets[m.source] || len(own) > 0 && !own[m.outlet]
}

// weight is how much is said for a member.
func (s sayings) weight(m *member) int {
	for _, own := range s.agencies {
		if own[m.outlet] && !s.sources[m.outlet] {
			return 2
		}
	}
	switch {
	case s.sources[m.outlet]:
		return 3
	case m.source == "" || m.source == m.outlet:
		return 1
	}
	return 0
}

// first returns the first of some members that is from no other, or one of the
// same time for which more is said; nil if all are from others.
func (s sayings) first(members []member) (best *member) {
	var until int64
	for i := range members {
		m := &members[i]
		switch {
		case s.isFrom(m):
		case best == nil:
			best, until = m, m.dated+sameTime.Milliseconds()
		case m.dated >= until:
			return best
		case s.weight(m) > s.weight(best):
			best = m
		}
	}
	return best
}

// countTexts counts the groups of members that share wording.
func countTexts(members []member) int {
	of, all := texts(members), map[news.ArticleID]bool{}
	for i := range members {
		all[of(members[i].id)] = true
	}
	return len(all)
}

// texts tells members apart by their wording: the answer names one article of
// those that share it. Two do if one says so of the other, or both of a third,
// wherever that is now.
func texts(members []member) func(news.ArticleID) news.ArticleID {
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
	return find
}

// StoryOf is the story that articles make, as far as they are enough to say: its
// row as grouping would write it, with the lead first.
func StoryOf(id news.StoryID, articles []news.Article) *StoryDetail {
	sorted := slices.Clone(articles)
	slices.SortFunc(sorted, func(a, b news.Article) int { return cmp.Or(a.Time().Compare(b.Time()), cmp.Compare(a.ID, b.ID)) })
	members := make([]member, len(sorted))
	for i := range sorted {
		a := &sorted[i]
		members[i] = member{
			story: id, id: a.ID, textOf: a.Reason.TextOf(), outlet: a.Outlet, source: a.Source, agency: a.Agency, language: a.Language,
			dated: millis(a.Time()), arrived: millis(a.Arrived),
		}
	}
	row := summed(members)
	s := &StoryDetail{Members: sorted, Story: news.Story{
		ID: id, Lead: news.ArticleID(row.lead), Copies: row.copies, Texts: row.texts, Outlets: row.outlets, Languages: row.languages,
		FirstOutlet: row.outlet, FirstPublished: moment(row.published), FirstArrived: moment(row.firstArrived), LastArrived: moment(row.lastArrived),
	}}
	s.leadFirst()
	s.Title = s.Members[0].Title
	return s
}

// leadFirst puts the lead before the other members.
func (s *StoryDetail) leadFirst() {
	for n, m := range s.Members { // the first as a rule
		if m.ID == s.Lead {
			copy(s.Members[1:n+1], s.Members[:n])
			s.Members[0] = m
			return
		}
	}
}
