package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"kliping/internal/news"
)

// Gate lets visits through to domains, one at a time to each, whoever makes them. It
// is asked before the first request of a visit and before each redirect that leaves
// the domain, from many goroutines.
type Gate interface {
	// Domain names whose turn an address needs; "" means none. It waits for nothing,
	// and says the same of the same address each time.
	Domain(address string) string
	// Enter waits until it is the visit's turn, for as long as the visit's patience
	// or ctx last. leave is called once for every Enter that succeeded, also when
	// ctx has ended; until then nobody else is let through. The error is a
	// *BusyError if the turn did not come, else ctx's or that of a store that fails.
	Enter(ctx context.Context, v Visit) (leave func(Left), err error)
}

// Visit is a chain of requests to one domain.
type Visit struct {
	Domain   string
	Page     bool          // for a page, which lets feeds go first
	Patience time.Duration // how long to wait for the turn; 0: not at all
}

// Left says how a visit ended, as far as it concerns the next.
type Left struct {
	Gap        time.Duration  // at least so long the domain is left alone; the gate may have a longer one
	RetryAfter time.Duration  // how long the server asked to be left alone; 0: it did not
	Code       int            // the status with which it did
	Delay      *time.Duration // Crawl-delay of robots.txt; nil: it was not read
}

// BusyError says that a domain's turn did not come.
type BusyError struct {
	Domain string
	Wait   time.Duration // after which it is worth trying again
}

func (e *BusyError) Error() string {
	if e.Wait > time.Minute {
		return fmt.Sprintf("%s is to be left alone for %v", e.Domain, e.Wait.Round(time.Second))
	}
	return fmt.Sprintf("others are asking %s, and its turn did not come", e.Domain)
}

// gatePatience is how long a feed waits for the turns of other domains, all that it is
// redirected to together: longer than others' visits mostly take, shorter than its own
// lease outlasts its requests.
const gatePatience = 20 * time.Second

// visit is what a request has of turns: the one that its caller took before, for as
// long as it lasts, and one of its own at a time. It gives that back before it waits
// for another, so that no two visits wait for each other.
type visit struct {
	gate    Gate // nil: everything is let through
	entered string
	v       Visit // of the turn it has, if leave is not nil
	leave   func(Left)
	gap     time.Duration
	delay   *time.Duration // that robots.txt of the domain asks for, once it was read
}

// to takes the turn that an address needs.
func (v *visit) to(ctx context.Context, at *url.URL) error {
	if v.gate == nil {
		return nil
	}
	domain := v.gate.Domain(at.String())
	if v.leave != nil && domain == v.v.Domain {
		return nil
	}
	v.done(Response{})
	if domain == "" || domain == v.entered {
		return nil
	}
	v.v.Domain = domain
	asked := time.Now()
	leave, err := v.gate.Enter(ctx, v.v)
	v.v.Patience = max(0, v.v.Patience-time.Since(asked))
	if err == nil {
		v.leave = leave
	}
	return err
}

// done gives the visit's own turn back after an answer.
func (v *visit) done(last Response) {
	if v.leave == nil {
		return
	}
	left := Left{Gap: v.gap, Delay: v.delay}
	if limited(last) {
		left.RetryAfter, left.Code = last.RetryAfter, last.Code
	}
	v.leave(left)
	v.leave = nil
}

// limited reports whether a server asks to be left alone.
func limited(r Response) bool {
	return r.Code == http.StatusTooManyRequests || r.Code == http.StatusServiceUnavailable
}

// stopped is the response where a request was not made, for want of a turn or by
// robots.txt.
func stopped(err error) Response {
	resp := Response{Outcome: news.OutcomeTimeout, Err: err}
	if b, ok := errors.AsType[*BusyError](err); ok {
		resp.Outcome, resp.RetryAfter = news.OutcomeBusy, max(b.Wait, time.Second)
	}
	if r, ok := errors.AsType[*robotsError](err); ok {
		resp.Outcome = news.OutcomeRefused
		if !r.until.IsZero() {
			resp.Outcome, resp.RetryAfter = news.OutcomeUnreachable, time.Until(r.until)
		}
	}
	return resp
}
