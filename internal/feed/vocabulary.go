package feed

import "strings"

// role says how an element's content is read.
type role int

const (
	unknown    role = iota
	plainText       // a title or name: markup and entities become plain text
	htmlText        // an article or summary
	verbatim        // an identifier, date or language
	address         // a URL as text, or in href
	attributes      // only its attributes speak
	group           // speaks through its children
)

// element is a name that feeds use, and what becomes of it.
type element struct {
	role  role
	as    string   // the name under which gofeed knows it; empty: its own
	attrs []string // the attributes kept
	once  bool     // the first that is not blank counts
}

// Where an element stands decides what it means.
type place int

const (
	inFeed place = iota
	inItem
	inGroup
)

// rssElement is what RSS 0.9 to 2.0 and the modules used with them mean by a
// name. Names are in lower case; those of modules carry the usual prefix.
func rssElement(in place, name string) element {
	switch {
	case in == inGroup:
		return groupElement(name)
	case in == inFeed && (name == "title" || name == "dc:title"):
		return element{role: plainText, once: true}
	case in == inFeed && name == "link":
		return element{role: address, once: true}
	case in == inFeed && (name == "language" || name == "dc:language"):
		return element{role: verbatim, once: true}
	case name == "atom:link":
		return element{role: attributes, attrs: []string{"href", "rel", "type", "length"}}
	case in == inItem:
		return rssItemElement(name)
	}
	return element{}
}

func rssItemElement(name string) element {
	switch name {
	case "title", "dc:title", "media:title", "itunes:author":
		return element{role: plainText, once: true}
	case "description", "dc:description", "itunes:summary", "media:description":
		return element{role: htmlText, once: true}
	case "abstract":
		return element{role: htmlText, as: "description", once: true}
	case "content:encoded", "body", "xhtml:body", "xhtml:div", "fullitem", "encoded", "atom:content":
		return element{role: htmlText, as: "content:encoded", once: true}
	case "summary", "atom:summary":
		return element{role: htmlText, as: "atom:summary", once: true}
	case "link", "feedburner:origlink":
		return element{role: address, once: true}
	case "guid":
		return element{role: verbatim, attrs: []string{"ispermalink"}, once: true}
	case "source":
		return element{role: plainText, attrs: []string{"url"}, once: true}
	case "enclosure", "media:content":
		return element{role: attributes, attrs: []string{"url", "type", "length", "filesize"}}
	case "author", "dc:creator", "dc:author":
		return element{role: plainText}
	case "atom:author", "media:group":
		return element{role: group}
	case "category", "dc:subject":
		return element{role: plainText}
	}
	return dateElement(name)
}

// dateElement knows the names of dates, and of the language among them.
func dateElement(name string) element {
	switch name {
	case "dc:language":
		return element{role: verbatim, once: true}
	case "pubdate", "dc:date", "dcterms:issued", "dcterms:created", "dcterms:modified",
		"atom:published", "atom:updated", "published", "issued", "created", "updated", "modified":
		return element{role: verbatim} // where there are several, the last holds
	}
	return element{}
}

// atomElement is what Atom 0.3 and 1.0 mean by a name.
func atomElement(in place, name string) element {
	switch {
	case in == inGroup:
		return groupElement(name)
	case name == "title":
		return element{role: plainText, once: true}
	case name == "link":
		return element{role: attributes, attrs: []string{"href", "rel", "type", "length"}}
	case name == "author":
		return element{role: group}
	case name == "id":
		return element{role: verbatim, once: true}
	case in == inFeed && name == "dc:language":
		return element{role: verbatim, once: true}
	case in == inItem:
		return atomEntryElement(name)
	}
	return element{}
}

func atomEntryElement(name string) element {
	switch name {
	case "summary", "content", "media:description":
		return element{role: htmlText, attrs: []string{"src"}, once: true}
	case "category":
		return element{role: attributes, attrs: []string{"term", "label"}}
	case "dc:creator", "dc:subject":
		return element{role: plainText}
	case "source", "media:group":
		return element{role: group}
	case "media:content":
		return element{role: attributes, attrs: []string{"url", "type", "filesize"}}
	case "feedburner:origlink":
		return element{role: address, once: true}
	case "created":
		return element{role: verbatim, as: "dcterms:created"} // Atom 0.3, which gofeed has no place for
	}
	return dateElement(name)
}

// groupElement knows the children of an author, a source and a media group.
func groupElement(name string) element {
	switch name {
	case "name", "atom:name", "email", "atom:email":
		return element{role: plainText, once: true}
	case "id":
		return element{role: verbatim, once: true}
	case "link":
		return element{role: attributes, attrs: []string{"href", "rel", "type"}}
	case "media:content":
		return element{role: attributes, attrs: []string{"url", "type", "filesize"}}
	case "media:description":
		return element{role: htmlText, once: true}
	}
	return element{}
}

// attributeName is how gofeed spells an attribute.
func attributeName(name string) string {
	if name == "ispermalink" {
		return "isPermaLink"
	}
	return name
}

// namespaces are declared on the root of the mended feed. Feeds declare them
// under any prefix, or forget to.
const namespaces = ` xmlns:dc="http://purl.org/dc/elements/1.1/"` +
	` xmlns:dcterms="http://purl.org/dc/terms/"` +
	` xmlns:content="http://purl.org/rss/1.0/modules/content/"` +
	` xmlns:atom="http://www.w3.org/2005/Atom"` +
	` xmlns:itunes="http://www.itunes.com/DTDs/PodCast-1.0.dtd"` +
	` xmlns:media="http://search.yahoo.com/mrss/"` +
	` xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"`

// usualPrefix is the prefix a namespace goes by, such as "dc"; "rss" and
// "atom" are the formats' own.
func usualPrefix(uri string) string {
	switch strings.TrimSuffix(strings.ToLower(strings.TrimSpace(uri)), "/") {
	case "http://www.w3.org/2005/atom", "http://purl.org/atom/ns#":
		return "atom"
	case "http://purl.org/rss/1.0", "http://my.netscape.com/rdf/simple/0.9", "http://channel.netscape.com/rdf/simple/0.9",
		"http://purl.org/net/rss1.1#", "http://backend.userland.com/rss", "http://backend.userland.com/rss2", "http://blogs.law.harvard.edu/tech/rss":
		return "rss"
	case "http://www.w3.org/1999/02/22-rdf-syntax-ns#":
		return "rdf"
	case "http://purl.org/dc/elements/1.1", "http://purl.org/dc/elements/1.0":
		return "dc"
	case "http://purl.org/dc/terms":
		return "dcterms"
	case "http://purl.org/rss/1.0/modules/content":
		return "content"
	case "http://www.itunes.com/dtds/podcast-1.0.dtd":
		return "itunes"
	case "http://search.yahoo.com/mrss":
		return "media"
	case "http://rssnamespace.org/feedburner/ext/1.0":
		return "feedburner"
	case "http://www.w3.org/1999/xhtml":
		return "xhtml"
	}
	return ""
}

// isUsualPrefix reports whether a prefix is known without its declaration.
func isUsualPrefix(prefix string) bool {
	switch prefix {
	case "atom", "rss", "rdf", "dc", "dcterms", "content", "itunes", "media", "feedburner", "xhtml":
		return true
	}
	return false
}
