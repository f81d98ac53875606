package news

import "errors"

// The few kinds of error that callers tell apart. Wrap them with what and
// where; anything else is internal.
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("exists already")
	ErrInvalid  = errors.New("invalid")        // the caller's input is wrong
	ErrLocked   = errors.New("in use")         // another process holds the store or index
	ErrDamaged  = errors.New("damaged")        // stored data cannot be read
	ErrFenced   = errors.New("lease was lost") // another node took the work over
	ErrDiskFull = errors.New("disk is full")
	ErrBusy     = errors.New("busy") // the same may be asked again in a while
)
