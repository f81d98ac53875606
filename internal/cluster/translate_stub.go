package cluster

import "kliping/internal/news"

// Pivot is what survives a translation.
type Pivot struct{}

func pivots(lang, title string, kept []string) []Pivot { return nil }

func appendPivots(b []byte, p []Pivot) []byte { return b }

func readPivots(b []byte) ([]Pivot, []byte, error) { return nil, b, nil }

// candidate is a story in another language that may be the same. A window
// keeps one *Entry an article and changes its Story in place when stories merge.
type candidate struct {
	Story  news.StoryID
	Of     news.ArticleID
	Score  float64
	Pivots []string
}

type translations struct{}

func newTranslations() *translations { return &translations{} }

func (t *translations) add(e *Entry)              {}
func (t *translations) remove(id news.ArticleID)  {}
func (t *translations) best(e *Entry) []candidate { return nil }
