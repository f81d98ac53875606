package web_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// element is a node of a parsed page.
type element struct{ *html.Node }

func parsePage(t *testing.T, r io.Reader) element {
	t.Helper()
	n, err := html.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	return element{n}
}

// all finds elements by a selector: steps parted by spaces, each below the one
// before. A step is a tag, a .class, an #id or an [attribute], or a tag followed
// by one of these.
func (e element) all(selector string) []element {
	found := []element{e}
	for step := range strings.FieldsSeq(selector) {
		var next []element
		for _, f := range found {
			for n := range f.Descendants() {
				if d := (element{n}); d.is(step) && !slices.Contains(next, d) {
					next = append(next, d)
				}
			}
		}
		found = next
	}
	return found
}

func (e element) is(step string) bool {
	if e.Type != html.ElementNode {
		return false
	}
	i := strings.IndexAny(step, ".#[")
	if i < 0 {
		return e.Data == step
	}
	tag, rest := step[:i], step[i+1:]
	switch {
	case tag != "" && e.Data != tag:
		return false
	case step[i] == '.':
		return slices.Contains(strings.Fields(e.attr("class")), rest)
	case step[i] == '#':
		return e.attr("id") == rest
	}
	_, has := e.lookup(strings.TrimSuffix(rest, "]"))
	return has
}

// one is the only element that a selector finds.
func (e element) one(t *testing.T, selector string) element {
	t.Helper()
	found := e.all(selector)
	if len(found) != 1 {
		t.Fatalf("%q is there %d times, want once, in %q", selector, len(found), e.text())
	}
	return found[0]
}

func (e element) lookup(name string) (string, bool) {
	for _, a := range e.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func (e element) attr(name string) string {
	v, _ := e.lookup(name)
	return v
}

// text is what a reader sees of an element, white space folded.
func (e element) text() string {
	var b strings.Builder
	for n := range e.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// texts are the texts of all elements that a selector finds.
func (e element) texts(selector string) []string {
	var all []string
	for _, f := range e.all(selector) {
		all = append(all, f.text())
	}
	return all
}
