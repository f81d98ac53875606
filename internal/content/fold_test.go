package content_test

import (
	"testing"

	"kliping/internal/content"
)

func TestLine(t *testing.T) {
	for given, want := range map[string]string{
		"":                                   "",
		" Ferry\n\treturns ":                 "Ferry returns",
		"Fer\u200bry \u202ereturns\u202c":    "Ferry returns",
		"\x1b[31mFerry\x07 returns\x00":      "[31mFerry returns",
		"\xffFerry":                          "\ufffdFerry",
		"می\u200cخواهم":                      "می\u200cخواهم", // the joiner is part of the spelling
		"Fer\u200cry":                        "Ferry",
		"\U000e0041Ferry\u2028returns\ufeff": "Ferry returns",
	} {
		if got := content.Line(given); got != want {
			t.Errorf("%q is folded to %q, want %q", given, got, want)
		}
	}
}
