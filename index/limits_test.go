package index

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
)

// TestLimits asks what is made to cost an index much: it is answered within the
// time a person waits, or refused with a column and what to do.
func TestLimits(t *testing.T) {
	p := newProse()
	docs := p.documents(1, 400)
	for i := range docs { // 8,000 words that begin alike
		var b strings.Builder
		for j := range 20 {
			fmt.Fprintf(&b, "qq%dword ", i*20+j)
		}
		docs[i].Texts[0].Body += " " + b.String()
	}
	ix, err := Open(filepath.Join(t.TempDir(), "index"), loader(docs...))
	must(t, err)
	t.Cleanup(func() { ix.Close() })
	apply(t, ix, State{}, docs...)
	several := func(n int, with string, one func(i int) string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = one(i)
		}
		return strings.Join(all, with)
	}
	short := func(i int) string { return p.words[i][:min(5, len(p.words[i]))] }
	for name, test := range map[string]struct{ query, refused string }{
		"1,000 words":             {several(1000, " OR ", short), ""},
		"1,000 words together":    {several(1000, " ", short), ""},
		"1,001 words":             {several(1001, " ", func(int) string { return "word" }), "column 5001"},
		"a phrase of 1,000 words": {`"` + several(1000, " ", func(i int) string { return p.words[i%40] }) + `"`, ""},
		"10,000 characters":       {strings.Repeat("x", 10_000), ""},
		"10,001 characters":       {strings.Repeat("x", 10_001), "column 10001"},
		"100 levels":              {strings.Repeat("(", 99) + p.words[1] + strings.Repeat(")", 99), ""},
		"1,000 levels":            {strings.Repeat("(", 1000) + "a" + strings.Repeat(")", 1000), "column 101"},
		"1,000 NOTs":              {strings.Repeat("NOT ", 1000) + "a", "column 401"},
		"1,000 quotes":            {strings.Repeat(`"`, 1000), "column 1"},
		"100 wildcards":           {several(100, " OR ", func(i int) string { return fmt.Sprintf("%ce%c*", 'a'+i%20, 'a'+i/5) }), ""},
		"20 that begin with one":  {several(20, " OR ", func(i int) string { return fmt.Sprintf("*%c%c%c*", 'a'+i%20, 'e', 'a'+i/5) }), ""},
		"21 that begin with one":  {several(21, " ", func(int) string { return "*abc" }), "column 101"},
		"101 wildcards":           {several(101, " ", func(int) string { return "ab*" }), "column 401"},
		"a wildcard for 8,000":    {"title:x OR qq*", "column 12, at \"qq*\": qq* stands for more than 5000 words"},
		"wildcards for all":       {several(10, " ", func(i int) string { return fmt.Sprintf("qq*%d*word", i) }), "words of the index"},
		"many NEARs":              {several(90, " NEAR/255 ", func(i int) string { return `"` + p.words[i%30] + `"` }), ""},
		"NEAR of many":            {fmt.Sprintf("(%[1]s) NEAR/9 (%[1]s)", several(400, " OR ", func(i int) string { return `"` + short(i) + `"` })), ""},
		"stars":                   {strings.Repeat("*", 10_000), "column 1"},
		"stars between letters":   {strings.Repeat("a*", 5_000), ""},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := ix.Search(ctx, Query{Text: test.query, Facets: 5})
			if test.refused == "" && err == nil {
				return
			}
			if qe := (*QueryError)(nil); !errors.As(err, &qe) || test.refused == "" || !strings.Contains(err.Error(), test.refused) {
				t.Errorf("error is %v, want %q", err, test.refused)
			}
		})
	}
}

// TestSearchInTime holds that a search ends with its context, wherever it is.
func TestSearchInTime(t *testing.T) {
	docs := newProse().documents(1, 50)
	loaded := make(chan struct{})
	slow := Options{Load: func(ctx context.Context, _ []news.StoryID) ([]Document, error) {
		close(loaded)
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	ix, err := Open(filepath.Join(t.TempDir(), "index"), slow)
	must(t, err)
	t.Cleanup(func() { ix.Close() })
	apply(t, ix, State{}, docs...)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-loaded
		cancel()
	}()
	first := foldWords(docs[0].Texts[0].Body)[0]
	if _, err := ix.Search(ctx, Query{Text: "cs(" + first + ")"}); !errors.Is(err, context.Canceled) {
		t.Errorf("while texts are read: %v", err)
	}
	for _, q := range []string{"a", "*aaa*", `"a b"`, "aa* NEAR/3 bb*"} {
		if _, err := ix.Search(ctx, Query{Text: q}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", q, err)
		}
	}
}

// TestRefusedInTime holds that a search ends with its time while it looks at what
// it refuses, one story after the other: no hit comes up at which anybody would
// look at the clock. Nor does it take more memory than the machine has.
func TestRefusedInTime(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	ix := newIndex(t)
	docs := make([]Document, 2000)
	for i := range docs {
		var b strings.Builder
		for range 25 {
			for _, p := range []string{"ab", "cd", "ef", "gh"} {
				fmt.Fprintf(&b, "%s%d and then so ", p, dice.IntN(4500))
			}
		}
		docs[i] = Document{ID: news.StoryID(i + 1), Texts: []Text{{"en", b.String()}}}
	}
	apply(t, ix, State{}, docs...)
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ix.limits.look = 300 * time.Millisecond
	for _, q := range []string{"ab* NEAR/0 cd* NEAR/0 ef* NEAR/0 gh*", `"ab* cd* ef* gh*"`} {
		began := time.Now()
		_, err := ix.Search(t.Context(), Query{Text: q})
		if !errors.Is(err, news.ErrInvalid) || !strings.Contains(err.Error(), "longer than 300ms") {
			t.Errorf("%s: %v", q, err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s took %s", q, took)
		}
		runtime.ReadMemStats(&during)
		if grown := (during.HeapAlloc - before.HeapAlloc) >> 20; during.HeapAlloc > before.HeapAlloc && grown > 400 {
			t.Errorf("%s took %d MB", q, grown)
		}
	}
}

// TestTurns holds that searches which find no turn are refused in time, and that
// those which end give theirs back.
func TestTurns(t *testing.T) {
	ix := newIndex(t, doc(1, "en", "Ports", "The ports are open."))
	ix.limits.wait = 50 * time.Millisecond
	for range 2 * cap(ix.limits.turns) {
		find(t, ix, Query{Text: "ports"})
	}
	for range cap(ix.limits.turns) {
		_, err := ix.limits.turn(t.Context())
		must(t, err)
	}
	if _, err := ix.Search(t.Context(), Query{Text: "ports"}); !errors.Is(err, news.ErrBusy) {
		t.Errorf("without a turn: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ix.Search(ctx, Query{Text: "ports"}); !errors.Is(err, context.Canceled) {
		t.Errorf("when nobody waits: %v", err)
	}
	<-ix.limits.turns
	find(t, ix, Query{Text: "ports"})
}

// TestWithoutTexts holds that an index without texts to read says so.
func TestWithoutTexts(t *testing.T) {
	ix := newIndex(t, doc(1, "en", "Us", "They told us."))
	if _, err := ix.Search(t.Context(), Query{Text: "cs(us)"}); !errors.Is(err, news.ErrInvalid) {
		t.Errorf("error is %v", err)
	}
}

// TestTooManyToRead holds that a search which would have to read too many texts
// is refused and says what to do.
func TestTooManyToRead(t *testing.T) {
	docs := make([]Document, maxRead+1)
	for i := range docs {
		docs[i] = Document{ID: news.StoryID(i + 1), Texts: []Text{{"en", "us and them"}}}
	}
	ix := newIndex(t, docs...)
	_, err := ix.Search(t.Context(), Query{Text: `them cs(us)`})
	if qe := (*QueryError)(nil); !errors.As(err, &qe) || qe.Column != 9 || !strings.Contains(qe.Message, "10001 stories") {
		t.Errorf("error is %v", err)
	}
}
