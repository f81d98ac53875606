package cluster

import "slices"

// A translation keeps the order of what it tells. Where a pivot stands at x in
// one text and at y in the other, there is a point (x, y); the points of a
// translation lie along a diagonal, those of two texts that merely speak of the
// same things are strewn about.

// point is where two texts share something of weight w.
type point struct {
	x, y int32
	w    float32
	best float32 // of the chains that end here, the weight of the heaviest
	from int32   // the point before it on that chain; -1 none
}

// maxPoints bounds the points two texts are aligned by, the heaviest.
const maxPoints = 192

// cross appends the points of one pivot that stands at xs and ys. Its weight is
// parted so that no chain, which can hold each place once, has more than all.
func cross(points []point, xs, ys *places, w float32) []point {
	nx, ny := xs.len(), ys.len()
	w /= float32(max(1, min(nx, ny)))
	for _, x := range xs[:nx] {
		for _, y := range ys[:ny] {
			points = append(points, point{x: int32(x), y: int32(y), w: w})
		}
	}
	return points
}

// gather puts the points in order, ascending by x and, at one x, descending by
// y, and makes those at the same place one. It sorts numbers, as sort does.
func (s *translationScratch) gather(points []point) []point {
	s.order = s.order[:0]
	for i := range points {
		p := &points[i]
		s.order = append(s.order, uint64(p.x)<<48|uint64(noPlace-p.y)<<32|uint64(i))
	}
	slices.Sort(s.order)
	out := s.gathered[:0]
	for _, k := range s.order {
		p := &points[uint32(k)]
		if n := len(out); n > 0 && out[n-1].x == p.x && out[n-1].y == p.y {
			out[n-1].w += p.w
			continue
		}
		out = append(out, *p)
	}
	s.gathered = out
	return heaviest(out)
}

// heaviest are no more than maxPoints of the points.
func heaviest(points []point) []point {
	n := len(points)
	if n <= maxPoints {
		return points
	}
	weights := make([]float32, n)
	for i := range points {
		weights[i] = points[i].w
	}
	slices.Sort(weights)
	least := weights[n-maxPoints]
	return slices.DeleteFunc(points, func(p point) bool { return p.w < least })[:maxPoints]
}

// align finds the heaviest chain of points that ascends in both texts, where
// distances that differ cost something: a local alignment, which needs neither
// text to be whole. It returns the chain's weight and its ends.
func align(points []point) (weight float64, first, last point) {
	top := 0
	for i := range points {
		p := &points[i]
		x, y, w := p.x, p.y, p.w
		best, from := w, -1
		for j := range points[:i] {
			q := &points[j]
			if q.best+w <= best || q.y > y { // too light, however small the gap, or out of order
				continue
			}
			gap := (x - q.x) - (y - q.y)
			if v := q.best + w - gapCost*float32(max(gap, -gap)); v > best {
				best, from = v, j
			}
		}
		if p.best, p.from = best, int32(from); best > points[top].best {
			top = i
		}
	}
	at := top
	for points[at].from >= 0 {
		at = int(points[at].from)
	}
	return float64(points[top].best), points[at], points[top]
}

// span is a stretch of a text.
type span struct{ from, to int32 }

func (s span) holds(pos *places) bool {
	for _, p := range pos {
		if p == noPlace {
			return false
		}
		if int32(p) >= s.from && int32(p) <= s.to {
			return true
		}
	}
	return false
}

// overlap extends the ends of a chain to where the shorter text begins and
// ends: of two copies one holds the other's text whole, but for what an editor
// cut here and there.
func overlap(first, last *point, a, b *indexed) (span, span) {
	const slack = 6
	la, lb := int32(a.length), int32(b.length)
	if la <= lb {
		return span{0, la}, span{first.y - first.x - slack, last.y + la - last.x + slack}
	}
	return span{first.x - first.y - slack, last.x + lb - last.y + slack}, span{0, lb}
}

// distinct counts the places where something is shared: repetitions of a name
// count once. The points are in order of x.
func distinct(points []point) int {
	n := 0
	for i := range points {
		again := false
		for j := range i {
			if again = points[j].x == points[i].x || points[j].y == points[i].y; again {
				break
			}
		}
		if !again {
			n++
		}
	}
	return n
}
