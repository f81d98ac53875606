package outbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"kliping/internal/news"
)

// The headers of a call.
const (
	HeaderEvent     = "Kliping-Event"
	HeaderKey       = "Kliping-Key"       // the same for a repetition
	HeaderTimestamp = "Kliping-Timestamp" // of this attempt, in Unix seconds
	HeaderSignature = "Kliping-Signature" // "sha256=" and Signature
)

// Caller calls webhooks. It is safe for many goroutines at once.
type Caller struct {
	Transport http.RoundTripper // judges where a call leads; follows no redirect
	Timeout   time.Duration     // of a call, with its answer; default 15 seconds
	UserAgent string
	Now       func() time.Time
}

// mostAnswer is how much of an answer is read, so that the connection can be used
// again; nobody looks at it.
const mostAnswer = 64 << 10

// Send makes one call. Nil means that the answer was a success. The error is a
// *RefusedError if the URL is gone for good (410), a *DownError if there was no
// answer, or one other than success: redirects are not followed.
func (c *Caller) Send(ctx context.Context, key string, h Hook) error {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 15 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r, err := c.request(ctx, key, h)
	if err != nil {
		return &RefusedError{err.Error()}
	}
	got, err := c.Transport.RoundTrip(r)
	if errors.Is(err, context.DeadlineExceeded) {
		return &DownError{fmt.Errorf("no answer within %s", timeout), true}
	}
	if err != nil {
		return &DownError{err, true}
	}
	defer got.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(got.Body, mostAnswer)) // the status says it all
	return verdict(got)
}

func (c *Caller) request(ctx context.Context, key string, h Hook) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(h.Body))
	if err != nil {
		return nil, errors.New("the webhook's URL cannot be read")
	}
	if user := r.URL.User; user != nil { // a transport leaves that to its client
		password, _ := user.Password()
		r.SetBasicAuth(user.Username(), password)
	}
	stamp := strconv.FormatInt(c.Now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", c.UserAgent)
	r.Header.Set(HeaderEvent, h.Event)
	r.Header.Set(HeaderKey, key)
	r.Header.Set(HeaderTimestamp, stamp)
	if h.Secret != "" {
		r.Header.Set(HeaderSignature, "sha256="+Signature(h.Secret, stamp, h.Body))
	}
	return r, nil
}

func verdict(got *http.Response) error {
	switch code := got.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusGone:
		return &RefusedError{"the webhook answers 410 Gone"}
	case code >= 300 && code < 400:
		where := "elsewhere"
		if to := got.Header.Get("Location"); to != "" {
			where = "to " + news.RedactedURL(to)
		}
		return &DownError{fmt.Errorf("the webhook redirects %s (%d), which is not followed; name the address that it leads to", where, code), true}
	default:
		return &DownError{fmt.Errorf("the webhook answers %d %s", code, http.StatusText(code)), true}
	}
}

// Signature is the HMAC-SHA256 of timestamp, a full stop and body under a secret,
// in hexadecimal.
func Signature(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// NewSecret makes a secret for a webhook: 130 bits.
func NewSecret() string { return rand.Text() }
