package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"kliping/internal/fetch"
	"kliping/internal/news"
	"kliping/internal/outbox"
	"kliping/internal/schedule"
	"kliping/internal/store"
)

func newOutbox(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "outbox",
		Short:   "See what is to be sent and what could not be, and send it again",
		Example: "  kliping outbox list\n  kliping outbox list --failed\n  kliping outbox retry 12",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newOutboxList(a), newOutboxRetry(a))
	return cmd
}

// listed is a message as it is shown: without its text and secrets.
type listed struct {
	ID       int64     `json:"id"`
	Kind     string    `json:"kind"`
	Key      string    `json:"key"`
	To       string    `json:"to"`
	State    string    `json:"state"` // waiting, trying again, failed, sent
	Due      time.Time `json:"due,omitzero"`
	Attempts int       `json:"attempts"`
	Error    string    `json:"error,omitempty"`
	Sent     time.Time `json:"sent,omitzero"`
	Failed   time.Time `json:"failed,omitzero"`
}

func listedOf(m store.Message) listed {
	l := listed{ID: m.ID, Kind: m.Kind, Key: m.Key, Attempts: m.Attempts, Error: m.Error, Sent: m.Sent, Failed: m.Failed}
	var to struct{ To, URL string }
	_ = json.Unmarshal(m.Payload, &to) // one that is damaged is shown without
	l.To = to.To + news.RedactedURL(to.URL)
	switch {
	case !m.Sent.IsZero():
		l.State = "sent"
	case !m.Failed.IsZero():
		l.State = "failed"
	case m.Attempts > 0 || m.Error != "":
		l.State, l.Due = "trying again", m.Due
	default:
		l.State, l.Due = "waiting", m.Due
	}
	return l
}

func newOutboxList(a *app) *cobra.Command {
	var limit int
	var failed, sent, asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List messages that failed for good and those that wait or are tried again",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				states := []string{store.MessagesFailed, store.MessagesWaiting}
				switch {
				case failed:
					states = states[:1]
				case sent:
					states = []string{store.MessagesSent}
				}
				all := []listed{}
				for _, state := range states {
					messages, err := db.Outbox(ctx, state, limit)
					if err != nil {
						return err
					}
					for _, m := range messages {
						all = append(all, listedOf(m))
					}
				}
				if asJSON {
					return printJSON(a.stdout, all)
				}
				return a.printOutbox(all)
			})
		},
	}
	cmd.Flags().IntVarP(&limit, "limit", "n", 50, "how many of each state")
	cmd.Flags().BoolVar(&failed, "failed", false, "only what was given up")
	cmd.Flags().BoolVar(&sent, "sent", false, "only what was sent")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) printOutbox(all []listed) error {
	if len(all) == 0 {
		fmt.Fprintln(a.stdout, "nothing")
		return nil
	}
	mails := false
	rows := [][]string{{"ID", "STATE", "KIND", "TO", "WHEN", "TRIED", "WHY NOT"}}
	for _, l := range all {
		at := l.Due
		if at.IsZero() {
			at = l.Sent
		}
		if at.IsZero() {
			at = l.Failed
		}
		mails = mails || l.Kind == outbox.KindMail && l.Sent.IsZero()
		rows = append(rows, []string{strconv.FormatInt(l.ID, 10), l.State, l.Kind, l.To, stamp(at, a.location()), strconv.Itoa(l.Attempts), l.Error})
	}
	if err := printTable(a.stdout, rows); err != nil {
		return err
	}
	if mails && a.cfg.Mail.Host == "" {
		fmt.Fprintln(a.stdout, "mail waits because mail.host is not set")
	}
	return nil
}

func newOutboxRetry(a *app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "retry [ID…]",
		Short: "Have messages that failed, or wait to be tried again, sent now",
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return usage(cmd, fmt.Errorf("name messages by their ids, or all of them with --all"))
			}
			ids := []int64{0}
			if !all {
				ids = nil
			}
			for _, arg := range args {
				id, err := strconv.ParseInt(arg, 10, 64)
				if err != nil || id <= 0 {
					return usage(cmd, fmt.Errorf("%q is no id; 'kliping outbox list' lists them", arg))
				}
				ids = append(ids, id)
			}
			return a.withStore(cmd, func(ctx context.Context, db *store.DB) error {
				total := int64(0)
				for _, id := range ids {
					n, err := db.Resend(ctx, id)
					if err != nil {
						return err
					}
					total += n
				}
				fmt.Fprintf(a.stdout, "%s to be sent by the daemon\n", count(int(total), "message", "messages"))
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "all that failed or are tried again")
	return cmd
}

// newSending is what empties the outbox.
func (a *app) newSending(ctx context.Context, db *store.DB) (*schedule.Sending, error) {
	transport, err := a.newTransport()
	if err != nil {
		return nil, err
	}
	s := &schedule.Sending{
		DB: db, Margin: 2*a.cfg.Mail.Timeout + time.Minute, Lease: 4*a.cfg.Mail.Timeout + 7*time.Minute, Now: time.Now, Log: a.log,
		Caller: &outbox.Caller{Transport: transport, UserAgent: userAgent(a.cfg.Fetch.UserAgent), Now: time.Now},
	}
	if a.cfg.Mail.Host == "" {
		return s, nil
	}
	epoch, err := db.Epoch(ctx)
	if err != nil {
		return nil, err
	}
	m := a.cfg.Mail
	s.Mailer, err = outbox.NewMailer(outbox.MailOptions{
		Host: m.Host, Port: m.Port, Security: m.Security, User: m.User, Password: m.Password, From: m.From, Timeout: m.Timeout, Store: epoch,
	})
	return s, err
}

// newTransport is the guarded way out for webhooks.
func (a *app) newTransport() (*fetch.Transport, error) {
	allow, err := fetch.ParseAllow(a.cfg.Fetch.Allow)
	if err != nil {
		return nil, err
	}
	proxy, err := fetch.ParseProxy(a.cfg.Fetch.Proxy, a.env)
	if err != nil {
		return nil, err
	}
	return fetch.NewTransport(fetch.Options{Timeout: a.cfg.Fetch.Timeout, Allow: allow, Proxy: proxy}), nil
}
