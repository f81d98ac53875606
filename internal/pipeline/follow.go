package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/store"
)

// Follower keeps one node's index equal to the store by following change
// numbers. Incremental indexing, recovery after a crash and `kliping reindex`
// are this one loop: they differ only in where it begins.
type Follower struct {
	DB    *store.DB
	Index *index.Index
	Batch int // stories a batch; default 1200
}

// OpenIndex opens the index at path for the store. An index that is missing is
// made; one that is damaged, of another version, or of another store is removed
// and made anew, empty, which the follower then fills: the store is the truth.
func OpenIndex(ctx context.Context, path string, db *store.DB, log *slog.Logger) (*index.Index, error) {
	ix, err := index.Open(path, options(db))
	why := err
	if err == nil {
		if why, err = foreign(ctx, ix.State(), db); err != nil {
			ix.Close()
			return nil, err
		}
		if why == nil {
			return ix, nil
		}
		if err := ix.Close(); err != nil {
			return nil, err
		}
	} else if !errors.Is(err, news.ErrDamaged) && !errors.Is(err, index.ErrOutdated) {
		return nil, err
	}
	log.WarnContext(ctx, "index is built again from the store", "path", path, "reason", why)
	return NewIndex(path, db)
}

// NewIndex removes the index at path, if there is one, and makes an empty one
// for the store.
func NewIndex(path string, db *store.DB) (*index.Index, error) {
	return index.Create(path, options(db))
}

// options lets the index read the store's texts where it has to.
func options(db *store.DB) index.Options {
	return index.Options{Load: func(ctx context.Context, ids []news.StoryID) ([]index.Document, error) {
		return documents(ctx, db, ids)
	}}
}

// documents reads stories as documents; those that are gone are left out.
func documents(ctx context.Context, db *store.DB, ids []news.StoryID) ([]index.Document, error) {
	stories, err := db.Documents(ctx, ids)
	if err != nil {
		return nil, err
	}
	docs := make([]index.Document, len(stories))
	for i := range stories {
		docs[i] = document(&stories[i])
	}
	return docs, nil
}

// foreign says why an index with this state cannot belong to the store as it
// is; nil means that it can.
func foreign(ctx context.Context, s index.State, db *store.DB) (why, err error) {
	if s.Epoch == "" {
		return nil, nil // new and empty
	}
	epoch, err := db.Epoch(ctx)
	if err != nil {
		return nil, err
	}
	if s.Epoch != epoch {
		return errors.New("it was made for another store"), nil
	}
	counts, err := db.Counts(ctx)
	if err != nil {
		return nil, err
	}
	if s.Change > counts.LastChange {
		return fmt.Errorf("it knows change %d, the store only %d: the store was put back from an older copy", s.Change, counts.LastChange), nil
	}
	return nil, nil
}

// Follow applies one batch of changes and returns how many stories it touched;
// zero means that the index equals the store as it was at the call.
func (f *Follower) Follow(ctx context.Context) (int, error) {
	state := f.Index.State()
	if state.Epoch == "" {
		epoch, err := f.DB.Epoch(ctx)
		if err != nil {
			return 0, err
		}
		state.Epoch = epoch
	}
	changes, err := f.DB.Changes(ctx, state.Change, cmp.Or(f.Batch, 1200))
	if err != nil || len(changes) == 0 {
		return 0, err
	}
	var changed, gone []news.StoryID
	for _, c := range changes {
		if c.Gone {
			gone = append(gone, c.Story)
		} else {
			changed = append(changed, c.Story)
		}
	}
	state.Change = changes[len(changes)-1].Change
	if changed, err = f.putParts(ctx, changed); err != nil {
		return 0, err
	}
	docs, err := documents(ctx, f.DB, changed)
	if err != nil {
		return 0, err
	}
	if err := f.Index.Apply(ctx, docs, gone, state); err != nil {
		return 0, fmt.Errorf("index %d stories: %w", len(docs), err)
	}
	return len(changes), nil
}

// putParts puts the stories of a large batch into the index, in as many parts at
// once as there are cores, and returns those that are left. A batch that is less
// than two parts is left whole, and so is applied at once with its state.
func (f *Follower) putParts(ctx context.Context, ids []news.StoryID) (left []news.StoryID, err error) {
	if len(ids) < 2*leastPart {
		return ids, nil
	}
	size := max(leastPart, (len(ids)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	g, ctx := errgroup.WithContext(ctx)
	for part := range slices.Chunk(ids, size) {
		g.Go(func() error {
			docs, err := documents(ctx, f.DB, part)
			if err == nil {
				err = f.Index.Put(ctx, docs)
			}
			if err != nil {
				return fmt.Errorf("index %d stories: %w", len(part), err)
			}
			return nil
		})
	}
	return nil, g.Wait()
}

// leastPart is how many stories are worth a segment of their own.
const leastPart = 200

// FollowAll applies batch after batch until the index equals the store.
// progress, which may be nil, is told how many stories each batch touched.
func (f *Follower) FollowAll(ctx context.Context, progress func(int)) error {
	for {
		n, err := f.Follow(ctx)
		if err != nil || n == 0 {
			return err
		}
		if progress != nil {
			progress(n)
		}
	}
}

// document is the flat document of one story: each distinct paragraph once.
func document(s *store.StoryDetail) index.Document {
	d := index.Document{
		ID: s.ID, Languages: s.Languages, Copies: s.Copies, TextCount: s.Texts, OutletCount: s.Outlets,
		FirstPublished: s.FirstPublished, FirstArrived: s.FirstArrived, LastArrived: s.LastArrived,
	}
	var texts index.Runs
	titles, outlets, agencies, tags := set[string]{}, set[string]{}, set[string]{}, set[string]{}
	for i := range s.Members {
		a := &s.Members[i]
		if titles.add(a.Title) {
			d.Titles = append(d.Titles, a.Title)
		}
		texts.Add(a.Language, kept(a.Blocks))
		outlets.add(a.Outlet)
		agencies.add(a.Agency)
		for _, tag := range a.Tags {
			tags.add(tag)
		}
	}
	d.Texts = texts.Texts
	d.Outlets, d.Agencies, d.Tags = outlets.sorted(), agencies.sorted(), tags.sorted()
	return d
}

// set is a set of values other than the zero value.
type set[T cmp.Ordered] map[T]bool

// add puts v in and reports whether it was new; the zero value never is.
func (s set[T]) add(v T) bool {
	var zero T
	if v == zero || s[v] {
		return false
	}
	s[v] = true
	return true
}

func (s set[T]) sorted() []T {
	all := make([]T, 0, len(s))
	for v := range s {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}
