package index

import (
	"slices"

	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/size"
	api "github.com/blevesearch/bleve_index_api"
)

// field is a field of a document as Bleve takes it. Bleve's own text fields make
// an object of every word wherever it stands; ours makes one of every different
// word, which halves the time a story takes and a third of the index.
type field struct {
	name    string
	options api.FieldIndexingOptions
	analyze func() api.TokenFrequencies
	value   func() []byte // what is stored
	terms   api.TokenFrequencies
}

// What each kind of field asks of Bleve: positions only where phrases need them,
// frequencies only where the order of hits does.
const (
	withPositions = api.IndexField | api.IncludeTermVectors
	onlyTerms     = api.IndexField | api.SkipFreqNorm
	onlyStored    = api.StoreField
)

func (f *field) Name() string                                   { return f.name }
func (f *field) ArrayPositions() []uint64                       { return nil }
func (f *field) EncodedFieldType() byte                         { return 't' }
func (f *field) Options() api.FieldIndexingOptions              { return f.options }
func (f *field) AnalyzedTokenFrequencies() api.TokenFrequencies { return f.terms }
func (f *field) NumPlainTextBytes() uint64                      { return 0 }
func (f *field) Size() int                                      { return size.SizeOfPtr }

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
func (f *field) Analyze() { f.terms = f.analyze() }

// terms are values without frequencies.
func terms(values []string) api.TokenFrequencies {
	all := make(api.TokenFrequencies, len(values))
	backing := make([]api.TokenFreq, len(values))
	for i, v := range values {
		if v != "" {
			backing[i].Term = []byte(v)
			all[v] = &backing[i]
		}
	}
	return all
}

// cutter cuts the texts of one document into words, each different spelling
// folded and stemmed once.
type cutter struct{ stems *stemmers }

// passage is a title or text with its language; a title has none.
type passage struct{ lang, text string }

// count gives the words of passages with their positions, how many words there
// are, and the stems of each language.
//
// All positions of a word are in one location, the first as Position and the
// others as ArrayPositions, each counted from the one before it: Bleve writes
// five numbers for every location, four of which say nothing here.
func (c *cutter) count(passages []passage) (all api.TokenFrequencies, length int, stemsOf map[string][]string) {
	byWord := make(map[string]int32, 256)
	var found []counted
	var sequence []int32 // the word at each place
	var places []int32
	stemmed := map[stem]bool{}
	position := int32(0)
	for _, p := range passages {
		known := map[string]int32{}
		spans(p.text, func(start, end int) bool {
			spelled := p.text[start:end]
			at, ok := known[spelled]
			if !ok {
				at = number(byWord, &found, foldSpan(p.text, start, end))
				known[spelled] = at
				if s := c.stems.in(p.lang, spelled); s != "" {
					stemmed[stem{p.lang, s}] = true
				}
			}
			if at >= 0 {
				position++
				found[at].times++
				sequence, places = append(sequence, at), append(places, position)
			}
			return true
		})
		position += textGap
	}
	stemsOf = map[string][]string{}
	for s := range stemmed {
		stemsOf[s.lang] = append(stemsOf[s.lang], s.text)
	}
	return located(found, sequence, places), len(sequence), stemsOf
}

// counted is a word and how often it stands in a document.
type counted struct {
	word  string
	times int32
}

// number is the number of a word, a new one if it is new; -1 if it is none.
func number(byWord map[string]int32, found *[]counted, word string) int32 {
	if word == "" {
		return -1
	}
	at, ok := byWord[word]
	if !ok {
		at = int32(len(*found))
		byWord[word] = at
		*found = append(*found, counted{word: word})
	}
	return at
}

// located gives each word its places, in a few arrays for all of them.
func located(found []counted, sequence, places []int32) api.TokenFrequencies {
	all := make(api.TokenFrequencies, len(found))
	freqs, locations := make([]api.TokenFreq, len(found)), make([]api.TokenLocation, len(found))
	pointers, further := make([]*api.TokenLocation, len(found)), make([]uint64, len(sequence))
	for i, f := range found {
		pointers[i] = &locations[i]
		locations[i].ArrayPositions, further = further[:0:f.times], further[f.times:]
		freqs[i].Term, freqs[i].Locations = []byte(f.word), pointers[i:i+1]
		freqs[i].SetFrequency(int(f.times))
		all[f.word] = &freqs[i]
	}
	last := make([]int32, len(found))
	for i, at := range sequence {
		l := &locations[at]
		if l.Position == 0 {
			l.Position = int(places[i])
		} else {
			l.ArrayPositions = append(l.ArrayPositions, uint64(places[i]-last[at]))
		}
		last[at] = places[i]
	}
	return all
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

// document gives Bleve's form of a document. Its fields are made here one by
// one: this is the whole static mapping.
func (s *stemmers) document(d *Document) *document.Document {
	doc := document.NewDocument(key(d.ID))
	add := func(name string, options api.FieldIndexingOptions, analyze func() api.TokenFrequencies) {
		doc.AddField(&field{name: name, options: options, analyze: analyze})
	}
	c := &cutter{stems: s}
	var length int
	var stemsOf map[string][]string
	add(fieldWords, withPositions, func() (all api.TokenFrequencies) {
		all, length, stemsOf = c.count(d.texts())
		return all
	})
	add(fieldTitle, withPositions, func() api.TokenFrequencies {
		all, n, _ := c.count(d.titles())
		length += n
		return all
	})
	for _, lang := range d.languages() {
		if s.byLang[lang] != nil {
			add(fieldStem+lang, onlyTerms, func() api.TokenFrequencies { return terms(stemsOf[lang]) })
		}
	}
	for name, values := range d.values() {
		add(name, onlyTerms, func() api.TokenFrequencies { return terms(values) })
	}
	doc.AddField(document.NewNumericFieldWithIndexingOptions(fieldOutlets, nil, float64(d.OutletCount), onlyTerms))
	if at := seconds(d.FirstArrived); at != nil {
		doc.AddField(document.NewNumericFieldWithIndexingOptions(fieldFirst, nil, *at, onlyTerms))
	}
	doc.AddField(&field{name: fieldRow, options: onlyStored, value: func() []byte { return newRow(d, length).marshal() }})
	return doc
}

func (d *Document) titles() []passage {
	all := make([]passage, len(d.Titles))
	for i, t := range d.Titles {
		all[i].text = t
	}
	return all
}

func (d *Document) texts() []passage {
	all := make([]passage, len(d.Texts))
	for i, t := range d.Texts {
		all[i] = passage{t.Language, t.Body}
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
	return map[string][]string{
		fieldOutlet: foldValues(d.Outlets), fieldLang: foldValues(d.Languages), fieldAgency: foldValues(d.Agencies), fieldTag: foldValues(d.Tags),
	}
}

func foldValues(values []string) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = foldValue(v)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
