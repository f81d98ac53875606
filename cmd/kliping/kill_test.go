package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"kliping/internal/api"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
	"kliping/internal/wiresim"
)

// kills is how often TestKill kills the daemon in the middle of its work.
const kills = 20

// shownByFeed is how many of its newest items a feed of the world shows.
const shownByFeed = 20

// TestKill kills the daemon again and again while it takes in what a world
// publishes, and looks whether an article was lost or doubled, a story split, or
// the index left behind.
func TestKill(t *testing.T) {
	begin := time.Now().Add(-12 * time.Hour)
	world := wiresim.New(wiresim.Options{Seed: 3, Outlets: 24, Start: begin})
	server := httptest.NewServer(world)
	defer server.Close()
	world.Step(begin.Add(time.Hour))
	r := newRunner(t)
	r.env = append(r.env, "KLIPING_FETCH_SCHEDULE=@every 1s", "KLIPING_GROUP_BATCH=20")
	for _, url := range world.FeedURLs(server.URL) {
		r.run("feeds", "add", "--no-check", url)
	}
	dice := rand.New(rand.NewPCG(1, 2))
	for i := range kills {
		world.Step(begin.Add(time.Duration(i+1) * 30 * time.Minute))
		daemon, _ := r.start("serve")
		time.Sleep(150*time.Millisecond + time.Duration(dice.IntN(700))*time.Millisecond)
		if err := daemon.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = daemon.Wait() // it was killed: that is its error
	}
	restarted := time.Now()
	_, out := r.start("serve")
	var status api.Status
	eventually(t, time.Minute, "the index equals the store", func() error {
		var err error
		status, err = settledStatus(t, r, len(world.FeedURLs(server.URL)), restarted)
		return err
	})
	t.Logf("%d articles in %d stories, settled %v after the last restart", status.Articles, status.Stories, time.Since(restarted).Round(time.Millisecond))
	if t.Failed() {
		t.Log(out)
	}
	compareWithWorld(t, r, world, status)
}

// settledStatus is the daemon's status once every feed was polled since and all
// is grouped and indexed, or an error that says what is not done.
func settledStatus(t *testing.T, r *runner, feeds int, since time.Time) (api.Status, error) {
	t.Helper()
	info, running := store.DaemonInfo(r.data)
	if !running {
		return api.Status{}, errors.New("the daemon is not up yet")
	}
	s, err := api.NewClient(daemonURL(info), "").Status(t.Context())
	switch {
	case err != nil:
		return s, err
	case s.Ungrouped > 0 || s.Indexed != s.LastChange || s.Feeds != feeds:
		return s, fmt.Errorf("not settled: %+v", s)
	}
	var list []news.Feed
	r.json(&list, "feeds", "list")
	for _, f := range list {
		if f.LastPoll.Before(since) {
			return s, fmt.Errorf("feed %d waits to be polled", f.ID)
		}
	}
	return s, nil
}

// compareWithWorld looks whether every item that the world's feeds show is an
// article exactly once, and whether plain copies are together.
func compareWithWorld(t *testing.T, r *runner, world *wiresim.World, status api.Status) {
	t.Helper()
	seen := map[string]int{} // by URL
	story := map[string]news.StoryID{}
	for id := 1; id <= status.Articles+500; id++ {
		stdout, _, err := r.try("article", fmt.Sprint(id), "--json")
		if err != nil {
			continue // ids have gaps where a transaction was cut off
		}
		var a api.Article
		if err := json.Unmarshal([]byte(stdout), &a); err != nil {
			t.Fatal(err)
		}
		seen[a.URL]++
		story[a.URL] = a.Story
	}
	if len(seen) != status.Articles {
		t.Errorf("%d articles by URL, %d in the store", len(seen), status.Articles)
	}
	newest := map[string]int{}
	for _, truth := range slices.Backward(world.Truth()) {
		if newest[truth.Outlet]++; newest[truth.Outlet] <= shownByFeed && seen[truth.URL] == 0 {
			t.Errorf("%s stands in its feed and is not in the store", truth.URL)
		}
	}
	var split, together int
	first := map[string]news.StoryID{}
	for _, truth := range world.Truth() {
		if seen[truth.URL] > 1 {
			t.Errorf("%s is there %d times", truth.URL, seen[truth.URL])
		}
		if !slices.Contains([]string{"original", "copy", "soiled"}, truth.Relation) || story[truth.URL] == 0 {
			continue
		}
		key := truth.Story + " " + truth.Language
		switch {
		case first[key] == 0:
			first[key] = story[truth.URL]
		case first[key] != story[truth.URL]:
			split++
			t.Logf("%s is in story %d, another copy in %d", truth.URL, story[truth.URL], first[key])
		default:
			together++
		}
	}
	if split > 0 || together == 0 {
		t.Errorf("%d plain copies are parted from their story, %d are together", split, together)
	}
	var found pipeline.Found
	r.json(&found, "search", "--limit", "1", "a OR the OR de OR la")
	if found.Total == 0 {
		t.Error("the index finds nothing")
	}
}
