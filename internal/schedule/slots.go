package schedule

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"kliping/internal/store"
)

// ahead remembers of which jobs the log has it that a clock was ahead, so that steps
// which come every few seconds say it once.
type ahead struct{ said sync.Map }

// apart is how far the clocks of nodes may be apart before one is said to be ahead.
const apart = time.Hour

func (a *ahead) say(ctx context.Context, log *slog.Logger, job string) {
	if _, said := a.said.LoadOrStore(job, true); !said {
		log.WarnContext(ctx, "what is dated later than now is ignored: the clock was ahead", "of", job)
	}
}

// missedSlot is the time of a job's newest missed slot, zero if there is none. A
// job that never ran does not make up what was before start, and none what was
// before floor.
func (a *ahead) missedSlot(ctx context.Context, db *store.DB, log *slog.Logger, job string, spec Spec, start, floor, now time.Time) (time.Time, error) {
	n, err := db.SlotsAhead(ctx, job, now.Add(apart))
	if err != nil {
		return time.Time{}, err
	}
	if n > 0 {
		a.say(ctx, log, job)
	}
	last, err := db.LastSlot(ctx, job)
	if err != nil {
		return time.Time{}, err
	}
	since := start
	if last.Slot != "" {
		if since, err = spec.slotTime(last.Slot); err != nil {
			return time.Time{}, err
		}
	}
	due := spec.Last(latest(since, floor), now)
	if due.IsZero() {
		return due, nil
	}
	taken, err := db.SlotTaken(ctx, job, spec.Slot(due)) // a key is only as fine as a minute, and any may have been sent by hand
	if err != nil || !taken.IsZero() {
		return time.Time{}, err
	}
	return due, nil
}
