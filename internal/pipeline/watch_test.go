package pipeline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
	"kliping/internal/outbox"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// desk's watcher.
func (d *desk) watcher() *pipeline.Watcher {
	return &pipeline.Watcher{
		DB: d.db, Preparer: d.preparer, Location: time.UTC, Now: d.now, Log: slog.New(slog.DiscardHandler),
		Letter: pipeline.Letter{PublicURL: "https://kliping.example/", From: "desk@kliping.example"},
	}
}

func (d *desk) addWatch(w store.Watch) store.Watch {
	d.t.Helper()
	got, err := d.db.AddWatch(d.t.Context(), w)
	if err != nil {
		d.t.Fatal(err)
	}
	return got
}

// look groups what came and lets the watcher look at it.
func (d *desk) look(w *pipeline.Watcher) {
	d.t.Helper()
	d.clock = d.clock.Add(time.Second)
	d.groupAll(d.grouper())
	for {
		n, err := w.Watch(d.t.Context())
		if err != nil {
			d.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// alerts are a watch's alerts, oldest first, as "event: title: reasons".
func (d *desk) alerts(w store.Watch) (all []string) {
	d.t.Helper()
	alerts, err := d.db.Alerts(d.t.Context(), w.ID, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, a := range alerts {
		all = append(all, fmt.Sprintf("%s: %s: %s", a.Event, a.Title, strings.Join(a.Reasons, "; ")))
	}
	slices.Reverse(all)
	return all
}

func (d *desk) wantAlerts(when string, w store.Watch, want ...string) {
	d.t.Helper()
	if diff := cmp.Diff(want, d.alerts(w)); diff != "" {
		d.t.Errorf("%s:\n%s", when, diff)
	}
}

// waiting is what lies in the outbox.
func (d *desk) waiting() []store.Message {
	d.t.Helper()
	all, err := d.db.Outbox(d.t.Context(), store.MessagesWaiting, 10_000)
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

const (
	portText  = "The port of Tanjung Priok will be closed for nine days from Monday while divers search the basin for a sunken barge, the harbour master said. Eleven ships wait in the roads and cannot enter before the search is over."
	otherText = "Voters in the valley chose a new council on Sunday, and the farmers' list won six of eleven seats against all forecasts. The mayor said that she would speak with every list before the first session in June."
)

func TestWatchTellsAStoryOnce(t *testing.T) {
	d := newDesk(t)
	if err := d.db.SetOutlets(t.Context(), []store.Outlet{{Domain: "a.example", Name: "The <i>Daily"}}); err != nil {
		t.Fatal(err)
	}
	d.publish("old.example", "Port talks", portText+" It was the first of May.")
	w := d.watcher()
	d.look(w)
	watch := d.addWatch(store.Watch{Name: "Ports", Query: "port", Outlets: []int{2, 4}, Mail: []string{"ann@example.org", "bob@example.org"}})
	paused := d.addWatch(store.Watch{Name: "Paused", Query: "port", Paused: true})
	d.look(w)
	d.wantAlerts("what was there before", watch)
	d.publish("a.example", "Valley votes", otherText)
	d.publish("b.example", "The port's valley", otherText+" The port was not asked.")
	d.look(w)
	told := []string{"story.new: Valley votes: a new story, in 2 outlets"}
	d.wantAlerts("a story that matches with its second article", watch, told...)
	d.publish("c.example", "Valley votes again", otherText)
	d.look(w)
	d.wantAlerts("below the next threshold", watch, told...)
	d.publish("d.example", "Valley votes once more", otherText)
	d.look(w)
	told = append(told, "story.again: Valley votes: now in 4 outlets, past 4")
	d.wantAlerts("at the threshold", watch, told...)
	d.reprocess()
	d.look(w)
	d.look(d.watcher()) // another node, that knows nothing yet
	d.wantAlerts("grouped again", watch, told...)
	d.wantAlerts("paused", paused)

	messages := d.waiting()
	if len(messages) != 4 {
		t.Fatalf("%d messages, want one for each alert and recipient", len(messages))
	}
	var letter outbox.Mail
	if err := json.Unmarshal(messages[0].Payload, &letter); err != nil || messages[0].Kind != outbox.KindMail {
		t.Fatal(messages[0].Kind, err)
	}
	for _, want := range []string{"Valley votes", "https://kliping.example/story/", "a new story, in 2 outlets", "https://a.example/", "https://kliping.example/watches/"} {
		if !strings.Contains(letter.Text, want) || !strings.Contains(letter.HTML, want) {
			t.Errorf("the letter does not say %q:\n%s\n%s", want, letter.Text, letter.HTML)
		}
	}
	if !strings.Contains(letter.Text, "  The <i>Daily · 2 outlets") || !strings.Contains(letter.HTML, "The &lt;i&gt;Daily · 2 outlets") {
		t.Errorf("the letter does not name the outlet as people do:\n%s\n%s", letter.Text, letter.HTML)
	}
	if letter.Subject != "Ports: Valley votes" || letter.Unsubscribe != "mailto:desk@kliping.example?subject=unsubscribe%20Ports" {
		t.Errorf("%q, %q", letter.Subject, letter.Unsubscribe)
	}
}

// Articles that were shown are not shown again as another story.
func TestWatchAndMovedStories(t *testing.T) {
	d := newDesk(t)
	w := d.watcher()
	watch := d.addWatch(store.Watch{Name: "Ports", Query: "port"})
	port := d.publish("a.example", "Port shut", portText)
	votes := d.publish("b.example", "Port votes", otherText+" The port too.")
	d.look(w)
	told := []string{"story.new: Port shut: a new story", "story.new: Port votes: a new story"}
	d.wantAlerts("two stories", watch, told...)
	by := store.By{Who: "test"}
	into, err := d.db.MergeStories(t.Context(), by, d.storyOf(port), d.storyOf(votes))
	if err != nil {
		t.Fatal(err)
	}
	d.look(w)
	d.wantAlerts("merged", watch, told...)
	if _, err := d.db.SplitStory(t.Context(), by, into, votes); err != nil {
		t.Fatal(err)
	}
	d.look(w)
	d.wantAlerts("split, with the article that was shown", watch, told...)

	late := d.publish("c.example", "Port shut for long", portText)
	d.look(w)
	d.wantAlerts("a copy", watch, told...)
	if _, err := d.db.SplitStory(t.Context(), by, d.storyOf(late), late); err != nil {
		t.Fatal(err)
	}
	d.look(w)
	d.wantAlerts("split, with an article that never was", watch, append(told, "story.new: Port shut for long: a new story")...)
}

func TestWatchCorrections(t *testing.T) {
	d := newDesk(t)
	w := d.watcher()
	watch := d.addWatch(store.Watch{Name: "Ports", Query: "port", Corrections: true})
	feed, err := d.db.AddFeed(t.Context(), news.Feed{URL: "https://a.example/rss"})
	if err != nil {
		t.Fatal(err)
	}
	edition := func(title, text string) {
		t.Helper()
		d.clock = d.clock.Add(time.Minute)
		item := news.Item{GUID: "g", Link: "https://a.example/port", Title: title, HTML: "<p>" + text + "</p>"}
		if _, err := d.db.SaveArticles(t.Context(), []store.Incoming{d.preparer.Prepare(news.Feed{ID: feed.ID}, item, d.clock)}); err != nil {
			t.Fatal(err)
		}
		d.look(w)
	}
	edition("Port shut", portText)
	told := []string{"story.new: Port shut: a new story"}
	edition("Port shut!", strings.ReplaceAll(portText, ",", " –"))
	d.wantAlerts("only punctuation", watch, told...)
	edition("Port open", strings.ReplaceAll(portText, "nine days", "three days"))
	told = append(told, "story.again: Port open: a.example changed the headline from “Port shut!” to “Port open” and changed the text: 1 word out, 1 word in")
	d.wantAlerts("headline and a word", watch, told...)
	d.look(w)
	d.wantAlerts("looked at again", watch, told...)
}

// A correction may take out the very word that was asked for, or bring it in.
func TestWatchCorrectedAway(t *testing.T) {
	d := newDesk(t)
	feed, err := d.db.AddFeed(t.Context(), news.Feed{URL: "https://a.example/rss"})
	if err != nil {
		t.Fatal(err)
	}
	edition := func(title string) {
		t.Helper()
		d.clock = d.clock.Add(time.Minute)
		item := news.Item{GUID: "g", Link: "https://a.example/port", Title: title, HTML: "<p>" + portText + "</p>"}
		if _, err := d.db.SaveArticles(t.Context(), []store.Incoming{d.preparer.Prepare(news.Feed{ID: feed.ID}, item, d.clock)}); err != nil {
			t.Fatal(err)
		}
	}
	w := d.watcher()
	edition("Quay closed")
	d.look(w)
	d.clock = d.clock.Add(time.Minute)
	acme := d.addWatch(store.Watch{Name: "Acme", Query: "acme", Corrections: true})
	quay := d.addWatch(store.Watch{Name: "Quay", Query: "quay"})
	quiet := d.addWatch(store.Watch{Name: "No corrections", Query: "acme"})
	d.look(w)
	d.wantAlerts("before", acme)
	edition("Quay closed!")
	d.look(w)
	d.wantAlerts("only punctuation", quay)
	edition("Acme boss arrested")
	d.look(w)
	told := []string{"story.new: Acme boss arrested: an edited article of a story that is older than the watch"}
	d.wantAlerts("an edit brought the word", acme, told...)
	edition("Apex boss arrested")
	d.look(w)
	told = append(told, "story.again: Apex boss arrested: a.example changed the headline from “Acme boss arrested” to “Apex boss arrested”; the story matches the watch no longer")
	d.wantAlerts("a correction took it out", acme, told...)
	d.wantAlerts("without corrections", quiet, told[0])
	d.look(w)
	d.wantAlerts("looked at again", acme, told...)

	r, err := w.Rehearse(t.Context(), acme, d.clock.Add(-time.Hour), nil)
	if err != nil {
		t.Fatal(err)
	}
	var rehearsed []string
	for _, m := range r.Sent {
		for _, a := range m.Alerts {
			rehearsed = append(rehearsed, fmt.Sprintf("%s: %s: %s", a.Event, a.Title, strings.Join(a.Reasons, "; ")))
		}
	}
	want := []string{"story.new: Acme boss arrested: a new story", told[1]}
	if diff := cmp.Diff(want, rehearsed); diff != "" {
		t.Errorf("rehearsed (-want +got):\n%s", diff)
	}
}

// An article that is withdrawn leaves its story, which goes on without it.
func TestWatchWithdrawn(t *testing.T) {
	for query, no := range map[string]string{"port": "; the story matches the watch no longer", "port OR withdrawn": ""} {
		d := newDesk(t)
		feed, err := d.db.AddFeed(t.Context(), news.Feed{URL: "https://b.example/rss"})
		if err != nil {
			t.Fatal(err)
		}
		edition := func(title, text string) {
			t.Helper()
			d.clock = d.clock.Add(time.Minute)
			item := news.Item{GUID: "g", Link: "https://b.example/port", Title: title, HTML: "<p>" + text + "</p>"}
			if _, err := d.db.SaveArticles(t.Context(), []store.Incoming{d.preparer.Prepare(news.Feed{ID: feed.ID}, item, d.clock)}); err != nil {
				t.Fatal(err)
			}
		}
		w := d.watcher()
		watch := d.addWatch(store.Watch{Name: "Ports", Query: query, Corrections: true})
		quiet := d.addWatch(store.Watch{Name: "No corrections", Query: "port"})
		d.publish("a.example", "Port shut", portText)
		edition("Port shut", portText)
		d.look(w)
		told := "story.new: Port shut: a new story, in 2 outlets"
		d.wantAlerts("two copies", watch, told)
		edition("Article withdrawn", "This article has been withdrawn because its author was deceived. We apologise to our readers and to everybody whom it named, and will say more when our own inquiry is over.")
		d.look(w)
		got := d.alerts(watch)
		if len(got) != 2 || !strings.HasPrefix(got[1], "story.again: Article withdrawn: b.example changed the headline from “Port shut” to “Article withdrawn”") || !strings.HasSuffix(got[1], "in"+no) {
			t.Errorf("%s: told %q", query, got)
		}
		d.wantAlerts("without corrections", quiet, told)
	}
}

func TestWatchLanguagesAndTexts(t *testing.T) {
	d := newDesk(t)
	w := d.watcher()
	languages := d.addWatch(store.Watch{Name: "languages", Query: "port", Languages: true})
	texts := d.addWatch(store.Watch{Name: "texts", Query: "port", Texts: true})
	a := d.publish("a.example", "Port shut", portText)
	d.look(w)
	b := d.publish("b.example", "Pemilu lembah", "Para pemilih di lembah memilih dewan baru pada hari Minggu, dan daftar petani memenangkan enam dari sebelas kursi. Wali kota mengatakan bahwa ia akan berbicara dengan setiap daftar sebelum sidang pertama pada bulan Juni di kota itu.")
	d.look(w)
	if _, err := d.db.MergeStories(t.Context(), store.By{Who: "test"}, d.storyOf(a), d.storyOf(b)); err != nil {
		t.Fatal(err)
	}
	d.look(w)
	d.wantAlerts("a translation came", languages, "story.new: Port shut: a new story", "story.again: Port shut: now also in id")
	d.wantAlerts("a text came", texts, "story.new: Port shut: a new story", "story.again: Port shut: a new text: 2 now")
}

// A watch that takes everything is no mail bomb, and loses nothing.
func TestWatchFlood(t *testing.T) {
	d := newDesk(t)
	w := d.watcher()
	watch := d.addWatch(store.Watch{Name: "All", Query: "NOT zebra", Mail: []string{"ann@example.org"}, Hooks: []store.Hook{{URL: "https://hook.example/", Secret: "s"}}})
	seed := uint64(0)
	flood := func(n int) {
		t.Helper()
		for i := range n {
			seed += 10
			d.publish(fmt.Sprintf("o%d.example", i), fmt.Sprintf("Story %d", seed), paragraph(seed), paragraph(seed+1))
		}
		d.clock = d.clock.Add(-time.Duration(n) * time.Minute) // they come at once
		d.look(w)
	}
	const first = 120
	flood(first)
	messages := d.waiting()
	if len(messages) != 2 {
		t.Fatalf("%d messages, want one mail and one call", len(messages))
	}
	told := 0
	for range 15 {
		flood(1)
	}
	if messages = d.waiting(); len(messages) != 2*pipeline.SendsPerHour {
		t.Errorf("%d messages within the hour, want %d", len(messages), 2*pipeline.SendsPerHour)
	}
	d.clock = d.clock.Add(time.Hour)
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, m := range d.waiting() {
		if m.Kind != outbox.KindHook {
			continue
		}
		var h outbox.Hook
		var body pipeline.HookBody
		if err := errors.Join(json.Unmarshal(m.Payload, &h), json.Unmarshal(h.Body, &body)); err != nil {
			t.Fatal(err)
		}
		if len(body.Alerts) > pipeline.StoriesAMail || len(body.Alerts)+body.More != body.Count {
			t.Errorf("told %d, more %d, of %d", len(body.Alerts), body.More, body.Count)
		}
		told += body.Count
	}
	if want := first + 15; told != want {
		t.Errorf("%d stories were told or counted, want %d", told, want)
	}
	if alerts := d.alerts(watch); len(alerts) != first+15 {
		t.Errorf("%d alerts are kept", len(alerts))
	}
}

func TestWatchCheck(t *testing.T) {
	check := pipeline.WatchCheck{Location: time.UTC, Schedule: func(spec string, _ *time.Location) error {
		if spec != "0 7 * * *" {
			return fmt.Errorf("schedule %q: %w", spec, news.ErrInvalid)
		}
		return nil
	}}
	good := store.Watch{Name: " Ports ", Query: "port", Schedule: "0 7 * * *", TimeZone: "Asia/Jakarta", Outlets: []int{10, 3, 3},
		Mail: []string{"ann@example.org", "Ann@example.org"}, Hooks: []store.Hook{{URL: "https://a.example/x"}}}
	if err := check.Check(&good); err != nil || good.Name != "Ports" || !slices.Equal(good.Outlets, []int{3, 10}) || len(good.Mail) != 1 {
		t.Errorf("%+v, %v", good, err)
	}
	for want, w := range map[string]store.Watch{
		"name":               {Query: "port"},
		"column 6":           {Name: "x", Query: "port ("},
		"query is empty":     {Name: "x"},
		"it has no @":        {Name: "x", Query: "port", Mail: []string{"ann"}},
		"line break":         {Name: "x", Query: "port", Mail: []string{"ann@example.org\nBcc: x@y.example"}},
		"one address":        {Name: "x", Query: "port", Mail: []string{"a@b.example, c@d.example"}},
		"http://":            {Name: "x", Query: "port", Hooks: []store.Hook{{URL: "ftp://a.example/"}}},
		"names no server":    {Name: "x", Query: "port", Hooks: []store.Hook{{URL: "https:///x"}}},
		"schedule":           {Name: "x", Query: "port", Schedule: "daily"},
		"time zone":          {Name: "x", Query: "port", TimeZone: "Asia/Yakarta"},
		"are no threshold":   {Name: "x", Query: "port", Outlets: []int{1}},
		"it cannot be read":  {Name: "x", Query: "port", Hooks: []store.Hook{{URL: "https://a.example/\x01"}}},
		"it has no @\n\"ftp": {Name: "x", Query: "port", Mail: []string{"ann"}, Hooks: []store.Hook{{URL: "ftp://a.example/"}}},
	} {
		first, second, _ := strings.Cut(want, "\n")
		if err := check.Check(&w); !errors.Is(err, news.ErrInvalid) || !strings.Contains(fmt.Sprint(err), first) || !strings.Contains(fmt.Sprint(err), second) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
