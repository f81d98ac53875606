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
// than the turn of its domain, robots.txt and the page can take.
const pageLease = 10 * time.Minute

// wantsPage reports whether the page of an article is to be fetched.
func (p *Preparer) wantsPage(feed news.Feed, item news.Item, a *news.Article) bool {
	if item.Page != nil || item.Link == "" || a.Arrived.Sub(a.Time()) > oldestPage {
		return false
	}
	switch cmp.Or(feed.FullText, p.FullText) {
	case news.FullTextAlways:
		return true
	case news.FullTextShort:
		return content.Short(news.JoinKept(a.Blocks))
	}
	return false
}

// FetchPages fetches the pages that the feed's articles wait for, each once,
// whatever comes of it, the newest first, and returns how many they were. It stops
// where the outlet asks to be left alone. It waits for the turns of domains, so it
// takes long where a poll takes a moment.
func (r *Refresher) FetchPages(ctx context.Context, f news.Feed) (done int, err error) {
	for done < r.FullText.PerPoll {
		it, ok, err := r.DB.ClaimPage(ctx, f.ID, pageLease)
		if err != nil || !ok {
			return done, err
		}
		page, wait := r.FullText.fetch(ctx, it.Item.Link)
		if err := ctx.Err(); err != nil {
			return done, fmt.Errorf("full text for %s: %w", redacted(f.URL), err)
		}
		if wait > 0 {
			return done, r.DB.DeferPage(ctx, it.ID, r.Now().Add(wait))
		}
		if err := r.savePage(ctx, f, it, page); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// savePage makes the article again from its item and page.
func (r *Refresher) savePage(ctx context.Context, f news.Feed, it store.StoredItem, page news.Page) error {
	own := content.Blocks(it.Item.HTML)
	if page.State == news.PageFull && len(news.JoinKept(content.PageBlocks(page.HTML))) < len(news.JoinKept(own)) {
		page = news.Page{State: news.PageFailed, Error: "the page has less text than the feed", Canonical: page.Canonical}
	}
	it.Item.Page = &page
	f.Outlet = it.Outlet
	in := r.Preparer.Prepare(f, it.Item, it.Arrived)
	if err := r.DB.SavePage(ctx, it, in); err != nil {
		return fmt.Errorf("save the page of article %d: %w", it.ID, err)
	}
	r.Log.LogAttrs(ctx, slog.LevelDebug, "page fetched", slog.Int64("article", int64(it.ID)), slog.String("page", it.Item.Link),
		slog.String("state", string(page.State)), slog.String("error", page.Error))
	return nil
}

// fetch gets one page and what is on it. wait is how long the outlet asks to be
// left alone; the page is not fetched then.
func (t *FullText) fetch(ctx context.Context, link string) (page news.Page, wait time.Duration) {
	read, wait := t.read(ctx, link)
	if wait == 0 && read.State == news.PageFailed && read.AMP != "" {
		if amp, wait := t.read(ctx, read.AMP); wait == 0 && amp.State == news.PageFull {
			amp.Canonical = cmp.Or(read.Canonical, amp.Canonical)
			return amp.Page, 0
		}
	}
	return read.Page, wait
}

// leastWait is how long an outlet is left alone that asks for it without saying
// for how long.
const leastWait = 15 * time.Minute

func (t *FullText) read(ctx context.Context, link string) (content.Reading, time.Duration) {
	got := t.Pages.Get(ctx, link)
	switch {
	case got.Outcome == news.OutcomeRateLimited:
		return content.Reading{}, max(got.RetryAfter, leastWait)
	case got.Outcome == news.OutcomeGone:
		return content.Reading{Page: news.Page{State: news.PageGone, Error: got.Err.Error()}}, 0
	case got.Err != nil:
		return noPage(got.Err.Error()), 0
	case !isPage(got.ContentType):
		return noPage("the link leads to no page but to " + got.ContentType), 0
	}
	return content.ReadPage(got.Body, got.ContentType, got.URL), 0
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
