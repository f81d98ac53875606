package outbox_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"kliping/internal/fetch"
	"kliping/internal/outbox"
	"kliping/internal/schedule"
	"kliping/internal/store"
)

// desk is an outbox, what empties it, and the time there.
type desk struct {
	*schedule.Sending
	t *testing.T

	mu    sync.Mutex
	clock time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, clock: time.Date(2026, 5, 1, 7, 0, 0, 0, time.UTC)}
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "kliping.db"), Now: d.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	d.Sending = &schedule.Sending{DB: db, Now: d.now, Log: slog.New(slog.DiscardHandler), Caller: &outbox.Caller{
		Transport: http.DefaultTransport, Timeout: 300 * time.Millisecond, Now: d.now,
	}}
	return d
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clock
}

func (d *desk) wait(w time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clock = d.clock.Add(w)
}

func (d *desk) enqueue(kind, key string, payload any) {
	d.t.Helper()
	b, err := json.Marshal(payload)
	if err == nil {
		h, _ := payload.(outbox.Hook)
		err = d.DB.Enqueue(d.t.Context(), store.Message{Kind: kind, Key: key, Way: h.URL, Payload: b})
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) mail(to string) {
	l := letter
	l.To = to
	d.enqueue(outbox.KindMail, "mail to "+to, l)
}

// run sends until nothing is due.
func (d *desk) run() {
	d.t.Helper()
	for _, send := range []func(context.Context) (int, error){d.Mails, d.Hooks} {
		for {
			n, err := send(d.t.Context())
			if err != nil {
				d.t.Fatal(err)
			}
			if n == 0 {
				break
			}
		}
	}
}

// states counts the messages in each state.
func (d *desk) states() map[string]int {
	d.t.Helper()
	all := map[string]int{}
	for _, state := range []string{store.MessagesWaiting, store.MessagesFailed, store.MessagesSent} {
		messages, err := d.DB.Outbox(d.t.Context(), state, 1000)
		if err != nil {
			d.t.Fatal(err)
		}
		if len(messages) > 0 {
			all[state] = len(messages)
		}
	}
	return all
}

func (d *desk) want(when string, want map[string]int) {
	d.t.Helper()
	if diff := cmp.Diff(want, d.states()); diff != "" {
		d.t.Errorf("%s: %s", when, diff)
	}
}

// A server that is down for an hour costs no mail, and no attempt for each of them.
func TestServerDownForAnHour(t *testing.T) {
	d, o := newDesk(t), opening{security: "none"}
	down, up := openPost(t, o), openPost(t, o)
	down.stop()
	d.Mailer = down.mailer(t, o)
	for i := range 50 {
		d.mail(fmt.Sprintf("u%d@example.org", i))
	}
	attempts := 0
	for range 60 {
		d.run()
		d.wait(time.Minute)
	}
	d.want("after an hour", map[string]int{store.MessagesWaiting: 50})
	for _, m := range mustOutbox(t, d, store.MessagesWaiting) {
		attempts = max(attempts, m.Attempts)
		if !strings.Contains(m.Error, "127.0.0.1") {
			t.Errorf("it does not say why: %q", m.Error)
		}
	}
	if attempts > 7 {
		t.Errorf("tried %d times within an hour; the pauses double", attempts)
	}
	d.Mailer = up.mailer(t, o)
	for range 61 {
		d.run()
		d.wait(time.Minute)
	}
	d.want("and another with the server up", map[string]int{store.MessagesSent: 50})
	seen := map[string]bool{}
	for _, m := range up.mails() {
		if id := m.messageID(); seen[id] {
			t.Errorf("%s came twice", id)
		} else {
			seen[id] = true
		}
	}
	if len(seen) != 50 || up.sessions > 10 {
		t.Errorf("%d mails in %d connections", len(seen), up.sessions)
	}
}

func mustOutbox(t *testing.T, d *desk, state string) []store.Message {
	t.Helper()
	all, err := d.DB.Outbox(t.Context(), state, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What a server refuses for one recipient is that one's matter only.
func TestRefusedRecipients(t *testing.T) {
	d, o := newDesk(t), opening{security: "none"}
	p := openPost(t, o)
	p.rcpt = func(to string) error {
		switch {
		case strings.HasPrefix(to, "nobody"):
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		case strings.HasPrefix(to, "full"):
			return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
		}
		return nil
	}
	d.Mailer = p.mailer(t, o)
	for _, to := range []string{"nobody@example.org", "full@example.org", "ann@example.org", "bob@example.org"} {
		d.mail(to)
	}
	d.enqueue(outbox.KindMail, "broken", outbox.Mail{To: "no address"})
	d.run()
	d.want("at once", map[string]int{store.MessagesFailed: 2, store.MessagesWaiting: 1, store.MessagesSent: 2})
	for range 7*24 + 3 {
		d.wait(time.Hour)
		d.run()
	}
	d.want("after a week", map[string]int{store.MessagesFailed: 3, store.MessagesSent: 2})
	why := ""
	for _, m := range mustOutbox(t, d, store.MessagesFailed) {
		why += m.Error + "\n"
	}
	for _, want := range []string{"no such user", "given up after 7 days", "mailbox full", "no address"} {
		if !strings.Contains(why, want) {
			t.Errorf("%q is not said:\n%s", want, why)
		}
	}
	p.rcpt = nil
	if n, err := d.DB.Resend(t.Context(), 0); err != nil || n != 3 {
		t.Errorf("sent again: %d, %v", n, err)
	}
	d.run()
	d.want("sent again by a person", map[string]int{store.MessagesFailed: 1, store.MessagesSent: 4})
}

// No webhook waits for another, however slow it is.
func TestSlowWebhook(t *testing.T) {
	d := newDesk(t)
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer hang.Close()
	var mu sync.Mutex
	keys := map[string]int{}
	good := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		keys[r.Header.Get(outbox.HeaderKey)]++
	}))
	defer good.Close()
	gone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }))
	defer gone.Close()
	for i := range 20 {
		for _, url := range []string{hang.URL, good.URL, gone.URL} {
			d.enqueue(outbox.KindHook, fmt.Sprintf("%s %d", url, i), outbox.Hook{URL: url, Body: []byte("{}")})
		}
	}
	start := time.Now()
	d.run()
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	d.want("at once", map[string]int{store.MessagesWaiting: 20, store.MessagesSent: 20, store.MessagesFailed: 20})
	for key, n := range keys {
		if n != 1 {
			t.Errorf("%s was called %d times", key, n)
		}
	}
}

// A webhook leads nobody inside: neither by its own address nor by a redirect.
func TestWebhookIsGuarded(t *testing.T) {
	d := newDesk(t)
	asked := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer inside.Close()
	d.Caller.Transport = fetch.NewTransport(fetch.Options{Timeout: time.Second})
	d.enqueue(outbox.KindHook, "k", outbox.Hook{URL: inside.URL, Body: []byte("{}")})
	d.run()
	waiting := mustOutbox(t, d, store.MessagesWaiting)
	if asked > 0 || len(waiting) != 1 || !strings.Contains(waiting[0].Error, "loopback") {
		t.Errorf("asked %d times, %+v", asked, waiting)
	}
}

// TestMain lets a test start itself as a process that sends what is in a store.
func TestMain(m *testing.M) {
	if path := os.Getenv("KLIPING_TEST_SEND_FROM"); path != "" {
		if err := sendFrom(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func sendFrom(path string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Path: path})
	if err != nil {
		return err
	}
	if err := db.ReleaseLeases(ctx); err != nil { // as the daemon does when it starts
		return err
	}
	port, err := strconv.Atoi(os.Getenv("KLIPING_TEST_SEND_TO"))
	if err != nil {
		return err
	}
	mailer, err := outbox.NewMailer(outbox.MailOptions{Host: "127.0.0.1", Port: port, Security: "none", From: "desk@kliping.example", Timeout: 5 * time.Second, Store: "epoch"})
	if err != nil {
		return err
	}
	fmt.Println("sending")
	s := &schedule.Sending{DB: db, Mailer: mailer, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	for n := 1; n > 0; {
		if n, err = s.Mails(ctx); err != nil {
			return err
		}
	}
	return nil
}

// A process that is killed between the server's 250 and its own commit sends that
// one mail again, under the same Message-ID, and loses none. The kills come at
// random moments, each right after the server took a mail.
func TestKilledWhileSending(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	const mails, kills = 60, 12
	p := openPost(t, opening{security: "none"})
	path := filepath.Join(t.TempDir(), "kliping.db")
	db, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i := range mails {
		l := letter
		l.To = fmt.Sprintf("u%d@example.org", i)
		b, err := json.Marshal(l)
		if err == nil {
			err = db.Enqueue(t.Context(), store.Message{Kind: outbox.KindMail, Key: l.To, Payload: b})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range kills {
		sendAndKill(t, p, path, len(p.mails())+i%4, time.Duration(i)*150*time.Microsecond)
	}
	sendAndKill(t, p, path, -1, 0)
	copies := map[string]int{}
	for _, m := range p.mails() {
		copies[m.messageID()+" "+m.to]++
	}
	twice := len(p.mails()) - len(copies)
	t.Logf("%d mails, %d kills: %d came twice", mails, kills, twice)
	if len(copies) != mails || twice > kills {
		t.Errorf("%d of %d mails came, %d copies too many for %d kills", len(copies), mails, twice, kills)
	}
}

// sendAndKill starts a process that sends, and kills it a moment after the server
// has more than so many mails; it lets it end by itself if after is negative.
func sendAndKill(t *testing.T, p *postOffice, path string, after int, moment time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "KLIPING_TEST_SEND_FROM="+path, "KLIPING_TEST_SEND_TO="+strconv.Itoa(p.addr.Port))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if after >= 0 {
		for deadline := time.Now().Add(10 * time.Second); len(p.mails()) <= after && time.Now().Before(deadline); {
			time.Sleep(50 * time.Microsecond)
		}
		time.Sleep(moment)
		_ = cmd.Process.Kill() // it may have sent all
	}
	if err := cmd.Wait(); err != nil && after < 0 {
		t.Fatal(err)
	}
}
