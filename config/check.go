package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

func anything(string) error { return nil }

func notEmpty(s string) error {
	if strings.TrimSpace(s) == "" {
		return errors.New("it is empty; write a value or leave the key out")
	}
	return nil
}

func orEmpty(valid func(string) error) func(string) error {
	return func(s string) error {
		if s == "" {
			return nil
		}
		return valid(s)
	}
}

func oneOf(words ...string) func(string) error {
	return func(s string) error {
		if slices.Contains(words, s) {
			return nil
		}
		return fmt.Errorf("%q is not known%s; write one of %s", s, didYouMean(nearest(s, words)), strings.Join(words, ", "))
	}
}

func listenAddress(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%q is no address to listen on; write for example 127.0.0.1:8411, or :8411 for all interfaces", s)
	}
	return nil
}

// ownAddress reports whether an address to listen on is reached from this machine
// only.
func ownAddress(listen string) bool {
	host, _, _ := net.SplitHostPort(listen)
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback() || host == "localhost"
}

// leastSecret is how many characters keep a secret from being guessed at the rate
// that the daemon allows.
const leastSecret = 12

func goodSecret(s string) error {
	if err := givenSecret(s); err != nil || s == "" {
		return err
	}
	if utf8.RuneCountInString(s) < leastSecret {
		return fmt.Errorf("it is too short; write at least %d characters, such as 'openssl rand -hex 16' prints", leastSecret)
	}
	return nil
}

// givenSecret approves of a secret that somebody else chose.
func givenSecret(s string) error {
	switch {
	case s == hidden:
		return errors.New("this is where a password was blotted out; write the password")
	case strings.ContainsFunc(s, unicode.IsControl):
		return errors.New("it holds control characters, which cannot be sent")
	}
	return nil
}

// publicURL approves of the base of links.
func publicURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("%q is no address of pages; write for example https://kliping.example", redact(s))
	}
	return nil
}

func oneLine(s string) error {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("%q holds control characters; write it in one line", s)
	}
	return nil
}

func mailHost(s string) error {
	if _, err := netip.ParseAddr(s); err == nil {
		return nil
	}
	if u, err := url.Parse("//" + s); err != nil || u.Host != s || u.Port() != "" || strings.ContainsFunc(s, unicode.IsSpace) {
		return fmt.Errorf("%q is no name of a server; write for example mail.example.org, and its port under mail.port", s)
	}
	return nil
}

func mailAddress(s string) error {
	if _, err := mail.ParseAddress(s); err != nil || strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("%q is no mail address; write for example kliping@example.org or Kliping <kliping@example.org>", s)
	}
	return nil
}

// ownHost reports whether a server is this machine.
func ownHost(host string) bool { return ownAddress(net.JoinHostPort(host, "0")) }

func timeZone(s string) error {
	if _, err := time.LoadLocation(s); err != nil || s == "" {
		return fmt.Errorf("no time zone is called %q; write for example Asia/Jakarta, UTC or Local", s)
	}
	return nil
}

func addressOrPrefix(s string) error {
	_, notPrefix := netip.ParsePrefix(s)
	_, notAddress := netip.ParseAddr(s)
	if notPrefix != nil && notAddress != nil {
		return fmt.Errorf("%q is no address and no prefix; write for example 192.168.1.10 or 10.0.0.0/8", s)
	}
	return nil
}

// headerValue approves of what can be sent in an HTTP header.
func headerValue(s string) error {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("%q holds control characters, which HTTP cannot send", s)
	}
	return notEmpty(s)
}

func languageTag(s string) error {
	if !regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$`).MatchString(s) {
		return fmt.Errorf("%q is no language; write its code, for example id, en or pt-BR", s)
	}
	return nil
}

// storeURL does not show what it cannot read: it may hold a password.
func storeURL(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return errors.New("this is no PostgreSQL URL; write postgres://user:password@host:5432/database, or nothing for SQLite")
	}
	return nil
}

// proxy does not show what it cannot read: it may hold a password.
func proxy(s string) error {
	u, err := url.Parse(s)
	known := err == nil && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "socks5") && u.Hostname() != ""
	if !known && s != "environment" && s != "none" {
		return errors.New("this is no proxy; write environment, none, or its URL, such as http://proxy.example:3128")
	}
	return nil
}

func feedURL(s string) error {
	if s == "" {
		return errors.New("it is missing; write for example https://news.example/feed.xml")
	}
	u, err := url.Parse(s)
	if err != nil {
		return errors.New("the URL is malformed; write for example https://news.example/feed.xml")
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return fmt.Errorf("%q is no web address; write for example https://news.example/feed.xml", redact(s))
	}
	return nil
}

const hidden = "xxxxx"

// redact blots out the passwords in a URL, or the whole of one that cannot be
// taken apart.
func redact(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" {
		return hidden
	}
	query, found := u.Query(), false
	for _, name := range []string{"password", "sslpassword"} { // PostgreSQL's
		if query.Has(name) {
			query.Set(name, hidden)
			found = true
		}
	}
	if found {
		u.RawQuery = query.Encode()
	} else if _, has := u.User.Password(); !has {
		return s
	}
	return u.Redacted()
}
