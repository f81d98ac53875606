package residue

import (
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
	seen := 0
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
			r.Byline = l.byline(b.Text)
		}
		if r.Agency == "" && r.Dateline == "" {
			r.Dateline, r.Agency = l.dateline(b.Text)
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
			place = strings.Trim(before, " ,")
			if !isPlace(place) || !beginsDash(after) {
				return "", agency
			}
			return place, agency
		}
		if place, agency = l.ending(inner); agency != "" && before == "" {
			return place, agency
		}
	}
	if place, agency = l.wired(head); agency != "" {
		return place, agency
	}
	before, _, ok := cutDash(head)
	if !ok {
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
	if !isPlace(place) || agency == "" && !isShouted(place) {
		place = ""
	}
	return place, agency
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

// byline reads a writer's name off a block that says "By Jane Doe" and no more.
// A name of one word is believed behind a colon or in scripts without spaces
// only, since words for "by" mean other things in other languages.
func (l *lexicon) byline(text string) string {
	if len(text) > datelineBytes {
		return ""
	}
	f := foldText(text)
	defer f.release()
	n := l.byLen(f)
	if n == 0 || f.len() <= n || f.len() > n+8 {
		return ""
	}
	name := strings.TrimLeft(afterWords(text, n), " :：.|/")
	if i := strings.IndexAny(name, ",|/(•·"); i >= 0 {
		name = name[:i]
	}
	name = strings.TrimRight(name, " .,")
	words := strings.Fields(name)
	unspaced := isLone(f.word(n)) && f.len()-n >= 2
	if len(words) < 2 && f.marks[n]&colon == 0 && !unspaced {
		return ""
	}
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		if unicode.IsLower(r) && len(w) > 3 || strings.ContainsFunc(w, unicode.IsDigit) || strings.HasSuffix(w, ":") {
			return ""
		}
	}
	return name
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
