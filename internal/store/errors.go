package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"kliping/internal/news"
)

// ErrNewer says that a newer program has written the store.
var ErrNewer = errors.New("the store is newer than this program")

// explain puts a driver's error into words: which of the few kinds it is, where,
// and what to do. Other errors only get op in front, and those that come of ctx
// having ended wrap its error.
//
// news.ErrLocked means that another transaction was in the way: nothing was
// written, and the same call may be made again.
func (db *DB) explain(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	var lite *driver.Error
	var pg *pgconn.PgError
	kind := error(nil)
	switch {
	case errors.As(err, &lite):
		kind = sqliteKind(lite.Code())
	case errors.As(err, &pg):
		kind = postgresKind(pg.Code)
	case errors.Is(err, syscall.ENOSPC):
		kind = news.ErrDiskFull
	}
	if kind == nil || errors.Is(err, kind) {
		return fmt.Errorf("%s: %w", op, err)
	}
	return fmt.Errorf("%s: %w: %s; %s (%w)", op, kind, db.where, db.advice(kind), err)
}

// advice is what to do about a kind of error.
func (db *DB) advice(kind error) string {
	switch {
	case errors.Is(kind, news.ErrDiskFull):
		return "nothing is lost, make room and it goes on by itself"
	case errors.Is(kind, news.ErrLocked):
		return "another process is writing, try again"
	case db.dialect.numbered:
		return "have the database checked, or restore a backup"
	}
	return "restore a backup of the file, or move it away (with its -wal and -shm) and start anew"
}

// sqliteKind is the kind of an extended result code, nil for any other.
func sqliteKind(code int) error {
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return news.ErrLocked
	case sqlite3.SQLITE_FULL:
		return news.ErrDiskFull
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return news.ErrDamaged
	}
	if code == sqlite3.SQLITE_IOERR_SHMSIZE { // the shared index of the log cannot grow
		return news.ErrDiskFull
	}
	if code == sqlite3.SQLITE_IOERR_SHORT_READ { // the file ends within a page
		return news.ErrDamaged
	}
	return nil
}

// postgresKind is the kind of an SQLSTATE, nil for any other.
func postgresKind(state string) error {
	switch {
	case state == "53100":
		return news.ErrDiskFull
	case strings.HasPrefix(state, "40"), state == "55P03", state == "23505": // lost a race; each may be run again
		return news.ErrLocked
	case state == "XX001", state == "XX002":
		return news.ErrDamaged
	}
	return nil
}
