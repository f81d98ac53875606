package pipeline

import (
	"context"
	"fmt"

	"kliping/internal/cluster"
	"kliping/internal/news"
	"kliping/internal/store"
)

// Origin is the article of the same story that one most likely came from: one of
// the outlet that it says it is from, or of the agency that it credits; else, of
// those that were published earlier, the most similar; else one that it translates.
// It is a guess, made of what is known now: the order of arrival does not count.
type Origin struct {
	Article     news.ArticleID `json:"article"`
	From        news.ArticleID `json:"from"`
	Outlet      string         `json:"outlet"`                // of From
	Named       bool           `json:"named,omitempty"`       // it says that it is from that outlet
	Credited    bool           `json:"credited,omitempty"`    // it credits the agency whose own outlet that is
	Containment float64        `json:"containment,omitempty"` // as in news.Reason
	Jaccard     float64        `json:"jaccard,omitempty"`
}

// String says it for people.
func (o Origin) String() string {
	s := fmt.Sprintf("most likely from article %d of %s", o.From, o.Outlet)
	switch {
	case o.Named:
		s += ", which it names as its source"
	case o.Credited:
		s += ", the agency that it credits"
	}
	if o.Containment > 0 {
		s = fmt.Sprintf("%s: containment %.2f, Jaccard %.2f", s, o.Containment, o.Jaccard)
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
	if o := said(members, m); o.From != 0 {
		o.Jaccard, o.Containment, _ = similarity(sketches[m.ID], sketches[o.From])
		return o
	}
	best, likeness := Origin{}, 0.0
	var linked *news.Article // by a reason, which for translations is all there is
	for j := range members[:i] {
		e := &members[j]
		matched := m.Reason.Of == e.ID || e.Reason.Of == m.ID
		if matched && linked == nil {
			linked = e
		}
		if j >= earliestCompared && !matched {
			continue
		}
		jaccard, containment, shared := similarity(sketches[m.ID], sketches[e.ID])
		if shared > 0 && containment >= leastLike && jaccard+containment > likeness {
			likeness = jaccard + containment
			best = Origin{Article: m.ID, From: e.ID, Outlet: e.Outlet, Containment: containment, Jaccard: jaccard}
		}
	}
	if best.From == 0 && linked != nil {
		best = Origin{Article: m.ID, From: linked.ID, Outlet: linked.Outlet}
	}
	return best
}

// said is the first member of the outlet that m says it is from, else of the agency
// that it credits.
func said(members []news.Article, m *news.Article) Origin {
	for i := range members {
		if e := &members[i]; m.Source != "" && e.Outlet == m.Source && e.Outlet != m.Outlet {
			return Origin{Article: m.ID, From: e.ID, Outlet: e.Outlet, Named: true}
		}
	}
	for i := range members {
		e := &members[i]
		if m.Agency != "" && e.Outlet != m.Outlet && news.IsAgency(e.Outlet, m.Agency) && !news.IsAgency(m.Outlet, m.Agency) {
			return Origin{Article: m.ID, From: e.ID, Outlet: e.Outlet, Credited: true}
		}
	}
	return Origin{}
}

// similarity is that of two sketches, none if one is missing.
func similarity(a, b *cluster.Sketch) (jaccard, containment float64, shared int) {
	if a == nil || b == nil {
		return 0, 0, 0
	}
	return cluster.Similarity(a, b)
}
