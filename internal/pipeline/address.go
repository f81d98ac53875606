package pipeline

import (
	"net/mail"
	"strings"
	"unicode"
)

// Bounds of a mail address, in octets (RFC 5321, 4.5.3.1 and erratum 1690).
const (
	longestLocal   = 64
	longestAddress = 254
)

// parseAddress reads one address, with a name or without, of a watch or a plan, or
// says why it is none.
func parseAddress(s string) (a *mail.Address, why string) {
	switch {
	case brokenLine(s):
		return nil, "it holds a line break or another control character"
	case !strings.Contains(s, "@"):
		return nil, "it has no @"
	}
	a, err := mail.ParseAddress(s)
	if err != nil {
		return nil, "write one address, such as ann@example.org or Ann <ann@example.org>"
	}
	if len(a.Address) > longestAddress || strings.LastIndexByte(a.Address, '@') > longestLocal {
		return nil, "it is too long"
	}
	return a, ""
}

// recipient is who an address reaches, whatever name stands there: by this they are
// compared.
func recipient(a *mail.Address) string { return strings.ToLower(a.Address) }

// SplitAddresses takes lists of addresses, separated by commas, apart. What is no
// list stays as it is, for a check to say what is wrong.
func SplitAddresses(values []string) (all []string) {
	for _, s := range values {
		if strings.TrimSpace(s) == "" {
			continue
		}
		list, err := mail.ParseAddressList(s)
		if err != nil || len(list) == 1 || brokenLine(s) {
			all = append(all, s)
			continue
		}
		for _, a := range list {
			all = append(all, readable(a))
		}
	}
	return all
}

// readable is an address for people; mail.Address.String encodes names for headers.
func readable(a *mail.Address) string {
	bare := (&mail.Address{Address: a.Address}).String() // <ann@example.org>
	if a.Name == "" {
		return strings.Trim(bare, "<>")
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(a.Name) + `" ` + bare
}

func brokenLine(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' })
}

// checkRecipients says what is no address among a plan's, and what stands there
// twice.
func checkRecipients(to []string, bad func(string, ...any)) {
	seen := set[string]{}
	for _, s := range to {
		a, why := parseAddress(s)
		switch {
		case why != "":
			bad("recipient %q is no mail address: %s", s, why)
		case !seen.add(recipient(a)):
			bad("recipient %s stands there twice", a.Address)
		}
	}
}
