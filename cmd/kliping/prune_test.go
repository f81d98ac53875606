package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"kliping/config"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// TestOldArticlesAreRemoved runs the slot that keeps the store to what was asked
// for.
func TestOldArticlesAreRemoved(t *testing.T) {
	var log bytes.Buffer
	a := &app{stderr: io.Discard, cfg: config.Default(), log: newLog(&log, "info", "text")}
	a.cfg.Data, a.cfg.Keep = t.TempDir(), 30*24*time.Hour
	db, err := a.openStore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	preparer, err := pipeline.NewPreparer()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	var batch []store.Incoming
	for title, days := range map[string]int{"Harbour council keeps the ferry": 31, "Drought empties the reservoir": 29} {
		item := news.Item{GUID: title, Title: title, HTML: title}
		batch = append(batch, preparer.Prepare(news.Feed{}, item, now.AddDate(0, 0, -days)))
	}
	if _, err := db.SaveArticles(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	grouper := pipeline.NewGrouper(db, preparer, pipeline.GroupOptions{Window: 60 * 24 * time.Hour})
	if err := grouper.GroupAll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}

	jobs, err := a.slots(db)
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs {
		if job.Name != "prune" {
			continue
		}
		if err := job.Run(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	left, err := db.Stories(t.Context(), store.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 || left[0].Title != "Drought empties the reservoir" {
		t.Errorf("left are %v, want the recent one", left)
	}
	if !strings.Contains(log.String(), "old articles removed") || !strings.Contains(log.String(), "articles=1") {
		t.Errorf("the log does not say how many went:\n%s", log.String())
	}

	a.cfg.Keep = 0
	if jobs, err = a.slots(db); err != nil || len(jobs) != 1 {
		t.Errorf("who keeps everything has the slots %v (%v), want the outbox's alone", jobs, err)
	}
}
