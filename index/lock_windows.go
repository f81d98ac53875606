package index

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"

	"kliping/internal/news"
)

// fileLock keeps other processes out of an index while this one has it open.
// The system takes it back when the process ends, however it ends. The file
// lies beside the index, so that it outlives the index being made anew.
type fileLock struct{ file *os.File }

// lockFile takes the lock or fails at once with [news.ErrLocked].
func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	if err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped)); err != nil {
		f.Close()
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			return nil, fmt.Errorf("it is %w by another process", news.ErrLocked)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &fileLock{f}, nil
}

// release lets the lock go. It may be called again.
func (l *fileLock) release() { l.file.Close() }
