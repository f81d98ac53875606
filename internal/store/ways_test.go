package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testWays(t *testing.T, w *world) {
	start := w.now()
	for i, m := range []Message{{Key: "a1", Way: "a"}, {Key: "a2", Way: "a"}, {Key: "b1", Way: "b"}, {Kind: "mail", Key: "m"}} {
		m.Kind, m.Due = map[bool]string{true: "hook", false: m.Kind}[m.Kind == ""], start.Add(time.Duration(i-10)*time.Minute)
		w.ok(w.db.Enqueue(t.Context(), m))
	}
	due := func(want ...string) {
		t.Helper()
		got, err := w.db.DueWays(t.Context(), "hook")
		w.ok(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	claim := func(way string, want ...string) (all []Message) {
		t.Helper()
		all, err := w.db.ClaimMessages(t.Context(), 10, time.Minute, way)
		w.ok(err)
		var got []string
		for _, m := range all {
			got = append(got, m.Key)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		return all
	}
	pause := func(attempts int) time.Duration { return time.Duration(attempts+1) * time.Hour }
	due("a", "b")
	got := claim("a", "a1", "a2")
	due("b")
	w.ok(w.db.Retry(t.Context(), got[0].ID, got[0].Epoch, start, "no answer"))
	w.ok(w.db.Return(t.Context(), got[1].ID, got[1].Epoch))
	claim("a", "a2", "a1") // what was tried lies behind
	w.ok(w.db.ReleaseLeases(t.Context()))

	// A way that is down is not gone, and what waits for it says why.
	for range 2 { // another node finds it down, too
		down, err := w.db.PutOff(t.Context(), "a", "it is down", pause)
		w.ok(err)
		if diff := cmp.Diff(Way{"a", 1, start, start.Add(time.Hour), "it is down"}, down); diff != "" {
			t.Error(diff)
		}
	}
	due("b")
	claim("a")
	waiting, err := w.db.Outbox(t.Context(), MessagesWaiting, 10)
	w.ok(err)
	for _, m := range waiting {
		if wants := m.Way == "a"; m.Due.Equal(start.Add(time.Hour)) != wants || (m.Error == "it is down") != wants {
			t.Errorf("%+v", m)
		}
	}
	w.wait(time.Hour)
	due("b", "a") // what is not known to be down goes first
	down, err := w.db.PutOff(t.Context(), "a", "still", pause)
	w.ok(err)
	if diff := cmp.Diff(Way{"a", 2, start, start.Add(3 * time.Hour), "still"}, down); diff != "" {
		t.Error(diff)
	}
	w.ok(w.db.WayIsUp(t.Context(), "a"))
	due("a", "b")

	// A person, or a start, has it tried at once.
	for _, again := range []func() error{
		func() error { return w.db.ReleaseLeases(t.Context()) },
		func() error {
			n, err := w.db.Resend(t.Context(), got[1].ID)
			if n != 1 {
				t.Errorf("%d messages sent again", n)
			}
			return err
		},
	} {
		_, err = w.db.PutOff(t.Context(), "a", "down again", pause)
		w.ok(err)
		due("b")
		w.ok(again())
		if all, err := w.db.DueWays(t.Context(), "hook"); err != nil || len(all) != 2 {
			t.Errorf("%v, %v", all, err)
		}
		w.ok(w.db.WayIsUp(t.Context(), "a"))
	}

	// A clock that was ahead puts nothing off for longer, and makes nothing older.
	const year = 365 * 24 * time.Hour
	w.wait(year)
	_, err = w.db.PutOff(t.Context(), "a", "down next year", pause)
	w.ok(err)
	w.wait(-year)
	due("b", "a")
	down, err = w.db.PutOff(t.Context(), "a", "down", pause)
	w.ok(err)
	if !down.Failing.Equal(w.now()) || down.Until.After(w.now().Add(2*time.Hour)) {
		t.Errorf("%+v at %v", down, w.now())
	}
	due("b")
	w.ok(w.db.WayIsUp(t.Context(), "a"))

	w.ok(w.db.Enqueue(t.Context(), Message{Kind: "hook", Key: "a3", Way: "a", Due: w.now().Add(time.Minute)}))
	if n, err := w.db.FailWay(t.Context(), "a", w.now(), "given up"); err != nil || n != 2 {
		t.Errorf("%d given up, %v", n, err)
	}
	if failed, err := w.db.Outbox(t.Context(), MessagesFailed, 10); err != nil || len(failed) != 2 || failed[0].Error != "given up" || failed[0].Way != "a" {
		t.Errorf("%+v, %v", failed, err)
	}
}

// testWaysOfOlderPrograms queues messages as a program does that knows no ways, and
// that may still run as another node.
func testWaysOfOlderPrograms(t *testing.T, w *world) {
	for key, m := range map[string]Message{
		"m":      {Kind: "mail", Payload: []byte(`{"to":"ann@example.org"}`)},
		"h":      {Kind: "webhook", Payload: []byte(`{"url":"https://a.example/h?a=1\u0026b=bücher"}`)},
		"broken": {Kind: "webhook", Payload: []byte(`{"url`)},
	} {
		w.ok(w.db.write(t.Context(), "queue", func(c *conn) error {
			_, err := c.exec(t.Context(), "INSERT INTO outbox (kind, key, payload, due) VALUES (?, ?, ?, ?)", m.Kind, key, m.Payload, millis(w.now()))
			return err
		}))
	}
	w.ok(w.db.TryWays(t.Context()))
	for way, key := range map[string]string{"mail": "m", "https://a.example/h?a=1&b=bücher": "h", "webhook": "broken"} {
		all, err := w.db.ClaimMessages(t.Context(), 10, time.Minute, way)
		w.ok(err)
		if len(all) != 1 || all[0].Key != key {
			t.Errorf("by %s goes %+v, want %s", way, all, key)
		}
	}
}
