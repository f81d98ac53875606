package fetch

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/net/idna"

	"kliping/internal/news"
)

// reserved names the ranges that are no public web server's, with what to call
// an address in them. Sources: the IANA special-purpose address registries for
// IPv4 and IPv6 (RFC 6890 and its updates), and two addresses that clouds give
// to their own services. Ranges that embed an IPv4 address (NAT64 and its like)
// are refused like the rest; where one is allowed, the embedded address is
// still judged.
var reserved = []struct {
	prefix netip.Prefix
	name   string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "an unspecified address"},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private address"},
	{netip.MustParsePrefix("100.64.0.0/10"), "a carrier's internal address"},
	{netip.MustParsePrefix("127.0.0.0/8"), "a loopback address"},
	{netip.MustParsePrefix("168.63.129.16/32"), "a cloud provider's internal address"},
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local address"},
	{netip.MustParsePrefix("172.16.0.0/12"), "a private address"},
	{netip.MustParsePrefix("192.0.0.0/24"), "a protocol's reserved address"},
	{netip.MustParsePrefix("192.0.2.0/24"), "a documentation address"},
	{netip.MustParsePrefix("192.88.99.0/24"), "a 6to4 relay address"},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private address"},
	{netip.MustParsePrefix("198.18.0.0/15"), "a benchmarking address"},
	{netip.MustParsePrefix("198.51.100.0/24"), "a documentation address"},
	{netip.MustParsePrefix("203.0.113.0/24"), "a documentation address"},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast address"},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved address"},

	{netip.MustParsePrefix("::/128"), "an unspecified address"},
	{netip.MustParsePrefix("::1/128"), "a loopback address"},
	{ipv4Compatible, "an IPv4-compatible address"},
	{ipv4Translated, "an IPv4-translated address"},
	{nat64, "a NAT64 address"},
	{nat64Local, "a local NAT64 address"},
	{teredo, "a Teredo address"},
	{netip.MustParsePrefix("2001::/23"), "a protocol's reserved address"},
	{netip.MustParsePrefix("2001:db8::/32"), "a documentation address"},
	{sixToFour, "a 6to4 address"},
	{netip.MustParsePrefix("3ffe::/16"), "a reserved address"},
	{netip.MustParsePrefix("3fff::/20"), "a documentation address"},
	{netip.MustParsePrefix("fc00::/7"), "a private address"},
	{netip.MustParsePrefix("fe80::/10"), "a link-local address"},
	{netip.MustParsePrefix("fec0::/10"), "a site-local address"},
	{netip.MustParsePrefix("ff00::/8"), "a multicast address"},
}

// The IPv6 ranges whose addresses carry an IPv4 address. IPv4-mapped ones
// (::ffff:0:0/96) are not here: they are turned into the IPv4 address at once.
var (
	ipv4Compatible = netip.MustParsePrefix("::/96")           // RFC 4291
	ipv4Translated = netip.MustParsePrefix("::ffff:0:0:0/96") // RFC 2765
	nat64          = netip.MustParsePrefix("64:ff9b::/96")    // RFC 6052
	nat64Local     = netip.MustParsePrefix("64:ff9b:1::/48")  // RFC 8215
	teredo         = netip.MustParsePrefix("2001::/32")       // RFC 4380
	sixToFour      = netip.MustParsePrefix("2002::/16")       // RFC 3056

	// Only this part of IPv6 has been given out as public addresses.
	globalIPv6 = netip.MustParsePrefix("2000::/3")
)

// guardedDialer judges the address in the moment of connecting, after the name
// was resolved, so neither a redirect nor a name server that changes its answer
// gets past it. Addresses in allow are let through. The error of a refused
// connection wraps [RefusedError].
func guardedDialer(allow []netip.Prefix) *net.Dialer {
	return &net.Dialer{Control: func(network, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || network != "tcp4" && network != "tcp6" {
			return &RefusedError{address, "no address of TCP", onlyWeb}
		}
		if err := judgePort(at.Port()); err != nil {
			return err
		}
		return judge(at.Addr(), allow)
	}}
}

// RefusedError says what the guard refused, what it is, and what to do.
type RefusedError struct {
	Address string // or name or port, as it was understood
	Name    string // what it is, with its article: "a private address"
	Advice  string
}

func (e *RefusedError) Error() string { return e.Address + " is " + e.Name + "; " + e.Advice }

const (
	allowIt  = "add it to fetch.allow to let Kliping fetch from it"
	onlyWeb  = "only web servers are connected to"
	inFull   = "write an IPv4 address as four decimal numbers, such as 192.0.2.1, or the server's name"
	aWebName = "write the server's name or IP address"
)

// plainHost is the host of a URL as the network knows it: in ASCII. It refuses
// what resolvers and proxies read in ways of their own: numbers that are no
// address as we write one (127.1, 0x7f000001), and names of the machine that
// reads them. An address is judged at once.
func plainHost(host string, allow []netip.Prefix) (string, error) {
	plain := host
	if strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }) {
		var err error
		if plain, err = idna.Lookup.ToASCII(host); err != nil {
			return "", &RefusedError{fmt.Sprintf("%q", host), "no name of a server", aWebName}
		}
	}
	name := strings.ToLower(strings.TrimRight(plain, "."))
	ip, notAddress := netip.ParseAddr(plain)
	switch {
	case notAddress == nil:
		return plain, judge(ip, allow)
	case name == "":
		return "", &RefusedError{fmt.Sprintf("%q", host), "no name of a server", aWebName}
	case endsInNumber(name) || strings.Contains(name, ":"):
		return "", &RefusedError{fmt.Sprintf("%q", host), "an address in an unusual form", inFull}
	case name == "localhost" || strings.HasSuffix(name, ".localhost"): // RFC 6761, 6.3
		v4, v6 := netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()
		if !contains(allow, v4) && !contains(allow, v6) {
			return "", &RefusedError{v4.String(), "a loopback address (named " + plain + ")", allowIt}
		}
	}
	return plain, nil
}

// endsInNumber reports whether the WHATWG's URL standard would read a host as an
// IPv4 address: its last part is a decimal or hexadecimal number.
func endsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	digits, valid := last, "0123456789"
	if rest, hex := strings.CutPrefix(last, "0x"); hex {
		digits, valid = rest, "0123456789abcdef"
	}
	return last != "" && strings.Trim(digits, valid) == ""
}

// badPorts are those of other services, to which a request could be a command:
// the WHATWG Fetch standard's list of what browsers refuse.
var badPorts = []uint16{
	0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
	111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
	540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
	6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
}

func judgePort(port uint16) error {
	if slices.Contains(badPorts, port) {
		return &RefusedError{"port " + strconv.Itoa(int(port)), "another service's", onlyWeb}
	}
	return nil
}

// judge returns a [RefusedError] if ip, or an IPv4 address that ip embeds, is
// reserved and not allowed.
func judge(ip netip.Addr, allow []netip.Prefix) error {
	ip = ip.Unmap().WithZone("")
	if name := reservedName(ip); name != "" && !contains(allow, ip) {
		return &RefusedError{ip.String(), name, allowIt}
	}
	for _, inner := range embedded(ip) {
		if name := reservedName(inner); name != "" && !contains(allow, inner) {
			return &RefusedError{inner.String(), name + " (embedded in " + ip.String() + ")", allowIt}
		}
	}
	return nil
}

func reservedName(ip netip.Addr) string {
	for _, r := range reserved {
		if r.prefix.Contains(ip) {
			return r.name
		}
	}
	if ip.Is6() && !globalIPv6.Contains(ip) {
		return "a reserved address"
	}
	return ""
}

func contains(prefixes []netip.Prefix, ip netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// embedded returns the IPv4 addresses that an IPv6 address leads to by way of a
// translator or tunnel.
func embedded(ip netip.Addr) []netip.Addr {
	if !ip.Is6() {
		return nil
	}
	b := ip.As16()
	last := netip.AddrFrom4([4]byte(b[12:]))
	isatap := [4]byte(b[8:12])
	switch {
	case ip == netip.IPv6Unspecified() || ip == netip.IPv6Loopback():
		return nil
	case ipv4Compatible.Contains(ip), ipv4Translated.Contains(ip), nat64.Contains(ip):
		return []netip.Addr{last}
	case nat64Local.Contains(ip):
		// The operator chooses where the address stands (RFC 6052, 2.2): at the
		// end, or after the /48. Both are judged, as only the operator knows.
		if early := [4]byte{b[6], b[7], b[9], b[10]}; early != [4]byte{} {
			return []netip.Addr{netip.AddrFrom4(early), last}
		}
		return []netip.Addr{last}
	case teredo.Contains(ip):
		server := netip.AddrFrom4([4]byte(b[4:8]))
		return []netip.Addr{server, netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]})}
	case sixToFour.Contains(ip):
		return []netip.Addr{netip.AddrFrom4([4]byte(b[2:6]))}
	case isatap == [4]byte{0, 0, 0x5e, 0xfe} || isatap == [4]byte{2, 0, 0x5e, 0xfe}: // RFC 5214
		return []netip.Addr{last}
	}
	return nil
}

// ParseAllow reads an allow list: prefixes such as 127.0.0.0/8 and single
// addresses such as 192.168.1.10 or fd00::10. The error names every entry that
// is neither and wraps [news.ErrInvalid].
func ParseAllow(entries []string) ([]netip.Prefix, error) {
	var allow []netip.Prefix
	var bad []string
	for _, entry := range entries {
		prefix, err := netip.ParsePrefix(entry)
		if err != nil {
			var ip netip.Addr
			if ip, err = netip.ParseAddr(entry); err == nil {
				ip = ip.Unmap().WithZone("")
				prefix = netip.PrefixFrom(ip, ip.BitLen())
			}
		}
		if err != nil {
			bad = append(bad, fmt.Sprintf("%q", entry))
			continue
		}
		allow = append(allow, prefix.Masked())
	}
	if bad != nil {
		return nil, fmt.Errorf("%s: %w: write an address such as 192.168.1.10 or a prefix such as 10.0.0.0/8",
			strings.Join(bad, ", "), news.ErrInvalid)
	}
	return allow, nil
}
