package cluster

import (
	"math"
	"slices"

	"kliping/internal/news"
)

// A translation is judged by what is known when it comes: weights may be young,
// and the story that it belongs to may not have begun. So when an article comes
// that is like several stories, the members of these are looked at again, and
// one that is more like another story than like the rest of its own moves there.
// This is what lets the order of arrival matter little. Copies of one wording
// are judged by the longest of them, and move together.

const (
	// doubtful is the score with one member from which a story that an article
	// does not join is near enough that members of either may be in the wrong one.
	doubtful = 0.3
	// mostAsked is how many members of each such story are looked at again.
	mostAsked = 12
	// ahead is how much higher the score of another story must be than that of
	// the present one; it keeps articles from going to and fro.
	ahead = 0.1
	// late is the score from which an article whose story holds no other text
	// joins another after all. It is above accepted: who has been compared with
	// many has found some likeness by chance.
	late = 0.4
	// oneWording is the containment from which articles of one language in one
	// story move together.
	oneWording = 0.3
	// mostWalked is how many members a story may have for any to move, and
	// mostMoves how often an article moves: then it is where it is for good, so
	// that no two stories can pass it to and fro.
	mostWalked = 500
	mostMoves  = 4
	// coherent is the mean score that the texts of two stories must have across
	// languages for one article to make the two one; and mostCompared how many
	// of each are compared.
	coherent     = 0.3
	mostCompared = 6
)

// Move says that articles are in the wrong story.
type Move struct {
	Articles   []news.ArticleID // of one wording, the longest first
	From, Into news.StoryID
	Whole      bool        // no other article of the window is in From: the two stories are one
	Reason     news.Reason // of the first; its pivots are found by Explain

	shared []weighed
}

// Explain adds the pivots to the reason, as the article has them whose sketch
// is given.
func (m *Move) Explain(s *Sketch) { m.Reason.Pivots = labels(m.shared, s.Pivots, heaviestFirst) }

// doubt names the articles that e calls into question: the members of the
// stories it is like, if they are more than the one it joins.
func (w *Window) doubt(e *Entry, d *Decision, rated []rating) []news.ArticleID {
	var near []news.StoryID
	apart := false
	for i := range rated {
		if rated[i].nearest() >= doubtful {
			near = append(near, rated[i].story)
			apart = apart || !d.settles(rated[i].story)
		}
	}
	if !apart {
		return nil
	}
	if d.Story != 0 && !slices.Contains(near, d.Story) {
		near = append(near, d.Story)
	}
	var asked []news.ArticleID
	for _, story := range near {
		n := 0
		for place := range w.shelf.spoken(story) {
			if id := w.shelf.at(place).id; id != e.ID {
				asked = append(asked, id)
			}
			if n++; n == mostAsked {
				break
			}
		}
	}
	return asked
}

// nearest is the score of the story's member that is most alike, whatever the
// others say: one member may be the astray one.
func (r *rating) nearest() float64 {
	top := 0.0
	for _, l := range r.langs {
		top = max(top, l.score)
	}
	return top
}

// Astray reports whether an article of the window is more like another story
// than like the rest of its own, and where it belongs then, with its copies in
// that story. It changes nothing.
func (w *Window) Astray(id news.ArticleID) (Move, bool) {
	place := w.shelf.find(id)
	if place == 0 {
		return Move{}, false
	}
	first, ok := w.better(place)
	if !ok {
		return Move{}, false
	}
	group, whole, ok := w.wording(place)
	if !ok {
		return Move{}, false
	}
	m := first
	if longest := group[0]; longest != place {
		if m, ok = w.better(longest); !ok || m.Into != first.Into {
			return Move{}, false
		}
		if group, whole, ok = w.wording(longest); !ok {
			return Move{}, false
		}
	}
	for _, place := range group {
		m.Articles = append(m.Articles, w.shelf.at(place).id)
	}
	m.Whole = whole
	return m, !m.Whole || len(group) == 1 || w.oneStory(m.Reason.Score, m.From, m.Into)
}

// better compares the article at a place with the rest of its own story and
// with others, and returns the move to another if that is the better one. Silent
// articles are not compared; what their copies say holds for them.
func (w *Window) better(place uint32) (Move, bool) {
	h, t := w.shelf.at(place), w.translations
	if h.flags&flagSilent != 0 {
		return Move{}, false
	}
	x := t.taken(place)
	rated := t.rateLike(&x)
	present := 0.0
	others := rated[:0]
	for i := range rated {
		if rated[i].story == h.story {
			present = rated[i].score
			continue
		}
		others = append(others, rated[i])
	}
	i := strongest(others)
	if i < 0 || others[i].score <= present+ahead {
		return Move{}, false
	}
	r, score := &others[i], net(others, i)
	m := Move{From: h.story, Into: r.story, shared: slices.Clone(r.shared), Reason: r.reason(score)}
	return m, present != 0 || score >= late
}

// wording returns the members of a story that share the wording of the one at
// place, the longest of those that can be compared first, and whether they are
// all of the story. It is not ok if the story is too large or one of them has
// moved often enough.
func (w *Window) wording(place uint32) (group []uint32, whole, ok bool) {
	h := w.shelf.at(place)
	w.scratch.table.load(h.sketch().print)
	group, whole = []uint32{place}, true
	walked := 0
	for next := h.next; next != place; next = w.shelf.at(next).next {
		if walked++; walked > mostWalked {
			return nil, false, false
		}
		if w.shelf.at(next).lang != h.lang || !w.sharesWording(h, w.shelf.at(next)) {
			whole = false
			continue
		}
		group = append(group, next)
	}
	longest := 0
	for i, p := range group {
		g := w.shelf.at(p)
		if g.moves >= mostMoves {
			return nil, false, false
		}
		if g.flags&flagSilent == 0 && g.words > w.shelf.at(group[longest]).words {
			longest = i
		}
	}
	group[0], group[longest] = group[longest], group[0]
	return group, whole, true
}

// sharesWording compares h, whose text is loaded, with another article.
func (w *Window) sharesWording(h, other *held) bool {
	shared := w.scratch.table.compare(other.sketch().print).shared
	return ratio(shared, int(min(h.shingles, other.shingles))) >= oneWording
}

// Wording is why an article of the window carries the wording of another. It
// finds a reason even if the two would not be taken for copies.
func (w *Window) Wording(e Entry, of news.ArticleID) news.Reason {
	place := w.shelf.find(of)
	if place == 0 {
		return news.Reason{Relation: news.Founder}
	}
	other := w.shelf.item(place)
	w.scratch.table.load(e.Sketch.print)
	evidence := w.scratch.table.weigh(e.Sketch, other.Sketch)
	return evidence.reason(&e, &other.Entry)
}

// strongest is the best of the stories that would be accepted, or -1.
func strongest(rated []rating) int {
	best, top := -1, 0.0
	for i := range rated {
		if score := net(rated, i); rated[i].accepted(score) && score > top {
			best, top = i, score
		}
	}
	return best
}

// oneStory reports whether an article that is in one of two stories and has the
// given score with the other makes them one: if the score is high, and the rest
// of their texts agree.
func (w *Window) oneStory(score float64, a, b news.StoryID) bool {
	return score >= w.opt.Translation && w.translations.agreement(a, b) >= coherent
}

// agreement is the mean score between two stories' texts of different
// languages. Texts of one language that disagree lower it as they do in rate.
// Where nothing can be compared, nothing speaks against the two: it is 1.
func (t *translations) agreement(a, b news.StoryID) float64 {
	sum, top, own, n := 0.0, 0.0, math.Inf(1), 0
	others := t.eachLanguage(b)
	for _, place := range t.eachLanguage(a) {
		text := t.taken(place)
		x := t.ask(&text)
		for _, other := range others {
			y := t.unpack(other)
			score := t.compare(&x, &y, 0).score
			if x.lang == y.lang {
				own = min(own, score)
				continue
			}
			sum, top, n = sum+score, max(top, score), n+1
		}
	}
	mean := 1.0
	if n > 0 {
		mean = sum / float64(n)
	}
	return mean * doubted(own, top)
}

// eachLanguage are the places of a story's first texts, one a language.
func (t *translations) eachLanguage(story news.StoryID) []uint32 {
	var first []uint32
	for place := range t.shelf.spoken(story) {
		if len(first) < mostCompared && !slices.ContainsFunc(first, func(p uint32) bool { return t.shelf.langOf[p] == t.shelf.langOf[place] }) {
			first = append(first, place)
		}
	}
	return first
}
