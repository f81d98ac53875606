package digest

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kliping/internal/news"
)

// ShownArticles are the articles that [Digest.Tell] wants to know more of.
func (d *Digest) ShownArticles() []news.ArticleID {
	var ids []news.ArticleID
	for _, e := range d.Stories {
		if e.Shown.Article != 0 {
			ids = append(ids, e.Shown.Article)
		}
	}
	return ids
}

// Tell fills in what is said of a story by the copy that is shown of it.
func (d *Digest) Tell(articles map[news.ArticleID]*news.Article) {
	for i := range d.Stories {
		e := &d.Stories[i]
		a := articles[e.Shown.Article]
		if a == nil {
			continue
		}
		e.Story.Title, e.Agency, e.Excerpt = a.Title, a.Agency, Excerpt(a.Text())
		e.Shown.Language, e.Shown.URL = a.Language, a.URL
	}
}

// Corrections are told so many of a story, and so many of all others.
const (
	correctionsOfOne   = 3
	correctionsOfOther = 10
)

// Correct tells what outlets changed; all is how many articles they were. Of
// stories that are told elsewhere in the digest it stands there; of others only
// new headlines are. may, if it is not nil, says whose changes may be told.
func (d *Digest) Correct(changed []Correction, all int, may func(outlet string) bool) {
	d.Corrected = all
	at := map[news.StoryID]int{}
	for i, e := range d.Stories {
		at[e.Story.ID] = i
	}
	changed = slices.Clone(changed)
	slices.SortFunc(changed, func(a, b Correction) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Article, b.Article)) })
	for _, c := range changed {
		if may != nil && !may(c.Outlet) {
			continue
		}
		c.At = local(c.At, d.Until.Location())
		c.Was, c.Is = clean(c.Was), clean(c.Is)
		if c.Was == c.Is {
			c.Was, c.Is = "", ""
		}
		i, told := at[c.Story]
		switch {
		case told && (c.Is != "" || c.Text):
			d.Stories[i].Corrections = append(d.Stories[i].Corrections, c)
		case !told:
			d.addCorrections([]Correction{c})
		}
	}
	for i := range d.Stories {
		all := d.Stories[i].Corrections
		slices.SortStableFunc(all, func(a, b Correction) int { return cmp.Compare(min(len(b.Is), 1), min(len(a.Is), 1)) }) // headlines first
		d.Stories[i].Corrections = all[:min(len(all), correctionsOfOne)]
	}
}

// addCorrections adds new headlines to those of stories that are not told.
func (d *Digest) addCorrections(all []Correction) {
	for _, c := range all {
		if c.Is != "" && len(d.Corrections) < correctionsOfOther {
			d.Corrections = append(d.Corrections, c)
		}
	}
}

// An excerpt has as many words as these at most, or as many runes where no
// spaces are put between words, and ends with a sentence if one ends after the
// lesser number.
const (
	excerptWords, excerptWordsLeast = 40, 15
	excerptRunes, excerptRunesLeast = 240, 60
)

// Excerpt is the beginning of a text.
func Excerpt(text string) string {
	words := strings.Fields(text)
	if runes := []rune(strings.Join(words[:min(len(words), excerptWords)], " ")); len(runes) > 8*excerptWords {
		return cutRunes(runes[:excerptRunes])
	}
	if len(words) <= excerptWords {
		return strings.Join(words, " ")
	}
	for n := excerptWords; n >= excerptWordsLeast; n-- {
		if endsSentence(words[n-1]) && !unicode.IsLower([]rune(words[n])[0]) {
			return strings.Join(words[:n], " ")
		}
	}
	return strings.Join(words[:excerptWords], " ") + " …"
}

// endsSentence reports whether a word does; short ones with a full stop are taken
// for abbreviations.
func endsSentence(word string) bool {
	bare := strings.TrimRight(word, "\"'”’»«)")
	return strings.HasSuffix(bare, ".") && utf8.RuneCountInString(bare) > 4 || strings.HasSuffix(bare, "!") || strings.HasSuffix(bare, "?") ||
		strings.HasSuffix(bare, "؟") || strings.HasSuffix(bare, "।") || strings.HasSuffix(bare, "۔")
}

func cutRunes(runes []rune) string {
	for n := len(runes); n >= excerptRunesLeast; n-- {
		if strings.ContainsRune("。！？", runes[n-1]) {
			return string(runes[:n])
		}
	}
	return string(runes) + " …"
}
