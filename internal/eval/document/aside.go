package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"kliping/internal/eval"
)

// asideLanguages are one part of a set, and a third of the stories another: to be
// kept out of sight by who chooses a threshold.
var asideLanguages = []string{"ar", "hi", "tr", "vi", "zh"}

// asideStory reports whether a story is of that third.
func asideStory(r eval.Row) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(r.Cluster)) // never fails
	return h.Sum32()%3 == 0
}

func asideLanguage(r eval.Row) bool { return slices.Contains(asideLanguages, r.GoldLang) }

// parts are what a set falls into. The five languages are measured with their
// English originals.
var parts = []struct {
	name string
	has  func(eval.Row) bool
}{
	{"two thirds of the stories, ten languages", func(r eval.Row) bool { return !asideStory(r) && !asideLanguage(r) }},
	{"the other third of the stories", asideStory},
	{"the other five languages", func(r eval.Row) bool { return asideLanguage(r) || r.GoldLang == "en" || r.GoldLang == "" }},
}

// asides are the figures of the parts of sets, each measured alone.
func asides(ctx context.Context, sets []set) (string, error) {
	var b strings.Builder
	b.WriteString("| set | part | articles | pair precision | pair recall | in the worst of 3 other orders |\n| --- | --- | --: | --: | --: | --: |\n")
	for _, s := range sets {
		if s.name == "seed" {
			continue
		}
		for _, part := range parts {
			rows := slices.DeleteFunc(slices.Clone(s.rows), func(r eval.Row) bool { return !part.has(r) })
			if len(rows) == 0 || len(rows) == len(s.rows) {
				continue
			}
			m, err := measure(ctx, s.name+", "+part.name, 3, rows)
			if err != nil {
				return "", err
			}
			p := m.report.Pair
			precision, recall := 1.0, 1.0
			for _, r := range m.shuffled {
				precision, recall = min(precision, r.Pair.Precision), min(recall, r.Pair.Recall)
			}
			fmt.Fprintf(&b, "| %s | %s | %d | %s | %s | %s / %s |\n", s.name, part.name, len(rows), figure(p.Precision), figure(p.Recall), figure(precision), figure(recall))
		}
	}
	return b.String(), nil
}
