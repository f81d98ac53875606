package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"kliping/internal/digest"
	"kliping/internal/meant"
	"kliping/internal/news"
	"kliping/internal/outbox"
	"kliping/internal/store"
)

// Digester makes, drafts and sends the digests of plans.
type Digester struct {
	DB       *store.DB
	Location *time.Location // of people
	Window   time.Duration  // of a first digest, which follows no other; default 24 hours
	Limit    int            // of plans without one
	BaseURL  string         // where the pages are reached from mails; empty: no links
	From     string         // who sends the mails; empty: mails offer no address to write off to
	Zone     func(outlet string) *time.Location
}

// spare is how many more stories a draft holds than are told, in parts of those:
// a person who drops some can take in others.
const spare = 2

// settle is how long before its time a plan's digest ends: what was fetched in the last
// moments may still be on its way into the store and its story, and stands in the next.
const settle = 2 * time.Minute

// Make makes the digest of a plan for one of its slots, as of a time. It tells times
// as many stories as the plan does.
func (m *Digester) Make(ctx context.Context, p store.DigestPlan, slot string, at time.Time, times int) (digest.Digest, error) {
	opt := DigestOptions{
		Title: cmp.Or(p.Title, p.Name), Plan: p.Name, Slot: slot, Until: at.Add(-settle), ByPublished: p.By == "published", Limit: times * m.limit(p),
		Location: m.Location, BaseURL: m.BaseURL, Show: p.Show, Outlets: p.Outlets, Zone: m.Zone,
	}
	err := m.settled(ctx, &opt)
	if err == nil {
		err = m.span(ctx, p, &opt)
	}
	if err == nil {
		err = m.of(ctx, p, &opt)
	}
	if err != nil {
		return digest.Digest{}, err
	}
	return Digest(ctx, m.DB, opt)
}

func (m *Digester) limit(p store.DigestPlan) int { return cmp.Or(p.Limit, m.Limit, 20) }

// stuck is how long an article may wait to be grouped and hold digests up.
const stuck = 24 * time.Hour

// settled ends the window before the first article that waits to be grouped: it
// will be in a story of the next.
func (m *Digester) settled(ctx context.Context, opt *DigestOptions) error {
	first, err := m.DB.FirstWaiting(ctx)
	if !first.IsZero() && first.Before(opt.Until) && opt.Until.Sub(first) < stuck {
		opt.Until = first
	}
	return err
}

// span sets where the window begins, and what was told before.
func (m *Digester) span(ctx context.Context, p store.DigestPlan, opt *DigestOptions) error {
	last, err := m.DB.LastDigest(ctx, p.Name, p.Added)
	if err != nil {
		return err
	}
	if last.After(opt.Until) {
		opt.Until = last // a draft that ends before the last digest is not sent
	}
	opt.Since, opt.Before = last, last
	window := cmp.Or(m.Window, 24*time.Hour)
	if p.Window != "" {
		if window, err = PlanDuration(p.Window); err != nil {
			return err
		}
	}
	if p.Window != "" || last.IsZero() {
		opt.Since = opt.Until.Add(-window)
	}
	return nil
}

// of sets which stories the plan is of.
func (m *Digester) of(ctx context.Context, p store.DigestPlan, opt *DigestOptions) error {
	opt.Query = p.Query
	if p.Watch == "" {
		return nil
	}
	w, err := m.DB.FindWatch(ctx, p.Watch)
	if err != nil {
		return err
	}
	opt.Query, opt.Watch, opt.Zoned = w.Query, w.Name, WatchZone(&w, m.Location)
	return nil
}

// Draft makes a draft for a slot, now, unless there is one, or a digest, and reports
// whether it did.
func (m *Digester) Draft(ctx context.Context, p store.DigestPlan, slot string, now time.Time) (made bool, err error) {
	if _, err := m.DB.Draft(ctx, p.Name, slot); !errors.Is(err, news.ErrNotFound) {
		return false, err
	}
	d, err := m.Make(ctx, p, slot, now, spare)
	if err != nil {
		return false, err
	}
	body, err := rendered(d, "json")
	if err != nil {
		return false, err
	}
	curation, err := json.Marshal(digest.Uncurated(d, m.limit(p)))
	if err != nil {
		return false, err
	}
	return m.DB.AddDraft(ctx, store.Draft{Name: p.Name, Slot: slot, Body: []byte(body), Curation: curation})
}

// ReadDraft reads a draft and what was made of it.
func ReadDraft(row store.Draft) (d digest.Digest, c digest.Curation, err error) {
	if err = json.Unmarshal(row.Body, &d); err == nil {
		err = json.Unmarshal(row.Curation, &c)
	}
	if err != nil {
		err = fmt.Errorf("draft %s/%s: %w: %w", row.Name, row.Slot, news.ErrDamaged, err)
	}
	d.Slot = row.Slot // that of its plan now, which may have been moved
	return d, c, err
}

// CurationJSON is a curation of a draft as the store keeps it, if it is one.
func CurationJSON(draft digest.Digest, c digest.Curation) ([]byte, error) {
	if err := c.Check(draft); err != nil {
		return nil, err
	}
	return json.Marshal(c)
}

// Curated is the draft as it would go out.
func Curated(row store.Draft) (digest.Digest, error) {
	d, c, err := ReadDraft(row)
	if err != nil {
		return d, err
	}
	return c.Apply(d)
}

// Send sends the digest of a slot: the draft for it if there is one, else one made as
// of a time. It reports whether it was sent now: a slot's
// digest is sent once, whoever asks and however often.
func (m *Digester) Send(ctx context.Context, p store.DigestPlan, slot string, at time.Time) (sent bool, err error) {
	var d digest.Digest
	row, err := m.DB.Draft(ctx, p.Name, slot)
	switch {
	case err == nil:
		if d, err = Curated(row); err == nil {
			err = m.checkDraft(ctx, p, d)
		}
	case errors.Is(err, news.ErrNotFound):
		d, err = m.Make(ctx, p, slot, at, 1)
	}
	if err != nil {
		return false, err
	}
	body, err := rendered(d, "json")
	if err != nil {
		return false, err
	}
	mails, err := m.mails(p, slot, d)
	if err != nil {
		return false, err
	}
	return m.DB.Publish(ctx, store.Publication{Name: p.Name, Slot: slot, Until: d.Until, Body: []byte(body), Mails: mails, Edit: row.Edit})
}

// checkDraft refuses a draft that ends before the last digest does, as one may that was
// slept over: its stories were told.
func (m *Digester) checkDraft(ctx context.Context, p store.DigestPlan, d digest.Digest) error {
	last, err := m.DB.LastDigest(ctx, p.Name, p.Added)
	if err == nil && d.Until.Before(last) {
		loc := cmp.Or(m.Location, time.UTC)
		err = fmt.Errorf("the draft %s/%s is %w: it ends at %s, and the last digest, which was sent, at %s; 'kliping digest discard %s/%s' throws it away",
			p.Name, d.Slot, news.ErrInvalid, d.Until.In(loc).Format(time.DateTime), last.In(loc).Format(time.DateTime), p.Name, d.Slot)
	}
	return err
}

// mails are the messages to the plan's recipients, each under a key of its own:
// plan, slot, address.
func (m *Digester) mails(p store.DigestPlan, slot string, d digest.Digest) ([]store.Message, error) {
	if len(p.To) == 0 {
		return nil, nil
	}
	text, err := rendered(d, "text")
	if err != nil {
		return nil, err
	}
	html := ""
	if len(p.Formats) == 0 || slices.Contains(p.Formats, "html") {
		if html, err = rendered(d, "mail"); err != nil {
			return nil, err
		}
	}
	var all []store.Message
	for _, to := range p.To {
		address, err := mail.ParseAddress(to)
		if err != nil {
			return nil, fmt.Errorf("recipient %q of the plan %s: %w: %w", to, p.Name, news.ErrInvalid, err)
		}
		payload, err := json.Marshal(outbox.Mail{
			To: to, Subject: d.Subject(), Text: text, HTML: html, ListID: p.Name, Unsubscribe: m.unsubscribe(p),
		})
		if err != nil {
			return nil, err
		}
		all = append(all, store.Message{
			Kind: outbox.KindMail, Key: strings.Join([]string{"digest", p.Name, slot, strings.ToLower(address.Address)}, "/"), Payload: payload,
		})
	}
	return all, nil
}

// unsubscribe is where a recipient writes off: to whom sends the mails, else the
// page of the plan's digests.
func (m *Digester) unsubscribe(p store.DigestPlan) string {
	if from, err := mail.ParseAddress(m.From); err == nil {
		return outbox.Unsubscribe(from.Address, p.Name)
	}
	if m.BaseURL != "" {
		return strings.TrimRight(m.BaseURL, "/") + "/digests?plan=" + url.QueryEscape(p.Name)
	}
	return ""
}

func rendered(d digest.Digest, format string) (string, error) {
	var b bytes.Buffer
	err := digest.Render(&b, d, format)
	return b.String(), err
}

// ConfiguredPlan is the name of the plan that the configuration holds.
const ConfiguredPlan = "digest"

// PlanDuration reads a duration of a plan, such as 90m, 24h or 7d.
func PlanDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n <= 10_000 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		err = fmt.Errorf("duration %q: %w; write for example 90m, 24h or 7d", s, news.ErrInvalid)
	}
	return d, err
}

var planName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// CheckPlan says what is wrong with a plan, but for its schedule, all at once; the
// error wraps news.ErrInvalid.
func CheckPlan(p store.DigestPlan) error {
	var wrong []error
	bad := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf(format+": %w", append(args, news.ErrInvalid)...))
	}
	if !planName.MatchString(p.Name) {
		bad("name %q: write up to 40 of a to z, 0 to 9 and -, such as morning", p.Name)
	}
	if strings.ContainsFunc(p.Title, unicode.IsControl) {
		bad("title %q holds control characters", p.Title)
	}
	for what, s := range map[string]string{"window": p.Window, "draft": p.Draft} {
		if d, err := PlanDuration(s); s != "" && (err != nil || d < time.Minute || d > 366*24*time.Hour) {
			bad("%s %q: write a duration from 1m to 366d, such as 24h or 7d", what, s)
		}
	}
	if p.Draft != "" && p.Schedule == "" {
		bad("draft %s: without a schedule there is no slot to be ahead of", p.Draft)
	}
	if p.Query != "" && p.Watch != "" {
		bad("it is of a query and of a watch: give one")
	}
	if p.By != "" && p.By != "arrival" && p.By != "published" {
		bad("by %s: there is arrival and published", p.By)
	}
	if p.Limit < 0 || p.Limit > 1000 {
		bad("limit %d: write a number from 1 to 1000", p.Limit)
	}
	switch p.Show {
	case "", digest.ShowFirst:
		if len(p.Outlets) > 0 {
			bad("outlets are named, but the first copy is shown: show preferred or licensed")
		}
	case digest.ShowPreferred, digest.ShowLicensed:
		if len(p.Outlets) == 0 {
			bad("show %s: name the outlets, as domains, tier:1 or tag:national", p.Show)
		}
	default:
		if near := meant.Nearest(p.Show, []string{digest.ShowFirst, digest.ShowPreferred, digest.ShowLicensed}); near != "" {
			bad("show %s: did you mean %s?", p.Show, near)
		} else {
			bad("show %s: there is first, preferred and licensed", p.Show)
		}
	}
	for _, o := range p.Outlets {
		if err := checkChoice(o); err != nil {
			bad("%v", err)
		}
	}
	for _, f := range p.Formats {
		if f != "text" && f != "html" {
			bad("format %s: a mail has text and html", f)
		}
	}
	checkRecipients(p.To, bad)
	slices.SortFunc(wrong, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(wrong...)
}

// ReadDigest reads a digest from the archive; the error wraps news.ErrNotFound if
// it is not there.
func ReadDigest(ctx context.Context, db *store.DB, plan, slot string) (d digest.Digest, err error) {
	body, err := db.Digest(ctx, plan, slot)
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(body, &d); err != nil {
		return d, fmt.Errorf("digest %s/%s: %w: %w", plan, slot, news.ErrDamaged, err)
	}
	return d, nil
}
