package pipeline_test

import (
	"fmt"
	"strings"
	"time"

	"kliping/index"
	"kliping/internal/pipeline"
)

// words matches a story that has the query as a part of it; * takes all.
type words map[int64]string

func newMatcher() pipeline.Matcher { return words{} }

func (m words) Put(id int64, q index.Query) error {
	if i := strings.IndexByte(q.Text, '('); i >= 0 {
		return &index.QueryError{Column: i + 1, Message: "this parenthesis is never closed", Near: "("}
	}
	m[id] = strings.ToLower(q.Text)
	return nil
}

func (m words) Remove(id int64) { delete(m, id) }

func (m words) Match(d *index.Document, _ time.Time) (ids []int64) {
	all := strings.ToLower(fmt.Sprint(d.Titles, d.Texts))
	for id, q := range m {
		if q == "*" || strings.Contains(all, q) {
			ids = append(ids, id)
		}
	}
	return ids
}
