package content

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Language guesses the language of a text: its BCP 47 base language such as
// "id", Norwegian as "nb" or "nn", Filipino as "fil"; "und" if the text says too
// little. Some six hundred characters are looked at, most of them from the
// middle of a long text, because what is not the article stands at its edges;
// where they leave the language open, twice as many.
//
// The script decides first; where it leaves several languages, a model weighs
// the words and the runs of up to four letters (see model). Croatian, Bosnian
// and Serbian, and Indonesian and Malay, are told apart by their own words only,
// so a headline may leave them open.
//
// Hints are languages that somebody claims for the text, such as the feed or the
// outlet's habit. They are taken for what they are worth: each weighs as much as
// a telling word or two, which decides a headline and never an article.
func Language(text string, hints ...string) string {
	sample := sampleOf(text)
	var letters [scripts]int
	for _, r := range sample {
		letters[scriptOf(r)]++
	}
	s := dominant(&letters)
	hints = bases(hints)
	switch {
	case letters[s] < fewestLetters:
		return claimed(hints)
	case s == han && letters[kana] == 0 && letters[han] < fewHan && slices.Contains(hints, "ja"):
		return "ja" // Japanese headlines may do without kana
	case only[s] != "":
		return only[s]
	}
	return languages().guess(sample, moreOf(text), s, hints)
}

// Below these numbers the text itself says too little.
const (
	fewestLetters = 3
	fewHan        = 40
)

// claimed is the first hint, for texts that say nothing themselves.
func claimed(hints []string) string {
	for _, h := range hints {
		if languages().knows(h) {
			return h
		}
	}
	return "und"
}

// How much of a long text is looked at, in characters.
const (
	sampleMiddle = 400
	sampleHead   = 200
	sampleMore   = 800
)

// sampleOf takes a run from a third down a long text and, after it, the text's
// beginning.
func sampleOf(text string) string {
	if len(firstRunes(text, sampleMiddle+sampleHead)) == len(text) {
		return text
	}
	return firstRunes(from(text, len(text)/3), sampleMiddle) + " " + firstRunes(text, sampleHead)
}

// moreOf takes another run from the middle of a long text, which what sampleOf
// takes seldom overlaps.
func moreOf(text string) string {
	if len(firstRunes(text, sampleMiddle+sampleHead)) == len(text) {
		return ""
	}
	return firstRunes(from(text, len(text)/2), sampleMore)
}

// from is the text from the first character at or after a byte.
func from(text string, at int) string {
	for at < len(text) && !utf8.RuneStart(text[at]) {
		at++
	}
	return text[at:]
}

func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// dominant is the script that most of the text is in. A character of the
// syllabic and ideographic scripts says as much as some letters do. Japanese is
// what mixes kana into Chinese characters; Chinese news quotes kana, but little.
func dominant(letters *[scripts]int) script {
	letters[noScript] = 0
	if letters[kana]*12 >= letters[han] && letters[kana] > 0 {
		letters[kana], letters[han] = letters[kana]+letters[han], 0
	}
	best := noScript
	for s := range letters {
		if script(s).weigh(letters[s]) > best.weigh(letters[best]) {
			best = script(s)
		}
	}
	return best
}

func (s script) weigh(letters int) int {
	switch s {
	case han, kana, hangul:
		return 3 * letters
	}
	return letters
}

func bases(tags []string) []string {
	list := make([]string, len(tags))
	for i, t := range tags {
		list[i] = base(t)
	}
	return list
}

// base is the base language of a BCP 47 tag, as Language would name it.
func base(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(strings.ReplaceAll(tag, "_", "-"))), "-")
	if name, ok := otherNames[tag]; ok {
		return name
	}
	return tag
}

// otherNames are outdated and neighbouring tags for languages named otherwise
// here.
var otherNames = map[string]string{
	"in": "id", "iw": "he", "ji": "yi", "no": "nb", "tl": "fil", "sh": "sr", "mo": "ro", "cmn": "zh", "yue": "zh", "zsm": "ms", "arb": "ar",
	"cnr": "sr", "prs": "fa", "kmr": "ku", "swh": "sw", "ekk": "et", "lvs": "lv", "als": "sq", "azj": "az", "npi": "ne", "pbt": "ps", "pbu": "ps",
}
