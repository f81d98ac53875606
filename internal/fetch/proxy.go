package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"

	"kliping/internal/news"
)

// Transport is the one door to addresses that strangers named: every request to
// them, whatever for, goes through its RoundTrip, which judges each hop of a
// chain of redirects anew. The error of a refused one wraps [RefusedError].
//
// Without a proxy the address is judged in the moment of connecting. With one,
// the name is resolved here and all its addresses are judged before the proxy
// hears of it. Downsides: names must be resolvable here too, and the proxy, which
// is given the name because it may filter by it, resolves it again: a name
// server that answers it otherwise is the proxy's to refuse.
type Transport struct {
	allow    []netip.Prefix
	resolver *net.Resolver
	proxy    ProxyFunc
	direct   *http.Transport // connects to what was asked for, guarded
	proxied  *http.Transport // connects to proxies only, which are the operator's
}

// NewTransport takes from o what concerns connections: Timeout, Allow and Proxy.
func NewTransport(o Options) *Transport {
	t := &Transport{allow: o.Allow, resolver: o.resolver, proxy: o.Proxy}
	if t.resolver == nil {
		t.resolver = net.DefaultResolver
	}
	if t.proxy == nil {
		t.proxy = func(*url.URL) (*url.URL, error) { return nil, nil }
	}
	t.direct = newTransport(guardedDialer(o.Allow), o)
	t.proxied = newTransport(&net.Dialer{}, o)
	t.proxied.Proxy = func(r *http.Request) (*url.URL, error) {
		via, err := t.proxy(r.URL)
		if via == nil && err == nil {
			err = errors.New("no proxy is responsible") // without one, this transport would connect unguarded
		}
		return via, err
	}
	return t
}

func newTransport(d *net.Dialer, o Options) *http.Transport {
	// The transport dials apart from the request and would go on after it ended.
	// Below the request's own timeout it leaves time for a name's next address.
	d.Timeout, d.Resolver = 10*time.Second, o.resolver
	if o.Timeout > 0 {
		d.Timeout = min(d.Timeout, o.Timeout)
	}
	return &http.Transport{
		DialContext:            d.DialContext,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // decoded by the reader, so that limits see both sides
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        30 * time.Second,
	}
}

// RoundTrip makes one request; see [http.RoundTripper].
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r, by, err := t.admit(r)
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // as RoundTripper wants it
		}
		return nil, err
	}
	return by.RoundTrip(r)
}

// admit judges a request as far as that is possible before connecting, and says
// which way it goes. The request returned has its host in plain form.
func (t *Transport) admit(r *http.Request) (*http.Request, *http.Transport, error) {
	if r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return r, nil, &RefusedError{strconv.Quote(r.URL.Redacted()), "no web address", "only http:// and https:// are fetched"}
	}
	host, err := plainHost(r.URL.Hostname(), t.allow)
	if err != nil {
		return r, nil, err
	}
	if host != r.URL.Hostname() {
		port := r.URL.Port()
		r = r.Clone(r.Context())
		r.Host, r.URL.Host = "", host
		if port != "" {
			r.URL.Host = net.JoinHostPort(host, port)
		}
	}
	via, err := t.proxy(r.URL)
	if via == nil || err != nil {
		return r, t.direct, err
	}
	return r, t.proxied, t.judgeBehind(r.Context(), r.URL)
}

// judgeBehind judges what a proxy would connect to.
func (t *Transport) judgeBehind(ctx context.Context, u *url.URL) error {
	if port, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
		if err := judgePort(uint16(port)); err != nil {
			return err
		}
	}
	ips, err := t.resolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return err
	}
	for _, ip := range ips {
		if err := judge(ip, t.allow); err != nil {
			return err
		}
	}
	return nil
}

// ProxyFunc is the proxy for a URL; nil is none.
type ProxyFunc = func(*url.URL) (*url.URL, error)

// ParseProxy reads the setting fetch.proxy: "none", the URL of a proxy for all,
// or "environment" for what HTTP_PROXY and HTTPS_PROXY say. NO_PROXY holds for
// both, and this machine's own addresses have no proxy. The error wraps
// [news.ErrInvalid] and shows no password.
func ParseProxy(setting string, getenv func(string) string) (ProxyFunc, error) {
	either := func(name string) string {
		if value := getenv(name); value != "" {
			return value
		}
		return getenv(strings.ToLower(name))
	}
	c := httpproxy.Config{NoProxy: either("NO_PROXY")}
	switch setting {
	case "none", "":
		return nil, nil
	case "environment":
		c.HTTPProxy, c.HTTPSProxy = either("HTTP_PROXY"), either("HTTPS_PROXY")
	default:
		u, err := url.Parse(setting)
		if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" {
			return nil, fmt.Errorf("the proxy's address: %w: write it like http://proxy.example:3128", news.ErrInvalid)
		}
		c.HTTPProxy, c.HTTPSProxy = setting, setting
	}
	return c.ProxyFunc(), nil
}
