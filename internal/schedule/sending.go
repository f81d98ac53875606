package schedule

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"kliping/internal/news"
	"kliping/internal/outbox"
	"kliping/internal/store"
)

// Sending sends what lies in the outbox: a message goes out, is tried again later,
// or is given up with the reason, and nothing else becomes of it. Messages of one
// way (the mail server, a webhook's URL) go in their order, and while a way is
// down none is tried twice; no way waits for another.
type Sending struct {
	DB     *store.DB
	Mailer *outbox.Mailer // nil: mail waits until there is a server
	Caller *outbox.Caller
	Lease  time.Duration // of what is being sent; default 10 minutes
	Margin time.Duration // the longest one message can take; default 1 minute
	Now    func() time.Time
	Log    *slog.Logger
}

// How a message that could not be sent is tried again: after a minute, two, four
// and so on up to an hour, for a week.
const (
	firstRetry = time.Minute
	lastRetry  = time.Hour
	giveUp     = 7 * 24 * time.Hour
)

// How many messages are claimed together, and how many webhooks called at once.
const (
	mailsAtOnce = 20
	hooksAtOnce = 100
	waysAtOnce  = 8
)

// retryAfter is how long to wait after so many attempts failed before.
func retryAfter(attempts int) time.Duration {
	return min(firstRetry<<min(attempts, 10), lastRetry)
}

// Mails sends one batch of mail, and returns how many messages it was.
func (s *Sending) Mails(ctx context.Context) (int, error) {
	if s.Mailer == nil {
		return 0, nil
	}
	lease := s.newLease()
	claimed, err := s.DB.ClaimMessages(ctx, mailsAtOnce, lease.length, outbox.KindMail)
	if err != nil || len(claimed) == 0 {
		return 0, err
	}
	defer s.Mailer.Close()
	return len(claimed), s.way(ctx, lease, claimed, func(ctx context.Context, m store.Message) error {
		var letter outbox.Mail
		if err := json.Unmarshal(m.Payload, &letter); err != nil {
			return &outbox.RefusedError{Reason: "the message is damaged: " + err.Error()}
		}
		return s.Mailer.Send(ctx, m.Key, letter)
	})
}

// Hooks makes one batch of calls, and returns how many it was.
func (s *Sending) Hooks(ctx context.Context) (int, error) {
	lease := s.newLease()
	claimed, err := s.DB.ClaimMessages(ctx, hooksAtOnce, lease.length, outbox.KindHook)
	if err != nil || len(claimed) == 0 {
		return 0, err
	}
	ways := map[string][]store.Message{}
	for _, m := range claimed {
		var h outbox.Hook
		_ = json.Unmarshal(m.Payload, &h) // call says so when its turn comes
		ways[h.URL] = append(ways[h.URL], m)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	turn := make(chan struct{}, waysAtOnce)
	for _, messages := range ways {
		turn <- struct{}{}
		all.Go(func() {
			bad := s.way(ctx, lease, messages, s.call)
			mu.Lock()
			err = errors.Join(err, bad)
			mu.Unlock()
			<-turn
		})
	}
	all.Wait()
	return len(claimed), err
}

func (s *Sending) call(ctx context.Context, m store.Message) error {
	var h outbox.Hook
	if err := json.Unmarshal(m.Payload, &h); err != nil {
		return &outbox.RefusedError{Reason: "the message is damaged: " + err.Error()}
	}
	return s.Caller.Send(ctx, m.Key, h)
}

// lease is how long claimed messages are ours.
type lease struct {
	length time.Duration
	began  time.Time // by the clock that passes here, whatever the store's says
}

func (s *Sending) newLease() lease {
	return lease{cmp.Or(s.Lease, 10*time.Minute), time.Now()}
}

// way sends messages that go the same way, one after the other. Those for which
// the lease has no time left are nobody's until it runs out.
func (s *Sending) way(ctx context.Context, l lease, messages []store.Message, send func(context.Context, store.Message) error) error {
	var down *outbox.DownError
	for _, m := range messages {
		if ended(ctx) || time.Since(l.began) > l.length-cmp.Or(s.Margin, time.Minute) {
			break
		}
		err := error(down)
		if down == nil {
			err = send(ctx, m)
			errors.As(err, &down)
		}
		if err != nil && ended(ctx) {
			break // it was stopped, which says nothing about the message
		}
		if err := s.settle(ctx, m, err); err != nil {
			return err
		}
	}
	return nil
}

func ended(ctx context.Context) bool { return ctx.Err() != nil }

// settle saves what became of a message, even if it is time to stop: what was sent
// and not saved is sent twice.
func (s *Sending) settle(ctx context.Context, m store.Message, failed error) error {
	log := s.Log.With("kind", m.Kind, "key", m.Key)
	stopped := ctx
	ctx, cancel := context.WithTimeout(context.WithoutCancel(stopped), 20*time.Second)
	defer cancel()
	var refused *outbox.RefusedError
	var err error
	switch now := s.Now(); {
	case failed == nil:
		log.InfoContext(ctx, "message sent", "attempts", m.Attempts+1)
		err = s.DB.Sent(ctx, m.ID, m.Epoch)
	case errors.As(failed, &refused):
		log.WarnContext(ctx, "message refused for good", "error", failed)
		err = s.DB.Fail(ctx, m.ID, m.Epoch, failed.Error())
	case !m.Failing.IsZero() && now.Sub(m.Failing) >= giveUp:
		log.WarnContext(ctx, "message given up", "since", m.Failing, "error", failed)
		err = s.DB.Fail(ctx, m.ID, m.Epoch, fmt.Sprintf("given up after %d days: %v", int(giveUp.Hours()/24), failed))
	default:
		wait := retryAfter(m.Attempts)
		log.WarnContext(ctx, "message not sent, trying again", "error", failed, "in", wait)
		err = s.DB.Retry(ctx, m.ID, m.Epoch, now.Add(wait), failed.Error())
	}
	if errors.Is(err, news.ErrFenced) {
		return nil // it was removed, or somebody else has it since
	}
	return err
}
