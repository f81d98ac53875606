package feed

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed months.txt
var monthsFile string

// monthName is a word for a month, or its beginning.
type monthName struct {
	word  string
	month int
}

// monthNames are the words of months.txt in the file's order.
var monthNames = sync.OnceValue(func() (names []monthName) {
	for line := range strings.Lines(monthsFile) {
		_, months, _ := strings.Cut(strings.TrimSpace(line), " ")
		for i, words := range strings.Split(months, "|") {
			for word := range strings.SplitSeq(words, ",") {
				if word != "" && line[0] != '#' {
					names = append(names, monthName{word, i + 1})
				}
			}
		}
	}
	return names
})

// months are the same words, each with its month.
var months = sync.OnceValue(func() map[string]int {
	all := map[string]int{}
	for _, n := range monthNames() {
		if all[n.word] == 0 {
			all[n.word] = n.month
		}
	}
	return all
})

// monthNumber is 1 to 12 for a month's name in lower case or its beginning, three
// letters at least, else 0. The same beginning may be of two months in two
// languages; the language that stands first in months.txt holds.
func monthNumber(word string) int {
	if m := months()[word]; m > 0 || utf8.RuneCountInString(word) < 3 {
		return m
	}
	for _, n := range monthNames() {
		if strings.HasPrefix(n.word, word) {
			return n.month
		}
	}
	return 0
}
