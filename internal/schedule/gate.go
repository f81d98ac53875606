package schedule

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"kliping/internal/fetch"
	"kliping/internal/store"
)

// Gate lets visits through to domains by the store's turns, the same that polls of
// feeds take as they are claimed. So all nodes' requests of every kind keep to them.
type Gate struct {
	DB    *store.DB
	Gap   time.Duration // how long a domain is left alone after a visit
	Lease time.Duration // how long a turn is a visit's; longer than that can take
	Log   *slog.Logger
}

// lookAgain is about how often a domain is looked at that somebody is asking.
const lookAgain = 500 * time.Millisecond

// Domain names whose turn an address needs: none if it is on the operator's own
// network.
func (g *Gate) Domain(address string) string {
	name, own := store.Domain(address)
	if own {
		return ""
	}
	return name
}

// Enter waits for a domain's turn, as [fetch.Gate] has it.
func (g *Gate) Enter(ctx context.Context, v fetch.Visit) (func(fetch.Left), error) {
	wanted := store.TurnWanted{Domain: v.Domain, Lease: g.Lease, Page: v.Page}
	for end := time.Now().Add(v.Patience); ; {
		turn, wait, ok, err := g.DB.TakeTurn(ctx, wanted)
		if err != nil {
			return nil, err
		}
		if ok {
			return func(left fetch.Left) { g.leave(ctx, turn, v.Domain, left) }, nil
		}
		left := time.Until(end)
		if wait > left || left <= 0 {
			return nil, &fetch.BusyError{Domain: v.Domain, Wait: wait}
		}
		if wait == 0 {
			wait = lookAgain/2 + rand.N(lookAgain)
		} else {
			wait += rand.N(lookAgain / 5)
		}
		sleep(ctx, wait, nil)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
}

// leave gives a turn back, also when ctx has ended. If the store fails to take it,
// the turn ends with its lease.
func (g *Gate) leave(ctx context.Context, turn store.Turn, domain string, left fetch.Left) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
	defer cancel()
	out := store.TurnLeft{Gap: max(g.Gap, left.Gap), Delay: left.Delay}
	if left.RetryAfter > 0 && !slices.Contains(shared, domain) {
		out.Held = min(left.RetryAfter, mostAsked)
		out.Reason = leftAlone(out.Held, left.Code)
	}
	if err := g.DB.LeaveTurn(ctx, turn, out); err != nil {
		g.Log.WarnContext(ctx, "turn not given back", "domain", domain, "error", err)
	}
}

// leaveTime is how long giving a turn back may take.
const leaveTime = 5 * time.Second

// leftAlone is the reason of a wait that a server asked for.
func leftAlone(d time.Duration, code int) string {
	return fmt.Sprintf("the server asked to be left alone for %s (status %d, Retry-After)", words(d), code)
}
