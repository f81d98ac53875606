package feed

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	gofeed "github.com/mmcdole/gofeed/json"

	"kliping/internal/news"
)

// parseJSON reads a JSON Feed 1.0 or 1.1 (jsonfeed.org). Items are read one by
// one, so that neither a cut nor an item with a number for a title costs the
// others.
func parseJSON(text string, o Options) (*Feed, error) {
	doc := scanJSON(text, o.MaxDepth)
	if !doc.isFeed() {
		return nil, &NotFeedError{What: "JSON, but no JSON Feed"}
	}
	items, dropped := newest(doc.items, o.MaxItems, jsonDate)
	out := &Feed{Format: "json", Dropped: dropped, Repaired: doc.repaired, Items: make([]news.Item, 0, len(items))}
	var authors []*gofeed.Author
	if head := doc.parse(doc.head(), &out.Repaired); head != nil {
		out.Title, out.Site, out.Language = foldSpace(head.Title), head.HomePageURL, head.Language
		authors = jsonAuthors(head.Authors, head.Author)
	}
	for _, item := range items {
		if f := doc.parse(`{"items":[`+item+`]}`, &out.Repaired); f != nil && len(f.Items) == 1 && f.Items[0] != nil {
			out.Items = append(out.Items, fromJSON(f.Items[0], authors))
		}
	}
	return out, nil
}

// fromJSON takes over an item; authors are the feed's, for items that name none.
func fromJSON(i *gofeed.Item, authors []*gofeed.Author) news.Item {
	item := news.Item{
		GUID:      strings.TrimSpace(i.ID),
		Link:      cmp.Or(i.URL, i.ExternalURL, webLink(strings.TrimSpace(i.ID))),
		Title:     foldSpace(i.Title),
		Published: ParseDate(i.DatePublished),
		Updated:   ParseDate(i.DateModified),
		Language:  i.Language,
		Tags:      i.Tags,
	}
	item.HTML, item.Summary = fullAndSummary(cmp.Or(strings.TrimSpace(i.ContentHTML), paragraphs(i.ContentText)), paragraphs(i.Summary))
	if own := jsonAuthors(i.Authors, i.Author); len(own) > 0 {
		authors = own
	}
	var names []string
	for _, a := range authors {
		names = append(names, a.Name)
	}
	item.Author = joinNames(names)
	if i.Attachments != nil {
		for _, a := range *i.Attachments {
			item.Enclosures = appendEnclosure(item.Enclosures, a.URL, a.MimeType, fmt.Sprint(a.SizeInBytes))
		}
	}
	return item
}

func jsonAuthors(list []*gofeed.Author, single *gofeed.Author) []*gofeed.Author {
	list = slices.DeleteFunc(append(slices.Clone(list), single), func(a *gofeed.Author) bool { return a == nil || a.Name == "" })
	return list
}

// paragraphs makes HTML of plain text, one <p> for each run of lines.
func paragraphs(text string) string {
	var b strings.Builder
	for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			b.WriteString("<p>" + strings.ReplaceAll(escapeText(p), "\n", "<br>") + "</p>")
		}
	}
	return b.String()
}

// jsonDate is the date of an item by which the newest are chosen.
func jsonDate(item string) string {
	var dates struct {
		Published any `json:"date_published"`
		Modified  any `json:"date_modified"`
	}
	if json.Unmarshal([]byte(item), &dates) != nil {
		return ""
	}
	if s, ok := dates.Published.(string); ok {
		return s
	}
	s, _ := dates.Modified.(string)
	return s
}

// jsonFeed is a JSON text cut into the parts that matter, none of them nested
// too deep. The parts are valid JSON.
type jsonFeed struct {
	members  map[string]string // of the top level, items apart
	items    []string
	hasItems bool // there is an array of items
	repaired []string
}

func (d *jsonFeed) isFeed() bool {
	if strings.Contains(d.members["version"], "jsonfeed.org") {
		return true
	}
	if !d.hasItems || len(d.items) == 0 {
		return false
	}
	var item map[string]json.RawMessage
	if json.Unmarshal([]byte(d.items[0]), &item) != nil {
		return false
	}
	for _, key := range []string{"content_html", "content_text", "url", "title"} {
		if _, ok := item[key]; ok {
			return true
		}
	}
	return false
}

// head is the feed without its items.
func (d *jsonFeed) head() string {
	parts := []string{}
	for _, key := range []string{"version", "title", "home_page_url", "language", "author", "authors"} {
		if value, ok := d.members[key]; ok {
			parts = append(parts, `"`+key+`":`+value)
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// parse hands a document to gofeed, a second time with values of a wrong type
// changed or left out; nil if even that cannot be read.
func (d *jsonFeed) parse(doc string, repaired *[]string) *gofeed.Feed {
	f, err := (&gofeed.Parser{}).Parse(strings.NewReader(doc))
	if err == nil {
		return f
	}
	const note = "values of a wrong type"
	if !slices.Contains(*repaired, note) {
		*repaired = append(*repaired, note)
	}
	f, err = (&gofeed.Parser{}).Parse(strings.NewReader(loosen(doc)))
	if err != nil {
		return nil
	}
	return f
}

// loosen gives the known members of a feed and its items the types that JSON
// Feed asks for, and leaves out what has none.
func loosen(doc string) string {
	var members map[string]any
	if json.Unmarshal([]byte(doc), &members) != nil {
		return "{}"
	}
	loosenMembers(members)
	if items, ok := members["items"].([]any); ok {
		for _, item := range items {
			if m, ok := item.(map[string]any); ok {
				loosenMembers(m)
			}
		}
	}
	b, err := json.Marshal(members)
	if err != nil {
		return "{}"
	}
	return string(b)
}

func loosenMembers(members map[string]any) {
	for key, value := range members {
		switch key {
		case "items", "size_in_bytes", "duration_in_seconds", "expired":
		case "authors", "attachments":
			members[key] = objects(value)
		case "author":
			members[key] = nil
			if list := objects(value); len(list) > 0 {
				members[key] = list[0]
			}
		case "tags":
			members[key] = texts(value)
		default:
			members[key] = nil
			if list := texts(value); len(list) > 0 {
				members[key] = list[0]
			}
		}
	}
}

// objects are the objects in a value; a bare text stands for a name.
func objects(value any) (out []any) {
	for _, v := range list(value) {
		switch v := v.(type) {
		case map[string]any:
			loosenMembers(v)
			out = append(out, v)
		case string:
			out = append(out, map[string]any{"name": v})
		}
	}
	return out
}

// texts are the texts and numbers in a value, as texts.
func texts(value any) (out []any) {
	for _, v := range list(value) {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case float64, bool:
			out = append(out, fmt.Sprint(v))
		}
	}
	return out
}

func list(value any) []any {
	if l, ok := value.([]any); ok {
		return l
	}
	return []any{value}
}
