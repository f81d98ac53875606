package outbox_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kliping/internal/outbox"
	"kliping/internal/store"
)

// rude is a mail server that breaks the line where it is told to.
type rude struct {
	addr     *net.TCPAddr
	greeting string                 // empty: 220
	answer   func(line string) bool // to each command and each mail's text; false: it says 421, if it says anything, and hangs up
	goodbye  string                 // what it says then

	dials, took atomic.Int64
}

func openRude(t *testing.T, p *rude) *rude {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p.addr = l.Addr().(*net.TCPAddr)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.dials.Add(1)
			go p.serve(c)
		}
	}()
	return p
}

func (p *rude) serve(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	say := func(line string) { fmt.Fprint(c, line+"\r\n") }
	if p.greeting != "" {
		say(p.greeting)
		return
	}
	say("220 hello")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		command, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		if command == "DATA" {
			say("354 go on")
			for text := ""; text != ".\r\n"; line += text {
				if text, err = r.ReadString('\n'); err != nil {
					return
				}
			}
		}
		switch {
		case p.answer != nil && !p.answer(line):
			if p.goodbye != "" {
				say(p.goodbye)
			}
			return
		case command == "EHLO":
			say("250-rude")
			say("250 8BITMIME")
		case command == "QUIT":
			say("221 bye")
			return
		case command == "DATA":
			p.took.Add(1)
			fallthrough
		default:
			say("250 ok")
		}
	}
}

func (p *rude) mailer(t *testing.T) *outbox.Mailer {
	t.Helper()
	m, err := outbox.NewMailer(outbox.MailOptions{Host: "127.0.0.1", Port: p.addr.Port, Security: "none", From: "desk@kliping.example", Timeout: 2 * time.Second, Store: "epoch"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// A line that is broken before a mail is begun says that the server is down; later
// it may be about that mail.
func TestMailLineBreaks(t *testing.T) {
	at := func(command string) func(string) bool {
		return func(line string) bool { return !strings.HasPrefix(strings.ToUpper(line), command) }
	}
	for name, tt := range map[string]struct {
		*rude
		want string
	}{
		"421 as greeting":    {&rude{greeting: "421 too busy"}, "down"},
		"gone at EHLO":       {&rude{answer: func(string) bool { return false }}, "down"},
		"421 at once":        {&rude{answer: at("NOOP"), goodbye: "421 too busy"}, "down"},
		"421 of the sender":  {&rude{answer: at("MAIL"), goodbye: "421 too many"}, "broken"},
		"421 of recipient":   {&rude{answer: at("RCPT"), goodbye: "421 too many"}, "broken"},
		"gone at recipient":  {&rude{answer: at("RCPT")}, "broken"},
		"421 after the text": {&rude{answer: at("DATA"), goodbye: "421 too many"}, "broken"},
		"gone with the text": {&rude{answer: at("DATA")}, "broken"},
	} {
		t.Run(name, func(t *testing.T) {
			err := openRude(t, tt.rude).mailer(t).Send(t.Context(), "k", letter)
			if got := kindOf(err); got != tt.want || !strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("%s: %v; want %s", got, err, tt.want)
			}
		})
	}
}

// One mail over which the server breaks the line is nobody else's trouble.
func TestPoison(t *testing.T) {
	for name, p := range map[string]*rude{
		"gone with the text": {answer: func(line string) bool { return !strings.Contains(line, "POISON") }},
		"421 of recipient":   {answer: func(line string) bool { return !strings.Contains(line, "RCPT TO:<poison@") }, goodbye: "421 4.7.28 not so fast"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.Mailer = openRude(t, p).mailer(t)
			poison := letter
			poison.To, poison.Subject = "poison@example.org", "POISON"
			d.enqueue(outbox.KindMail, "poison", poison)
			for i := range 30 {
				d.mail(fmt.Sprintf("u%d@example.org", i))
			}
			d.run()
			d.want("at once", map[string]int{store.MessagesSent: 30, store.MessagesWaiting: 1})
			for range 7*24 + 3 {
				d.wait(time.Hour)
				d.run()
			}
			d.want("after a week", map[string]int{store.MessagesSent: 30, store.MessagesFailed: 1})
			if p.took.Load() != 30 {
				t.Errorf("the server took %d mails", p.took.Load())
			}
		})
	}
}

// One text to hundreds, over which the server breaks the line, keeps other mail
// waiting for minutes, and new mail for one at most.
func TestPoisonedDigest(t *testing.T) {
	d := newDesk(t)
	p := openRude(t, &rude{answer: func(line string) bool { return !strings.Contains(line, "POISON") }})
	d.Mailer = p.mailer(t)
	for i := range 100 {
		poison := letter
		poison.To, poison.Subject = fmt.Sprintf("u%d@example.org", i), "POISON"
		d.enqueue(outbox.KindMail, "digest to "+poison.To, poison)
	}
	d.mail("ann@example.org")
	minutes := 0
	for ; p.took.Load() == 0 && minutes < 1000; minutes++ {
		d.run()
		d.wait(time.Minute)
	}
	if minutes > 30 {
		t.Errorf("the other mail waited for %d minutes", minutes)
	}
	d.wait(12 * time.Hour)
	d.run()
	d.mail("bob@example.org")
	d.wait(time.Minute)
	d.run()
	if p.took.Load() != 2 {
		t.Error("new mail waits behind what was tried before")
	}
}

// A server that breaks the line over every mail is left alone after a few.
func TestServerBreaksEveryLine(t *testing.T) {
	d := newDesk(t)
	var well atomic.Bool
	p := openRude(t, &rude{answer: func(line string) bool { return well.Load() || !strings.HasPrefix(line, "DATA") }})
	d.Mailer = p.mailer(t)
	for i := range 60 {
		d.mail(fmt.Sprintf("u%d@example.org", i))
	}
	d.run()
	if got := p.dials.Load(); got != 5 {
		t.Errorf("%d connections at once, want 5", got)
	}
	untried := 0
	for _, m := range mustOutbox(t, d, store.MessagesWaiting) {
		if m.Attempts == 0 && m.Failing.IsZero() {
			untried++
		}
	}
	if untried != 55 {
		t.Errorf("%d mails count no attempt, want 55", untried)
	}
	for range 60 {
		d.wait(time.Minute)
		before := p.dials.Load()
		d.run()
		if got := p.dials.Load() - before; got > 5 {
			t.Errorf("%d connections in a round", got)
		}
	}
	d.want("after an hour", map[string]int{store.MessagesWaiting: 60})
	well.Store(true)
	d.wait(time.Hour)
	d.run()
	d.want("when it is well", map[string]int{store.MessagesSent: 60})
}

// While the server is down, one attempt stands for all that waits, none of which
// comes nearer to failing until the server was down for a week.
func TestOneAttemptStandsForAll(t *testing.T) {
	d := newDesk(t)
	p := openRude(t, &rude{greeting: "421 too busy"})
	d.Mailer = p.mailer(t)
	for i := range 500 {
		d.mail(fmt.Sprintf("u%d@example.org", i))
	}
	d.run()
	d.mail("late@example.org")
	d.run()
	if got := p.dials.Load(); got != 1 {
		t.Errorf("%d attempts in one round", got)
	}
	for range 6*24 + 12 {
		d.wait(time.Hour)
		d.run()
	}
	if got := p.dials.Load(); got > 6*24+20 {
		t.Errorf("%d attempts in six days and a half", got)
	}
	for _, m := range mustOutbox(t, d, store.MessagesWaiting) {
		if m.Attempts > 0 || !strings.Contains(m.Error, "too busy") || !m.Due.After(d.now()) {
			t.Fatalf("%+v", m)
		}
	}
	d.mail("new@example.org")
	for range 24 {
		d.wait(time.Hour)
		d.run()
	}
	d.want("after seven days and a half", map[string]int{store.MessagesFailed: 501, store.MessagesWaiting: 1})
	if n, err := d.DB.Resend(t.Context(), 0); err != nil || n != 502 {
		t.Errorf("sent again: %d, %v", n, err)
	}
	before := p.dials.Load()
	d.run()
	if got := p.dials.Load() - before; got != 1 {
		t.Errorf("%d attempts at a person's wish", got)
	}
}

// A webhook that never answers, with a backlog, keeps no other waiting, and is
// called once while it is down.
func TestDeadWebhookWithBacklog(t *testing.T) {
	d := newDesk(t)
	var calls atomic.Int64
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer hang.Close()
	called := make(chan time.Time, 1)
	good := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called <- time.Now() }))
	defer good.Close()
	for i := range 500 {
		d.enqueue(outbox.KindHook, fmt.Sprintf("dead %d", i), outbox.Hook{URL: hang.URL, Body: []byte("{}")})
	}
	d.wait(time.Second)
	d.enqueue(outbox.KindHook, "good", outbox.Hook{URL: good.URL, Body: []byte("{}")})
	start := time.Now()
	d.run()
	if took := (<-called).Sub(start); took > d.Caller.Timeout {
		t.Errorf("the good one was called after %s", took)
	}
	for range 8 {
		d.wait(time.Hour)
		d.run()
	}
	if got := calls.Load(); got != 9 {
		t.Errorf("%d calls in nine rounds, an hour apart", got)
	}
	d.want("after eight hours", map[string]int{store.MessagesWaiting: 500, store.MessagesSent: 1})
}

// What comes due while a slow webhook is being called does not wait for it, nor do
// others of its host.
func TestWebhooksDoNotWait(t *testing.T) {
	d := newDesk(t)
	d.Caller.Timeout = 20 * time.Second
	slow, answer := make(chan struct{}), make(chan struct{})
	called := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(slow)
			<-answer
			return
		}
		close(called)
	}))
	defer server.Close()
	d.enqueue(outbox.KindHook, "slow", outbox.Hook{URL: server.URL + "/slow", Body: []byte("{}")})
	done := make(chan struct{})
	go func() { defer close(done); d.run() }()
	<-slow
	d.enqueue(outbox.KindHook, "quick", outbox.Hook{URL: server.URL + "/quick", Body: []byte("{}")})
	select {
	case <-called:
	case <-time.After(10 * time.Second):
		t.Error("it waits for the slow one")
	}
	close(answer)
	<-done
	d.want("in the end", map[string]int{store.MessagesSent: 2})
}

// A call that a webhook always refuses lies behind the others.
func TestPoisonedCall(t *testing.T) {
	d := newDesk(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(outbox.HeaderKey) == "poison" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	d.enqueue(outbox.KindHook, "poison", outbox.Hook{URL: server.URL, Body: []byte("{}")})
	for i := range 30 {
		d.enqueue(outbox.KindHook, fmt.Sprint(i), outbox.Hook{URL: server.URL, Body: []byte("{}")})
	}
	d.run()
	d.wait(time.Minute)
	d.run()
	d.want("after a minute", map[string]int{store.MessagesSent: 30, store.MessagesWaiting: 1})

	// Also when it has failed for days, no other call waits long behind it.
	late := 0
	for i := range 3 * 24 * 60 {
		if i%587 == 0 {
			d.enqueue(outbox.KindHook, fmt.Sprint("later ", i), outbox.Hook{URL: server.URL, Body: []byte("{}")})
		}
		d.wait(time.Minute)
		d.run()
		if n, err := d.DB.Outbox(t.Context(), store.MessagesWaiting, 10); err != nil || len(n) > 1 {
			late++
		}
	}
	if late > 1 {
		t.Errorf("other calls waited over %d minutes of three days", late)
	}
}

// TestOffForAWeek puts off the daemon while the mail server is down, for longer than
// messages are tried: they have been tried once, so they are tried again.
func TestOffForAWeek(t *testing.T) {
	d := newDesk(t)
	up := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !up {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer server.Close()
	for i := range 5 {
		d.enqueue(outbox.KindHook, fmt.Sprint(i), outbox.Hook{URL: server.URL, Body: []byte("{}")})
	}
	d.run()
	d.wait(8 * 24 * time.Hour)
	d.run()
	d.want("after eight days", map[string]int{store.MessagesWaiting: 5})
	up = true
	d.wait(time.Hour)
	d.run()
	d.want("when it is up", map[string]int{store.MessagesSent: 5})
}
