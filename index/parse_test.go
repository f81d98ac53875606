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
		if e.cased {
			s = "=" + strings.Join(spelledWords(e.original), "_")
		}
		if e.title {
			s = "title=" + s
		}
		return s
	case value:
		if e.wild {
			return e.field + "~" + e.value
		}
		return e.field + "=" + e.value
	case near:
		all := make([]string, len(e.groups))
		for i, g := range e.groups {
			all[i] = join2(g)
			if i > 0 {
				all[i] = fmt.Sprintf("~%d~", e.within[i-1]) + all[i]
			}
		}
		return "<" + strings.Join(all, "") + ">"
	case amount:
		return fmt.Sprintf("%s=%d..%d", e.field, e.least, e.most)
	case arrived:
		return fmt.Sprintf("[%s,%s)", spellTime(e.since), spellTime(e.until))
	case recent:
		return "last " + e.age.String()
	}
	return e.String()
}

func join2(group []wording) string {
	all := make([]string, len(group))
	for i, w := range group {
		all[i] = spell(w)
	}
	return strings.Join(all, "|")
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
		"":                          "()",
		" \u00a0\t":                 "()",
		"one":                       "one",
		"One two":                   "(one & two)",
		"one AND two":               "(one & two)",
		"one && two || three":       "((one & two) | three)",
		"one and two":               "(one & and & two)",
		"a OR b c":                  "(a | (b & c))",
		"(a OR b) c":                "((a | b) & c)",
		"((a))":                     "a",
		"-a":                        "!a",
		"a -b":                      "(a & !b)",
		"a –b":                      "(a & !b)", // the dash a word processor makes of it
		"a - b":                     "(a & b)",
		"a NOT b":                   "(a & !b)",
		"NOT NOT a":                 "!!a",
		"-(a OR b)":                 "!(a | b)",
		`-"a b"`:                    `!"a_b"`,
		"covid-19":                  "covid_19",
		"Putin's":                   "putin_s",
		"AT & T":                    "(at & t)",
		`"a b" c`:                   `("a_b" & c)`,
		"“a b”":                     `"a_b"`,
		"„a b“ »c d«":               `("a_b" & "c_d")`,
		"a\u00a0b":                  "(a & b)",
		"a\u200bb":                  "ab",
		"（a OR b）　c":                "((a | b) & c)",
		"北京":                        "北_京",
		"title:a":                   "title=a",
		"Title: a":                  "title=a",
		"title：a":                   "title=a",
		`title:"a b"`:               `title="a_b"`,
		"title:(a OR b) c":          "((title=a | title=b) & c)",
		"title:(a -lang:en)":        "(title=a & !lang=en)",
		"-title:a":                  "!title=a",
		"lang:EN":                   "lang=en",
		"outlet:BBC.co.uk":          "outlet=bbc.co.uk",
		`tag:"World  News"`:         "tag=world news",
		"12:30":                     "12_30",
		"https://x.example/y":       "https_x_example_y",
		"after:2026":                "[2026-01-01T00:00:00+07:00,)",
		"after:2026-05":             "[2026-05-01T00:00:00+07:00,)",
		"before:2026-05-02":         "[,2026-05-02T00:00:00+07:00)",
		"after:2026-05-02T07:30":    "[2026-05-02T07:30:00+07:00,)",
		"after:2026-05-02T07:30:15": "[2026-05-02T07:30:15+07:00,)",
		"after:2026-05-02T07:30Z":   "[2026-05-02T07:30:00Z,)",
		`before:"2026-05-02 07:30"`: "[,2026-05-02T07:30:00+07:00)",
		"after:2026–05–02":          "[2026-05-02T00:00:00+07:00,)", // dashes of a word processor
		"since:24h":                 "last 24h0m0s",
		"since:2D":                  "last 48h0m0s",
		"since:2w":                  "last 336h0m0s",
		"since:90min":               "last 1h30m0s",
		"copies:5":                  "copies=5..5",
		"copies:=5":                 "copies=5..5",
		"copies:>5":                 "copies=6..9223372036854775807",
		"copies: >5":                "copies=6..9223372036854775807",
		"texts:>=2":                 "texts=2..9223372036854775807",
		"texts:≥2":                  "texts=2..9223372036854775807",
		"texts：＞２":                  "texts=3..9223372036854775807",
		"outlets:<3":                "outlets=0..2",
		"outlets:<=3":               "outlets=0..3",
		"outlets:3..8":              "outlets=3..8",
		"outlets:3–8":               "outlets=3..8",
		"outlets:3…8":               "outlets=3..8",
		"outlets:..8":               "outlets=0..8",
		"outlets:3..":               "outlets=3..9223372036854775807",
		"copies:(>5 <9)":            "(copies=6..9223372036854775807 & copies=0..8)",
		"is:translated":             "is:translated",
		"is:Single":                 "is:single",
		"a NEAR/5 b":                "<a~5~b>",
		"a W/5 b":                   "<a~5~b>",
		"a w/0 b":                   "<a~0~b>",
		"a ＮＥＡＲ／５ b":                "<a~5~b>",
		"x a NEAR/5 b y":            "(x & <a~5~b> & y)",
		"a NEAR/5 b NEAR/2 c":       "<a~5~b~2~c>",
		`(a OR "b c") NEAR/5 (dd* OR (cs(E) OR f))`: `<a|"b_c"~5~dd*|=E|f>`,
		"NOT a NEAR/5 b":         "!<a~5~b>",
		"-a NEAR/5 b":            "!<a~5~b>",
		"title:(a NEAR/5 b)":     "<title=a~5~title=b>",
		"title:a NEAR/5 title:b": "<title=a~5~title=b>",
		"minis*":                 "minis*",
		"*burg":                  "*burg",
		"wom?n":                  "wom?n",
		"who?":                   "who?",
		"Élys**":                 "elys*",
		"covid-1*9":              "covid_1*9",
		`"prime minis*"`:         `"prime_minis*"`,
		`"who is he? no"`:        `"who_is_he_no"`,
		`"wom?n here?"`:          `"wom?n_here"`,
		"who is he ?":            "(who & is & he)",
		"outlet:*.co.uk":         "outlet~*.co.uk",
		`outlet:"*.co.uk"`:       "outlet=*.co.uk",
		"cs(US)":                 "=US",
		"CS(US)":                 "=US",
		`cs("White House")`:      "=White_House",
		"cs(AT&T)":               "=AT_T",
		"title:cs(US)":           "title==US",
		"title:(a OR cs(US))":    "(title=a | title==US)",
		"cs us":                  "(cs & us)",
		"「a b」 ‹c d› 『e』":        `("a_b" & "c_d" & "e")`,
		"a\u202fb":               "(a & b)",
		"a　AND　b":                "(a & b)",
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
		`say "a b`:                     `query, column 5, at "\"a b": this quote is never closed; put another " behind the phrase`,
		"a (b OR c":                    `query, column 3, at "(": this parenthesis is never closed`,
		"a (":                          `query, column 3, at "(": this parenthesis is never closed`,
		"a b) c":                       `query, column 4, at ")": this parenthesis was never opened`,
		") a":                          `query, column 1, at ")": this parenthesis was never opened, or something is missing before it`,
		"a ()":                         `query, column 4, at "()": there is nothing between these parentheses`,
		"a OR":                         `query, column 5: the query ends where a word is missing`,
		"AND a":                        `query, column 1, at "AND": AND joins what stands before and behind it, and one is missing; for the word itself write "and"`,
		"ä OR OR b":                    `query, column 6, at "OR": OR joins what stands before and behind it, and one is missing; for the word itself write "or"`,
		"a NOT":                        `query, column 3: NOT excludes what follows it, but nothing does`,
		"(a NOT)":                      `query, column 4: NOT excludes what follows it, but nothing does`,
		"lang:":                        `query, column 1: lang: needs a word behind it`,
		"lang:-en":                     `query, column 6, at "-": lang: needs a word, a phrase or a group in parentheses behind it`,
		"lang:english":                 `query, column 6, at "english": lang: needs a language's code of two or three letters, such as en or id`,
		"titel:a":                      `query, column 1, at "titel:": there is no field titel:, perhaps title: was meant`,
		"x language:en":                `query, column 3, at "language:": there is no field language:, perhaps lang: was meant`,
		"copys:>3":                     `query, column 1, at "copys:": there is no field copys:, perhaps copies: was meant`,
		"ＳＯＵＲＣＥ：bbc":                   `query, column 1, at "ＳＯＵＲＣＥ：": there is no field source:, perhaps outlet: was meant`,
		"note:a":                       `query, column 1, at "note:": there is no field note:; there are title: outlet: lang: agency: tag: copies: texts: outlets: after: before: since: is:. To search the word itself put a space before the colon`,
		"after:yesterday":              `query, column 7, at "yesterday": after: needs a date such as 2026-05-01, 2026-05 or 2026-05-01T07:00`,
		"before:2026-13":               `query, column 8, at "2026-13": before: needs a date such as 2026-05-01, 2026-05 or 2026-05-01T07:00`,
		`a "..."`:                      `query, column 3, at "\"...\"": there is no word in it`,
		`lang:" "`:                     `query, column 6, at "\" \"": lang: needs a value`,
		"...":                          `query, column 1, at "...": there is no word in it`,
		"copies:five":                  `query, column 8, at "five": copies: needs a whole number, such as copies:5, copies:>5, copies:<=5 or copies:3..8`,
		"copies: > 5":                  `query, column 9, at ">": copies: needs a whole number, such as copies:5, copies:>5, copies:<=5 or copies:3..8`,
		"copies:2.5":                   `query, column 8, at "2.5": copies: needs a whole number, such as copies:5, copies:>5, copies:<=5 or copies:3..8`,
		"copies:<0":                    `query, column 8, at "<0": copies: needs a whole number, such as copies:5, copies:>5, copies:<=5 or copies:3..8`,
		"texts:8..3":                   `query, column 7, at "8..3": texts: this range is empty; write 3..8`,
		"since:3m":                     `query, column 7, at "3m": since: takes no m, which could be minutes or months; write 3min or 90d`,
		"since:2026-05-01":             `query, column 7, at "2026-05-01": since: needs an age such as 90min, 24h, 7d or 2w; for a date write after:`,
		"since:9999999w":               `query, column 7, at "9999999w": since: takes at most a hundred years`,
		"is:tranlated":                 `query, column 4, at "tranlated": there is no is:tranlated, perhaps is:translated was meant`,
		"is:red":                       `query, column 4, at "red": there is no is:red; there are is:translated is:single`,
		"a NEAR b":                     `query, column 3, at "NEAR": did you mean NEAR/5? It takes the words that may stand between; for the word itself write "near"`,
		"a NEAR7 b":                    `query, column 3, at "NEAR7": did you mean NEAR/7? It takes the words that may stand between; for the word itself write "near7"`,
		"a near/3 b":                   `query, column 3, at "near/3": did you mean NEAR/3? It takes the words that may stand between; for the word itself write "near/3"`,
		"a NEAR/five b":                `query, column 3, at "NEAR/five": did you mean NEAR/5? It takes the words that may stand between; for the word itself write "near/five"`,
		"a NEAR/-3 b":                  `query, column 3, at "NEAR/-3": did you mean NEAR/3? It takes the words that may stand between; for the word itself write "near/-3"`,
		"a NEAR~3 b":                   `query, column 3, at "NEAR~3": did you mean NEAR/3? It takes the words that may stand between; for the word itself write "near~3"`,
		"a w/s b":                      `query, column 3, at "w/s": sentences and paragraphs are not told apart; did you mean NEAR/15?`,
		"a NEAR/256 b":                 `query, column 3, at "NEAR/256": more than 255 words apart is not near; write AND`,
		"a NEAR/3":                     `query, column 3: NEAR/3 needs a word behind it`,
		"NEAR/3 a":                     `query, column 1, at "NEAR/3": NEAR/3 joins what stands before and behind it, and one is missing; for the word itself write "near/3"`,
		"a NOT NEAR/3 b":               `query, column 7, at "NEAR/3": NOT and NEAR/3 cannot be joined; write NOT (one NEAR/3 other)`,
		"a NEAR/3 -b":                  `query, column 10, at "-": NEAR/3 and NOT cannot be joined; write NOT (one NEAR/3 other)`,
		"(a b) NEAR/3 c":               `query, column 1, at "(": NEAR/3 joins words, phrases and (these OR those), not AND`,
		"a NEAR/3 (b -c)":              `query, column 10, at "(": NEAR/3 joins words, phrases and (these OR those), not AND`,
		"a NEAR/3 (b OR (c NEAR/2 d))": `query, column 10, at "(": NEAR/3 joins words, phrases and (these OR those), not another NEAR`,
		"a NEAR/3 lang:en":             `query, column 10, at "lang:": NEAR/3 joins words, phrases and (these OR those), not a field`,
		"title:a NEAR/3 b":             `query, column 1, at "title:": NEAR joins what stands in one text; for titles write title:(one NEAR/3 other)`,
		"a *":                          `query, column 3, at "*": * alone would stand for every word; to leave room between two words write one NEAR/1 other`,
		`"a * b"`:                      `query, column 1, at "\"a * b\"": * alone would stand for every word; to leave room between two words write one NEAR/1 other`,
		"a*":                           `query, column 1, at "a*": a wildcard needs at least 2 letters beside it, 3 where the word begins with it`,
		"*ab":                          `query, column 1, at "*ab": a wildcard needs at least 2 letters beside it, 3 where the word begins with it`,
		"北*":                           `query, column 1, at "北*": in this script every character is a word of its own; leave the wildcard out`,
		"outlet:*":                     `query, column 8, at "*": outlet: needs a value`,
		"outlet:b*":                    `query, column 8, at "b*": a wildcard needs at least 2 letters beside it`,
		"cs(US":                        `query, column 1, at "cs(": this parenthesis is never closed`,
		"cs()":                         `query, column 1, at "cs(": cs() holds one word or phrase, such as cs(US) or cs("White House")`,
		"cs(White House)":              `query, column 10, at "House": cs() holds one word or phrase; write cs("White …") for a phrase, or one cs() for each`,
		"cs(US OR UK)":                 `query, column 7, at "OR": cs() holds one word or phrase; write cs("US …") for a phrase, or one cs() for each`,
		"cs(Mc*)":                      `query, column 4, at "Mc*": cs() takes no wildcards`,
		"lang:cs(EN)":                  `query, column 6, at "cs": cs() is for words of titles and texts; lang: does not tell capitals apart`,
		strings.Repeat("(", 101) + "a" + strings.Repeat(")", 101): `query, column 101: more than 100 levels of parentheses and NOT`,
		strings.Repeat("NOT ", 1000) + "a":                        `query, column 401: more than 100 levels of parentheses and NOT`,
		strings.Repeat("é", 10_001):                               `query, column 10001: the query has 10001 characters; the limit is 10000`,
		strings.Repeat("a ", 1001):                                `query, column 2001, at "a": the query has more than 1000 words`,
		strings.Repeat("lang:en ", 1001):                          `query, column 8006, at "en": the query has more than 1000 words`,
		strings.Repeat("ab* ", 101):                               `query, column 401, at "ab*": the query has more than 100 words with * or ?`,
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
	for _, q := range []string{`a "b c" OR -(d title:e)`, "lang:en after:2026-05-01", "((", `"`, "a AND NOT", "–x：y （z）", "NEAR/3 *",
		`(a* OR "b?c d") NEAR/3 cs(US) W/0 title:x`, `title:("a" NEAR/9 cs("B c"))`, "copies:>5 texts:3–8 outlets:≤2 since:2w is:single", `outlet:*.co.uk "who? *me"`} {
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
		plain := e.String()
		if len([]rune(plain)) > maxRunes || strings.Count(plain, "(")+strings.Count(plain, "NOT") > maxDepth {
			return // more parentheses than it had
		}
		again, err := parse(plain, nil)
		if err != nil || spell(again) != spell(e) || again.String() != plain {
			t.Fatalf("%q is %s, but its plain form %q is %v (%v)", query, spell(e), plain, again, err)
		}
	})
}

func TestHints(t *testing.T) {
	for query, want := range map[string]string{
		"minister AND river":               "[]",
		"nasa NER/5 moon":                  "[column 6: NER/5 is searched as words; the operator is NEAR/5]",
		"dead 9/11 km/3":                   "[]",
		"prime adj5 minister":              "[column 7: adj5 is searched as words; the operator is NEAR/5]",
		"prime W5 minister":                "[column 7: W5 is searched as words; the operator is NEAR/5]",
		"prime /5 minister":                "[column 7: /5 is searched as words; the operator is NEAR/5]",
		"prime pre/5 near12 x":             "[column 7: pre/5 is searched as words; the operator is NEAR/5 column 13: near12 is searched as words; the operator is NEAR/12]",
		"W5 visits 24/7 adj5":              "[]",
		"tag:W5 x y /5":                    "[]",
		"budget cs (US) x":                 "[column 8: cs is searched as a word; for what is spelled just so leave no space: cs(…)]",
		"title:(cs (US))":                  "[column 8: cs is searched as a word; for what is spelled just so leave no space: cs(…)]",
		"cs(US) b (c)":                     "[]",
		"outlet:one.example,two.example x": "[column 8: this is searched as one outlet; for several write outlet:(one.example OR two.example)]",
		"‘prime minister’ resigns":         "[column 1: single quotes make no phrase; write double ones]",
		"a 'prime minister' x":             "[column 3: single quotes make no phrase; write double ones]",
		"the ’90s Putin’s don't 'tis":      "[]",
		"minister and river":               "[column 10: and is searched as a word; the operator is AND]",
		"ä (b or c) not d":                 "[column 6: or is searched as a word; the operator is OR column 12: not is searched as a word; the operator is NOT]",
		`"war and peace"`:                  "[]",
		"and":                              "[]",
		"title:and x":                      "[]",
		"a and (":                          "[column 3: and is searched as a word; the operator is AND]",
		`a and "never closed`:              "[]",
	} {
		if diff := cmp.Diff(want, fmt.Sprint(Hints(query))); diff != "" {
			t.Errorf("%s -want +got\n%s", query, diff)
		}
	}
}
