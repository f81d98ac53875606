package content

import (
	"net/url"
	"strings"
	"unicode"
)

// Lone reports whether an address, in the form that SamePage gives, looks like that
// of one article: its last part has a number of its own or is a headline, or its
// query names one. Front pages, sections, hubs, archives by date and live pages are
// not: many items link to those. Being wrong with no costs an article told twice;
// with yes, one that is not told at all.
func Lone(form string) bool {
	u, err := url.Parse("//" + form)
	if err != nil || Hub(form) {
		return false
	}
	if namesOne(u.Query()) {
		return true
	}
	parts := pathParts(u)
	last := parts[len(parts)-1]
	if i := strings.LastIndexByte(last, '.'); i > 0 && len(last)-i <= 6 {
		last = last[:i]
	}
	return numbered(last) || headed(last, len(parts) > 1 && dated(parts[:len(parts)-1]))
}

// Hub reports whether an address, in the form that SamePage gives, looks like that of a
// page on which many articles stand: a front page, one by date, a live page, or one of
// a tag, topic or author. Some that are do not look like it.
func Hub(form string) bool {
	u, err := url.Parse("//" + form)
	if err != nil {
		return false
	}
	parts := pathParts(u)
	for _, part := range parts {
		if part == "live" || part == "page" || part == "tag" || part == "tags" || part == "topic" || part == "topics" || part == "category" || part == "author" {
			return true
		}
	}
	return (len(parts) == 0 || archive(parts)) && !namesOne(u.Query())
}

func pathParts(u *url.URL) []string {
	return strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
}

// namesOne reports whether a query names an article by a number or key.
func namesOne(query url.Values) bool {
	for name, values := range query {
		switch strings.ToLower(name) {
		case "id", "p", "aid", "nid", "sid", "article", "articleid", "article_id", "artid", "story", "storyid", "story_id", "newsid", "news_id", "idnews":
			if strings.ContainsAny(values[0], "0123456789") {
				return true
			}
		}
	}
	return false
}

// archive reports whether a path is all date: a year's, month's or day's page.
func archive(parts []string) bool {
	for _, part := range parts {
		if strings.Trim(part, "0123456789-") != "" {
			return false
		}
	}
	return year(parts[0])
}

// dated reports whether a path has a year and month.
func dated(parts []string) bool {
	for i, part := range parts {
		if len(part) == 10 && year(part[:4]) && part[4] == '-' || year(part) && i+1 < len(parts) {
			return true
		}
	}
	return false
}

func year(part string) bool {
	return len(part) >= 4 && (part[:2] == "19" || part[:2] == "20") && strings.Trim(part[:4], "0123456789") == "" && (len(part) == 4 || part[4] == '-')
}

// numbered reports whether the last part of a path is a number, or has one that is
// long enough to be an article's and is no year.
func numbered(part string) bool {
	if part != "" && strings.Trim(part, "0123456789") == "" {
		return true
	}
	for _, number := range strings.FieldsFunc(part, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(number) >= 5 {
			return true
		}
	}
	return false
}

// headed reports whether the last part of a path is made of a headline's words.
func headed(part string, dated bool) bool {
	words := len(strings.FieldsFunc(part, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }))
	return words >= 5 || dated && words >= 2
}
