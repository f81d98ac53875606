package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kliping/internal/store"
)

func TestWatchPages(t *testing.T) {
	d := newDesk(t)
	if got := d.page("/watches", http.StatusOK).text(); !strings.Contains(got, "There are no watches") {
		t.Errorf("an empty page: %s", got)
	}
	w, err := d.db.AddWatch(t.Context(), store.Watch{
		Name: "<b>Ports</b>", Query: "port OR harbour", Outlets: []int{3}, Mail: []string{"ann@example.org"}, Hooks: []store.Hook{{URL: "https://u:p4ss@hook.example/", Secret: "s3cret"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.page("/watches/1", http.StatusOK).text(); !strings.Contains(got, "No alerts yet") {
		t.Errorf("a watch without alerts: %s", got)
	}
	state, err := d.db.WatchState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	alert := store.Alert{Watch: w.ID, Story: 3, At: d.clock, Event: "story.new", Reasons: []string{"a new story", "<i>now</i> in 3 outlets"}, Title: "<script>On it</script>", Outlet: "a.example", Outlets: 3}
	sent := alert
	sent.Sent, sent.Title = d.clock.Add(time.Second), "Sent before"
	if err := d.db.SaveWatched(t.Context(), store.Watched{From: state, To: 9, Alerts: []store.Alert{sent, alert}}); err != nil {
		t.Fatal(err)
	}
	list := d.page("/watches", http.StatusOK)
	if got := list.one(t, "tbody a"); got.attr("href") != "/watches/1" || got.text() != "<b>Ports</b>" {
		t.Errorf("the watch is %q, to %s", got.text(), got.attr("href"))
	}
	page := d.page("/watches/1", http.StatusOK)
	for _, got := range []element{list, page} {
		if strings.Contains(got.text(), "p4ss") || strings.Contains(got.text(), "s3cret") || len(got.all("script"))+len(got.all("i")) > 0 {
			t.Errorf("a secret or a stranger's markup is shown: %s", got.text())
		}
	}
	if got := strings.Join(page.texts(".take a"), " "); got != "Atom RSS JSON Feed stories copies" {
		t.Errorf("what it looks for is given as %q", got)
	}
	rows := page.all("tbody tr")
	if len(rows) != 2 {
		t.Fatalf("%d alerts", len(rows))
	}
	first, second := rows[0].text(), rows[1].text()
	for _, want := range []string{"<script>On it</script>", "a new story; <i>now</i> in 3 outlets", "waits to be sent"} {
		if !strings.Contains(first, want) {
			t.Errorf("%q is not in %q", want, first)
		}
	}
	if rows[0].all("a")[0].attr("href") != "/story/3" || strings.Contains(second, "waits") {
		t.Errorf("rows %q, %q", first, second)
	}
	d.page("/watches/9", http.StatusNotFound)
}
