package index

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	api "github.com/blevesearch/bleve_index_api"
)

// collector makes a [Result] of the documents that match. Bleve only says which
// they are, which it does with a few operations on bitmaps as long as nobody asks
// it for scores; order, facets and cursor cost one look at each in memory.
type collector struct {
	query *Query
	order order
	words []scoredWord
	after cursor // its now and weights hold for this page; last only with Query.Cursor
	limit int    // hits given
	best  worstFirst
	total int
}

// order is how hits are sorted, in the order of [Sorts].
type order int

const (
	byRelevance order = iota
	byTime
	bySpread
)

func newCollector(q *Query) (c *collector, err error) {
	if err := checkLimits(q); err != nil {
		return nil, err
	}
	c = &collector{query: q, limit: hitsGiven(q)}
	if c.order, err = sortOrder(q.Sort); err != nil {
		return nil, err
	}
	c.after = cursor{search: searchID(q), now: q.now()}
	if q.Cursor != "" {
		c.after, err = parseCursor(q.Cursor, q)
	}
	return c, err
}

func (c *collector) collect(ctx context.Context, b bleve.Index, rows *rows, built query.Query) (Result, error) {
	advanced, err := b.Advanced()
	if err != nil {
		return Result{}, err
	}
	reader, err := advanced.Reader()
	if err != nil {
		return Result{}, err
	}
	defer reader.Close()
	snapshot, ok := reader.(*scorch.IndexSnapshot)
	if !ok {
		return Result{}, fmt.Errorf("the index is a %T", reader)
	}
	segments, err := rows.of(snapshot)
	if err != nil {
		return Result{}, err
	}
	docs, err := matching(ctx, b, reader, built)
	if err != nil {
		return Result{}, err
	}
	found := rowsOf(segments, docs)
	if err := c.rankAll(ctx, reader, segments, docs, found); err != nil {
		return Result{}, err
	}
	return c.result(segments, found, &rows.ordinals), nil
}

// matching is the numbers of the documents that a query finds, ascending.
func matching(ctx context.Context, b bleve.Index, reader api.IndexReader, q query.Query) ([]uint32, error) {
	s, err := q.Searcher(ctx, reader, b.Mapping(), search.SearcherOptions{Score: "none"})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	sc := &search.SearchContext{DocumentMatchPool: search.NewDocumentMatchPool(s.DocumentMatchPoolSize()+2, 0), IndexReader: reader}
	var docs []uint32
	for {
		if len(docs)%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		m, err := s.Next(sc)
		if err != nil || m == nil {
			return docs, err
		}
		docs = append(docs, uint32(m.IndexInternalID.Value()))
		sc.DocumentMatchPool.Put(m)
	}
}

// foundRow is a story that matches, with the columns of its segment.
type foundRow struct {
	*storyColumns
	segment int
}

func rowsOf(segments []*columns, docs []uint32) []foundRow {
	all := make([]foundRow, len(docs))
	segment, offset := 0, 0
	for i, d := range docs {
		for int(d)-offset >= len(segments[segment].stories) {
			offset += len(segments[segment].stories)
			segment++
		}
		all[i] = foundRow{&segments[segment].stories[int(d)-offset], segment}
	}
	return all
}

// rankAll puts every story that matches into its place, and keeps the best.
func (c *collector) rankAll(ctx context.Context, reader api.IndexReader, segments []*columns, docs []uint32, found []foundRow) error {
	c.total = len(docs)
	var text []float32
	r := ranker{reader: reader, words: c.words, weights: c.after.weights, now: c.after.now}
	if c.order == byRelevance {
		if r.weights.average == 0 {
			r.weights.average = average(segments)
		}
		lengths := make([]int32, len(found))
		for i, f := range found {
			lengths[i] = f.length
		}
		var err error
		if text, err = r.text(ctx, docs, lengths); err != nil {
			return err
		}
		c.after.weights = r.weights
	}
	for i, f := range found {
		p := place{id: f.id}
		switch c.order {
		case byRelevance:
			p.first = r.rank(text[i], f.storyColumns)
		case byTime:
			p.first = float64(f.first)
		case bySpread:
			p.first, p.second = float64(f.outlets), float64(f.first)
		}
		if c.query.Cursor == "" || c.after.last.before(p) {
			c.keep(p)
		}
	}
	return nil
}

func average(segments []*columns) float32 {
	var words, stories float64
	for _, s := range segments {
		for i := range s.stories {
			words += float64(s.stories[i].length)
		}
		stories += float64(len(s.stories))
	}
	return float32(max(words, 1) / max(stories, 1))
}

// keep keeps one story more than are given, which says whether there is more.
func (c *collector) keep(p place) {
	if len(c.best) <= c.query.Offset+c.limit {
		heap.Push(&c.best, p)
	} else if p.before(c.best[0]) {
		c.best[0] = p
		heap.Fix(&c.best, 0)
	}
}

// worstFirst is a heap of places with the last on top.
type worstFirst []place

func (h worstFirst) Len() int           { return len(h) }
func (h worstFirst) Less(i, j int) bool { return h[j].before(h[i]) }
func (h worstFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *worstFirst) Push(p any)        { *h = append(*h, p.(place)) }
func (h *worstFirst) Pop() any          { panic("nothing is taken out") }

func (c *collector) result(segments []*columns, found []foundRow, ordinals *ordinals) Result {
	best := slices.Clone(c.best)
	slices.SortFunc(best, func(a, b place) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	r := Result{Total: c.total, Hits: []Hit{}}
	best = best[min(c.query.Offset, len(best)):]
	if len(best) > c.limit {
		best = best[:c.limit]
		c.after.last = best[c.limit-1]
		r.Next = c.after.String()
	}
	for _, p := range best {
		h := Hit{ID: p.id}
		if c.order == byRelevance {
			h.Score = p.first
		}
		r.Hits = append(r.Hits, h)
	}
	if c.query.Facets > 0 {
		r.Facets = c.facets(segments, found, ordinals.all())
	}
	return r
}

// fieldDay is the facet of the days on which stories first arrived.
const fieldDay = "day"

// facets counts the values of all stories that match.
func (c *collector) facets(segments []*columns, found []foundRow, values []facetValue) map[string][]Count {
	counts := make([]int, len(values))
	days := dayCounter{location: c.query.Location, counts: map[string]int{}}
	for _, f := range found {
		for _, n := range segments[f.segment].ordinals[f.from:f.to] {
			counts[n]++
		}
		days.add(f.first)
	}
	all := map[string][]Count{fieldDay: days.all()}
	for _, name := range facetFields {
		all[name] = []Count{}
	}
	for n, count := range counts {
		if count > 0 {
			name := facetFields[values[n].field]
			all[name] = append(all[name], Count{values[n].value, count})
		}
	}
	for _, name := range facetFields {
		slices.SortFunc(all[name], func(a, b Count) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
		})
		all[name] = all[name][:min(len(all[name]), c.query.Facets)]
	}
	return all
}

// dayCounter counts days as a place on earth has them. Neighbours in the index
// arrived one after the other, so it looks at the calendar once for many.
type dayCounter struct {
	location   *time.Location
	counts     map[string]int
	begin, end int64 // of the day looked at last, unix milliseconds
	day        string
	pending    int
}

func (d *dayCounter) add(at int64) {
	if at == 0 {
		return
	}
	if at < d.begin || at >= d.end {
		d.flush()
		t := time.UnixMilli(at).In(d.place())
		begin := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
		d.begin, d.end, d.day = begin.UnixMilli(), begin.AddDate(0, 0, 1).UnixMilli(), begin.Format(time.DateOnly)
	}
	d.pending++
}

func (d *dayCounter) place() *time.Location {
	if d.location == nil {
		return time.UTC
	}
	return d.location
}

func (d *dayCounter) flush() {
	if d.pending > 0 {
		d.counts[d.day] += d.pending
		d.pending = 0
	}
}

func (d *dayCounter) all() []Count {
	d.flush()
	all := make([]Count, 0, len(d.counts))
	for day, n := range d.counts {
		all = append(all, Count{day, n})
	}
	slices.SortFunc(all, func(a, b Count) int { return strings.Compare(a.Value, b.Value) })
	return all
}
