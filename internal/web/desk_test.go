package web_test

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
	"kliping/internal/web"
)

// desk is a store and an index, filled by the pipeline, and the pages over them.
type desk struct {
	t        *testing.T
	db       *store.DB
	ix       *index.Index
	preparer *pipeline.Preparer
	grouper  *pipeline.Grouper
	clock    time.Time
	log      bytes.Buffer
	pages    http.Handler
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, clock: time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC)}
	now := func() time.Time { return d.clock }
	log := slog.New(slog.NewTextHandler(&d.log, nil))
	var err error
	if d.db, err = store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "kliping.db"), Now: now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.db.Close() })
	if d.ix, err = pipeline.NewIndex(filepath.Join(t.TempDir(), "index"), d.db); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.ix.Close() })
	if d.preparer, err = pipeline.NewPreparer(); err != nil {
		t.Fatal(err)
	}
	d.grouper = pipeline.NewGrouper(d.db, d.preparer, pipeline.GroupOptions{Now: now})
	d.pages, err = web.New(web.Options{DB: d.db, Index: d.ix, Log: log, Version: "1.2.3", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// publish saves one article of an outlet, made of paragraphs of plain text, a
// minute after the one before.
func (d *desk) publish(outlet, title string, paragraphs ...string) news.ArticleID {
	d.t.Helper()
	var b strings.Builder
	for _, p := range paragraphs {
		fmt.Fprintf(&b, "<p>%s</p>", html.EscapeString(p))
	}
	d.clock = d.clock.Add(time.Minute)
	link := fmt.Sprintf("https://%s/%d", outlet, d.clock.Unix())
	return d.save(news.Feed{}, news.Item{GUID: link, Link: link, Title: title, HTML: b.String(), Published: d.clock})
}

func (d *desk) save(feed news.Feed, item news.Item) news.ArticleID {
	d.t.Helper()
	saved, err := d.db.SaveArticles(d.t.Context(), []store.Incoming{d.preparer.Prepare(feed, item, d.clock)})
	if err != nil {
		d.t.Fatal(err)
	}
	return saved.IDs[0]
}

// settle groups and indexes all that was published.
func (d *desk) settle() {
	d.t.Helper()
	if err := d.grouper.GroupAll(d.t.Context(), nil); err != nil {
		d.t.Fatal(err)
	}
	follower := &pipeline.Follower{DB: d.db, Index: d.ix}
	if err := follower.FollowAll(d.t.Context(), nil); err != nil {
		d.t.Fatal(err)
	}
}

// storyOf is the story that an article is in.
func (d *desk) storyOf(id news.ArticleID) news.StoryID {
	d.t.Helper()
	a, err := d.db.Article(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return a.Story
}

// addFeed adds a feed whose last poll ended as told.
func (d *desk) addFeed(f news.Feed, outcome news.Outcome, why string) {
	d.t.Helper()
	f, err := d.db.AddFeed(d.t.Context(), f)
	if err != nil {
		d.t.Fatal(err)
	}
	leases, err := d.db.Claim(d.t.Context(), store.Claim{Limit: 1, Lease: time.Minute, Only: []news.FeedID{f.ID}})
	if err != nil || len(leases) != 1 {
		d.t.Fatalf("claimed %d feeds: %v", len(leases), err)
	}
	if _, err := d.db.SaveRefresh(d.t.Context(), store.Refresh{Lease: leases[0], Outcome: outcome, Err: why, Plan: func(int) store.Plan { return store.Plan{NextDue: d.clock.Add(time.Hour)} }}); err != nil {
		d.t.Fatal(err)
	}
}

// ask sends a request and wants a status.
func (d *desk) ask(method, path string, status int) *httptest.ResponseRecorder {
	d.t.Helper()
	w := httptest.NewRecorder()
	d.pages.ServeHTTP(w, httptest.NewRequestWithContext(d.t.Context(), method, path, nil))
	if w.Code != status {
		d.t.Errorf("%s %s: status %d, want %d; log: %s", method, path, w.Code, status, d.log.String())
	}
	return w
}

// page gets a page and parses it.
func (d *desk) page(path string, status int) element {
	d.t.Helper()
	return parsePage(d.t, d.ask(http.MethodGet, path, status).Body)
}

func (d *desk) get(path string) element {
	d.t.Helper()
	return d.page(path, http.StatusOK)
}

func storyPath(id news.StoryID) string { return fmt.Sprintf("/story/%d", id) }

func articlePath(id news.ArticleID) string { return fmt.Sprintf("/article/%d", id) }

// The texts that are published: an English one and an Arabic one, about nothing
// that ever happened.
var (
	dam = []string{
		"Engineers lowered the water behind the Pellworth dam by two metres on Friday after a crack was found in its eastern wall.",
		"Mayor Ilse Tarrant said 340 families below the dam had been asked to sleep elsewhere until the wall was surveyed.",
		"The dam was finished in 1958 and holds 19 million tonnes of water, most of it for the farms of the lower valley.",
		"A survey four years ago had counted eleven cracks, none of them longer than a hand, and asked for a new drain.",
	}
	wells = []string{
		"حفر مزارعون في وادي السدر سبع آبار جديدة هذا الشهر بعد ثلاث سنوات من الجفاف الشديد في المنطقة.",
		"وقالت المهندسة هدى العامري إن الماء وجد على عمق تسعين مترا تحت طبقة من الصخور الصلبة.",
		"وتخطط البلدية لمد أنابيب إلى أربع قرى قبل نهاية الصيف المقبل بحسب بيان صدر يوم الخميس.",
	}
)

// plea is a line that is no part of any article.
const plea = "Subscribe to our free newsletter"

// publishDam publishes one story by three outlets: the second adds a plea, the
// third cuts it short.
func (d *desk) publishDam() (first, soiled, cut news.ArticleID) {
	d.t.Helper()
	first = d.publish("first.example", "Dam at Pellworth lowered after crack", dam...)
	soiled = d.publish("second.example", "Families leave homes below dam", append(append([]string{}, dam...), plea)...)
	cut = d.publish("third.example", "Cracked dam", dam[:3]...)
	d.settle()
	return first, soiled, cut
}

// group runs f in one transaction of grouping.
func (d *desk) group(f func(context.Context, *store.Grouping) error) {
	d.t.Helper()
	if err := d.db.Group(d.t.Context(), f); err != nil {
		d.t.Fatal(err)
	}
}
