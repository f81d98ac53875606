package schedule

import (
	"context"
	"errors"
	"sync"
	"time"

	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// idleSending is how long the outbox is left alone when nothing wakes it.
const idleSending = 5 * time.Second

// watchBatch looks at changed stories for all watches, and sends what had to wait
// for its hour.
func (d *Daemon) watchBatch(ctx context.Context) (wait time.Duration, err error) {
	n, err := d.Watcher.Watch(ctx)
	if err != nil {
		return 0, err
	}
	if n > 0 {
		d.mail.up()
		d.hook.up()
		return 0, nil
	}
	return idleFollow, d.Watcher.Flush(ctx)
}

// sendWatches sends what watches with a schedule have, in the slots that came due.
func (d *Daemon) sendWatches(ctx context.Context) (wait time.Duration, err error) {
	watches, err := d.DB.Watches(ctx)
	if err != nil {
		return 0, err
	}
	now := d.Now()
	for _, w := range watches {
		slot, ahead, err := dueSlot(w, d.Watcher.Location, now)
		if ahead {
			d.clock.say(ctx, d.Log, "the watch "+w.Name)
		}
		if err != nil || slot == "" {
			if err != nil {
				d.Log.ErrorContext(ctx, "a watch sends nothing until its schedule is changed", "watch", w.Name, "error", err)
			}
			continue
		}
		if _, err := d.Watcher.Send(ctx, w, slot); err != nil {
			return 0, err
		}
	}
	d.mail.up()
	d.hook.up()
	return idleSlots, nil
}

// dueSlot is the newest slot of a watch that came due and was not sent; "" if there is
// none. Slots are local times, so one in the hour that a clock change repeats is one.
// What a clock that was ahead noted does not count.
func dueSlot(w store.Watch, byDefault *time.Location, now time.Time) (slot string, ahead bool, err error) {
	if w.Paused || w.Schedule == "" {
		return "", false, nil
	}
	spec, err := ParseSpec(w.Schedule, pipeline.WatchZone(&w, byDefault))
	if err != nil {
		return "", false, err
	}
	since := w.Since
	if w.Slot != "" {
		sent, err := spec.slotTime(w.Slot)
		if err != nil {
			return "", false, err
		}
		if ahead = sent.After(now.Add(apart)); !ahead {
			since = sent
		}
	}
	if since.After(now.Add(apart)) {
		since, ahead = time.Time{}, true
	}
	due := spec.Last(since, now)
	if due.IsZero() || spec.Slot(due) == w.Slot {
		return "", ahead, nil
	}
	return spec.Slot(due), ahead, nil
}

// sendMails and callHooks empty the outbox.
func (d *Daemon) sendMails(ctx context.Context) (time.Duration, error) {
	return pauseUnless(d.Sending.Mails(ctx))
}

func (d *Daemon) callHooks(ctx context.Context) (time.Duration, error) {
	return pauseUnless(d.Sending.Hooks(ctx))
}

func pauseUnless(n int, err error) (time.Duration, error) {
	if n > 0 && err == nil {
		return 0, nil
	}
	return idleSending, err
}

// revisitsAtOnce is how many pages are asked for again at once. It is few: they have
// days, and what feeds bring goes first.
const revisitsAtOnce = 4

// idleRevisits is how long to wait when no page is to be asked for again.
const idleRevisits = 10 * time.Second

// revisitPages asks again for pages of what watches were told.
func (d *Daemon) revisitPages(ctx context.Context) (wait time.Duration, err error) {
	claimed, err := d.DB.ClaimRevisits(ctx, revisitsAtOnce, pipeline.RevisitLease)
	if err != nil || len(claimed) == 0 {
		return idleRevisits, err
	}
	var work sync.WaitGroup
	failed := make([]error, len(claimed))
	for i, v := range claimed {
		work.Go(func() {
			var did pipeline.Revisited
			did, failed[i] = d.Refresher.Revisit(ctx, v)
			if did.Edition {
				d.group.up()
			}
			if did.TakenDown {
				d.follow.up()
				d.watch.up()
			}
		})
	}
	work.Wait()
	return 0, errors.Join(failed...)
}
