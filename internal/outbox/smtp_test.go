package outbox_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"kliping/internal/outbox"
)

// postOffice is a mail server on loopback, by another hand than the client.
type postOffice struct {
	*smtp.Server
	addr *net.TCPAddr
	tls  *tls.Config // what a client needs to trust it
	stop func()

	mu       sync.Mutex
	got      []received
	sessions int
	rcpt     func(to string) error // nil: takes all
	data     func() error          // likewise
	from     func() error          // likewise
}

type received struct {
	to, user string
	raw      []byte
}

// opening says how a post office is reached.
type opening struct {
	security string
	auth     bool
	idle     time.Duration // after which the server closes a connection; 0: never
}

func openPost(t *testing.T, o opening) *postOffice {
	t.Helper()
	server, client := certificate(t)
	p := &postOffice{tls: client}
	p.Server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.sessions++
		s := &session{post: p}
		if o.auth {
			return authSession{s}, nil
		}
		return s, nil
	}))
	p.ErrorLog = log.New(io.Discard, "", 0)
	p.ReadTimeout = o.idle
	p.AllowInsecureAuth = o.security == "none"
	if o.security == "starttls" {
		p.TLSConfig = server
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().(*net.TCPAddr)
	if o.security == "tls" {
		l = tls.NewListener(l, server)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = p.Serve(l) }()
	p.stop = func() { l.Close(); p.Close(); <-done } // the server may not have begun to serve yet
	t.Cleanup(p.stop)
	return p
}

// mailer sends to the post office.
func (p *postOffice) mailer(t *testing.T, o opening) *outbox.Mailer {
	t.Helper()
	options := outbox.MailOptions{
		Host: "127.0.0.1", Port: p.addr.Port, Security: o.security, From: "Kliping <desk@kliping.example>", Timeout: 5 * time.Second,
		Store: "epoch", TLS: p.tls, Now: func() time.Time { return time.Date(2026, 5, 1, 7, 0, 0, 0, time.UTC) },
	}
	if o.auth {
		options.User, options.Password = "desk", "s3cret"
	}
	m, err := outbox.NewMailer(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func (p *postOffice) mails() []received {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]received(nil), p.got...)
}

type session struct {
	post *postOffice
	to   string
	user string
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) Mail(string, *smtp.MailOptions) error {
	if s.post.from != nil {
		return s.post.from()
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if s.post.rcpt != nil {
		return s.post.rcpt(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.post.data != nil {
		if err := s.post.data(); err != nil {
			return err
		}
	}
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.got = append(s.post.got, received{s.to, s.user, bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))})
	return nil
}

// authSession takes nothing from who did not sign in.
type authSession struct{ *session }

func (s authSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s authSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "desk" || password != "s3cret" {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}), nil
}

func (s authSession) Mail(from string, o *smtp.MailOptions) error {
	if s.user == "" {
		return smtp.ErrAuthRequired
	}
	return s.session.Mail(from, o)
}

// certificate makes a server's certificate, and a client's configuration that
// trusts it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
}

// messageID is the value of a received mail's Message-ID.
func (r received) messageID() string {
	head, _, _ := strings.Cut(string(r.raw), "\n\n")
	head = strings.ReplaceAll(head, "\n ", " ")
	for line := range strings.SplitSeq(head, "\n") {
		if value, ok := strings.CutPrefix(line, "Message-ID: "); ok {
			return value
		}
	}
	return ""
}
