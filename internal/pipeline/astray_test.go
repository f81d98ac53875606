package pipeline_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
	"kliping/internal/store"
)

// A ferry stops after a fire, told in two languages; and another event of the
// same town.
var (
	ferryEnglish = []string{
		"The ferry Dharma Kencana stopped sailing between Bitung and Ternate on Thursday after a fire in its engine room, harbour master Ronny Wowiling said.",
		"All 214 passengers and 37 crew were brought ashore by the patrol boat Bittern before 19:40.",
		"Inspectors from Japan and Norway, whose yards built the ship in 1998, will examine it until March 23.",
		"Governor Olly Dondokambey promised 1.5 billion rupiah for a replacement.",
	}
	ferryIndonesian = []string{
		"Feri Dharma Kencana berhenti berlayar antara Bitung dan Ternate pada Kamis setelah kebakaran di ruang mesin, kata syahbandar Ronny Wowiling.",
		"Seluruh 214 penumpang dan 37 awak dibawa ke darat oleh kapal patroli Bittern sebelum pukul 19.40.",
		"Pemeriksa dari Jepang dan Norwegia, yang galangannya membangun kapal itu pada 1998, akan memeriksanya sampai 23 Maret.",
		"Gubernur Olly Dondokambey menjanjikan 1,5 miliar rupiah untuk penggantinya.",
	}
	marketEnglish = []string{
		"The fish market of Bitung opened again on Thursday, two months after the flood, mayor Maurits Mantiri said.",
		"Some 480 traders from Ternate and Bitung had sold their catch at the roadside since January.",
		"A bank from Japan lent 62 billion rupiah, and a second hall follows in 2026.",
	}
)

// misplace puts articles into a story as another node might have, before there
// was one that they belong to.
func (d *desk) misplace(story news.StoryID, r news.Reason, ids ...news.ArticleID) {
	d.t.Helper()
	err := d.db.Group(d.t.Context(), func(ctx context.Context, g *store.Grouping) error {
		for _, id := range ids {
			if _, err := g.Place(ctx, id, story, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestAstrayArticleMovesWhenItsStoryComes(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	market := d.publish("market.example", "Bitung market opens again", marketEnglish...)
	ferry := d.publish("kabar.example", "Feri Bitung-Ternate berhenti setelah kebakaran", ferryIndonesian...)
	d.groupAll(g)
	wrong := d.article(market).Story
	d.misplace(wrong, news.Reason{Relation: news.Translation, Of: market}, ferry)

	original := d.publish("wire.example", "Ferry between Bitung and Ternate stopped after fire", ferryEnglish...)
	d.groupAll(g)
	if got := d.article(ferry); got.Story != d.article(original).Story || got.Story == wrong {
		t.Fatalf("the Indonesian text is in story %d, its original in %d, the market in %d", got.Story, d.article(original).Story, wrong)
	}
	r := d.article(ferry).Reason
	if r.Relation != news.Translation || r.Of != original || !strings.Contains(strings.Join(r.Pivots, " "), "214") {
		t.Errorf("the move is explained by %+v", r)
	}
	if r := d.article(market).Reason; r.Relation != news.Founder {
		t.Errorf("what stays is explained by %+v", r)
	}
	if audits, err := d.db.History(t.Context(), wrong); err != nil || !slices.ContainsFunc(audits, func(a store.Audit) bool {
		return a.Action == store.Moved && a.Article == ferry && a.Reason.Of == original
	}) {
		t.Errorf("the audit of story %d: %+v, %v", wrong, audits, err)
	}

	// Another grouper, which starts from the store, sees the same.
	before := d.stories()
	d.publish("late.example", "In short", paragraph(1))
	d.groupAll(d.grouper())
	if diff := cmp.Diff(before, d.stories()[:len(before)]); diff != "" {
		t.Errorf("after a restart (-before +after):\n%s", diff)
	}
}

// TestPersonsWordHoldsAgainstMoves pins an article where it does not belong.
func TestPersonsWordHoldsAgainstMoves(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	market := d.publish("market.example", "Bitung market opens again", marketEnglish...)
	ferry := d.publish("kabar.example", "Feri Bitung-Ternate berhenti setelah kebakaran", ferryIndonesian...)
	d.groupAll(g)
	wrong := d.article(market).Story
	d.misplace(wrong, news.Reason{Relation: news.Translation, Of: market}, ferry)
	if _, err := d.db.PinArticles(t.Context(), store.By{Who: "cli"}, wrong, ferry); err != nil {
		t.Fatal(err)
	}
	d.publish("wire.example", "Ferry between Bitung and Ternate stopped after fire", ferryEnglish...)
	d.groupAll(g)
	if got := d.article(ferry).Story; got != wrong {
		t.Errorf("the pinned article moved to story %d", got)
	}
}

// TestWhoLeanedOnTheAstrayIsExplainedAnew moves a founder away whose story keeps
// an article that was there because of it.
func TestWhoLeanedOnTheAstrayIsExplainedAnew(t *testing.T) {
	d := newDesk(t)
	g := d.grouper()
	ferry := d.publish("kabar.example", "Feri Bitung-Ternate berhenti setelah kebakaran", ferryIndonesian...)
	market := d.publish("market.example", "Bitung market opens again", marketEnglish...)
	d.groupAll(g)
	wrong := d.article(ferry).Story
	d.misplace(wrong, news.Reason{Relation: news.Translation, Of: ferry, Score: 0.5}, market)
	d.publish("wire.example", "Ferry between Bitung and Ternate stopped after fire", ferryEnglish...)
	d.groupAll(g)
	if d.article(ferry).Story == d.article(market).Story {
		t.Fatal("nothing moved")
	}
	if r := d.article(market).Reason; r.Relation != news.Founder || r.Of != 0 {
		t.Errorf("the market is alone in its story, explained by %+v", r)
	}
}
