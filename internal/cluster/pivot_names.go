package cluster

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

//go:generate go run ./gen

//go:embed cldr/names.bin
var cldrNames []byte

// knowledge is what pivots are found with: the alphabet, and the names of
// places, times and numbers in every language that CLDR knows. It is built
// when the first article comes; a language's names are unpacked when its first
// article comes.
type knowledge struct {
	*alphabet
	lexicons map[string]func() *lexicon
}

var known = sync.OnceValue(func() *knowledge {
	k := &knowledge{newAlphabet(), map[string]func() *lexicon{}}
	_, packed, _ := bytes.Cut(cldrNames, []byte("\n\n"))
	index, blocks, _ := bytes.Cut(packed, []byte("\n\n"))
	for line := range strings.Lines(string(index)) {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue
		}
		start, _ := strconv.Atoi(f[1])
		size, _ := strconv.Atoi(f[2])
		k.lexicons[f[0]] = sync.OnceValue(func() *lexicon { return k.unpack(blocks[start : start+size]) })
	}
	return k
})

// siblings names, for languages that go by several tags, the one CLDR uses.
var siblings = map[string]string{"tl": "fil", "iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro", "nb": "no", "sh": "sr", "cmn": "zh", "arb": "ar"}

// lexicon returns the names in a language; of a language it does not know, English.
func (k *knowledge) lexicon(lang string) *lexicon {
	if s, ok := siblings[lang]; ok {
		lang = s
	}
	if load, ok := k.lexicons[lang]; ok {
		return load()
	}
	return k.lexicons["en"]()
}

// lexicon holds one language's names. Each is found by the hash of its words,
// folded; the hash of the words it begins with is in the table too, so that the
// longest name is found by going on while there may be more.
type lexicon struct {
	entries map[uint32]entryOf
	maybe   [1 << 10]uint64 // a bit for the lower half of each key: most words are in no lexicon
}

func (l *lexicon) find(h uint32) (entryOf, bool) {
	if l.maybe[h>>6&(1<<10-1)]&(1<<(h&63)) == 0 {
		return entryOf{}, false
	}
	e, ok := l.entries[h]
	return e, ok
}

func (l *lexicon) set(h uint32, e entryOf) {
	l.maybe[h>>6&(1<<10-1)] |= 1 << (h & 63)
	l.entries[h] = e
}

type entryOf struct {
	kind    byte   // as in names.bin; 0: only the beginning of a name
	more    bool   // a longer name begins so
	cut     bool   // the name without its last letter, a vowel
	capital bool   // written with a capital
	concept uint32 // hash of kind and concept
	value   int16  // of a number word; powers of ten of a scale
}

func (k *knowledge) unpack(block []byte) *lexicon {
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(block)))
	if err != nil {
		panic("cluster: embedded names are damaged: " + err.Error()) // cannot be: a test reads every block
	}
	l := &lexicon{entries: map[uint32]entryOf{}}
	for line := range strings.Lines(string(text)) {
		key, names, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			continue
		}
		value, _ := strconv.Atoi(key[1:])
		e := entryOf{kind: key[0], concept: hashString(key), value: int16(value)}
		for name := range strings.SplitSeq(names, "|") {
			l.add(k, name, e)
		}
	}
	return l
}

// add enters a name under its folded words; the first to claim a spelling keeps
// it. Names in brackets after the name proper are left out.
func (l *lexicon) add(k *knowledge, name string, e entryOf) {
	name, _, _ = strings.Cut(name, " (")
	name, _, _ = strings.Cut(name, "（")
	h := uint32(hashStart)
	var last rune
	letters, words := 0, 0
	mid := false
	for _, r := range name {
		e.capital = unicode.IsUpper(r)
		break
	}
	for _, r := range name {
		s := k.scriptOf(r)
		switch {
		case s == mark:
			continue
		case s == noLetter:
			if mid {
				l.begin(h)
				h = hashRune(h, ' ')
				mid = false
			}
			continue
		case s.unspaced() && letters > 0 && mid:
			l.begin(h)
		}
		if !mid {
			words++
		}
		mid = true
		last = k.foldOf(r)
		h = hashRune(h, last)
		letters++
	}
	if letters < 2 && e.kind != 's' && e.kind != 'n' {
		return
	}
	l.put(h, e)
	if words == 1 && letters >= 5 && k.soundIsVowel(last) {
		l.putCut(k, name, e)
	}
}

func (k *knowledge) soundIsVowel(r rune) bool {
	return isVowel(r) || r >= 0x250 && r < 1<<16 && k.sound[r] == vowelSound && k.script[r] != katakana && k.script[r] != hangul
}

// putCut enters a name without its last letter, which inflection changes.
func (l *lexicon) putCut(k *knowledge, name string, e entryOf) {
	h, prev := uint32(hashStart), uint32(hashStart)
	for _, r := range name {
		if s := k.scriptOf(r); s != mark && s != noLetter {
			prev, h = h, hashRune(h, k.foldOf(r))
		}
	}
	e.cut = true
	l.put(prev, e)
}

func (l *lexicon) begin(h uint32) {
	e := l.entries[h]
	e.more = true
	l.set(h, e)
}

func (l *lexicon) put(h uint32, e entryOf) {
	old, ok := l.entries[h]
	if ok && old.kind != 0 && (e.cut || !old.cut) {
		return
	}
	e.more = old.more
	l.set(h, e)
}

// FNV-1a over runes.
const hashStart = 2166136261

func hashRune(h uint32, r rune) uint32 {
	h = (h ^ uint32(r)&0xff) * 16777619
	if r > 0xff {
		h = (h ^ uint32(r)>>8) * 16777619
	}
	return h
}

func hashString(s string) uint32 {
	h := uint32(hashStart)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}
