package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kliping/internal/news"
)

// contract is what a store promises on every database.
var contract = map[string]func(*testing.T, *world){
	"feeds are kept and found":                      testFeeds,
	"a feed is updated and removed":                 testUpdateFeed,
	"what a server asks outlives what people do":    testHeld,
	"claims give due feeds, longest due first":      testClaimOrder,
	"times of a wrong clock are forgotten":          testWrongClock,
	"a lease runs out":                              testLeaseRunsOut,
	"claimers never get the same feed":              testClaimersNeverShare,
	"a stale epoch is fenced":                       testFencing,
	"a domain is asked by one at a time":            testDomains,
	"feeds and pages take turns":                    testTurns,
	"a retired feed is left alone, and revived":     testRetired,
	"a poll is recorded":                            testPollRecorded,
	"articles are known again":                      testIdentity,
	"two feeds of an outlet bring an article once":  testTwoFeedsAtOnce,
	"a feed that uses a guid twice":                 testGUIDTwice,
	"a feed that has one guid for all":              testOneGUID,
	"a feed that has one guid for all and no link":  testOneGUIDNoLinks,
	"a live page, its posts without guids":          testLivePage,
	"a feed that makes new guids":                   testNewGUIDs,
	"what strangers write is kept":                  testHostileText,
	"a changed article is a new version":            testVersions,
	"what waits to be grouped":                      testPending,
	"a failed grouping leaves nothing":              testGroupFails,
	"change numbers are in order for every reader":  testChangeOrder,
	"a story is what its members are":               testStoryRow,
	"the lead is the earliest credible":             testLead,
	"a merged story points on":                      testMerge,
	"late members can be read without the earlier":  testChangeBefore,
	"an emptied story is gone, and can come back":   testEmptied,
	"texts are counted apart from copies":           testTexts,
	"the lead among those of one minute":            testLeadOfMinute,
	"a person merges":                               testPersonMerges,
	"a person splits":                               testPersonSplits,
	"a person pins, and takes it back":              testPersonPins,
	"what a person asks for has to be there":        testPersonMistaken,
	"history is told":                               testHistory,
	"residue found late":                            testReclean,
	"templates remember what a person said":         testTemplates,
	"a person judges a block":                       testJudge,
	"a template of outlets in general":              testGeneralTemplates,
	"a story's earliest articles":                   testEarliest,
	"stories are chosen and ordered":                testStories,
	"a slot is taken once":                          testSlots,
	"slots of a clock that was ahead do not count":  testSlotsAhead,
	"a slot given back is taken again":              testGiveBackSlot,
	"messages are sent once, or tried again":        testOutbox,
	"digests are archived":                          testDigests,
	"items are read and articles made again":        testReprocess,
	"the old is pruned":                             testPrune,
	"a second feed heads an article otherwise":      testSecondFeed,
	"a second address of an article":                testAbsorb,
	"articles are brought into another form":        testRenew,
	"an epoch is the store's for ever":              testEpoch,
	"a newer store is refused":                      testNewer,
	"what is not there is not found":                testNotFound,
	"messages are refused, given up and sent again": testOutboxFails,
	"messages are claimed by way":                   testClaimWays,
	"ways are put off":                              testWays,
	"ways of older programs":                        testWaysOfOlderPrograms,
	"watches are kept and found":                    testWatches,
	"digest plans keep their watch":                 testWatchOfPlans,
	"alerts are saved once":                         testWatched,
	"alerts leave together, in a slot once":         testDispatch,
	"what watches were told is found":               testTold,
	"a window of stories is read":                   testWindow,
	"what outlets changed in a window":              testRevisions,
	"digest plans are kept":                         testPlans,
	"drafts are kept and curated":                   testDrafts,
	"a digest is published once":                    testPublish,
	"what people say of outlets is kept":            testOutlets,
	"pages are asked for again":                     testRevisits,
	"who carried what":                              testCarried,
	"stories about one event are linked":            testRelated,
}

func TestContract(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		runContract(t, func(t *testing.T) Options { return Options{Path: filepath.Join(t.TempDir(), "kliping.db")} })
	})
	t.Run("postgres", func(t *testing.T) {
		base := os.Getenv("KLIPING_TEST_POSTGRES")
		if base == "" {
			t.Skip("KLIPING_TEST_POSTGRES names no database")
		}
		runContract(t, func(t *testing.T) Options { return Options{URL: newSchema(t, base)} })
	})
}

func runContract(t *testing.T, place func(*testing.T) Options) {
	for name, f := range contract {
		t.Run(name, func(t *testing.T) {
			w := &world{t: t, clock: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
			w.opt = place(t)
			w.opt.Now = w.now
			w.db = w.open()
			f(t, w)
		})
	}
}

// newSchema makes a schema of its own in the database and returns the URL that
// works in it.
func newSchema(t *testing.T, base string) string {
	t.Helper()
	name := "test_" + strings.ToLower(rand.Text())
	admin, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP SCHEMA " + name + " CASCADE"); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// world is a store, the ways to reach it, and the time in it.
type world struct {
	t   *testing.T
	opt Options
	db  *DB

	mu    sync.Mutex
	clock time.Time
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// open is another node, or another process beside the first.
func (w *world) open() *DB {
	w.t.Helper()
	db, err := Open(w.t.Context(), w.opt)
	w.ok(err)
	w.t.Cleanup(func() { w.ok(db.Close()) })
	return db
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// is wants an error of a kind.
func (w *world) is(err, kind error) {
	w.t.Helper()
	if !errors.Is(err, kind) {
		w.t.Errorf("the error is %v, want %v", err, kind)
	}
}

// sample is an article with the given guid.
func sample(guid string, change ...func(*Incoming)) Incoming {
	in := Incoming{
		Article: news.Article{
			Outlet: "daily.example", GUID: guid, URL: "https://daily.example/" + guid, Title: "On " + guid, Language: "en",
			Published: time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC), Arrived: time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC),
			Blocks: []news.Block{{Kind: news.Paragraph, Text: "Of " + guid + "."}},
		},
		Item:   news.Item{GUID: guid, Title: "On " + guid, HTML: "<p>Of " + guid + ".</p>"},
		Prints: []uint64{1, 1 << 63}, Sketch: []byte("sketch of " + guid),
	}
	for _, f := range change {
		f(&in)
	}
	return in
}

func outlet(name string) func(*Incoming) { return func(in *Incoming) { in.Article.Outlet = name } }
func inLanguage(name string) func(*Incoming) {
	return func(in *Incoming) { in.Article.Language = name }
}
func published(at time.Time) func(*Incoming) { return func(in *Incoming) { in.Article.Published = at } }
func arrived(at time.Time) func(*Incoming)   { return func(in *Incoming) { in.Article.Arrived = at } }
func ofFeed(id news.FeedID) func(*Incoming)  { return func(in *Incoming) { in.Article.Feed = id } }
func withHTML(html string) func(*Incoming)   { return func(in *Incoming) { in.Item.HTML = html } }
func withTitle(title string) func(*Incoming) {
	return func(in *Incoming) { in.Article.Title, in.Item.Title = title, title }
}

// save saves articles and returns their ids.
func (w *world) save(batch ...Incoming) []news.ArticleID {
	w.t.Helper()
	s, err := w.db.SaveArticles(w.t.Context(), batch)
	w.ok(err)
	return s.IDs
}

// group runs f under the grouping lock.
func (w *world) group(f func(ctx context.Context, g *Grouping) error) {
	w.t.Helper()
	w.ok(w.db.Group(w.t.Context(), f))
}

// story puts articles in a new story, the first as its founder.
func (w *world) story(ids ...news.ArticleID) (story news.StoryID) {
	w.t.Helper()
	w.group(func(ctx context.Context, g *Grouping) (err error) {
		if story, err = g.NewStory(ctx); err != nil {
			return err
		}
		for i, id := range ids {
			r := news.Reason{Relation: news.Founder}
			if i > 0 {
				r = news.Reason{Relation: news.Copy, Of: ids[0], Containment: 1}
			}
			if _, err := g.Place(ctx, id, story, r); err != nil {
				return err
			}
		}
		return nil
	})
	return story
}

// feed adds a feed by a short name.
func (w *world) feed(name string) news.Feed {
	w.t.Helper()
	f, err := w.db.AddFeed(w.t.Context(), news.Feed{URL: "https://" + name + ".example/rss", Title: name})
	w.ok(err)
	return f
}

func (w *world) counts() Counts {
	w.t.Helper()
	n, err := w.db.Counts(w.t.Context())
	w.ok(err)
	return n
}

// changes are all stories' changes after a number, without the numbers.
func (w *world) changes(after news.Change) []string {
	w.t.Helper()
	all, err := w.db.Changes(w.t.Context(), after, 1000)
	w.ok(err)
	var lines []string
	for _, c := range all {
		if c.Change <= after {
			w.t.Errorf("change %d comes after %d", c.Change, after)
		}
		after = c.Change
		switch {
		case c.Into != 0:
			lines = append(lines, fmt.Sprintf("%d is in %d", c.Story, c.Into))
		case c.Gone:
			lines = append(lines, fmt.Sprintf("%d is gone", c.Story))
		default:
			lines = append(lines, fmt.Sprintf("%d changed", c.Story))
		}
	}
	return lines
}

// ids names the things of a list.
func ids[T any, ID cmp.Ordered](all []T, id func(T) ID) []ID {
	var found []ID
	for _, one := range all {
		found = append(found, id(one))
	}
	return found
}
