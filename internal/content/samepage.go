package content

import (
	"net/url"
	"strings"
)

// AddressForm counts up when CanonicalURL or SamePage give another form than
// before; stores of earlier programs are brought up to date when they are opened.
const AddressForm = 1

// SamePage is the form of an address by which the article at it is known, however
// an outlet shows it: on its site for phones (m.), as AMP, for printing, with or
// without "www." or TLS. Two addresses with one form are of one article; the form
// itself need not lead anywhere. Give it what CanonicalURL returned.
func SamePage(canonical string) string {
	u, err := url.Parse(canonical)
	if err != nil || u.Host == "" {
		return canonical
	}
	path := u.Path
	for _, suffix := range []string{"/", "/index.html", "/amp", ".amp", ".amp.html", "/amp.html", "/print", "/print.html"} {
		if rest, ok := strings.CutSuffix(path, suffix); ok {
			path = rest
			if strings.HasSuffix(suffix, "amp.html") && strings.HasPrefix(suffix, ".") {
				path += ".html"
			}
		}
	}
	path = strings.TrimPrefix(path, "/amp/")
	return formHost(u.Host) + "/" + strings.TrimPrefix(path, "/") + formQuery(u.RawQuery)
}

// formHost is a host without the labels that only say for what device it is.
func formHost(host string) string {
	for _, label := range []string{"www.", "m.", "mobile.", "amp.", "touch."} {
		if rest, ok := strings.CutPrefix(host, label); ok && strings.Contains(rest, ".") {
			return rest
		}
	}
	return host
}

// formQuery is a query without the parameters that choose a form of the page.
func formQuery(query string) string {
	var kept []string
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(strings.ToLower(parameter), "=")
		switch {
		case name == "", name == "amp", name == "print", name == "outputtype" && value == "amp", name == "output" && (value == "amp" || value == "print"),
			name == "view" && (value == "print" || value == "amp"), name == "m" && value == "1", name == "noamp":
		default:
			kept = append(kept, parameter)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "?" + strings.Join(kept, "&")
}

// unwrapped is the address that an address of an AMP cache stands for; itself if
// it is none.
func unwrapped(u *url.URL) *url.URL {
	host := strings.ToLower(u.Hostname())
	rest, ok := "", false
	switch {
	case strings.HasPrefix(host, "www.google.") && strings.HasPrefix(u.Path, "/amp/"):
		rest, ok = strings.CutPrefix(u.Path, "/amp/")
	case strings.HasSuffix(host, ".cdn.ampproject.org"):
		_, rest, ok = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/") // past the kind of content: c, v, i
	}
	if !ok {
		return u
	}
	scheme := "http"
	if secure, found := strings.CutPrefix(rest, "s/"); found {
		scheme, rest = "https", secure
	}
	to, err := url.Parse(scheme + "://" + rest)
	if err != nil || !strings.Contains(to.Host, ".") {
		return u
	}
	to.RawQuery = u.RawQuery
	return to
}
