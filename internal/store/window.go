package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"kliping/internal/news"
)

// Span chooses the articles of a window of time.
type Span struct {
	Since, Until time.Time // Since counts, Until does not; zero is no bound
	Before       time.Time // what came earlier was told before; zero: Since
	ByPublished  bool      // date articles by their credible time instead of their arrival

	// Match, if it is not nil, says of which stories the window is, by all that they
	// have now.
	Match func(*StoryDetail) bool
}

// Window is what a digest is made from: one state of the store.
type Window struct {
	Change   news.Change // the last change number given out
	Stories  []WindowStory
	Feeds    int // that were read since the window began, or tried
	Failed   int // those of them whose last poll failed
	Revised  int // articles that their outlets changed within the window
	Changed  []Revision
	Articles map[news.ArticleID]*news.Article // those that were asked for
}

// WindowStory is a story that articles of the window belong to. Later articles do
// not count: it is what it was when the window ended, though its members are
// those that it has now.
type WindowStory struct {
	news.Story            // without its title
	Before     news.Story // what it was before Span.Before; the zero Story if it was not yet
	In         []Dated    // its articles of the window, in order of time
	Carriers   []Dated    // each outlet's first article, in order of credible time
}

// Dated is an article with what a window tells of it.
type Dated struct {
	ID       news.ArticleID
	Outlet   string
	Language string
	At       time.Time
}

// Revision is what an outlet changed in an article within the window, all its
// changes taken together.
type Revision struct {
	Article news.ArticleID
	Story   news.StoryID
	Outlet  string
	At      time.Time // of the last change
	Was, Is string    // the headlines, as received
	Text    bool      // something besides the headline is other than it was
}

// revisionsRead is how many changed articles a window is read with, the last
// changed first: two compressed items are read of each.
const revisionsRead = 500

// ReadWindow reads the articles of a window by their stories, without texts, so
// that ten thousand stories cost a scan of an index. choose is called once and
// names the articles to be read whole, in the same state of the store.
func (db *DB) ReadWindow(ctx context.Context, span Span, choose func(*Window) []news.ArticleID) (*Window, error) {
	if span.Before.IsZero() {
		span.Before = span.Since
	}
	w := &Window{}
	err := db.read(ctx, "read a window of stories", func(c *conn) error {
		_, err := c.row(ctx, []any{&w.Change}, "SELECT value FROM counters WHERE name = 'change'")
		if err != nil {
			return err
		}
		if _, err = c.row(ctx, []any{&w.Feeds, &w.Failed}, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN failures > 0 THEN 1 ELSE 0 END), 0)
			FROM feeds WHERE last_poll > 0 AND last_poll >= ?`, millis(span.Since)); err != nil {
			return err
		}
		if err := c.windowStories(ctx, span, w); err != nil {
			return err
		}
		changed, err := c.changed(ctx, span)
		if err != nil {
			return err
		}
		if span.Match != nil {
			matching, err := c.matching(ctx, span.Match, w, changed)
			if err != nil {
				return err
			}
			w.Stories = slices.DeleteFunc(w.Stories, func(s WindowStory) bool { return !matching[s.ID] })
			changed = slices.DeleteFunc(changed, func(r revised) bool { return !matching[r.Story] })
		}
		if err := c.revisions(ctx, changed, w); err != nil {
			return err
		}
		return c.chosen(ctx, w, choose(w))
	})
	return w, err
}

func (c *conn) chosen(ctx context.Context, w *Window, ids []news.ArticleID) error {
	w.Articles = make(map[news.ArticleID]*news.Article, len(ids))
	if len(ids) == 0 {
		return nil
	}
	all, err := c.articles(ctx, c.among("a.id")+" ORDER BY a.id", c.list(ids))
	for i := range all {
		w.Articles[all[i].ID] = &all[i]
	}
	return err
}

// futureMillis is how much later than it arrives an article may be dated.
const futureMillis = int64(time.Hour / time.Millisecond)

// query is the members of every story that can have articles of the window.
func (s *Span) query() (string, []any) {
	which, args := "copies > 0", []any{}
	if !s.Since.IsZero() {
		since := millis(s.Since)
		if s.ByPublished {
			since -= futureMillis
		}
		which, args = which+" AND last_arrived >= ?", append(args, since)
	}
	if !s.Until.IsZero() {
		first := "first_arrived"
		if s.ByPublished {
			first = "first_published"
		}
		which, args = which+" AND "+first+" < ?", append(args, millis(s.Until))
	}
	return `SELECT story, dated, id, outlet, language, arrived, text_of, source, agency FROM articles
		WHERE story IN (SELECT id FROM stories WHERE ` + which + ") ORDER BY story, dated, id", args
}

func (c *conn) windowStories(ctx context.Context, span Span, w *Window) error {
	var members []member // of one story
	end := func() {
		if s, ok := span.story(members); ok {
			w.Stories = append(w.Stories, s)
		}
		members = members[:0]
	}
	names := map[string]string{} // a store has few outlets and languages, and many articles
	one := func(s string) string {
		if have, ok := names[s]; ok {
			return have
		}
		names[s] = s
		return s
	}
	query, args := span.query()
	_, err := rows(ctx, c, func(r *sql.Rows) (none struct{}, err error) {
		var m member
		if err := r.Scan(&m.story, &m.dated, &m.id, &m.outlet, &m.language, &m.arrived, &m.textOf, &m.source, &m.agency); err != nil {
			return none, err
		}
		m.outlet, m.language = one(m.outlet), one(m.language)
		if len(members) > 0 && members[0].story != m.story {
			end()
		}
		members = append(members, m)
		return none, nil
	}, query, args...)
	end()
	return err
}

// at is when a member counts.
func (s *Span) at(m *member) int64 {
	if s.ByPublished {
		return m.dated
	}
	return m.arrived
}

// story tells of a story by its members in order of credible time, unless none is
// of the window.
func (s *Span) story(members []member) (w WindowStory, ok bool) {
	since, until, before := millis(s.Since), millis(s.Until), millis(s.Before)
	var then, now []member
	for i := range members {
		m := &members[i]
		at := s.at(m)
		if until != 0 && at >= until {
			continue
		}
		now = append(now, *m)
		if at < before {
			then = append(then, *m)
		}
		if at >= since {
			w.In = append(w.In, s.dated(m))
		}
	}
	if len(w.In) == 0 {
		return w, false
	}
	w.Story = rowStory(summed(now))
	if len(then) > 0 {
		w.Before = rowStory(summed(then))
	}
	seen := map[string]bool{}
	for i := range now {
		if m := &now[i]; !seen[m.outlet] {
			seen[m.outlet] = true
			w.Carriers = append(w.Carriers, s.dated(m))
		}
	}
	slices.SortFunc(w.In, func(a, b Dated) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return w, true
}

func (s *Span) dated(m *member) Dated {
	return Dated{ID: m.id, Outlet: m.outlet, Language: m.language, At: moment(s.at(m))}
}

func rowStory(r *storyRow) news.Story {
	return news.Story{
		ID: news.StoryID(r.id), Lead: news.ArticleID(r.lead), Copies: r.copies, Texts: r.texts, Outlets: r.outlets, Languages: r.languages,
		FirstOutlet: r.outlet, FirstPublished: moment(r.published), FirstArrived: moment(r.firstArrived), LastArrived: moment(r.lastArrived),
	}
}

// matchBatch is how many stories are read whole at once: they are many, and have
// their texts.
const matchBatch = 200

// matching are the stories that match, of those of the window and of what was changed.
func (c *conn) matching(ctx context.Context, match func(*StoryDetail) bool, w *Window, changed []revised) (map[news.StoryID]bool, error) {
	var ids []news.StoryID
	for i := range w.Stories {
		ids = append(ids, w.Stories[i].ID)
	}
	for i := range changed {
		ids = append(ids, changed[i].Story)
	}
	slices.Sort(ids)
	matching := map[news.StoryID]bool{}
	for batch := range slices.Chunk(slices.Compact(ids), matchBatch) {
		stories, err := c.details(ctx, batch)
		if err != nil {
			return nil, err
		}
		for i := range stories {
			matching[stories[i].ID] = match(&stories[i])
		}
	}
	return matching, nil
}

// changed are the articles that outlets changed within the window.
func (c *conn) changed(ctx context.Context, span Span) ([]revised, error) {
	until := cmp.Or(millis(span.Until), int64(1)<<62)
	return rows(ctx, c, scanRevision, `SELECT v.article, a.story, a.outlet, MAX(v.replaced), MIN(v.version), MAX(v.version) + 1, a.version
		FROM versions v JOIN articles a ON a.id = v.article
		WHERE v.replaced >= ? AND v.replaced < ? AND a.story IS NOT NULL GROUP BY v.article, a.story, a.outlet, a.version`, millis(span.Since), until)
}

// revisions reads what of it was changed.
func (c *conn) revisions(ctx context.Context, all []revised, w *Window) error {
	w.Revised = len(all)
	slices.SortFunc(all, func(a, b revised) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Article, b.Article)) })
	for _, r := range all[:min(len(all), revisionsRead)] {
		was, err := c.edition(ctx, r.Article, r.from, r.present)
		if err != nil {
			return err
		}
		is, err := c.edition(ctx, r.Article, r.to, r.present)
		if err != nil {
			return err
		}
		r.Was, r.Is, r.Text = was.Title, is.Title, was.HTML != is.HTML || rewritten(was.Page, is.Page)
		if r.Text || r.Was != r.Is { // else it was changed back
			w.Changed = append(w.Changed, r.Revision)
		}
	}
	return nil
}

// rewritten reports whether an article has another text on its page: of two editions of
// one item, that is what made the second.
func rewritten(was, is *news.Page) bool {
	return was != nil && is != nil && was.State == news.PageFull && is.State == news.PageFull && was.HTML != is.HTML
}

// revised is a revision with the numbers of its versions.
type revised struct {
	Revision
	from, to, present int
}

func scanRevision(r *sql.Rows) (v revised, err error) {
	var at int64
	err = r.Scan(&v.Article, &v.Story, &v.Outlet, &at, &v.from, &v.to, &v.present)
	v.At = moment(at)
	return v, err
}

// edition reads one version of an article as received.
func (c *conn) edition(ctx context.Context, id news.ArticleID, version, present int) (it news.Item, err error) {
	query, args := "SELECT item FROM versions WHERE article = ? AND version = ?", []any{id, version}
	if version >= present {
		query, args = "SELECT item FROM texts WHERE article = ?", []any{id}
	}
	var data []byte
	ok, err := c.row(ctx, []any{&data}, query, args...)
	if err == nil && !ok {
		err = news.ErrNotFound
	}
	if err != nil {
		return it, err
	}
	return it, c.db.codec.unpack(data, &it, "an item", id)
}
