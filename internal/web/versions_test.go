package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
)

// TestMarkupAndVersions shows an article with its links and its picture's place, and
// what its outlet changed in it.
func TestMarkupAndVersions(t *testing.T) {
	d := newDesk(t)
	item := news.Item{GUID: "1", Link: "https://one.example/1", Title: "Dam lowered", Published: d.clock,
		HTML: `<p>Engineers lowered the <a href="https://wire.example/dam" onclick="x()">dam</a> by two metres on Friday.</p><img src="https://cdn.example/dam.jpg" alt="The dam"><p>It is <b>old</b>.</p>`}
	d.save(news.Feed{}, item)
	d.settle()
	d.clock = d.clock.Add(time.Hour)
	item.Title, item.HTML = "Dam lowered by three", strings.ReplaceAll(item.HTML, "two metres", "three metres")
	id := d.save(news.Feed{}, item)
	d.settle()

	body := d.ask(http.MethodGet, articlePath(id), http.StatusOK).Body.String()
	const rel = ` rel="nofollow noopener noreferrer"`
	for _, want := range []string{
		`the <a href="https://wire.example/dam"` + rel + `>dam</a> by three metres`, `[<a href="https://cdn.example/dam.jpg"` + rel + `>The dam</a>]`, "It is <b>old</b>.",
		"Dam lowered</span>", articlePath(id) + "/diff?version=1&amp;to=2",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the article's page has no %s", want)
		}
	}
	if strings.Contains(body, "<img") || strings.Contains(body, "onclick") {
		t.Error("the article's page loads or runs something")
	}
	story := d.ask(http.MethodGet, storyPath(d.storyOf(id)), http.StatusOK).Body.String()
	if !strings.Contains(story, articlePath(id)+"#versions") || !strings.Contains(story, ">dam</a> by three") {
		t.Error("the story's page does not lead to the versions, or has no links")
	}
	diff := d.ask(http.MethodGet, articlePath(id)+"/diff?version=1", http.StatusOK).Body.String()
	for _, want := range []string{"<del>two</del>", "<ins>three</ins>", "what only version 1 has", "what only version 2 has"} {
		if !strings.Contains(diff, want) {
			t.Errorf("what changed has no %s", want)
		}
	}
	second := d.publish("one.example", "Dam: three metres", "Engineers lowered the dam by three metres.")
	if ok, err := d.db.Absorb(t.Context(), second, id, nil); err != nil || !ok {
		t.Fatalf("absorbed: %v, %v", ok, err)
	}
	if at := d.ask(http.MethodGet, articlePath(second), http.StatusFound).Header().Get("Location"); at != articlePath(id) {
		t.Errorf("a second address leads to %q", at)
	}
	if body := d.ask(http.MethodGet, articlePath(id), http.StatusOK).Body.String(); !strings.Contains(body, `also at <a href="https://one.example/`) {
		t.Error("the article's page does not say its second address")
	}
	d.ask(http.MethodGet, articlePath(id)+"/diff?version=7", http.StatusNotFound)
	d.ask(http.MethodGet, articlePath(id)+"/diff?version=x", http.StatusBadRequest)
}
