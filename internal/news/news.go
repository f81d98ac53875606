// Package news holds the words every other package speaks: feed, item, block,
// article, story, and why an article belongs to its story. It imports nothing
// of ours, does no I/O and keeps no state.
//
//   - outlet: who publishes, named by its registrable domain (eTLD+1)
//   - feed: a URL polled on a schedule
//   - item: one entry as a feed gave it
//   - article: one item as one outlet published it, cleaned
//   - residue: text in an article that is not the article
//   - copy: another outlet's article that carries the same text
//   - story: the cluster of all copies of one text, in every language
//   - lead: the article that stands for a story
package news

import (
	"net/url"
	"strings"
	"time"
)

// FeedID, ArticleID and StoryID number rows of the store; zero means none.
type (
	FeedID    int64
	ArticleID int64
	StoryID   int64
)

// Change numbers order every change of a membership. They are taken under the
// grouping lock, so they commit in order: a reader that has seen change n has
// missed nothing at or below n.
type Change int64

// Feed is a URL polled on a schedule, with what the last poll said.
type Feed struct {
	ID       FeedID   `json:"id"`
	URL      string   `json:"url"`
	Title    string   `json:"title"`
	Site     string   `json:"site,omitempty"`      // the channel's own link
	Outlet   string   `json:"outlet,omitempty"`    // set by a person; empty: derived from each item
	Language string   `json:"language,omitempty"`  // BCP 47, as declared by the channel
	Schedule string   `json:"schedule,omitempty"`  // cron spec; empty: the default
	FullText FullText `json:"full_text,omitempty"` // empty: the default
	Tags     []string `json:"tags"`

	NextDue time.Time `json:"next_due"`
	Reason  string    `json:"reason,omitempty"` // why then, in words
	Retired time.Time `json:"retired,omitzero"` // when the server said that the feed is gone for good: it is polled no more
	Timing  Timing    `json:"-"`

	// What the last poll left behind.
	ETag         string    `json:"-"` // sent back byte for byte
	LastModified string    `json:"-"` // sent back byte for byte
	Status       Outcome   `json:"status,omitempty"`
	Error        string    `json:"error,omitempty"`
	Failures     int       `json:"failures"` // polls failed in a row
	LastPoll     time.Time `json:"last_poll,omitzero"`
	LastNew      time.Time `json:"last_new,omitzero"` // when a poll last brought an article
	Articles     int       `json:"articles"`
}

// Redacted is the feed as it may be shown: without the password that its URL may
// hold, or that of where it moved.
func (f Feed) Redacted() Feed {
	f.URL, f.Timing.MovedTo = redacted(f.URL), redacted(f.Timing.MovedTo)
	return f
}

func redacted(address string) string {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return u.Redacted()
	}
	return address
}

// FullText says of which items of a feed the page is fetched for its text.
type FullText string

// The policies of full text.
const (
	FullTextNever  FullText = "never"
	FullTextShort  FullText = "short" // of those whose own text is short or cut off
	FullTextAlways FullText = "always"
)

// Outcome says how a poll ended. Outcomes are values recorded on the feed with
// its next check, not errors thrown upward.
type Outcome string

// Good reports whether the feed was read, or need not be.
func (o Outcome) Good() bool { return o == OutcomeOK || o == OutcomeNotModified }

// The outcomes of a poll.
const (
	OutcomeOK          Outcome = "ok"
	OutcomeNotModified Outcome = "not modified"
	OutcomeGone        Outcome = "gone"         // 410
	OutcomeNotFound    Outcome = "not found"    // 404
	OutcomeRateLimited Outcome = "rate limited" // 429, 503
	OutcomeHTTPError   Outcome = "http error"   // any other status that is no success
	OutcomeTooLarge    Outcome = "too large"
	OutcomeTimeout     Outcome = "timeout"
	OutcomeUnreachable Outcome = "unreachable" // name or connection failed
	OutcomeRefused     Outcome = "refused"     // the address guard said no
	OutcomeNotAFeed    Outcome = "not a feed"
	OutcomeEmpty       Outcome = "empty"
	OutcomeBusy        Outcome = "busy" // a domain's turn did not come; no failure of the feed
)

// Item is one entry as a feed gave it, its text decoded to UTF-8 and its links
// made absolute, nothing else changed. It is what the store keeps as received.
type Item struct {
	GUID       string      `json:"guid,omitempty"`
	Link       string      `json:"link,omitempty"`
	Title      string      `json:"title,omitempty"` // plain text, entities decoded
	HTML       string      `json:"html,omitempty"`  // full content where given, else the summary
	Summary    string      `json:"summary,omitempty"`
	Author     string      `json:"author,omitempty"`
	Published  time.Time   `json:"published,omitzero"`
	Updated    time.Time   `json:"updated,omitzero"`
	Language   string      `json:"language,omitempty"`   // BCP 47, declared on item or channel
	SourceURL  string      `json:"source_url,omitempty"` // the feed that the item is taken from, as the feed says
	Canonical  string      `json:"canonical,omitempty"`  // the page that the item is a copy of, as the feed says
	Tags       []string    `json:"tags,omitempty"`
	Enclosures []Enclosure `json:"enclosures,omitempty"`

	Page *Page `json:"page,omitempty"` // what came of the page it links to; nil: not fetched
}

// Page is the page that an item links to, as far as it is kept.
type Page struct {
	State     PageState `json:"state"`
	Error     string    `json:"error,omitempty"`     // why there is no full text, for people
	HTML      string    `json:"html,omitempty"`      // what was found to be the article, or its beginning before a paywall
	Canonical string    `json:"canonical,omitempty"` // the page's own word on its address
	Form      int       `json:"form,omitempty"`      // how HTML was found: what was found in two ways cannot be compared, nor can what has none
}

// Takedown says that an article's page is no longer there.
type Takedown struct {
	Since time.Time `json:"since"` // as far as is known
	Why   string    `json:"why"`   // what the server answered
}

// IsZero reports whether the page is there, as far as is known.
func (t Takedown) IsZero() bool { return t.Since.IsZero() }

// PageState says what came of fetching an item's page.
type PageState string

// The states of a page; "" means that it was not fetched. In all but PageFull
// the article's text is the feed's own, if the feed gives any.
const (
	PageFull    PageState = "full text"
	PagePaywall PageState = "paywall"      // the page gives paying readers more
	PageConsent PageState = "consent wall" // the page asks for consent instead of giving the text
	PageGone    PageState = "gone"         // the server says that it was taken down for good
	PageFailed  PageState = "no full text"
)

// Enclosure is a file an item points to.
type Enclosure struct {
	URL    string `json:"url"`
	Type   string `json:"type,omitempty"`
	Length int64  `json:"length,omitempty"` // bytes, 0 unknown
}

// BlockKind says what element a block of text came from.
type BlockKind string

// The kinds of block.
const (
	Paragraph BlockKind = "p"
	ListItem  BlockKind = "li"
	Heading   BlockKind = "h"
	Quote     BlockKind = "quote"
	Code      BlockKind = "pre"
	Caption   BlockKind = "caption"
)

// Block is one run of text as a reader sees it: a paragraph, a list item, a
// heading. White space in Text is folded; entities are decoded.
type Block struct {
	Kind  BlockKind `json:"kind"`
	Text  string    `json:"text"`
	Path  string    `json:"path,omitempty"`  // tag path below the root, such as "div/ul/li"
	Links float64   `json:"links,omitempty"` // share of the text's runes that stand in links, 0 to 1
	Strip *Strip    `json:"strip,omitempty"` // why this is residue; nil: part of the article
}

// Evidence names the kind of knowledge that marked a block as residue.
type Evidence string

// The kinds of evidence, strongest first.
const (
	ByPerson   Evidence = "person"   // pinned by a person
	ByTemplate Evidence = "template" // the outlet repeats the block in otherwise different articles
	ByOutlets  Evidence = "outlets"  // several outlets carry the block in otherwise different articles
	ByCopy     Evidence = "copy"     // outside the span that copies share, and in none of them
	ByShape    Evidence = "shape"    // at an edge, and no sentence: a handle, a counter, a share label
	ByLexicon  Evidence = "lexicon"  // a plea of a known kind
)

// AnyOutlet stands where an outlet is named for outlets in general.
const AnyOutlet = "*"

// Strip records why a block was taken out of the article.
type Strip struct {
	Evidence Evidence `json:"evidence"`
	Rule     string   `json:"rule"`             // the rule's name, such as "handle" or "plea/newsletter"
	Detail   string   `json:"detail,omitempty"` // in words, for people: "seen in 7 articles of daily.example since 2 May"
}

// Article is one item as one outlet published it.
type Article struct {
	ID        ArticleID `json:"id"`
	Feed      FeedID    `json:"feed"`
	Outlet    string    `json:"outlet"`
	GUID      string    `json:"guid,omitempty"` // identity within the feed; never empty in the store
	URL       string    `json:"url,omitempty"`  // canonical
	Title     string    `json:"title"`
	Author    string    `json:"author,omitempty"`
	Language  string    `json:"language,omitempty"` // guessed, BCP 47 base language; "und" unknown
	Published time.Time `json:"published,omitzero"` // as the feed says; zero unknown
	Arrived   time.Time `json:"arrived"`            // when we first stored it
	Agency    string    `json:"agency,omitempty"`   // credited news agency, such as "AP"
	Dateline  string    `json:"dateline,omitempty"`
	Source    string    `json:"source,omitempty"`     // the outlet that the item says it is from, by rel=canonical or as its source
	Page      PageState `json:"page,omitempty"`       // what came of fetching its page
	PageError string    `json:"page_error,omitempty"` // why that gave no full text, for people
	TakenDown Takedown  `json:"taken_down,omitzero"`
	Tags      []string  `json:"tags,omitempty"`
	Blocks    []Block   `json:"blocks,omitempty"` // every block, residue included
	Version   int       `json:"version"`          // 1, counting up with each edition the outlet published

	// Membership; Story is zero until the article is grouped.
	Story  StoryID `json:"story,omitempty"`
	Reason Reason  `json:"reason,omitzero"`
}

// Text is the article without its residue, one block a paragraph.
func (a *Article) Text() string { return JoinKept(a.Blocks) }

// JoinKept joins the texts of the blocks that are not residue with blank lines.
func JoinKept(blocks []Block) string {
	var b strings.Builder
	for _, bl := range blocks {
		if bl.Strip != nil {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(bl.Text)
	}
	return b.String()
}

// Relation says what an article is to the article it was matched with.
type Relation string

// The relations. Founder is the article a story began with, in order of
// arrival; it need not be the original.
const (
	Founder     Relation = "founder"
	Copy        Relation = "copy"        // the same text, word for word or nearly
	Edited      Relation = "edited"      // much of the text, reworked
	Excerpt     Relation = "excerpt"     // a part of it
	Extended    Relation = "extended"    // all of it and more
	Translation Relation = "translation" // the same text in another language
	Version     Relation = "version"     // the same outlet's own other edition
	Placed      Relation = "placed"      // put there by a person
)

// Reason explains a membership in words and figures. Which figures are set
// depends on the relation.
type Reason struct {
	Relation    Relation  `json:"relation,omitempty"`
	Of          ArticleID `json:"of,omitempty"`          // the member it was matched with; 0 for a founder
	Containment float64   `json:"containment,omitempty"` // shared shingles over the smaller text's, 0 to 1
	Jaccard     float64   `json:"jaccard,omitempty"`     // shared over all shingles, 0 to 1
	Shared      int       `json:"shared,omitempty"`      // shared shingles, as counted on the sketches
	Score       float64   `json:"score,omitempty"`       // translation score, 0 to 1
	Pivots      []string  `json:"pivots,omitempty"`      // what the two languages share, weightiest first
}

// TextOf is the article whose wording r says its own shares; 0 for none, as for a
// founder and for a translation.
func (r Reason) TextOf() ArticleID {
	switch r.Relation {
	case Copy, Edited, Excerpt, Extended, Version:
		return r.Of
	}
	return 0
}

// IsZero reports whether r says nothing yet.
func (r Reason) IsZero() bool { return r.Relation == "" }

// Story is the cluster of all copies of one text.
type Story struct {
	ID             StoryID   `json:"id"`
	Change         Change    `json:"change"`
	Title          string    `json:"title"` // the lead's
	Lead           ArticleID `json:"lead"`
	Copies         int       `json:"copies"`    // articles in the story
	Texts          int       `json:"texts"`     // groups of articles that share wording; a translation is a text of its own
	Outlets        int       `json:"outlets"`   // distinct outlets
	Languages      []string  `json:"languages"` // sorted
	FirstOutlet    string    `json:"first_outlet"`
	FirstPublished time.Time `json:"first_published,omitzero"` // the lead's credible time
	FirstArrived   time.Time `json:"first_arrived"`
	LastArrived    time.Time `json:"last_arrived"`
}

// Earliest and latest publication times that are believed: feeds date items
// 1970 when they do not know, and tomorrow when their clock or zone is wrong.
const (
	oldestCredible = 1995
	futureCredible = time.Hour
)

// Time is when the article was published as far as that is credible, else when
// it arrived.
func (a *Article) Time() time.Time {
	if a.Published.Year() < oldestCredible || a.Published.After(a.Arrived.Add(futureCredible)) {
		return a.Arrived
	}
	return a.Published
}

// IsAgency reports whether an outlet is the news agency of that name, as far as
// its domain tells: agencies' domains are their names, with a word for the trade
// or without, but for a few.
func IsAgency(outlet, agency string) bool {
	name, _, _ := strings.Cut(outlet, ".")
	for _, trade := range []string{"news", "net", "agency"} {
		name = strings.TrimSuffix(name, trade)
	}
	switch outlet {
	case "news.cn":
		name = "xinhua"
	case "aa.com.tr":
		name = "anadolu"
	case "yna.co.kr":
		name = "yonhap"
	case "ceskenoviny.cz":
		name = "ctk"
	case "thecanadianpress.com":
		name = "cp"
	}
	return name != "" && strings.EqualFold(name, agency)
}
