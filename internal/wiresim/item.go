package wiresim

import (
	"fmt"
	"html"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"
)

// item is one outlet's edition of a tale, as numbers; compose makes its text.
type item struct {
	tale   *tale
	outlet *outlet
	at     time.Time // published, whole seconds, UTC
	number int       // over the whole world
	seed   uint64
}

// edition is the text of an item.
type edition struct {
	title    string
	summary  string // plain text of the first paragraph
	html     string
	relation string
	residue  []string
}

// compose makes the item's text: the tale in the outlet's language, then what
// the outlet's habits do to it.
func (it *item) compose() edition {
	o, dice := it.outlet, it.itemDice()
	source := it.tale.text(o.language)
	paragraphs := slices.Clone(source.paragraphs)
	e := edition{title: source.headlines[0], relation: "original"}
	if it.tale.origin != o {
		e.relation = "copy"
		if dice.Float64() < o.edits {
			e.relation = "edited"
			e.title = source.headlines[dice.IntN(len(source.headlines))]
			paragraphs = edit(paragraphs, dice)
		}
		paragraphs, e.relation = o.shorten(paragraphs, e.relation)
	}
	e.summary = paragraphs[0]
	blocks := it.soil(paragraphs, &e, dice)
	if e.relation == "copy" && len(e.residue) > 0 {
		e.relation = "soiled"
	}
	if it.tale.origin.language != o.language {
		e.relation = "translation"
	}
	e.html = o.markup(blocks)
	return e
}

// edit does what a sub-editor does: exchanges two paragraphs below the lead,
// and drops the last sentence of another.
func edit(paragraphs []string, dice *rand.Rand) []string {
	if n := len(paragraphs); n > 4 {
		i := 2 + dice.IntN(n-3)
		paragraphs[i-1], paragraphs[i] = paragraphs[i], paragraphs[i-1]
	}
	i := dice.IntN(len(paragraphs))
	if sentences := strings.SplitAfter(paragraphs[i], ". "); len(sentences) > 1 {
		paragraphs[i] = strings.TrimSpace(strings.Join(sentences[:len(sentences)-1], ""))
	}
	return paragraphs
}

// shorten cuts as the outlet does and names the result.
func (o *outlet) shorten(paragraphs []string, relation string) ([]string, string) {
	switch o.cut {
	case excerpt:
		return paragraphs[:min(len(paragraphs), 2+len(o.name)%2)], "excerpt"
	case truncated:
		keep := paragraphs[:min(len(paragraphs), 3)]
		last := []rune(keep[len(keep)-1])
		last = last[:len(last)*2/3]
		if i := slices.IndexFunc(last[len(last)/2:], unicode.IsSpace); i >= 0 {
			last = last[:len(last)/2+i]
		}
		keep[len(keep)-1] = string(last) + " …"
		return keep, "truncated"
	}
	return paragraphs, relation
}

// soil puts the outlet's residue between the paragraphs.
func (it *item) soil(paragraphs []string, e *edition, dice *rand.Rand) []string {
	o := it.outlet
	if o.wire {
		return paragraphs
	}
	var top, end []string
	if o.handles {
		top = append(top, handle(dice), fmt.Sprintf("- %d", dice.IntN(3)))
	}
	chosen := func(from []string) (some []string) {
		for _, line := range from {
			if dice.Float64() < o.soils {
				some = append(some, line)
			}
		}
		return some
	}
	top = append(top, chosen(o.own.top)...)
	middle := chosen(o.own.middle)
	end = append(end, chosen(o.own.end)...)
	e.residue = slices.Concat(top, middle, end)
	half := (len(paragraphs) + 1) / 2
	return slices.Concat(top, paragraphs[:half], middle, paragraphs[half:], end)
}

// handle is a user's name, as scrapers leave it above the text.
func handle(dice *rand.Rand) string {
	syllables := []string{"bu", "kar", "lin", "mo", "ros", "ta", "vel", "jon", "pe", "dy"}
	return syllables[dice.IntN(10)] + syllables[dice.IntN(10)] + syllables[dice.IntN(10)] + fmt.Sprint(10+dice.IntN(990))
}

// markup is the blocks as the outlet's HTML.
func (o *outlet) markup(blocks []string) string {
	var out strings.Builder
	for i, b := range blocks {
		switch {
		case !o.breaks:
			out.WriteString("<p>" + html.EscapeString(b) + "</p>\n")
		case i > 0:
			out.WriteString("<br><br>\n" + html.EscapeString(b))
		default:
			out.WriteString(html.EscapeString(b))
		}
	}
	return out.String()
}

// link is the item's address without tracking parameters.
func (it *item) link() string {
	return fmt.Sprintf("https://%s/%s/news-%d", it.outlet.host(), it.at.Format("2006/01/02"), it.number)
}

// address is the link as the feed gives it.
func (it *item) address() string {
	if it.outlet.tracks {
		return it.link() + "?utm_source=rss&utm_medium=feed&utm_campaign=" + it.outlet.name
	}
	return it.link()
}

// guid is the item's own id, empty where the outlet gives none; RSS 1.0 has
// no place for one.
func (it *item) guid() string {
	if it.outlet.ext == "rdf" {
		return ""
	}
	switch it.outlet.ids {
	case linkID:
		return it.link()
	case tagID:
		return fmt.Sprintf("tag:%s,%d:%d", it.outlet.host(), it.at.Year(), it.number)
	case numberID:
		return fmt.Sprint(100000 + it.number)
	}
	return ""
}
