package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
	_ "modernc.org/sqlite"             // registers the driver "sqlite"

	"kliping/internal/news"
)

// Options say where the store is.
type Options struct {
	Path string           // the SQLite file, made if it is not there
	URL  string           // postgres://…; wins over Path
	Now  func() time.Time // default time.Now
}

// DB is an open store, safe for many goroutines at once.
type DB struct {
	dialect dialect
	where   string  // the file or server, for people; no password
	writer  *sql.DB // SQLite: one connection, whose transactions begin by locking
	reader  *sql.DB // PostgreSQL: the same as writer
	codec   codec
	now     func() time.Time
}

// Open opens the store and brings it up to this program's version. Errors wrap
// news.ErrDamaged, news.ErrLocked, news.ErrDiskFull or ErrNewer where they are
// of these kinds, and say what to do.
func Open(ctx context.Context, opt Options) (*DB, error) {
	c, err := newCodec()
	if err != nil {
		return nil, err
	}
	db := &DB{codec: c, now: opt.Now}
	if db.now == nil {
		db.now = time.Now
	}
	if opt.URL != "" {
		err = db.openPostgres(ctx, opt.URL)
	} else {
		err = db.openSQLite(ctx, opt.Path)
	}
	if err == nil {
		err = db.migrate(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// busyWait is how long a writer waits for another process's transaction; the
// longest of ours, grouping a batch, takes a fraction of a second.
const busyWait = 15 * time.Second

// openSQLite opens two pools on one file: one connection that writes, whose
// transactions take the lock as they begin, and several that only read.
// synchronous=FULL makes a commit survive a loss of power.
func (db *DB) openSQLite(ctx context.Context, path string) (err error) {
	db.dialect, db.where = sqlite(), path
	if path == "" {
		return fmt.Errorf("open the store: no file is named: %w", news.ErrInvalid)
	}
	check := needsCheck(path)
	makePrivate(path)
	common := url.Values{"_busy_timeout": {fmt.Sprint(busyWait.Milliseconds())}, "_foreign_keys": {"1"}, "_pragma": {"temp_store(memory)"}}
	writing, reading := clone(common), clone(common)
	writing.Set("_txlock", "immediate")
	writing.Set("_journal_mode", "WAL")
	writing.Set("_synchronous", "FULL")
	writing.Add("_pragma", "cache_size(-65536)")           // KiB
	writing.Add("_pragma", "wal_autocheckpoint(4000)")     // pages
	writing.Add("_pragma", "journal_size_limit(67108864)") // bytes
	reading.Set("_query_only", "1")
	reading.Add("_pragma", "cache_size(-8192)")
	if db.writer, err = sql.Open("sqlite", dsn(path, writing)); err != nil {
		return db.explain(ctx, db.opening(), err)
	}
	db.writer.SetMaxOpenConns(1)
	if err := db.connect(ctx); err != nil {
		return err
	}
	if db.reader, err = sql.Open("sqlite", dsn(path, reading)); err != nil {
		return db.explain(ctx, db.opening(), err)
	}
	db.reader.SetMaxOpenConns(readers())
	db.reader.SetMaxIdleConns(readers())
	if check {
		return db.quickCheck(ctx)
	}
	return nil
}

// makePrivate makes the file, if it is not there, for its owner alone: it holds
// secrets of webhooks. SQLite gives its log the same mode. One that is there keeps
// the mode that it has, which a person may have chosen. What fails here fails when
// SQLite opens the file, too, which says it better.
func makePrivate(path string) {
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		_ = f.Close()
	}
}

// connect makes the writer's connection. While another process makes the store,
// SQLite refuses at once to join, whatever busyWait says; so it is asked again.
func (db *DB) connect(ctx context.Context) error {
	const pause = 20 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		err := db.writer.PingContext(ctx)
		if err == nil {
			return nil
		}
		err = db.explain(ctx, db.opening(), err)
		if !errors.Is(err, news.ErrLocked) || waited >= busyWait {
			return err
		}
		time.Sleep(pause)
	}
}

// opening is what an error that comes while opening begins with.
func (db *DB) opening() string { return "open the store " + db.where }

// readers is how many queries run at once: enough that a slow page does not
// hold up the others.
func readers() int { return 4 + runtime.GOMAXPROCS(0) }

func clone(v url.Values) url.Values {
	c := url.Values{}
	for key, values := range v {
		c[key] = append([]string(nil), values...)
	}
	return c
}

// dsn names a file to the driver whatever characters its path has.
func dsn(path string, options url.Values) string {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
	return "file:" + escaped + "?" + options.Encode()
}

func (db *DB) openPostgres(ctx context.Context, raw string) error {
	db.dialect, db.where = postgres(), "PostgreSQL"
	if u, err := url.Parse(raw); err == nil {
		db.where = u.Redacted()
	}
	pool, err := sql.Open("pgx", raw)
	if err != nil {
		return db.explain(ctx, db.opening(), err)
	}
	pool.SetMaxOpenConns(16)
	pool.SetMaxIdleConns(8)
	db.writer, db.reader = pool, pool
	return nil
}

// Close closes the store; calls under way end first.
func (db *DB) Close() error {
	var err error
	if db.reader != nil && db.reader != db.writer {
		err = db.reader.Close()
	}
	if db.writer != nil { // last, so that SQLite's log goes into the file
		err = errors.Join(err, db.writer.Close())
	}
	db.codec.dec.Close()
	return err
}

// Epoch returns the random id that the store was made with.
func (db *DB) Epoch(ctx context.Context) (epoch string, err error) {
	err = db.read(ctx, "read the store's epoch", func(c *conn) error {
		_, err := c.row(ctx, []any{&epoch}, "SELECT value FROM meta WHERE key = 'epoch'")
		return err
	})
	return epoch, err
}
