package pipeline

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/zeebo/xxh3"

	"kliping/internal/cluster"
	"kliping/internal/content"
	"kliping/internal/news"
	"kliping/internal/residue"
	"kliping/internal/store"
)

// Preparer turns items into articles: blocks, language, residue, sketch. It is
// safe for many goroutines at once.
type Preparer struct {
	// FullText is the policy of feeds that have none of their own; "" is never.
	FullText  news.FullText
	cleaner   *residue.Cleaner
	templates templates
}

// NewPreparer returns a preparer that knows no templates yet.
func NewPreparer() (*Preparer, error) {
	cleaner, err := residue.New()
	if err != nil {
		return nil, fmt.Errorf("load residue rules: %w", err)
	}
	p := &Preparer{cleaner: cleaner}
	p.templates.sets.Store(&map[string]map[uint64]*residue.Template{})
	return p, nil
}

// Prepare makes the article that item is, as the feed's outlet published it and
// as it arrived at the given time.
func (p *Preparer) Prepare(feed news.Feed, item news.Item, arrived time.Time) store.Incoming {
	url, link, same := address(item)
	outlet := feed.Outlet
	if outlet == "" {
		outlet = content.Outlet(url, feed.Site, feed.URL)
	}
	a := news.Article{
		Feed: feed.ID, Outlet: outlet, GUID: identity(item, link), URL: url,
		Title: content.Line(item.Title), Author: content.Line(item.Author), Tags: item.Tags,
		Published: item.Published, Arrived: arrived, Version: 1,
		Blocks: blocks(item),
	}
	if item.Page != nil {
		a.Page, a.PageError = item.Page.State, item.Page.Error
	}
	a.Source = source(item, outlet)
	a.Language = content.Language(a.Title+"\n"+news.JoinKept(a.Blocks), item.Language, feed.Language)
	in := store.Incoming{Article: a, Item: item, Link: link, Same: content.SamePage(same), Canon: pagesOwn(item, link), WantPage: p.wantsPage(feed, item, &a)}
	in.Lone = content.Lone(in.Same)
	in.WithPage = func(page news.Page) (store.Incoming, bool) { return p.withPage(feed, item, arrived, page) }
	in.Prints = p.mark(&in.Article)
	in.Sketch = sketch(&in.Article)
	return in
}

// address is the item's canonical URL: what the feed or its page says it is, if
// that is of the same outlet, else its link. linked is its link in that form, and
// fed what the feed alone says: an item that is read again is known by these, for
// its page is not read again.
func address(item news.Item) (url, linked, fed string) {
	linked = item.Link
	if canonical, err := content.CanonicalURL(item.Link); err == nil {
		linked = canonical
	}
	at := func(item news.Item) string {
		page, err := content.CanonicalURL(canonical(item))
		if err == nil && content.Outlet(page) == content.Outlet(linked) {
			return page
		}
		return linked
	}
	url = at(item)
	item.Page = nil
	return url, linked, at(item)
}

// pagesOwn is the form of the address that an item's page gives as its own, if
// it is one of the same outlet as the link, where one article stands; else "".
func pagesOwn(item news.Item, link string) string {
	if item.Page == nil || item.Page.Canonical == "" {
		return ""
	}
	at, err := content.CanonicalURL(item.Page.Canonical)
	if err != nil || content.Outlet(at) != content.Outlet(link) || !content.Lone(content.SamePage(at)) {
		return ""
	}
	return content.SamePage(at)
}

// withPage is the article that an item is with the page of its earlier edition; ok
// is false if the item says as much as that, or enough: then the page was only read to
// find a correction, and may be older than the item.
func (p *Preparer) withPage(feed news.Feed, item news.Item, arrived time.Time, page news.Page) (in store.Incoming, ok bool) {
	own := news.JoinKept(content.Blocks(item.HTML))
	enough := p.policy(feed) == news.FullTextShort && !content.Short(own)
	if enough || len(news.JoinKept(content.PageBlocks(page.HTML))) < len(own) {
		return in, false
	}
	item.Page = &page
	return p.Prepare(feed, item, arrived), true
}

// canonical is the page that an item is a copy of, by what the feed, its HTML or
// its page says; "" if none does.
func canonical(item news.Item) string {
	page := cmp.Or(item.Canonical, content.Canonical(item.HTML))
	if page == "" && item.Page != nil {
		page = item.Page.Canonical
	}
	return page
}

// blocks is the text of an item: its page's where that was fetched and shows
// more than what the feed gives.
func blocks(item news.Item) []news.Block {
	own := content.Blocks(item.HTML)
	if ownText(item, own) {
		return own
	}
	return content.PageBlocks(item.Page.HTML)
}

// ownText reports whether an item's text is what its feed gives, of these blocks.
func ownText(item news.Item, own []news.Block) bool {
	return item.Page == nil || item.Page.State != news.PageFull && len(own) > 0
}

// source is the outlet that an item says it is from: that of its canonical page,
// if it is another one; else that of the feed that it is taken from.
func source(item news.Item, outlet string) string {
	if page := canonical(item); page != "" {
		if from := content.Outlet(page); from != outlet {
			return from
		}
	}
	if item.SourceURL == "" {
		return ""
	}
	return content.Outlet(item.SourceURL)
}

// clean marks the article's residue anew, by what is known now, and reports
// whether that changed what is kept. What copies said of it stays said.
func (p *Preparer) clean(a *news.Article) (changed bool) {
	before := a.Blocks
	p.mark(a)
	return !slices.Equal(kept(a.Blocks), kept(before))
}

// mark marks the article's residue and returns the prints of its blocks.
func (p *Preparer) mark(a *news.Article) (prints []uint64) {
	result := p.cleaner.Clean(a.Outlet, a.Language, a.Blocks, p.templates.about(a))
	a.Blocks, a.Agency, a.Dateline = result.Blocks, result.Agency, result.Dateline
	if a.Author == "" {
		a.Author = result.Byline
	}
	return result.Prints
}

// sketch is the article's sketch as the store keeps it.
func sketch(a *news.Article) []byte {
	data, err := cluster.NewSketch(a.Language, a.Title, kept(a.Blocks)).MarshalBinary()
	if err != nil {
		panic(fmt.Sprintf("marshal a sketch just made: %v", err)) // cannot happen: no I/O, no input
	}
	return data
}

// kept are the texts of the blocks that are not residue.
func kept(blocks []news.Block) []string {
	texts := make([]string, 0, len(blocks))
	for _, b := range blocks {
		if b.Strip == nil {
			texts = append(texts, b.Text)
		}
	}
	return texts
}

// identity is what makes an item the same item when the feed is read again: its
// guid, else its link, else what it says.
func identity(item news.Item, url string) string {
	if guid := strings.TrimSpace(item.GUID); guid != "" {
		return guid
	}
	if url != "" {
		return url
	}
	sum := xxh3.HashString128(item.Title + "\x00" + item.HTML).Bytes()
	return "text:" + hex.EncodeToString(sum[:])
}

// templates is the set of blocks that outlets are known to repeat, each or in
// general. Readers see
// whole sets; a change replaces the outlet's set.
type templates struct {
	sets atomic.Pointer[map[string]map[uint64]*residue.Template]
}

// of returns the outlet's templates by print. The map is not to be changed.
func (t *templates) of(outlet string) map[uint64]*residue.Template {
	return (*t.sets.Load())[outlet]
}

// about returns what is known of blocks of an article, by print. A person's word
// comes before what was learned, and of either what was said of the outlet comes
// before what was said of outlets in general.
func (t *templates) about(a *news.Article) func(print uint64) *residue.Template {
	own, general := t.of(a.Outlet), t.of(news.AnyOutlet)
	return func(print uint64) *residue.Template {
		one, other := own[print], general[print]
		if one == nil || one.Stale(a.Arrived) || one.State == residue.StateLearned && other != nil && other.State != residue.StateLearned {
			one = other
		}
		if one == nil || one.Stale(a.Arrived) {
			return nil
		}
		return one
	}
}

// replace forgets all templates and puts others in.
func (t *templates) replace(all []residue.Template) {
	sets := joined(nil, all)
	t.sets.Store(&sets)
}

// add puts templates in, or replaces them; what a person said of one stays. One
// goroutine adds at a time: the one that groups.
func (t *templates) add(more []residue.Template) {
	if len(more) == 0 {
		return
	}
	sets := joined(*t.sets.Load(), more)
	t.sets.Store(&sets)
}

// joined is sets with more templates in them. The sets given stay as they are.
func joined(sets map[string]map[uint64]*residue.Template, more []residue.Template) map[string]map[uint64]*residue.Template {
	all := make(map[string]map[uint64]*residue.Template, len(sets)+1)
	maps.Copy(all, sets)
	fresh := map[string]bool{}
	for i := range more {
		one := &more[i]
		if !fresh[one.Outlet] {
			set := make(map[uint64]*residue.Template, len(all[one.Outlet])+1)
			maps.Copy(set, all[one.Outlet])
			all[one.Outlet], fresh[one.Outlet] = set, true
		}
		if old := all[one.Outlet][one.Print]; old == nil || old.State == residue.StateLearned || old.State == one.State {
			all[one.Outlet][one.Print] = one
		}
	}
	return all
}
