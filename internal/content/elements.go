package content

import "kliping/internal/news"

// role says what an element does to the text. Elements that are not in the
// table below stand in a line of text and do nothing.
type role uint8

const (
	block     role = iota + 1 // divides the text before, inside and after
	lineBreak                 // divides when it comes twice
	spacer                    // parts words
	link                      // its text counts as linked
	silent                    // its inside is not text of the article; parts words
	reading                   // the same for a reading aid above a word, which it does not part
)

// element is what we know of one of HTML's elements.
type element struct {
	name   string
	role   role
	kind   news.BlockKind // what it makes of the blocks in it; empty: leaves that to its parents
	family family         // elements of one family close each other; 0: none
	void   bool           // has no inside
	raw    bool           // the tokenizer takes its inside for plain characters up to the end tag
	greedy bool           // unclosed, it runs to the end of the text
}

type family uint8

const (
	paragraphs family = iota + 1 // closed by any block element
	items
	terms
	rows
)

// longestName is the length of the longest name in the table.
const longestName = len("blockquote")

// elements holds the elements with a role, by name. It never changes.
var elements = table(
	element{name: "p", role: block, family: paragraphs},
	element{name: "h1", role: block, kind: news.Heading},
	element{name: "h2", role: block, kind: news.Heading},
	element{name: "h3", role: block, kind: news.Heading},
	element{name: "h4", role: block, kind: news.Heading},
	element{name: "h5", role: block, kind: news.Heading},
	element{name: "h6", role: block, kind: news.Heading},
	element{name: "li", role: block, kind: news.ListItem, family: items},
	element{name: "dt", role: block, kind: news.ListItem, family: terms},
	element{name: "dd", role: block, kind: news.ListItem, family: terms},
	element{name: "blockquote", role: block, kind: news.Quote},
	element{name: "figcaption", role: block, kind: news.Caption},
	element{name: "caption", role: block, kind: news.Caption},
	element{name: "pre", role: block, kind: news.Code},
	element{name: "listing", role: block, kind: news.Code},
	element{name: "xmp", role: block, kind: news.Code, raw: true},
	element{name: "plaintext", role: block, void: true, raw: true},
	element{name: "hr", role: block, void: true},
	element{name: "tr", role: block, family: rows},

	element{name: "address", role: block}, element{name: "article", role: block},
	element{name: "aside", role: block}, element{name: "body", role: block},
	element{name: "button", role: block}, element{name: "center", role: block},
	element{name: "details", role: block}, element{name: "dialog", role: block},
	element{name: "dir", role: block}, element{name: "div", role: block},
	element{name: "dl", role: block}, element{name: "fieldset", role: block},
	element{name: "figure", role: block}, element{name: "footer", role: block},
	element{name: "form", role: block}, element{name: "header", role: block},
	element{name: "hgroup", role: block}, element{name: "html", role: block},
	element{name: "legend", role: block}, element{name: "main", role: block},
	element{name: "menu", role: block}, element{name: "nav", role: block},
	element{name: "ol", role: block}, element{name: "search", role: block},
	element{name: "section", role: block}, element{name: "summary", role: block},
	element{name: "table", role: block}, element{name: "tbody", role: block},
	element{name: "tfoot", role: block}, element{name: "thead", role: block},
	element{name: "ul", role: block},

	element{name: "br", role: lineBreak},
	element{name: "td", role: spacer}, element{name: "th", role: spacer},
	element{name: "img", role: spacer}, element{name: "embed", role: spacer},
	element{name: "input", role: spacer},
	element{name: "a", role: link},

	element{name: "script", role: silent, raw: true, greedy: true},
	element{name: "style", role: silent, raw: true, greedy: true},
	element{name: "title", role: silent, raw: true},
	element{name: "textarea", role: silent, raw: true},
	element{name: "iframe", role: silent, raw: true},
	element{name: "noembed", role: silent, raw: true},
	element{name: "noframes", role: silent, raw: true},
	element{name: "noscript", role: silent, raw: true},
	element{name: "head", role: silent},
	element{name: "template", role: silent}, element{name: "svg", role: silent},
	element{name: "canvas", role: silent}, element{name: "object", role: silent},
	element{name: "audio", role: silent}, element{name: "video", role: silent},
	element{name: "select", role: silent}, element{name: "datalist", role: silent},
	element{name: "rt", role: reading}, element{name: "rp", role: reading},
)

func table(list ...element) map[string]*element {
	byName := make(map[string]*element, len(list))
	for _, e := range list {
		byName[e.name] = &e
	}
	return byName
}

// elementOf is the element with a role whose name begins the text, the inside
// of a tag; nil if there is none.
func elementOf[T string | []byte](tag T) *element {
	var name [longestName]byte
	for i := 0; i < len(tag) && i <= longestName; i++ {
		c := tag[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != ':' && c != '_' {
			return elements[string(name[:i])]
		}
		if i < longestName {
			name[i] = c
		}
	}
	return nil
}
