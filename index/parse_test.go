package index

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// spell writes an expression with every parenthesis.
func spell(e expr) string {
	join := func(parts []expr, with string) string {
		all := make([]string, len(parts))
		for i, p := range parts {
			all[i] = spell(p)
		}
		return "(" + strings.Join(all, with) + ")"
	}
	switch e := e.(type) {
	case allOf:
		return join(e, " & ")
	case anyOf:
		return join(e, " | ")
	case not:
		return "!" + spell(e.part)
	case wording:
		s := strings.Join(e.words, "_")
		if e.exact {
			s = `"` + s + `"`
		}
		if e.title {
			s = "title=" + s
		}
		return s
	case value:
		return e.field + "=" + e.value
	case arrived:
		return fmt.Sprintf("[%s,%s)", spellTime(e.since), spellTime(e.until))
	}
	return fmt.Sprintf("%T", e)
}

func spellTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func TestParse(t *testing.T) {
	jakarta := time.FixedZone("WIB", 7*3600)
	for query, want := range map[string]string{
		"":                       "()",
		" \u00a0\t":              "()",
		"one":                    "one",
		"One two":                "(one & two)",
		"one AND two":            "(one & two)",
		"one && two || three":    "((one & two) | three)",
		"one and two":            "(one & and & two)",
		"a OR b c":               "(a | (b & c))",
		"(a OR b) c":             "((a | b) & c)",
		"((a))":                  "a",
		"-a":                     "!a",
		"a -b":                   "(a & !b)",
		"a –b":                   "(a & !b)", // the dash a word processor makes of it
		"a - b":                  "(a & b)",
		"a NOT b":                "(a & !b)",
		"NOT NOT a":              "!!a",
		"-(a OR b)":              "!(a | b)",
		`-"a b"`:                 `!"a_b"`,
		"covid-19":               "covid_19",
		"Putin's":                "putin_s",
		"AT & T":                 "(at & t)",
		`"a b" c`:                `("a_b" & c)`,
		"“a b”":                  `"a_b"`,
		"„a b“ »c d«":            `("a_b" & "c_d")`,
		"a\u00a0b":               "(a & b)",
		"a\u200bb":               "ab",
		"（a OR b）　c":             "((a | b) & c)",
		"北京":                     "北_京",
		"title:a":                "title=a",
		"Title: a":               "title=a",
		"title：a":                "title=a",
		`title:"a b"`:            `title="a_b"`,
		"title:(a OR b) c":       "((title=a | title=b) & c)",
		"title:(a -lang:en)":     "(title=a & !lang=en)",
		"-title:a":               "!title=a",
		"lang:EN":                "lang=en",
		"outlet:BBC.co.uk":       "outlet=bbc.co.uk",
		`tag:"World  News"`:      "tag=world news",
		"12:30":                  "12_30",
		"https://x.example/y":    "https_x_example_y",
		"after:2026":             "[2026-01-01T00:00:00+07:00,)",
		"after:2026-05":          "[2026-05-01T00:00:00+07:00,)",
		"before:2026-05-02":      "[,2026-05-02T00:00:00+07:00)",
		"after:2026-05-02T07:30": "[2026-05-02T07:30:00+07:00,)",
	} {
		t.Run(query, func(t *testing.T) {
			e, err := parse(query, jakarta)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, spell(e)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestQueryErrors(t *testing.T) {
	for query, want := range map[string]string{
		`say "a b`:        `query, column 5, at "\"a b": this quote is never closed; put another " behind the phrase`,
		"a (b OR c":       `query, column 3, at "(": this parenthesis is never closed`,
		"a (":             `query, column 3, at "(": this parenthesis is never closed`,
		"a b) c":          `query, column 4, at ")": this parenthesis was never opened`,
		") a":             `query, column 1, at ")": this parenthesis was never opened, or something is missing before it`,
		"a ()":            `query, column 4, at "()": there is nothing between these parentheses`,
		"a OR":            `query, column 5: the query ends where a word is missing`,
		"AND a":           `query, column 1, at "AND": AND joins what stands before and behind it, and one is missing; for the word itself write "and"`,
		"ä OR OR b":       `query, column 6, at "OR": OR joins what stands before and behind it, and one is missing; for the word itself write "or"`,
		"a NOT":           `query, column 3: NOT excludes what follows it, but nothing does`,
		"(a NOT)":         `query, column 4: NOT excludes what follows it, but nothing does`,
		"lang:":           `query, column 1: lang: needs a word behind it`,
		"lang:-en":        `query, column 6, at "-": lang: needs a word, a phrase or a group in parentheses behind it`,
		"titel:a":         `query, column 1, at "titel:": there is no field titel:, perhaps title: was meant`,
		"x language:en":   `query, column 3, at "language:": there is no field language:, perhaps lang: was meant`,
		"note:a":          `query, column 1, at "note:": there is no field note:; there are title: outlet: lang: agency: tag: after: before:. To search the word itself put a space before the colon`,
		"after:yesterday": `query, column 7, at "yesterday": after: needs a date such as 2026-05-01, 2026-05 or 2026-05-01T07:00`,
		"before:2026-13":  `query, column 8, at "2026-13": before: needs a date such as 2026-05-01, 2026-05 or 2026-05-01T07:00`,
		`a "..."`:         `query, column 3, at "...": there is no word in these quotes`,
		`lang:" "`:        `query, column 6: there is nothing in these quotes`,
		"...":             `query, column 1, at "...": there is no word in it`,
		"minis*":          `query, column 1, at "minis*": * is not understood yet; write the whole word, whose other forms are found too`,
		"a NEAR/5 b":      `query, column 3, at "NEAR/5": NEAR is not understood yet; write the words without it, or a "phrase"`,
		strings.Repeat("(", 101) + "a" + strings.Repeat(")", 101): `query, column 101: more than 100 levels of parentheses and NOT`,
		strings.Repeat("NOT ", 1000) + "a":                        `query, column 401: more than 100 levels of parentheses and NOT`,
		strings.Repeat("é", 10_001):                               `query, column 10001: the query has 10001 characters; the limit is 10000`,
		strings.Repeat("a ", 257):                                 `query, column 513, at "a": the query has more than 256 words`,
		strings.Repeat("lang:a ", 257):                            `query, column 1798, at "a": the query has more than 256 words`,
	} {
		t.Run(clip(query), func(t *testing.T) {
			_, err := parse(query, nil)
			var qe *QueryError
			if !errors.As(err, &qe) || !errors.Is(err, news.ErrInvalid) {
				t.Fatalf("error is %v, want a QueryError that is ErrInvalid", err)
			}
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// FuzzParse holds that a query is understood, or refused with a column that is
// in it; and that what is understood, written out plainly, means the same.
func FuzzParse(f *testing.F) {
	for _, q := range []string{`a "b c" OR -(d title:e)`, "lang:en after:2026-05-01", "((", `"`, "a AND NOT", "–x：y （z）", "NEAR/3 *"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		e, err := parse(query, nil)
		if err != nil {
			var qe *QueryError
			if !errors.As(err, &qe) || qe.Column < 1 || qe.Column > len([]rune(query))+1 || qe.Message == "" {
				t.Fatalf("error %#v", err)
			}
			return
		}
		plain := rewrite(e)
		again, err := parse(plain, nil)
		if len([]rune(plain)) > maxRunes || strings.Count(plain, "(") > maxDepth/2 {
			return // more parentheses than it had
		}
		if err != nil || spell(again) != spell(e) {
			t.Fatalf("%q is %s, but its plain form %q is %s (%v)", query, spell(e), plain, spell(again), err)
		}
	})
}

// rewrite writes an expression as a query.
func rewrite(e expr) string {
	join := func(parts []expr, with string) string {
		all := make([]string, len(parts))
		for i, p := range parts {
			all[i] = "(" + rewrite(p) + ")"
		}
		return strings.Join(all, with)
	}
	switch e := e.(type) {
	case allOf:
		return join(e, " ")
	case anyOf:
		return join(e, " OR ")
	case not:
		return "NOT (" + rewrite(e.part) + ")"
	case wording:
		s := e.original
		if e.exact {
			s = `"` + s + `"`
		}
		if e.title {
			s = "title:" + s
		}
		return s
	case value:
		return e.field + `:"` + e.value + `"`
	case arrived:
		if e.since.IsZero() {
			return "before:" + e.until.Format("2006-01-02T15:04")
		}
		return "after:" + e.since.Format("2006-01-02T15:04")
	}
	return ""
}
