package outbox_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"kliping/internal/outbox"
)

var letter = outbox.Mail{
	To: "Ann Ž <ann@example.org>", Subject: "Pelabuhan: réforme – 港湾\r\nBcc: x@y.example", Text: "Gesagt: „So.“\n.\nhttps://kliping.example/story/1\n", HTML: "<p>Gesagt: „So.“</p>",
	Unsubscribe: "mailto:desk@kliping.example?subject=unsubscribe%20Ports", ListID: "watch-1",
}

// A mail arrives whole, whatever way the line to the server is kept private.
func TestMail(t *testing.T) {
	for name, o := range map[string]opening{
		"plain": {security: "none"}, "plain, signed in": {security: "none", auth: true}, "STARTTLS": {security: "starttls"}, "STARTTLS, signed in": {security: "starttls", auth: true}, "TLS, signed in": {security: "tls", auth: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := openPost(t, o)
			m := p.mailer(t, o)
			for range 3 {
				if err := m.Send(t.Context(), "watch/1/c7/x", letter); err != nil {
					t.Fatal(err)
				}
			}
			got, sessions := p.mails(), 1
			if o.security == "starttls" {
				sessions = 2 // that server begins another when the line is private
			}
			if len(got) != 3 || p.sessions != sessions {
				t.Fatalf("%d mails in %d sessions, want 3 in %d", len(got), p.sessions, sessions)
			}
			if got[0].to != "ann@example.org" || (got[0].user != "") != o.auth {
				t.Errorf("to %s, from user %q", got[0].to, got[0].user)
			}
			checkLetter(t, got[0])
			if id := got[0].messageID(); id == "" || id != got[2].messageID() || !strings.HasSuffix(id, "@kliping.example>") {
				t.Errorf("Message-IDs %q and %q", id, got[2].messageID())
			}
		})
	}
}

func checkLetter(t *testing.T, got received) {
	t.Helper()
	parsed, err := mail.ReadMessage(bytes.NewReader(got.raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	if err != nil || subject != "Pelabuhan: réforme – 港湾 Bcc: x@y.example" || parsed.Header.Get("Bcc") != "" {
		t.Errorf("subject %q, %v", subject, err)
	}
	for name, want := range map[string]string{
		"From": `"Kliping" <desk@kliping.example>`, "Auto-Submitted": "auto-generated", "List-Id": "<watch-1.kliping.example>",
		"List-Unsubscribe": "<" + letter.Unsubscribe + ">", "List-Unsubscribe-Post": "", "Date": "Fri, 01 May 2026 07:00:00 +0000",
	} {
		if is := parsed.Header.Get(name); is != want {
			t.Errorf("%s: %q, want %q", name, is, want)
		}
	}
	kind, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	var parts []string
	for r := multipart.NewReader(parsed.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part.Header.Get("Content-Type")+"\n"+strings.ReplaceAll(strings.TrimRight(string(body), "\r\n"), "\r\n", "\n"))
	}
	want := []string{"text/plain; charset=UTF-8\n" + strings.TrimSpace(letter.Text), "text/html; charset=UTF-8\n" + letter.HTML}
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Error(diff)
	}
}

// What a server says decides what becomes of a mail, and of the next.
func TestMailRefused(t *testing.T) {
	refusal := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "no, says the server"}
	}
	o := opening{security: "none"}
	for name, tt := range map[string]struct {
		set  func(*postOffice)
		want string
	}{
		"550 of the recipient": {func(p *postOffice) { p.rcpt = func(string) error { return refusal(550) } }, "refused"},
		"450 of the recipient": {func(p *postOffice) { p.rcpt = func(string) error { return refusal(450) } }, "again"},
		"554 of the text":      {func(p *postOffice) { p.data = func() error { return refusal(554) } }, "refused"},
		"451 of the text":      {func(p *postOffice) { p.data = func() error { return refusal(451) } }, "again"},
		"550 of the sender":    {func(p *postOffice) { p.from = func() error { return refusal(550) } }, "again"},
		"421":                  {func(p *postOffice) { p.rcpt = func(string) error { return refusal(421) } }, "broken"},
	} {
		t.Run(name, func(t *testing.T) {
			p := openPost(t, o)
			tt.set(p)
			m := p.mailer(t, o)
			err := m.Send(t.Context(), "k", letter)
			if got := kindOf(err); got != tt.want || !strings.Contains(err.Error(), "no, says the server") {
				t.Errorf("%s: %v; want %s", got, err, tt.want)
			}
			p.rcpt, p.data, p.from = nil, nil, nil
			if err := m.Send(t.Context(), "k2", letter); err != nil {
				t.Errorf("the next: %v", err)
			}
		})
	}
}

func kindOf(err error) string {
	var refused *outbox.RefusedError
	var down *outbox.DownError
	var broken *outbox.BrokenError
	switch {
	case err == nil:
		return "sent"
	case errors.As(err, &refused):
		return "refused"
	case errors.As(err, &down):
		return "down"
	case errors.As(err, &broken):
		return "broken"
	}
	return "again"
}

func TestMailServerIsDown(t *testing.T) {
	o := opening{security: "none"}
	t.Run("nobody listens", func(t *testing.T) {
		p := openPost(t, o)
		m := p.mailer(t, o)
		p.stop()
		if err := m.Send(t.Context(), "k", letter); kindOf(err) != "down" {
			t.Errorf("%v", err)
		}
	})
	t.Run("it hangs", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		m, err := outbox.NewMailer(outbox.MailOptions{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: "none", From: "a@b.example", Timeout: 200 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := m.Send(t.Context(), "k", letter); kindOf(err) != "down" || time.Since(start) > 5*time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
	t.Run("it closed an idle connection", func(t *testing.T) {
		p := openPost(t, opening{security: "none", idle: 50 * time.Millisecond})
		m := p.mailer(t, o)
		for range 2 {
			if err := m.Send(t.Context(), "k", letter); err != nil {
				t.Fatal(err)
			}
			time.Sleep(150 * time.Millisecond)
		}
		if p.sessions != 2 || len(p.mails()) != 2 {
			t.Errorf("%d sessions, %d mails", p.sessions, len(p.mails()))
		}
	})
	t.Run("it has no STARTTLS", func(t *testing.T) {
		p := openPost(t, o)
		if err := p.mailer(t, opening{security: "starttls"}).Send(t.Context(), "k", letter); kindOf(err) != "down" || len(p.mails()) != 0 {
			t.Errorf("%v, %d mails", err, len(p.mails()))
		}
	})
	t.Run("it does not know the password", func(t *testing.T) {
		o := opening{security: "starttls", auth: true}
		p := openPost(t, o)
		m, err := outbox.NewMailer(outbox.MailOptions{Host: "127.0.0.1", Port: p.addr.Port, Security: "starttls", From: "a@b.example", Timeout: time.Second, TLS: p.tls, User: "desk", Password: "other"})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Send(t.Context(), "k", letter); kindOf(err) != "down" || strings.Contains(err.Error(), "other") {
			t.Errorf("%v", err)
		}
	})
}

// A name comes whole to who reads what it is unsubscribed from.
func TestUnsubscribe(t *testing.T) {
	for _, name := range []string{"Ports", "R&D = 100% + more?", "Häfen #1; a/b", "two\r\nlines"} {
		got := outbox.Unsubscribe("news+list&x@kliping.example", name)
		u, err := url.Parse(got)
		if err != nil || u.Query().Get("subject") != "unsubscribe "+outbox.OneLine(name) || strings.Contains(got, "+") {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		if to, err := url.PathUnescape(u.Opaque); err != nil || to != "news+list&x@kliping.example" {
			t.Errorf("to %q, %v", to, err)
		}
	}
}
