package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Sheet writes a table as CSV after RFC 4180: rows end in CR LF, and the first
// begins with a byte order mark, without which Excel does not take it for UTF-8.
//
// Spreadsheets run what looks like a formula, and strangers write headlines. So
// every text is changed where a cell could begin in it with =, +, - or @, in ASCII
// or full width: an apostrophe comes before. That is at its beginning, and after a
// semicolon, which is where many countries' spreadsheets end a cell whatever the
// quotes say; spaces, quotation marks and what is not seen do not count as a
// beginning. Control characters become spaces. Downside: a program that is no
// spreadsheet sees the apostrophe in "-5 degrees".
type Sheet struct {
	out *csv.Writer
	row []string
}

// NewSheet begins a table with the names of its columns.
func NewSheet(w io.Writer, columns ...string) (*Sheet, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	s := &Sheet{out: csv.NewWriter(w)}
	s.out.UseCRLF = true
	return s, s.out.Write(columns)
}

// Row adds a row of texts, whole and other numbers, and times, of which the zero
// time is an empty cell.
func (s *Sheet) Row(cells ...any) error {
	s.row = s.row[:0]
	for _, c := range cells {
		s.row = append(s.row, cell(c))
	}
	return s.out.Write(s.row)
}

// Flush passes on what is held back.
func (s *Sheet) Flush() error {
	s.out.Flush()
	return s.out.Error()
}

func cell(value any) string {
	switch v := value.(type) {
	case string:
		return Harmless(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return stamp(v)
	}
	return fmt.Sprint(value)
}

// Harmless is a text that no spreadsheet takes for a formula; see [Sheet].
func Harmless(s string) string {
	var b strings.Builder
	begins := true // a cell could begin here
	for _, r := range s {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			b.WriteByte(' ')
			continue
		}
		switch {
		case begins && strings.ContainsRune("=+-@＝＋－＠﹢﹣﹦﹫−", r):
			b.WriteByte('\'')
			begins = false
		case r == ';':
			begins = true
		case !unseen(r):
			begins = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// unseen are characters before which a cell could still begin.
func unseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Mn) || strings.ContainsRune("\"'`´“”„‟‘’‚‛«»‹›＂＇", r)
}
