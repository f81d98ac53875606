package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode"

	"kliping/internal/content"
	"kliping/internal/fetch"
	"kliping/internal/news"
	"kliping/internal/store"
)

// What a watch that is told corrections was told of is asked for again: the pages of
// so many articles of a story, at these times after it was told, and then no more.
const mostRevisited = 5

var ladder = []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour}

// What is seen once proves nothing: a server errs, and a counter on a page is another
// at each visit. So much later it is looked at again.
const (
	missingAgain = 6 * time.Hour
	draftAgain   = 15 * time.Minute
)

// RevisitLease is how long a page that is asked for again is its visitor's.
const RevisitLease = pageLease

// rung is when a page is asked for next; zero: no more.
func rung(told, now time.Time) time.Time {
	for _, after := range ladder {
		if at := told.Add(after); at.After(now) {
			return at
		}
	}
	return time.Time{}
}

// toRevisit are the articles of a story whose pages are asked for again: the lead and
// those that came first, one of each outlet.
func toRevisit(s *store.StoryDetail) (ids []news.ArticleID) {
	outlets := map[string]bool{}
	for i := range s.Members {
		a := &s.Members[i]
		if len(ids) < mostRevisited && !outlets[a.Outlet] {
			outlets[a.Outlet] = true
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// Revisited says what a visit found.
type Revisited struct {
	Edition   bool // the article has a new edition, which waits to be grouped
	TakenDown bool // its page was taken down, or is there again
}

// Revisit asks for the page of an article again and saves what that came to. An error
// means that nothing was saved: the store failed, or ctx ended; the page will be
// claimed again.
func (r *Refresher) Revisit(ctx context.Context, v store.Revisit) (Revisited, error) {
	out, err := r.visit(ctx, v)
	if err != nil {
		return Revisited{}, err
	}
	if out.Next.IsZero() {
		out.Memo = store.RevisitMemo{} // nobody looks at it again
	}
	ok, err := r.DB.SaveRevisit(ctx, v, out)
	if err != nil || !ok {
		return Revisited{}, err
	}
	did := Revisited{Edition: out.Edition != nil, TakenDown: out.TakenDown.IsZero() != v.TakenDown.IsZero()}
	level := slog.LevelDebug
	if did.Edition || did.TakenDown {
		level = slog.LevelInfo
	}
	r.Log.LogAttrs(ctx, level, "page asked for again", slog.Int64("article", int64(v.ID)), slog.String("page", v.Item.Link),
		slog.Bool("edition", did.Edition), slog.String("taken_down", out.TakenDown.Why), slog.Time("next", out.Next))
	return did, nil
}

// visit asks for a page, unless it is to be fetched for its text anyway. What proves
// nothing (no answer, an error, a wall, robots.txt, an answer that is not the
// article's) leaves all as it is until the next time.
func (r *Refresher) visit(ctx context.Context, v store.Revisit) (store.Visited, error) {
	now := r.Now()
	out := store.Visited{Next: rung(v.Told, now), Memo: v.Memo, TakenDown: v.TakenDown}
	memo := &out.Memo
	if memo.Version != v.Version {
		*memo = store.RevisitMemo{Version: v.Version, Missing: memo.Missing}
	}
	if v.PageWaits || v.Item.Link == "" {
		return out, nil
	}
	got := r.FullText.Pages.Again(ctx, v.Item.Link, memo.ETag, memo.LastModified)
	if err := ctx.Err(); err != nil {
		return out, fmt.Errorf("page of article %d: %w", v.ID, err)
	}
	switch {
	case got.Outcome == news.OutcomeBusy:
		out.Next = now.Add(max(got.RetryAfter, time.Minute))
	case takenDown(got) && ofOutlet(got.URL, v.StoredItem):
		memo.Missing = time.Time{}
		out.TakenDown = since(v.TakenDown, now, got.Err.Error())
	case got.Outcome == news.OutcomeNotFound && ofOutlet(got.URL, v.StoredItem):
		if memo.Missing.IsZero() {
			memo.Missing = now
		}
		if again := memo.Missing.Add(missingAgain); v.TakenDown.IsZero() && now.Before(again) {
			out.Next = again
		} else {
			out.TakenDown = since(v.TakenDown, memo.Missing, got.Err.Error()+", twice")
		}
	case got.Outcome.Good() && atArticle(got.URL, v.Item.Link):
		there, err := r.readAgain(ctx, v, got, &out)
		if there {
			memo.Missing, out.TakenDown = time.Time{}, news.Takedown{}
		}
		return out, err
	case got.RetryAfter > 0 && !out.Next.IsZero():
		out.Next = now.Add(max(got.RetryAfter, out.Next.Sub(now)))
	}
	return out, nil
}

// since is that a page was taken down, if that is not known already.
func since(known news.Takedown, at time.Time, why string) news.Takedown {
	if known.IsZero() {
		return news.Takedown{Since: at, Why: why}
	}
	return known
}

// ofOutlet reports whether an answer is the word of an item's outlet: others do not
// know what it took down.
func ofOutlet(answered string, it store.StoredItem) bool {
	return sameServer(it.Item.Link, answered) || content.Outlet(answered) == it.Outlet
}

// atArticle reports whether what answered stands where an article does: at its link,
// or at another address that is no front page or section. Many servers lead there
// instead of saying that a page is gone, and as many when they only moved it.
func atArticle(answered, link string) bool {
	return samePage(answered) == samePage(link) || content.Lone(samePage(answered))
}

// samePage is the form of an address that all addresses of its article share.
func samePage(address string) string {
	at, err := content.CanonicalURL(address)
	if err != nil {
		return content.SamePage(address)
	}
	return content.SamePage(at)
}

// readAgain compares what stands on a page with what stood there when the article's
// edition was made, or when it was first asked for again: never with what the feed
// gave. Other words make a draft, which is an edition if they still stand there at the
// next visit. there is false where the article stood before and cannot be found now.
func (r *Refresher) readAgain(ctx context.Context, v store.Revisit, got fetch.Response, out *store.Visited) (there bool, err error) {
	memo, fresh := &out.Memo, got.Outcome == news.OutcomeOK
	if fresh {
		memo.ETag, memo.LastModified = got.ETag, got.LastModified
	}
	if wanted, err := r.isCompared(ctx, v); err != nil || !wanted {
		return err == nil, err
	}
	page, base := memo.Draft, cmp.Or(memo.Base, v.Item.Page)
	if fresh {
		page = articleOn(v, got)
	}
	switch {
	case page == nil && !fresh:
		return true, nil
	case !full(base) || base.Form != content.PageForm:
		memo.Base, memo.Draft = page, nil
		return true, nil
	case page == nil:
		memo.ETag, memo.LastModified, memo.Draft = "", "", nil
		return false, nil
	}
	return r.compare(ctx, v, base, page, out)
}

// isCompared reports whether the text on an article's page is looked at: not where a
// person wants no pages of its feed, nor on pages of many articles and live ones, which
// change all the time.
func (r *Refresher) isCompared(ctx context.Context, v store.Revisit) (bool, error) {
	f, err := r.feedOf(ctx, v.StoredItem)
	at := samePage(v.Item.Link)
	return r.Preparer.policy(f) != news.FullTextNever && !content.Hub(at) && !isLive(at), err
}

// isLive reports whether an address says that its page is written as things happen.
func isLive(address string) bool {
	words := strings.FieldsFunc(address, func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc(words, func(w string) bool { return w == "live" || w == "liveblog" || w == "liveticker" })
}

// articleOn is the page that an answer gives, if it has the article, and no less of it
// than the feed; else nil.
func articleOn(v store.Revisit, got fetch.Response) *news.Page {
	if !isPage(got.ContentType) {
		return nil
	}
	page := content.ReadPage(got.Body, got.ContentType, got.URL).Page
	own := news.JoinKept(content.Blocks(v.Item.HTML))
	if page.State != news.PageFull || len(news.JoinKept(content.PageBlocks(page.HTML))) < len(own) {
		return nil
	}
	return &page
}

// compare looks for a new edition. there is false if another text stands on the page.
func (r *Refresher) compare(ctx context.Context, v store.Revisit, base, page *news.Page, out *store.Visited) (there bool, err error) {
	memo := &out.Memo
	draft := memo.Draft
	memo.Draft = nil
	first, err := r.proseOf(ctx, v, base)
	if err != nil {
		return false, err
	}
	now, err := r.proseOf(ctx, v, page)
	if err != nil {
		return false, err
	}
	if rewritten(first, now) == "" {
		return true, nil
	}
	if !sameArticle(first, now) {
		memo.ETag, memo.LastModified = "", ""
		return false, nil
	}
	if draft == nil {
		memo.Draft, out.Next = page, r.Now().Add(draftAgain)
		return true, nil
	}
	before, err := r.proseOf(ctx, v, draft)
	if err != nil || !settled(first, before, now) {
		return true, err
	}
	out.Edition, err = r.pageEdition(ctx, v, base, page)
	*memo = store.RevisitMemo{ETag: memo.ETag, LastModified: memo.LastModified, Version: v.Version + 1}
	return true, err
}

// proseOf is the prose of the article with one of its pages, cleaned by today's rules.
func (r *Refresher) proseOf(ctx context.Context, v store.Revisit, page *news.Page) ([]string, error) {
	it := v.StoredItem
	it.Item.Page = page
	in, err := r.again(ctx, it)
	return prose(&in.Article), err
}

// sameArticle reports whether prose still has half of the runs of three words that it
// had. Else another text may stand there: a teaser before a wall, or what the address
// was given to next.
func sameArticle(before, now []string) bool {
	had, has, same := runs(before), runs(now), 0
	for run := range had {
		if has[run] {
			same++
		}
	}
	return 2*same >= max(len(had), 1)
}

func runs(blocks []string) map[[3]string]bool {
	all := map[[3]string]bool{}
	text := strings.Fields(strings.Join(blocks, " "))
	for i := range len(text) - 2 {
		all[[3]string(text[i:])] = true
	}
	return all
}

// settled reports whether blocks that one visit found changed are as changed at the
// next. Those that change by themselves are other ones each time.
func settled(first, draft, now []string) bool {
	unsettled := without(without(now, first), draft)
	in := without(without(now, first), unsettled)
	out := without(without(first, now), draft)
	if len(in) == 0 && len(unsettled) > 0 {
		return false
	}
	return rewritten(out, in) != ""
}

// without are the blocks that others do not have.
func without(blocks, others []string) []string {
	return slices.DeleteFunc(slices.Clone(blocks), func(b string) bool { return slices.Contains(others, b) })
}

// pageEdition is the edition of an article that a page gives. The one before is kept
// with the page that it is compared to, so that people see what changed.
func (r *Refresher) pageEdition(ctx context.Context, v store.Revisit, base, page *news.Page) (*store.PageEdition, error) {
	before, it := v.Item, v.StoredItem
	before.Page, it.Item.Page = base, page
	in, err := r.again(ctx, it)
	if err != nil {
		return nil, err
	}
	twin, strange, err := r.twin(ctx, it, &in)
	if twin != nil || strange {
		in.Canon = ""
	}
	return &store.PageEdition{Incoming: in, Before: before}, err
}
