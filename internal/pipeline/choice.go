package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kliping/internal/digest"
	"kliping/internal/meant"
	"kliping/internal/news"
	"kliping/internal/store"
)

// What a person may say in place of a domain, before a colon: no domain has one.
const (
	sayTier = "tier"
	sayTag  = "tag"
)

// choices are the outlets whose copies a digest shows, as they are when it is made.
func choices(said []string, outlets []store.Outlet) []digest.Choice {
	var all []digest.Choice
	for _, s := range said {
		all = append(all, digest.Choice{Said: s, Outlets: outletsOf(s, outlets)})
	}
	return all
}

// outletsOf are the outlets that a domain, a tier or a tag names.
func outletsOf(said string, outlets []store.Outlet) []string {
	kind, value, grouped := strings.Cut(said, ":")
	if !grouped {
		return []string{said}
	}
	all := []string{}
	for _, o := range outlets {
		if kind == sayTier && strconv.Itoa(o.Tier) == value || kind == sayTag && slices.Contains(o.Tags, value) {
			all = append(all, o.Domain)
		}
	}
	return all
}

// checkChoice says what is wrong with the way that outlets are named.
func checkChoice(said string) error {
	kind, value, grouped := strings.Cut(said, ":")
	switch {
	case !grouped && said == "":
		return errors.New("an outlet without a name; write a domain, tier:1 or tag:national")
	case !grouped, kind == sayTag && value != "":
		return nil
	case kind == sayTag:
		return errors.New("outlet tag: names no tag; write for example tag:national")
	case kind == sayTier:
		if slices.Contains([]string{"1", "2", "3"}, value) {
			return nil
		}
		return fmt.Errorf("outlet %s: write tier:1, tier:2 or tier:3", said)
	}
	if near := meant.Nearest(kind, []string{sayTier, sayTag}); near != "" {
		return fmt.Errorf("outlet %s: there is no %s:, did you mean %s:%s?", said, kind, near, value)
	}
	return fmt.Errorf("outlet %s: there is no %s:; write a domain, tier:1 or tag:national", said, kind)
}

// CheckOutlets says of what outlets are named by for a digest what nobody has: a
// tier or tag that no outlet was given, a word that is no domain. A domain is
// believed, for one may be preferred before anything came of it. The error wraps
// news.ErrInvalid.
func CheckOutlets(ctx context.Context, db *store.DB, said []string) error {
	if len(said) == 0 {
		return nil
	}
	outlets, err := db.Outlets(ctx)
	if err != nil {
		return err
	}
	feeds, err := db.Feeds(ctx)
	if err != nil {
		return err
	}
	var wrong []error
	for _, s := range said {
		if checkChoice(s) != nil {
			continue // said by CheckPlan
		}
		if problem := strange(s, outlets, feeds); problem != "" {
			wrong = append(wrong, fmt.Errorf("outlet %s: %s: %w", s, problem, news.ErrInvalid))
		}
	}
	return errors.Join(wrong...)
}

// strange says why nobody is meant by s, and who may be; empty if somebody is.
func strange(s string, outlets []store.Outlet, feeds []news.Feed) string {
	kind, value, grouped := strings.Cut(s, ":")
	switch {
	case grouped && len(outletsOf(s, outlets)) > 0:
		return ""
	case kind == sayTier && grouped:
		return fmt.Sprintf("no outlet is of tier %s; 'kliping outlets set DOMAIN --tier %s' makes one so", value, value)
	case grouped:
		if near := meant.Nearest(value, tagsOf(outlets)); near != "" {
			return fmt.Sprintf("no outlet has the tag %s, did you mean %s:%s?", value, sayTag, near)
		}
		return fmt.Sprintf("no outlet has the tag %s; 'kliping outlets set DOMAIN --tag %s' gives it", value, value)
	case strings.Contains(s, "."), slices.ContainsFunc(feeds, func(f news.Feed) bool { return f.Outlet == s }):
		return ""
	}
	for _, o := range outlets {
		switch {
		case o.Domain == s:
			return ""
		case strings.EqualFold(o.Name, s):
			return "it is the name of an outlet, did you mean " + o.Domain + "?"
		}
	}
	if near := meant.Nearest(s, tagsOf(outlets)); near != "" {
		return fmt.Sprintf("it is no domain, did you mean %s:%s?", sayTag, near)
	}
	return "it is no domain; write for example kabar.example, tier:1 or tag:national"
}

func tagsOf(outlets []store.Outlet) []string {
	var all []string
	for _, o := range outlets {
		all = append(all, o.Tags...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
