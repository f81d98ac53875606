// Package meant tells how far a name that nobody knows is from one that may have
// been meant.
package meant

import "strings"

// Nearest is the name that begins as word does, or is spelled most alike, at most
// two edits apart; empty if none is, or word says too little.
func Nearest(word string, names []string) string {
	if len(word) < 2 {
		return ""
	}
	best, least := "", min(3, len(word))
	for _, n := range names {
		if strings.HasPrefix(n, word) || strings.HasPrefix(word, n) {
			return n
		}
		if d := Edits(word, n); d < least {
			best, least = n, d
		}
	}
	return best
}

// Edits is how many letters have to be put in, left out, changed, or swapped
// with their neighbour to make b of a (optimal string alignment).
func Edits(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, above2 := rows[i%3], rows[(i+2)%3], rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := above[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, above[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], above2[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
