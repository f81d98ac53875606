package news

import (
	"net/url"
	"strings"
)

// hidden stands where a secret was, as in url.URL.Redacted.
const hidden = "xxxxx"

// RedactedURL is a URL that may hold secrets as it may be shown: without its
// password and the values of its query. One that cannot be read is hidden whole.
// What a path holds is shown: without it nobody could tell one from another.
func RedactedURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return hidden
	}
	if u.RawQuery != "" {
		parts := strings.Split(u.RawQuery, "&")
		for i, part := range parts {
			if key, _, has := strings.Cut(part, "="); has {
				parts[i] = key + "=" + hidden
			} else {
				parts[i] = hidden // which may be all secret
			}
		}
		u.RawQuery = strings.Join(parts, "&")
	}
	return u.Redacted()
}
