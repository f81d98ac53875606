package diff

import (
	"github.com/aymanbagabas/go-udiff/lcs"

	"kliping/internal/news"
)

// Fate is what became of a run of text.
type Fate string

// The fates.
const (
	Kept    Fate = "kept"
	Dropped Fate = "dropped"
	Added   Fate = "added"
)

// Part is a run of text with one fate.
type Part struct {
	Fate Fate
	Text string
}

// Line is a sentence of two articles laid over each other: one part if both
// have it or only one has; several if it changed.
type Line struct {
	Parts  []Part
	Starts bool // a paragraph
}

// Inline lays two articles over each other: the sentences of the second in their
// order, and between them those that it dropped of the first, each after the
// sentence that it followed there. It is nil for translations, which have no
// words to compare.
func Inline(from, to *news.Article) []Line {
	before, after := sentences(from), sentences(to)
	m := match(before, after)
	if m.translation(from, to) {
		return nil
	}
	m.pairUp(before, after)
	lost := map[int][]piece{} // dropped, by the place in the second that they follow
	place := -1
	for i := range before {
		if m.heir[i] >= 0 {
			place = m.heir[i]
		} else {
			lost[place] = append(lost[place], before[i])
		}
	}
	lines := whole(nil, Dropped, lost[-1]...)
	for j := range after {
		switch i := m.source[j]; {
		case i < 0:
			lines = whole(lines, Added, after[j])
		case before[i].key == after[j].key:
			lines = whole(lines, Kept, after[j])
		default:
			lines = append(lines, Line{overlay(before[i], after[j]), after[j].first})
		}
		lines = whole(lines, Dropped, lost[j]...)
	}
	return lines
}

// whole appends sentences that have one fate each.
func whole(lines []Line, f Fate, pieces ...piece) []Line {
	for i := range pieces {
		lines = append(lines, Line{[]Part{{f, pieces[i].text}}, pieces[i].first})
	}
	return lines
}

// Words lays two versions of a sentence or headline over each other, word by
// word, or one after the other if they have too little in common to be read so.
// The parts that were not dropped make up after.
func Words(before, after string) []Part {
	a, b := newPiece(before), newPiece(after)
	if len(a.tokens) > 0 && len(b.tokens) > 0 && similarity(counted(a.tokens), len(a.tokens), b.tokens) < alike {
		return []Part{{Dropped, before}, {Added, after}}
	}
	return overlay(a, b)
}

func overlay(before, after piece) []Part {
	var parts []Part
	part := func(f Fate, text string) {
		if text != "" {
			parts = append(parts, Part{f, text})
		}
	}
	a, b := before.tokens, after.tokens
	done := 0 // bytes of after
	for _, d := range lcs.DiffLines(keys(a), keys(b)) {
		if d.ReplStart == d.ReplEnd { // only dropped: with the space and the marks that parted it from what it followed
			at := endOf(b, d.ReplStart)
			part(Kept, after.text[done:at])
			part(Dropped, before.text[endOf(a, d.Start):a[d.End-1].end()])
			done = at
			continue
		}
		part(Kept, after.text[done:b[d.ReplStart].at])
		if d.Start < d.End {
			part(Dropped, before.text[a[d.Start].at:a[d.End-1].end()])
		}
		done = b[d.ReplEnd-1].end()
		part(Added, after.text[b[d.ReplStart].at:done])
	}
	part(Kept, after.text[done:])
	return parts
}

// endOf is where the token before place i ends.
func endOf(tokens []token, i int) int {
	if i == 0 {
		return 0
	}
	return tokens[i-1].end()
}
