package index

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// stories reads testdata/stories.txt: blocks of "key: value" lines, a blank line
// between stories.
func stories(t testing.TB) []Document {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "stories.txt"))
	must(t, err)
	var docs []Document
	for block := range strings.SplitSeq(strings.TrimSpace(string(raw)), "\n\n") {
		var d Document
		for line := range strings.SplitSeq(block, "\n") {
			if strings.HasPrefix(line, "#") {
				continue
			}
			name, v, ok := strings.Cut(line, ": ")
			if !ok {
				t.Fatalf("testdata/stories.txt: %q", line)
			}
			must(t, setField(&d, name, v))
		}
		if d.ID > 0 {
			docs = append(docs, d)
		}
	}
	return docs
}

func setField(d *Document, name, v string) (err error) {
	number := func(n *int) { *n, err = strconv.Atoi(v) }
	switch name {
	case "story":
		var id int
		number(&id)
		d.ID = news.StoryID(id)
	case "title":
		d.Titles = append(d.Titles, v)
	case "outlets":
		d.Outlets = strings.Split(v, ", ")
	case "agency":
		d.Agencies = append(d.Agencies, v)
	case "tag":
		d.Tags = append(d.Tags, v)
	case "copies":
		number(&d.Copies)
	case "texts":
		number(&d.TextCount)
	case "independent":
		number(&d.OutletCount)
	case "arrived":
		d.FirstArrived, err = time.Parse("2006-01-02 15:04", v)
	default:
		if len(name) != 2 {
			return fmt.Errorf("no field %q", name)
		}
		d.Texts = append(d.Texts, Text{name, v})
		if !slices.Contains(d.Languages, name) {
			d.Languages = append(d.Languages, name)
		}
	}
	return err
}

// loader gives documents as the store would.
func loader(docs ...Document) Options {
	return Options{Load: func(_ context.Context, ids []news.StoryID) ([]Document, error) {
		var found []Document
		for _, d := range docs {
			if slices.Contains(ids, d.ID) {
				found = append(found, d)
			}
		}
		return found, nil
	}}
}

// queryCases reads testdata/queries.txt: a query, then => and what comes of it.
func queryCases(t testing.TB) [][2]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "queries.txt"))
	must(t, err)
	defer f.Close()
	var all [][2]string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		query, want, ok := strings.Cut(line, "=>")
		if !ok {
			t.Fatalf("testdata/queries.txt: %q", line)
		}
		all = append(all, [2]string{strings.TrimRight(query, " \t"), strings.TrimSpace(want)})
	}
	return all
}

// TestQueryTable holds that every query of testdata/queries.txt finds what it
// says there, in the index, by looking at each story, and by a Matcher; or is
// refused at the column it says.
func TestQueryTable(t *testing.T) {
	docs := stories(t)
	ix, err := Open(filepath.Join(t.TempDir(), "index"), loader(docs...))
	must(t, err)
	t.Cleanup(func() { ix.Close() })
	apply(t, ix, State{Change: 1, Epoch: "e"}, docs...)
	now := time.Date(2026, 5, 5, 12, 0, 0, 0, time.UTC)
	cases := queryCases(t)
	if len(cases) < 150 {
		t.Errorf("%d cases, want 150", len(cases))
	}
	m := NewMatcher()
	for i, c := range cases {
		q := Query{Text: c[0], Location: time.FixedZone("WIB", 7*3600), Now: now, Limit: 100}
		t.Run(c[0], func(t *testing.T) {
			got := outcome(ix, q)
			if column, message, refused := refusal(c[1]); refused && strings.HasPrefix(got, column) && strings.Contains(got, message) {
				return
			}
			if diff := cmp.Diff(c[1], got); diff != "" {
				t.Errorf("index -want +got\n%s", diff)
			}
			if err := m.Put(int64(i), q); err != nil {
				return // the index was asked already
			}
			var found, matched []news.StoryID
			e, err := q.parse()
			must(t, err)
			e = m.stems.withForms(e)
			for j := range docs {
				if m.stems.read(&docs[j]).holds(e, now) {
					found = append(found, docs[j].ID)
				}
				if slices.Contains(m.Match(&docs[j], now), int64(i)) {
					matched = append(matched, docs[j].ID)
				}
			}
			if diff := cmp.Diff([]string{c[1], c[1]}, []string{idList(found), idList(matched)}); diff != "" {
				t.Errorf("evaluator, Matcher -want +got\n%s", diff)
			}
		})
	}
}

// refusal parts "error 5 words of the message".
func refusal(want string) (column, message string, refused bool) {
	parts := strings.SplitN(want, " ", 3)
	if parts[0] != "error" {
		return "", "", false
	}
	return parts[0] + " " + parts[1] + " ", parts[2], true
}

// outcome is the ids a query finds, or where it is wrong and how.
func outcome(ix *Index, q Query) string {
	r, err := ix.Search(context.Background(), q)
	if qe := (*QueryError)(nil); errors.As(err, &qe) {
		return fmt.Sprintf("error %d %s", qe.Column, qe.Message)
	}
	if err != nil {
		return err.Error()
	}
	var ids []news.StoryID
	for _, h := range r.Hits {
		ids = append(ids, h.ID)
	}
	return idList(ids)
}

func idList(ids []news.StoryID) string {
	if len(ids) == 0 {
		return "none"
	}
	slices.Sort(ids)
	return strings.Trim(fmt.Sprint(ids), "[]")
}
