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
	"syscall"
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

// exitCode prints what went wrong and says how to leave.
func exitCode(err error, stderr *os.File) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(stderr, "kliping:", err)
	var usage *usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(stderr, "Run '%s --help' for how to use it.\n", usage.command)
		return exitUsage
	}
	return exitFailure
}
