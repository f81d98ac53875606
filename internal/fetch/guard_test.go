package fetch

import (
	"context"
	"errors"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

func TestJudge(t *testing.T) {
	const public = ""
	tests := map[string]string{
		"93.184.216.34":        public,
		"1.1.1.1":              public,
		"100.63.255.255":       public,
		"100.128.0.0":          public,
		"172.15.255.255":       public,
		"172.32.0.0":           public,
		"198.20.0.0":           public,
		"223.255.255.255":      public,
		"2606:4700::1111":      public,
		"2a00:1450:4001::8a":   public,
		"::ffff:93.184.216.34": public,

		"0.0.0.0":           "0.0.0.0 is an unspecified address",
		"0.1.2.3":           "0.1.2.3 is an unspecified address",
		"10.255.255.255":    "10.255.255.255 is a private address",
		"100.64.0.0":        "100.64.0.0 is a carrier's internal address",
		"100.100.100.200":   "100.100.100.200 is a carrier's internal address",
		"127.0.0.1":         "127.0.0.1 is a loopback address",
		"127.255.255.254":   "127.255.255.254 is a loopback address",
		"168.63.129.16":     "168.63.129.16 is a cloud provider's internal address",
		"169.254.169.254":   "169.254.169.254 is a link-local address",
		"172.16.0.1":        "172.16.0.1 is a private address",
		"172.31.255.255":    "172.31.255.255 is a private address",
		"192.0.0.192":       "192.0.0.192 is a protocol's reserved address",
		"192.0.2.1":         "192.0.2.1 is a documentation address",
		"192.88.99.1":       "192.88.99.1 is a 6to4 relay address",
		"192.168.1.10":      "192.168.1.10 is a private address",
		"198.18.0.1":        "198.18.0.1 is a benchmarking address",
		"198.19.255.255":    "198.19.255.255 is a benchmarking address",
		"198.51.100.1":      "198.51.100.1 is a documentation address",
		"203.0.113.1":       "203.0.113.1 is a documentation address",
		"224.0.0.1":         "224.0.0.1 is a multicast address",
		"240.0.0.1":         "240.0.0.1 is a reserved address",
		"255.255.255.255":   "255.255.255.255 is a reserved address",
		"::":                ":: is an unspecified address",
		"::1":               "::1 is a loopback address",
		"::127.0.0.1":       "::7f00:1 is an IPv4-compatible address",
		"::ffff:127.0.0.1":  "127.0.0.1 is a loopback address",
		"::ffff:10.0.0.1":   "10.0.0.1 is a private address",
		"::ffff:0:10.0.0.1": "::ffff:0:a00:1 is an IPv4-translated address",
		"64:ff9b::8.8.8.8":  "64:ff9b::808:808 is a NAT64 address",
		"64:ff9b:1::1":      "64:ff9b:1::1 is a local NAT64 address",
		"64:ff9b:2::1":      "64:ff9b:2::1 is a reserved address",
		"100::1":            "100::1 is a reserved address",
		"2001::1":           "2001::1 is a Teredo address",
		"2001:2::1":         "2001:2::1 is a protocol's reserved address",
		"2001:20::1":        "2001:20::1 is a protocol's reserved address",
		"2001:db8::1":       "2001:db8::1 is a documentation address",
		"2002:7f00:1::":     "2002:7f00:1:: is a 6to4 address",
		"3fff::1":           "3fff::1 is a documentation address",
		"4000::1":           "4000::1 is a reserved address",
		"5f00::1":           "5f00::1 is a reserved address",
		"fc00::1":           "fc00::1 is a private address",
		"fd00:ec2::254":     "fd00:ec2::254 is a private address",
		"fe80::1%eth0":      "fe80::1 is a link-local address",
		"fec0::1":           "fec0::1 is a site-local address",
		"ff02::1":           "ff02::1 is a multicast address",

		// A public prefix whose interface identifier holds an IPv4 address.
		"2a00::5efe:10.0.0.1":     "10.0.0.1 is a private address (embedded in 2a00::5efe:a00:1)",
		"2a00::200:5efe:10.0.0.1": "10.0.0.1 is a private address (embedded in 2a00::200:5efe:a00:1)",
		"2a00::5efe:8.8.8.8":      public,
	}
	for address, want := range tests {
		got := ""
		if err := judge(netip.MustParseAddr(address), nil); err != nil {
			got = err.Error()
		}
		if want != "" {
			want += "; add it to fetch.allow to let Kliping fetch from it"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

// Allowing a translator's range must not allow what lies behind it.
func TestJudgeAllowed(t *testing.T) {
	tests := []struct {
		allow, address string
		refused        string // the address the guard names, empty if it lets pass
	}{
		{"127.0.0.0/8", "127.0.0.1", ""},
		{"127.0.0.0/8", "::ffff:127.0.0.1", ""},
		{"127.0.0.0/8", "::1", "::1"},
		{"127.0.0.0/8", "::127.0.0.1", "::7f00:1"},
		{"fe80::/10", "fe80::1%eth0", ""},
		{"::/0", "fd00::1", ""},
		{"::/0", "10.0.0.1", "10.0.0.1"},
		{"::/0", "::127.0.0.1", "127.0.0.1"},
		{"::/0", "::ffff:0:127.0.0.1", "127.0.0.1"},
		{"64:ff9b::/96", "64:ff9b::8.8.8.8", ""},
		{"64:ff9b::/96", "64:ff9b::10.0.0.1", "10.0.0.1"},
		{"64:ff9b:1::/48", "64:ff9b:1::8.8.8.8", ""},
		{"64:ff9b:1::/48", "64:ff9b:1::127.0.0.1", "127.0.0.1"},
		{"64:ff9b:1::/48", "64:ff9b:1:7f00:0:100:808:808", "127.0.0.1"},
		{"2002::/16", "2002:808:808::1", ""},
		{"2002::/16", "2002:c0a8:101::1", "192.168.1.1"},
		{"2001::/32", "2001:0:808:808::f7f7:f7f7", ""},          // client 8.8.8.8, inverted
		{"2001::/32", "2001:0:a00:1::f7f7:f7f7", "10.0.0.1"},    // server
		{"2001::/32", "2001:0:808:808::80ff:fffe", "127.0.0.1"}, // client
		{"10.0.0.0/8", "2a00::5efe:10.0.0.1", ""},
	}
	for _, tt := range tests {
		var refused *RefusedError
		got := ""
		if errors.As(judge(netip.MustParseAddr(tt.address), []netip.Prefix{netip.MustParsePrefix(tt.allow)}), &refused) {
			got = refused.Address
		}
		if got != tt.refused {
			t.Errorf("allow %s: %s refused as %q, want %q", tt.allow, tt.address, got, tt.refused)
		}
	}
}

func TestGuardedDialerIsForTCP(t *testing.T) {
	for network, address := range map[string]string{"udp": "127.0.0.1:53", "unix": "/nowhere/socket"} {
		var refused *RefusedError
		if _, err := guardedDialer(loopback).DialContext(context.Background(), network, address); !errors.As(err, &refused) {
			t.Errorf("%s: %v", network, err)
		}
	}
}

func TestParseAllow(t *testing.T) {
	got, err := ParseAllow([]string{"127.0.0.0/8", "192.168.1.10", "10.1.2.3/8", "fd00::10", "::ffff:10.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, p := range got {
		text = append(text, p.String())
	}
	if diff := cmp.Diff([]string{"127.0.0.0/8", "192.168.1.10/32", "10.0.0.0/8", "fd00::10/128", "10.0.0.1/32"}, text); diff != "" {
		t.Error(diff)
	}
	_, err = ParseAllow([]string{"localhost", "::1", "10/8"})
	const want = `"localhost", "10/8": invalid: write an address such as 192.168.1.10 or a prefix such as 10.0.0.0/8`
	if !errors.Is(err, news.ErrInvalid) || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// FuzzJudge holds that an IPv4 address refused by itself is refused in every
// wrapping, even where the wrapping is allowed.
func FuzzJudge(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add([]byte{8, 8, 8, 8})
	wrappings := []netip.Prefix{ipv4Compatible, ipv4Translated, nat64, nat64Local}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v4, ok := netip.AddrFromSlice(raw)
		if !ok || !v4.Is4() || judge(v4, nil) == nil || v4 == netip.AddrFrom4([4]byte{}) || v4 == netip.AddrFrom4([4]byte{0, 0, 0, 1}) {
			return
		}
		for _, w := range wrappings {
			b := w.Addr().As16()
			copy(b[12:], raw)
			if judge(netip.AddrFrom16(b), wrappings) == nil {
				t.Errorf("%v passes as %v", v4, netip.AddrFrom16(b))
			}
		}
	})
}
