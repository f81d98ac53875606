package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"

	"kliping/internal/news"
)

// inside is what a stranger may name to reach what only this machine can reach,
// and what the guard is to say of it. Names are resolved by [nameServer].
var inside = []struct{ host, why string }{
	// As one writes them, and on the edges of their ranges.
	{"127.0.0.1", "a loopback address"},
	{"127.0.0.2", "a loopback address"},
	{"127.255.255.254", "a loopback address"},
	{"0.0.0.0", "an unspecified address"},
	{"0.1.2.3", "an unspecified address"},
	{"10.0.0.1", "a private address"},
	{"10.255.255.255", "a private address"},
	{"172.16.0.1", "a private address"},
	{"172.31.255.255", "a private address"},
	{"192.168.0.1", "a private address"},
	{"100.64.0.1", "a carrier's internal address"},
	{"100.100.100.200", "a carrier's internal address"}, // Alibaba's metadata
	{"169.254.169.254", "a link-local address"},         // everyone else's
	{"169.254.170.2", "a link-local address"},
	{"168.63.129.16", "a cloud provider's internal address"},
	{"192.0.0.192", "a protocol's reserved address"}, // Oracle's metadata
	{"192.0.2.1", "a documentation address"},
	{"192.88.99.1", "a 6to4 relay address"},
	{"198.18.0.1", "a benchmarking address"},
	{"198.19.255.255", "a benchmarking address"},
	{"203.0.113.9", "a documentation address"},
	{"224.0.0.1", "a multicast address"},
	{"239.255.255.250", "a multicast address"},
	{"240.0.0.1", "a reserved address"},
	{"255.255.255.255", "a reserved address"},
	// Written as a resolver of the C library, a browser or a proxy would read them.
	{"2130706433", "an address in an unusual form"},
	{"017700000001", "an address in an unusual form"},
	{"0x7f000001", "an address in an unusual form"},
	{"0X7F.1", "an address in an unusual form"},
	{"0x7f.0x0.0x0.0x1", "an address in an unusual form"},
	{"0177.0.0.1", "an address in an unusual form"},
	{"0177.0.0.01", "an address in an unusual form"},
	{"127.1", "an address in an unusual form"},
	{"127.0.1", "an address in an unusual form"},
	{"127.000.000.001", "an address in an unusual form"},
	{"127.0.0.1.", "an address in an unusual form"},
	{"127.0.0.1..", "an address in an unusual form"},
	{"0", "an address in an unusual form"},
	{"0x", "an address in an unusual form"},
	{"4294967297", "an address in an unusual form"},
	{"2852039166", "an address in an unusual form"},
	{"256.256.256.256", "an address in an unusual form"},
	{"127.0.0.1.1", "an address in an unusual form"},
	{"foo.0x7f000001", "an address in an unusual form"},
	// In the digits and dots of other scripts.
	{"\uff11\uff12\uff17.\uff10.\uff10.\uff11", "a loopback address"},                // full width
	{"\uff11\uff12\uff17\uff0e\uff10\uff0e\uff10\uff0e\uff11", "a loopback address"}, // and its dots
	{"①②⑦.⓪.⓪.①", "a loopback address"},
	{"𝟏𝟐𝟕.𝟎.𝟎.𝟏", "a loopback address"},
	{"127。0。0。1", "a loopback address"},
	{"①②⑦.1", "an address in an unusual form"},
	{"⑯⑨。②⑤④。⑯⑨。②⑤④", "a link-local address"},
	{"ｌｏｃａｌｈｏｓｔ", "a loopback address"},
	{"ⓛocalhost", "a loopback address"},
	{"١٢٧.0.0.1", "no name of a server"},
	// IPv6, and IPv4 within it.
	{"[::]", "an unspecified address"},
	{"[::1]", "a loopback address"},
	{"[0:0:0:0:0:0:0:1]", "a loopback address"},
	{"[0000:0000:0000:0000:0000:0000:0000:0001]", "a loopback address"},
	{"[::1%25lo]", "a loopback address"},
	{"[::ffff:127.0.0.1]", "a loopback address"},
	{"[::ffff:7f00:1]", "a loopback address"},
	{"[::ffff:169.254.169.254]", "a link-local address"},
	{"[::ffff:127.0.0.1%25lo]", "a loopback address"},
	{"[::127.0.0.1]", "an IPv4-compatible address"},
	{"[::ffff:0:127.0.0.1]", "an IPv4-translated address"},
	{"[64:ff9b::127.0.0.1]", "a NAT64 address"},
	{"[64:ff9b::a9fe:a9fe]", "a NAT64 address"},
	{"[64:ff9b:1::127.0.0.1]", "a local NAT64 address"},
	{"[64:ff9b:1:7f00:0:100::]", "a local NAT64 address"},
	{"[2002:7f00:1::1]", "a 6to4 address"},
	{"[2002:a9fe:a9fe::]", "a 6to4 address"},
	{"[2001:0:7f00:1::80ff:fffe]", "a Teredo address"},
	{"[2a00:1450::5efe:127.0.0.1]", "a loopback address (embedded in 2a00:1450::5efe:7f00:1)"},
	{"[2a00:1450::200:5efe:10.0.0.1]", "a private address (embedded in 2a00:1450::200:5efe:a00:1)"},
	{"[fe80::1]", "a link-local address"},
	{"[fe80::1%25lo]", "a link-local address"},
	{"[fe80::5efe:127.0.0.1]", "a link-local address"},
	{"[fec0::1]", "a site-local address"},
	{"[fc00::1]", "a private address"},
	{"[fd00:ec2::254]", "a private address"}, // Amazon's metadata
	{"[ff02::1]", "a multicast address"},
	{"[100::1]", "a reserved address"},
	{"[2001:db8::1]", "a documentation address"},
	{"[2001:10::1]", "a protocol's reserved address"},
	{"[3fff::1]", "a documentation address"},
	{"[5f00::1]", "a reserved address"},
	// Names.
	{"localhost", "a loopback address"},
	{"LOCALHOST", "a loopback address"},
	{"localhost.", "a loopback address"},
	{"news.localhost", "a loopback address"},
	{"news.localhost.", "a loopback address"},
	{"loopback.example", "a loopback address"},
	{"loopback6.example", "a loopback address"},
	{"mapped.example", "a loopback address"},
	{"nat64.example", "a NAT64 address"},
	{"private.example", "a private address"},
	{"metadata.example", "a link-local address"},
	{"metadata.example.", "a link-local address"},
	{"xn--bcher-kva.example", "a private address"},
	{"bücher.example", "a private address"},
}

// answers are the addresses of names; a name that is asked for again moves on to
// its next answer and stays with the last.
var answers = map[string][]string{
	"loopback.example.":         {"127.0.0.1"},
	"loopback6.example.":        {"::1"},
	"mapped.example.":           {"::ffff:127.0.0.1"},
	"nat64.example.":            {"64:ff9b::7f00:1"},
	"private.example.":          {"10.0.0.1"},
	"metadata.example.":         {"169.254.169.254"},
	"xn--bcher-kva.example.":    {"192.168.7.7"},
	"rebinds.example.":          {outsider, "127.0.0.1"},
	"both.example.":             {outsider + " 127.0.0.1"},
	"news.example.":             {"93.184.215.14"},
	"news-and-private.example.": {"93.184.215.14 10.0.0.1"},
}

// outsider plays a public address: it is on loopback, for tests reach nothing
// else, and the only one that is allowed.
const outsider = "127.0.0.3"

// nameServer answers from [answers], on loopback.
type nameServer struct {
	mu    sync.Mutex
	asked map[string]int
	conn  net.PacketConn
}

func newResolver(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &nameServer{asked: map[string]int{}, conn: conn}
	t.Cleanup(func() { conn.Close() })
	go s.serve()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp4", conn.LocalAddr().String())
	}}
}

func (s *nameServer) serve() {
	b := make([]byte, 1500)
	for {
		n, from, err := s.conn.ReadFrom(b)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(b[:n]) != nil {
			continue
		}
		if reply, err := s.answer(m); err == nil {
			_, _ = s.conn.WriteTo(reply, from)
		}
	}
}

func (s *nameServer) answer(m dnsmessage.Message) ([]byte, error) {
	q := m.Questions[0]
	name := strings.ToLower(q.Name.String())
	all := answers[name]
	m.Response, m.Additionals = true, nil
	if all == nil {
		m.RCode = dnsmessage.RCodeNameError
		return m.Pack()
	}
	s.mu.Lock()
	now := all[min(s.asked[name], len(all)-1)]
	if q.Type == dnsmessage.TypeA { // AAAA is asked for beside it
		s.asked[name]++
	}
	s.mu.Unlock()
	for address := range strings.FieldsSeq(now) {
		ip := netip.MustParseAddr(address)
		h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case q.Type == dnsmessage.TypeA && ip.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: ip.As4()}})
		case q.Type == dnsmessage.TypeAAAA && ip.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	return m.Pack()
}

// canary counts connections to a port of this machine, which must stay none.
func newCanary(t *testing.T) (port string) {
	t.Helper()
	first, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ = net.SplitHostPort(first.Addr().String())
	listeners := []net.Listener{first}
	for _, address := range []string{"127.0.0.2", "::1"} {
		l, err := net.Listen("tcp", net.JoinHostPort(address, port))
		if err != nil {
			t.Logf("no canary on %s: %v", address, err) // a machine without IPv6
			continue
		}
		listeners = append(listeners, l)
	}
	for _, l := range listeners {
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				t.Errorf("something connected to %s", l.Addr())
				conn.Close()
			}
		}()
	}
	return port
}

// newOutside serves what lies outside: at the outsider's address, and as a proxy
// to all names. ?hops=2&to=… redirects twice, the second time to there.
func newOutside(t *testing.T, port string) (proxy string) {
	t.Helper()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close") // so that names are resolved again
		if host := r.URL.Hostname(); host != "" && host != outsider && !strings.HasSuffix(host, ".example") {
			t.Errorf("the proxy was asked for %s", r.URL)
		}
		q := r.URL.Query()
		var hops int
		if _, err := fmt.Sscan(q.Get("hops"), &hops); err != nil {
			_, _ = io.WriteString(w, "<rss/>")
			return
		}
		to := q.Get("to")
		if hops > 1 {
			q.Set("hops", fmt.Sprint(hops-1))
			to = "/?" + q.Encode()
		}
		w.Header().Set("Location", to)
		w.WriteHeader([]int{301, 302, 303, 307, 308}[hops%5])
	})
	l, err := net.Listen("tcp4", net.JoinHostPort(outsider, port))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return serve(t, h).URL
}

// ways are the ways out there are; each returns why nothing came back.
func ways(t *testing.T, proxy string) map[string]func(url string) error {
	t.Helper()
	direct := Options{resolver: newResolver(t), Allow: []netip.Prefix{netip.MustParsePrefix(outsider + "/32")}}
	behind := direct
	behind.resolver = newResolver(t)
	behind.Proxy = func(*url.URL) (*url.URL, error) { return url.Parse(proxy) }
	get := func(o Options, accept string) func(string) error {
		c := New(o)
		return func(address string) error { return c.Get(t.Context(), Request{URL: address, Accept: accept}).Err }
	}
	post := func(o Options) func(string) error {
		c := http.Client{Transport: NewTransport(o)}
		return func(address string) error {
			resp, err := c.Post(address, "application/json", strings.NewReader("{}"))
			if err == nil {
				_ = resp.Body.Close()
			}
			return err
		}
	}
	return map[string]func(string) error{
		"feed": get(direct, ""), "page": get(direct, "text/html"), "post": post(direct),
		"feed through a proxy": get(behind, ""), "page through a proxy": get(behind, "text/html"), "post through a proxy": post(behind),
	}
}

// TestNothingInsideIsReached sends every address and name out by every way, as
// it is and at the end of one to five redirects.
func TestNothingInsideIsReached(t *testing.T) {
	port := newCanary(t)
	for name, way := range ways(t, newOutside(t, port)) {
		t.Run(name, func(t *testing.T) {
			for i, tt := range inside {
				target := "http://" + tt.host + ":" + port + "/"
				checkRefused(t, target, way(target), tt.why)
				hops := 1 + i%5
				checkRefused(t, fmt.Sprint(target, " after ", hops), way(redirecting(port, hops, target)), tt.why)
			}
		})
	}
	t.Logf("%d addresses and names, by each way, directly and redirected to", len(inside))
}

func redirecting(port string, hops int, to string) string {
	return fmt.Sprintf("http://%s:%s/?hops=%d&to=%s", outsider, port, hops, url.QueryEscape(to))
}

func checkRefused(t *testing.T, what string, err error, why string) {
	t.Helper()
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.HasPrefix(refused.Name, why) {
		t.Errorf("%s: %v; want refused as %s", what, err, why)
	}
}

// TestRedirectsToOtherSchemes leads each way to what is no web address.
func TestRedirectsToOtherSchemes(t *testing.T) {
	port := newCanary(t)
	for name, way := range ways(t, newOutside(t, port)) {
		for i, to := range []string{
			"file:///etc/passwd", "gopher://127.0.0.1:" + port + "/_x", "ftp://127.0.0.1:" + port + "/", "ws://127.0.0.1:" + port + "/",
			"dict://127.0.0.1:" + port + "/x", "ldap://127.0.0.1:" + port + "/", "data:text/xml,<rss/>", "javascript:alert(1)",
			"unix:///run/docker.sock", "netdoc:///etc/passwd", "jar:http://127.0.0.1:" + port + "!/",
		} {
			if err := way(redirecting(port, 1+i%5, to)); err == nil || !strings.Contains(err.Error(), "no web address") {
				t.Errorf("%s to %s: %v", name, to, err)
			}
		}
	}
}

// TestRebinding asks a name that is outside when first asked for and inside then,
// and one that is both.
func TestRebinding(t *testing.T) {
	port := newCanary(t)
	for _, proxied := range []bool{false, true} {
		all := ways(t, newOutside(t, port)) // a name server of its own
		way := all["feed"]
		if proxied {
			way = all["feed through a proxy"]
		}
		again := "http://rebinds.example:" + port + "/"
		checkRefused(t, again, way(again+"?hops=1&to="+again), "a loopback address")
		checkRefused(t, again, way(again), "a loopback address")
		both := "http://both.example:" + port + "/"
		if err := way(both); proxied {
			checkRefused(t, both, err, "a loopback address") // which of them the proxy would take, we cannot know
		}
		port = newCanary(t)
	}
}

func TestOtherServicesPorts(t *testing.T) {
	for name, way := range ways(t, newOutside(t, newCanary(t))) {
		for _, port := range []string{"22", "25", "110", "587", "6667", "0"} {
			address := "http://" + outsider + ":" + port + "/"
			if err := way(address); err == nil || !strings.Contains(err.Error(), "port "+port+" is another service's") {
				t.Errorf("%s, %s: %v", name, address, err)
			}
		}
	}
}

// TestLookAlikes wants what resembles the inside but is public to pass.
func TestLookAlikes(t *testing.T) {
	for _, address := range []string{
		"1.0.0.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1", "168.63.129.15", "169.253.255.255",
		"169.255.0.1", "172.15.255.255", "172.32.0.1", "191.255.255.255", "192.0.1.1", "192.0.3.1", "192.167.255.255", "192.169.0.1", "198.17.255.255",
		"198.20.0.1", "203.0.112.1", "223.255.255.255", "::ffff:8.8.8.8", "2606:4700::1111", "2001:4860:4860::8888", "2001:200::1", "2003::1",
		"2a00:1450::1", "2a00:1450::5efe:8.8.8.8", "2400:cb00::1",
	} {
		if err := judge(netip.MustParseAddr(address), nil); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, host := range []string{
		"news.example", "127.0.0.1.example", "10.example", "localhost.example", "notlocalhost", "1e100.example", "0x7f.example", "x0x1",
		"bücher.example", "xn--bcher-kva.example", "пример.испытание", "8.8.8.8", "2606:4700::1111",
	} {
		if _, err := plainHost(host, nil); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// TestProxy sends what may go out through a proxy: plain requests whole, TLS as
// tunnels, with the name as it was given.
func TestProxy(t *testing.T) {
	var asked []string
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.RequestURI+" "+r.Header.Get("Proxy-Authorization"))
		if r.Method == http.MethodConnect {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, "<rss/>")
	})
	at := strings.Replace(proxy.URL, "//", "//ann:hunter2@", 1)
	env := map[string]string{"HTTP_PROXY": at, "https_proxy": at, "NO_PROXY": "direct.example"}
	for _, setting := range []string{"environment", at} {
		asked = nil
		behind, err := ParseProxy(setting, func(name string) string { return env[name] })
		if err != nil {
			t.Fatal(err)
		}
		c := New(Options{Proxy: behind, resolver: newResolver(t)})
		if got := c.Get(t.Context(), Request{URL: "http://news.example/feed"}); got.Outcome != news.OutcomeOK {
			t.Errorf("%s, %v", got.Outcome, got.Err)
		}
		got := c.Get(t.Context(), Request{URL: "https://news.example/feed"})
		if got.Outcome != news.OutcomeUnreachable || strings.Contains(got.Err.Error(), "hunter2") {
			t.Errorf("the proxy refuses the tunnel: %s, %v", got.Outcome, got.Err)
		}
		for _, address := range []string{"http://news-and-private.example/", "https://private.example/", proxy.URL, "http://nowhere.example/", "http://direct.example/"} {
			if got := c.Get(t.Context(), Request{URL: address}); got.Err == nil {
				t.Errorf("%s: %s", address, got.Outcome)
			}
		}
		want := []string{"GET http://news.example/feed Basic YW5uOmh1bnRlcjI=", "CONNECT news.example:443 Basic YW5uOmh1bnRlcjI="}
		if diff := cmp.Diff(want, asked); diff != "" {
			t.Error(diff)
		}
	}
}

func TestParseProxy(t *testing.T) {
	if p, err := ParseProxy("none", os.Getenv); p != nil || err != nil {
		t.Errorf("none: %v", err)
	}
	for _, bad := range []string{"proxy.example:3128", "ftp://u:hunter2@proxy.example", "http://", "http://u:hun%zzter2@x"} {
		_, err := ParseProxy(bad, func(string) string { return "" })
		if !errors.Is(err, news.ErrInvalid) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
