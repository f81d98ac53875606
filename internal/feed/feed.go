// Package feed turns bytes into a feed's items: RSS 0.9 to 2.0 and RDF, Atom
// 0.3 and 1.0, JSON Feed, in any character set, well-formed or not. It also
// finds the feeds a page links to, and reads and writes lists of feeds (OPML).
//
// The bytes go through four steps, each bounded in memory and depth:
//
//	decode.go   bytes → text: character set, byte order mark, damaged bytes
//	mend.go     text → well-formed XML of the few elements feeds are made of
//	            (token.go cuts, vocabulary.go knows, construct.go reads texts)
//	gofeed      XML → structs: the only package that imports it is this one
//	items.go    structs → news.Item
//
// The mender stands before gofeed because gofeed builds a tree by recursion,
// drops every item for one bad byte, and forgets of which type an Atom text
// was. What it gets to see has no more than four levels and one kind of text.
//
// Words: to mend is to read what a strict parser refuses; what was mended is
// named for people in Feed.Repaired. A feed that is cut off gives the items
// before the cut.
package feed

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/rss"

	"kliping/internal/news"
)

// Options are the limits of one feed; zero values mean the defaults.
type Options struct {
	MaxItems int // the newest are kept; default 10,000
	MaxDepth int // elements or JSON values within one another; default 256
}

const (
	defaultMaxItems = 10_000
	defaultMaxDepth = 256
)

func (o Options) withDefaults() Options {
	if o.MaxItems <= 0 {
		o.MaxItems = defaultMaxItems
	}
	if o.MaxDepth <= 0 {
		o.MaxDepth = defaultMaxDepth
	}
	return o
}

// Feed is what a feed says of itself, and its items in the feed's order.
type Feed struct {
	Title    string      `json:"title,omitempty"`    // plain text
	Site     string      `json:"site,omitempty"`     // the page it belongs to, absolute
	Language string      `json:"language,omitempty"` // as declared
	Pace     news.Pace   `json:"pace,omitzero"`      // how often it asks to be read
	Items    []news.Item `json:"items"`
	Format   string      `json:"format"`             // "rss", "rdf", "atom", "json" or "sitemap"
	Dropped  int         `json:"dropped,omitempty"`  // items over the limit
	Repaired []string    `json:"repaired,omitempty"` // what had to be mended, for people
}

// NotFeedError says what a response is instead of a feed, and what to do. It
// wraps news.ErrInvalid.
type NotFeedError struct {
	What string // "an HTML page", "empty"
	Hint string // what to do; may be empty
}

func (e *NotFeedError) Error() string {
	if e.Hint == "" {
		return "this is no feed: it is " + e.What
	}
	return "this is no feed: it is " + e.What + "; " + e.Hint
}

func (e *NotFeedError) Unwrap() error { return news.ErrInvalid }

// Parse reads a feed. contentType is the response's header, which may be empty;
// feedURL is where the feed came from, for relative links.
//
// Errors are *NotFeedError. A feed that is damaged is no error: what can be
// read is returned, with what was mended in Repaired.
func Parse(body []byte, contentType, feedURL string, o Options) (*Feed, error) {
	o = o.withDefaults()
	text, notes := decode(body, contentType)
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return nil, &NotFeedError{What: "empty"}
	}
	var feed *Feed
	var err error
	if trimmed[0] == '{' || trimmed[0] == '[' {
		feed, err = parseJSON(trimmed, o)
	} else {
		feed, err = parseXML(text, feedURL, o)
	}
	if err != nil {
		return nil, err
	}
	feed.Repaired = append(notes, feed.Repaired...)
	feed.Pace = pace(text)
	feed.complete(feedURL)
	return feed, nil
}

// parseXML reads every format but JSON.
func parseXML(text, feedURL string, o Options) (*Feed, error) {
	base := parseBase(feedURL)
	doc := mend(text, base, o)
	if doc.format == "" {
		if feed, ok := readSitemap(text, o); ok {
			return feed, nil
		}
		return nil, notFeed(text, &doc, feedURL)
	}
	feed, err := doc.parse(doc.items)
	if err != nil {
		return nil, &NotFeedError{What: fmt.Sprintf("%s that cannot be read (%v)", doc.format, err)}
	}
	feed.Format, feed.Dropped, feed.Repaired = doc.format, doc.dropped, doc.repaired
	if feed.Language == "" {
		feed.Language = doc.language
	}
	return feed, nil
}

// batch is how many items gofeed is given at a time: what it builds of them
// is several times their size.
const batch = 500

// parse gives the mended feed to gofeed.
func (d *mended) parse(items []mendedItem) (*Feed, error) {
	var whole *Feed
	for len(items) > 0 || whole == nil {
		n := min(len(items), batch)
		f, err := d.parseXML(d.document(items[:n]))
		if err != nil {
			return nil, err
		}
		items = items[n:]
		if whole == nil {
			whole = f
		} else {
			whole.Items = append(whole.Items, f.Items...)
		}
	}
	return whole, nil
}

func (d *mended) parseXML(xml string) (*Feed, error) {
	if d.format == "atom" {
		parsed, err := (&atom.Parser{}).Parse(strings.NewReader(xml))
		if err != nil {
			return nil, err
		}
		return fromAtom(parsed), nil
	}
	parsed, err := (&rss.Parser{}).Parse(strings.NewReader(xml))
	if err != nil {
		return nil, err
	}
	return fromRSS(parsed), nil
}

// newest keeps the limit newest items in their order; where one has no date
// that can be read, the first ones.
func newest[T any](items []T, limit int, date func(T) string) (kept []T, dropped int) {
	if len(items) <= limit {
		return items, 0
	}
	times := make([]int64, len(items))
	for i, item := range items {
		t := ParseDate(date(item))
		if t.IsZero() {
			return items[:limit], len(items) - limit
		}
		times[i] = t.Unix()
	}
	sorted := slices.Clone(times)
	slices.SortFunc(sorted, func(a, b int64) int { return cmp.Compare(b, a) })
	oldest := sorted[limit-1]
	spare := limit // how many of the very oldest date still fit
	for _, t := range sorted[:limit] {
		if t > oldest {
			spare--
		}
	}
	for i, item := range items {
		if times[i] == oldest {
			spare--
		}
		if times[i] > oldest || times[i] == oldest && spare >= 0 {
			kept = append(kept, item)
		}
	}
	return kept, len(items) - len(kept)
}

// complete makes what the formats share whole: absolute links, inherited
// language.
func (f *Feed) complete(feedURL string) {
	base := parseBase(feedURL)
	f.Language = languageTag(f.Language)
	f.Site = resolve(base, f.Site)
	site := base
	if u := parseBase(f.Site); u != nil {
		site = u
	}
	for i := range f.Items {
		item := &f.Items[i]
		item.Link = webLink(resolve(site, item.Link))
		at := site
		if u := parseBase(item.Link); u != nil {
			at = u
		}
		item.HTML = resolveHTML(item.HTML, at)
		item.Summary = resolveHTML(item.Summary, at)
		item.SourceURL = webLink(resolve(site, item.SourceURL))
		item.Canonical = webLink(resolve(at, item.Canonical))
		for j := range item.Enclosures {
			item.Enclosures[j].URL = resolve(at, item.Enclosures[j].URL)
		}
		item.Language = cmp.Or(languageTag(item.Language), f.Language)
	}
}

// languageTag writes a language as BCP 47 does, "en-US" for "en_US".
func languageTag(s string) string {
	return strings.ReplaceAll(strings.TrimSpace(s), "_", "-")
}

// webLink is a link if a browser can follow it.
func webLink(s string) string {
	if u, err := url.Parse(s); err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return s
}
