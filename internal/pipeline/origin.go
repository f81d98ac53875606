package pipeline

import (
	"context"
	"fmt"

	"kliping/internal/cluster"
	"kliping/internal/news"
	"kliping/internal/store"
)

// Origin is the article of the same story that one most likely came from: one of
// the outlet that it names as its source; else, of those that were published
// earlier, the most similar; else one that it translates. It is a guess, made of
// what is known now: the order of arrival does not count.
type Origin struct {
	Article     news.ArticleID `json:"article"`
	From        news.ArticleID `json:"from"`
	Outlet      string         `json:"outlet"` // of From
	Named       bool           `json:"named,omitempty"`
	Containment float64        `json:"containment,omitempty"` // as in news.Reason
}

// String says it for people.
func (o Origin) String() string {
	s := fmt.Sprintf("most likely from article %d of %s", o.From, o.Outlet)
	switch {
	case o.Named:
		return s + ", which it names as its source"
	case o.Containment > 0:
		return fmt.Sprintf("%s: containment %.2f", s, o.Containment)
	}
	return s
}

const (
	// earliestCompared is with how many of a story's earliest articles each later
	// one is compared: more would be too many pairs in a story of thousands.
	earliestCompared = 40
	// leastLike is the containment below which two texts of a story say nothing
	// about which came from which.
	leastLike = 0.2
)

// Origins returns where each article of a story came from, in the order of its
// members. The lead came from none, and others may lack one too.
func Origins(ctx context.Context, db *store.DB, s *store.StoryDetail) ([]Origin, error) {
	ids := make([]news.ArticleID, len(s.Members))
	for i := range s.Members {
		ids[i] = s.Members[i].ID
	}
	raw, err := db.Sketches(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("find where the articles of story %d came from: %w", s.ID, err)
	}
	sketches := make(map[news.ArticleID]*cluster.Sketch, len(raw))
	for id, data := range raw {
		if sketches[id], err = cluster.UnmarshalSketch(data); err != nil {
			return nil, fmt.Errorf("sketch of article %d: %w; run `kliping reprocess` to make it anew", id, err)
		}
	}
	origins := []Origin{}
	for i := range s.Members {
		if s.Members[i].ID == s.Lead {
			continue
		}
		if o := origin(s.Members, i, sketches); o.From != 0 {
			origins = append(origins, o)
		}
	}
	return origins, nil
}

// origin finds where member i came from; those before it are the lead and those
// published earlier.
func origin(members []news.Article, i int, sketches map[news.ArticleID]*cluster.Sketch) Origin {
	m := &members[i]
	if m.Source != "" && m.Source != m.Outlet {
		for j := range members {
			if members[j].Outlet == m.Source {
				return Origin{Article: m.ID, From: members[j].ID, Outlet: m.Source, Named: true}
			}
		}
	}
	best, likeness := Origin{}, 0.0
	var linked *news.Article // by a reason, which for translations is all there is
	for j := range members[:i] {
		e := &members[j]
		matched := m.Reason.Of == e.ID || e.Reason.Of == m.ID
		if matched && linked == nil {
			linked = e
		}
		if j >= earliestCompared && !matched || sketches[m.ID] == nil || sketches[e.ID] == nil {
			continue
		}
		jaccard, containment, shared := cluster.Similarity(sketches[m.ID], sketches[e.ID])
		if shared > 0 && containment >= leastLike && jaccard+containment > likeness {
			likeness = jaccard + containment
			best = Origin{Article: m.ID, From: e.ID, Outlet: e.Outlet, Containment: containment}
		}
	}
	if best.From == 0 && linked != nil {
		best = Origin{Article: m.ID, From: linked.ID, Outlet: linked.Outlet}
	}
	return best
}
