package main

import "testing"

func TestPlain(t *testing.T) {
	for given, want := range map[string]string{
		"one\ntwo":                     "one\ntwo",
		"\x1b[31mred\x07":              " [31mred ",
		"a\u202eb\u202cc\u200bd\ufeff": "abcd",
		"\u2068السبت\u2069":            "\u2068السبت\u2069",
		"a\u2028b":                     "a b",
	} {
		if got := plain(given); got != want {
			t.Errorf("%q is printed as %q, want %q", given, got, want)
		}
	}
}
