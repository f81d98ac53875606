//go:build unix

package index

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"kliping/internal/news"
)

// fileLock keeps other processes out of an index while this one has it open.
// The kernel takes it back when the process ends, however it ends. The file
// lies beside the index, so that it outlives the index being made anew.
type fileLock struct{ file *os.File }

// lockFile takes the lock or fails at once with [news.ErrLocked].
func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("it is %w by another process", news.ErrLocked)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &fileLock{f}, nil
}

// release lets the lock go. It may be called again.
func (l *fileLock) release() { l.file.Close() }
