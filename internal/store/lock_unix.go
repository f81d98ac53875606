//go:build unix

package store

import (
	"os"

	"golang.org/x/sys/unix"
)

func lockExclusive(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
func lockShared(f *os.File) error    { return unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) }
