package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"kliping/internal/news"
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
	Slots     []Job
	Workers   int           // feeds polled at once; default 16
	Lease     time.Duration // how long a claimed feed is ours: longer than a poll can take
	Now       func() time.Time
	Log       *slog.Logger

	// OnGroup and OnFollow, which may be nil, hear of finished batches.
	OnGroup  func(pipeline.Grouped)
	OnFollow func(stories int)

	group, follow wake
}

// Job is a named piece of work with slots. Run must be safe to repeat: a node
// that dies in the middle of it leaves the slot taken, and the next slot runs.
type Job struct {
	Name string
	Spec Spec
	Run  func(ctx context.Context, slot time.Time) error
}

// Intervals of the loops when nothing wakes them: other processes write to the
// same store without waking us.
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
	d.group, d.follow = newWake(), newWake()
	var all sync.WaitGroup
	all.Go(func() { d.pollFeeds(ctx) })
	all.Go(func() { d.loop(ctx, "group articles", idleGroup, d.group, d.groupBatch) })
	all.Go(func() { d.loop(ctx, "update the index", idleFollow, d.follow, d.followBatch) })
	for _, job := range d.Slots {
		all.Go(func() {
			d.loop(ctx, job.Name, idleSlots, nil, func(ctx context.Context) (bool, error) { return false, d.runSlot(ctx, job) })
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// loop calls step until ctx ends: again at once while there is more, after idle
// or a wake when there is not, and after a pause when it fails.
func (d *Daemon) loop(ctx context.Context, name string, idle time.Duration, w wake, step func(context.Context) (more bool, err error)) {
	for ctx.Err() == nil {
		more, err := step(ctx)
		wait := idle
		switch {
		case err != nil && ctx.Err() == nil:
			d.Log.ErrorContext(ctx, name+" failed, trying again", "error", err, "in", afterError)
			wait = afterError
		case more:
			continue
		}
		sleep(ctx, wait, w)
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

func (d *Daemon) groupBatch(ctx context.Context) (more bool, err error) {
	done, err := d.Grouper.Group(ctx)
	if err != nil || done.Articles == 0 {
		return false, err
	}
	d.Log.InfoContext(ctx, "articles grouped", "articles", done.Articles, "founded", done.Founded, "merged", done.Merged, "recleaned", done.Recleaned)
	d.follow.up()
	if d.OnGroup != nil {
		d.OnGroup(done)
	}
	return true, nil
}

func (d *Daemon) followBatch(ctx context.Context) (more bool, err error) {
	n, err := d.Follower.Follow(ctx)
	if err != nil || n == 0 {
		return false, err
	}
	if d.OnFollow != nil {
		d.OnFollow(n)
	}
	return true, nil
}

// runSlot runs the job's newest missed slot, if there is one that nobody took.
func (d *Daemon) runSlot(ctx context.Context, job Job) error {
	now := d.Now()
	last, err := d.DB.LastSlot(ctx, job.Name)
	if err != nil {
		return err
	}
	since := now.Add(-2 * idleSlots) // a job that never ran does not make up the past
	if last != "" {
		if since, err = job.Spec.slotTime(last); err != nil {
			return err
		}
	}
	due := job.Spec.Last(since, now)
	if due.IsZero() {
		return nil
	}
	ours, err := d.DB.TakeSlot(ctx, job.Name, job.Spec.Slot(due))
	if err != nil || !ours {
		return err
	}
	if err := job.Run(ctx, due); err != nil {
		return fmt.Errorf("slot %s: %w", job.Spec.Slot(due), err)
	}
	return nil
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

// Stopped reports whether err only says that work was asked to stop.
func Stopped(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, news.ErrFenced)
}
