// Package access decides who may use the pages and the API, and sends with every
// answer the headers that keep strangers' text from doing anything.
//
//   - secret: a password or a token; either opens, as HTTP Basic (under any user
//     name) and as a bearer token
//   - feed token: a secret of its own that opens nothing but feeds, in the address
//   - here: a name or address of this machine's own, such as localhost
package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Options say who may come in.
type Options struct {
	Secrets []string // empty ones do not count; none: whoever asks for a name that is here
	// FeedToken opens feeds only, in the address as token=…, since feed readers send
	// no headers; empty: nothing does.
	FeedToken string
	IsFeed    func(path string) bool
	Log       *slog.Logger
	Now       func() time.Time // default time.Now
}

type gate struct {
	next     http.Handler
	secrets  [][sha256.Size]byte
	feeds    [][sha256.Size]byte // the token of feeds, if there is one
	isFeed   func(path string) bool
	attempts attempts
	log      *slog.Logger
	now      func() time.Time
}

// New returns a handler that asks next on behalf of those who may.
func New(o Options, next http.Handler) http.Handler {
	g := &gate{next: next, log: o.Log, now: o.Now}
	if g.now == nil {
		g.now = time.Now
	}
	for _, s := range o.Secrets {
		if s != "" {
			g.secrets = append(g.secrets, sha256.Sum256([]byte(s)))
		}
	}
	if o.FeedToken != "" && o.IsFeed != nil {
		g.feeds, g.isFeed = append(g.feeds, sha256.Sum256([]byte(o.FeedToken))), o.IsFeed
	}
	inner := http.NewCrossOriginProtection().Handler(g)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		inner.ServeHTTP(w, r)
	})
}

// secure sets what holds for every answer. Pages allow themselves a little more
// in a policy of their own.
func secure(head http.Header) {
	head.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("X-Content-Type-Options", "nosniff")
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch status, why := g.judge(w.Header(), r); status {
	case http.StatusOK:
		g.next.ServeHTTP(w, r)
	default:
		refuse(w, r, status, why)
	}
}

// judge says with which status a request is answered, and why if it is refused.
func (g *gate) judge(head http.Header, r *http.Request) (status int, why string) {
	if len(g.secrets) == 0 {
		// A page elsewhere can have its name lead here (DNS rebinding) and read along.
		if !here(r.Host) {
			return http.StatusMisdirectedRequest, "Without a password, Kliping answers to names of this machine only. Ask for localhost, have your proxy do so, or set a password."
		}
		return http.StatusOK, ""
	}
	right, any := g.opens(r)
	if any {
		from := network(r.RemoteAddr)
		wait, last := g.attempts.note(from, right, g.now())
		if last {
			g.log.WarnContext(r.Context(), "too many wrong passwords", "from", from, "wait", wait)
		}
		if wait > 0 {
			head.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
			return http.StatusTooManyRequests, "Too many wrong passwords came from this address. Wait a minute."
		}
	}
	if !right {
		head.Set("WWW-Authenticate", `Basic realm="Kliping", charset="UTF-8"`)
		return http.StatusUnauthorized, "A password is wanted, with any user name, or a bearer token."
	}
	return http.StatusOK, ""
}

// credentials are the password or token that a request brings, if it does.
func credentials(r *http.Request) (secret string, any bool) {
	if _, password, ok := r.BasicAuth(); ok {
		return password, true
	}
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, ok && strings.EqualFold(scheme, "Bearer")
}

// opens reports whether what a request brings opens what it asks for, and whether
// it brings anything. A token in an address opens feeds, and nothing else counts
// there: addresses are written down in many places.
func (g *gate) opens(r *http.Request) (right, any bool) {
	if given, any := credentials(r); any {
		return known(given, g.secrets), true
	}
	if len(g.feeds) == 0 || r.Method != http.MethodGet && r.Method != http.MethodHead || !g.isFeed(r.URL.Path) || !r.URL.Query().Has("token") {
		return false, false
	}
	return known(r.URL.Query().Get("token"), g.feeds), true
}

// known compares in a time that tells nothing of where two secrets differ.
func known(secret string, secrets [][sha256.Size]byte) bool {
	sum, found := sha256.Sum256([]byte(secret)), 0
	for _, s := range secrets {
		found |= subtle.ConstantTimeCompare(sum[:], s[:])
	}
	return found == 1
}

// here reports whether a Host header names this machine to itself.
func here(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}

// network is what a client is known by: its address, or the network that one
// client of IPv6 has to itself. Downside: all who come through one proxy are one.
func network(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip, bits := at.Addr().Unmap().WithZone(""), 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits) // fails for no address of that length
	return p
}

func refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		http.Error(w, why, status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	text, _ := json.Marshal(map[string]string{"error": why}) // a map of strings always can be
	fmt.Fprintf(w, "%s\n", text)
}
