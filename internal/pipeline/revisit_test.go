package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// newsroom is a desk with a paper of one article that a watch was told of.
type newsroom struct {
	*desk
	paper     *paper
	refresher *pipeline.Refresher
	watcher   *pipeline.Watcher
	watch     store.Watch
	told      time.Time
}

const ferryPath = "/2026/05/01/the-ferry-sails-again"

func newNewsroom(t *testing.T, policy news.FullText, path, said string, first http.HandlerFunc) *newsroom {
	t.Helper()
	n := &newsroom{desk: newDesk(t), paper: newPaper(t)}
	n.paper.title = "The ferry sails again"
	n.paper.said = map[string]string{path: said}
	n.paper.add(path, first)
	n.refresher, n.watcher = n.desk.refresher(10), n.desk.watcher()
	n.watch = n.addWatch(store.Watch{Name: "Ferries", Query: "ferry", Corrections: true})
	n.mustPoll(n.refresher, news.Feed{URL: n.paper.URL + "/feed", FullText: policy})
	n.look(n.watcher)
	n.told = n.clock
	n.wantAlerts("at first", n.watch, "story.new: The ferry sails again: a new story")
	n.paper.asked = nil
	return n
}

// visit asks for what is to be asked for again at a time after the story was told,
// and returns how often that was.
func (n *newsroom) visit(after time.Duration) (asked int) {
	n.t.Helper()
	n.clock = n.told.Add(after)
	before := len(n.paper.asked)
	for {
		claimed, err := n.db.ClaimRevisits(n.t.Context(), 10, pipeline.RevisitLease)
		if err != nil {
			n.t.Fatal(err)
		}
		for _, v := range claimed {
			if _, err := n.refresher.Revisit(n.t.Context(), v); err != nil {
				n.t.Fatal(err)
			}
		}
		if len(claimed) == 0 {
			n.look(n.watcher)
			return len(n.paper.asked) - before
		}
	}
}

// newest are the reasons of the watch's newest alert, and how many there are.
func (n *newsroom) newest() (string, int) {
	all := n.alerts(n.watch)
	_, reasons, _ := strings.Cut(all[len(all)-1], ": The ferry sails again: ")
	return reasons, len(all)
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, http.StatusText(code), code) }
}

func corrected(paragraphs []string) []string {
	all := slices.Clone(paragraphs)
	all[2] = strings.Replace(all[2], "The ", "The former ", 1)
	return all
}

// restless is a page around whose article all moves.
func restless(paragraphs ...string) http.HandlerFunc {
	visits := 0
	return func(w http.ResponseWriter, r *http.Request) {
		visits++
		around := slices.Concat([]string{fmt.Sprintf("Updated %d minutes ago", 5*visits)}, paragraphs, []string{
			fmt.Sprintf("So far %d people have read this article on our pages today.", 1000+visits),
			fmt.Sprintf("%d comments", 3*visits)})
		page(fmt.Sprintf("<!-- %d -->", visits), around...)(w, r)
	}
}

// TestRevisit lets days pass after a story was told.
func TestRevisit(t *testing.T) {
	text := paragraphs(1)
	good, fixed := page("", text...), page("", corrected(text)...)
	const change = "127.0.0.1 changed the text: 0 words out, 1 word in"
	const gone = "the page at 127.0.0.1 was taken down (410 Gone: taken down for good)"
	const notFound = "the page at 127.0.0.1 was taken down (404 Not Found, twice)"
	const back = "the page at 127.0.0.1 is there again"
	whole := "<p>" + strings.Join(text, "</p><p>") + "</p>"
	home := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }
	type call struct {
		after time.Duration
		page  http.HandlerFunc
		told  string // the reasons of a new alert
	}
	const hour, day = time.Hour, 24 * time.Hour
	for name, tt := range map[string]struct {
		policy     news.FullText
		said, path string
		first      http.HandlerFunc
		calls      []call
	}{
		"taken down":                         {calls: []call{{hour, status(410), gone}, {6 * hour, status(410), ""}, {day, status(404), ""}}},
		"taken down by law":                  {calls: []call{{hour, status(451), "the page at 127.0.0.1 was taken down (451 Unavailable For Legal Reasons)"}}},
		"taken down and put back":            {calls: []call{{hour, status(410), gone}, {6 * hour, good, back}, {day, status(410), gone}}},
		"not found at two visits":            {calls: []call{{hour, status(404), ""}, {7 * hour, status(404), notFound}, {day, good, back}}},
		"not found at one":                   {calls: []call{{hour, status(404), ""}, {7 * hour, good, ""}, {day, status(404), ""}, {day + 6*hour, good, ""}}},
		"not found, not answered, not found": {calls: []call{{hour, status(404), ""}, {7 * hour, status(500), ""}, {day, status(404), notFound}}},
		"not found at the last visit":        {calls: []call{{7 * day, status(404), ""}, {7*day + 6*hour, status(404), notFound}}},
		"broken":                             {calls: []call{{hour, status(500), ""}, {6 * hour, status(503), ""}, {day, status(500), ""}, {3 * day, status(500), ""}}},
		"forbidden":                          {calls: []call{{hour, status(403), ""}, {6 * hour, status(403), ""}}},
		"led to the front page":              {calls: []call{{hour, home, ""}, {6 * hour, home, ""}, {day, good, ""}}},
		"down, then led to the front page":   {calls: []call{{hour, status(410), gone}, {6 * hour, home, ""}}},
		"down, then another text":            {calls: []call{{hour, status(410), gone}, {6 * hour, page("", paragraphs(9)...), ""}, {day, good, back}}},
		"down, then no article":              {calls: []call{{hour, status(410), gone}, {6 * hour, raw("text/html", "<p>Not here."), ""}, {day, good, back}}},
		"corrected":                          {calls: []call{{hour, fixed, ""}, {hour + 15*time.Minute, fixed, change}, {6 * hour, fixed, ""}, {day, fixed, ""}}},
		"corrected and taken back":           {calls: []call{{hour, fixed, ""}, {hour + 15*time.Minute, good, ""}, {6 * hour, good, ""}}},
		"corrected later":                    {calls: []call{{hour, good, ""}, {6 * hour, good, ""}, {day, fixed, ""}, {day + 15*time.Minute, fixed, change}}},
		"all moves but the article":          {first: restless(text...), calls: []call{{hour, nil, ""}, {hour + 15*time.Minute, nil, ""}, {6 * hour, nil, ""}, {6*hour + 15*time.Minute, nil, ""}}},
		"all moves, and a correction":        {first: restless(text...), calls: []call{{hour, restless(corrected(text)...), ""}, {hour + 15*time.Minute, nil, "127.0.0.1 changed the text: 1 word out, 2 words in"}}},
		"a wall":                             {calls: []call{{hour, page("", text[0][:100]+"…", "Already a subscriber? Log in to read."), ""}, {hour + 15*time.Minute, nil, ""}, {6 * hour, good, ""}}},
		"no wall any more":                   {first: page("", text[0][:100]+"…", "Already a subscriber? Log in to read."), calls: []call{{hour, good, ""}, {hour + 15*time.Minute, good, ""}, {6 * hour, fixed, ""}, {6*hour + 15*time.Minute, fixed, change}}},
		"another article":                    {calls: []call{{hour, page("", paragraphs(9)...), ""}, {hour + 15*time.Minute, nil, ""}, {6 * hour, nil, ""}}},
		"text of the feed, the page is longer": {said: "<p>" + text[0] + "</p><p>" + text[1] + "</p><p>" + text[2] + "</p><p>" + text[3] + "</p>", policy: news.FullTextShort,
			calls: []call{{hour, good, ""}, {6 * hour, fixed, ""}, {6*hour + 15*time.Minute, fixed, change}}},
		"text of the feed, the page is shorter": {said: whole, policy: news.FullTextShort, calls: []call{{hour, page("", text[:4]...), ""}, {6 * hour, page("", text[1:4]...), ""}, {day, status(410), gone}}},
		"no full text wanted":                   {policy: news.FullTextNever, calls: []call{{hour, good, ""}, {6 * hour, fixed, ""}, {6*hour + 15*time.Minute, fixed, ""}, {day, status(410), gone}}},
		"a live page":                           {path: "/live/2026/05/01/the-ferry-sails-again", calls: []call{{hour, good, ""}, {6 * hour, fixed, ""}, {6*hour + 15*time.Minute, fixed, ""}, {day, status(410), gone}, {3 * day, fixed, back}}},
		"a page that is live by its name":       {path: "/2026/the-ferry-live-as-it-sails", calls: []call{{hour, good, ""}, {6 * hour, fixed, ""}, {6*hour + 15*time.Minute, fixed, ""}}},
		"a short name":                          {path: "/news/ferry", calls: []call{{hour, fixed, ""}, {hour + 15*time.Minute, fixed, change}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, first := tt.path, tt.first
			if path == "" {
				path = ferryPath
			}
			if first == nil {
				first = good
			}
			n := newNewsroom(t, tt.policy, path, tt.said, first)
			alerts := 1
			for _, c := range tt.calls {
				if c.page != nil {
					n.paper.pages[path] = c.page
				}
				n.visit(c.after)
				if c.told != "" {
					alerts++
				}
				if reasons, count := n.newest(); count != alerts || c.told != "" && reasons != c.told {
					t.Errorf("%v after: %d alerts, the newest for %q; want %d, for %q", c.after, count, reasons, alerts, c.told)
					alerts = count
				}
			}
		})
	}
}

// TestRevisitedEdition sees to it that an edition that only the page has is kept as
// one, that the feed's next poll changes nothing, and what is known of a page that was
// taken down.
func TestRevisitedEdition(t *testing.T) {
	text := paragraphs(1)
	said := "<p>" + strings.Join(text[:4], "</p><p>") + "</p>"
	n := newNewsroom(t, news.FullTextShort, ferryPath, said, page("", text...))
	n.visit(time.Hour)
	if a := n.article(1); a.Version != 1 || a.Page != "" || strings.Contains(a.Text(), text[4]) {
		t.Fatalf("the page that was read to compare became the article: version %d, page %q\n%s", a.Version, a.Page, a.Text())
	}
	n.paper.pages[ferryPath] = page("", corrected(text)...)
	n.visit(6 * time.Hour)
	n.visit(7 * time.Hour)
	all, err := pipeline.Versions(t.Context(), n.db, 1)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d versions, %v; want 2", len(all), err)
	}
	if before, now := all[0].Text, all[1].Text; !strings.Contains(before, text[2]) || !strings.Contains(before, text[4]) || !strings.Contains(now, corrected(text)[2]) {
		t.Errorf("versions:\n%s\n\n%s", before, now)
	}
	if done, _ := n.mustPoll(n.refresher, news.Feed{URL: n.paper.URL + "/feed"}); done.Changed != 0 {
		t.Error("the feed's next poll changed the article")
	}
	n.paper.said[ferryPath] = strings.Replace(said, "The ", "That ", 1)
	if n.mustPoll(n.refresher, news.Feed{URL: n.paper.URL + "/feed"}); !strings.HasPrefix(n.article(1).Text(), "That ") || n.article(1).Version != 3 {
		t.Errorf("the feed's newer text is not the article's: version %d\n%s", n.article(1).Version, n.article(1).Text())
	}
	n.look(n.watcher)
	n.paper.pages[ferryPath] = status(410)
	n.visit(24 * time.Hour)
	a := n.article(1)
	if !a.TakenDown.Since.Equal(n.told.Add(24*time.Hour)) || !strings.Contains(a.TakenDown.Why, "410") || !strings.HasPrefix(a.Text(), "That ") {
		t.Errorf("taken down %v (%s)\n%s", a.TakenDown.Since, a.TakenDown.Why, a.Text())
	}
	rehearsal, err := n.watcher.Rehearse(t.Context(), n.watch, n.told.Add(-time.Hour), nil)
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, m := range rehearsal.Sent {
		for _, alert := range m.Alerts {
			reasons = append(reasons, alert.Reasons...)
		}
	}
	if got := strings.Join(reasons, "; "); !strings.Contains(got, "0 words out, 1 word in") || !strings.HasSuffix(got, "was taken down (410 Gone: taken down for good)") {
		t.Errorf("a rehearsal says %q", got)
	}
}

// TestRevisitsEnd counts how often a page is asked for that never changes.
func TestRevisitsEnd(t *testing.T) {
	n := newNewsroom(t, "", ferryPath, "", page("", paragraphs(1)...))
	var at []time.Duration
	for after := time.Duration(0); after < 30*24*time.Hour; after += 30 * time.Minute {
		if n.visit(after) > 0 {
			at = append(at, after)
		}
	}
	want := []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour, 168 * time.Hour}
	if !slices.Equal(at, want) || len(n.paper.asked) != len(want) {
		t.Errorf("asked after %v, want %v", at, want)
	}
	n.publish("b.example", "The ferry sails again", paragraphs(1)...)
	if n.look(n.watcher); n.visit(31*24*time.Hour) > 0 {
		t.Error("asked for once more when a copy came")
	}
}

// TestRevisitIsConditional has a server whose page has an ETag: what it says did not
// change is not read again.
func TestRevisitIsConditional(t *testing.T) {
	text, etag, sent := paragraphs(1), `"1"`, 0
	n := newNewsroom(t, "", ferryPath, "", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		sent++
		page("", text...)(w, r)
	})
	n.visit(time.Hour)
	n.visit(6 * time.Hour)
	if sent != 2 || len(n.paper.asked) != 2 {
		t.Errorf("sent %d times, asked for %d; want 2, one when it was new, and 2", sent, len(n.paper.asked))
	}
	text, etag = corrected(text), `"2"`
	n.visit(24 * time.Hour)
	n.visit(25 * time.Hour)
	if reasons, count := n.newest(); count != 2 || !strings.Contains(reasons, "1 word in") || sent != 3 {
		t.Errorf("%d alerts, the newest for %q; sent %d times", count, reasons, sent)
	}
}

// TestRevisitMindsRobots has robots.txt forbid the page.
func TestRevisitMindsRobots(t *testing.T) {
	d, p := newDesk(t), newPaper(t)
	p.robots = "User-agent: *\nDisallow: /2026/"
	p.title = "The ferry sails again"
	p.add(ferryPath, status(410))
	n := &newsroom{desk: d, paper: p, refresher: d.refresher(10), watcher: d.watcher()}
	n.watch = d.addWatch(store.Watch{Name: "Ferries", Query: "ferry", Corrections: true})
	n.mustPoll(n.refresher, news.Feed{URL: p.URL + "/feed"})
	n.look(n.watcher)
	n.told = n.clock
	for _, after := range []time.Duration{1, 6, 24, 72, 168, 200} {
		n.visit(after * time.Hour)
	}
	if _, count := n.newest(); count != 1 || len(p.asked) != 0 {
		t.Errorf("%d alerts, asked for %v", count, p.asked)
	}
}

// TestRevisitAfterARestart ends in the middle of a visit.
func TestRevisitAfterARestart(t *testing.T) {
	n := newNewsroom(t, "", ferryPath, "", page("", paragraphs(1)...))
	ctx, stop := context.WithCancel(t.Context())
	n.paper.pages[ferryPath] = func(http.ResponseWriter, *http.Request) { stop() }
	n.clock = n.told.Add(time.Hour)
	claimed, err := n.db.ClaimRevisits(ctx, 10, pipeline.RevisitLease)
	if err != nil || len(claimed) != 1 {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	if _, err := n.refresher.Revisit(ctx, claimed[0]); err == nil {
		t.Fatal("the visit ended well, though it was stopped")
	}
	n.paper.pages[ferryPath] = status(410)
	n.refresher = n.desk.refresher(10)
	if n.visit(time.Hour+time.Minute) > 0 {
		t.Error("asked for beside who may be asking")
	}
	n.visit(time.Hour + pipeline.RevisitLease)
	if reasons, count := n.newest(); count != 2 || !strings.Contains(reasons, "taken down") {
		t.Errorf("%d alerts, the newest for %q", count, reasons)
	}
	if ok, err := n.db.SaveRevisit(t.Context(), claimed[0], store.Visited{}); err != nil || ok {
		t.Errorf("who came late saved what it found: %v", err)
	}
}

// TestRevisitsAreFew has a story of many copies.
func TestRevisitsAreFew(t *testing.T) {
	d := newDesk(t)
	w := d.watcher()
	d.addWatch(store.Watch{Name: "All", Query: "NOT zebra"})
	for i := range 9 {
		d.publish(fmt.Sprintf("o%d.example", i/2), "The ferry", paragraphs(1)...)
	}
	claim := func() (ids []news.ArticleID) {
		for {
			claimed, err := d.db.ClaimRevisits(t.Context(), 10, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			if len(claimed) == 0 {
				return ids
			}
			for _, v := range claimed {
				ids = append(ids, v.ID)
			}
		}
	}
	d.look(w)
	d.clock = d.clock.Add(2 * time.Hour)
	if got := claim(); got != nil {
		t.Errorf("%v are asked for again, though no watch is told corrections", got)
	}
	d.addWatch(store.Watch{Name: "Corrections", Query: "NOT zebra", Corrections: true})
	d.publish("o9.example", "The ferry", paragraphs(1)...)
	d.look(w)
	d.clock = d.clock.Add(2 * time.Hour)
	if got, want := claim(), []news.ArticleID{1, 3, 5, 7, 9}; !slices.Equal(got, want) {
		t.Errorf("%v are asked for again, want %v", got, want)
	}
}

// TestTakenDownWhenItsItemChanged has the page gone when it is fetched for the text of
// a new edition.
func TestTakenDownWhenItsItemChanged(t *testing.T) {
	n := newNewsroom(t, "", ferryPath, "", page("", paragraphs(1)...))
	n.paper.said[ferryPath] = strings.Replace(summary, "two islands", "three islands", 1)
	n.paper.pages[ferryPath] = status(410)
	n.mustPoll(n.refresher, news.Feed{URL: n.paper.URL + "/feed"})
	n.look(n.watcher)
	reasons, _ := n.newest()
	if want := "127.0.0.1 changed the text: 1 word out, 1 word in; the page at 127.0.0.1 was taken down (410 Gone: taken down for good)"; reasons != want {
		t.Errorf("told for %q, want %q", reasons, want)
	}
	if a := n.article(1); a.Page != news.PageFull {
		t.Errorf("the article lost its text: page %q", a.Page)
	}
}
