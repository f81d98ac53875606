package export

import (
	"encoding/xml"
	"io"
	"time"
)

// RSS 2.0, with what the RSS Advisory Board's profile adds of Atom and Dublin Core.
// The prefixes are part of the names: encoding/xml would declare each anew.
type (
	rssFeed struct {
		XMLName xml.Name   `xml:"rss"`
		Version string     `xml:"version,attr"`
		Atom    string     `xml:"xmlns:atom,attr"`
		DC      string     `xml:"xmlns:dc,attr"`
		Channel rssChannel `xml:"channel"`
	}
	rssChannel struct {
		Title       string     `xml:"title"`
		Link        string     `xml:"link"`
		Description string     `xml:"description"`
		Built       string     `xml:"lastBuildDate"`
		Links       []atomLink `xml:"atom:link"`
		Items       []rssItem  `xml:"item"`
	}
	rssItem struct {
		Title       string   `xml:"title"`
		Link        string   `xml:"link,omitempty"`
		GUID        rssGUID  `xml:"guid"`
		Published   string   `xml:"pubDate,omitempty"`
		Updated     string   `xml:"atom:updated"` // RSS has no word for it
		Creator     string   `xml:"dc:creator,omitempty"`
		Language    string   `xml:"dc:language,omitempty"`
		Categories  []string `xml:"category"`
		Description string   `xml:"description"`
	}
	rssGUID struct {
		PermaLink bool   `xml:"isPermaLink,attr"`
		ID        string `xml:",chardata"`
	}
)

func writeRSS(w io.Writer, c *Channel) error {
	f := rssFeed{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", DC: "http://purl.org/dc/elements/1.1/", Channel: rssChannel{
		Title: ambiguous(c.Title), Link: c.Home, Description: ambiguous(c.Description), Built: rssTime(c.Updated),
		Links: links(atomLink{"self", c.Self, MediaType("rss")}, atomLink{"next", c.Next, MediaType("rss")}),
	}}
	for i := range c.Entries {
		e := &c.Entries[i]
		item := rssItem{
			Title: ambiguous(e.Title), Link: e.link(), GUID: rssGUID{ID: e.ID}, Updated: stamp(e.Updated),
			Creator: e.Author, Language: e.Language, Categories: e.Categories, Description: e.HTML,
		}
		if !e.Published.IsZero() {
			item.Published = rssTime(e.Published)
		}
		f.Channel.Items = append(f.Channel.Items, item)
	}
	return writeXML(w, f)
}

// rssTime has no name of a zone, which readers read in many ways.
func rssTime(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }
