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

// missedSlot is the time of a job's newest slot that came due since the last that it
// took, zero if there is none. A job that never ran does not make up what was before
// start, and none what was before floor.
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
	if last.Slot != "" && !last.At.Before(floor) {
		if since, err = spec.slotTime(last.Slot); err != nil {
			return time.Time{}, err
		}
	}
	return spec.Last(latest(since, floor), now), nil
}

// PlanSlot is the key of a plan's slot that comes due at a time, and whether it is
// free. One that the plan took before it got its schedule is of another moment: the
// same local time comes again in a zone further west. The key then has its offset.
func PlanSlot(ctx context.Context, db *store.DB, plan store.DigestPlan, spec Spec, at time.Time) (slot string, free bool, err error) {
	for _, slot := range []string{spec.Slot(at), at.In(spec.loc).Format(steadyKey)} {
		taken, err := db.SlotTaken(ctx, store.DigestJob(plan.Name), slot)
		if err != nil || taken.IsZero() || !taken.Before(plan.Since) {
			return slot, taken.IsZero(), err
		}
	}
	return "", false, nil
}
