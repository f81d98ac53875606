package index

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kliping/internal/news"
)

// Document is a story as it is searched.
type Document struct {
	ID             news.StoryID
	Titles         []string // each distinct title once
	Texts          []Text   // each distinct paragraph once, in runs; see [Runs]
	Outlets        []string
	Languages      []string // BCP 47 base languages
	Agencies       []string
	Tags           []string
	Copies         int // articles
	TextCount      int // groups of articles that share wording
	OutletCount    int // independent outlets
	FirstPublished time.Time
	FirstArrived   time.Time
	LastArrived    time.Time
}

// Text is one of a story's texts, without its residue, or a run of paragraphs of
// one. Phrases are found within it.
type Text struct {
	Language string // BCP 47 base language, as guessed
	Body     string
}

// key is a story's id in Bleve: its order as bytes is the order of the ids.
func key(id news.StoryID) string { return fmt.Sprintf("%016x", int64(id)) }

func keyID(key string) (news.StoryID, error) {
	id, err := strconv.ParseInt(key, 16, 64)
	return news.StoryID(id), err
}

// Runs collects what the copies of a story say, each paragraph once: the first
// copy whole, of further ones the runs of paragraphs that none before them has.
// Copies repeat one another, so this halves what is indexed. What it costs: a
// phrase that begins in a paragraph that another copy has too, and ends in one
// that only this copy has, is not found.
type Runs struct {
	Texts []Text
	seen  map[[2]string]bool
}

// Add adds a copy's paragraphs.
func (r *Runs) Add(lang string, paragraphs []string) {
	if r.seen == nil {
		r.seen = map[[2]string]bool{}
	}
	var run []string
	end := func() {
		if len(run) > 0 {
			r.Texts = append(r.Texts, Text{lang, strings.Join(run, "\n\n")})
			run = nil
		}
	}
	for _, p := range paragraphs {
		if k := [2]string{lang, p}; r.seen[k] {
			end()
		} else {
			r.seen[k] = true
			run = append(run, p)
		}
	}
	end()
}

// states are what is: finds the story by.
func (d *Document) states() []state {
	var all []state
	if len(d.Languages) > 1 {
		all = append(all, translated)
	}
	if d.Copies == 1 {
		all = append(all, single)
	}
	return all
}

// spelling is a word as it is spelled, in one form whichever way its accents are
// encoded.
func spelling(word string) string {
	word = word[:min(len(word), longestWord)]
	if isASCII(word) {
		return word
	}
	return strings.Map(func(r rune) rune {
		if ignored(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, norm.NFKC.String(word))
}
