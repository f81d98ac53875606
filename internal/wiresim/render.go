package wiresim

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
)

// render writes the outlet's feed in its format and charset.
func (o *outlet) render() []byte {
	var b bytes.Buffer
	switch o.ext {
	case "atom":
		o.atom(&b)
	case "rdf":
		o.rdf(&b)
	case "json":
		o.json(&b)
		return b.Bytes()
	default:
		o.rss(&b)
	}
	return encode(b.Bytes(), o.charset)
}

// encode writes UTF-8 XML in another charset; characters it lacks become
// numeric entities.
func encode(utf8 []byte, charset string) []byte {
	var enc encoding.Encoding
	switch charset {
	case "windows-1251":
		enc = charmap.Windows1251
	case "windows-1252":
		enc = charmap.Windows1252
	case "iso-8859-1":
		enc = charmap.ISO8859_1
	case "shift_jis":
		enc = japanese.ShiftJIS
	default:
		return utf8
	}
	b, err := encoding.HTMLEscapeUnsupported(enc.NewEncoder()).Bytes(utf8)
	if err != nil {
		return utf8 // not possible: what the charset lacks is escaped
	}
	return b
}

func (o *outlet) contentType() string {
	switch o.ext {
	case "atom":
		return "application/atom+xml; charset=" + o.charset
	case "json":
		return "application/feed+json"
	case "rdf":
		return "application/rdf+xml"
	}
	return "application/rss+xml; charset=" + o.charset
}

func (o *outlet) home() string { return "https://" + o.host() + "/" }

// date writes an item's time in the form and zone of the outlet.
func (o *outlet) date(t time.Time, layout string) string {
	zone := time.FixedZone(o.zone, zoneOffset(o.zone)*3600)
	return t.In(zone).Format(layout)
}

// rss is RSS 2.0; its dates name the zone as the outlet likes.
func (o *outlet) rss(b *bytes.Buffer) {
	layout := time.RFC1123Z
	if o.zone != "" && o.zone[0] != '+' {
		layout = "Mon, 02 Jan 2006 15:04:05 " + o.zone
	}
	fmt.Fprintf(b, `<?xml version="1.0" encoding="%s"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>%s</title>
<link>%s</link>
<description>%[2]s</description>
`, o.charset, escape(o.title), o.home())
	if o.declares {
		fmt.Fprintf(b, "<language>%s</language>\n", o.language)
	}
	for _, it := range o.items {
		e := it.compose()
		fmt.Fprintf(b, "<item>\n<title>%s</title>\n<link>%s</link>\n", escape(e.title), escape(it.address()))
		if id := it.guid(); id != "" {
			fmt.Fprintf(b, "<guid isPermaLink=\"%t\">%s</guid>\n", o.ids == linkID, escape(id))
		}
		fmt.Fprintf(b, "<pubDate>%s</pubDate>\n", o.date(it.at, layout))
		if o.cut == whole {
			fmt.Fprintf(b, "<description>%s</description>\n<content:encoded>%s</content:encoded>\n</item>\n", escape(e.summary), escape(e.html))
		} else {
			fmt.Fprintf(b, "<description>%s</description>\n</item>\n", escape(e.html))
		}
	}
	b.WriteString("</channel>\n</rss>\n")
}

// atom is Atom 1.0 (RFC 4287). An entry must have an id, so an outlet without
// the habit leaves it empty.
func (o *outlet) atom(b *bytes.Buffer) {
	fmt.Fprintf(b, `<?xml version="1.0" encoding="%s"?>
<feed xmlns="http://www.w3.org/2005/Atom"`, o.charset)
	if o.declares {
		fmt.Fprintf(b, ` xml:lang="%s"`, o.language)
	}
	fmt.Fprintf(b, ">\n<title>%s</title>\n<link href=\"%s\"/>\n<id>%[2]s</id>\n<updated>%s</updated>\n",
		escape(o.title), o.home(), o.modified.Format(time.RFC3339))
	for _, it := range o.items {
		e := it.compose()
		fmt.Fprintf(b, "<entry>\n<title>%s</title>\n<link rel=\"alternate\" href=\"%s\"/>\n<id>%s</id>\n", escape(e.title), escape(it.address()), escape(it.guid()))
		fmt.Fprintf(b, "<published>%s</published>\n<updated>%[1]s</updated>\n", o.date(it.at, time.RFC3339))
		fmt.Fprintf(b, "<content type=\"html\">%s</content>\n</entry>\n", escape(e.html))
	}
	b.WriteString("</feed>\n")
}

// rdf is RSS 1.0.
func (o *outlet) rdf(b *bytes.Buffer) {
	fmt.Fprintf(b, `<?xml version="1.0" encoding="%s"?>
<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel rdf:about="%s">
<title>%s</title>
<link>%[2]s</link>
<description>%[3]s</description>
`, o.charset, o.home(), escape(o.title))
	if o.declares {
		fmt.Fprintf(b, "<dc:language>%s</dc:language>\n", o.language)
	}
	b.WriteString("<items><rdf:Seq>\n")
	for _, it := range o.items {
		fmt.Fprintf(b, "<rdf:li rdf:resource=\"%s\"/>\n", escape(it.link()))
	}
	b.WriteString("</rdf:Seq></items>\n</channel>\n")
	for _, it := range o.items {
		e := it.compose()
		fmt.Fprintf(b, "<item rdf:about=\"%s\">\n<title>%s</title>\n<link>%s</link>\n<dc:date>%s</dc:date>\n",
			escape(it.link()), escape(e.title), escape(it.address()), o.date(it.at, time.RFC3339))
		fmt.Fprintf(b, "<description>%s</description>\n<content:encoded>%s</content:encoded>\n</item>\n", escape(e.summary), escape(e.html))
	}
	b.WriteString("</rdf:RDF>\n")
}

// json is JSON Feed 1.1.
func (o *outlet) json(b *bytes.Buffer) {
	type entry struct {
		ID        string `json:"id,omitempty"`
		URL       string `json:"url"`
		Title     string `json:"title"`
		Summary   string `json:"summary"`
		HTML      string `json:"content_html"`
		Published string `json:"date_published"`
	}
	feed := struct {
		Version  string  `json:"version"`
		Title    string  `json:"title"`
		Home     string  `json:"home_page_url"`
		Language string  `json:"language,omitempty"`
		Items    []entry `json:"items"`
	}{Version: "https://jsonfeed.org/version/1.1", Title: o.title, Home: o.home(), Items: []entry{}}
	if o.declares {
		feed.Language = o.language
	}
	for _, it := range o.items {
		e := it.compose()
		feed.Items = append(feed.Items, entry{it.guid(), it.address(), e.title, e.summary, e.html, o.date(it.at, time.RFC3339)})
	}
	_ = json.NewEncoder(b).Encode(feed) // strings into memory: nothing that can fail
}

func escape(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // into memory: cannot fail
	return b.String()
}
