package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// file reads one YAML file into a Config and collects what is wrong with it. It
// walks the syntax tree rather than decode into structs, so that every problem
// can say where it stands, and one does not hide the next.
type file struct {
	path     string
	problems []error
}

func (c *Config) readFile(path string) []error {
	f := &file{path: path}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.problem(nil, "", "no such file; make one with 'kliping config print --defaults > "+path+"'")
	case err != nil:
		f.problem(nil, "", "it cannot be read: "+errors.Unwrap(err).Error())
	default:
		f.read(data, c)
	}
	return f.problems
}

func (f *file) problem(at *yaml.Node, key, what string) {
	where := f.path
	if at != nil {
		where = fmt.Sprintf("%s:%d:%d", f.path, at.Line, at.Column)
	}
	f.problems = append(f.problems, &Error{Where: where, Key: key, What: what})
}

func (f *file) read(data []byte, c *Config) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return // empty
	} else if err != nil {
		f.syntax(err)
		return
	}
	f.section(resolve(document.Content[0]), "", c.keys(), &c.Feeds)
	if err := decoder.Decode(&second); err == nil {
		f.problem(&second, "", "a second YAML document begins here; only one is read")
	} else if !errors.Is(err, io.EOF) {
		f.syntax(err)
	}
}

// syntax reports what the YAML parser says, which begins with "yaml: " and
// mostly "line 3: ".
func (f *file) syntax(err error) {
	what := strings.TrimPrefix(err.Error(), "yaml: ")
	at := ""
	if rest, ok := strings.CutPrefix(what, "line "); ok {
		if line, after, ok := strings.Cut(rest, ": "); ok {
			at, what = ":"+line, after
		}
	}
	if strings.Contains(what, "alphabetic or numeric") || strings.Contains(what, "cannot start any token") {
		what += "; put a value that begins with * or @ in quotes, and indent with spaces, not tabs"
	}
	f.problems = append(f.problems, &Error{Where: f.path + at, What: "this is not YAML: " + what})
}

// section reads a mapping whose keys are named prefix and what stands there: the
// whole file, a section of it, or a feed. Feeds go to feeds where it is not nil.
func (f *file) section(node *yaml.Node, prefix string, keys []key, feeds *[]Feed) {
	if isNull(node) {
		return // all of it is commented out
	}
	inside := heads(prefix, keys)
	if feeds != nil {
		inside = append(inside, "feeds")
	}
	if node.Kind != yaml.MappingNode {
		f.problem(node, strings.TrimSuffix(prefix, "."), "settings are wanted here, each on a line of its own: "+strings.Join(inside, ", "))
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		at, value := node.Content[i], resolve(node.Content[i+1])
		name := prefix + at.Value
		if first, twice := lines[name]; twice {
			f.problem(at, name, fmt.Sprintf("it is set twice, first in line %d", first))
			continue
		}
		lines[name] = at.Line
		switch k := slices.IndexFunc(keys, func(k key) bool { return k.name == name }); {
		case k >= 0:
			f.value(at, value, keys[k])
		case feeds != nil && name == "feeds":
			*feeds = f.feeds(value)
		case len(below(name, keys)) > 0:
			f.section(value, name+".", below(name, keys), nil)
		default:
			f.problem(at, name, unknown(nearest(name, append(names(keys), inside...))))
		}
	}
}

// value sets what a key names. One left empty keeps its default.
func (f *file) value(at, value *yaml.Node, k key) {
	l, several := k.setting.(list)
	switch {
	case isNull(value):
	case value.Kind == yaml.ScalarNode:
		if err := k.set(value.Value); err != nil {
			f.problem(at, k.name, err.Error())
		}
	case value.Kind == yaml.SequenceNode && several:
		*l.field = f.items(value, k.name, l.valid)
	default:
		f.problem(value, k.name, "one value is wanted here, on the same line")
	}
}

func (f *file) items(sequence *yaml.Node, name string, valid func(string) error) []string {
	var items []string
	for _, at := range sequence.Content {
		item := resolve(at)
		if item.Kind != yaml.ScalarNode || isNull(item) {
			f.problem(at, name, "one value is wanted here, on the same line")
			continue
		}
		if err := valid(item.Value); err != nil {
			f.problem(at, name, err.Error())
			continue
		}
		items = append(items, item.Value)
	}
	return items
}

// feeds reads the list of feeds: sections, or just their URLs.
func (f *file) feeds(value *yaml.Node) []Feed {
	if isNull(value) {
		return nil
	}
	if value.Kind != yaml.SequenceNode {
		f.problem(value, "feeds", "a list is wanted here, each feed beginning with \"- url: \"")
		return nil
	}
	var feeds []Feed
	lines := map[string]int{}
	for _, at := range value.Content {
		var feed Feed
		keys := feed.keys()
		before := len(f.problems)
		if item := resolve(at); item.Kind == yaml.ScalarNode {
			f.value(at, item, keys[0])
		} else {
			f.section(item, "feeds.", keys, nil)
		}
		if feed.URL == "" && len(f.problems) == before {
			f.problem(at, "feeds.url", feedURL("").Error())
		}
		if first, twice := lines[feed.URL]; twice && feed.URL != "" {
			f.problem(at, "feeds.url", fmt.Sprintf("%s is listed twice, first in line %d", redact(feed.URL), first))
		}
		lines[feed.URL] = at.Line
		feeds = append(feeds, feed)
	}
	return feeds
}

func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// heads names what may stand in the section with that prefix.
func heads(prefix string, keys []key) []string {
	var all []string
	for _, k := range keys {
		head, _, _ := strings.Cut(strings.TrimPrefix(k.name, prefix), ".")
		all = append(all, head)
	}
	return slices.Compact(all)
}

// below is the keys of the section called name.
func below(name string, keys []key) (inside []key) {
	for _, k := range keys {
		if strings.HasPrefix(k.name, name+".") {
			inside = append(inside, k)
		}
	}
	return inside
}
