package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"kliping/internal/news"
	"kliping/internal/store"
)

// newsroom serves one text from several addresses, each an outlet of its own,
// and one other text.
func newsroom(t *testing.T, r *runner) {
	t.Helper()
	ferry := "The ferry between the two islands returned to service on Friday after repairs that took eleven weeks, the harbour office said. " +
		"Its owner paid for the work, which a yard on the mainland did, and tickets will cost what they cost before, at least until the spring."
	orchard := "Orchards in the valley will be picked two weeks early this year because of a dry summer, growers told the council on Tuesday evening."
	mux := http.NewServeMux()
	for i, item := range [][2]string{{"Ferry is back", ferry}, {"Ferry returns to service", ferry}, {"Islands have their ferry again", ferry}, {"Orchards are early", orchard}} {
		body := strings.ReplaceAll(rss(item), "test.example", fmt.Sprintf("outlet%d.example", i))
		mux.HandleFunc(fmt.Sprintf("/%d", i), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/rss+xml")
			_, _ = w.Write([]byte(body))
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for i := range 4 {
		r.run("feeds", "add", "--no-check", fmt.Sprintf("%s/%d", server.URL, i))
	}
	r.run("refresh")
}

// shown is what these tests look at of a story.
type shown struct {
	ID      news.StoryID
	Texts   int
	Members []news.Article
	Pinned  []news.ArticleID
	Origins []struct{ Article, From news.ArticleID }
	History []struct{ Who, Action, Note string }
}

// story finds the one story that a search gives.
func (r *runner) story(query string) (s shown) {
	r.t.Helper()
	var found struct{ Stories []struct{ ID news.StoryID } }
	r.json(&found, "search", query)
	if len(found.Stories) != 1 {
		r.t.Fatalf("search %s finds %d stories", query, len(found.Stories))
	}
	r.json(&s, "story", fmt.Sprint(found.Stories[0].ID))
	return s
}

func TestStoryDecisions(t *testing.T) {
	r := newRunner(t)
	newsroom(t, r)
	ferry, orchard := r.story(`"eleven weeks"`), r.story("orchards")
	if len(ferry.Members) != 3 || ferry.Texts != 1 || len(ferry.Origins) != 2 || len(ferry.History) != 0 {
		t.Fatalf("the story is %+v", ferry)
	}
	id, other := fmt.Sprint(ferry.ID), fmt.Sprint(orchard.ID)
	last := fmt.Sprint(ferry.Members[2].ID)
	says := func(out string, words ...string) {
		t.Helper()
		for _, w := range words {
			if !strings.Contains(out, w) {
				t.Errorf("%q is missing in:\n%s", w, out)
			}
		}
	}
	says(r.run("story", id), "3 articles, 1 text, 3 outlets", "most likely from article ")
	says(r.run("article", last), "origin    most likely from article ")
	says(r.run("story", id, "--history"), "Nothing was merged")

	out := r.run("story", "split", id, last, "--note", "another ferry")
	says(out, "1 article split off into story ")
	split := strings.TrimSpace(out[strings.LastIndex(out, " ")+1:])
	says(r.run("story", id), "2 articles")
	says(r.run("story", split), "1 article", "stays here, as a person decided")
	says(r.run("story", split, "--history"), "cli  split article "+last+" off story "+id, "another ferry")
	says(r.run("search", `"eleven weeks"`), split+"  ") // the index knows already

	r.run("reprocess")
	says(r.run("story", id), "2 articles")

	says(r.run("story", "merge", id, split, other), "merged into story "+id)
	r.run("reprocess")
	says(r.run("story", other), "4 articles, ")
	merged := r.story(`"eleven weeks"`)
	if len(merged.Pinned) != 4 || merged.Texts < 2 {
		t.Errorf("merged: %+v", merged)
	}
	if h := merged.History[0]; h.Who != "cli" || h.Action != "split" || h.Note != "another ferry" {
		t.Errorf("history begins with %+v", h)
	}
	says(r.run("story", "unpin", id), "4 articles free to be grouped again")
	r.run("refresh")
	if got := r.story(`"eleven weeks"`); len(got.Members) != 3 {
		t.Errorf("left to the machine, the story has %d articles", len(got.Members))
	}
	says(r.run("story", "pin", id, last), "1 article pinned to story "+id)

	for _, args := range [][]string{{"split", id, "999"}, {"merge", id, "999"}, {"merge", id, id}, {"pin", id, "no"}, {"merge", id}} {
		if _, _, err := r.try(append([]string{"story"}, args...)...); err == nil {
			t.Errorf("story %v: no error", args)
		}
	}
}

// A daemon goes on with what a person decided beside it.
func TestDecideBesideADaemon(t *testing.T) {
	r := newRunner(t)
	newsroom(t, r)
	ferry := r.story(`"eleven weeks"`)
	daemon, out := r.start("serve")
	eventually(t, 20*time.Second, "serving", func() error {
		if _, running := store.DaemonInfo(r.data); !running {
			return errors.New(out.String())
		}
		return nil
	})
	r.run("story", "split", fmt.Sprint(ferry.ID), fmt.Sprint(ferry.Members[0].ID))
	eventually(t, 20*time.Second, "the daemon's index knows", func() error {
		var found struct{ Stories []struct{ ID news.StoryID } }
		stdout, _, err := r.try("search", `"eleven weeks"`, "--json")
		if err == nil {
			err = json.Unmarshal([]byte(stdout), &found)
		}
		if err != nil || len(found.Stories) != 2 {
			return errors.Join(err, fmt.Errorf("%d stories", len(found.Stories)))
		}
		return nil
	})
	if err := daemon.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := daemon.Wait(); err != nil {
		t.Errorf("the daemon ends with %v\n%s", err, out)
	}
}
