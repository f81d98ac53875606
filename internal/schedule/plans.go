package schedule

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// Plans sends the digests of plans as their slots come due, and drafts those
// that are to be drafted. What was sent is in the store, in the transaction that
// sent it, so that any number of nodes send each digest once, whenever one dies.
type Plans struct {
	Digester *pipeline.Digester
	Fixed    []store.DigestPlan // those that are not in the store
	Location *time.Location     // of schedules that name no zone
	Now      func() time.Time   // default time.Now
	Log      *slog.Logger

	start time.Time // of the first step: no plan makes up what was before it was there
	clock ahead
}

// Step does what is due and says how long to wait for more. A plan that fails
// is logged and tried again, and holds up no other.
func (p *Plans) Step(ctx context.Context) (wait time.Duration, err error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	now := p.Now()
	if p.start.IsZero() || p.start.After(now) {
		p.start = now
	}
	stored, err := p.Digester.DB.Plans(ctx)
	if err != nil {
		return 0, err
	}
	wait = idleSlots
	for _, plan := range slices.Concat(p.Fixed, stored) {
		if plan.Schedule == "" {
			continue
		}
		next, err := p.step(ctx, plan, now)
		if err != nil && ctx.Err() == nil {
			p.Log.ErrorContext(ctx, "digest failed, trying again", "plan", plan.Name, "error", err, "in", wait)
			continue
		}
		if !next.IsZero() {
			wait = min(wait, max(next.Sub(now), time.Millisecond))
		}
	}
	return wait, ctx.Err()
}

// step does what is due of one plan and says when something is next.
func (p *Plans) step(ctx context.Context, plan store.DigestPlan, now time.Time) (next time.Time, err error) {
	spec, err := ParseSpec(plan.Schedule, p.Location)
	if err != nil {
		return next, err
	}
	job := store.DigestJob(plan.Name)
	if plan.Since.After(now) {
		p.clock.say(ctx, p.Log, job)
		plan.Since = time.Time{}
	}
	if _, err := p.Digester.DB.EndDigests(ctx, plan.Name, now.Add(apart)); err != nil {
		return next, err
	}
	since := plan.Since
	if since.IsZero() {
		since = p.start
	}
	due, err := p.clock.missedSlot(ctx, p.Digester.DB, p.Log, job, spec, since, plan.Since, now)
	if err != nil {
		return next, err
	}
	if !due.IsZero() {
		slot, free, err := PlanSlot(ctx, p.Digester.DB, plan, spec, due)
		if err == nil && free {
			err = p.send(ctx, plan, slot, due)
		}
		if err != nil {
			return next, err
		}
	}
	if next = spec.Next(now); next.IsZero() || plan.Draft == "" {
		return next, nil
	}
	ahead, err := pipeline.PlanDuration(plan.Draft)
	if err != nil {
		return next, err
	}
	if at := next.Add(-ahead); at.After(now) {
		return at, nil
	}
	slot, free, err := PlanSlot(ctx, p.Digester.DB, plan, spec, next)
	if err != nil || !free {
		return next, err
	}
	made, err := p.Digester.Draft(ctx, plan, slot, now)
	if made {
		p.Log.InfoContext(ctx, "digest drafted", "plan", plan.Name, "slot", slot)
	}
	return next, err
}

func (p *Plans) send(ctx context.Context, plan store.DigestPlan, slot string, due time.Time) error {
	sent, err := p.Digester.Send(ctx, plan, slot, due)
	if err != nil {
		return fmt.Errorf("slot %s: %w", slot, err)
	}
	if sent {
		p.Log.InfoContext(ctx, "digest made", "plan", plan.Name, "slot", slot, "recipients", len(plan.To))
	}
	return nil
}
