package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/blevesearch/bleve/v2/index/scorch"

	"kliping/internal/news"
)

// row is what ranking, order and facets ask of a story. It is stored with the
// document, and held in memory for all stories: to ask Bleve for the values of
// every story that matches costs more than to find them.
type row struct {
	id      news.StoryID
	first   int64 // first arrival, unix milliseconds; 0: unknown
	outlets int   // independent outlets
	length  int   // words, those of the titles too
	values  [len(facetFields)][]string
}

// facetFields are the fields whose values a row has, in their order in it.
var facetFields = [...]string{fieldOutlet, fieldLang, fieldAgency, fieldTag}

func newRow(d *Document, length int) *row {
	r := &row{id: d.ID, outlets: d.OutletCount, length: length}
	if !d.FirstArrived.IsZero() {
		r.first = d.FirstArrived.UnixMilli()
	}
	values := d.values()
	for i, name := range facetFields {
		r.values[i] = values[name]
	}
	return r
}

func (r *row) marshal() []byte {
	b := make([]byte, 0, 128)
	b = binary.AppendVarint(b, int64(r.id))
	b = binary.AppendVarint(b, r.first)
	b = binary.AppendUvarint(b, uint64(max(r.outlets, 0)))
	b = binary.AppendUvarint(b, uint64(r.length))
	for _, values := range r.values {
		b = binary.AppendUvarint(b, uint64(len(values)))
		for _, v := range values {
			b = binary.AppendUvarint(b, uint64(len(v)))
			b = append(b, v...)
		}
	}
	return b
}

// columns are the rows of the documents of one of Bleve's segments, by number.
// A segment never changes, so they are read once.
type columns struct {
	stories  []storyColumns
	ordinals []uint32 // of the values of all facets, those of one story in a run
}

type storyColumns struct {
	id              news.StoryID
	first           int64
	outlets, length int32
	from, to        uint32 // in ordinals
}

// ordinals number the values of facets, so that counting is adding to an array.
type ordinals struct {
	mu     sync.RWMutex
	byName map[facetValue]uint32
	values []facetValue
}

// facetValue is a value of one of facetFields.
type facetValue struct {
	field int
	value string
}

// number is the ordinal of a value.
func (o *ordinals) number(v facetValue) uint32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n, ok := o.byName[v]; ok {
		return n
	}
	if o.byName == nil {
		o.byName = map[facetValue]uint32{}
	}
	n := uint32(len(o.values))
	o.byName[v] = n
	o.values = append(o.values, v)
	return n
}

// all are the values there are, by ordinal.
func (o *ordinals) all() []facetValue {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.values[:len(o.values):len(o.values)]
}

// rows remembers the columns of the segments there are.
type rows struct {
	mu        sync.Mutex
	bySegment map[uint64]*columns
	ordinals  ordinals
}

// of gives the columns of a snapshot's segments, in their order, and forgets
// those of segments that are gone.
func (r *rows) of(snapshot *scorch.IndexSnapshot) ([]*columns, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	segments := snapshot.Segments()
	all := make([]*columns, len(segments))
	present := make(map[uint64]*columns, len(segments))
	for i, s := range segments {
		c := r.bySegment[s.Id()]
		if c == nil {
			var err error
			if c, err = r.read(s); err != nil {
				return nil, err
			}
		}
		all[i], present[s.Id()] = c, c
	}
	r.bySegment = present
	return all, nil
}

// forget is for when Bleve is opened again, and numbers its segments anew.
func (r *rows) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bySegment = nil
}

func (r *rows) read(s *scorch.SegmentSnapshot) (*columns, error) {
	c := &columns{stories: make([]storyColumns, s.FullSize())}
	for n := range c.stories {
		err := errNoRow
		visit := s.Segment().VisitStoredFields(uint64(n), func(field string, _ byte, value []byte, _ []uint64) bool {
			if field == fieldRow {
				c.stories[n], err = r.unmarshal(value, c)
			}
			return field != fieldRow
		})
		if err := errors.Join(visit, err); err != nil {
			return nil, damaged(fmt.Errorf("row of document %d: %w", n, err))
		}
	}
	return c, nil
}

var errNoRow = errors.New("it is missing or cut short")

// unmarshal reads a row and appends its values to the columns.
func (r *rows) unmarshal(b []byte, c *columns) (s storyColumns, err error) {
	cut := false
	number := func(read func([]byte) (int64, int)) int64 {
		v, n := read(b)
		if n <= 0 {
			cut = true
			return 0
		}
		b = b[n:]
		return v
	}
	count := func() int { return int(number(uvarint)) }
	s.id, s.first = news.StoryID(number(binary.Varint)), number(binary.Varint)
	s.outlets, s.length = int32(count()), int32(count())
	s.from = uint32(len(c.ordinals))
	for field := range facetFields {
		for range count() {
			n := count()
			if cut || n < 0 || n > len(b) {
				return s, errNoRow
			}
			c.ordinals = append(c.ordinals, r.ordinals.number(facetValue{field, string(b[:n])}))
			b = b[n:]
		}
	}
	s.to = uint32(len(c.ordinals))
	if cut {
		return s, errNoRow
	}
	return s, nil
}

func uvarint(b []byte) (int64, int) {
	v, n := binary.Uvarint(b)
	return int64(v), n
}
