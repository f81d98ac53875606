package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"kliping/internal/feed"
	"kliping/internal/fetch"
	"kliping/internal/news"
	"kliping/internal/store"
)

// Refresher polls feeds and saves what they bring.
type Refresher struct {
	DB       *store.DB
	Client   *fetch.Client
	Preparer *Preparer
	Limits   feed.Options
	FullText FullText // its zero value fetches no pages
	// Next says when a feed is polled again after a poll that ended at now, and
	// what is to be remembered of it. It is called once for each poll, from many
	// goroutines.
	Next func(f news.Feed, a Answer, now time.Time) store.Plan
	Now  func() time.Time
	Gap  time.Duration // between two requests to a domain in one poll
	Log  *slog.Logger
}

// Answer is what a poll says of when to poll again.
type Answer struct {
	Outcome    news.Outcome
	Code       int            // HTTP status; 0: no answer came
	URL        string         // that answered
	MovedTo    string         // where the server says the feed moved for good
	RetryAfter time.Duration  // how long it asks to be left alone, 0 if it does not; for OutcomeBusy, after which the turn may come
	Why        string         // for OutcomeBusy: what the poll waits for, for people
	Fresh      *time.Duration // how long it says its answer will do; nil: it does not say
	Pace       *news.Pace     // what the feed's text asks for; nil: none came
	Map        news.Map       // that was read, if the feed is an index of sitemaps
	Brought    int            // articles new or changed
}

// Good reports whether the poll went as it should.
func (a Answer) Good() bool { return a.Outcome.Good() }

// Refreshed is what one poll did.
type Refreshed struct {
	Feed    news.Feed
	Outcome news.Outcome
	Err     string // why the poll failed, for people
	store.Saved
	Pages int   // fetched for their text
	Bytes int64 // on the wire, of the feed
	Took  time.Duration
}

// Refresh polls the leased feed once and saves the outcome, whatever it is, with
// the articles and the next due time in one transaction. An error means that
// nothing was saved: the store failed, ctx ended, or the lease was lost
// (news.ErrFenced); the feed will be claimed again.
func (r *Refresher) Refresh(ctx context.Context, lease store.Lease) (Refreshed, error) {
	done, err := r.refresh(ctx, lease)
	if err != nil && !Lost(err) {
		r.release(ctx, lease)
	}
	return done, err
}

// release gives a lease back whose poll came to nothing, so that the feed need
// not wait for it to run out. It is a courtesy: a store that fails to take it
// has said so already.
func (r *Refresher) release(ctx context.Context, lease store.Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := r.DB.Release(ctx, lease); err != nil {
		r.Log.DebugContext(ctx, "lease not given back", "feed", redacted(lease.Feed.URL), "error", err)
	}
}

func (r *Refresher) refresh(ctx context.Context, lease store.Lease) (Refreshed, error) {
	start := r.Now()
	got := r.Client.Get(ctx, fetch.Request{URL: lease.Feed.URL, ETag: lease.Feed.ETag, LastModified: lease.Feed.LastModified, Entered: lease.Turn()})
	if err := ctx.Err(); err != nil && !got.Outcome.Good() {
		return Refreshed{}, fmt.Errorf("refresh %s: %w", lease.Feed.URL, err)
	}
	return r.Save(ctx, lease, got, start)
}

// Save saves an answer to the leased feed's request of the time start. One that came
// is saved though ctx ended: else the next process would ask for it again.
func (r *Refresher) Save(ctx context.Context, lease store.Lease, got fetch.Response, start time.Time) (Refreshed, error) {
	opened := r.openMap(ctx, lease, &got)
	save, answer := r.read(lease, got)
	answer.Map = opened
	got.Body = nil // it may be large, and saving takes a while
	now := r.Now()
	save.Plan = func(brought int) store.Plan {
		answer.Brought = brought
		return r.Next(lease.Feed, answer, now)
	}
	surely, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
	defer cancel()
	saved, err := r.DB.SaveRefresh(surely, save)
	if err != nil {
		return Refreshed{}, fmt.Errorf("save feed %s: %w", lease.Feed.URL, err)
	}
	done := Refreshed{Feed: lease.Feed, Outcome: save.Outcome, Err: save.Err, Saved: saved, Bytes: got.Bytes, Took: now.Sub(start)}
	r.log(ctx, done)
	return done, nil
}

// saveTime is how long saving a poll may take, which goes on when the process ends.
const saveTime = 20 * time.Second

// read turns a response into what is to be saved. Validators are kept only from
// a body that was read to the end: otherwise the next poll would be told that
// nothing changed, and what was missed would stay missed.
func (r *Refresher) read(lease store.Lease, got fetch.Response) (store.Refresh, Answer) {
	answer := Answer{Outcome: got.Outcome, Code: got.Code, URL: got.URL, MovedTo: got.MovedTo, RetryAfter: got.RetryAfter, Fresh: got.Fresh}
	if got.Outcome == news.OutcomeGone && !sameServer(lease.Feed.URL, got.URL) {
		got.Outcome, got.Err = news.OutcomeHTTPError, fmt.Errorf("%w, but that is another server's word", got.Err)
		answer.Outcome = got.Outcome
	}
	save := store.Refresh{Lease: lease, Outcome: got.Outcome, ETag: lease.Feed.ETag, LastModified: lease.Feed.LastModified}
	if got.Err != nil {
		save.Err = got.Err.Error()
		answer.Why = save.Err
	}
	if got.Outcome == news.OutcomeNotModified {
		save.ETag, save.LastModified = got.ETag, got.LastModified
	}
	if got.Outcome != news.OutcomeOK {
		save.Articles = r.salvage(lease.Feed, got)
		return save, answer
	}
	parsed, err := feed.Parse(got.Body, got.ContentType, got.URL, r.Limits)
	if err != nil {
		save.Outcome, save.Err = news.OutcomeNotAFeed, err.Error()
		answer.Outcome, answer.MovedTo = save.Outcome, ""
		return save, answer
	}
	save.ETag, save.LastModified = got.ETag, got.LastModified
	save.Title, save.Site, save.Language = parsed.Title, parsed.Site, parsed.Language
	f := lease.Feed
	f.Site = parsed.Site
	if parsed.Language != "" {
		f.Language = parsed.Language
	}
	save.Articles = r.prepare(f, parsed.Items)
	answer.Pace = &parsed.Pace
	return save, answer
}

// sameServer reports whether two addresses are of one domain, or of one host on the
// operator's own network.
func sameServer(a, b string) bool {
	x, own := store.Domain(a)
	y, also := store.Domain(b)
	if !own || !also {
		return x == y
	}
	u, err := url.Parse(a)
	v, bad := url.Parse(b)
	return err == nil && bad == nil && u.Host == v.Host
}

// openMap puts in the place of an index of sitemaps the map in it that has the
// news, and returns what is known of that now. The index's validators stay.
func (r *Refresher) openMap(ctx context.Context, lease store.Lease, got *fetch.Response) news.Map {
	known := lease.Feed.Timing.Map
	next, ask := nextMap(known, got)
	if !ask {
		return next
	}
	if domain, _ := store.Domain(next.URL); domain == lease.Turn() { // else Get waits for the turn
		pause(ctx, r.Gap)
	}
	inner := r.Client.Get(ctx, fetch.Request{URL: next.URL, ETag: next.ETag, LastModified: next.LastModified, Entered: lease.Turn()})
	if inner.Outcome == news.OutcomeGone {
		inner.Outcome = news.OutcomeHTTPError // the map is gone, the index that names it is not
	}
	next.ETag, next.LastModified = inner.ETag, inner.LastModified
	inner.ETag, inner.LastModified, inner.MovedTo = got.ETag, got.LastModified, got.MovedTo
	inner.Bytes += got.Bytes
	*got = inner
	return next
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// nextMap is the map to read after an answer, and whether it is to be asked for. It
// is not where the index tells when it changed, and that is what it told before: got
// is then an answer that nothing changed. An index that does not tell can stay as it
// is while its maps change.
func nextMap(known news.Map, got *fetch.Response) (next news.Map, ask bool) {
	switch got.Outcome {
	case news.OutcomeNotModified:
		return known, known.URL != "" && known.Changed == ""
	case news.OutcomeOK:
	default:
		return known, false
	}
	next.URL, next.Changed = feed.NewestMap(got.Body, got.ContentType)
	switch {
	case next.URL == "":
		return next, false
	case next.URL != known.URL:
		return next, true
	case next.Changed != "" && next.Changed == known.Changed:
		got.Outcome, got.Body = news.OutcomeNotModified, nil
		return known, false
	}
	next.ETag, next.LastModified = known.ETag, known.LastModified
	return next, true
}

// salvage makes articles of the items that had come before an answer was cut off,
// by its size, its slowness or its server. The poll has failed all the same.
func (r *Refresher) salvage(f news.Feed, got fetch.Response) []store.Incoming {
	if len(got.Body) == 0 {
		return nil
	}
	parsed, err := feed.Parse(got.Body, got.ContentType, got.URL, r.Limits)
	if err != nil {
		return nil
	}
	return r.prepare(f, parsed.Items)
}

// prepare makes articles of a feed's items, the oldest first, so that ids follow
// publication where arrival is the same. Feeds give the newest first.
func (r *Refresher) prepare(f news.Feed, items []news.Item) []store.Incoming {
	arrived := r.Now()
	articles := make([]store.Incoming, 0, len(items))
	for _, item := range slices.Backward(items) {
		if saysNothing(&item) {
			continue
		}
		articles = append(articles, r.Preparer.Prepare(f, item, arrived))
	}
	slices.SortStableFunc(articles, func(a, b store.Incoming) int { return a.Article.Published.Compare(b.Article.Published) })
	return articles
}

// saysNothing reports whether an item has nothing that anybody could read or
// follow: all such would be one article without a word.
func saysNothing(i *news.Item) bool {
	return i.Title == "" && i.HTML == "" && i.Link == "" && len(i.Enclosures) == 0
}

func (r *Refresher) log(ctx context.Context, d Refreshed) {
	level := slog.LevelInfo
	if d.Err != "" {
		level = slog.LevelWarn
	}
	r.Log.LogAttrs(ctx, level, "feed refreshed", slog.String("feed", redacted(d.Feed.URL)), slog.String("status", string(d.Outcome)),
		slog.Int("new", d.New), slog.Int("changed", d.Changed), slog.Int64("bytes", d.Bytes),
		slog.Int64("ms", d.Took.Milliseconds()), slog.String("error", d.Err))
}

// redacted leaves a feed's password out of the log.
func redacted(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return u.Redacted()
}

// Lost reports whether a refresh ended only because another node took the feed
// over, which needs no attention.
func Lost(err error) bool { return errors.Is(err, news.ErrFenced) }
