package config

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Print writes the configuration as a file that could be read again, were it
// not for the passwords, which are blotted out.
func (c Config) Print(w io.Writer) error {
	_, err := io.WriteString(w, c.String())
	return err
}

// String is what Print writes.
func (c Config) String() string {
	root := mapping(c.keys(), "")
	if len(c.Feeds) > 0 {
		feeds := &yaml.Node{Kind: yaml.SequenceNode}
		for _, f := range c.Feeds {
			feeds.Content = append(feeds.Content, mapping(f.keys(), "feeds."))
		}
		root.Content = append(root.Content, scalar("feeds"), feeds)
	}
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		return fmt.Sprintf("# the configuration cannot be printed: %v\n", err)
	}
	return b.String()
}

// GoString is String, so that %#v shows no passwords either.
func (c Config) GoString() string { return c.String() }

// MarshalText is String, so that JSON and logs show no passwords either.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// mapping is the keys without the prefix of their names, sections within it.
func mapping(keys []key, prefix string) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	section := ""
	for _, k := range keys {
		name := strings.TrimPrefix(k.name, prefix)
		before, _, dotted := strings.Cut(name, ".")
		switch {
		case !dotted:
			m.Content = append(m.Content, scalar(name), scalar(k.get()))
		case before != section:
			section = before
			m.Content = append(m.Content, scalar(section), mapping(below(prefix+section, keys), prefix+section+"."))
		}
	}
	return m
}

// scalar is v as YAML: text, a number or a list of texts.
func scalar(v any) *yaml.Node {
	var n yaml.Node
	if err := n.Encode(v); err != nil {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(v)}
	}
	return &n
}
