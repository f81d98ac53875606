package store

import (
	"context"
	"database/sql"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"kliping/internal/news"
)

// Domain is whose server a URL asks: its registrable domain, or its address if it
// has none. Feeds of one domain are asked one after the other.
//
// One that is on the operator's own network (a private address, a name without
// dots or of a zone that is not public) is a domain to itself, its whole URL, and
// own is true. It goes by the name alone: a public name for a private address is
// treated as any outlet is.
func Domain(raw string) (name string, own bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return raw, true
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii // one server, however its name is written
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip = ip.Unmap(); ip.IsPrivate() || !ip.IsGlobalUnicast() {
			return raw, true
		}
		return ip.String(), false
	}
	if !strings.Contains(host, ".") || local(host) {
		return raw, true
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain, false
	}
	return host, false // a public suffix itself
}

// local reports whether a name is of a zone that is never public (RFC 6761, 6762,
// 8375, and the root's own decision on .internal).
func local(host string) bool {
	for _, zone := range []string{".localhost", ".local", ".internal", ".home.arpa", ".lan"} {
		if strings.HasSuffix(host, zone) {
			return true
		}
	}
	return false
}

// setDomain puts a feed into its URL's domain.
func (c *conn) setDomain(ctx context.Context, id news.FeedID, url string) error {
	domain, _ := Domain(url)
	if _, err := c.exec(ctx, "INSERT INTO domains (name) VALUES (?) ON CONFLICT (name) DO NOTHING", domain); err != nil {
		return err
	}
	_, err := c.exec(ctx, "UPDATE feeds SET domain = ? WHERE id = ?", domain, id)
	return err
}

// enterDomain puts a feed into its URL's domain and, if that is to be left alone,
// puts it off like the others there.
func (c *conn) enterDomain(ctx context.Context, id news.FeedID, url string) error {
	if err := c.setDomain(ctx, id, url); err != nil {
		return err
	}
	domain, _ := Domain(url)
	return c.heed(ctx, domain, url)
}

// heed puts the feed with the URL off if its domain, which is made if it is not
// there, is to be left alone.
func (c *conn) heed(ctx context.Context, domain, url string) error {
	var held int64
	known, err := c.row(ctx, []any{&held}, "SELECT held_until FROM domains WHERE name = ?", domain)
	if err == nil && !known {
		_, err = c.exec(ctx, "INSERT INTO domains (name) VALUES (?) ON CONFLICT (name) DO NOTHING", domain)
	}
	if err != nil || held <= millis(c.db.now()) {
		return err
	}
	greatest := c.db.dialect.greatest
	_, err = c.exec(ctx, "UPDATE feeds SET held_until = "+greatest+"(held_until, ?), next_due = "+greatest+"(next_due, ?), reason = ? WHERE url = ? AND retired = 0",
		held, held, "the server asked to be left alone until then (Retry-After)", url)
	return err
}

// fillDomains puts the feeds of a store that knew no domains into theirs.
func (c *conn) fillDomains(ctx context.Context) error {
	feeds, err := rows(ctx, c, func(r *sql.Rows) (f news.Feed, err error) {
		err = r.Scan(&f.ID, &f.URL)
		return f, err
	}, "SELECT id, url FROM feeds")
	for _, f := range feeds {
		if err := c.setDomain(ctx, f.ID, f.URL); err != nil {
			return err
		}
	}
	return err
}
