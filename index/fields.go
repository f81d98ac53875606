package index

import (
	"maps"
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

// lexis is what the texts of a document say, word by word.
type lexis struct {
	terms     api.TokenFrequencies // folded words with their places
	length    int                  // words
	stems     map[string][]string  // by language
	spellings []string             // of words not spelled as they are folded
}

// count counts the words of texts; a title is one without a language.
//
// All places of a word are in one location, the first as Position and the others
// as ArrayPositions, each counted from the one before it: Bleve writes five
// numbers for every location, four of which say nothing here.
func (c *cutter) count(texts []Text) lexis {
	byWord := make(map[string]int32, 256)
	var found []counted
	var sequence, places []int32 // the word at each place, and the place
	stems, spellings := map[stem]bool{}, map[string]bool{}
	place := int32(0)
	knownIn := map[string]map[string]int32{} // by language
	for _, t := range texts {
		known := knownIn[t.Language]
		if known == nil {
			known = map[string]int32{}
			knownIn[t.Language] = known
		}
		spans(t.Body, func(start, end int) bool {
			spelled := t.Body[start:end]
			at, ok := known[spelled]
			if !ok {
				at = number(byWord, &found, foldSpan(t.Body, start, end))
				known[spelled] = at
				if s := c.stems.in(t.Language, spelled); s != "" {
					stems[stem{t.Language, s}] = true
				}
				if s := spelling(spelled); at >= 0 && s != found[at].word {
					spellings[s] = true
				}
			}
			if at >= 0 {
				place++
				found[at].times++
				sequence, places = append(sequence, at), append(places, place)
			}
			return true
		})
		place += textGap
	}
	l := lexis{terms: located(found, sequence, places), length: len(sequence), stems: map[string][]string{}}
	for s := range stems {
		l.stems[s.lang] = append(l.stems[s.lang], s.text)
	}
	l.spellings = slices.Collect(maps.Keys(spellings))
	return l
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
	var title, body lexis
	add(fieldTitle, withPositions, func() api.TokenFrequencies {
		title = c.count(d.titles())
		return title.terms
	})
	add(fieldWords, withPositions, func() api.TokenFrequencies {
		body = c.count(d.Texts)
		return body.terms
	})
	for _, lang := range d.languages() {
		if s.byLang[lang] != nil {
			add(fieldStem+lang, onlyTerms, func() api.TokenFrequencies { return terms(body.stems[lang]) })
		}
	}
	add(fieldSpelling, onlyTerms, func() api.TokenFrequencies { return terms(append(title.spellings, body.spellings...)) })
	for name, values := range d.values() {
		add(name, onlyTerms, func() api.TokenFrequencies { return terms(values) })
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
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = foldValue(v)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
