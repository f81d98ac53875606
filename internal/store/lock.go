package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"kliping/internal/news"
)

// lockFile is held by the daemon of a data directory for as long as it runs.
const lockFile = "kliping.lock"

// Those who only look (DaemonInfo) hold the lock for microseconds, so one that
// cannot be had is asked for a few times.
const (
	lockTries = 10
	lockPause = 20 * time.Millisecond
)

// LockDaemon makes the caller the one daemon of the data directory, until
// release or the end of the process. info (pid, address …) is what others learn.
// If there is a daemon already, the error wraps news.ErrLocked and has its info;
// where there is no room for info, it wraps news.ErrDiskFull.
func LockDaemon(dir, info string) (release func() error, err error) {
	path := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, lockFailed(dir, err)
	}
	for try := 1; ; try++ {
		if err = lockExclusive(f); err == nil {
			break
		}
		if try == lockTries {
			holder, _ := os.ReadFile(path)
			f.Close()
			return nil, fmt.Errorf("data directory %s: %w by another daemon (%s); stop that one, or use another directory", dir, news.ErrLocked, strings.TrimSpace(string(holder)))
		}
		time.Sleep(lockPause)
	}
	if err := errors.Join(f.Truncate(0), writeAll(f, info)); err != nil {
		f.Close()
		return nil, lockFailed(dir, err)
	}
	// The file stays: removing it could pull it from under the next daemon.
	return sync.OnceValue(func() error { return errors.Join(f.Truncate(0), f.Close()) }), nil
}

func lockFailed(dir string, err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("lock the data directory %s: %w; make room and start again (%w)", dir, news.ErrDiskFull, err)
	}
	return fmt.Errorf("lock the data directory %s: %w", dir, err)
}

func writeAll(f *os.File, s string) error {
	_, err := f.WriteAt([]byte(s), 0)
	return err
}

// DaemonInfo returns what the daemon of the data directory said of itself, and
// whether there is one.
func DaemonInfo(dir string) (info string, running bool) {
	f, err := os.Open(filepath.Join(dir, lockFile))
	if err != nil {
		return "", false
	}
	defer f.Close() // gives the lock back
	if lockShared(f) == nil {
		return "", false
	}
	b, _ := os.ReadFile(f.Name())
	return strings.TrimSpace(string(b)), true
}
