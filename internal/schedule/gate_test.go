package schedule

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"kliping/internal/fetch"
	"kliping/internal/store"
)

// TestGateWaits has visits wait for the turn of a domain that another has.
func TestGateWaits(t *testing.T) {
	const domain = "a.example"
	for name, tt := range map[string]struct {
		patience time.Duration
		ends     time.Duration // of the context; 0: never
		leaves   time.Duration // of who has the turn; 0: never
		err      error
		from, to time.Duration // how long it waits
	}{
		"the turn comes":                         {time.Hour, 0, 10 * time.Second, nil, 12 * time.Second, 14 * time.Second},
		"the context ends":                       {time.Hour, 5 * time.Second, 0, context.DeadlineExceeded, 5 * time.Second, 5 * time.Second},
		"the lease of one that died runs out":    {time.Hour, 0, 0, nil, 90 * time.Second, 91 * time.Second},
		"the patience ends":                      {20 * time.Second, 0, 0, &fetch.BusyError{}, 20 * time.Second, 21 * time.Second},
		"a gap that is longer than its patience": {time.Second, 0, time.Nanosecond, &fetch.BusyError{}, 0, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			path := storePath(t)
			synctest.Test(t, func(t *testing.T) {
				db, err := store.Open(t.Context(), store.Options{Path: path})
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				g := &Gate{DB: db, Gap: 2 * time.Second, Lease: 90 * time.Second, Log: slog.New(slog.DiscardHandler)}
				leave, err := g.Enter(t.Context(), fetch.Visit{Domain: domain})
				if err != nil {
					t.Fatal(err)
				}
				ctx := t.Context()
				if tt.ends > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.ends)
					defer cancel()
				}
				if tt.leaves > 0 {
					go func() {
						time.Sleep(tt.leaves)
						leave(fetch.Left{})
					}()
				}
				began := time.Now()
				_, err = g.Enter(ctx, fetch.Visit{Domain: domain, Patience: tt.patience})
				waited := time.Since(began)
				var busy *fetch.BusyError
				if wantsBusy := errors.As(tt.err, &busy); wantsBusy != errors.As(err, &busy) || !wantsBusy && !errors.Is(err, tt.err) {
					t.Errorf("%v, want %v", err, tt.err)
				}
				if waited < tt.from || waited > tt.to {
					t.Errorf("waited %v, want %v to %v", waited, tt.from, tt.to)
				}
				time.Sleep(time.Minute) // until whoever leaves has left
			})
		})
	}
}
