package wiresim

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// outlet is a publisher and its habits.
type outlet struct {
	name     string // first label of its host
	title    string
	language string
	wire     bool
	readers  []*outlet // who takes over what it publishes
	late     time.Duration
	appetite float64 // chance to take over what it reads

	cut       cut
	edits     float64 // chance that a taken text is edited
	soils     float64 // chance of each of its residue lines
	own       lines   // its residue
	handles   bool    // a user's name and a counter above the text
	breaks    bool    // paragraphs parted by <br><br>
	declares  bool    // tells its language in the feed
	ext       string  // of its feed: xml (RSS), atom, rdf, json
	charset   string
	zone      string // of its dates: "" for UTC
	ids       ids
	tracks    bool // adds tracking parameters to links
	validator validator

	items    []*item // the newest, latest first
	version  int
	modified time.Time
	body     []byte // the feed at bodyOf, and the same compressed
	packed   []byte
	bodyOf   int
}

// cut is how much of a text an outlet runs.
type cut int

const (
	whole     cut = iota
	excerpt       // the first two or three paragraphs
	truncated     // ends in the middle of a sentence
)

// ids is how an outlet identifies its items.
type ids int

const (
	noID ids = iota
	linkID
	tagID
	numberID
)

// validator is what an outlet's server answers conditional requests by.
type validator int

const (
	byETag validator = iota
	byDate
	byBoth
	byWeakETag
)

func (o *outlet) host() string { return o.name + ".example" }

// role is what does not depend on dice, so that even the smallest world has
// every language, format and charset.
type role struct {
	language string
	wire     bool
	ext      string
	charset  string
}

// roles are the thirty places of a region.
func roles() []role {
	const u = "utf-8"
	return []role{
		{"en", true, "xml", u}, {"en", true, "atom", u}, {"id", true, "xml", u}, {"es", true, "atom", u}, {"fr", true, "xml", u},
		{"en", false, "xml", u}, {"en", false, "rdf", u}, {"en", false, "json", u}, {"en", false, "xml", "windows-1252"}, {"en", false, "atom", u},
		{"en", false, "xml", u}, {"en", false, "xml", u},
		{"id", false, "xml", u}, {"id", false, "atom", u}, {"id", false, "xml", u}, {"id", false, "json", u},
		{"es", false, "xml", u}, {"es", false, "rdf", "iso-8859-1"}, {"es", false, "xml", u},
		{"fr", false, "atom", u}, {"fr", false, "xml", "iso-8859-1"},
		{"de", true, "xml", u}, {"de", false, "rdf", u}, {"de", false, "json", u},
		{"pt", false, "xml", u}, {"ru", false, "xml", "windows-1251"}, {"ru", false, "atom", u},
		{"ar", false, "xml", u}, {"zh", false, "json", u}, {"ja", false, "rdf", "shift_jis"},
	}
}

// settle makes the outlets and decides who reads whom.
func (w *World) settle(n int) {
	roles := roles()
	for i := range n {
		r := roles[i%regionSize]
		o := w.newOutlet(r)
		w.outlets = append(w.outlets, o)
		w.byName[o.name] = o
	}
	for i, o := range w.outlets {
		if o.wire {
			continue
		}
		region := i / regionSize * regionSize
		for range 6 {
			w.read(o, region+w.dice.IntN(regionSize))
		}
		for range 2 {
			w.read(o, region+w.dice.IntN(5)) // everybody has the service of agencies
		}
		if w.dice.IntN(10) == 0 {
			w.read(o, (region+regionSize+w.dice.IntN(regionSize))%n)
		}
	}
}

// read makes one outlet a reader of another, if there is such a one. Being
// made one twice is another chance to take a tale over.
func (w *World) read(o *outlet, of int) {
	if of < len(w.outlets) && w.outlets[of] != o {
		w.outlets[of].readers = append(w.outlets[of].readers, o)
	}
}

// newOutlet rolls the habits of a role.
func (w *World) newOutlet(r role) *outlet {
	d := w.dice
	o := &outlet{language: r.language, wire: r.wire, ext: r.ext, charset: r.charset, bodyOf: -1, modified: w.clockAt}
	o.name, o.title = w.christen(r)
	o.late = time.Duration(10+d.IntN(110)) * time.Minute
	o.appetite = 0.5 + 0.45*d.Float64()
	o.breaks = d.IntN(5) == 0
	o.declares = d.IntN(4) > 0
	o.ids = ids(d.IntN(4))
	o.tracks = d.IntN(3) == 0
	o.validator = validator(d.IntN(4))
	if zones := zones(r.language); d.IntN(2) == 0 {
		o.zone = zones[d.IntN(len(zones))]
	}
	if r.wire {
		return o
	}
	o.cut = []cut{whole, whole, whole, whole, whole, whole, excerpt, excerpt, truncated}[d.IntN(9)]
	o.edits = []float64{0, 0.1, 0.3, 0.8}[d.IntN(4)]
	o.soils = []float64{0, 0.4, 0.7, 1}[d.IntN(4)]
	o.handles = d.IntN(6) == 0
	all := w.library.residue[r.language]
	o.own = lines{top: w.own(o, all.top, 1), middle: w.own(o, all.middle, 1), end: w.own(o, all.end, 2)}
	return o
}

// own draws n lines for an outlet and puts its title into them.
func (w *World) own(o *outlet, from []string, n int) []string {
	var own []string
	for _, i := range w.dice.Perm(len(from))[:min(n, len(from))] {
		own = append(own, strings.ReplaceAll(from[i], "{outlet}", o.title))
	}
	return own
}

// christen gives an outlet a name and title nobody has yet.
func (w *World) christen(r role) (name, title string) {
	one, two := names(r.language)
	if r.wire {
		two = []string{"Wire wire", "Press press", "Agency agency"}
	}
	a, b := one[w.dice.IntN(len(one))], two[w.dice.IntN(len(two))]
	aTitle, aName := cutLast(a)
	bTitle, bName := cutLast(b)
	gap := " "
	if r.language == "zh" || r.language == "ja" {
		gap = ""
	}
	if r.wire {
		aTitle, gap = strings.ToUpper(aName[:1])+aName[1:], " "
	}
	base, title := aName+bName, aTitle+gap+bTitle
	for name, n := base, 2; ; n++ {
		if w.byName[name] == nil {
			return name, title
		}
		name, title = fmt.Sprintf("%s%d", base, n), fmt.Sprintf("%s%s%s %d", aTitle, gap, bTitle, n)
	}
}

func cutLast(s string) (title, name string) {
	i := strings.LastIndexByte(s, ' ')
	return s[:i], s[i+1:]
}

// names are the halves of the outlets' names: as written, then as in a host.
func names(language string) (first, second []string) {
	switch language {
	case "id":
		return []string{"Kabar kabar", "Suara suara", "Berita berita", "Lensa lensa", "Warta warta"}, []string{"Selat selat", "Khatulistiwa khatulistiwa", "Pesisir pesisir", "Senja senja"}
	case "es":
		return []string{"El Faro de elfaro", "La Crónica de lacronica", "El Eco de eleco", "La Voz de lavoz"}, []string{"la Sierra lasierra", "Levante levante", "los Andes andes", "la Ribera laribera"}
	case "fr":
		return []string{"Le Courrier lecourrier", "La Gazette lagazette", "L’Écho lecho", "Le Relais lerelais"}, []string{"des Alpes alpes", "du Littoral littoral", "de l’Ouest ouest", "des Vallées vallees"}
	case "de":
		return []string{"Neckar neckar", "Elbtal elbtal", "Küsten kuesten", "Nordwest nordwest"}, []string{"Bote bote", "Kurier kurier", "Blatt blatt", "Anzeiger anzeiger"}
	case "pt":
		return []string{"Jornal do jornaldo", "Correio do correiodo", "Diário do diariodo"}, []string{"Planalto planalto", "Litoral litoral", "Sertão sertao"}
	case "ru":
		return []string{"Северный severnyi", "Речной rechnoi", "Городской gorodskoi"}, []string{"вестник vestnik", "листок listok", "курьер kurier"}
	case "ar":
		return []string{"صحيفة sahifat", "أخبار akhbar", "صوت sawt"}, []string{"الميناء almina", "الواحة alwaha", "الضفاف aldifaf"}
	case "zh":
		return []string{"江湾 jiangwan", "北岭 beiling", "海岸 haian"}, []string{"日报 ribao", "晚报 wanbao", "新闻网 xinwen"}
	case "ja":
		return []string{"港町 minato", "東雲 shinonome", "北浜 kitahama"}, []string{"新報 shimpo", "通信 tsushin", "日日 nichinichi"}
	}
	return []string{"Harbour harbour", "Meridian meridian", "Northgate northgate", "Granite granite", "Lantern lantern", "Prairie prairie", "Tidewater tidewater", "Alder alder", "Beacon beacon", "Saltmarsh saltmarsh", "Copperhill copperhill"},
		[]string{"Post post", "Herald herald", "Ledger ledger", "Dispatch dispatch", "Courier courier", "Examiner examiner", "Chronicle chronicle", "Mercury mercury", "Sentinel sentinel"}
}

// zones are the forms in which a language's outlets write the offset of their
// dates; the names are how they are really seen in feeds.
func zones(language string) []string {
	switch language {
	case "id":
		return []string{"WIB", "WITA", "+0700"}
	case "ru":
		return []string{"+0300"}
	case "ja":
		return []string{"+0900"}
	case "zh":
		return []string{"+0800"}
	case "en":
		return []string{"GMT", "EST", "+0000"}
	}
	return []string{"+0100"}
}

// zoneOffset is the offset from UTC of a zone in hours.
func zoneOffset(zone string) int {
	return map[string]int{"WIB": 7, "WITA": 8, "+0700": 7, "+0300": 3, "+0900": 9, "+0800": 8, "+0100": 1, "EST": -5}[zone]
}

// add puts an item at the head of the feed. Last-Modified has seconds only, so
// it is moved on by one where two versions fall into the same second.
func (o *outlet) add(it *item) {
	o.items = append([]*item{it}, o.items[:min(len(o.items), feedSize-1)]...)
	o.version++
	if it.at.After(o.modified) {
		o.modified = it.at
	} else {
		o.modified = o.modified.Add(time.Second)
	}
}

// itemDice are the dice of one item, so that it is composed the same each time.
func (it *item) itemDice() *rand.Rand {
	return rand.New(rand.NewPCG(it.seed, uint64(it.number)))
}
