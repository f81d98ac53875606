package cluster

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// room is a window in which an article is named by its language; ID and story
// are given.
func room(t *testing.T, members ...member) *Window {
	t.Helper()
	w := NewWindow(Options{})
	for i := range 100 { // so that weights are not young
		w.Add(Entry{ID: news.ArticleID(1000 + i), Story: news.StoryID(1000 + i), At: time.Unix(1, 0), Sketch: sketchOf("id", []string{"Kabar", "Pada hari Senin wali kota membuka pasar."})})
	}
	for _, m := range members {
		w.Add(m.entry())
	}
	return w
}

type member struct {
	id    news.ArticleID
	story news.StoryID
	lang  string
	text  []string
}

func (m member) entry() Entry {
	return Entry{ID: m.id, Story: m.story, At: time.Unix(int64(m.id), 0), Sketch: sketchOf(m.lang, m.text)}
}

func sketchOf(lang string, text []string) *Sketch { return NewSketch(lang, text[0], text[1:]) }

func TestAstray(t *testing.T) {
	for _, test := range []struct {
		name    string
		members []member
		asked   news.ArticleID
		want    *Move // nil: it is where it belongs
	}{
		{"in the story of another event", []member{
			{1, 1, "en", otherEvent}, {2, 1, "id", told["id"]}, {3, 3, "ru", told["ru"]}, {4, 3, "en", told["en"]},
		}, 2, &Move{Articles: []news.ArticleID{2}, From: 1, Into: 3}},
		{"its copies go with it", []member{
			{1, 1, "en", otherEvent}, {2, 1, "id", told["id"]}, {5, 1, "id", told["id"]}, {3, 3, "ru", told["ru"]},
		}, 5, &Move{Articles: []news.ArticleID{5, 2}, From: 1, Into: 3}},
		{"alone, and a translation came", []member{
			{2, 2, "id", told["id"]}, {3, 3, "ru", told["ru"]}, {4, 3, "en", told["en"]},
		}, 2, &Move{Articles: []news.ArticleID{2}, From: 2, Into: 3, Whole: true}},
		{"where it belongs", []member{
			{1, 1, "en", otherEvent}, {2, 3, "id", told["id"]}, {3, 3, "ru", told["ru"]}, {4, 3, "en", told["en"]},
		}, 2, nil},
		{"alone, and nothing like it", []member{
			{1, 1, "en", otherEvent}, {2, 2, "id", told["id"]},
		}, 2, nil},
		{"not in the window", nil, 9, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := room(t, test.members...)
			got, ok := w.Astray(test.asked)
			if ok != (test.want != nil) {
				t.Fatalf("astray %v: %+v", ok, got)
			}
			if !ok {
				return
			}
			if got.Reason.Relation != news.Translation || got.Reason.Score <= late {
				t.Errorf("reason %+v", got.Reason)
			}
			got.Explain(sketchOf("id", told["id"]))
			if !slices.Contains(got.Reason.Pivots, "214") {
				t.Errorf("explained by %q, without the 214 passengers", got.Reason.Pivots)
			}
			got.Reason, got.shared = news.Reason{}, nil
			if diff := cmp.Diff(*test.want, got, cmp.AllowUnexported(Move{})); diff != "" {
				t.Errorf("move (-want +got):\n%s", diff)
			}
			if again, _ := w.Astray(test.asked); again.Into != got.Into {
				t.Errorf("asked again: %+v", again)
			}
		})
	}
}

// TestNewcomerCallsIntoQuestion asks for the article that a newcomer shows to be
// in the wrong story, though the newcomer does not join that story.
func TestNewcomerCallsIntoQuestion(t *testing.T) {
	w := room(t, member{1, 1, "en", otherEvent}, member{2, 1, "id", told["id"]})
	d := w.Assign(member{3, 0, "ru", told["ru"]}.entry())
	if d.Story != 1 || d.Doubt != nil {
		t.Errorf("the first newcomer: %+v; it has no choice yet, and nothing is in doubt", d)
	}
	d = w.Assign(member{4, 0, "en", told["en"]}.entry())
	if d.Story != 0 || !slices.Contains(d.Doubt, 2) {
		t.Errorf("%+v; expected a story of its own, and article 2 in doubt", d)
	}
}

// TestStoriesThatDisagreeAreNotMerged holds two stories apart though one article
// is like both: each has an English text, and these tell of two events.
func TestStoriesThatDisagreeAreNotMerged(t *testing.T) {
	w := room(t, member{1, 1, "en", otherEvent}, member{3, 3, "ru", told["ru"]}, member{4, 3, "en", told["en"]})
	if w.oneStory(1, 1, 3) {
		t.Error("one high score made two stories one whose texts disagree")
	}
	w = room(t, member{2, 1, "id", told["id"]}, member{3, 3, "ru", told["ru"]}, member{4, 3, "en", told["en"]})
	if !w.oneStory(1, 1, 3) {
		t.Error("stories that agree were kept apart")
	}
	if w.oneStory(0.5, 1, 3) {
		t.Error("a middling score made two stories one")
	}
}
