package pipeline_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// soil puts a mark inside the words of a text.
func soil(text, mark string) string {
	var b strings.Builder
	for i, r := range text {
		if i%3 == 2 {
			b.WriteString(mark)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// TestOddTexts sends pairs of odd texts down the line, and says of each pair
// whether it is one story. Beside them stands a common article, which stays alone.
func TestOddTexts(t *testing.T) {
	const title, other = "Ferry between the islands returns", "Parliament passes the budget"
	pleas := []string{"Subscribe to our free newsletter", "Share this article"}
	soiled := func(mark string) []string {
		var all []string
		for _, p := range paragraphs(1) {
			all = append(all, soil(p, mark))
		}
		return all
	}
	digits := []string{strings.Repeat("12 345 6,789 2026 55 ", 30)}
	mixed := []string{"在Moscow会晤2次 كَتَبَ вместе with Li Shangfu और ประเทศไทย " + paragraph(4), paragraph(9)}
	for _, c := range []struct {
		name          string
		first, second []string
		title         string // of the second
		together      bool
	}{
		{"one word, under one headline", []string{"Halt"}, []string{"Halt"}, title, true},
		{"one word, under two", []string{"Halt"}, []string{"Halt"}, other, false},
		{"no text, under one headline", nil, nil, title, true},
		{"no text, under two", nil, nil, other, false},
		{"no text and no headline", nil, nil, "", false},
		{"nothing but residue", pleas, pleas, other, false},
		{"all digits", digits, digits, other, true},
		{"scripts mixed", mixed, mixed, other, true},
		{"zero-width spaces in words", paragraphs(1), soiled("\u200b"), other, true},
		{"joiners in words", paragraphs(1), soiled("\u200d"), other, true},
		{"soft hyphens in words", paragraphs(1), soiled("\u00ad"), other, true},
		{"bidirectional overrides in words", paragraphs(1), soiled("\u202e\u202c"), other, true},
		{"bytes that are no UTF-8", paragraphs(1), append(paragraphs(1), "\xff\xfe \xc3 \xed\xa0\x80"), other, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			first := d.publish("first.example", title, c.first...)
			second := d.publish("second.example", c.title, c.second...)
			alone := d.publish("third.example", "Orchard prize", paragraphs(77)...)
			d.groupAll(d.grouper())
			if together := d.storyOf(first) == d.storyOf(second); together != c.together {
				t.Errorf("together: %v, want %v; %s", together, c.together, d.article(second).Reason)
			}
			if d.storyOf(alone) == d.storyOf(first) || d.storyOf(alone) == d.storyOf(second) {
				t.Error("an article of sense is in the story")
			}
		})
	}
}

// unseen is what has no shape and is part of no spelling.
func unseen(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' && !unicode.In(r, unicode.Arabic, unicode.Syriac)
}

// TestWhatIsShownCanBePrinted publishes a story and its translation, soiled
// with characters that steer a terminal or turn text round.
func TestWhatIsShownCanBePrinted(t *testing.T) {
	const bad = "\u202e\u200b\u2066\x1b[31m\x07\u0085"
	d := newDesk(t)
	d.publish("first.example", "Ferry "+bad+"sinks off Karsa",
		soil("On 14 March 2026 the ferry Sinar Laut sank off Karsa with 312 people on board, said Captain Budi Santoso in Jakarta. ", "\u200b")+
			"Rescuers from Singapore and Malaysia found 297 of them within 19 hours. The ship was built in 1987 and carried 41 lorries and 86 motorcycles.")
	id := d.publish("second.example", "Feri "+bad+"tenggelam di Karsa",
		soil("Pada 14 Maret 2026 feri Sinar Laut tenggelam di lepas pantai Karsa dengan 312 orang di dalamnya, kata Kapten Budi Santoso di Jakarta. ", "\u202e")+
			"Tim penyelamat dari Singapura dan Malaysia menemukan 297 orang dalam 19 jam. Kapal itu dibuat pada 1987 dan membawa 41 truk dan 86 sepeda motor.")
	d.groupAll(d.grouper())
	a := d.article(id)
	if a.Reason.Relation != news.Translation || len(a.Reason.Pivots) == 0 {
		t.Fatalf("the translation is %s", a.Reason)
	}
	for _, shown := range append([]string{a.Title, a.Text()}, a.Reason.Pivots...) {
		if strings.ContainsFunc(shown, unseen) {
			t.Errorf("%q holds what cannot be seen", shown)
		}
	}
}

// TestAMillionWords: such a text is a copy of itself, and costs a bounded memory.
// What is kept of it in the window does not grow with it.
func TestAMillionWords(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var text strings.Builder
	for i := range 1_000_000 {
		fmt.Fprintf(&text, "%s%d ", vocabulary[i%len(vocabulary)], i*7919%100_003)
	}
	d := newDesk(t)
	first := d.publish("first.example", "Everything", text.String())
	second := d.publish("second.example", "All of it", text.String())
	grouper := d.grouper()
	d.groupAll(grouper)
	if d.storyOf(first) != d.storyOf(second) {
		t.Errorf("the second is %s", d.article(second).Reason)
	}
	text.Reset()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 400<<20 {
		t.Errorf("%d MB stay in memory", m.HeapAlloc>>20)
	}
	runtime.KeepAlive(grouper)
}

// TestFlood: an outlet that publishes thousands of near-equal pages slows
// nobody down, takes no text from others, and hides no story.
func TestFlood(t *testing.T) {
	const pages = 2000
	d := newDesk(t)
	text := paragraphs(1)
	first := d.publish("wire.example", "As first told", text...)
	var batch []store.Incoming
	for i := range pages {
		d.clock = d.clock.Add(time.Second)
		link := fmt.Sprintf("https://flood.example/%d", i)
		// Each page has two paragraphs of the wire's story under a figure of its own.
		html := fmt.Sprintf("<p>Offer number %d of today, only %d left.</p><p>%s</p><p>%s</p>", i, i*37%1000, text[1], text[2])
		batch = append(batch, d.preparer.Prepare(news.Feed{}, news.Item{GUID: link, Link: link, Title: fmt.Sprintf("Offer %d", i), HTML: html, Published: d.clock}, d.clock))
	}
	if _, err := d.db.SaveArticles(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	grouper := pipeline.NewGrouper(d.db, d.preparer, pipeline.GroupOptions{Batch: 200, Now: d.now})
	start := time.Now()
	d.groupAll(grouper)
	took := time.Since(start)
	t.Logf("%d pages in %v", pages, took)
	if took > time.Minute {
		t.Errorf("grouping %d pages took %v", pages, took)
	}
	second := d.publish("other.example", "As told again", text...)
	apart := d.publish("other.example", "Another matter", paragraphs(2)...)
	d.groupAll(grouper)
	if d.storyOf(second) != d.storyOf(first) {
		t.Errorf("the copy is %s, not with the wire's article", d.article(second).Reason)
	}
	if d.storyOf(apart) == d.storyOf(first) {
		t.Errorf("another text is %s", d.article(apart).Reason)
	}
	for _, id := range []news.ArticleID{first, second} {
		if got := d.article(id).Text(); got != strings.Join(text, "\n\n") {
			t.Errorf("article %d lost text:\n%s", id, got)
		}
	}
}
