package digest

import (
	"cmp"
	"slices"
	"strings"

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
		e.Story.Title, e.Agency, e.Excerpt = a.Title, a.Agency, excerpt(a.Text())
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
// new headlines are. may, if it is not nil, says whose headlines may be shown.
func (d *Digest) Correct(changed []Correction, all int, may func(outlet string) bool) {
	d.Corrected = all
	at := map[news.StoryID]int{}
	for i, e := range d.Stories {
		at[e.Story.ID] = i
	}
	changed = slices.Clone(changed)
	slices.SortFunc(changed, func(a, b Correction) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Article, b.Article)) })
	for _, c := range changed {
		c.At = local(c.At, d.Until.Location())
		c.Was, c.Is = clean(c.Was), clean(c.Is)
		if c.Was == c.Is || may != nil && !may(c.Outlet) {
			c.Was, c.Is = "", ""
		}
		i, told := at[c.Story]
		switch {
		case told && (c.Is != "" || c.Text):
			d.Stories[i].Corrections = append(d.Stories[i].Corrections, c)
		case !told && c.Is != "" && len(d.Corrections) < correctionsOfOther:
			d.Corrections = append(d.Corrections, c)
		}
	}
	for i := range d.Stories {
		all := d.Stories[i].Corrections
		slices.SortStableFunc(all, func(a, b Correction) int { return cmp.Compare(min(len(b.Is), 1), min(len(a.Is), 1)) }) // headlines first
		d.Stories[i].Corrections = all[:min(len(all), correctionsOfOne)]
	}
}

// excerptWords is how much of a text a digest shows.
const excerptWords = 40

// excerpt is the beginning of a text, cut at a word; scripts that put no spaces
// between words are cut at six times as many runes.
func excerpt(text string) string {
	words := strings.Fields(text)
	cut := len(words) > excerptWords
	s := strings.Join(words[:min(len(words), excerptWords)], " ")
	if runes := []rune(s); len(runes) > 8*excerptWords {
		s, cut = string(runes[:6*excerptWords]), true
	}
	if cut {
		s += " …"
	}
	return s
}
