package feed

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"

	"kliping/internal/news"
)

// fromRSS takes over a feed in RSS or RDF. gofeed's own translation is not
// used: it takes dates without their zones, and one text where there are two.
func fromRSS(f *rss.Feed) *Feed {
	out := &Feed{
		Title:    cmp.Or(f.Title, value(f.Extensions, "dc:title")),
		Site:     cmp.Or(f.Link, alternate(f.Extensions)),
		Language: cmp.Or(f.Language, value(f.Extensions, "dc:language")),
		Items:    make([]news.Item, 0, len(f.Items)),
	}
	for _, item := range f.Items {
		out.Items = append(out.Items, fromRSSItem(item))
	}
	return out
}

func fromRSSItem(i *rss.Item) news.Item {
	x := i.Extensions
	description := cmp.Or(i.Description, value(x, "dc:description"), value(x, "atom:summary"),
		value(x, "itunes:summary"), value(x, "media:description"))
	item := news.Item{
		Title:    cmp.Or(i.Title, value(x, "dc:title"), value(x, "media:title")),
		Language: value(x, "dc:language"),
		Author:   rssAuthor(i),
		Published: firstDate(i.PubDate, lastValue(x, "dcterms:issued"), lastValue(x, "dc:date"), lastValue(x, "atom:published"),
			i.Custom["published"], i.Custom["issued"], lastValue(x, "dcterms:created"), i.Custom["created"]),
		Updated: firstDate(lastValue(x, "atom:updated"), lastValue(x, "dcterms:modified"), i.Custom["updated"], i.Custom["modified"], lastValue(x, "dc:date")),
	}
	item.HTML, item.Summary = fullAndSummary(i.Content, description)
	if second := value(x, "atom:summary"); item.Summary == "" && second != description {
		item.HTML, item.Summary = longer(description, second)
	}
	if i.GUID != nil {
		item.GUID = i.GUID.Value
	} else {
		item.GUID = value(x, "dc:identifier")
	}
	item.Link = cmp.Or(value(x, "feedburner:origlink"), i.Link, alternate(x))
	if item.Link == "" && (i.GUID == nil || !strings.EqualFold(strings.TrimSpace(i.GUID.IsPermalink), "false")) {
		item.Link = webLink(item.GUID)
	}
	if i.Source != nil {
		item.SourceURL = i.Source.URL
	}
	item.Canonical = linkOf(x, "canonical")
	for _, c := range i.Categories {
		item.Tags = append(item.Tags, c.Value)
	}
	item.Tags = append(item.Tags, values(x, "dc:subject")...)
	for _, e := range i.Enclosures {
		item.Enclosures = appendEnclosure(item.Enclosures, e.URL, e.Type, e.Length)
	}
	item.Enclosures = appendMedia(item.Enclosures, x)
	return item
}

// rssAuthor is who wrote an RSS item. RSS asks for a mail address with the
// name in parentheses, most feeds give a name, in dc:creator.
func rssAuthor(i *rss.Item) string {
	x := i.Extensions
	names := values(x, "dc:creator")
	if len(names) == 0 {
		names = values(x, "dc:author")
	}
	if len(names) == 0 && i.Author != "" {
		names = []string{personName(i.Author)}
	}
	if len(names) == 0 {
		for _, a := range x["atom"]["author"] {
			names = append(names, childValue(a, "name"))
		}
	}
	return cmp.Or(joinNames(names), value(x, "itunes:author"))
}

// personName takes the name out of "mail@address (Name)" and "Name <mail>".
func personName(s string) string {
	before, rest, found := strings.Cut(s, "(")
	if inner, _, closed := strings.Cut(rest, ")"); found && closed {
		if strings.Contains(before, "@") && strings.TrimSpace(inner) != "" {
			return strings.TrimSpace(inner)
		}
		if strings.Contains(inner, "@") {
			return strings.TrimSpace(before)
		}
	}
	if name, rest, found := strings.Cut(s, "<"); found && strings.Contains(rest, "@") && strings.TrimSpace(name) != "" {
		return strings.TrimSpace(name)
	}
	return s
}

func joinNames(names []string) string {
	var kept []string
	for _, n := range names {
		if n = strings.TrimSpace(n); n != "" && !slices.Contains(kept, n) {
			kept = append(kept, n)
		}
	}
	return strings.Join(kept, ", ")
}

// fromAtom takes over an Atom feed.
func fromAtom(f *atom.Feed) *Feed {
	out := &Feed{
		Title:    f.Title,
		Site:     bestLink(f.Links),
		Language: value(f.Extensions, "dc:language"),
		Items:    make([]news.Item, 0, len(f.Entries)),
	}
	for _, e := range f.Entries {
		out.Items = append(out.Items, fromAtomEntry(e, f))
	}
	return out
}

func fromAtomEntry(e *atom.Entry, f *atom.Feed) news.Item {
	x := e.Extensions
	var content, source string
	if e.Content != nil {
		content, source = e.Content.Value, e.Content.Src
	}
	item := news.Item{
		GUID:      e.ID,
		Link:      cmp.Or(value(x, "feedburner:origlink"), bestLink(e.Links), source, webLink(e.ID)),
		Title:     e.Title,
		Author:    cmp.Or(people(e.Authors), joinNames(values(x, "dc:creator")), people(f.Authors)),
		Language:  value(x, "dc:language"),
		Published: firstDate(e.Published, lastValue(x, "dcterms:issued"), lastValue(x, "dc:date"), lastValue(x, "dcterms:created")),
		Updated:   firstDate(e.Updated, lastValue(x, "dcterms:modified")),
	}
	item.HTML, item.Summary = fullAndSummary(content, cmp.Or(e.Summary, mediaDescription(x)))
	if item.Published.IsZero() {
		item.Published = item.Updated
	}
	if e.Source != nil {
		item.SourceURL = cmp.Or(bestLink(e.Source.Links), webLink(e.Source.ID))
	}
	for _, l := range e.Links {
		if l.Rel == "canonical" {
			item.Canonical = cmp.Or(item.Canonical, l.Href)
		}
	}
	for _, c := range e.Categories {
		item.Tags = append(item.Tags, cmp.Or(c.Label, c.Term))
	}
	item.Tags = append(item.Tags, values(x, "dc:subject")...)
	for _, l := range e.Links {
		if l.Rel == "enclosure" {
			item.Enclosures = appendEnclosure(item.Enclosures, l.Href, l.Type, l.Length)
		}
	}
	item.Enclosures = appendMedia(item.Enclosures, x)
	return item
}

func people(persons []*atom.Person) string {
	var names []string
	for _, p := range persons {
		names = append(names, cmp.Or(p.Name, p.Email))
	}
	return joinNames(names)
}

// bestLink is the page among an Atom element's links: the alternate, HTML
// before other types.
func bestLink(links []*atom.Link) string {
	best := ""
	for _, l := range links {
		if l.Rel != "alternate" || l.Href == "" {
			continue
		}
		if l.Type == "text/html" || l.Type == "application/xhtml+xml" {
			return l.Href
		}
		best = cmp.Or(best, l.Href)
	}
	return best
}

// fullAndSummary decides which of two texts is the article. The summary is
// kept apart only where there is a full text besides.
func fullAndSummary(content, description string) (full, summary string) {
	if content == "" {
		return description, ""
	}
	return content, description
}

// longer gives the longer of two texts of an item first, for it is the article.
func longer(a, b string) (long, short string) {
	if len(a) < len(b) {
		return b, a
	}
	return a, b
}

// firstDate is the first date of several that can be read.
func firstDate(dates ...string) time.Time {
	for _, d := range dates {
		if t := ParseDate(d); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// values are the texts of a module's element, such as "dc:creator".
func values(x ext.Extensions, name string) []string {
	prefix, local, _ := strings.Cut(name, ":")
	var out []string
	for _, e := range x[prefix][local] {
		if e.Value != "" {
			out = append(out, e.Value)
		}
	}
	return out
}

// value is the first of values, or "".
func value(x ext.Extensions, name string) string {
	for _, v := range values(x, name) {
		return v
	}
	return ""
}

// lastValue is the last of values, or "".
func lastValue(x ext.Extensions, name string) string {
	if all := values(x, name); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

func childValue(e ext.Extension, name string) string {
	for _, c := range e.Children[name] {
		return c.Value
	}
	return ""
}

// alternate is the page an <atom:link> in RSS points to.
func alternate(x ext.Extensions) string { return linkOf(x, "alternate") }

// linkOf is what an <atom:link> of that relation in RSS points to.
func linkOf(x ext.Extensions, relation string) string {
	for _, l := range x["atom"]["link"] {
		if cmp.Or(l.Attrs["rel"], "alternate") == relation {
			return l.Attrs["href"]
		}
	}
	return ""
}

// mediaDescription is the text that goes with a video.
func mediaDescription(x ext.Extensions) string {
	if d := value(x, "media:description"); d != "" {
		return d
	}
	for _, g := range x["media"]["group"] {
		if d := childValue(g, "description"); d != "" {
			return d
		}
	}
	return ""
}

// appendMedia appends the files of <media:content>, alone or in groups.
func appendMedia(list []news.Enclosure, x ext.Extensions) []news.Enclosure {
	media := x["media"]["content"]
	for _, g := range x["media"]["group"] {
		media = append(media, g.Children["content"]...)
	}
	for _, m := range media {
		list = appendEnclosure(list, m.Attrs["url"], m.Attrs["type"], m.Attrs["filesize"])
	}
	return list
}

// appendEnclosure appends a file once.
func appendEnclosure(list []news.Enclosure, url, typ, length string) []news.Enclosure {
	if url == "" || slices.ContainsFunc(list, func(e news.Enclosure) bool { return e.URL == url }) {
		return list
	}
	n, err := strconv.ParseInt(strings.TrimSpace(length), 10, 64)
	if err != nil || n < 0 {
		n = 0 // feeds write "unknown", "12 MB" and worse
	}
	return append(list, news.Enclosure{URL: url, Type: typ, Length: n})
}
