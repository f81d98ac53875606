package export

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

func TestSheet(t *testing.T) {
	var b bytes.Buffer
	s, err := NewSheet(&b, "story", "title", "score", "at", "when")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Row(int64(7), "Say \"dam\", twice\r\nكفى", 0.25, time.Time{}, hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "\ufeffstory,title,score,at,when\r\n7,\"Say \"\"dam\"\", twice  كفى\",0.25,,2026-05-01T01:00:00Z\r\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// TestFormulas wants no cell of a spreadsheet to begin like a formula, whether the
// spreadsheet ends cells at commas, or, as in many countries, at semicolons.
func TestFormulas(t *testing.T) {
	for given, want := range map[string]string{
		"=cmd|' /C calc'!A0":           "'=cmd|' /C calc'!A0",
		"+1+1":                         "'+1+1",
		"-2+3":                         "'-2+3",
		"@SUM(A1)":                     "'@SUM(A1)",
		"\t=1":                         " '=1",
		"\r=1":                         " '=1",
		"\n\v\x00=1":                   "   '=1",
		"  =1":                         "  '=1",
		"\"=1":                         "\"'=1",
		"'=1":                          "''=1",
		"“=HYPERLINK(1)”":              "“'=HYPERLINK(1)”",
		"＝1＋1":                         "'＝1＋1",
		"＋1":                           "'＋1",
		"－1":                           "'－1",
		"＠SUM":                         "'＠SUM",
		"−5 Grad":                      "'−5 Grad",
		"\u200b=1":                     "\u200b'=1",
		"\ufeff=1":                     "\ufeff'=1",
		"\u202e=1":                     "\u202e'=1",
		"\u00a0=1":                     "\u00a0'=1",
		"Talks end; =cmd|'/C calc'!A0": "Talks end; '=cmd|'/C calc'!A0",
		"a\";=1":                       "a\";'=1",
		"Talks end; none won":          "Talks end; none won",
		"Norwick 2-1 Pellworth":        "Norwick 2-1 Pellworth",
		"E=mc2":                        "E=mc2",
		"":                             "",
		"دولة":                         "دولة",
	} {
		if got := Harmless(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

// FuzzSheet writes texts and reads them as spreadsheets do.
func FuzzSheet(f *testing.F) {
	for _, s := range []string{"=1", "a;=1", "\"\";\"=1", "\t@x", ";;+1", "\r\n-1", "'\"=1", "a\"\n;\"＝2"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		var out bytes.Buffer
		s, err := NewSheet(&out, "a", "b")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Row(a, b); err != nil {
			t.Fatal(err)
		}
		if err := s.Flush(); err != nil {
			t.Fatal(err)
		}
		text := strings.TrimPrefix(out.String(), "\ufeff")
		read, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(read) != 2 {
			t.Fatalf("%q: %v", text, err)
		}
		cells := read[1]
		for _, line := range strings.Split(text, "\r\n")[1:] { // where cells end at semicolons, whatever the quotes say
			cells = append(cells, strings.Split(line, ";")...)
		}
		for _, c := range cells {
			c = strings.TrimLeftFunc(c, func(r rune) bool { return unicode.IsSpace(r) || r == '"' })
			if c != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(c)[0]) {
				t.Errorf("%q and %q give a cell %q", a, b, c)
			}
		}
	})
}
