package export

import (
	"encoding/xml"
	"io"
	"time"
)

// RFC 4287, with the paging of RFC 5005.
type (
	atomFeed struct {
		XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		ID       string      `xml:"id"`
		Title    string      `xml:"title"`
		Subtitle string      `xml:"subtitle,omitempty"`
		Updated  string      `xml:"updated"`
		Links    []atomLink  `xml:"link"`
		Author   atomPerson  `xml:"author"`
		Entries  []atomEntry `xml:"entry"`
	}
	atomEntry struct {
		Language   string         `xml:"xml:lang,attr,omitempty"`
		ID         string         `xml:"id"`
		Title      string         `xml:"title"` // of type text, which is the default
		Links      []atomLink     `xml:"link"`
		Published  string         `xml:"published,omitempty"`
		Updated    string         `xml:"updated"`
		Author     *atomPerson    `xml:"author"`
		Categories []atomCategory `xml:"category"`
		Summary    string         `xml:"summary,omitempty"`
		Content    atomText       `xml:"content"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
		Type string `xml:"type,attr,omitempty"`
	}
	atomPerson struct {
		Name string `xml:"name"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
	atomText struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	}
)

func writeAtom(w io.Writer, c *Channel) error {
	f := atomFeed{
		ID: c.ID, Title: c.Title, Subtitle: c.Description, Updated: stamp(c.Updated), Author: atomPerson{"Kliping"},
		Links: links(atomLink{"self", c.Self, MediaType("atom")}, atomLink{"alternate", c.Home, "text/html"}, atomLink{"next", c.Next, MediaType("atom")}),
	}
	for i := range c.Entries {
		f.Entries = append(f.Entries, newAtomEntry(&c.Entries[i]))
	}
	return writeXML(w, f)
}

func newAtomEntry(e *Entry) atomEntry {
	a := atomEntry{
		Language: e.Language, ID: e.ID, Title: e.Title, Updated: stamp(e.Updated), Summary: e.Summary, Content: atomText{"html", e.HTML},
		Links: links(atomLink{"alternate", e.link(), "text/html"}),
	}
	if e.Page != e.link() {
		a.Links = append(a.Links, links(atomLink{"related", e.Page, "text/html"})...)
	}
	if !e.Published.IsZero() {
		a.Published = stamp(e.Published)
	}
	if e.Author != "" {
		a.Author = &atomPerson{e.Author}
	}
	for _, c := range e.Categories {
		a.Categories = append(a.Categories, atomCategory{c})
	}
	return a
}

// links leaves out those that lead nowhere.
func links(all ...atomLink) []atomLink {
	var some []atomLink
	for _, l := range all {
		if l.Href != "" {
			some = append(some, l)
		}
	}
	return some
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// writeXML writes a document. What XML cannot hold becomes U+FFFD.
func writeXML(w io.Writer, document any) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(document); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
