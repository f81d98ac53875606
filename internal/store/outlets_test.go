package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

func testOutlets(t *testing.T, w *world) {
	ctx := t.Context()
	kabar := Outlet{Domain: "kabar.example", Name: "Kabar \xff", Tier: 2, Tags: []string{"national", "a,b"}, TimeZone: "Asia/Jakarta"}
	w.ok(w.db.SetOutlets(ctx, []Outlet{kabar, {Domain: "daily.example", Tier: 1}}))
	kabar.Name = "Kabar \uFFFD"
	want := []Outlet{{Domain: "daily.example", Tier: 1, Tags: []string{}}, kabar}
	got, err := w.open().Outlets(ctx)
	w.ok(err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	one, err := w.db.Outlet(ctx, "kabar.example")
	w.ok(err)
	if diff := cmp.Diff(kabar, one); diff != "" {
		t.Error(diff)
	}
	if none, err := w.db.Outlet(ctx, "none.example"); err != nil || none.Domain != "none.example" || none.Tags == nil {
		t.Errorf("one of which nothing is said: %+v, %v", none, err)
	}
	for _, bad := range []Outlet{{Name: "x"}, {Domain: news.AnyOutlet, Tier: 1}, {Domain: "x", Tier: 4}, {Domain: "x", Tier: -1}, {Domain: "x", TimeZone: "Mars"}, {Domain: "x", TimeZone: "Local"}} {
		if err := w.db.SetOutlets(ctx, []Outlet{{Domain: "other.example", Tier: 1}, bad}); !errors.Is(err, news.ErrInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	w.ok(w.db.SetOutlets(ctx, []Outlet{{Domain: "kabar.example"}, {Domain: "daily.example", Name: "Daily"}}))
	names, err := w.db.OutletNames(ctx)
	w.ok(err)
	if diff := cmp.Diff(OutletNames{"daily.example": "Daily"}, names); diff != "" {
		t.Error(diff)
	}
	if all, _ := w.db.Outlets(ctx); len(all) != 1 {
		t.Errorf("%d outlets are left of a list of which all but one failed or was forgotten", len(all))
	}
	if names.Of("x.example") != "x.example" {
		t.Error("an outlet without a name is called something")
	}
}

func testCarried(t *testing.T, w *world) {
	at := func(h int) time.Time { return time.Date(2026, 5, 1, h, 0, 0, 0, time.UTC) }
	old := w.save(sample("0", arrived(at(0))))
	w.story(old...)
	ids := w.save(sample("1", outlet("b.example"), published(at(7)), arrived(at(8))), sample("2", published(at(6)), arrived(at(9))), sample("3", outlet("c.example"), arrived(at(9))))
	w.story(ids[:2]...)
	w.story(ids[2])
	var leads []news.ArticleID
	var got [][]Carried
	w.ok(w.db.EachCarried(t.Context(), at(1), at(10), func(lead news.ArticleID, all []Carried) {
		leads, got = append(leads, lead), append(got, append([]Carried{}, all...))
	}))
	text := got[0][0].Text
	want := [][]Carried{
		{{Article: ids[1], Outlet: "daily.example", Text: text, Dated: at(6)}, {Article: ids[0], Outlet: "b.example", Text: text, Dated: at(7)}},
		{{Article: ids[2], Outlet: "c.example", Text: ids[2], Dated: at(8)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]news.ArticleID{ids[1], ids[2]}, leads); diff != "" {
		t.Error(diff)
	}
}
