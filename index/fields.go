package index

import (
	"slices"

	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/size"
	api "github.com/blevesearch/bleve_index_api"
)

// field is a field of a document as Bleve takes it. Bleve's own text fields keep
// an object of every word wherever it stands; ours keeps numbers, and makes the
// objects of a document when Bleve looks at it. So a batch takes a quarter of the
// memory, which the garbage collector need not walk.
type field struct {
	name    string
	options api.FieldIndexingOptions
	analyze func() // may be nil
	terms   func(*room) api.TokenFrequencies
	room    *room
	value   func() []byte // what is stored
}

// What each kind of field asks of Bleve: positions only where phrases need them,
// frequencies only where the order of hits does.
const (
	withPositions = api.IndexField | api.IncludeTermVectors
	onlyTerms     = api.IndexField | api.SkipFreqNorm
	onlyStored    = api.StoreField
)

func (f *field) Name() string                      { return f.name }
func (f *field) ArrayPositions() []uint64          { return nil }
func (f *field) EncodedFieldType() byte            { return 't' }
func (f *field) Options() api.FieldIndexingOptions { return f.options }
func (f *field) NumPlainTextBytes() uint64         { return 0 }
func (f *field) Size() int                         { return size.SizeOfPtr }

// AnalyzedLength is one for every field: Bleve would write it down with every
// word, and the row of the story has it.
func (f *field) AnalyzedLength() int { return 1 }

func (f *field) Value() []byte {
	if f.value == nil {
		return nil
	}
	return f.value()
}

// Analyze is called once, in one of Bleve's goroutines, for one field of a
// document after the other.
func (f *field) Analyze() {
	if f.analyze != nil {
		f.analyze()
	}
}

// AnalyzedTokenFrequencies holds until it is called for the same field of another
// document of the batch: Bleve goes through a batch twice, in one goroutine,
// document by document, and keeps of a document only the words themselves and
// their further places.
func (f *field) AnalyzedTokenFrequencies() api.TokenFrequencies {
	if f.terms == nil {
		return nil
	}
	f.room.empty()
	return f.terms(f.room)
}

// room is where the words of one field are laid out, document after document.
type room struct {
	all       api.TokenFrequencies
	freqs     []api.TokenFreq
	locations []api.TokenLocation
	pointers  []*api.TokenLocation
}

// widestRoom is how many words a room may have had that is used again: to empty
// a map costs as much as the most that was in it.
const widestRoom = 1 << 14

func (r *room) empty() {
	if r.all == nil || len(r.all) > widestRoom {
		*r = room{all: api.TokenFrequencies{}}
	}
	clear(r.all)
}

// only is what is known of a term without frequencies. The term itself is the
// key that it lies under.
var only api.TokenFreq

// lay lays out terms without frequencies; some may be there more than once.
func (r *room) lay(values []string) api.TokenFrequencies {
	for _, v := range values {
		if v != "" {
			r.all[v] = &only
		}
	}
	return r.all
}

// layWords lays out words with their places. All places of a word are in one
// location, the first as Position and the others as ArrayPositions, each counted
// from the one before it: Bleve writes five numbers for every location, four of
// which say nothing here.
func (r *room) layWords(l *lexis) api.TokenFrequencies {
	if n := len(l.words); cap(r.freqs) < n {
		n += n / 2
		r.freqs, r.locations, r.pointers = make([]api.TokenFreq, n), make([]api.TokenLocation, n), make([]*api.TokenLocation, n)
		for i := range r.pointers {
			r.pointers[i] = &r.locations[i]
		}
	}
	further := l.further
	for i, w := range l.words {
		n := w.times - 1
		r.locations[i] = api.TokenLocation{Position: int(w.first), ArrayPositions: further[:n:n]}
		r.freqs[i] = api.TokenFreq{Locations: r.pointers[i : i+1]}
		r.freqs[i].SetFrequency(int(w.times))
		r.all[w.text] = &r.freqs[i]
		further = further[n:]
	}
	return r.all
}

// positions unpacks where a word stands, in order, into room.
func positions(vectors []*api.TermFieldVector, room []uint64) []uint64 {
	room = room[:0]
	for _, v := range vectors {
		at := v.Pos
		room = append(room, at)
		for _, further := range v.ArrayPositions {
			at += further
			room = append(room, at)
		}
	}
	return room
}

// drafts makes Bleve's form of the documents of one batch.
type drafts struct {
	stems *stemmers
	rooms map[string]*room // by field; Bleve looks at one document at a time
}

func (s *stemmers) newDrafts() *drafts { return &drafts{stems: s, rooms: map[string]*room{}} }

// room gives the room of a field.
func (b *drafts) room(name string) *room {
	r := b.rooms[name]
	if r == nil {
		r = &room{}
		b.rooms[name] = r
	}
	return r
}

// document gives Bleve's form of a document. Its fields are made here one by
// one: this is the whole static mapping.
//
// The first document of a batch has the stems of all languages, though most are
// empty: Bleve merges segments of the same fields by copying, and takes others
// apart and encodes them again.
func (b *drafts) document(d *Document) *document.Document {
	first := len(b.rooms) == 0
	doc := document.NewDocument(key(d.ID))
	var title, body lexis
	add := func(name string, options api.FieldIndexingOptions, analyze func(), terms func(*room) api.TokenFrequencies) {
		doc.AddField(&field{name: name, options: options, analyze: analyze, terms: terms, room: b.room(name)})
	}
	add(fieldTitle, withPositions, func() { title = b.stems.count(d.titles()) }, func(r *room) api.TokenFrequencies { return r.layWords(&title) })
	add(fieldWords, withPositions, func() { body = b.stems.count(d.Texts) }, func(r *room) api.TokenFrequencies { return r.layWords(&body) })
	languages := d.languages()
	for _, l := range stemmed {
		if first || slices.Contains(languages, l.lang) {
			add(fieldStem+l.lang, onlyTerms, nil, func(r *room) api.TokenFrequencies { return r.lay(body.stems[l.lang]) })
		}
	}
	add(fieldSpelling, onlyTerms, nil, func(r *room) api.TokenFrequencies {
		r.lay(title.spellings)
		return r.lay(body.spellings)
	})
	for name, values := range d.values() {
		add(name, onlyTerms, nil, func(r *room) api.TokenFrequencies { return r.lay(values) })
	}
	for name, n := range map[string]int{fieldOutlets: d.OutletCount, fieldCopies: d.Copies, fieldTexts: d.TextCount} {
		doc.AddField(document.NewNumericFieldWithIndexingOptions(name, nil, float64(n), onlyTerms))
	}
	if at := seconds(d.FirstArrived); at != nil {
		doc.AddField(document.NewNumericFieldWithIndexingOptions(fieldFirst, nil, *at, onlyTerms))
	}
	doc.AddField(&field{name: fieldRow, options: onlyStored, value: func() []byte { return newRow(d, title.length+body.length).marshal() }})
	return doc
}

// titles are the titles as texts of no language.
func (d *Document) titles() []Text {
	all := make([]Text, len(d.Titles))
	for i, t := range d.Titles {
		all[i].Body = t
	}
	return all
}

// languages are those of the texts, each once.
func (d *Document) languages() []string {
	var all []string
	for _, t := range d.Texts {
		if !slices.Contains(all, t.Language) {
			all = append(all, t.Language)
		}
	}
	return all
}

// values are the keywords of each field, folded, each once.
func (d *Document) values() map[string][]string {
	states := make([]string, 0, 2)
	for _, is := range d.states() {
		states = append(states, string(is))
	}
	return map[string][]string{
		fieldOutlet: foldValues(d.Outlets), fieldLang: foldValues(d.Languages), fieldAgency: foldValues(d.Agencies),
		fieldTag: foldValues(d.Tags), fieldIs: states,
	}
}

func foldValues(values []string) []string {
	all := make([]string, 0, len(values))
	for _, v := range values {
		if v = foldValue(v); v != "" {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
