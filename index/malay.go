package index

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2/analysis"
)

// malay stems Indonesian and Malay words, lightly. Affixes come off in the order
// of Nazief and Adriani (Confix-stripping, University of Indonesia, 1996) as
// Asian, Williams and Tahaghoghi describe it (Stemming Indonesian, ACSC 2005):
// particle, possessive, then prefixes with the suffixes that go with them. They
// look each candidate up in a dictionary of all roots; we have none that may be
// shipped, so, as Tala does (A Study of Stemming Effects on Information Retrieval
// in Bahasa Indonesia, 2003), what is left must have two syllables, and a short
// list says where the rules would be wrong: words that only look as if they had
// affixes, and roots whose first letter the prefix has swallowed.
//
// Light means: a pair of affixes only comes off together (ke-…-an, not ke-), -i
// and -kan only behind a verb's prefix, and se-, -ku and -mu never: they are
// rare in the news, and more often part of the root. What it costs: an affixed
// word with a root of one syllable (dibom, mengecek) is found as it stands only.
type malay struct{}

//go:embed malay.txt
var malayWords string

// malayRoots are the words that are whole as they stand.
var malayRoots = func() map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(malayWords) {
		if !strings.HasPrefix(line, "#") {
			for _, w := range strings.Fields(line) {
				all[w] = true
			}
		}
	}
	return all
}()

func (malay) Analyze(input []byte) analysis.TokenStream {
	var stream analysis.TokenStream
	words(string(input), func(w string, start, end int) bool {
		stream = append(stream, &analysis.Token{Term: []byte(stemMalay(w)), Start: start, End: end, Position: len(stream) + 1})
		return true
	})
	return stream
}

// stemMalay is the stem of a folded word.
func stemMalay(w string) string {
	if !isASCII(w) || len(w) < 5 || malayRoots[w] {
		return w
	}
	w = without(w, "lah", "kah", "tah", "pun")
	if w != "bertanya" && w != "ditanya" {
		w = without(w, "nya")
	}
	for range 3 { // memperbaiki has two, keberterimaan three
		next := strip(w)
		if next == w {
			break
		}
		w = next
	}
	return w
}

// without takes one of the suffixes off, if enough is left.
func without(w string, suffixes ...string) string {
	if malayRoots[w] {
		return w
	}
	for _, s := range suffixes {
		if rest, ok := strings.CutSuffix(w, s); ok && isRoot(rest) {
			return rest
		}
	}
	return w
}

// strip takes the outermost affixes off, if enough is left.
func strip(w string) string {
	if malayRoots[w] {
		return w
	}
	if rest, ok := strings.CutSuffix(w, "an"); ok && malayRoots[rest] {
		return rest
	}
	for _, p := range malayPrefixes {
		rest, ok := strings.CutPrefix(w, p.prefix)
		if !ok || len(rest) < 3 {
			continue
		}
		for _, begin := range p.begins(rest) {
			root := behindPrefix(begin, p)
			if root != "" {
				return root
			}
		}
	}
	return without(w, "an")
}

// behindPrefix is what is left when the suffix that goes with the prefix is off
// too; empty if that is no root.
func behindPrefix(rest string, p malayPrefix) string {
	if malayRoots[rest] {
		if p.needsAn {
			return ""
		}
		return rest
	}
	root := rest
	if p.verb {
		root = without(root, "kan")
		if n := len(root); root == rest && n > 1 && !strings.ContainsRune("aeio", rune(root[n-2])) {
			root = without(root, "i")
		}
	} else {
		root = without(root, "an")
	}
	if p.needsAn && root == rest || !isRoot(root) {
		return ""
	}
	return root
}

// isRoot reports whether a string can be a root: it is known, or has four letters
// and two syllables and begins as roots do.
func isRoot(s string) bool {
	if malayRoots[s] {
		return true
	}
	if len(s) < 4 || strings.ContainsRune("mn", rune(s[0])) && !isVowel(s[1]) && s[:2] != "ny" && s[:2] != "ng" {
		return false
	}
	syllables := 0
	for i := range len(s) {
		if isVowel(s[i]) && (i == 0 || !isVowel(s[i-1]) || s[i] == s[i-1] || s[i-1] == 'u' || s[i] == 'a') {
			syllables++
		}
	}
	return syllables >= 2
}

func isVowel(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }

// malayPrefix is one form of a prefix.
type malayPrefix struct {
	prefix  string
	verb    bool   // goes with -kan and -i, others with -an
	needsAn bool   // comes with -an only
	before  string // the letters it stands before; empty: any
	lost    string // the letter of the root that it swallows before a vowel
	always  bool   // it does so always; else only where the root is known to begin so
}

// malayPrefixes in the order in which they are tried: longer ones first.
var malayPrefixes = slices.Concat([]malayPrefix{{prefix: "per", needsAn: true}}, nasal("me", true), nasal("pe", false), []malayPrefix{
	{prefix: "di", verb: true},
	{prefix: "ter", verb: true},
	{prefix: "ber"},
	{prefix: "bel", before: "a"}, // belajar
	{prefix: "be", before: "k"},  // bekerja
	{prefix: "ke", needsAn: true},
})

// nasal gives the forms of me- and pe-, whose nasal follows the root's first
// letter and swallows k, p, s and t.
func nasal(p string, verb bool) []malayPrefix {
	return []malayPrefix{
		{prefix: p + "mper", verb: true},
		{prefix: p + "ny", verb: verb, before: "aeiou", lost: "s", always: true},
		{prefix: p + "ng", verb: verb, before: "aeiou", lost: "k"},
		{prefix: p + "ng", verb: verb, before: "ghk"},
		{prefix: p + "m", verb: verb, before: "aeiou", lost: "p", always: true},
		{prefix: p + "m", verb: verb, before: "bfpv"},
		{prefix: p + "n", verb: verb, before: "aeiou", lost: "t", always: true},
		{prefix: p + "n", verb: verb, before: "cdjstz"},
		{prefix: p + "l", verb: verb, before: "a", lost: "-"}, // pelajar
		{prefix: p, verb: verb, before: map[bool]string{true: "lrwy", false: "dgjklrstw"}[verb]},
	}
}

// begins are the roots that may stand behind the prefix, likelier ones first.
func (p malayPrefix) begins(rest string) []string {
	if p.before != "" && strings.IndexByte(p.before, rest[0]) < 0 {
		return nil
	}
	switch {
	case p.prefix == "per" && known("r"+rest): // perawatan is of rawat
		return nil
	case p.lost == "":
		return []string{rest}
	case p.lost == "-": // the l belongs to the prefix in one word
		if strings.HasPrefix(rest, "ajar") && p.prefix == "pel" {
			return []string{rest}
		}
		return nil
	}
	// Roots that begin with the nasal themselves (meminta, menilai) are known.
	own := p.prefix[2:] + rest
	if known(own) {
		return []string{own}
	}
	swallowed := p.lost + rest
	if p.always || known(swallowed) {
		return []string{swallowed}
	}
	return []string{rest}
}

// known reports whether a listed root, with or without a suffix, is there.
func known(w string) bool {
	return malayRoots[w] || slices.ContainsFunc([]string{"kan", "an", "i"}, func(suffix string) bool {
		rest, ok := strings.CutSuffix(w, suffix)
		return ok && malayRoots[rest]
	})
}
