package export

import (
	"encoding/json"
	"io"
)

// JSON Feed 1.1.
type (
	jsonFeed struct {
		Version     string     `json:"version"`
		Title       string     `json:"title"`
		Home        string     `json:"home_page_url,omitempty"`
		Self        string     `json:"feed_url,omitempty"`
		Description string     `json:"description,omitempty"`
		Next        string     `json:"next_url,omitempty"`
		Items       []jsonItem `json:"items"`
	}
	jsonItem struct {
		ID        string       `json:"id"`
		URL       string       `json:"url,omitempty"`          // the story's page
		External  string       `json:"external_url,omitempty"` // the lead at its outlet
		Title     string       `json:"title,omitempty"`
		HTML      string       `json:"content_html"`
		Summary   string       `json:"summary,omitempty"`
		Published string       `json:"date_published,omitempty"`
		Modified  string       `json:"date_modified"`
		Authors   []jsonAuthor `json:"authors,omitempty"`
		Tags      []string     `json:"tags,omitempty"`
		Language  string       `json:"language,omitempty"`
	}
	jsonAuthor struct {
		Name string `json:"name"`
	}
)

func writeJSON(w io.Writer, c *Channel) error {
	f := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: c.Title, Home: c.Home, Self: c.Self, Description: c.Description, Next: c.Next, Items: []jsonItem{},
	}
	for i := range c.Entries {
		e := &c.Entries[i]
		item := jsonItem{
			ID: e.ID, URL: e.Page, External: e.Link, Title: e.Title, HTML: e.HTML, Summary: e.Summary,
			Modified: stamp(e.Updated), Tags: e.Categories, Language: e.Language,
		}
		if !e.Published.IsZero() {
			item.Published = stamp(e.Published)
		}
		if e.Author != "" {
			item.Authors = []jsonAuthor{{e.Author}}
		}
		f.Items = append(f.Items, item)
	}
	out := json.NewEncoder(w) // with <, > and & escaped, should a browser take it for a page
	out.SetIndent("", " ")
	return out.Encode(f)
}
