package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// Daemon runs the straight line in the background. A failing step is logged and
// tried again; only the end of its context ends it.
type Daemon struct {
	DB        *store.DB
	Refresher *pipeline.Refresher
	Grouper   *pipeline.Grouper
	Follower  *pipeline.Follower
	Watcher   *pipeline.Watcher // nil: no watch is told anything
	Sending   *Sending          // nil: nothing is sent
	Slots     []Job
	Plans     *Plans        // of digests; nil: none
	Workers   int           // feeds polled at once; default 16
	Lease     time.Duration // how long a claimed feed is ours: longer than a poll can take
	Now       func() time.Time
	Log       *slog.Logger

	// OnGroup and OnFollow, which may be nil, hear of finished batches.
	OnGroup  func(pipeline.Grouped)
	OnFollow func(stories int)

	group, follow, watch, mail, hook wake
	clock                            ahead
}

// Job is a named piece of work with slots. Run must be safe to repeat: one that
// fails, or is stopped, gives its slot back: it is tried again on any node until it
// succeeds or the next slot comes. A node that dies in the middle of it leaves the
// slot taken.
type Job struct {
	Name string
	Spec Spec
	Run  func(ctx context.Context, slot time.Time) error
}

// Intervals of the loops when nothing wakes them: other processes write to the
// same store without waking us, and a clock can be set, or a machine sleep,
// while a loop waits for its next slot.
const (
	idleGroup  = 2 * time.Second
	idleFollow = time.Second
	idleSlots  = 20 * time.Second
	afterError = 5 * time.Second
)

// Run works until ctx ends and then waits for what it started.
func (d *Daemon) Run(ctx context.Context) error {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Workers == 0 {
		d.Workers = 16
	}
	for _, w := range []*wake{&d.group, &d.follow, &d.watch, &d.mail, &d.hook} {
		*w = newWake()
	}
	var all sync.WaitGroup
	all.Go(func() { d.pollFeeds(ctx) })
	all.Go(func() { d.loop(ctx, "group articles", d.group, d.groupBatch) })
	all.Go(func() { d.loop(ctx, "update the index", d.follow, d.followBatch) })
	if d.Watcher != nil {
		all.Go(func() { d.loop(ctx, "look for what watches ask for", d.watch, d.watchBatch) })
		all.Go(func() { d.loop(ctx, "send what watches have", nil, d.sendWatches) })
		if d.Refresher.FullText.Pages != nil {
			all.Go(func() { d.loop(ctx, "ask for pages again", nil, d.revisitPages) })
		}
	}
	if d.Sending != nil {
		all.Go(func() { d.loop(ctx, "send mail", d.mail, d.sendMails) })
		all.Go(func() { d.loop(ctx, "call webhooks", d.hook, d.callHooks) })
	}
	for _, job := range d.Slots {
		all.Go(func() { d.loop(ctx, job.Name, nil, d.slots(job)) })
	}
	if d.Plans != nil {
		all.Go(func() { d.loop(ctx, "digests", nil, d.Plans.Step) })
	}
	all.Wait()
	return context.Cause(ctx)
}

// loop calls step until ctx ends: again after as long as it says or at a wake, and
// after a pause, which no wake cuts short, when it fails.
func (d *Daemon) loop(ctx context.Context, name string, w wake, step func(context.Context) (wait time.Duration, err error)) {
	for ctx.Err() == nil {
		wait, err := step(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			d.Log.ErrorContext(ctx, name+" failed, trying again", "error", err, "in", afterError)
			sleep(ctx, afterError, nil)
		case wait > 0:
			sleep(ctx, wait, w)
		}
	}
}

// pollFeeds polls feeds as they come due until ctx ends.
func (d *Daemon) pollFeeds(ctx context.Context) {
	poll := Poll{
		Refresher: d.Refresher, Workers: d.Workers,
		Claim: func(ctx context.Context, most int) ([]store.Lease, bool, error) {
			leases, err := d.DB.Claim(ctx, store.Claim{Limit: most, Lease: d.Lease})
			return leases, false, err
		},
		Report: func(r pipeline.Refreshed) {
			if r.New+r.Changed > 0 {
				d.group.up()
			}
		},
	}
	for ctx.Err() == nil {
		if err := poll.Run(ctx); err != nil && ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "poll feeds failed, trying again", "error", err, "in", afterError)
			sleep(ctx, afterError, nil)
		}
	}
}

func (d *Daemon) groupBatch(ctx context.Context) (wait time.Duration, err error) {
	done, err := d.Grouper.Group(ctx)
	if err != nil || done.Articles == 0 {
		return idleGroup, err
	}
	d.Log.InfoContext(ctx, "articles grouped", "articles", done.Articles, "founded", done.Founded, "merged", done.Merged, "moved", done.Moved, "recleaned", done.Recleaned)
	d.follow.up()
	d.watch.up()
	if d.OnGroup != nil {
		d.OnGroup(done)
	}
	return 0, nil
}

func (d *Daemon) followBatch(ctx context.Context) (wait time.Duration, err error) {
	n, err := d.Follower.Follow(ctx)
	if err != nil || n == 0 {
		return idleFollow, err
	}
	if d.OnFollow != nil {
		d.OnFollow(n)
	}
	return 0, nil
}

// slots returns the step that runs the job's slots as they come due.
func (d *Daemon) slots(job Job) func(context.Context) (time.Duration, error) {
	start := d.Now() // a job that never ran does not make up the past
	return func(ctx context.Context) (time.Duration, error) {
		now := d.Now()
		if start.After(now) {
			start = now
		}
		due, err := d.takeSlot(ctx, job, start, now)
		if err != nil {
			return 0, err
		}
		if !due.IsZero() {
			if err := d.runSlot(ctx, job, due); err != nil {
				return 0, err
			}
		}
		if next := job.Spec.Next(now); !next.IsZero() {
			return min(idleSlots, next.Sub(d.Now())), nil
		}
		return idleSlots, nil
	}
}

// runSlot runs a slot that was taken, and gives it back if that fails.
func (d *Daemon) runSlot(ctx context.Context, job Job, due time.Time) error {
	err := job.Run(ctx, due)
	if err == nil {
		return nil
	}
	slot := job.Spec.Slot(due)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	return fmt.Errorf("slot %s: %w", slot, errors.Join(err, d.DB.GiveBackSlot(ctx, job.Name, slot)))
}

// takeSlot takes the job's newest missed slot and returns its time; the zero
// time if there is none, or another node took it.
func (d *Daemon) takeSlot(ctx context.Context, job Job, start, now time.Time) (time.Time, error) {
	due, err := d.clock.missedSlot(ctx, d.DB, d.Log, job.Name, job.Spec, start, time.Time{}, now)
	if err != nil || due.IsZero() {
		return time.Time{}, err
	}
	ours, err := d.DB.TakeSlot(ctx, job.Name, job.Spec.Slot(due))
	if err != nil || !ours {
		return time.Time{}, err
	}
	return due, nil
}

// wake is a note to a loop. A nil wake never comes.
type wake chan struct{}

func newWake() wake { return make(wake, 1) }

func (w wake) up() {
	select {
	case w <- struct{}{}:
	default:
	}
}

// sleep waits for a while, a wake, or the end of ctx.
func sleep(ctx context.Context, d time.Duration, w wake) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-w:
	}
}
