package residue

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"kliping/internal/news"
)

const (
	// A dateline stands in so many bytes at the beginning of a paragraph.
	datelineBytes = 80
	// A byline is looked for in so many of the first blocks.
	bylineBlocks = 3
)

// credit reads agency, dateline and byline off the blocks that stay.
func (r *Result) credit(l *lexicon) {
	seen, opened := 0, false // a paragraph has said where it comes from
	var lastKept *news.Block
	for i := range r.Blocks {
		b := &r.Blocks[i]
		if b.Strip != nil {
			continue
		}
		lastKept = b
		seen++
		if seen > bylineBlocks {
			continue
		}
		if r.Byline == "" {
			name, agency := l.signature(b.Text)
			if name != "" || agency != "" {
				r.Byline, r.Agency = name, cmp.Or(r.Agency, agency)
				continue
			}
		}
		if !opened {
			place, agency := l.dateline(b.Text)
			opened = place != "" || agency != ""
			r.Dateline, r.Agency = place, cmp.Or(agency, r.Agency)
		}
	}
	if r.Agency == "" && lastKept != nil {
		r.Agency = l.credited(lastKept.Text)
	}
}

// dateline reads "LONDON (AP) —", "Jakarta (ANTARA) -", "JAKARTA, daily.example -",
// "(AFP) …", "Reuters -", "【北京共同】" and "新华社北京5月1日电" off the beginning of
// a paragraph.
func (l *lexicon) dateline(text string) (place, agency string) {
	head := text[:cut(text, datelineBytes)]
	if before, inner, after, ok := bracket(head); ok {
		if agency = l.agency(inner); agency != "" {
			return l.beside(before, after), agency
		}
		if place, agency = l.ending(inner); agency != "" && before == "" {
			return place, agency
		}
	}
	if place, agency = l.wired(head); agency != "" {
		return place, agency
	}
	if place, agency = l.opening(head); agency != "" {
		return place, agency
	}
	before, after, ok := cutDash(head)
	if !ok || l.agency(before) != "" && hasDash(after) { // the agency is what an aside is about
		return "", ""
	}
	parts := strings.FieldsFunc(before, func(r rune) bool { return r == ',' || r == '/' || r == '，' })
	for i, part := range parts {
		if agency = l.agency(part); agency != "" || strings.Contains(strings.TrimSpace(part), ".") { // a name, or a domain
			before = strings.Join(parts[:i], ",")
			break
		}
	}
	place = strings.Trim(before, " ,")
	if agency != "" {
		place, _ = undated(before)
	}
	if !isPlace(place) || agency == "" && !isShouted(place) {
		place = ""
	}
	return place, agency
}

// beside reads the place that stands before an agency in brackets, or behind one
// that opens the text: "(ANSA) - ROMA, 03 MAR -". Where no dash follows the
// bracket, a day must stand before it.
func (l *lexicon) beside(before, after string) string {
	if strings.TrimSpace(before) == "" {
		place, _, ok := cutDash(strings.TrimLeft(after, " .-–—"))
		if place, dated := undated(place); ok && dated && isPlace(place) && isShouted(place) {
			return place
		}
		return ""
	}
	place, dated := undated(before)
	if !isPlace(place) || !dated && !beginsDash(after) {
		return ""
	}
	return place
}

// undated is the place without the day that is given with it, and whether one is:
// "HANOI, March 3", "3 марта, Минск".
func undated(text string) (place string, dated bool) {
	var kept []string
	for i, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '،' || r == '，' }) {
		day := strings.IndexFunc(part, unicode.IsDigit)
		switch {
		case day < 0:
			kept = append(kept, strings.TrimSpace(part))
			continue
		case i == 0 && strings.Contains(strings.TrimSpace(part[day:]), " "): // القاهرة 3 مارس
			if place := strings.TrimSpace(part[:day]); place != "" {
				kept = append(kept, place)
			}
		}
		dated = true
	}
	place, _, _ = strings.Cut(strings.Join(kept, ", "), " [") // New Delhi [India]
	return strings.Trim(place, " ,."), dated
}

// maxOpening is how many parts may stand up to an agency's name.
const maxOpening = 6

// opening reads place, day and agency where commas, points, slashes and dashes
// part them: "МОСКВА, 3 марта. /ТАСС/.", "Москва. 3 марта. INTERFAX.RU -",
// "МИНСК, 3 мар — Sputnik.". A sentence may begin with a place and go on about an
// agency, so there must be a day, or capitals, besides.
func (l *lexicon) opening(head string) (place, agency string) {
	var places []string
	dated, slashed := false, false
	for range maxOpening {
		part, end, rest := cutPart(head)
		if end == 0 {
			break
		}
		head = rest
		agency = l.agency(part)
		switch {
		case agency != "":
			place = strings.Join(places, ", ")
			if place == "" || !dated && !slashed && !isShouted(place) {
				return "", ""
			}
			return place, agency
		case part == "", isCorrespondent(part):
		case strings.ContainsFunc(part, unicode.IsDigit) && len(strings.Fields(part)) <= 3:
			dated = true
		case len(places) < 2 && isPlace(part) && isNamed(part):
			places = append(places, part)
		default:
			return "", ""
		}
		slashed = end == '/'
	}
	return "", ""
}

// cutPart cuts at the first mark that parts an opening and returns that mark; 0
// if there is none. A point parts nothing within a number, nor a hyphen within a
// word.
func cutPart(head string) (part string, mark rune, rest string) {
	for i, r := range head {
		behind := head[i+utf8.RuneLen(max(r, 0)):]
		switch r {
		case '.':
			if unicode.IsDigit(firstRune(behind)) {
				continue
			}
		case '-':
			if i > 0 && head[i-1] != ' ' && head[i-1] != '.' && !strings.HasPrefix(behind, " ") {
				continue
			}
		case ',', '/', '–', '—':
		default:
			continue
		}
		return strings.TrimSpace(head[:i]), r, behind
	}
	return head, 0, ""
}

// isCorrespondent reports a word that agencies put before their name.
func isCorrespondent(part string) bool {
	switch strings.ToLower(part) {
	case "корр", "кор", "соб. корр", "corr":
		return true
	}
	return false
}

// isNamed reports that every word but short ones begins with a capital, in scripts
// that have them.
func isNamed(text string) bool {
	for _, w := range strings.Fields(text) {
		if unicode.IsLower(firstRune(w)) && utf8.RuneCountInString(w) > 3 {
			return false
		}
	}
	return true
}

// bracket is the first bracket of a text, with what stands before and behind it.
func bracket(text string) (before, inner, after string, ok bool) {
	before, rest, ok := cutAny(text, "(（【［")
	if !ok {
		return "", "", "", false
	}
	inner, after, ok = cutAny(rest, ")）】］")
	return before, inner, after, ok
}

// ending reads the agency off the end of what Japanese papers put into brackets:
// "北京共同", "ロンドン＝ロイター", "東京 1日 ロイター".
func (l *lexicon) ending(text string) (place, agency string) {
	if firstRune(text) < firstLone || len(text) > datelineBytes/2 {
		return "", ""
	}
	for i := range text {
		if agency = l.agency(strings.Trim(text[i:], "=＝ 　")); agency != "" {
			place, _, _ = strings.Cut(strings.Trim(text[:i], "=＝ 　"), " ")
			return place, agency
		}
	}
	return "", ""
}

// wired reads what Chinese agencies begin with: their name, a place, a day, and 电,
// "by wire".
func (l *lexicon) wired(head string) (place, agency string) {
	wire := strings.IndexAny(head, "电電")
	if wire < 0 || firstRune(head) < firstLone {
		return "", ""
	}
	head = head[:wire]
	for i := range head {
		if agency = l.agency(head[:i]); agency == "" {
			continue
		}
		if day := strings.IndexFunc(head[i:], unicode.IsDigit); day > 0 {
			place = head[i : i+day]
		}
		return place, agency
	}
	return "", ""
}

// firstLone is where the scripts of East Asia begin.
const firstLone = '\u3040'

// credited reads an agency off the end of a text: "(AFP)", "/ANTARA", "dpa".
func (l *lexicon) credited(text string) string {
	text = strings.TrimRight(text, " .")
	if len(text) <= datelineBytes/2 {
		if name := l.agency(strings.Trim(text, "()[]/-—– （）【】")); name != "" {
			return name
		}
	}
	if i := strings.LastIndexAny(text, "([/—–（【"); i >= 0 && len(text)-i <= datelineBytes/2 {
		return l.agency(strings.Trim(text[i:], "()[]/—– （）【】"))
	}
	return ""
}

// agency returns the usual name of the agency that text names, and nothing
// else; a text in "AP/AFP" style names its first.
func (l *lexicon) agency(text string) string {
	if len(text) > datelineBytes/2 {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text), "/")
	f := foldText(first)
	defer f.release()
	if l.shouted[string(f.buf)] && !isShouted(first) {
		return "" // Tass is a name too
	}
	return l.agencies[string(f.buf)]
}

// signature reads writer and agency off a block that says nothing else: "By Jane
// Doe, Associated Press", "Jane Doe, Reuters", "By The Associated Press".
func (l *lexicon) signature(text string) (name, agency string) {
	name, rest := l.byline(text)
	if name == "" {
		before, after, ok := cutAny(text, ",|/(")
		words := len(strings.Fields(before))
		if ok && len(text) <= datelineBytes && words >= 2 && words <= 4 && isNamed(before) && !isShouted(before) &&
			!strings.ContainsFunc(before, unicode.IsDigit) {
			if agency = l.agency(strings.Trim(after, " .)")); agency != "" {
				return strings.TrimSpace(before), agency
			}
		}
		return "", ""
	}
	if agency = l.agency(name); agency != "" {
		return "", agency
	}
	words := strings.Fields(strings.Trim(rest, " ,|/()•·."))
	for n := len(words); n > 0; n-- { // AP Political Writer
		if agency = l.agency(strings.Join(words[:n], " ")); agency != "" {
			break
		}
	}
	return name, agency
}

// byline reads a writer's name off a block that says "By Jane Doe" and no more.
// A name of one word is believed behind a colon or in scripts without spaces
// only, since words for "by" mean other things in other languages. rest is what
// the block says of the writer besides.
func (l *lexicon) byline(text string) (name, rest string) {
	if len(text) > datelineBytes {
		return "", ""
	}
	f := foldText(text)
	defer f.release()
	n := l.byLen(f)
	if n == 0 || f.len() <= n || f.len() > n+8 {
		return "", ""
	}
	name = strings.TrimLeft(afterWords(text, n), " :：.|/")
	if i := strings.IndexAny(name, ",|/(•·"); i >= 0 {
		name, rest = name[:i], name[i:]
	}
	name = strings.TrimRight(name, " .,")
	words := strings.Fields(name)
	unspaced := isLone(f.word(n)) && f.len()-n >= 2
	if len(words) < 2 && f.marks[n]&colon == 0 && !unspaced {
		return "", ""
	}
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		if unicode.IsLower(r) && len(w) > 3 || strings.ContainsFunc(w, unicode.IsDigit) || strings.HasSuffix(w, ":") {
			return "", ""
		}
	}
	return name, rest
}

// afterWords is what follows the first n words of text.
func afterWords(text string, n int) string {
	open := false
	for i, r := range text {
		class := letters().of(r).class
		if open && class != wordRune && class != invisible {
			open = false
			n--
		}
		if n == 0 {
			return text[i:]
		}
		switch class {
		case wordRune:
			open = true
		case loneRune:
			n--
		}
	}
	return ""
}

// isPlace reports a text that can be the place of a dateline: a few capitalised
// words.
func isPlace(text string) bool {
	words := strings.Fields(text)
	if len(words) == 0 || len(words) > 6 {
		return false
	}
	r, _ := utf8.DecodeRuneInString(words[0])
	return unicode.IsUpper(r) || unicode.In(r, unicode.Lo)
}

// isShouted reports capitals throughout, in a script that has them: "WASHINGTON"
// needs no agency to be a dateline.
func isShouted(text string) bool {
	letters := strings.IndexFunc(text, unicode.IsUpper) >= 0
	return letters && strings.ToUpper(text) == text && !strings.ContainsFunc(text, unicode.IsDigit)
}

func beginsDash(text string) bool {
	text = strings.TrimLeft(text, " ")
	for _, dash := range []string{"-", "–", "—", "―", ":", "."} {
		if strings.HasPrefix(text, dash) {
			return true
		}
	}
	return false
}

func hasDash(text string) bool {
	_, _, ok := cutDash(text)
	return ok
}

// cutDash cuts at the first dash with a space before or after it.
func cutDash(text string) (before, after string, ok bool) {
	at, size := -1, 0
	for _, dash := range []string{" - ", " – ", " — ", " -- ", "— ", " ― "} {
		if i := strings.Index(text, dash); i >= 0 && (at < 0 || i < at) {
			at, size = i, len(dash)
		}
	}
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+size:], true
}

func cutAny(text, chars string) (before, after string, ok bool) {
	i := strings.IndexAny(text, chars)
	if i < 0 {
		return text, "", false
	}
	_, size := utf8.DecodeRuneInString(text[i:])
	return text[:i], text[i+size:], true
}

// cut is the largest index up to max at which text can be cut between runes.
func cut(text string, max int) int {
	if len(text) <= max {
		return len(text)
	}
	for max > 0 && !utf8.RuneStart(text[max]) {
		max--
	}
	return max
}
