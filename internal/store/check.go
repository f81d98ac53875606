package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kliping/internal/news"
)

// A file is checked as it is opened if that is cheap because the file is small,
// or if it was not closed: its log is still there, and no daemon is running that
// could be using it. A larger file that was closed is opened unchecked; damage in
// it is found when the damaged page is read, or by the checksum of a text.
const (
	smallFile  = 8 << 20
	checkLimit = 5 * time.Second // a check that takes longer is given up
)

// needsCheck looks at the file before it is opened, which makes a log.
func needsCheck(path string) bool {
	info, err := os.Stat(path)
	if err != nil || info.Size() == 0 {
		return false
	}
	log, err := os.Stat(path + "-wal")
	if err != nil || log.Size() == 0 {
		return info.Size() <= smallFile
	}
	_, running := DaemonInfo(filepath.Dir(path))
	return !running
}

// quickCheck looks at the structure of every page, as far as checkLimit allows.
func (db *DB) quickCheck(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	err := db.read(limited, "check the store", func(c *conn) error {
		found, err := rows(limited, c, scanOne[string], "PRAGMA quick_check(3)")
		if err == nil && (len(found) != 1 || found[0] != "ok") {
			err = fmt.Errorf("%w: %s; %s (%s)", news.ErrDamaged, db.where, db.advice(news.ErrDamaged), strings.Join(found, "; "))
		}
		return err
	})
	if err != nil && limited.Err() != nil && ctx.Err() == nil && !errors.Is(err, news.ErrDamaged) {
		return nil // large, and nothing found so far
	}
	return err
}
