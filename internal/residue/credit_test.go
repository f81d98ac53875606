package residue

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCredits(t *testing.T) {
	type credits struct{ Agency, Dateline, Byline string }
	c := newCleaner(t)
	for _, test := range []struct {
		name  string
		texts []string
		want  credits
	}{
		{"place and agency", []string{"LONDON (AP) — Ministers meet on Monday."}, credits{Agency: "AP", Dateline: "LONDON"}},
		{"place with country", []string{"HANOI, Vietnam (AP) — Ministers meet on Monday."}, credits{Agency: "AP", Dateline: "HANOI, Vietnam"}},
		{"Indonesian", []string{"Jakarta (ANTARA) - Menteri bertemu pada Senin."}, credits{Agency: "Antara", Dateline: "Jakarta"}},
		{"German", []string{"Berlin (dpa) - Die Minister beraten am Montag."}, credits{Agency: "dpa", Dateline: "Berlin"}},
		{"comma", []string{"Madrid, EFE — Los ministros se reúnen el lunes."}, credits{Agency: "EFE", Dateline: "Madrid"}},
		{"agency alone", []string{"Reuters - Ministers meet on Monday."}, credits{Agency: "Reuters"}},
		{"agency in brackets", []string{"(AFP) Ministers meet on Monday."}, credits{Agency: "AFP"}},
		{"Russian", []string{"МОСКВА (Рейтер) — Министры встречаются в понедельник."}, credits{Agency: "Reuters", Dateline: "МОСКВА"}},
		{"Chinese brackets", []string{"北京（路透社）- 部长们星期一开会。"}, credits{Agency: "Reuters", Dateline: "北京"}},
		{"place alone in capitals", []string{"WASHINGTON — Ministers meet on Monday."}, credits{Dateline: "WASHINGTON"}},
		{"two agencies: the first", []string{"PARIS (AP/AFP) — Ministers meet."}, credits{Agency: "AP", Dateline: "PARIS"}},
		{"foot", []string{"Ministers meet on Monday.", "They met before. (AFP)"}, credits{Agency: "AFP"}},
		{"foot alone", []string{"Ministers meet on Monday.", "dpa"}, credits{Agency: "dpa"}},
		{"byline", []string{"By Jane Doe", "Ministers meet on Monday."}, credits{Byline: "Jane Doe"}},
		{"byline and dateline", []string{"By JANE DOE, Political Writer", "PARIS (AP) — Ministers meet."}, credits{Agency: "AP", Dateline: "PARIS", Byline: "JANE DOE"}},
		{"German byline", []string{"Von Max von der Heide", "Die Minister beraten."}, credits{Byline: "Max von der Heide"}},
		{"Indonesian byline", []string{"Penulis: Budi", "Menteri bertemu."}, credits{Byline: "Budi"}},
		{"Chinese byline", []string{"记者：王小明", "部长们星期一开会。"}, credits{Byline: "王小明"}},
		{"no place: a dash in a sentence", []string{"The minister — who resigned — met nobody."}, credits{}},
		{"no place: a script without capitals", []string{"وزير المالية - الذي استقال - لم يحضر."}, credits{}},
		{"no place: a figure", []string{"COVID-19 — what is known."}, credits{}},
		{"no agency: an aside", []string{"The bank (founded in 1870) closed."}, credits{}},
		{"no byline: a sentence", []string{"By Monday the river had fallen.", "It rained."}, credits{}},
		{"no byline: a place", []string{"Di Indonesia", "Hujan turun."}, credits{}},
		{"no byline: late in the text", []string{"One.", "Two.", "Three.", "By Jane Doe"}, credits{}},
		{"nothing", nil, credits{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := c.Clean("example.org", "", toBlocks(test.texts...), nil)
			got := credits{r.Agency, r.Dateline, r.Byline}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
