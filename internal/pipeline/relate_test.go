package pipeline_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kliping/index"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// TestRelate brings two reports each of two events and one of a third, and wants them
// linked from either side and never merged; the same batch or another is all one.
func TestRelate(t *testing.T) {
	for name, together := range map[string]bool{"in one batch": true, "one by one": false} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			g := d.grouper()
			publish := func(outlet, title, text string) {
				d.publish(outlet, title, text)
				if !together {
					d.groupAll(g)
				}
			}
			publish("one.example", "At least 11 dead after 6.4 tremor in eastern Indonesia", "Rescuers dug through rubble in the town of Wekai on Tuesday after a 6.4 tremor toppled hundreds of houses. “We heard the sea roar,” said teacher Maria Lobo, who fled to the hills with her class. Sutopo Hendrawan of the disaster agency put the dead at 11 and said two navy ships were on their way to Palora.")
			publish("two.example", "Brightwell shareholders cheer Danish takeover", "Shares in soft-drinks maker Brightwell rose almost a third on Wednesday after Halvorsen of Denmark offered 4.7 billion dollars. Analyst Priya Raman of Colne Capital called it a full price. Mette Krog, who runs Halvorsen, flew to London to meet unions in Sheffield, where 1,900 work.")
			publish("five.example", "Halvorsen to buy Brightwell in $4.7 billion deal", "Danish brewer Halvorsen said on Wednesday it would buy Britain's Brightwell for $4.7 billion in cash. Chief executive Mette Krog expects savings of 180 million a year. Brightwell shares jumped 31 percent in London.")
			publish("three.example", "Lisbon's metro stands still", "Lisbon's metro stood still on Wednesday as drivers struck for shorter hours. Union leader Carlos Meireles said 94 percent took part. Transport minister Joana Seixas called the demands, worth 12 million euros, beyond reach.")
			publish("four.example", "Strong quake shakes Palora island", "A magnitude 6.4 earthquake struck off Palora in eastern Indonesia early on Tuesday, killing at least 11 people. The disaster agency's Sutopo Hendrawan said 430 houses had collapsed in Wekai and Tanamera. Power was cut across the island and the hospital in Wekai treated patients in tents.")
			d.groupAll(g)
			ix, err := pipeline.NewIndex(filepath.Join(t.TempDir(), "index"), d.db)
			if err != nil {
				t.Fatal(err)
			}
			defer ix.Close()
			if err := (&pipeline.Follower{DB: d.db, Index: ix}).FollowAll(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			found, err := pipeline.Search(t.Context(), d.db, ix, index.Query{})
			if err != nil || len(found.Stories) != 5 {
				t.Fatalf("%d stories, %v", len(found.Stories), err)
			}
			testDigestRelates(t, d)
			for _, s := range found.Stories {
				related, err := pipeline.Related(t.Context(), d.db, s.ID)
				if err != nil {
					t.Fatal(err)
				}
				want := 1
				if strings.Contains(s.Title, "metro") {
					want = 0
				}
				if len(related) != want || len(s.Related) != want {
					t.Errorf("%q is related to %d stories, and in a search to %d; want %d", s.Title, len(related), len(s.Related), want)
				}
				for _, r := range related {
					if why := r.Why.String(); !strings.Contains(why, "Wekai") && !strings.Contains(why, "Brightwell") {
						t.Errorf("%q is related to %q because it %s", s.Title, r.Story.Title, why)
					}
				}
			}
		})
	}
}

// testDigestRelates wants a digest to name what it does not tell itself, and the
// times of outlets as their clocks have them.
func testDigestRelates(t *testing.T, d *desk) {
	t.Helper()
	all := []store.Outlet{}
	for _, domain := range []string{"one.example", "two.example", "three.example", "four.example", "five.example"} {
		all = append(all, store.Outlet{Domain: domain, TimeZone: "Asia/Jakarta"})
	}
	if err := d.db.SetOutlets(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	named := map[int]int{}
	for _, limit := range []int{3, 5} {
		told, err := pipeline.Digest(t.Context(), d.db, pipeline.DigestOptions{Since: d.now().AddDate(-1, 0, 0), Until: d.now().AddDate(0, 0, 1), Limit: limit, Location: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range told.Stories {
			named[limit] += len(e.Related)
			if e.FirstZone != "Asia/Jakarta" {
				t.Errorf("%q: first told in the time of %q", e.Story.Title, e.FirstZone)
			}
			for _, r := range e.Related {
				if !strings.HasPrefix(r.Why, "shares ") || r.Title == "" {
					t.Errorf("%q names %+v", e.Story.Title, r)
				}
			}
		}
	}
	if named[3] == 0 || named[5] != 0 {
		t.Errorf("digests of 3 and 5 stories name %d and %d others, want some and none", named[3], named[5])
	}
}
