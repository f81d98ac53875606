package diff

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"kliping/internal/news"
)

// piece is a sentence (or a headline) taken apart.
type piece struct {
	text   string
	key    string // the same for sentences that are the same
	tokens []token
	quotes []token
	first  bool // of its paragraph
}

func newPiece(text string) piece {
	p := piece{text: text, tokens: tokenize(text)}
	p.key = strings.Join(keys(p.tokens), " ")
	if p.key == "" {
		p.key = text // nothing but punctuation
	}
	p.quotes, _ = quotes(text, 0)
	return p
}

// sentences are the sentences of the kept blocks. A quote that one sentence
// opens runs on into the next ones of its block.
func sentences(a *news.Article) []piece {
	var all []piece
	for _, b := range a.Blocks {
		if b.Strip != nil {
			continue
		}
		var open rune
		for i, s := range Sentences(closed(b.Text, a.Language)) {
			p := newPiece(s)
			p.first = i == 0
			p.quotes, open = quotes(s, open)
			all = append(all, p)
		}
	}
	return all
}

// grouping are the languages that part the thousands of a figure with a space.
// Elsewhere two figures that stand beside each other are two.
const grouping = " be bg cs de es et fi fr hr hu hy it ka kk lt lv mk nb nn pl pt ro ru sk sl sq sr sv uk uz "

var spacedFigure = regexp.MustCompile(`\b[0-9]{1,3}(?: [0-9]{3})+\b`)

// closed writes the thousands of a text in such a language with the space that
// belongs there: one that does not end the figure.
func closed(text, language string) string {
	if language == "" || !strings.Contains(grouping, " "+language+" ") {
		return text
	}
	return spacedFigure.ReplaceAllStringFunc(text, func(f string) string { return strings.ReplaceAll(f, " ", "\u00a0") })
}

const (
	// enders end a sentence wherever they stand: the scripts that use them
	// write them for nothing else, and some without a space after them.
	enders = "。！？｡؟۔।॥።፧។။։"
	// maybes end a sentence where white space follows, and no small letter.
	maybes = ".!?…．"
	// closers belong to the sentence before them.
	closers = `"'”’»›」』）)]】》〉`
)

// abbreviations do not end a sentence: titles, and words that stand before a
// name or a figure, in the languages that news is most often read in. One that
// is missing here splits a sentence in two, in every copy alike.
const abbreviations = " mr mrs ms dr prof st sr jr gen col lt sgt capt cmdr adm maj sen rep gov pres hon rev no nos vs etc approx inc ltd co corp " +
	"jan feb mar apr jun jul aug sep sept oct nov dec " +
	"bzw ca nr str usw abs art bd vgl dipl ing " +
	"sra srta dra ud uds núm pág av " +
	"mme mlle mgr " +
	"hj drs kol kab prov tgl jl dkk dll yth " +
	"г гг им ул тыс млн млрд руб стр " +
	"dott sig avv doç yrd "

// Sentences splits one paragraph into sentences, each without the white space
// around it. A sentence ends at an ender, or at a full stop, question or
// exclamation mark that white space follows, unless an abbreviation, an initial
// or a small letter says otherwise. Scripts that write no such marks (Thai,
// Lao) give one sentence a paragraph.
func Sentences(paragraph string) []string {
	var all []string
	start := 0
	cut := func(end int) {
		if s := strings.TrimSpace(paragraph[start:end]); s != "" {
			all = append(all, s)
		}
		start = end
	}
	for i := 0; i < len(paragraph); {
		r, size := utf8.DecodeRuneInString(paragraph[i:])
		end := i + size
		sure, maybe := strings.ContainsRune(enders, r), strings.ContainsRune(maybes, r)
		if sure || maybe {
			run := len(paragraph[end:]) - len(strings.TrimLeft(paragraph[end:], enders+maybes+closers))
			end += run
			if sure || ends(paragraph[start:i], paragraph[end:], r == '.' && run == 0) {
				cut(end)
			}
		}
		i = end
	}
	cut(len(paragraph))
	return all
}

// ends reports whether a sentence ends between before and after, which an
// uncertain mark parts; stop: the mark is a full stop and nothing else.
func ends(before, after string, stop bool) bool {
	if after == "" {
		return true
	}
	rest := strings.TrimLeftFunc(after, unicode.IsSpace)
	if rest == after {
		return false
	}
	if next, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, `"'“‘«„¿¡(`)); unicode.IsLower(next) {
		return false
	}
	return !stop || !abbreviated(before)
}

// abbreviated reports whether text ends with an abbreviation or an initial.
func abbreviated(text string) bool {
	at := strings.LastIndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	_, size := utf8.DecodeRuneInString(text[max(at, 0):])
	if at < 0 {
		at, size = 0, 0
	}
	word := text[at+size:]
	if word == "" {
		return false
	}
	if r, n := utf8.DecodeRuneInString(word); n == len(word) {
		return unicode.IsUpper(r) || strings.HasSuffix(text[:at+size], ".") // J. K. Sari; p. m.
	}
	return strings.Contains(abbreviations, " "+strings.ToLower(word)+" ")
}

// closing gives the mark that ends what an opening mark began. Single marks
// are left out: they are apostrophes far more often.
func closing(open rune) string {
	switch open {
	case '“':
		return "”\""
	case '„':
		return "“”"
	case '«':
		return "»"
	case '»':
		return "«"
	case '「':
		return "」"
	case '『':
		return "』"
	case '"', '＂':
		return "\"＂”"
	}
	return ""
}

// quotes finds what a sentence quotes. open is the mark of a quote that began
// in an earlier sentence, 0 if there is none; the mark still open at the end is
// returned.
func quotes(text string, open rune) ([]token, rune) {
	var found []token
	start := 0
	take := func(end int) {
		if q := strings.TrimSpace(text[start:end]); q != "" {
			found = append(found, token{text: q, key: strings.Join(keys(tokenize(q)), " ")})
		}
	}
	for i, r := range text {
		switch {
		case open != 0 && strings.ContainsRune(closing(open), r):
			take(i)
			open = 0
		case open == 0 && closing(r) != "":
			open, start = r, i+utf8.RuneLen(r)
		}
	}
	if open != 0 {
		take(len(text))
	}
	return found, open
}
