package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"kliping/internal/cluster"
	"kliping/internal/news"
	"kliping/internal/residue"
	"kliping/internal/store"
)

// Grouper puts articles into stories. It holds the window of recent sketches and
// the memory of what each outlet repeats; both follow the store's memberships.
// It is for one goroutine.
type Grouper struct {
	db       *store.DB
	preparer *Preparer
	opt      GroupOptions

	window  *cluster.Window
	learner *residue.Learner
	seen    news.Change // memberships up to here are in window and learner
	loaded  bool        // templates were read from the store
	judged  int64       // how often a person had judged them then; -1: unknown
}

// GroupOptions tune grouping; zero values take the defaults.
type GroupOptions struct {
	Batch  int           // articles assigned in one transaction; default 200
	Window time.Duration // how long an article can be joined; default 14 days
	Now    func() time.Time
	Log    *slog.Logger
}

// NewGrouper returns a grouper that has seen nothing yet.
func NewGrouper(db *store.DB, p *Preparer, opt GroupOptions) *Grouper {
	opt.Batch = cmp.Or(opt.Batch, 200)
	opt.Window = cmp.Or(opt.Window, 14*24*time.Hour)
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	g := &Grouper{db: db, preparer: p, opt: opt}
	g.forget()
	return g
}

// forget drops everything derived; the next batch derives it again.
func (g *Grouper) forget() {
	g.window = cluster.NewWindow(cluster.Options{})
	g.learner = residue.NewLearner()
	g.seen, g.judged = 0, -1
}

// Grouped is what one batch did.
type Grouped struct {
	Articles  int // put into a story, or put there again
	Founded   int // stories founded
	Merged    int // stories merged into others
	Moved     int // articles that moved to another story when one came that showed where they belong
	Recleaned int // articles whose text changed by what was learned late
	Templates int // templates learned
}

// Group assigns one batch of waiting articles, oldest arrival first, and
// reports what it did; no articles means that none wait. On an error the store
// is as it was, and the next call starts from the store again.
func (g *Grouper) Group(ctx context.Context) (Grouped, error) {
	if err := g.catchUp(ctx); err != nil {
		g.forget()
		return Grouped{}, fmt.Errorf("catch up before grouping: %w", err)
	}
	var b *batch
	err := g.db.Group(ctx, func(ctx context.Context, tx *store.Grouping) error {
		b = &batch{Grouper: g, tx: tx, joined: map[news.StoryID]bool{}, merged: map[news.StoryID]news.StoryID{}, founders: map[news.StoryID]founder{}}
		return b.run(ctx)
	})
	if err != nil {
		g.forget()
		return Grouped{}, fmt.Errorf("group articles: %w", err)
	}
	g.preparer.templates.add(b.learned)
	g.seen = max(g.seen, b.last)
	return b.done, nil
}

// GroupAll groups batch after batch until no article waits. progress, which may
// be nil, is told after each batch.
func (g *Grouper) GroupAll(ctx context.Context, progress func(Grouped)) error {
	for {
		done, err := g.Group(ctx)
		if err != nil {
			return err
		}
		if done.Articles == 0 {
			return nil
		}
		if progress != nil {
			progress(done)
		}
	}
}

// LoadTemplates makes what the store knows of repeated blocks known to the
// preparer. Grouping does so too; a process that polls first calls it before.
func (g *Grouper) LoadTemplates(ctx context.Context) error {
	if g.loaded {
		return nil
	}
	rows, err := g.db.Templates(ctx)
	if err != nil {
		return err
	}
	g.preparer.templates.add(templatesOf(rows))
	g.loaded = true
	return nil
}

// catchUp follows what other nodes grouped since, outside the lock, and ages
// out what is too old to be joined.
func (g *Grouper) catchUp(ctx context.Context) error {
	if err := g.LoadTemplates(ctx); err != nil {
		return err
	}
	oldest := g.opt.Now().Add(-g.opt.Window)
	if g.seen == 0 {
		first, err := g.db.ChangeBefore(ctx, oldest)
		if err != nil {
			return err
		}
		g.seen = first
	}
	if err := g.follow(ctx, g.db.Members); err != nil {
		return err
	}
	g.window.Expire(oldest)
	g.learner.Expire(oldest)
	return nil
}

// page is how many memberships are read at once while catching up.
const page = 2000

// follow brings window and learner up to the newest membership that read gives.
// While one page goes into memory the next is read.
func (g *Grouper) follow(ctx context.Context, read func(context.Context, news.Change, int) ([]store.Member, error)) error {
	members, err := read(ctx, g.seen, page)
	for err == nil && len(members) > 0 {
		var next []store.Member
		var work errgroup.Group
		last := members[len(members)-1].Change
		if len(members) == page {
			work.Go(func() (err error) {
				next, err = read(ctx, last, page)
				return err
			})
		}
		err = errors.Join(g.remember(members), work.Wait())
		g.seen, members = last, next
	}
	return err
}

// remember takes memberships into window and learner, which know nothing of one
// another.
func (g *Grouper) remember(members []store.Member) error {
	oldest := g.opt.Now().Add(-g.opt.Window)
	members = slices.DeleteFunc(members, func(m store.Member) bool { return m.Story != 0 && m.Arrived.Before(oldest) })
	entries, err := unpack(members)
	if err != nil {
		return err
	}
	var work errgroup.Group
	work.Go(func() error {
		for _, m := range members {
			if m.Story != 0 {
				learned := g.learner.See(m.Outlet, m.Article, m.Arrived, m.Prints)
				g.preparer.templates.add(learnedTemplates(m.Outlet, learned, nil))
			}
		}
		return nil
	})
	for len(entries) > 0 {
		n := slices.IndexFunc(entries, func(e cluster.Entry) bool { return e.Story == 0 })
		if n < 0 {
			n = len(entries)
		}
		if g.window.Load(entries[:n]); n < len(entries) {
			g.window.Remove(entries[n].ID)
			n++
		}
		entries = entries[n:]
	}
	return work.Wait()
}

// unpack makes entries of memberships, several at once: to unpack a sketch
// takes as long as to put it into the window. One without a story is removed.
func unpack(members []store.Member) ([]cluster.Entry, error) {
	const part = 100
	entries := make([]cluster.Entry, len(members))
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for from := 0; from < len(members); from += part {
		work.Go(func() (err error) {
			for i := from; i < min(from+part, len(members)) && err == nil; i++ {
				entries[i], err = entry(&members[i])
			}
			return err
		})
	}
	return entries, work.Wait()
}

func entry(m *store.Member) (cluster.Entry, error) {
	if m.Story == 0 {
		return cluster.Entry{ID: m.Article}, nil
	}
	s, err := unmarshal(m.Article, m.Sketch)
	return cluster.Entry{ID: m.Article, Story: m.Story, Outlet: m.Outlet, At: m.Arrived, Sketch: s}, err
}

func unmarshal(id news.ArticleID, sketch []byte) (*cluster.Sketch, error) {
	s, err := cluster.UnmarshalSketch(sketch)
	if err != nil {
		return nil, fmt.Errorf("sketch of article %d: %w; run `kliping reprocess` to make it anew", id, err)
	}
	return s, nil
}

// batch is one transaction of grouping.
type batch struct {
	*Grouper
	tx      *store.Grouping
	done    Grouped
	learned []residue.Template
	last    news.Change

	placed []*store.Pending              // articles put into a story, Story being the one
	joined map[news.StoryID]bool         // stories that articles or other stories came to
	merged map[news.StoryID]news.StoryID // stories that went into others

	founders map[news.StoryID]founder // what stories began with, that did in this batch

	settled bool // what is assigned now is in the story of its copies and leaves it only with them
}

// run does the batch: what was learned from the waiting articles comes first,
// so that it counts before they are compared.
func (b *batch) run(ctx context.Context) error {
	if err := b.follow(ctx, b.tx.Members); err != nil {
		return err
	}
	if err := b.listen(ctx); err != nil {
		return err
	}
	waiting, err := b.tx.Pending(ctx, b.opt.Batch)
	if err != nil || len(waiting) == 0 {
		return err
	}
	if err := b.recleanWaiting(ctx, waiting); err != nil {
		return err
	}
	again, err := b.learn(ctx, waiting)
	if err != nil {
		return err
	}
	if err := b.touch(ctx, waiting); err != nil {
		return err
	}
	for _, p := range append(again, waiting...) {
		if err := b.assign(ctx, p); err != nil {
			return err
		}
	}
	if err := b.learnAcross(ctx, waiting); err != nil {
		return err
	}
	if err := b.hearCopies(ctx); err != nil {
		return err
	}
	return b.relate(ctx)
}

// learn counts the waiting articles' blocks, and cleans again whatever carries a
// block that just became a template. It returns the articles outside the batch
// that have to be grouped again.
func (b *batch) learn(ctx context.Context, waiting []store.Pending) ([]store.Pending, error) {
	dirty := map[news.ArticleID]bool{}
	for i := range waiting {
		a := &waiting[i].Article
		learned := b.learner.See(a.Outlet, a.ID, a.Arrived, waiting[i].Prints)
		b.learned = append(b.learned, learnedTemplates(a.Outlet, learned, a.Blocks)...)
		for _, l := range learned {
			for _, id := range l.Articles {
				dirty[id] = true
			}
		}
	}
	if len(b.learned) == 0 {
		return nil, nil
	}
	b.done.Templates = len(b.learned)
	b.preparer.templates.add(b.learned)
	if err := b.tx.SaveTemplates(ctx, templateRows(b.learned)); err != nil {
		return nil, err
	}
	for i := range waiting {
		if _, err := b.reclean(ctx, &waiting[i]); err != nil {
			return nil, err
		}
		delete(dirty, waiting[i].Article.ID)
	}
	return b.recleanEarlier(ctx, dirty)
}

// recleanEarlier cleans articles again that were grouped before, and returns
// those whose text changed.
func (b *batch) recleanEarlier(ctx context.Context, dirty map[news.ArticleID]bool) ([]store.Pending, error) {
	ids := make([]news.ArticleID, 0, len(dirty))
	for id := range dirty {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	earlier, err := b.tx.Articles(ctx, ids)
	if err != nil {
		return nil, err
	}
	var again []store.Pending
	for i := range earlier {
		changed, err := b.reclean(ctx, &earlier[i])
		if err != nil {
			return nil, err
		}
		if changed {
			again = append(again, earlier[i])
		}
	}
	return again, nil
}

// reclean cleans one article by what is known now and saves it if that changed
// its text.
func (b *batch) reclean(ctx context.Context, p *store.Pending) (bool, error) {
	if !b.preparer.clean(&p.Article) {
		return false, nil
	}
	return true, b.saveCleaned(ctx, p)
}

// saveCleaned saves an article whose text changed, with its new sketch.
func (b *batch) saveCleaned(ctx context.Context, p *store.Pending) error {
	b.done.Recleaned++
	p.Sketch = sketch(&p.Article)
	return b.tx.Reclean(ctx, &p.Article, p.Sketch)
}

// assign puts one article into its story, founding one where none fits, merges
// the stories that the article proves to be one, and looks again at the articles
// that it calls into question.
func (b *batch) assign(ctx context.Context, p store.Pending) error {
	a := &p.Article
	if a.Story != 0 && a.Arrived.Before(b.opt.Now().Add(-b.opt.Window)) {
		return b.stay(ctx, a)
	}
	s, err := unmarshal(a.ID, p.Sketch)
	if err != nil {
		return err
	}
	entry := cluster.Entry{ID: a.ID, Story: a.Story, Outlet: a.Outlet, At: a.Arrived, Sketch: s}
	b.window.Remove(a.ID)
	decision := b.window.Assign(entry)
	doubt := decision.Doubt
	if b.settled && decision.Story != a.Story && len(decision.Merge) == 0 {
		decision = cluster.Decision{Story: a.Story, Reason: a.Reason}
	}
	if decision, err = b.decided(ctx, &p, decision); err != nil {
		return err
	}
	entry.Story = decision.Story
	switch {
	case entry.Story == 0:
		if entry.Story, err = b.found(ctx, a.Story); err != nil {
			return err
		}
		decision.Reason = news.Reason{Relation: news.Founder}
	case entry.Story == a.Story && a.Reason.Relation == news.Founder:
		decision.Reason = a.Reason // cleaned again, it is no copy of its copies
	}
	change, err := b.tx.Place(ctx, a.ID, entry.Story, decision.Reason)
	if err != nil {
		return err
	}
	b.window.Add(entry)
	if decision.Reason.Relation == news.Founder {
		b.founders[entry.Story] = founder{entry, a.Story == entry.Story}
	}
	b.done.Articles++
	b.last = change
	if decision.Story != 0 {
		b.joined[decision.Story] = true
	}
	a.Story = entry.Story
	delete(b.merged, entry.Story)
	b.placed = append(b.placed, &p)
	if err := b.merge(ctx, decision.Merge); err != nil || b.settled {
		return err
	}
	return b.lookAgain(ctx, doubt)
}

// stay leaves an article where it is whose copies are too old to be compared
// with: its text may have been cleaned again, its story is what was found in time.
func (b *batch) stay(ctx context.Context, a *news.Article) error {
	change, err := b.tx.Place(ctx, a.ID, a.Story, a.Reason)
	b.done.Articles++
	b.last = max(b.last, change)
	return err
}

// found returns the story of an article that fits into none: the one it had, if
// nobody else is left in it, or a new one.
func (b *batch) found(ctx context.Context, present news.StoryID) (news.StoryID, error) {
	if present != 0 && !b.window.Holds(present) {
		return present, nil
	}
	b.done.Founded++
	return b.tx.NewStory(ctx)
}

func (b *batch) merge(ctx context.Context, merges []cluster.Merge) error {
	for _, m := range merges {
		last, err := b.tx.Merge(ctx, m.From, m.Into, m.Reason)
		if err != nil {
			return err
		}
		b.window.Merge(m.From, m.Into)
		b.merged[m.From], b.joined[m.Into] = m.Into, true
		b.done.Merged++
		b.last = last
	}
	return nil
}

// learnedTemplates are the templates of one outlet that the learner just named.
// blocks, where given, are searched for a sample of each.
func learnedTemplates(outlet string, learned []residue.Learned, blocks []news.Block) []residue.Template {
	all := make([]residue.Template, 0, len(learned))
	for _, l := range learned {
		t := residue.Template{Outlet: outlet, Print: l.Print, Count: l.Count, First: l.First, Last: l.Last, State: residue.StateLearned}
		for _, block := range blocks {
			if residue.Print(block.Text) == l.Print {
				t.Sample = block.Text
			}
		}
		all = append(all, t)
	}
	return all
}

func templateRows(all []residue.Template) []store.Template {
	rows := make([]store.Template, len(all))
	for i, t := range all {
		rows[i] = store.Template(t)
	}
	return rows
}

func templatesOf(rows []store.Template) []residue.Template {
	all := make([]residue.Template, len(rows))
	for i, r := range rows {
		all[i] = residue.Template(r)
	}
	return all
}
