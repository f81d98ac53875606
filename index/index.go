package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"

	"kliping/internal/news"
)

// Schema is the version of what this package writes. An index of another
// version is [ErrOutdated]. Count it up whenever the fields of a document or
// the words and stems of a text change.
const Schema = 3

// ErrOutdated is the error of an index that another version of the program
// wrote: remove it and index anew.
var ErrOutdated = errors.New("index is of another version")

// Options say what an index may use.
type Options struct {
	// Load reads stories as documents, in any order, those that are gone left
	// out. It is called by [Index.Search], from any goroutine, for what the
	// index alone cannot answer: cs() of a phrase or of a word in small letters,
	// cs() or other forms of a word beside NEAR. Nil: such queries fail.
	Load func(ctx context.Context, ids []news.StoryID) ([]Document, error)
}

// State says what an index knows.
type State struct {
	Change news.Change `json:"change"` // the last change of the store that is in it
	Epoch  string      `json:"epoch"`  // the store it was made from; empty: none yet
}

// stored is a State as it lies in the index.
type stored struct {
	Schema int `json:"schema"`
	State
}

// stateKey is where the state lies in Bleve.
var stateKey = []byte("kliping")

// Index is an open index. It may be searched from many goroutines while one
// applies changes.
type Index struct {
	path  string
	lock  *fileLock
	stems *stemmers
	load  func(context.Context, []news.StoryID) ([]Document, error) // see Options

	limits limits // of searches

	handle sync.RWMutex // held to use what is below it, alone to change it
	bleve  bleve.Index
	broken bool // a write failed and bleve is closed since; see heal

	rows rows // what is known of each story beside its words

	applying sync.RWMutex // held to put parts of a batch, alone to apply one; taken before the others
	mu       sync.Mutex   // guards state
	state    State
}

// Open opens the index in the directory path, and makes one if there is none.
//
// The error wraps [news.ErrLocked] if another process has it open, at once and
// without waiting; [news.ErrDamaged] if its files are not what was written; or
// [ErrOutdated]. After the last two, [Create] makes a new one.
func Open(path string, o Options) (*Index, error) {
	return open(path, o, false)
}

// Create makes an empty index in the directory path and removes one that is
// there. The error wraps [news.ErrLocked] if another process has that open.
func Create(path string, o Options) (*Index, error) {
	return open(path, o, true)
}

func open(path string, o Options, anew bool) (_ *Index, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the index's directory: %w", err)
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("index %s: %w", path, err)
	}
	ix := &Index{path: path, lock: lock, load: o.Load, limits: newLimits()}
	defer func() {
		if err != nil {
			lock.release()
		}
	}()
	if anew {
		if err := os.RemoveAll(path); err != nil {
			return nil, fmt.Errorf("remove the old index: %w", err)
		}
	}
	if ix.stems, err = newStemmers(); err != nil {
		return nil, err
	}
	err = guard(func() error { return ix.openOrCreate() })
	if err != nil {
		return nil, fmt.Errorf("index %s: %w", path, err)
	}
	return ix, nil
}

func (ix *Index) openOrCreate() error {
	entries, err := os.ReadDir(ix.path)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return ix.create()
	}
	if err != nil {
		return err
	}
	return ix.openExisting()
}

// openExisting leaves ix as it was if it fails.
func (ix *Index) openExisting() error {
	if err := audit(ix.path); err != nil {
		return err
	}
	if err := removeSeal(ix.path); err != nil {
		return err
	}
	b, err := bleve.OpenUsing(ix.path, map[string]any{"bolt_timeout": lockPatience})
	if err != nil {
		return damaged(err)
	}
	s, err := readState(b)
	if err != nil {
		b.Close()
		return err
	}
	ix.bleve = b
	ix.rows.forget()
	ix.setState(s)
	return nil
}

// lockPatience is how long Bleve's own lock is waited for: not at all. Ours is
// held already, so nobody but a foreign program can have it.
const lockPatience = "1ms"

func (ix *Index) create() error {
	m := mapping.NewIndexMapping()
	var err error
	if ix.bleve, err = bleve.NewUsing(ix.path, m, scorch.Name, scorch.Name, nil); err != nil {
		return full(err)
	}
	if err := ix.bleve.SetInternal(stateKey, State{}.marshal()); err != nil {
		ix.bleve.Close()
		return full(err)
	}
	return nil
}

func (s State) marshal() []byte {
	b, err := json.Marshal(stored{Schema, s})
	if err != nil {
		panic(err) // numbers and strings only
	}
	return b
}

func readState(b bleve.Index) (State, error) {
	raw, err := b.GetInternal(stateKey)
	if err != nil {
		return State{}, damaged(err)
	}
	var s stored
	if err := json.Unmarshal(raw, &s); err != nil {
		return State{}, fmt.Errorf("it is %w: its state cannot be read", news.ErrDamaged)
	}
	if s.Schema != Schema {
		return State{}, fmt.Errorf("%w: %d instead of %d", ErrOutdated, s.Schema, Schema)
	}
	return s.State, nil
}

// State says what the index knows.
func (ix *Index) State() State {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	return ix.state
}

func (ix *Index) setState(s State) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.state = s
}

// Count is how many stories the index holds.
func (ix *Index) Count() (n int, err error) {
	err = ix.use(func(b bleve.Index) error {
		c, err := b.DocCount()
		n = int(c)
		return err
	})
	return n, err
}

// Apply puts documents in, in place of those with the same id, takes others out,
// and records the state, all at once: after a crash either all of it is there or
// nothing. When it returns nil, it is on disk.
//
// ctx is looked at before the work begins; the batch itself is not interrupted.
// The error wraps [news.ErrDiskFull] or [news.ErrDamaged] where that is known.
// Whatever it is, the index goes on from the last batch that succeeded.
func (ix *Index) Apply(ctx context.Context, put []Document, remove []news.StoryID, s State) error {
	ix.applying.Lock()
	defer ix.applying.Unlock()
	err := ix.write(ctx, put, func(batch *bleve.Batch) {
		for _, id := range remove {
			batch.Delete(key(id))
		}
		batch.SetInternal(stateKey, s.marshal())
	})
	if err == nil {
		ix.setState(s)
	}
	return err
}

// Put puts documents in as [Index.Apply] does, and records no state: parts of one
// large batch, with no story in two of them, may be put at the same time, as
// Bleve makes a segment on one core. After a crash some parts may be there;
// whoever follows the state puts them once more.
func (ix *Index) Put(ctx context.Context, put []Document) error {
	ix.applying.RLock()
	defer ix.applying.RUnlock()
	return ix.write(ctx, put, func(*bleve.Batch) {})
}

// write makes one batch of documents and of what also adds, and waits until it
// is on disk.
func (ix *Index) write(ctx context.Context, put []Document, also func(*bleve.Batch)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	writing := false
	err := ix.use(func(b bleve.Index) error {
		batch, drafts := b.NewBatch(), ix.stems.newDrafts()
		also(batch)
		for i := range put {
			if err := batch.IndexAdvanced(drafts.document(&put[i])); err != nil {
				return err
			}
		}
		writing = true
		return b.Batch(batch)
	})
	if err != nil {
		if writing {
			ix.giveUp()
		}
		return fmt.Errorf("write to the index %s: %w", ix.path, full(err))
	}
	return nil
}

// giveUp closes Bleve's handle after a write that failed, and opens it again:
// such a handle shows what is not on disk, and later panics. If it cannot be
// opened now, whoever uses the index next tries again.
func (ix *Index) giveUp() {
	ix.handle.Lock()
	_ = guard(ix.bleve.Close) // what it could not write is given up
	ix.broken = true
	ix.handle.Unlock()
	_ = ix.heal() // the error of the write says more
}

// heal opens a broken index again.
func (ix *Index) heal() error {
	ix.handle.Lock()
	defer ix.handle.Unlock()
	if !ix.broken {
		return nil
	}
	if err := guard(ix.openExisting); err != nil {
		return fmt.Errorf("open it again after a write that failed: %w", full(err))
	}
	ix.broken = false
	return nil
}

// use runs what works with Bleve's handle, guarded.
func (ix *Index) use(f func(bleve.Index) error) error {
	ix.handle.RLock()
	if ix.broken {
		ix.handle.RUnlock()
		if err := ix.heal(); err != nil {
			return err
		}
		ix.handle.RLock()
	}
	defer ix.handle.RUnlock()
	return guard(func() error { return f(ix.bleve) })
}

// Close closes the index and lets other processes have it.
func (ix *Index) Close() error {
	ix.applying.Lock()
	defer ix.applying.Unlock()
	ix.handle.Lock()
	defer ix.handle.Unlock()
	defer ix.lock.release()
	if ix.broken { // closed already
		ix.broken = false
		return nil
	}
	err := guard(ix.bleve.Close)
	if err == nil {
		err = seal(ix.path)
	}
	if err != nil {
		return fmt.Errorf("close the index %s: %w", ix.path, err)
	}
	return nil
}

// guard runs what calls Bleve and turns a panic into an error that wraps
// [news.ErrDamaged]: Bleve trusts its files, so damage shows as an index out of
// range, or as a fault where a mapped file was cut short.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it is %w (%v); it can be built again with `kliping reindex`", news.ErrDamaged, r)
		}
	}()
	return f()
}

// damaged says that an index cannot be opened as it is; not if that is because
// the process may not, or has too many files open.
func damaged(err error) error {
	if errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return err
	}
	return fmt.Errorf("it is %w: %w", news.ErrDamaged, err)
}

// full marks an error of a full disk. Bleve passes the system's errors on as
// words only.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), syscall.ENOSPC.Error()) {
		return fmt.Errorf("%w: nothing is lost, make room and it goes on by itself (%w)", news.ErrDiskFull, err)
	}
	return err
}
