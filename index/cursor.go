package index

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/zeebo/xxh3"

	"kliping/internal/news"
)

// cursor is where a page ended, and what its order was made with.
type cursor struct {
	search  uint64 // the search it belongs to
	last    place
	now     time.Time // freshness counts from here
	weights weights
}

// place is where a story stands in an order: greater comes first, by one key
// after the other.
type place struct {
	first, second float64
	id            news.StoryID
}

func (p place) before(q place) bool {
	if p.first != q.first {
		return p.first > q.first
	}
	if p.second != q.second {
		return p.second > q.second
	}
	return p.id > q.id
}

// searchID tells searches apart whose hits are others or in another order.
func searchID(q *Query) uint64 {
	return xxh3.HashString(fmt.Sprintf("%q %q %q %q %d %d", q.Text, q.Language, q.Outlet, q.Sort, q.Since.UnixNano(), q.Until.UnixNano()))
}

// String writes a cursor for strangers to keep: letters, digits, - and _.
func (c *cursor) String() string {
	b := binary.BigEndian.AppendUint64(nil, c.search)
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(c.last.first))
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(c.last.second))
	b = binary.AppendVarint(b, int64(c.last.id))
	b = binary.AppendVarint(b, c.now.UnixMilli())
	b = binary.BigEndian.AppendUint32(b, math.Float32bits(c.weights.average))
	for _, w := range c.weights.idf {
		b = binary.BigEndian.AppendUint32(b, math.Float32bits(w))
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseCursor reads a cursor; one that cannot be read, or is of another search,
// wraps [news.ErrInvalid].
func parseCursor(s string, q *Query) (c cursor, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 24 {
		return c, fmt.Errorf("the cursor is %w: take it from the page before as it is", news.ErrInvalid)
	}
	c.search = binary.BigEndian.Uint64(b)
	c.last.first = math.Float64frombits(binary.BigEndian.Uint64(b[8:]))
	c.last.second = math.Float64frombits(binary.BigEndian.Uint64(b[16:]))
	b = b[24:]
	id, n := binary.Varint(b)
	now, m := binary.Varint(b[max(n, 0):])
	b = b[max(n, 0)+max(m, 0):]
	if n <= 0 || m <= 0 || len(b)%4 != 0 || len(b) == 0 {
		return c, fmt.Errorf("the cursor is %w: it has been cut short", news.ErrInvalid)
	}
	if c.search != searchID(q) {
		return c, errOtherCursor()
	}
	c.last.id, c.now = news.StoryID(id), time.UnixMilli(now)
	c.weights.average = math.Float32frombits(binary.BigEndian.Uint32(b))
	for b = b[4:]; len(b) > 0; b = b[4:] {
		c.weights.idf = append(c.weights.idf, math.Float32frombits(binary.BigEndian.Uint32(b)))
	}
	return c, nil
}

func errOtherCursor() error {
	return fmt.Errorf("the cursor is %w: it belongs to another search; without it the first page comes", news.ErrInvalid)
}
