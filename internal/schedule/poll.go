package schedule

import (
	"context"
	"sync"
	"time"

	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// Poll refreshes feeds, many at once, and fetches the pages of their articles. A
// slow feed keeps one worker and no other feed waiting; pages, which wait for the
// turns of their domains, keep none.
type Poll struct {
	Refresher *pipeline.Refresher
	Workers   int
	// Claim leases at most so many feeds, and says whether there will never be
	// more. It is called whenever a worker is free, and after idleFeeds when it
	// had nothing.
	Claim func(ctx context.Context, most int) (leases []store.Lease, done bool, err error)
	// Report hears of each poll, from one goroutine at a time.
	Report func(pipeline.Refreshed)
}

// idleFeeds is how long to wait when no feed is due.
const idleFeeds = time.Second

// Run polls until Claim is done, ctx ends, or the store fails, and waits for
// every poll it began. It returns the first failure.
func (p *Poll) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var work, reports sync.WaitGroup
	free := make(chan struct{}, p.Workers) // one for each worker that is idle
	for range p.Workers {
		free <- struct{}{}
	}
	pages := make(chan struct{}, pagesAtOnce*p.Workers)
	results := make(chan pipeline.Refreshed)
	reports.Go(func() {
		for r := range results {
			p.Report(r)
		}
	})
	err := p.claimAll(ctx, free, func(l store.Lease) {
		work.Go(func() {
			r, err := p.Refresher.Refresh(ctx, l)
			free <- struct{}{}
			if err == nil && r.Outcome.Good() {
				r.Pages, err = p.fetchPages(ctx, l, pages)
			}
			switch {
			case err == nil:
				results <- r
			case !pipeline.Lost(err):
				stop(err)
			}
		})
	})
	work.Wait()
	close(results)
	reports.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause // the claim that failed next only says that ctx ended
	}
	return err
}

// pagesAtOnce is how many feeds' pages are fetched at once, for each worker. What
// is beyond waits for the feed's next poll.
const pagesAtOnce = 4

func (p *Poll) fetchPages(ctx context.Context, l store.Lease, slots chan struct{}) (int, error) {
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
		return p.Refresher.FetchPages(ctx, l.Feed)
	default:
		return 0, nil
	}
}

// claimAll hands every claimed feed to a free worker until there are no more or
// ctx ends.
func (p *Poll) claimAll(ctx context.Context, free chan struct{}, hand func(store.Lease)) error {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-free:
		}
		idle := 1
		for len(free) > 0 {
			<-free
			idle++
		}
		leases, done, err := p.Claim(ctx, idle)
		if err != nil || done {
			return err
		}
		for _, l := range leases {
			hand(l)
		}
		for range idle - len(leases) {
			free <- struct{}{}
		}
		if len(leases) == 0 {
			sleep(ctx, idleFeeds, nil)
		}
	}
	return nil
}
