// Command gen writes names.bin, the names of places, times, languages and
// numbers in every language that Unicode CLDR knows, from the JSON edition of
// CLDR. Unpack these packages, all of one version, side by side in one folder:
//
//	cldr-core cldr-localenames-full cldr-dates-full cldr-numbers-full
//	cldr-rbnf cldr-subdivisions-full
//
// and run go generate with CLDR set to that folder. The output is plain header
// lines (source, version, licence), an empty line, an index of one line a
// language (tag, offset, length), an empty line, and one deflated block a
// language: lines of kind, concept, tab, names parted by bars.
package main

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func main() {
	dir := flag.String("cldr", os.Getenv("CLDR"), "folder that holds the unpacked CLDR packages")
	out := flag.String("out", "cldr/names.bin", "file to write")
	flag.Parse()
	if err := generate(*dir, *out); err != nil {
		log.Fatal(err)
	}
}

// source reads the packages of one CLDR version.
type source struct{ dir string }

func generate(dir, out string) error {
	s := source{dir}
	version, err := s.version()
	if err != nil {
		return err
	}
	locales, err := filepath.Glob(s.pattern("cldr-localenames-full", "main", "*"))
	if err != nil {
		return err
	}
	books := map[string]*book{}
	for _, path := range locales {
		tag := filepath.Base(path)
		lang, rest, _ := strings.Cut(tag, "-")
		if rest != "" && len(rest) != 4 || rest == "Dsrt" || rest == "Shaw" {
			continue // regions repeat their language; nobody prints news in these scripts
		}
		if books[lang] == nil {
			books[lang] = &book{names: map[string][]string{}}
		}
		s.read(tag, books[lang])
	}
	nameEnglishCities(books)
	for _, s := range englishScales {
		books["en"].add('s', s.power, s.word)
	}
	return write(out, version, books)
}

// englishScales are what English papers write beside CLDR's words.
var englishScales = []struct{ word, power string }{
	{"mn", "6"}, {"mln", "6"}, {"bn", "9"}, {"tn", "12"}, {"lakh", "5"}, {"crore", "7"},
}

// nameEnglishCities adds the cities whose English name is the zone's own, which
// CLDR does not repeat.
func nameEnglishCities(books map[string]*book) {
	var keys []string
	for _, b := range books {
		for _, key := range b.order {
			if key[0] == 'c' && !strings.HasSuffix(key, "_Island") {
				keys = append(keys, key[1:])
			}
		}
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		if len(books["en"].names["c"+key]) == 0 {
			books["en"].add('c', key, strings.ReplaceAll(key, "_", " "))
		}
	}
}

// pattern is the path of a file in a package, whatever version its folder is named for.
func (s source) pattern(pkg string, parts ...string) string {
	found, _ := filepath.Glob(filepath.Join(s.dir, pkg+"*", "package"))
	root := filepath.Join(s.dir, pkg)
	if len(found) > 0 {
		root = found[len(found)-1]
	}
	return filepath.Join(append([]string{root}, parts...)...)
}

func (s source) version() (string, error) {
	raw, err := os.ReadFile(s.pattern("cldr-core", "package.json"))
	if err != nil {
		return "", fmt.Errorf("no CLDR packages in %q: %w", s.dir, err)
	}
	var p struct{ Version string }
	err = json.Unmarshal(raw, &p)
	return p.Version, err
}

// tree reads a JSON file; a locale without the file has an empty tree.
func (s source) tree(path string, keys ...string) map[string]any {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var v map[string]any
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	return sub(v, keys...)
}

func sub(v map[string]any, keys ...string) map[string]any {
	for _, k := range keys {
		next, ok := v[k].(map[string]any)
		if !ok {
			return nil
		}
		v = next
	}
	return v
}

// book is what one language calls things: kind and concept to names.
type book struct {
	order []string
	names map[string][]string
}

func (b *book) add(kind byte, concept, name string) {
	name = strings.TrimSpace(strings.ReplaceAll(name, "\u00ad", ""))
	if name == "" || strings.ContainsAny(name, "|\t\n") {
		return
	}
	key := string(kind) + concept
	if b.names[key] == nil {
		b.order = append(b.order, key)
	}
	if !slices.Contains(b.names[key], name) {
		b.names[key] = append(b.names[key], name)
	}
}

func (s source) read(tag string, b *book) {
	s.places(tag, b)
	s.calendar(tag, b)
	s.languages(tag, b)
	s.scales(tag, b)
	s.numberWords(tag, b)
	s.currencies(tag, b)
}

func (s source) places(tag string, b *book) {
	names := s.tree(s.pattern("cldr-localenames-full", "main", tag, "territories.json"), "main", tag, "localeDisplayNames", "territories")
	for _, code := range sorted(names) {
		concept, _, _ := strings.Cut(code, "-alt-")
		if name, ok := names[code].(string); ok && concept != "ZZ" && concept != "001" {
			b.add('t', concept, name)
		}
	}
	parts := s.tree(s.pattern("cldr-subdivisions-full", "subdivisions", tag, tag+".json"), "subdivisions", "localeDisplayNames", "subdivisions")
	for _, code := range []string{"gbeng", "gbnir", "gbsct", "gbwls"} { // others are named in English alone
		if name, ok := parts[code].(string); ok {
			b.add('t', code, name)
		}
	}
	zones := s.tree(s.pattern("cldr-dates-full", "main", tag, "timeZoneNames.json"), "main", tag, "dates", "timeZoneNames", "zone")
	b.cities(zones)
}

func (b *book) cities(zones map[string]any) {
	for _, name := range sorted(zones) {
		zone, ok := zones[name].(map[string]any)
		if !ok || name == "Etc" || name == "Antarctica" {
			continue
		}
		if city, ok := zone["exemplarCity"].(string); ok {
			if comma := strings.Index(city, ","); comma > 0 {
				city = city[:comma] // "Knox, Indiana"
			}
			b.add('c', name, city)
		} else {
			b.cities(zone)
		}
	}
}

func (s source) calendar(tag string, b *book) {
	g := s.tree(s.pattern("cldr-dates-full", "main", tag, "ca-gregorian.json"), "main", tag, "dates", "calendars", "gregorian")
	for _, part := range []struct {
		kind byte
		key  string
	}{{'m', "months"}, {'d', "days"}} {
		for _, use := range []string{"format", "stand-alone"} {
			for _, width := range []string{"wide", "abbreviated"} {
				names := sub(g, part.key, use, width)
				for _, k := range sorted(names) {
					if name, ok := names[k].(string); ok && (width == "wide" || len([]rune(name)) > 2) {
						b.add(part.kind, k, strings.TrimSuffix(name, "."))
					}
				}
			}
		}
	}
}

// nations are the languages whose name is everywhere the adjective of one
// country: "Russian" and "russe" stand in texts for what others call "of Russia".
var nations = map[string]string{
	"az": "AZ", "be": "BY", "bg": "BG", "cs": "CZ", "da": "DK", "de": "DE", "el": "GR", "es": "ES", "et": "EE",
	"fi": "FI", "fr": "FR", "he": "IL", "hr": "HR", "hu": "HU", "hy": "AM", "id": "ID", "is": "IS", "it": "IT",
	"ja": "JP", "ka": "GE", "kk": "KZ", "ko": "KR", "lt": "LT", "lv": "LV", "mk": "MK", "mn": "MN", "ne": "NP",
	"nl": "NL", "no": "NO", "pl": "PL", "pt": "PT", "ro": "RO", "ru": "RU", "sk": "SK", "sl": "SI", "so": "SO",
	"sq": "AL", "sr": "RS", "sv": "SE", "th": "TH", "tr": "TR", "uk": "UA", "uz": "UZ", "vi": "VN", "zh": "CN",
}

func (s source) languages(tag string, b *book) {
	names := s.tree(s.pattern("cldr-localenames-full", "main", tag, "languages.json"), "main", tag, "localeDisplayNames", "languages")
	for _, code := range sorted(names) {
		name, ok := names[code].(string)
		if !ok || len(code) != 2 { // few papers speak of the others, and their names are like words
			continue
		}
		if nation, ok := nations[code]; ok {
			b.add('t', nation, name)
		} else {
			b.add('l', code, name)
		}
	}
}

// zeros finds the unit in a compact pattern such as "00 million" or "000万".
var zeros = regexp.MustCompile(`^(0+)[\s\x{a0}\x{202f}]*(\p{L}[\p{L}\p{M}\s\x{a0}]*)['’.\s]*$`)

func (s source) scales(tag string, b *book) {
	n := s.tree(s.pattern("cldr-numbers-full", "main", tag, "numbers.json"), "main", tag, "numbers")
	for _, key := range sorted(n) {
		if !strings.HasPrefix(key, "decimalFormats-numberSystem-") {
			continue
		}
		for _, width := range []string{"long", "short"} {
			patterns := sub(n, key, width, "decimalFormat")
			for _, k := range sorted(patterns) {
				b.scale(k, patterns[k], width)
			}
		}
	}
}

func (b *book) scale(key string, pattern any, width string) {
	digits, _, _ := strings.Cut(key, "-")
	text, _ := pattern.(string)
	text = strings.NewReplacer("'", "", "’", "", "\u200f", "", "\u200e", "", "¤", "", "\u00a0", " ").Replace(text)
	m := zeros.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return
	}
	name := strings.TrimSpace(m[2])
	if width == "short" && len([]rune(name)) < 2 && name[0] < 0x80 {
		return // a lone Latin letter means too many things
	}
	b.add('s', strconv.Itoa(len(digits)-len(m[1])), name)
}

func (s source) numberWords(tag string, b *book) {
	sets := spelling(s.tree(s.pattern("cldr-rbnf", "rbnf", tag+".json"), "rbnf", "rbnf", "SpelloutRules"))
	for _, name := range sets.names() {
		if !strings.HasPrefix(name, "%spellout-cardinal") && name != "%spellout-numbering" {
			continue
		}
		for v := 2; v < 100; v++ {
			if word, ok := sets.spell(name, v, 0); ok {
				b.add('n', strconv.Itoa(v), word)
			}
		}
	}
}

// speller holds CLDR's rule-based number formats: by set, the rules in order.
type speller map[string][]rule

// rule spells the numbers from base on. In its text →→ stands for the rest
// after division, ←← for the quotient, =%set= for the number by other rules, and
// what is in brackets is left out when there is no rest.
type rule struct {
	base, divisor int
	text          string
}

func spelling(tree map[string]any) speller {
	sets := speller{}
	for name, list := range tree {
		rows, _ := list.([]any)
		for _, row := range rows {
			pair, ok := row.([]any)
			if !ok || len(pair) != 2 {
				continue
			}
			key, radix, _ := strings.Cut(fmt.Sprint(pair[0]), "/")
			base, err := strconv.Atoi(key)
			if err != nil || base > 100 {
				continue
			}
			r := rule{base: base, divisor: 10, text: strings.TrimSuffix(fmt.Sprint(pair[1]), ";")}
			if n, err := strconv.Atoi(radix); err == nil {
				r.divisor = n
			}
			sets[name] = append(sets[name], r)
		}
	}
	return sets
}

func (s speller) names() []string {
	var names []string
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var (
	hooks = regexp.MustCompile(`\[([^\]]*)\]`)
	calls = regexp.MustCompile(`(→|←|=)(%*[a-z0-9-]*)(→|←|=)`)
)

// spell writes v, below a hundred, by a set of rules.
func (s speller) spell(set string, v, depth int) (string, bool) {
	var r *rule
	for i := range s[set] {
		if s[set][i].base <= v {
			r = &s[set][i]
		}
	}
	if r == nil || depth > 6 {
		return "", false
	}
	text := r.text
	if v%r.divisor == 0 {
		text = hooks.ReplaceAllString(text, "")
	}
	text = hooks.ReplaceAllString(text, "$1")
	fine := true
	text = calls.ReplaceAllStringFunc(text, func(call string) string {
		m := calls.FindStringSubmatch(call)
		next, n := m[2], v
		if next == "" {
			next = set
		}
		switch m[1] {
		case "→":
			n = v % r.divisor
		case "←":
			n = v / r.divisor
		}
		word, ok := s.spell(next, n, depth+1)
		fine = fine && ok
		return word
	})
	return strings.TrimSpace(strings.TrimPrefix(text, "'")), fine && !strings.ContainsAny(text, "→←=%#>$<|")
}

// currencies keeps the names of the currencies that news speak of most.
func (s source) currencies(tag string, b *book) {
	names := s.tree(s.pattern("cldr-numbers-full", "main", tag, "currencies.json"), "main", tag, "numbers", "currencies")
	for _, code := range strings.Fields("USD EUR GBP JPY CNY INR RUB IDR KRW TRY BRL MXN CHF AUD CAD SEK NOK DKK PLN UAH ILS IRR PKR BDT THB VND MYR SGD PHP EGP NGN ZAR KES SAR") {
		for _, key := range []string{"displayName", "displayName-count-one", "displayName-count-few", "displayName-count-many", "displayName-count-other"} {
			if name, ok := sub(names, code)[key].(string); ok {
				b.add('u', code, name)
			}
		}
	}
}

func sorted(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (b *book) text() []byte {
	var t bytes.Buffer
	for _, key := range b.order {
		fmt.Fprintf(&t, "%s\t%s\n", key, strings.Join(b.names[key], "|"))
	}
	return t.Bytes()
}

func write(out, version string, books map[string]*book) error {
	var index, blocks bytes.Buffer
	tags := make([]string, 0, len(books))
	for tag := range books {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	for _, tag := range tags {
		text := books[tag].text()
		if len(text) == 0 {
			continue
		}
		start := blocks.Len()
		w, err := flate.NewWriter(&blocks, flate.BestCompression)
		if err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		fmt.Fprintf(&index, "%s %d %d\n", tag, start, blocks.Len()-start)
	}
	var file bytes.Buffer
	fmt.Fprintf(&file, "Names from Unicode CLDR %s (packages cldr-core, cldr-localenames-full, cldr-dates-full,\n", version)
	fmt.Fprint(&file, "cldr-numbers-full, cldr-rbnf, cldr-subdivisions-full). Copyright © 2004-2026 Unicode, Inc.\n")
	fmt.Fprint(&file, "Licence: Unicode-3.0, see LICENSE beside this file. Selected and packed by internal/cluster/gen.\n\n")
	file.Write(index.Bytes())
	file.WriteByte('\n')
	file.Write(blocks.Bytes())
	return os.WriteFile(out, file.Bytes(), 0o644)
}
