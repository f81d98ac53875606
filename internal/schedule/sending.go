package schedule

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"kliping/internal/news"
	"kliping/internal/outbox"
	"kliping/internal/store"
)

// Sending sends what lies in the outbox: a message goes out, is tried again later,
// or is given up with the reason, and nothing else becomes of it. Messages of one
// way (the mail server, a webhook's URL: many share a host and are nobody's
// neighbours) go one after the other, those that failed before behind the rest.
// While a way is down one attempt stands for all that waits for it; no way waits
// for another.
type Sending struct {
	DB     *store.DB
	Mailer *outbox.Mailer // nil: mail waits until there is a server
	Caller *outbox.Caller
	Lease  time.Duration // of what is being sent; default 10 minutes
	Margin time.Duration // the longest one message can take; default 1 minute
	Now    func() time.Time
	Log    *slog.Logger
}

// How a message that could not be sent, or a way that is down, is tried again:
// after a minute, two, four and so on up to an hour, for a week.
const (
	firstRetry = time.Minute
	lastRetry  = time.Hour
	giveUp     = 7 * 24 * time.Hour
)

// leastAttempts are made before anything is given up, a day's worth: a machine that
// was off for the week has tried nothing.
const leastAttempts = 24

// How many messages of a way are claimed together, how many webhooks are called at
// once, and how soon it is looked for others that came due meanwhile.
const (
	mailsATurn  = 20
	hooksATurn  = 10
	waysAtOnce  = 32
	lookForMore = time.Second
)

// mostBroken is over how many mails in a row the server may break the line until it
// is left alone for firstRetry. That pause does not grow: it may be about these
// mails (one text to hundreds), and others wait behind them.
const mostBroken = 5

// retryAfter is how long to wait after so many attempts failed before.
func retryAfter(attempts int) time.Duration {
	return min(firstRetry<<min(attempts, 10), lastRetry)
}

// Mails sends one batch of mail, and returns how many messages it was.
func (s *Sending) Mails(ctx context.Context) (int, error) {
	if s.Mailer == nil {
		return 0, nil
	}
	defer s.Mailer.Close()
	return s.turn(ctx, outbox.KindMail, mailsATurn, func(ctx context.Context, m store.Message) error {
		var letter outbox.Mail
		if err := json.Unmarshal(m.Payload, &letter); err != nil {
			return &outbox.RefusedError{Reason: "the message is damaged: " + err.Error()}
		}
		return s.Mailer.Send(ctx, m.Key, letter)
	})
}

// Hooks calls webhooks until no call is due, and returns how many it were. Each
// has turns of its own, so that one with a backlog, or that is slow to answer,
// keeps nobody waiting.
func (s *Sending) Hooks(ctx context.Context) (total int, err error) {
	type result struct {
		way string
		n   int
		err error
	}
	var all sync.WaitGroup
	defer all.Wait()
	results := make(chan result, waysAtOnce)
	going, turns := map[string]bool{}, map[string]int{}
	for {
		var next []string
		if err == nil && !ended(ctx) {
			next, err = s.nextWays(ctx, going, turns)
		}
		for _, way := range next {
			going[way] = true
			turns[way]++
			all.Go(func() {
				n, err := s.turn(ctx, way, hooksATurn, s.call)
				results <- result{way, n, err}
			})
		}
		if len(going) == 0 {
			return total, err
		}
		select {
		case r := <-results:
			delete(going, r.way)
			total, err = total+r.n, errors.Join(err, r.err)
		case <-time.After(lookForMore):
		}
	}
}

// nextWays are the webhooks to be called now beside those that are: of those that
// had the fewest turns first.
func (s *Sending) nextWays(ctx context.Context, going map[string]bool, turns map[string]int) ([]string, error) {
	ways, err := s.DB.DueWays(ctx, outbox.KindHook)
	ways = slices.DeleteFunc(ways, func(way string) bool { return going[way] })
	slices.SortStableFunc(ways, func(a, b string) int { return cmp.Compare(turns[a], turns[b]) })
	return ways[:min(waysAtOnce-len(going), len(ways))], err
}

func (s *Sending) call(ctx context.Context, m store.Message) error {
	var h outbox.Hook
	if err := json.Unmarshal(m.Payload, &h); err != nil {
		return &outbox.RefusedError{Reason: "the message is damaged: " + err.Error()}
	}
	return s.Caller.Send(ctx, m.Key, h)
}

// turn sends a few messages that go one way, one after the other, and returns how
// many it claimed. When the way turns out to be down, those that were not tried
// are as they were. Those for which the lease has no time left are nobody's until
// it runs out.
func (s *Sending) turn(ctx context.Context, way string, most int, send func(context.Context, store.Message) error) (int, error) {
	lease, began := cmp.Or(s.Lease, 10*time.Minute), time.Now() // by the clock that passes here, whatever the store's says
	claimed, err := s.DB.ClaimMessages(ctx, most, lease, way)
	if err != nil {
		return 0, err
	}
	known, broken := false, 0 // that the way is up; lines broken in a row
	for i, m := range claimed {
		if ended(ctx) || time.Since(began) > lease-cmp.Or(s.Margin, time.Minute) {
			break
		}
		failed := send(ctx, m)
		if failed != nil && ended(ctx) {
			break // it was stopped, which says nothing about the message
		}
		var down *outbox.DownError
		if errors.As(failed, &down) && !down.Tried {
			return len(claimed), s.putOff(ctx, way, failed, retryAfter, claimed[i:])
		}
		if err := s.settle(ctx, m, failed); err != nil {
			return len(claimed), err
		}
		if down != nil {
			pause := retryAfter
			if m.Attempts > 0 { // it may be about this message: what was not tried yet is not to wait long for it
				pause = shortPause
			}
			return len(claimed), s.putOff(ctx, way, failed, pause, claimed[i+1:])
		}
		if !known {
			if err := s.DB.WayIsUp(ctx, way); err != nil {
				return len(claimed), err
			}
			known = true
		}
		var over *outbox.BrokenError
		if !errors.As(failed, &over) {
			broken = 0
		} else if broken++; broken == mostBroken {
			return len(claimed), s.putOff(ctx, way, failed, shortPause, claimed[i+1:])
		}
	}
	return len(claimed), nil
}

// shortPause does not grow.
func shortPause(int) time.Duration { return firstRetry }

// putOff lets nothing go a way for a while, gives back what is claimed of it, and
// gives up what has waited for a week if the way was down that long.
func (s *Sending) putOff(ctx context.Context, way string, why error, pause func(attempts int) time.Duration, claimed []store.Message) error {
	for _, m := range claimed {
		if err := s.DB.Return(ctx, m.ID, m.Epoch); err != nil && !errors.Is(err, news.ErrFenced) {
			return err
		}
	}
	w, err := s.DB.PutOff(ctx, way, why.Error(), pause)
	if err != nil {
		return err
	}
	log := s.Log.With("way", news.RedactedURL(way), "since", w.Failing, "error", why)
	log.WarnContext(ctx, "all that goes this way waits", "until", w.Until)
	since := s.Now().Add(-giveUp)
	if w.Failing.After(since) || w.Attempts < leastAttempts {
		return nil
	}
	n, err := s.DB.FailWay(ctx, way, since, givenUp(why))
	if n > 0 {
		log.WarnContext(ctx, "messages given up", "messages", n)
	}
	return err
}

func givenUp(why error) string {
	return fmt.Sprintf("given up after %d days: %v", int(giveUp.Hours()/24), why)
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
	case !m.Failing.IsZero() && now.Sub(m.Failing) >= giveUp && m.Attempts >= leastAttempts:
		log.WarnContext(ctx, "message given up", "since", m.Failing, "error", failed)
		err = s.DB.Fail(ctx, m.ID, m.Epoch, givenUp(failed))
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
