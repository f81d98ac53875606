package feed

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxDate bounds the text looked at; longer ones are no dates.
const maxDate = 100

// ParseDate reads a date as feeds write them, and gives it in UTC; zero if it
// cannot be read. It knows RFC 822 and its relatives, RFC 3339 and ISO 8601,
// dates in figures of any script, Unix seconds, the month names of eighty
// languages ("Jum, 14 Apr 2023 16:10:00 WIB"), the zone names of zoneOffset and
// those of the zone database ("Asia/Jakarta"). A date without a zone is taken to
// be UTC; a year such as 2566 to be of the Buddhist era.
//
// It looks for a time, then a zone after it, then a date in what is left, and
// passes over everything else; so weekday names need no table.
func ParseDate(s string) time.Time {
	if s = strings.TrimSpace(s); s == "" || len(s) > maxDate {
		return time.Time{}
	}
	place, s := zonePlace(s)
	r := dateReader{tokens: lexDate(s)}
	r.clock()
	if r.zone() {
		place = time.UTC
	}
	year, month, day, ok := r.date()
	if !ok || r.hour > 24 || r.minute > 59 || r.second > 60 || month < 1 || month > 12 || day < 1 || day > 31 {
		return time.Time{}
	}
	if year >= 2400 && year < 2700 {
		year -= 543
	}
	t := time.Date(year, time.Month(month), day, r.hour, r.minute, min(r.second, 59), r.nanos, place)
	if t = t.Add(-r.offset).UTC(); t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

var placeName = regexp.MustCompile(`\b(Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Z][A-Za-z_/]+`)

// zonePlace takes the name of a zone such as Asia/Jakarta out of a date.
func zonePlace(s string) (place *time.Location, rest string) {
	name := placeName.FindString(s)
	if name == "" {
		return time.UTC, s
	}
	place, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC, s
	}
	return place, strings.Replace(s, name, "", 1)
}

// dateToken is a run of digits, a word, or a single other character.
type dateToken struct {
	text   string
	number int  // of a run of digits
	digits int  // how many, 0 for words and signs
	space  bool // white space stands before it
}

func (t dateToken) isWord() bool {
	r, _ := utf8.DecodeRuneInString(t.text)
	return t.digits == 0 && unicode.IsLetter(r)
}

func lexDate(s string) []dateToken {
	var out []dateToken
	space := false
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		t := dateToken{space: space}
		switch {
		case unicode.IsSpace(r):
			space, s = true, s[size:]
			continue
		case unicode.IsDigit(r):
			written := run(s, unicode.IsDigit)
			t.text = strings.Map(asciiDigit, written)
			t.digits = len(t.text)
			t.number, _ = strconv.Atoi(t.text) // too long: fails later, being out of range
			out, s, space = append(out, t), s[len(written):], false
			continue
		case unicode.IsLetter(r):
			t.text = strings.ToLower(run(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }))
		default:
			t.text = s[:size]
		}
		size = len(t.text)
		if t.isWord() {
			size = len(run(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }))
		}
		out, s, space = append(out, t), s[size:], false
	}
	return out
}

// asciiDigit is a digit of any script as one of ours.
func asciiDigit(r rune) rune {
	if r < utf8.RuneSelf {
		return r
	}
	for _, digits := range unicode.Nd.R16 { // each range is whole alphabets of ten
		if rune(digits.Lo) <= r && r <= rune(digits.Hi) {
			return '0' + (r-rune(digits.Lo))%10
		}
	}
	return -1
}

// run is the longest beginning of s of runes that ok accepts.
func run(s string, ok func(rune) bool) string {
	if n := strings.IndexFunc(s, func(r rune) bool { return !ok(r) }); n >= 0 {
		return s[:n]
	}
	return s
}

// dateReader takes the parts of a date out of its tokens.
type dateReader struct {
	tokens               []dateToken
	after                int // where the time ended
	hour, minute, second int
	nanos                int
	offset               time.Duration
	twelve               bool // the time was given with AM or PM
}

// at is the token at i, empty beyond the end.
func (r *dateReader) at(i int) dateToken {
	if i < 0 || i >= len(r.tokens) {
		return dateToken{}
	}
	return r.tokens[i]
}

// clock finds 16:10, 16:10:05.123, 4:10 PM, 16h10, 16.10, 4 PM, 16时10分 and,
// after a T, 1610.
func (r *dateReader) clock() {
	for i := range r.tokens {
		if n := r.clockAt(i); n > 0 {
			r.halfDay(i, i+n)
			r.tokens = slices.Delete(r.tokens, i, i+n)
			r.after = i
			return
		}
	}
	r.after = len(r.tokens)
}

// clockAt reads a time at token i and says how many tokens it takes.
func (r *dateReader) clockAt(i int) int {
	h, sep, m := r.at(i), r.at(i+1), r.at(i+2)
	switch {
	case r.at(i-1).text == "t" && (h.digits == 4 || h.digits == 6):
		r.hour, r.minute = h.number/100, h.number%100
		if h.digits == 6 {
			r.hour, r.minute, r.second = h.number/10000, h.number/100%100, h.number%100
		}
		return 1
	case h.digits == 0 || h.digits > 2:
		return 0
	case sep.text == "am" || sep.text == "pm":
		r.hour = h.number
		return 1
	case m.digits == 0 || m.digits > 2:
		return 0
	case sep.text == ":", sep.text == "h", isHourSign(sep.text), sep.text == "." && r.dottedTime(i):
	default:
		return 0
	}
	r.hour, r.minute = h.number, m.number
	second := r.at(i + 3).text
	if second != sep.text && !isHourSign(sep.text) || r.at(i+4).digits == 0 || r.at(i+4).digits > 2 {
		return 3
	}
	r.second = r.at(i + 4).number
	if f := r.at(i + 6); (r.at(i+5).text == "." || r.at(i+5).text == ",") && f.digits > 0 && !f.space {
		r.nanos, _ = strconv.Atoi((f.text + "000000000")[:9])
		return 7
	}
	return 5
}

// isHourSign reports whether a word stands between hours and minutes in East
// Asia, where another stands between minutes and seconds.
func isHourSign(word string) bool {
	switch word {
	case "時", "时", "点", "點", "시":
		return true
	}
	return false
}

// dottedTime reports whether 16.10 at token i is a time rather than a part of a
// date: a whole date stands before it.
func (r *dateReader) dottedTime(i int) bool {
	numbers := 0
	for _, t := range r.tokens[:i] {
		if t.digits > 0 {
			numbers++
		}
	}
	h, m := r.at(i), r.at(i+2)
	return numbers >= 2 && r.at(i-1).text != "." && m.digits == 2 && !m.space && h.number <= 24 && m.number <= 59
}

// halfDay reads AM or PM, or a.m. and p.m., after the time, and what East Asia
// writes before it.
func (r *dateReader) halfDay(first, i int) {
	before := r.at(first - 1).text
	switch t := r.at(i); {
	case t.text == "pm" || t.text == "p" && r.at(i+1).text == "." || endsIn(before, "下午", "晚上", "午後", "오후"):
		r.twelve = true
		if r.hour < 12 {
			r.hour += 12
		}
	case t.text == "am" || t.text == "a" && r.at(i+1).text == "." || endsIn(before, "上午", "午前", "오전"):
		r.twelve = true
		if r.hour == 12 {
			r.hour = 0
		}
	}
}

func endsIn(word string, endings ...string) bool {
	return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(word, e) })
}

// zone reads +0700, +07:00, GMT+7 or a name after the time, and says whether
// there is one. Figures win over names: "16:10 +0700 (WIB)".
func (r *dateReader) zone() bool {
	for i := r.after; i < len(r.tokens); i++ {
		if offset, n := r.numericZone(i); n > 0 {
			r.offset = offset
			r.tokens = slices.Delete(r.tokens, i, i+n)
			return true
		}
	}
	for i := r.after; i < len(r.tokens); i++ {
		if offset, ok := zoneOffset(r.tokens[i].text); ok {
			r.offset = offset
			r.tokens[i].text = "" // so that it is not a month as well
			return true
		}
	}
	return false
}

// numericZone reads a signed offset at token i and says how many tokens it
// takes. A dash before a date ("16:10 - 14/04/2023") is none.
func (r *dateReader) numericZone(i int) (offset time.Duration, tokens int) {
	sign, t := r.at(i).text, r.at(i+1)
	if sign != "+" && sign != "-" && sign != "−" || t.digits == 0 || t.space {
		return 0, 0
	}
	hours, minutes, tokens := t.number, 0, 2
	next := r.at(i + 2)
	switch {
	case t.digits == 4:
		hours, minutes = t.number/100, t.number%100
	case t.digits > 2 || next.text == "/" || next.text == "." || next.text == "-":
		return 0, 0
	case next.text == ":" && r.at(i+3).digits == 2:
		minutes, tokens = r.at(i+3).number, 4
	}
	if hours > 15 || minutes > 59 {
		return 0, 0
	}
	offset = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if sign != "+" {
		offset = -offset
	}
	return offset, tokens
}

// date reads the day from what is left.
func (r *dateReader) date() (year, month, day int, ok bool) {
	var numbers []dateToken
	separator := ""
	for i, t := range r.tokens {
		if m := r.monthAt(i); m > 0 {
			month = m // the last one: in "Mar, 14 Abr" the first is a weekday
		}
		if t.digits > 0 && r.at(i-1).text != "thứ" { // "thứ 6" is a weekday
			numbers = append(numbers, t)
			if separator == "" && r.at(i+1).digits == 0 {
				separator = r.at(i + 1).text
			}
		}
	}
	switch {
	case month > 0 && (len(numbers) < 3 || !slices.Contains([]string{"/", ".", "-"}, separator)):
		return dateWithMonth(numbers, month)
	case len(numbers) >= 3:
		return r.dateInFigures(numbers, separator)
	case len(numbers) == 2 && numbers[0].digits == 10 && separator == ".": // seconds with a fraction
		return r.dateInOne(numbers[0])
	case len(numbers) == 2 && numbers[0].digits == 4:
		if numbers[1].digits == 3 { // a day of the year
			return dayOfYear(numbers[0].number, numbers[1].number)
		}
		return numbers[0].number, numbers[1].number, 1, true
	case len(numbers) == 1:
		return r.dateInOne(numbers[0])
	}
	return 0, 0, 0, false
}

// monthAt is the month that token i names, in Thai also as "เม.ย.", else 0.
func (r *dateReader) monthAt(i int) int {
	if !r.tokens[i].isWord() {
		return 0
	}
	if r.at(i+1).text == "." && r.at(i+2).isWord() {
		if m := months()[r.tokens[i].text+"."+r.at(i+2).text]; m > 0 {
			return m
		}
	}
	return monthNumber(r.tokens[i].text)
}

// dateWithMonth reads day and year around a month's name.
func dateWithMonth(numbers []dateToken, month int) (year, m, day int, ok bool) {
	if len(numbers) == 1 && numbers[0].digits == 4 {
		return numbers[0].number, month, 1, true
	}
	if len(numbers) < 2 {
		return 0, 0, 0, false
	}
	d, y := numbers[0], numbers[1]
	if d.digits > 2 {
		d, y = y, d
	}
	return fullYear(y), month, d.number, true
}

// dateInFigures reads three numbers. With a year of four digits in front the
// order is plain; otherwise the day comes first, unless only the other order
// gives a month, or slashes and AM or PM tell an American date.
func (r *dateReader) dateInFigures(n []dateToken, separator string) (year, month, day int, ok bool) {
	a, b, c := n[0], n[1], n[2]
	switch {
	case a.digits >= 4:
		return a.number, b.number, c.number, true
	case b.number > 12 || separator == "/" && r.twelve && a.number <= 12:
		return fullYear(c), a.number, b.number, true
	}
	return fullYear(c), b.number, a.number, true
}

// dateInOne reads 20230414, 20230414161005, 2023104, 2023 and Unix time in
// seconds or milliseconds.
func (r *dateReader) dateInOne(n dateToken) (year, month, day int, ok bool) {
	switch n.digits {
	case 4:
		return n.number, 1, 1, true
	case 7:
		return dayOfYear(n.number/1000, n.number%1000)
	case 8:
		return n.number / 10000, n.number / 100 % 100, n.number % 100, true
	case 12, 14:
		date, clock := n.number/1_0000, n.number%1_0000*100
		if n.digits == 14 {
			date, clock = n.number/1_00_00_00, n.number%1_00_00_00
		}
		r.hour, r.minute, r.second = clock/1_00_00, clock/100%100, clock%100
		return date / 1_00_00, date / 100 % 100, date % 100, true
	case 10, 13:
		t := time.Unix(int64(n.number), 0).UTC()
		if n.digits == 13 {
			t = time.UnixMilli(int64(n.number)).UTC()
		}
		r.hour, r.minute, r.second, r.nanos = t.Hour(), t.Minute(), t.Second(), t.Nanosecond()
		return t.Year(), int(t.Month()), t.Day(), true
	}
	return 0, 0, 0, false
}

func dayOfYear(year, day int) (y, m, d int, ok bool) {
	t := time.Date(year, 1, day, 0, 0, 0, 0, time.UTC)
	return t.Year(), int(t.Month()), t.Day(), day >= 1 && day <= 366
}

// fullYear takes two digits to mean 1970 to 2069.
func fullYear(t dateToken) int {
	switch {
	case t.digits > 2:
		return t.number
	case t.number >= 70:
		return 1900 + t.number
	}
	return 2000 + t.number
}
