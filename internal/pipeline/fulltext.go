package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"mime"
	"strings"
	"time"

	"kliping/internal/content"
	"kliping/internal/fetch"
	"kliping/internal/news"
	"kliping/internal/store"
)

// FullText fetches the pages of items of which the feed gives a summary only.
//
// The item is saved first, with the feed's own text, and its page fetched once
// the poll is done, so that neither a slow page nor a crash costs the poll. The
// price: the item is grouped twice, by its summary and by its text.
type FullText struct {
	Pages   *fetch.Pages
	PerPoll int // pages fetched after one poll; the rest waits for the next
}

// oldestPage is how old an item may be for its page to be fetched: a new feed's
// archive is not worth an outlet's bandwidth, and is compared with nothing.
const oldestPage = 14 * 24 * time.Hour

// pageLease is how long a page that is being fetched is its fetcher's: longer
// than robots.txt, the page and where both lead can take, with the turns of their
// domains.
const pageLease = 20 * time.Minute

// wantsPage reports whether the page of an article is to be fetched.
func (p *Preparer) wantsPage(feed news.Feed, item news.Item, a *news.Article) bool {
	if item.Page != nil || item.Link == "" || a.Arrived.Sub(a.Time()) > oldestPage {
		return false
	}
	if feed.LastNew.IsZero() && !a.Time().Equal(a.Published) {
		return false // without a date, what a feed has at first may be an archive
	}
	switch p.policy(feed) {
	case news.FullTextAlways:
		return true
	case news.FullTextShort:
		return content.Short(news.JoinKept(a.Blocks))
	}
	return false
}

// policy is the one of a feed, or of those that have none of their own.
func (p *Preparer) policy(f news.Feed) news.FullText {
	return cmp.Or(f.FullText, p.FullText, news.FullTextNever)
}

// FetchPages fetches pages that the feed's articles wait for, the newest first, and
// returns how many it is done with. One whose server fails for now, or whose domain's
// turn does not come, is put off. It waits for the turns of domains, so it takes long
// where a poll takes a moment.
func (r *Refresher) FetchPages(ctx context.Context, f news.Feed) (done int, err error) {
	for range r.FullText.PerPoll {
		it, ok, err := r.DB.ClaimPage(ctx, f.ID, pageLease)
		if err != nil || !ok {
			return done, err
		}
		page, off := r.FullText.fetch(ctx, it.Item.Link, it.PageTries)
		if err := ctx.Err(); err != nil {
			return done, fmt.Errorf("full text for %s: %w", redacted(f.URL), err)
		}
		if off.wait > 0 {
			if err := r.DB.DeferPage(ctx, it.ID, r.Now().Add(off.wait), off.tried); err != nil {
				return done, err
			}
			continue
		}
		if err := r.savePage(ctx, f, it, page); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// savePage makes the article again from its item and page. The full text that an
// earlier edition had is not given up for a page that has none. An article that
// turns out to be another one of its outlet under a second address becomes that.
func (r *Refresher) savePage(ctx context.Context, f news.Feed, it store.StoredItem, page news.Page) error {
	down := it.TakenDown
	switch {
	case page.State == news.PageFull, page.State == news.PagePaywall:
		down = news.Takedown{}
	case page.State == news.PageGone && down.IsZero():
		down = news.Takedown{Since: r.Now(), Why: page.Error}
	}
	own := content.Blocks(it.Item.HTML)
	if page.State == news.PageFull && len(news.JoinKept(content.PageBlocks(page.HTML))) < len(news.JoinKept(own)) {
		page = news.Page{State: news.PageFailed, Error: "the page has less text than the feed", Canonical: page.Canonical}
	}
	if earlier := it.Item.Page; earlier != nil && earlier.State == news.PageFull && page.State != news.PageFull {
		why := page.Error
		page = *earlier
		page.Error = "the text is the page's as it was before the item changed; fetched again: " + why
	}
	it.Item.Page = &page
	f.Outlet = it.Outlet
	in := r.Preparer.Prepare(f, it.Item, it.Arrived)
	in.Article.TakenDown = down
	twin, strange, err := r.twin(ctx, it, &in)
	if err != nil {
		return err
	}
	if strange {
		in.Canon = ""
	}
	if err := r.DB.SavePage(ctx, it, in); err != nil {
		return fmt.Errorf("save the page of article %d: %w", it.ID, err)
	}
	r.Log.LogAttrs(ctx, slog.LevelDebug, "page fetched", slog.Int64("article", int64(it.ID)), slog.String("page", it.Item.Link),
		slog.String("state", string(page.State)), slog.String("error", page.Error))
	if twin == nil {
		return nil
	}
	return r.becomeOne(ctx, it, *twin)
}

// putOff says that a page is to be asked for later, and whether it was asked for now.
type putOff struct {
	wait  time.Duration // 0: it is not put off
	tried bool
}

// fetch gets one page and what is on it, unless it is put off.
func (t *FullText) fetch(ctx context.Context, link string, tries int) (news.Page, putOff) {
	read, off := t.read(ctx, link, tries)
	if off.wait == 0 && read.State == news.PageFailed && read.AMP != "" {
		if amp, off := t.read(ctx, read.AMP, tries); off.wait == 0 && amp.State == news.PageFull {
			amp.Canonical, amp.Form = cmp.Or(read.Canonical, amp.Canonical), 0 // it cannot be compared with the page itself
			return amp.Page, putOff{}
		}
	}
	return read.Page, off
}

// A page whose server fails is asked for so often, each time after four times the
// wait. Then it has failed, with the last reason.
const (
	mostTries = 5
	firstWait = 15 * time.Minute
)

func (t *FullText) read(ctx context.Context, link string, tries int) (content.Reading, putOff) {
	got := t.Pages.Get(ctx, link)
	switch {
	case got.Outcome == news.OutcomeBusy:
		return content.Reading{}, putOff{wait: got.RetryAfter}
	case passing(got) && tries+1 < mostTries:
		return content.Reading{}, putOff{max(got.RetryAfter, firstWait<<(2*tries)), true}
	case passing(got):
		return noPage(fmt.Sprintf("%s; asked for %d times", got.Err, tries+1)), putOff{}
	case takenDown(got):
		return content.Reading{Page: news.Page{State: news.PageGone, Error: got.Err.Error()}}, putOff{}
	case got.Err != nil:
		return noPage(got.Err.Error()), putOff{}
	case !isPage(got.ContentType):
		return noPage("the link leads to no page but to " + got.ContentType), putOff{}
	}
	return content.ReadPage(got.Body, got.ContentType, got.URL), putOff{}
}

// takenDown reports whether a server says that a page was taken down, for good or by
// law.
func takenDown(got fetch.Response) bool {
	const legalReasons = 451
	return got.Outcome == news.OutcomeGone || got.Code == legalReasons
}

// passing reports whether a failure is one that may pass.
func passing(got fetch.Response) bool {
	switch got.Outcome {
	case news.OutcomeTimeout, news.OutcomeUnreachable, news.OutcomeRateLimited:
		return true
	}
	return got.Outcome == news.OutcomeHTTPError && got.Code >= 500
}

func noPage(why string) content.Reading {
	return content.Reading{Page: news.Page{State: news.PageFailed, Error: why}}
}

// isPage reports whether a Content-Type is that of a web page. Servers that name
// none mostly send one.
func isPage(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err != nil && strings.TrimSpace(contentType) == "" || kind == "text/html" || kind == "application/xhtml+xml"
}

// PageText is the text of the article that a page gives, as an item without a
// text of its own would have it.
func (p *Preparer) PageText(body []byte, contentType, address string) string {
	page := content.ReadPage(body, contentType, address).Page
	in := p.Prepare(news.Feed{}, news.Item{Link: address, Page: &page}, time.Time{})
	return in.Article.Text()
}
