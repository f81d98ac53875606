package outbox

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"kliping/internal/news"
)

// MailOptions say by which server mail goes out, and from whom.
type MailOptions struct {
	Host     string
	Port     int    // 0: the usual one of Security
	Security string // starttls (and nothing else will do), tls, none
	User     string // empty: without signing in
	Password string
	From     string        // address, with a name or without
	Timeout  time.Duration // of one exchange with the server
	Store    string        // the store's epoch: makes Message-IDs differ from another Kliping's
	TLS      *tls.Config   // nil: the machine's own authorities
	Now      func() time.Time
}

// Mailer sends mail over one connection, which it keeps until Close. It is for one
// goroutine.
type Mailer struct {
	options MailOptions
	from    *mail.Address
	client  *gomail.Client
	open    bool
}

// usualPort is the port of each kind of security.
var usualPort = map[string]int{"starttls": 587, "tls": 465, "none": 25}

// NewMailer does not connect yet. The error wraps news.ErrInvalid.
func NewMailer(o MailOptions) (*Mailer, error) {
	from, err := mail.ParseAddress(o.From)
	if err != nil {
		return nil, fmt.Errorf("the sender %q is no address: %w", o.From, news.ErrInvalid)
	}
	if o.Port == 0 {
		o.Port = usualPort[o.Security]
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	options := []gomail.Option{gomail.WithPort(o.Port), gomail.WithTimeout(o.Timeout)}
	auth := gomail.SMTPAuthAutoDiscover
	switch o.Security {
	case "tls":
		options = append(options, gomail.WithSSL())
	case "none":
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
		auth = gomail.SMTPAuthPlainNoEnc // the configuration allows it on this machine only
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if o.TLS != nil {
		options = append(options, gomail.WithTLSConfig(o.TLS))
	}
	if o.User != "" {
		options = append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(o.User), gomail.WithPassword(o.Password))
	}
	client, err := gomail.NewClient(o.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("the mail server %s: %w: %w", o.Host, news.ErrInvalid, err)
	}
	return &Mailer{options: o, from: from, client: client}, nil
}

// Send sends one mail. Nil means that the server took it. The error is a
// *RefusedError if it never will, a *DownError if there is no talking to it, which
// is found out before the mail is begun, a *BrokenError if it breaks the line over
// this mail, and any other if it would not take this one now.
func (m *Mailer) Send(ctx context.Context, key string, letter Mail) error {
	msg, err := m.message(key, letter)
	if err != nil {
		return &RefusedError{err.Error()}
	}
	again := m.open
	for {
		if err := m.connect(ctx); err != nil {
			return m.down(err)
		}
		err = m.client.Send(msg)
		if err == nil || msg.IsDelivered() { // what fails after that is the connection
			if err != nil {
				m.Close()
			}
			return nil
		}
		var failed *gomail.SendError
		if !errors.As(err, &failed) || failed.Reason != gomail.ErrConnCheck {
			return m.judge(err)
		}
		m.Close() // the server had closed the idle connection; nothing was sent yet
		if !again {
			return m.down(err)
		}
		again = false
	}
}

func (m *Mailer) down(err error) error {
	return &DownError{Err: fmt.Errorf("mail server %s: %w", m.options.Host, err)}
}

func (m *Mailer) connect(ctx context.Context) error {
	if m.open {
		return nil
	}
	err := m.client.DialWithContext(ctx)
	m.open = err == nil
	return err
}

// Close ends the connection, if there is one; Send makes another.
func (m *Mailer) Close() {
	if m.open {
		_ = m.client.Close() // a server that does not answer QUIT is left all the same
		m.open = false
	}
}

// judge says what an error of sending means for what follows.
func (m *Mailer) judge(err error) error {
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		m.Close()
		return m.down(err)
	}
	said, _, _ := strings.Cut(failed.Error(), ", affected ")
	code := failed.ErrorCode()
	switch {
	case code == 0 || code == 421: // the connection broke, or the server is about to break it
		m.Close()
		return &BrokenError{errors.New("mail server " + m.options.Host + ": " + said)}
	case failed.Reason != gomail.ErrSMTPRcptTo && failed.Reason != gomail.ErrSMTPMailFrom:
		m.Close() // where a session stands after a refused DATA, servers do not agree
	}
	// A sender that is refused is the operator's to put right, and no mail is lost for it.
	if code >= 500 && (failed.Reason != gomail.ErrSMTPMailFrom || code == 552) {
		return &RefusedError{said}
	}
	return errors.New(said)
}

// message is the mail as it is sent.
func (m *Mailer) message(key string, letter Mail) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(m.from)
	if err := msg.To(letter.To); err != nil {
		return nil, fmt.Errorf("%q is no mail address: %w", letter.To, err)
	}
	msg.Subject(OneLine(letter.Subject))
	msg.SetDateWithValue(m.options.Now())
	msg.SetMessageIDWithValue(m.messageID(key))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's absence answers it
	if letter.ListID != "" {
		msg.SetGenHeader("List-Id", "<"+label(letter.ListID)+"."+m.domain()+">")
	}
	if letter.Unsubscribe != "" {
		msg.SetGenHeader("List-Unsubscribe", "<"+OneLine(letter.Unsubscribe)+">")
	}
	msg.SetBodyString(gomail.TypeTextPlain, letter.Text)
	if letter.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, letter.HTML)
	}
	return msg, nil
}

// messageID is made from the key, so that a message that is sent again is known.
func (m *Mailer) messageID(key string) string {
	sum := sha256.Sum256([]byte(m.options.Store + " " + key))
	return hex.EncodeToString(sum[:16]) + "@" + m.domain()
}

func (m *Mailer) domain() string {
	return m.from.Address[strings.LastIndexByte(m.from.Address, '@')+1:]
}

// OneLine is a stranger's text without what would end a line or a header.
func OneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// Unsubscribe is what a recipient writes to for an address to take them off what
// goes by the given name: a mailto: (RFC 6068) for List-Unsubscribe.
func Unsubscribe(address, name string) string {
	to := strings.ReplaceAll(escape(address), "%40", "@")
	return "mailto:" + to + "?subject=" + escape("unsubscribe "+OneLine(name))
}

// escape leaves nothing that means something in a mailto:.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// label is a list's name as a part of a domain name.
func label(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' {
			return r
		}
		return '-'
	}, strings.ToLower(s))
	return strings.Trim(s, "-.")
}
