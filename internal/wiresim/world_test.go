package wiresim

import (
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html/charset"
)

var start = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

// alive is a world after the given time.
func alive(t *testing.T, o Options, life time.Duration) *World {
	t.Helper()
	o.Start = start
	w := New(o)
	w.Step(start.Add(life))
	return w
}

// get asks the world for a path, with request headers as name, value pairs.
func get(w *World, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	return rec
}

func TestSameSeedSameWorld(t *testing.T) {
	one := alive(t, Options{Seed: 7}, 12*time.Hour)
	same := alive(t, Options{Seed: 7}, 12*time.Hour)
	other := alive(t, Options{Seed: 8}, 12*time.Hour)
	if d := cmp.Diff(one.Truth(), same.Truth()); d != "" {
		t.Errorf("two worlds of one seed differ:\n%s", d)
	}
	for _, path := range one.FeedURLs("") {
		if d := cmp.Diff(get(one, path).Body.String(), get(same, path).Body.String()); d != "" {
			t.Errorf("%s differs between two worlds of one seed:\n%s", path, d)
		}
	}
	if cmp.Equal(one.Truth(), other.Truth()) {
		t.Error("another seed gives the same world")
	}
}

func TestStepsMayBeOfAnyLength(t *testing.T) {
	long := alive(t, Options{Seed: 3}, 6*time.Hour)
	short := New(Options{Seed: 3, Start: start})
	for d := time.Duration(0); d <= 6*time.Hour; d += 7*time.Minute + 31*time.Second {
		short.Step(start.Add(d))
	}
	short.Step(start.Add(6 * time.Hour))
	if d := cmp.Diff(long.Truth(), short.Truth()); d != "" {
		t.Errorf("the length of the steps changed the world:\n%s", d)
	}
}

func TestFeedsAreWellFormed(t *testing.T) {
	w := alive(t, Options{Seed: 1}, 24*time.Hour)
	formats := map[string]int{}
	for _, path := range w.FeedURLs("") {
		rec := get(w, path)
		ext := path[strings.LastIndexByte(path, '.')+1:]
		formats[ext]++
		var err error
		if ext == "json" {
			err = json.Unmarshal(rec.Body.Bytes(), new(any))
		} else {
			err = readXML(rec.Body)
		}
		if err != nil || rec.Code != 200 {
			t.Errorf("%s: status %d, %v", path, rec.Code, err)
		}
	}
	for _, ext := range []string{"xml", "atom", "rdf", "json"} {
		if formats[ext] == 0 {
			t.Errorf("no feed has the format %s", ext)
		}
	}
}

func readXML(r io.Reader) error {
	d := xml.NewDecoder(r)
	d.CharsetReader = charset.NewReaderLabel
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestUnchangedFeedsSayNotModified(t *testing.T) {
	w := alive(t, Options{Seed: 2}, 12*time.Hour)
	paths := w.FeedURLs("")
	seen := map[string]http.Header{}
	ask := func(path string) int {
		return get(w, path, "If-None-Match", seen[path].Get("ETag"), "If-Modified-Since", seen[path].Get("Last-Modified")).Code
	}
	for _, path := range paths {
		seen[path] = get(w, path).Header()
		if code := ask(path); code != http.StatusNotModified {
			t.Errorf("%s unchanged: status %d", path, code)
		}
	}
	before := map[string]int{}
	for _, o := range w.outlets {
		before[o.path()] = o.version
	}
	w.Step(start.Add(18 * time.Hour))
	changed := 0
	for _, o := range w.outlets {
		want := http.StatusNotModified
		if o.version != before[o.path()] {
			want = http.StatusOK
			changed++
		}
		if code := ask(o.path()); code != want {
			t.Errorf("%s after six hours: status %d, want %d", o.path(), code, want)
		}
	}
	if changed < 12 {
		t.Errorf("only %d feeds changed in six hours", changed)
	}
}

func TestStoriesSpreadOverLanguages(t *testing.T) {
	w := alive(t, Options{Seed: 1}, 12*time.Hour)
	copies, languages := map[string]int{}, map[string]map[string]bool{}
	relations := map[string]int{}
	for _, it := range w.Truth() {
		copies[it.Story]++
		relations[it.Relation]++
		if languages[it.Story] == nil {
			languages[it.Story] = map[string]bool{}
		}
		languages[it.Story][it.Language] = true
	}
	wide := 0
	for story, n := range copies {
		if n >= 5 && len(languages[story]) >= 2 {
			wide++
		}
	}
	t.Logf("%d items of %d stories, %d with five copies in two languages; %v", len(w.Truth()), len(copies), wide, relations)
	if wide < 3 {
		t.Errorf("%d stories have five copies in two languages, want at least 3", wide)
	}
	for _, r := range []string{"original", "copy", "soiled", "excerpt", "edited", "translation"} {
		if relations[r] == 0 {
			t.Errorf("no item is of relation %q", r)
		}
	}
}

func TestNothingIsPublishedInTheFuture(t *testing.T) {
	w := New(Options{Seed: 4, Start: start})
	w.SetTempo(300)
	for now := start; now.Before(start.Add(5 * time.Minute)); now = now.Add(time.Second) {
		before := len(w.items)
		w.Step(now)
		for _, it := range w.items[before:] {
			if it.at.After(now) || it.at.Before(now.Add(-2*time.Second)) {
				t.Fatalf("stepping to %s published an item dated %s", now, it.at)
			}
		}
	}
}

func TestTempo(t *testing.T) {
	slow := alive(t, Options{Seed: 5}, 8*time.Hour)
	fast := New(Options{Seed: 5, Start: start})
	fast.SetTempo(60)
	fast.Step(start.Add(8 * time.Minute))
	if len(slow.items) == 0 || len(fast.items) != len(slow.items) {
		t.Errorf("eight minutes at sixty times the speed made %d items, eight hours %d", len(fast.items), len(slow.items))
	}
}

func TestThousandsOfOutlets(t *testing.T) {
	began := time.Now()
	w := New(Options{Outlets: 2000, Start: start})
	if d := time.Since(began); d > time.Second {
		t.Errorf("2000 outlets took %s to make", d)
	}
	if n := len(w.FeedURLs("")); n != 2000 || len(w.byName) != 2000 {
		t.Errorf("%d feeds of %d names, want 2000", n, len(w.byName))
	}
}

func BenchmarkDayOfThousandOutlets(b *testing.B) {
	for b.Loop() {
		w := New(Options{Outlets: 1000, Start: start})
		w.Step(start.Add(24 * time.Hour))
		for _, path := range w.FeedURLs("") {
			get(w, path)
		}
		b.ReportMetric(float64(len(w.items)), "items")
	}
}

// TestServesWhileItLives has readers ask while the world steps; the race
// detector and the feeds' form are the judges.
func TestServesWhileItLives(t *testing.T) {
	w := New(Options{Seed: 6, Start: start})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for _, path := range w.FeedURLs("") {
				if strings.HasSuffix(path, ".json") {
					continue
				}
				rec := get(w, path)
				if err := readXML(rec.Body); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
		})
	}
	for i := range 100 {
		w.Step(start.Add(time.Duration(i) * 10 * time.Minute))
	}
	readers.Wait()
}

func TestGzipWhenAsked(t *testing.T) {
	w := alive(t, Options{Seed: 1}, 12*time.Hour)
	path := w.FeedURLs("")[0]
	plain := get(w, path).Body.String()
	rec := get(w, path, "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(rec.Body)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(plain, string(unpacked)); d != "" || rec.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("the compressed feed is another one:\n%s", d)
	}
}

// TestTruthIsInTheFeeds checks that residue lines, and the links the truth
// names, stand in what is served.
func TestTruthIsInTheFeeds(t *testing.T) {
	w := alive(t, Options{Seed: 9}, 12*time.Hour)
	soiled := 0
	for i, truth := range w.Truth() {
		e := w.items[i].compose()
		for _, line := range truth.Residue {
			soiled++
			if !strings.Contains(e.html, html.EscapeString(line)) {
				t.Errorf("%s: residue %q is not in its text", truth.URL, line)
			}
		}
	}
	if soiled == 0 {
		t.Error("no item has residue")
	}
	for _, o := range w.outlets {
		body := html.UnescapeString(get(w, o.path()).Body.String())
		for _, it := range o.items {
			if !strings.Contains(body, it.link()) {
				t.Errorf("%s lacks %s", o.path(), it.link())
			}
		}
	}
}
