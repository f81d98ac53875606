package feed

import (
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"kliping/internal/news"
)

// The limits of a list of feeds.
const (
	maxOPMLBytes  = 32 << 20
	maxOPMLFeeds  = 50_000
	maxOPMLLevels = 32 // folders within one another; deeper ones count as the last
)

// ReadOPML reads a list of feeds in OPML 1 or 2, as any reader exports it and
// in any character set. Folders become tags, "a/b" for b in a, and "a\/b" for one
// whose name is a/b; so do categories. A feed that is listed twice is one feed with the tags of both.
// Schedule and outlet are read from the attributes that WriteOPML writes.
//
// A list that is cut off, or larger than the limits, gives what there is up to
// there; notes say so, for people. Errors wrap news.ErrInvalid, or are the reader's.
func ReadOPML(r io.Reader) (feeds []news.Feed, notes []string, err error) {
	body, err := io.ReadAll(io.LimitReader(r, maxOPMLBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the list of feeds: %w", err)
	}
	large := len(body) > maxOPMLBytes
	if large {
		notes = append(notes, fmt.Sprintf("the list is larger than %d MB; what is beyond is left out", maxOPMLBytes>>20))
	}
	text, _ := decode(body, "")
	list := outlines{known: map[string]int{}}
	s := newScanner(text)
	ended := false
	for len(list.feeds) < maxOPMLFeeds {
		t, more := s.next()
		if !more {
			break
		}
		ended = ended || localName(strings.ToLower(t.name)) == "opml" && (t.kind == endToken || t.empty)
		if name := strings.ToLower(localName(t.name)); t.kind == startToken && list.root == "" {
			list.root = name
		} else if name == "outline" && t.kind == startToken {
			list.open(t)
		} else if name == "outline" && t.kind == endToken {
			list.close()
		}
	}
	switch {
	case list.root != "opml":
		return nil, nil, fmt.Errorf("this is no list of feeds (OPML): it begins with <%s>: %w", clip(list.root), news.ErrInvalid)
	case len(list.feeds) >= maxOPMLFeeds:
		notes = append(notes, fmt.Sprintf("the list has %d feeds or more; those beyond are left out", maxOPMLFeeds))
	case !ended && !large:
		notes = append(notes, "the list is cut off: it has no </opml>; what is there up to the cut is taken")
	}
	return list.feeds, notes, nil
}

// outlines is a list of feeds while it is read.
type outlines struct {
	root    string
	feeds   []news.Feed
	known   map[string]int // index in feeds by URL
	folders []string       // names of the open outlines; "" for a feed
	deeper  int            // open outlines beyond maxOPMLLevels
}

func (l *outlines) open(t token) {
	var e entities
	attrs := map[string]string{}
	for _, a := range t.attrs {
		attrs[strings.ToLower(a.name)] = foldSpace(withoutControls(e.decode(a.value)))
	}
	name := attrs["text"]
	if name == "" {
		name = attrs["title"]
	}
	folder := name
	if url := outlineURL(attrs); url != "" {
		folder = ""
		l.add(url, name, attrs)
	}
	switch {
	case t.empty:
	case len(l.folders) >= maxOPMLLevels:
		l.deeper++
	default:
		l.folders = append(l.folders, folder)
	}
}

func (l *outlines) close() {
	if l.deeper > 0 {
		l.deeper--
	} else if len(l.folders) > 0 {
		l.folders = l.folders[:len(l.folders)-1]
	}
}

// outlineURL is the feed's address; old lists call it url, and browsers wrote
// feed: before it.
func outlineURL(attrs map[string]string) string {
	url := attrs["xmlurl"]
	if url == "" && (attrs["type"] == "rss" || attrs["type"] == "atom") {
		url = attrs["url"]
	}
	if rest, found := strings.CutPrefix(url, "feed://"); found {
		return "http://" + rest
	}
	return strings.TrimPrefix(url, "feed:")
}

func (l *outlines) add(url, name string, attrs map[string]string) {
	if name == url {
		name = ""
	}
	i, listed := l.known[url]
	if !listed {
		i = len(l.feeds)
		l.known[url] = i
		l.feeds = append(l.feeds, news.Feed{
			URL: url, Title: name, Site: attrs["htmlurl"], Language: attrs["language"],
			Outlet: attrs["kliping:outlet"], Schedule: attrs["kliping:schedule"], FullText: news.FullText(attrs["kliping:fulltext"]), Tags: []string{},
		})
	}
	paths := []string{joinTag(l.folders)}
	paths = append(paths, strings.Split(attrs["category"], ",")...)
	for _, path := range paths {
		tag := joinTag(splitTag(path))
		if tag != "" && !slices.Contains(l.feeds[i].Tags, tag) {
			l.feeds[i].Tags = append(l.feeds[i].Tags, tag)
		}
	}
}

// splitTag cuts a tag into the names of its folders. A backslash takes the slash or
// backslash after it into the name.
func splitTag(tag string) (names []string) {
	var name strings.Builder
	end := func() {
		if s := foldSpace(name.String()); s != "" && len(names) < maxOPMLLevels {
			names = append(names, s)
		}
		name.Reset()
	}
	for i := 0; i < len(tag); i++ {
		switch c := tag[i]; {
		case c == '/':
			end()
		case c == '\\' && i+1 < len(tag) && strings.IndexByte(`/\`, tag[i+1]) >= 0:
			i++
			name.WriteByte(tag[i])
		default:
			name.WriteByte(c)
		}
	}
	end()
	return names
}

// joinTag makes a tag of the names of folders, which splitTag gives back. A
// backslash is doubled only where it would be taken for more than itself.
func joinTag(names []string) string {
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteByte('/')
		}
		for k := range len(name) {
			last := k+1 == len(name)
			if name[k] == '/' || name[k] == '\\' && (last || strings.IndexByte(`/\`, name[k+1]) >= 0) {
				b.WriteByte('\\')
			}
			b.WriteByte(name[k])
		}
	}
	return b.String()
}

// WriteOPML writes feeds as an OPML 2.0 list that other readers understand. A
// feed stands in the folder of each of its tags. What only Kliping knows,
// schedule and outlet, stands in attributes of its own namespace.
func WriteOPML(w io.Writer, title string, feeds []news.Feed) error {
	var root folder
	for _, f := range feeds {
		placed := false
		for _, tag := range f.Tags {
			if path := splitTag(tag); len(path) > 0 {
				at := root.at(path)
				at.feeds = append(at.feeds, f)
				placed = true
			}
		}
		if !placed {
			root.feeds = append(root.feeds, f)
		}
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<opml version="2.0" xmlns:kliping="urn:kliping">` + "\n" +
		"  <head>\n    <title>" + html.EscapeString(cleanAttribute(title)) + "</title>\n  </head>\n  <body>\n")
	root.write(&b, "    ")
	b.WriteString("  </body>\n</opml>\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the list of feeds: %w", err)
	}
	return nil
}

// folder is a node of the tree that tags make, children in order of appearance.
type folder struct {
	name    string
	feeds   []news.Feed
	folders []*folder
	index   map[string]*folder
}

// at is the folder at a path, made if need be.
func (f *folder) at(path []string) *folder {
	for _, name := range path {
		child := f.index[name]
		if child == nil {
			child = &folder{name: name}
			if f.index == nil {
				f.index = map[string]*folder{}
			}
			f.index[name] = child
			f.folders = append(f.folders, child)
		}
		f = child
	}
	return f
}

func (f *folder) write(b *strings.Builder, indent string) {
	for _, feed := range f.feeds {
		b.WriteString(indent + "<outline type=\"rss\"")
		text := feed.Title
		if text == "" {
			text = feed.URL
		}
		for _, a := range []attr{
			{"text", text}, {"title", feed.Title}, {"xmlUrl", feed.URL}, {"htmlUrl", feed.Site}, {"language", feed.Language},
			{"kliping:schedule", feed.Schedule}, {"kliping:fullText", string(feed.FullText)}, {"kliping:outlet", feed.Outlet},
		} {
			if a.value != "" {
				b.WriteString(" " + a.name + `="` + html.EscapeString(cleanAttribute(a.value)) + `"`)
			}
		}
		b.WriteString("/>\n")
	}
	for _, child := range f.folders {
		b.WriteString(indent + `<outline text="` + html.EscapeString(cleanAttribute(child.name)) + "\">\n")
		child.write(b, indent+"  ")
		b.WriteString(indent + "</outline>\n")
	}
}

// cleanAttribute is s as it can stand in an attribute: valid UTF-8 without
// control characters, on one line.
func cleanAttribute(s string) string {
	return foldSpace(withoutControls(strings.ToValidUTF8(s, "")))
}
