package cluster

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"kliping/internal/news"
)

// TestLoadIsAddInTurn fills one window article by article and another in pages,
// with articles that come again among them: all they know must be the same.
func TestLoadIsAddInTurn(t *testing.T) {
	papers, truth := world(40)
	var all []Entry
	for i, p := range papers {
		e := p.entry(i + 1)
		e.Story = news.StoryID(truth[i] + 1)
		all = append(all, e)
		if i%50 == 49 { // an earlier one moves
			moved := all[i/2]
			moved.Story += 1000
			all = append(all, moved)
		}
	}
	for lang, text := range told {
		for i := range 5 {
			e := *entryOfText(10_000+10*len(all)+i, 5000, lang, text)
			e.Sketch = NewSketch(lang, text[0], text[1:])
			e.At = time.Unix(int64(len(all)), 0)
			all = append(all, e)
		}
	}
	one, many := NewWindow(Options{}), NewWindow(Options{})
	for _, e := range all {
		one.Add(e)
	}
	for from := 0; from < len(all); from += 70 {
		many.Load(all[from:min(from+70, len(all))])
	}
	for name, pair := range map[string][2]any{
		"keys":         {one.index.parts, many.index.parts},
		"shelf":        {one.shelf.pages, many.shelf.pages},
		"stories":      {one.shelf.stories.parts, many.shelf.stories.parts},
		"hours":        {one.hours, many.hours},
		"pivots":       {one.translations.pivots, many.translations.pivots},
		"their lists":  {one.translations.lists.chunks, many.translations.lists.chunks},
		"their counts": {one.translations.docs, many.translations.docs},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s differ", name)
		}
	}
	if one.Len() != many.Len() || one.Len() < 200 {
		t.Errorf("%d articles added, %d loaded", one.Len(), many.Len())
	}
}

// TestIndexIsAMap puts keys in and takes them out in any order, with keys that
// crowd at both ends, and compares with a map.
func TestIndexIsAMap(t *testing.T) {
	var x index
	want := map[uint64][]uint32{}
	key := func(i uint64) uint64 {
		switch r := mix(i); r % 3 {
		case 0:
			return r % 500 // the first part's beginning
		case 1:
			return ^(r % 500) // the last one's end
		default:
			return mix(r % 5000)
		}
	}
	for i := range uint64(60_000) {
		k := key(i)
		if all := want[k]; len(all) > 0 && mix(i+1e6)%3 == 0 {
			x.remove(k, all[0])
			want[k] = all[1:]
		} else {
			x.insert(k, uint32(i+1))
			want[k] = append(all, uint32(i+1))
		}
	}
	for k, all := range want {
		if got := x.find(nil, k); fmt.Sprint(got) != fmt.Sprint(all) {
			t.Fatalf("key %x: %v, want %v", k, got, all)
		}
		for _, place := range all {
			x.remove(k, place)
		}
	}
	for i := range x.parts {
		if x.parts[i].used != 0 {
			t.Fatalf("part %d still holds %d", i, x.parts[i].used)
		}
	}
}

func TestMarksRoundTrip(t *testing.T) {
	marks := []placed{
		{3, places{0, noPlace, noPlace, noPlace}}, {4, places{7, 7, 300, 65534}},
		{900, places{noPlace, noPlace, noPlace, noPlace}}, {1 << 31, places{9, 2, noPlace, noPlace}},
	}
	if got := readMarks(nil, appendMarks(nil, marks)); !reflect.DeepEqual(got, marks) {
		t.Errorf("got %v, want %v", got, marks)
	}
}
