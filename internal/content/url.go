package content

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"kliping/internal/news"
)

// CanonicalURL writes an address of a page in the one form by which two
// mentions of the page are recognised:
//
//   - scheme and host in lower case, an internationalised host in its ASCII
//     form (punycode, "xn--…"), without a final dot, user name or default port;
//   - "." and ".." steps resolved, escapes in upper case, and none where the
//     character may stand for itself;
//   - no fragment, and no parameters that only say where a reader came from
//     (utm_source, fbclid and the like); the others stay as they are and in
//     their order, for they may choose the page.
//
// An address of an AMP cache becomes that of the page it stands for. The result
// is an address of the same page. Only http and https have one; the
// error for all others wraps news.ErrInvalid.
func CanonicalURL(raw string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return "", fmt.Errorf("address %q: %w", shorten(raw), news.ErrInvalid)
	}
	u = unwrapped(u)
	u.Scheme = strings.ToLower(u.Scheme)
	host := canonicalHost(u.Hostname())
	if u.Scheme != "http" && u.Scheme != "https" || host == "" {
		return "", fmt.Errorf("address %q is not http:// or https:// and a host: %w", shorten(raw), news.ErrInvalid)
	}
	path := resolved(unreserve(u.EscapedPath()))
	if path == "" {
		path = "/"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && (u.Scheme != "http" || port != "80") && (u.Scheme != "https" || port != "443") {
		host += ":" + port
	}
	return u.Scheme + "://" + host + path + untracked(u.RawQuery), nil
}

// shorten keeps a stranger's text from filling an error message.
func shorten(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}

// canonicalHost is the host in lower case and ASCII, without final dots; empty
// if it could be the name of no host. Names that IDNA refuses, such as those
// with underscores or pictures in them, are in use all the same.
func canonicalHost(host string) string {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.WithZone("").String()
	}
	host = strings.TrimRight(host, ".")
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil {
		ascii, err = idna.Punycode.ToASCII(strings.ToLower(host))
	}
	if err != nil || len(ascii) > longestHost || strings.ContainsFunc(ascii, notInHosts) {
		return ""
	}
	return ascii
}

// longestHost is the limit that DNS sets, in bytes.
const longestHost = 253

func notInHosts(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("-._", r)
}

// resolved is an escaped path without "." and ".." steps.
func resolved(path string) string {
	decoded, err := url.PathUnescape(path)
	if err != nil { // it came from url.URL, which escapes rightly
		return path
	}
	return new(url.URL).ResolveReference(&url.URL{Scheme: "https", Path: decoded, RawPath: path}).EscapedPath()
}

// unreserve normalises the escapes of a path as RFC 3986, section 6.2.2, has
// it.
func unreserve(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] != '%' || i+2 >= len(path) {
			b.WriteByte(path[i])
			continue
		}
		if c, err := url.PathUnescape(path[i : i+3]); err == nil && isUnreserved(c[0]) {
			b.WriteString(c)
		} else {
			b.WriteString(strings.ToUpper(path[i : i+3]))
		}
		i += 2
	}
	return b.String()
}

func isUnreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// untracked is the query with its question mark, less the parameters that only
// track; empty if nothing is left.
func untracked(query string) string {
	var b strings.Builder
	for parameter := range strings.SplitSeq(query, "&") {
		if parameter == "" || tracks(parameter) {
			continue
		}
		if b.Len() == 0 {
			b.WriteByte('?')
		} else {
			b.WriteByte('&')
		}
		b.WriteString(escapeQuery(parameter))
	}
	return b.String()
}

// escapeQuery escapes what a query may not hold as it is, and nothing else.
func escapeQuery(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// tracks reports whether a parameter only says where a reader came from.
func tracks(parameter string) bool {
	name, value, _ := strings.Cut(strings.ToLower(parameter), "=")
	if trackers[name] || referrers[name] && channels[value] {
		return true
	}
	for _, prefix := range trackerPrefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// The parameters that advertisers, mailers and social networks append to other
// people's addresses, from their public documentation and common sight.
var (
	trackerPrefixes = []string{"utm_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "at_", "ns_", "stm_", "itm_", "trk_", "vero_", "oly_", "pf_rd_", "sfmc_", "ga_", "dm_i"}
	trackers        = set(
		"fbclid", "fb_action_ids", "fb_action_types", "fb_source", "fb_ref", // Facebook
		"gclid", "gclsrc", "dclid", "gbraid", "wbraid", "srsltid", "_ga", "_gl", // Google
		"msclkid", "cvid", "ocid", // Microsoft
		"yclid", "_openstat", "ysclid", // Yandex
		"twclid", "ttclid", "li_fat_id", "igsh", "igshid", "epik", "s_kwcid", "scid", "rdt_cid", // other networks
		"mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "hsctatracking", "vero_id", "vero_conv", // mailers
		"oly_anon_id", "oly_enc_id", "wickedid", "_kx", "_ke", "__s", "bsft_clkid", "bsft_uid", "ml_subscriber", "ml_subscriber_hash",
		"xtor", "wt_mc", "wt.mc", "wt_zmc", "cmp", "cmpid", "cmp_id", "smid", "feedtype", "feedname", "ito", "dicbo", "spm", "icid", "intcmp", "int_cmp", "cmpid", "campaign_id", "cid_source", "taid", "tblci", "obref", "ob_click_id", "outbrainclickid", "emc", "partner_id",
		"ftag", "ref_src", "ref_url", "referringsource", "__twitter_impression", "usqp", "amp_js_v", "amp_gsa", "sr_share", "share_id", "shareid", "sharetype", "sh_kit", "mibextid", "si_share", "syclid", "irclickid", "irgwc", "gad_source", "gad_campaignid", "_branch_match_id", "_branch_referrer", "admitad_uid", "ysclick", "wbraid", "guccounter", "guce_referrer", "guce_referrer_sig", // publishers
	)

	// Parameters that may choose a page, but not with these values.
	referrers = set("source", "src", "ref", "from", "via", "partner", "origin", "rss", "feed", "referrer", "share")
	channels  = set("rss", "rss1", "rss2", "feed", "feeds", "atom", "rssfeed", "facebook", "twitter", "whatsapp", "telegram", "newsletter", "email")
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

// Outlet names who publishes: the registrable domain (the public suffix, such
// as "co.uk" or "github.io", and one label more) of the first address that has
// one, in lower case and ASCII. Addresses may lack their scheme.
//
// If none has, it is the first host, which then is an IP address, a name
// without dots, or a public suffix itself; ports do not count. Services that
// only pass readers on (feed proxies, shorteners) publish nothing: they are
// named only where there is nothing else. Without any host it is "".
func Outlet(candidates ...string) string {
	var host, forwarder string
	for _, c := range candidates {
		h := hostOf(c)
		if h == "" {
			continue
		}
		domain, err := publicsuffix.EffectiveTLDPlusOne(h)
		switch {
		case forwarders[h] || forwarders[domain]:
			forwarder = first(forwarder, h)
		case err != nil || isAddress(h):
			host = first(host, h)
		default:
			return domain
		}
	}
	return first(host, forwarder)
}

func hostOf(address string) string {
	address = strings.TrimSpace(address)
	if !strings.Contains(address, "//") {
		address = "//" + address
	}
	u, err := url.Parse(address)
	if err != nil || strings.HasSuffix(u.Host, ":") {
		return ""
	}
	return canonicalHost(u.Hostname())
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// forwarders are hosts and domains that pass readers on to pages of others.
var forwarders = set(
	"feedburner.com", "feedproxy.google.com", "feedsportal.com", "feedblitz.com", "feedpress.me", "news.google.com",
	"t.co", "bit.ly", "ow.ly", "dlvr.it", "ift.tt", "buff.ly", "trib.al", "tinyurl.com", "goo.gl", "lnkd.in", "fb.me", "is.gd",
)
