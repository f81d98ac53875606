package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kliping/internal/news"
)

// Incoming is an article as a poll brought it: cleaned, and as received. ID,
// Story and Reason of Article are not looked at; a zero Arrived means now.
type Incoming struct {
	Article news.Article
	Item    news.Item
	Prints  []uint64 // fingerprints of all blocks, residue included
	Sketch  []byte

	// Link is the item's own link, as it will be when the feed is read again, while
	// Article.URL may be what its page says; "" stands for that. Same is the form
	// of it that all addresses of one article at an outlet share; "" for Link.
	Link, Same string

	// Canon is the form of the address that its page gives as its own, "" if it
	// gives none or one that many pages may give. Lone: the form of the item's link
	// is that of one article, not of a page that many items link to.
	Canon string
	Lone  bool

	WantPage bool // its page is to be fetched, once it is saved as new or changed

	// WithPage makes the article again with the page that its earlier edition had,
	// which would be lost otherwise; ok is false if it is better without. nil: never.
	WithPage func(news.Page) (in Incoming, ok bool)
}

// Saved says what became of a batch of articles.
type Saved struct {
	New, Changed, Same int
	IDs                []news.ArticleID // one for each that came, in their order
}

// SaveArticles saves a batch in one transaction, without a lease.
//
// An article is known by its feed and guid if its URL or title is the one it had
// too (some feeds have one guid for all), else by its outlet, URL and title, or
// its outlet, title and text if it has no URL: some feeds make new guids at each
// poll. One that is new is stored, waiting to be grouped. One known by its feed
// whose title or text changed becomes a new version and waits again. The rest
// cost no write: those unchanged, those known from another feed (it may carry a
// shorter form; the two would replace one another for ever), and those that the
// same batch has already.
//
// What another feed of the outlet brings is known by the URL alone, whatever its
// title, if the URL is Lone and nobody has it with several titles.
func (db *DB) SaveArticles(ctx context.Context, batch []Incoming) (Saved, error) {
	var s saver
	if err := db.prepare(ctx, &s, batch); err != nil {
		return Saved{}, err
	}
	err := db.write(ctx, "save articles", func(c *conn) error { return s.save(ctx, c) })
	return s.result(err)
}

// saver saves one batch.
type saver struct {
	batch []incoming
	saved Saved
}

// incoming is one article on its way in.
type incoming struct {
	*Incoming
	link         string
	plain, long  string // Article.GUID, or the link if there is none; and with the link behind it
	nameless     bool   // there is no guid
	twice        bool   // the batch has plain with several links, or titles if nameless
	shared       bool   // the batch has the link with several titles
	kept         bool   // its earlier edition's page was looked for
	urlKey, hash int64

	verdict      verdict
	guid         string // what a fresh article is stored under: plain or long
	guidKey      string
	id           news.ArticleID // the article it is; 0 as long as that is new
	first        int            // the place in the batch of the one it is the same as, if id is 0
	blocks, item []byte         // packed once they are needed
}

type verdict int

const (
	fresh verdict = iota
	changed
	same
)

// prepare does outside of the write transaction what can be done there: finds
// out what is probably new, and packs that.
func (db *DB) prepare(ctx context.Context, s *saver, batch []Incoming) error {
	s.batch = make([]incoming, len(batch))
	now := moment(millis(db.now()))
	for i := range batch {
		in := &s.batch[i]
		in.Incoming = &batch[i]
		if in.Article.Arrived.IsZero() {
			in.Article.Arrived = now
		}
		in.link = in.address()
		in.urlKey, in.hash = urlKey(in.place()), contentHash(&in.Item)
	}
	s.tellApart()
	if len(batch) == 0 {
		return nil
	}
	err := db.read(ctx, "look for articles", func(c *conn) error {
		if err := s.judge(ctx, c); err != nil {
			return err
		}
		return s.keepPages(ctx, c)
	})
	if err != nil {
		return err
	}
	for i := range s.batch {
		if err := s.batch[i].pack(db); err != nil {
			return err
		}
	}
	return nil
}

// pack compresses what has to be written.
func (in *incoming) pack(db *DB) (err error) {
	if in.verdict == same || in.blocks != nil {
		return nil
	}
	if in.blocks, err = db.codec.pack(in.Article.Blocks); err != nil {
		return fmt.Errorf("pack the text of %q: %w", in.Article.Title, err)
	}
	if in.item, err = db.codec.pack(&in.Item); err != nil {
		return fmt.Errorf("pack the item %q: %w", in.Article.Title, err)
	}
	return nil
}

// keepPages gives the changed articles of the batch the pages of their earlier
// editions, so that they keep their full text until the page is fetched again, and
// if that fails.
func (s *saver) keepPages(ctx context.Context, c *conn) error {
	for i := range s.batch {
		in := &s.batch[i]
		if in.verdict != changed || in.kept || in.WithPage == nil || in.Item.Page != nil {
			continue
		}
		in.kept = true
		old, err := c.item(ctx, in.id)
		if err != nil || old.Page == nil || old.Page.State != news.PageFull {
			continue // a damaged item says so when somebody asks for it
		}
		if with, ok := in.WithPage(*old.Page); ok {
			with.Article.Arrived, with.WantPage, with.WithPage = in.Article.Arrived, in.WantPage, nil
			*in.Incoming = with
			in.blocks, in.item = nil, nil
		}
	}
	return ctx.Err()
}

// brought counts what was judged to be new or changed.
func (s *saver) brought() (n int) {
	for i := range s.batch {
		if s.batch[i].verdict != same {
			n++
		}
	}
	return n
}

// save judges again, now that nobody else writes, and writes.
func (s *saver) save(ctx context.Context, c *conn) error {
	s.saved = Saved{}
	if len(s.batch) == 0 {
		return nil
	}
	if err := s.lockOutlets(ctx, c); err != nil {
		return err
	}
	if err := s.judge(ctx, c); err != nil {
		return err
	}
	if err := s.keepPages(ctx, c); err != nil {
		return err
	}
	var added []*incoming
	for i := range s.batch {
		in := &s.batch[i]
		if err := in.pack(c.db); err != nil {
			return err
		}
		switch in.verdict {
		case fresh:
			added = append(added, in)
		case changed:
			s.saved.Changed++
			if err := c.replace(ctx, in); err != nil {
				return err
			}
		case same:
			s.saved.Same++
		}
	}
	for part := range slices.Chunk(added, rowsAtOnce) {
		if err := c.insert(ctx, part); err != nil {
			return err
		}
	}
	s.saved.New = len(added)
	return s.count(ctx, c, added)
}

// lockOutlets keeps two feeds of one outlet from storing an article twice.
func (s *saver) lockOutlets(ctx context.Context, c *conn) error {
	if c.db.dialect.lockOutlets == "" {
		return nil
	}
	outlets := map[string]bool{}
	for i := range s.batch {
		outlets[text(s.batch[i].Article.Outlet)] = true
	}
	_, err := rows(ctx, c, func(*sql.Rows) (struct{}, error) { return struct{}{}, nil },
		c.db.dialect.lockOutlets, slices.Sorted(maps.Keys(outlets)))
	return err
}

// result is what the caller gets, once the transaction has ended with err.
func (s *saver) result(err error) (Saved, error) {
	if err != nil {
		return Saved{}, err
	}
	s.saved.IDs = make([]news.ArticleID, len(s.batch))
	for i := range s.batch {
		s.saved.IDs[i] = s.batch[s.batch[i].first].id
	}
	return s.saved, nil
}

// count keeps the numbers of articles, of all and of each feed.
func (s *saver) count(ctx context.Context, c *conn, added []*incoming) error {
	feeds := map[news.FeedID]int64{}
	for _, in := range added {
		feeds[in.Article.Feed]++
	}
	for _, id := range slices.Sorted(maps.Keys(feeds)) { // everybody in the same order, so that none waits in a circle
		if id == 0 {
			continue
		}
		if _, err := c.exec(ctx, "UPDATE feeds SET articles = articles + ?, last_new = ? WHERE id = ?", feeds[id], millis(c.db.now()), id); err != nil {
			return err
		}
	}
	return c.add(ctx, "articles", int64(len(added)))
}

// rowsAtOnce is how many rows one INSERT brings: more gain nothing.
const rowsAtOnce = 32

const articleInsert = `INSERT INTO articles (feed, guid, guid_key, outlet, url, url_key, page_key, title, author, language, agency, dateline, source, page, page_error, tags,
	published, arrived, dated, hash, page_due, version, pending) VALUES `

// insert stores new articles, waiting to be grouped, and gives them their ids.
func (c *conn) insert(ctx context.Context, part []*incoming) error {
	args := make([]any, 0, 21*len(part))
	place := make(map[article]*incoming, len(part))
	for _, in := range part {
		args = append(args, in.Article.Feed, in.guid, in.guidKey)
		args = append(args, in.columns()...)
		args = append(args, in.hash, c.pageDue(in.Incoming))
		place[article{feed: in.Article.Feed, guidKey: in.guidKey}] = in
	}
	query := articleInsert + repeated("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1)", len(part)) + " RETURNING id, feed, guid_key"
	_, err := rows(ctx, c, func(r *sql.Rows) (id news.ArticleID, err error) {
		var who article
		err = r.Scan(&id, &who.feed, &who.guidKey)
		place[who].id = id
		return id, err
	}, query, args...)
	if err != nil {
		return err
	}
	texts, sketches := make([]any, 0, 3*len(part)), make([]any, 0, 3*len(part))
	for _, in := range part {
		texts = append(texts, in.id, in.blocks, in.item)
		sketches = append(sketches, in.id, in.sketch(), packPrints(in.Prints))
	}
	values := repeated("(?, ?, ?)", len(part))
	if _, err := c.exec(ctx, "INSERT INTO texts (article, blocks, item) VALUES "+values, texts...); err != nil {
		return err
	}
	_, err = c.exec(ctx, "INSERT INTO sketches (article, sketch, prints) VALUES "+values, sketches...)
	return err
}

// sketch is never nil, which the database would take for none.
func (in *Incoming) sketch() []byte { return append([]byte{}, in.Sketch...) }

// columns are the values of an article's columns that each new version brings:
// outlet, url, url_key, page_key, title, author, language, agency, dateline, source,
// page, page_error, tags, published, arrived, dated.
func (in *Incoming) columns() []any {
	a := &in.Article
	url := text(a.URL)
	return []any{text(a.Outlet), url, urlKey(in.place()), in.pageKey(), text(a.Title), text(a.Author), text(a.Language), text(a.Agency), text(a.Dateline),
		text(a.Source), string(a.Page), text(a.PageError), words(a.Tags), millis(a.Published), millis(a.Arrived), millis(a.Time())}
}

// repeated is one row of values, n times.
func repeated(row string, n int) string {
	return strings.TrimSuffix(strings.Repeat(row+", ", n), ", ")
}

// replace keeps the item that was there as a version, and puts the new edition
// in its place, waiting to be grouped again. The article keeps its arrival.
func (c *conn) replace(ctx context.Context, in *incoming) error {
	err := c.repeat(ctx, `INSERT INTO versions (article, version, replaced, item)
		SELECT a.id, a.version, CAST(? AS BIGINT), t.item FROM articles a JOIN texts t ON t.article = a.id WHERE a.id = ?`,
		millis(c.db.now()), in.id)
	if err != nil {
		return err
	}
	if err := c.repeat(ctx, "UPDATE articles SET version = version + 1, hash = ?, page_due = ?, page_tries = 0 WHERE id = ?",
		in.hash, c.pageDue(in.Incoming), in.id); err != nil {
		return err
	}
	if err := c.repeat(ctx, "UPDATE texts SET item = ? WHERE article = ?", in.item, in.id); err != nil {
		return err
	}
	return c.rewrite(ctx, in.id, in.Incoming, in.blocks)
}

// rewrite puts newly cleaned text in an article's place, waiting to be grouped
// again. The article keeps its arrival.
func (c *conn) rewrite(ctx context.Context, id news.ArticleID, in *Incoming, blocks []byte) error {
	var arrived int64
	if ok, err := c.row(ctx, []any{&arrived}, "SELECT arrived FROM articles WHERE id = ?", id); err != nil || !ok {
		return err
	}
	in.Article.Arrived = moment(arrived)
	args := append(in.columns(), id)
	if err := c.repeat(ctx, `UPDATE articles SET outlet = ?, url = ?, url_key = ?, page_key = ?, title = ?, author = ?, language = ?, agency = ?, dateline = ?,
		source = ?, page = ?, page_error = ?, tags = ?, published = ?, arrived = ?, dated = ?, pending = 1 WHERE id = ?`, args...); err != nil {
		return err
	}
	if err := c.repeat(ctx, "UPDATE texts SET blocks = ? WHERE article = ?", blocks, id); err != nil {
		return err
	}
	err := c.repeat(ctx, "UPDATE sketches SET sketch = ?, prints = ? WHERE article = ?", in.sketch(), packPrints(in.Prints), id)
	return err
}
