package index

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kliping/internal/meant"
)

// The names a query may put before a colon, beside those of the index.
const (
	askCopies = fieldCopies
	askTexts  = fieldTexts
	askAfter  = "after"
	askBefore = "before"
	askSince  = "since"
	askIs     = "is"
)

var queryFields = []string{
	fieldTitle, fieldOutlet, fieldLang, fieldAgency, fieldTag,
	askCopies, askTexts, fieldOutlets, askAfter, askBefore, askSince, askIs,
}

// otherNames are what other services call our fields.
var otherNames = map[string]string{
	"headline": fieldTitle, "hl": fieldTitle, "intitle": fieldTitle, "subject": fieldTag, "category": fieldTag,
	"source": fieldOutlet, "site": fieldOutlet, "domain": fieldOutlet, "publication": fieldOutlet, "url": fieldOutlet,
	"wire": fieldAgency, "from": askAfter, "to": askBefore, "until": askBefore, "age": askSince, "last": askSince,
}

// knownField fails with the nearest field there is.
func knownField(t token) error {
	if slices.Contains(queryFields, t.text) {
		return nil
	}
	if near := cmp.Or(otherNames[t.text], meant.Nearest(t.text, queryFields)); near != "" {
		return t.wrong("there is no field %s:, perhaps %s: was meant", t.text, near)
	}
	return t.wrong("there is no field %s:; there are %s:. To search the word itself put a space before the colon", t.text, strings.Join(queryFields, ": "))
}

// operand is a word or phrase in a field.
func (p *parser) operand(t token, field string) (expr, error) {
	switch field {
	case "", fieldTitle:
		e, err := p.wording(t, field)
		if err != nil {
			return nil, err
		}
		return e, nil
	case askAfter, askBefore:
		return p.date(t, field)
	case askSince:
		return age(t)
	case askCopies, askTexts, fieldOutlets:
		return amountOf(t, field)
	case askIs:
		return stateOf(t)
	}
	return p.value(t, field)
}

// count counts words, and those with wildcards, against the limits.
func (p *parser) count(t token, found ...string) error {
	for _, w := range found {
		p.words++
		if isWild(w) {
			p.wild++
			if strings.ContainsRune("*?", rune(w[0])) {
				p.tails++
			}
		}
	}
	switch {
	case p.words > maxWords:
		return t.wrong("the query has more than %d words", maxWords)
	case p.wild > maxWild:
		return t.wrong("the query has more than %d words with * or ?", maxWild)
	case p.tails > maxTails:
		return t.wrong("the query has more than %d words that begin with * or ?", maxTails)
	}
	return nil
}

func (p *parser) wording(t token, field string) (wording, error) {
	quoted := t.kind == phraseToken
	found, err := wantedWords(t)
	if err != nil {
		return wording{}, err
	}
	if len(found) == 0 {
		return wording{}, t.wrong("there is no word in it")
	}
	if err := p.count(t, found...); err != nil {
		return wording{}, err
	}
	return wording{original: t.text, words: found, title: field == fieldTitle, exact: quoted, column: t.column}, nil
}

// isWild reports whether a wanted word has wildcards. Folded words have letters
// and digits only.
func isWild(word string) bool { return strings.ContainsAny(word, "*?") }

// A wildcard has to leave this many letters, or the index would have to look at
// half of its words.
const (
	leastLetters        = 2
	leastLettersLeading = 3 // if the word begins with it
)

// wantedWords is all words of a piece of a query, folded, with their wildcards.
func wantedWords(t token) ([]string, error) {
	if !isWild(t.text) {
		return foldWords(t.text), nil
	}
	var all []string
	for _, run := range wildRuns(t.text, t.kind == phraseToken) {
		if !isWild(run) {
			all = append(all, foldWords(run)...)
			continue
		}
		word, err := wildWord(run, t)
		if err != nil {
			return nil, err
		}
		all = append(all, word)
	}
	return all, nil
}

// wildRuns cuts a text into runs of letters, digits and wildcards. In quotes a
// question mark that ends a word is one.
func wildRuns(text string, quoted bool) []string {
	var runs []string
	in := []rune(text)
	begin := 0
	end := func(i int) {
		if run := string(in[begin:i]); strings.Trim(run, "?") != "" {
			runs = append(runs, run)
		}
		begin = i + 1
	}
	for i, r := range in {
		question := r == '?' && quoted && (i+1 == len(in) || !startsWord(in[i+1]) && in[i+1] != '*')
		if question || !startsWord(r) && !joins(r) && r != '*' && r != '?' {
			end(i)
		}
	}
	end(len(in))
	return runs
}

// wildWord folds a word around its wildcards.
func wildWord(run string, t token) (string, error) {
	if strings.Trim(run, "*?") == "" {
		return "", t.wrong("* alone would stand for every word; to leave room between two words write one NEAR/1 other")
	}
	if strings.ContainsFunc(run, alone) {
		return "", t.wrong("in this script every character is a word of its own; leave the wildcard out")
	}
	var b strings.Builder
	for run != "" {
		i := strings.IndexAny(run, "*?")
		if i < 0 {
			i = len(run)
		}
		b.WriteString(fold(run[:i]))
		if i < len(run) {
			b.WriteByte(run[i])
			i++
		}
		run = run[i:]
	}
	word := b.String()
	for strings.Contains(word, "**") {
		word = strings.ReplaceAll(word, "**", "*")
	}
	least := leastLetters
	if strings.ContainsRune("*?", rune(word[0])) {
		least = leastLettersLeading
	}
	if letters := utf8.RuneCountInString(word) - strings.Count(word, "*") - strings.Count(word, "?"); letters < least {
		return "", t.wrong("a wildcard needs at least %d letters beside it, %d where the word begins with it", leastLetters, leastLettersLeading)
	}
	return word, nil
}

// value is a keyword; * and ? are wildcards unless it is in quotes.
func (p *parser) value(t token, field string) (expr, error) {
	v := foldValue(t.text)
	if field == fieldOutlet && t.kind == wordToken {
		v = hostOf(v)
	}
	wild := t.kind == wordToken && isWild(v)
	switch {
	case v == "" || wild && strings.Trim(v, "*?") == "":
		return nil, t.wrong("%s: needs a value", field)
	case field == fieldLang && !isLanguage(v) && !wild:
		return nil, t.wrong("lang: needs a language's code of two or three letters, such as en or id")
	case wild && utf8.RuneCountInString(strings.Trim(v, "*?")) < leastLetters:
		return nil, t.wrong("a wildcard needs at least %d letters beside it", leastLetters)
	}
	counted := v
	if !wild { // in quotes * is no wildcard
		counted = ""
	}
	e := value{field, v, wild, t.column}
	if field == fieldOutlet && t.kind == wordToken && !wild {
		return e.orBare(), p.count(t, counted)
	}
	return e, p.count(t, counted)
}

// hostOf is the host of an address; an outlet alone is one.
func hostOf(address string) string {
	if _, rest, has := strings.Cut(address, "//"); has {
		address = rest
	}
	host, _, _ := strings.Cut(address, "/")
	host, _, _ = strings.Cut(host, ":")
	return host
}

// orBare takes an outlet without its www. too, as outlets are named where that is
// no name of theirs; where it is, as of www.gov.uk, they have it.
func (e value) orBare() expr {
	bare, has := strings.CutPrefix(e.value, "www.")
	if !has || !strings.Contains(bare, ".") {
		return e
	}
	short := e
	short.value = bare
	return anyOf{e, short}
}

func isLanguage(v string) bool {
	return len(v) >= 2 && len(v) <= 3 && strings.Trim(v, "abcdefghijklmnopqrstuvwxyz") == ""
}

// date reads a day, month, year or minute; after: and before: both mean its
// beginning.
func (p *parser) date(t token, field string) (expr, error) {
	text := strings.ToUpper(strings.Replace(plainDashes(t.text), " ", "T", 1))
	for _, layout := range []string{"2006-01-02", "2006-01", "2006", "2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339, "2006-01-02T15:04Z07:00"} {
		at, err := time.ParseInLocation(layout, text, p.loc)
		if err != nil {
			continue
		}
		at = at.Truncate(time.Second)
		if field == askAfter {
			return arrived{since: at}, nil
		}
		return arrived{until: at}, nil
	}
	return nil, t.wrong("%s: needs a date such as 2026-05-01, 2026-05 or 2026-05-01T07:00", field)
}

// ages are the units of since:. There is no m, which could be a month.
var ages = map[string]time.Duration{"min": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}

// longestAge is the most since: takes: a hundred years.
const longestAge = 100 * 365 * 24 * time.Hour

func age(t token) (expr, error) {
	text := strings.ToLower(t.text)
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz")
	unit, known := ages[text[len(digits):]]
	n, err := strconv.Atoi(digits)
	switch {
	case err == nil && n > 0 && text[len(digits):] == "m":
		return nil, t.wrong("since: takes no m, which could be minutes or months; write %dmin or %dd", n, 30*n)
	case err != nil || n <= 0 || !known:
		return nil, t.wrong("since: needs an age such as 90min, 24h, 7d or 2w; for a date write after:")
	case time.Duration(n) > longestAge/unit:
		return nil, t.wrong("since: takes at most a hundred years")
	}
	return recent{time.Duration(n) * unit}, nil
}

// amountOf reads 5, =5, >5, >=5, <5, <=5, 3..8.
func amountOf(t token, field string) (expr, error) {
	text := strings.NewReplacer("≥", ">=", "≤", "<=", "…", "..").Replace(plainDashes(t.text))
	sign, digits := text[:len(text)-len(strings.TrimLeft(text, "<>="))], strings.TrimSpace(strings.TrimLeft(text, "<>="))
	low, high, isRange := strings.Cut(digits, "..")
	if !isRange {
		low, high, isRange = strings.Cut(digits, "-")
	}
	if isRange && sign == "" {
		from, err1 := bound(low, 0)
		to, err2 := bound(high, math.MaxInt)
		if err1 == nil && err2 == nil && low+high != "" {
			if from > to {
				return nil, t.wrong("%s: this range is empty; write %d..%d", field, to, from)
			}
			return amount{field, from, to}, nil
		}
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	if e, ok := compared(field, sign, int(n)); ok && err == nil {
		return e, nil
	}
	return nil, t.wrong("%s: needs a whole number, such as %s:5, %s:>5, %s:<=5 or %s:3..8", field, field, field, field, field)
}

// bound is one end of a range; nothing is the open end.
func bound(digits string, open int) (int, error) {
	if digits == "" {
		return open, nil
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	return int(n), err
}

// compared is the range of numbers that a sign and a number name.
func compared(field, sign string, n int) (expr, bool) {
	switch sign {
	case "", "=":
		return amount{field, n, n}, true
	case ">":
		return amount{field, n + 1, math.MaxInt}, true
	case ">=":
		return amount{field, n, math.MaxInt}, true
	case "<=":
		return amount{field, 0, n}, true
	case "<":
		return amount{field, 0, n - 1}, n > 0
	}
	return nil, false
}

func stateOf(t token) (expr, error) {
	name := strings.ToLower(t.text)
	if slices.Contains(stateNames, name) {
		return state(name), nil
	}
	if near := meant.Nearest(name, stateNames); near != "" {
		return nil, t.wrong("there is no is:%s, perhaps is:%s was meant", clip(name), near)
	}
	return nil, t.wrong("there is no is:%s; there are is:%s", clip(name), strings.Join(stateNames, " is:"))
}

// distance is how many words may stand between the sides of a NEAR.
func distance(t token) (int, error) {
	head, tail, _ := strings.Cut(t.text, "/")
	n, err := strconv.Atoi(tail)
	known := head == "NEAR" || strings.EqualFold(head, "w")
	switch {
	case err == nil && n > maxWithin:
		return 0, t.wrong("more than %d words apart is not near; write AND", maxWithin)
	case err == nil && n >= 0 && known && !strings.HasPrefix(tail, "+") && !strings.HasPrefix(tail, "-"):
		return n, nil
	case strings.EqualFold(tail, "s") || strings.EqualFold(tail, "p"):
		return 0, t.wrong("sentences and paragraphs are not told apart; did you mean NEAR/%d?", map[string]int{"s": 15, "p": 50}[strings.ToLower(tail)])
	}
	digits := strings.TrimFunc(t.text, func(r rune) bool { return r < '0' || r > '9' })
	if n, err := strconv.Atoi(digits); err != nil || n > maxWithin {
		digits = "5"
	}
	return 0, t.wrong("did you mean NEAR/%s? It takes the words that may stand between; for the word itself write \"%s\"", digits, strings.ToLower(clip(t.text)))
}

// Hint says of a query that is understood what else may have been meant.
type Hint struct {
	Column  int    `json:"column"` // counted in characters from 1
	Message string `json:"message"`
}

func (h Hint) String() string { return fmt.Sprintf("column %d: %s", h.Column, h.Message) }

// distanceLike is what looks like a slip in writing NEAR/5, or like the operator of
// another service: dates and fractions have no capitals before the number.
var distanceLike = regexp.MustCompile(`^(?:[A-Z]{1,8}/|/|W|(?i:adj|near|pre|onear|within)/?)([0-9]{1,3})$`)

// Hints gives what is suspicious in a query that is understood, such as an
// operator in small letters, which is a word.
func Hints(query string) []Hint {
	tokens, err := scan(query)
	if err != nil {
		return nil
	}
	var all []Hint
	for i, t := range tokens {
		if t.kind != wordToken {
			continue
		}
		message := ""
		if i > 0 && tokens[i-1].kind == fieldToken {
			message = valueHint(tokens[i-1].text, t)
		} else if len(tokens) >= 3 {
			message = wordHint(tokens[:i], t, tokens[i+1:])
		}
		if message != "" {
			all = append(all, Hint{t.column, message})
		}
	}
	return all
}

// valueHint says what a field's value may have been meant for; empty: itself.
func valueHint(field string, t token) string {
	one, other, several := strings.Cut(t.text, ",")
	if field != fieldOutlet || !several || one == "" {
		return ""
	}
	return fmt.Sprintf("this is searched as one outlet; for several write outlet:(%s OR %s)", clip(one), cmp.Or(clip(other), "…"))
}

// wordHint says what a word between others may have been meant for; empty: itself.
func wordHint(before []token, t token, behind []token) string {
	switch t.text {
	case "and", "or", "not", "And", "Or", "Not":
		return fmt.Sprintf("%s is searched as a word; the operator is %s", t.text, strings.ToUpper(t.text))
	case "cs", "CS":
		if behind[0].kind == openToken {
			return fmt.Sprintf("%s is searched as a word; for what is spelled just so leave no space: cs(…)", t.text)
		}
	}
	if m := distanceLike.FindStringSubmatch(t.text); m != nil && len(before) > 0 && behind[0].kind != endToken {
		return fmt.Sprintf("%s is searched as words; the operator is NEAR/%s", t.text, m[1])
	}
	closes := func(other token) bool {
		return strings.HasSuffix(other.text, "’") || strings.HasSuffix(other.text, "'")
	}
	if strings.IndexAny(t.text, "‘'") == 0 && slices.ContainsFunc(behind, closes) {
		return "single quotes make no phrase; write double ones"
	}
	return ""
}
