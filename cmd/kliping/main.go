// Command kliping gathers news feeds, recognises the copies of a story, and
// serves stories instead of copies: as a daemon, and on the command line.
//
// Each command has a file of its own; app.go wires the packages together.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"kliping/internal/news"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(err, os.Stderr))
}

// Exit codes that scripts rely on.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// forPeople is what an error says. That it is of the invalid kind, which stands at
// the end for programs, adds nothing to what was wrong.
func forPeople(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], ": "+news.ErrInvalid.Error())
	}
	return strings.Join(lines, "\n")
}

// exitCode prints what went wrong and says how to leave.
func exitCode(err error, stderr *os.File) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(stderr, "kliping:", forPeople(err))
	var usage *usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(stderr, "Run '%s --help' for how to use it.\n", usage.command)
		return exitUsage
	}
	return exitFailure
}
