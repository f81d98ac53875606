package fetch

import (
	"context"
	"time"
)

// stopwatch ends a context after a time in which pauses do not count.
type stopwatch struct {
	timer  *time.Timer
	until  time.Time
	cancel context.CancelFunc
}

func newStopwatch(ctx context.Context, limit time.Duration) (context.Context, *stopwatch) {
	ctx, cancel := context.WithCancel(ctx)
	return ctx, &stopwatch{time.AfterFunc(limit, cancel), time.Now().Add(limit), cancel}
}

// pause stands still while f runs.
func (s *stopwatch) pause(f func() error) error {
	if !s.timer.Stop() {
		return context.DeadlineExceeded
	}
	began := time.Now()
	err := f()
	s.until = s.until.Add(time.Since(began))
	s.timer.Reset(time.Until(s.until))
	return err
}

// stop ends the context.
func (s *stopwatch) stop() {
	s.timer.Stop()
	s.cancel()
}
