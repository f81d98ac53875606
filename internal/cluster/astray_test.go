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
		{"what does not share its wording stays", []member{
			{1, 1, "en", told["en"]}, {5, 1, "en", told["en"]}, {2, 1, "id", told["id"]}, {6, 1, "en", otherEvent}, {7, 7, "id", otherInIndonesian},
		}, 6, &Move{Articles: []news.ArticleID{6}, From: 1, Into: 7}},
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
			if got.Explain(sketchOf("id", told["id"])); test.asked != 6 && !slices.Contains(got.Reason.Pivots, "214") {
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

var otherInIndonesian = []string{"Pasar Bitung dibuka kembali",
	"Pasar ikan Bitung dibuka kembali pada Kamis, dua bulan setelah banjir, kata wali kota Maurits Mantiri.",
	"Sekitar 480 pedagang dari Ternate dan Bitung berjualan di tepi jalan sejak Januari.",
	"Sebuah bank dari Jepang meminjamkan 62 miliar rupiah, dan balai kedua menyusul pada 2026."}

// TestMovesEnd sends an article to and fro: in the end it stays, wrong or not.
func TestMovesEnd(t *testing.T) {
	m := member{2, 1, "id", told["id"]}
	w := room(t, member{1, 1, "en", otherEvent}, m, member{3, 3, "ru", told["ru"]}, member{4, 3, "en", told["en"]})
	for moves := 0; ; moves++ {
		got, astray := w.Astray(2)
		if !astray && moves < mostMoves/2 || astray && moves > mostMoves {
			t.Fatalf("astray %v after %d moves", astray, moves)
		}
		if !astray {
			return
		}
		for _, story := range []news.StoryID{got.Into, got.From} { // and back, as another might say
			m.story = story
			w.Add(m.entry())
		}
	}
}

// TestLargeStoriesDoNotMove bounds the members that are walked over.
func TestLargeStoriesDoNotMove(t *testing.T) {
	w := room(t, member{1, 1, "en", otherEvent}, member{2, 1, "id", told["id"]}, member{3, 3, "ru", told["ru"]}, member{4, 3, "en", told["en"]})
	if _, astray := w.Astray(2); !astray {
		t.Fatal("the article is where it belongs already")
	}
	for i := range mostWalked {
		w.Add(member{news.ArticleID(10_000 + i), 1, "en", otherEvent}.entry())
	}
	if m, astray := w.Astray(2); astray {
		t.Errorf("%d members, and it moves with %d articles", mostWalked, len(m.Articles))
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

// TestQuotationIsNoTranslation takes no article into a story for the pivots of
// sentences that it quotes from it.
func TestQuotationIsNoTranslation(t *testing.T) {
	wire := append(slices.Clone(told["en"]), text(4, 60))
	w := room(t, member{3, 3, "ru", told["ru"]}, member{2, 3, "id", told["id"]}, member{4, 3, "en", wire})
	opinion := []string{"Who pays for the sea", text(1, 60), told["en"][1], told["en"][2], text(2, 80)}
	if d := w.Assign(member{9, 0, "en", opinion}.entry()); d.Story != 0 {
		t.Errorf("an opinion that quotes two sentences joins the story: %+v", d)
	}
	if d := w.Assign(member{9, 0, "en", wire[:4]}.entry()); d.Story != 3 {
		t.Errorf("most of the text does not: %+v", d)
	}
}
