package store

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

func testSlots(t *testing.T, w *world) {
	if last, err := w.db.LastSlot(t.Context(), "digest"); err != nil || last.Slot != "" {
		t.Errorf("before any: %q, %v", last.Slot, err)
	}
	nodes := []*DB{w.db, w.open()}
	for _, slot := range []string{"2026-10-25T02:30", "2026-10-26T02:30"} {
		var got atomic.Int32
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				ours, err := nodes[i%2].TakeSlot(t.Context(), "digest", slot)
				if err != nil {
					t.Error(err)
				}
				if ours {
					got.Add(1)
				}
			})
		}
		all.Wait()
		if n := got.Load(); n != 1 {
			t.Errorf("slot %s was taken %d times", slot, n)
		}
	}
	if ours, err := w.db.TakeSlot(t.Context(), "other", "2026-10-25T02:30"); err != nil || !ours {
		t.Errorf("another job's slot: %v, %v", ours, err)
	}
	if last, err := w.db.LastSlot(t.Context(), "digest"); err != nil || last.Slot != "2026-10-26T02:30" {
		t.Errorf("the last slot is %q, %v", last.Slot, err)
	}
}

// testSlotsAhead takes slots with a clock that is put right then.
func testSlotsAhead(t *testing.T, w *world) {
	take := func(slot string) time.Time {
		ours, err := w.db.TakeSlot(t.Context(), "digest", slot)
		if w.ok(err); !ours {
			t.Errorf("slot %s is not free", slot)
		}
		return w.now()
	}
	right := take("2026-10-25T02:30")
	w.wait(365 * 24 * time.Hour)
	wrong := take("2027-10-25T02:30")
	w.wait(-365 * 24 * time.Hour)
	if last, err := w.db.LastSlot(t.Context(), "digest"); err != nil || last.Slot != "2026-10-25T02:30" || !last.At.Equal(right) {
		t.Errorf("the last slot is %+v (%v)", last, err)
	}
	if n, err := w.db.SlotsAhead(t.Context(), "digest", w.now()); err != nil || n != 1 {
		t.Errorf("%d are ahead (%v), want 1", n, err)
	}
	if at, err := w.db.SlotTaken(t.Context(), "digest", "2027-10-25T02:30"); err != nil || !at.Equal(wrong) {
		t.Errorf("it was taken %v (%v), want %v", at, err, wrong)
	}
	if at, err := w.db.SlotTaken(t.Context(), "digest", "2027-10-26T02:30"); err != nil || !at.IsZero() {
		t.Errorf("one that is free was taken %v (%v)", at, err)
	}
	for _, d := range []struct {
		slot  string
		until time.Time
	}{{"a", right.Add(-time.Minute)}, {"b", wrong}} {
		_, err := w.db.Publish(t.Context(), Publication{Name: "morning", Slot: d.slot, Until: d.until})
		w.ok(err)
	}
	if until, err := w.db.LastDigest(t.Context(), "morning", time.Time{}); err != nil || !until.Equal(right.Add(-time.Minute)) {
		t.Errorf("the last digest ends %v (%v)", until, err)
	}
}

func testGiveBackSlot(t *testing.T, w *world) {
	const early, late = "2026-10-25T02:30", "2026-10-26T02:30"
	take := func(name, slot string, want bool) {
		t.Helper()
		if ours, err := w.db.TakeSlot(t.Context(), name, slot); err != nil || ours != want {
			t.Errorf("slot %s of %s: taken %v (%v), want %v", slot, name, ours, err, want)
		}
	}
	take("digest", early, true)
	take("digest", late, true)
	take("other", late, true)
	w.ok(w.open().GiveBackSlot(t.Context(), "digest", late))
	if last, err := w.db.LastSlot(t.Context(), "digest"); err != nil || last.Slot != early {
		t.Errorf("the last slot is %q, %v", last.Slot, err)
	}
	take("digest", early, false)
	take("other", late, false)
	take("digest", late, true)
	take("digest", late, false)
	w.ok(w.db.GiveBackSlot(t.Context(), "digest", "2030-01-01T00:00"))
}

func testOutbox(t *testing.T, w *world) {
	start := w.now()
	for _, m := range []Message{
		{Kind: "mail", Key: "k1", Payload: []byte("one")},
		{Kind: "mail", Key: "k1", Payload: []byte("one again")},
		{Kind: "hook", Key: "k2", Payload: []byte("two"), Due: start.Add(-time.Minute)},
		{Kind: "hook", Key: "k3", Due: start.Add(time.Hour)},
	} {
		w.ok(w.db.Enqueue(t.Context(), m))
	}
	claim := func() []Message {
		t.Helper()
		all, err := w.db.ClaimMessages(t.Context(), 10, time.Minute)
		w.ok(err)
		return all
	}
	got := claim()
	want := []Message{
		{ID: got[0].ID, Kind: "hook", Key: "k2", Way: "hook", Payload: []byte("two"), Due: start.Add(-time.Minute), Epoch: 1},
		{ID: got[1].ID, Kind: "mail", Key: "k1", Way: "mail", Payload: []byte("one"), Due: start, Epoch: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	hook, mail := got[0], got[1]
	if again := claim(); again != nil {
		t.Errorf("leased messages were given again: %+v", again)
	}
	w.ok(w.db.Sent(t.Context(), mail.ID, mail.Epoch))
	if err := w.db.Sent(t.Context(), mail.ID, mail.Epoch); !errors.Is(err, news.ErrFenced) {
		t.Errorf("sent twice: %v", err)
	}
	w.ok(w.db.Retry(t.Context(), hook.ID, hook.Epoch, start.Add(10*time.Minute), "refused"))
	if early := claim(); early != nil {
		t.Errorf("retried too early: %+v", early)
	}
	w.wait(10 * time.Minute)
	second := claim()
	if len(second) != 1 || second[0].Attempts != 1 || second[0].Error != "refused" || second[0].Epoch != 2 {
		t.Fatalf("tried again: %+v", second)
	}
	w.wait(2 * time.Minute) // the lease runs out
	third := claim()
	if len(third) != 1 || third[0].Epoch != 3 {
		t.Fatalf("after a lease ran out: %+v", third)
	}
	for name, err := range map[string]error{
		"sent":  w.db.Sent(t.Context(), hook.ID, second[0].Epoch),
		"retry": w.db.Retry(t.Context(), hook.ID, second[0].Epoch, start, "late"),
	} {
		if !errors.Is(err, news.ErrFenced) {
			t.Errorf("%s by a stale claim: %v", name, err)
		}
	}
	w.ok(w.db.Enqueue(t.Context(), Message{Key: "k1"}))
	w.ok(w.db.Sent(t.Context(), hook.ID, 3))
	if again := claim(); again != nil {
		t.Errorf("a sent message came again: %+v", again)
	}
}

func testDigests(t *testing.T, w *world) {
	for _, slot := range []string{"2026-05-01T07:00", "2026-05-02T07:00"} {
		w.ok(w.db.SaveDigest(t.Context(), "digest", slot, []byte(`{"title":"`+slot+`"}`)))
		w.wait(time.Hour)
	}
	w.ok(w.db.SaveDigest(t.Context(), "digest", "2026-05-01T07:00", []byte(`{}`)))
	got, err := w.db.Digests(t.Context(), "", 10)
	w.ok(err)
	want := []ArchivedDigest{{"digest", "2026-05-01T07:00", w.now()}, {"digest", "2026-05-02T07:00", w.now().Add(-time.Hour)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if body, err := w.db.Digest(t.Context(), "digest", "2026-05-01T07:00"); err != nil || string(body) != "{}" {
		t.Errorf("made again: %s, %v", body, err)
	}
}

func testEpoch(t *testing.T, w *world) {
	mine, err := w.db.Epoch(t.Context())
	w.ok(err)
	again, err := w.open().Epoch(t.Context())
	w.ok(err)
	if mine == "" || mine != again {
		t.Errorf("epoch is %q, then %q", mine, again)
	}
	other, err := Open(t.Context(), Options{Path: t.TempDir() + "/other.db"})
	w.ok(err)
	defer other.Close()
	if theirs, err := other.Epoch(t.Context()); err != nil || theirs == mine {
		t.Errorf("another store has epoch %q, %v", theirs, err)
	}
}

func testNewer(t *testing.T, w *world) {
	w.ok(w.db.write(t.Context(), "pretend", func(c *conn) error {
		_, err := c.exec(t.Context(), "INSERT INTO migrations (version, applied) VALUES (99, 0)")
		return err
	}))
	_, err := Open(t.Context(), w.opt)
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "version 99") || !strings.Contains(err.Error(), "use the newer program") {
		t.Errorf("a newer store: %v", err)
	}
}
