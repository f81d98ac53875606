package fetch

import (
	"context"
	"math"
	"net/http"
	"net/http/httptrace"
	"time"
)

// roundTrip makes a request whose answer's header has to be complete within patience
// of its first byte: a header that drips holds a connection as a body does. A server
// that is slow to begin has the whole timeout. The answer's body is cut off when the
// request's own context ends.
func (c *Client) roundTrip(req *http.Request) (*http.Response, error) {
	ctx, giveUp := context.WithCancelCause(req.Context())
	timer := time.AfterFunc(math.MaxInt64, func() { giveUp(errTooSlow) }) // it runs from the first byte on
	defer timer.Stop()
	began := func() { timer.Reset(patience) }
	return c.transport.RoundTrip(req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotFirstResponseByte: began})))
}
