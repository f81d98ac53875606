package feed

import (
	"slices"
	"strings"
)

// writer is where the XML of the element just read belongs.
func (m *mender) writer() *strings.Builder {
	if m.inItem {
		return &m.out
	}
	return &m.head
}

// closeText writes an element whose content has been read.
func (m *mender) closeText(f *frame) {
	var value string
	switch f.element.role {
	case plainText:
		value = m.text.plain()
	case htmlText:
		value = m.text.html()
	case verbatim:
		value = foldSpace(m.text.verbatim())
	case address:
		value = m.text.verbatim()
		for _, a := range m.text.attrs {
			if value == "" && strings.EqualFold(a.name, "href") {
				value = m.entities.decode(a.value)
			}
		}
		value = resolve(f.base, value)
	}
	attrs := m.attributes(f, m.text.attrs)
	m.text = nil
	if value == "" && attrs == "" {
		return
	}
	m.writeText(f.element.as, attrs, value)
	m.remember(f, value)
}

// remember notes what an element says about its item, and that it was there.
func (m *mender) remember(f *frame, value string) {
	if value == "" {
		return
	}
	seen := &m.headSeen // of the root and the channel alike
	if parent := &m.stack[len(m.stack)-2]; parent.kind != feedFrame {
		seen = &parent.seen
	}
	if f.element.once {
		*seen = append(*seen, f.element.as)
	}
	if !m.inItem {
		return
	}
	if (f.element.role == htmlText || f.key == "title") && f.lang != "" {
		m.lang = f.lang
	}
	if m.date == "" && f.key != "dc:language" && dateElement(f.key).role != unknown {
		m.date = value
	}
}

// closeItem ends an item. (One that the input's end cuts off is never closed and
// so dropped: half a text would look like another edition of it.)
func (m *mender) closeItem(f *frame) {
	if m.lang != "" && !slices.Contains(f.seen, "dc:language") {
		m.writeText("dc:language", "", m.lang)
	}
	m.out.WriteString("</" + m.itemName() + ">")
	m.inItem = false
	m.doc.items = append(m.doc.items, mendedItem{xml: m.out.String(), date: m.date})
	if len(m.doc.items) >= 2*m.limits.MaxItems {
		m.prune()
	}
}

// prune drops the items over the limit, so that a feed of any number of items
// needs the memory of few.
func (m *mender) prune() {
	kept, dropped := newest(m.doc.items, m.limits.MaxItems, func(i mendedItem) string { return i.date })
	m.doc.items, m.doc.dropped = slices.Clone(kept), m.doc.dropped+dropped
}

// finish closes what the input's end left open.
func (m *mender) finish() {
	m.doc.cut = m.doc.cut || len(m.stack) > 1
	if m.inItem {
		m.note("the feed is cut off, its last item incomplete")
	} else if m.doc.cut {
		m.note("the feed is cut off")
	}
	if !m.inItem { // a text that is still read belongs to the head
		for len(m.stack) > 1 {
			m.pop()
		}
	}
	m.doc.head = m.head.String()
	m.prune()
	if m.entities.undeclared {
		m.note("entities that XML does not know")
	}
	if m.entities.stray {
		m.note("an & that begins no entity")
	}
}

// note records what had to be mended, once.
func (m *mender) note(what string) {
	if !slices.Contains(m.doc.repaired, what) {
		m.doc.repaired = append(m.doc.repaired, what)
	}
}

// writeText writes an element with its text in the one form that gofeed hands
// on untouched.
func (m *mender) writeText(name, attrs, value string) {
	clean := withoutControls(value)
	if len(clean) < len(value) {
		m.note("control characters")
	}
	w := m.writer()
	w.WriteString("<" + name + attrs + "><![CDATA[")
	w.WriteString(strings.ReplaceAll(clean, "]]>", "]]]]><![CDATA[>"))
	w.WriteString("]]></" + name + ">")
}

// attributes are those of an element that are kept, addresses absolute as far
// as xml:base says how.
func (m *mender) attributes(f *frame, attrs []attr) string {
	var b strings.Builder
	for _, a := range attrs {
		name := strings.ToLower(a.name)
		if !slices.Contains(f.element.attrs, name) {
			continue
		}
		value := strings.TrimSpace(m.entities.decode(a.value))
		if name == "href" || name == "url" || name == "src" {
			value = resolve(f.base, value)
		}
		b.WriteString(" " + attributeName(name) + `="` + strings.ReplaceAll(escapeText(withoutControls(value)), `"`, "&quot;") + `"`)
	}
	return b.String()
}

// withoutControls drops the characters that XML does not allow (XML 1.0, 2.2).
func withoutControls(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
}
