package content

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"kliping/internal/news"
)

// PageBlocks cuts what was found on a page into blocks, as Blocks does, and
// leaves out those that stand among the article on pages but are not of it: the
// headline and what stands between it and the text, captions, credits, and
// links to other articles with the words that introduce them.
func PageBlocks(source string) []news.Block {
	blocks := Blocks(source)
	kept := make([]news.Block, 0, len(blocks))
	for i := range blocks {
		b := &blocks[i]
		switch {
		case b.Kind == news.Caption, credit.MatchString(b.Text), linksOnly(b):
			kept = dropLabel(kept, b)
		default:
			kept = append(kept, *b)
		}
	}
	kept = kept[leading(kept):]
	for len(kept) > 0 && kept[len(kept)-1].Kind == news.Heading {
		kept = kept[:len(kept)-1]
	}
	return kept
}

// credit is a line that says whose picture it is.
var credit = regexp.MustCompile(`(?i)^(photo|image|picture|foto|credit|bild|©)( (by|courtesy|copyright|caption))?\b.{0,100}$|\((photo|image|picture|foto|credit|file photo)s?\b[^)]{0,60}\)$|^(getty images|reuters|ap photo)$`)

// linksOnly reports whether a block is a link to something else.
func linksOnly(b *news.Block) bool {
	return b.Links >= .8 && utf8.RuneCountInString(b.Text) < 250
}

// dropLabel takes back a block that only introduced the one left out.
func dropLabel(kept []news.Block, dropped *news.Block) []news.Block {
	if n := len(kept); n > 0 && linksOnly(dropped) && label(&kept[n-1]) {
		return kept[:n-1]
	}
	return kept
}

// label reports whether a block is a few words that end no sentence.
func label(b *news.Block) bool {
	return len(strings.Fields(b.Text)) <= 8 && !sentence(b.Text)
}

// sentence reports whether a text ends as sentences do.
func sentence(s string) bool {
	s = strings.TrimRightFunc(s, func(r rune) bool {
		return unicode.Is(unicode.Pe, r) || unicode.Is(unicode.Pf, r) || r == '"' || r == '\''
	})
	r, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune(".!?…。！？।؟۔։።", r) && !strings.HasSuffix(s, "...")
}

// leading counts the blocks before the article's first: headings, and the few
// words that name its writer, place and date.
func leading(blocks []news.Block) int {
	for i := range blocks {
		b := &blocks[i]
		if i == mostLeading {
			break
		}
		if b.Kind != news.Heading && (!label(b) || len(strings.Fields(b.Text)) > 12) {
			return i
		}
	}
	return 0
}

const mostLeading = 8
