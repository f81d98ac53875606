package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"kliping/internal/meant"
)

// run is the whole program with everything it takes from outside as arguments,
// so that a test can start the same program in its own process.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	a := &app{environ: environ, stdout: stdout, stderr: stderr}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	command, err := root.ExecuteContextC(ctx)
	if err != nil && !a.started {
		return &usageError{command.CommandPath(), refused(command, err)}
	}
	return err
}

// refused says what to write in place of words that cobra refused before any
// command ran.
func refused(cmd *cobra.Command, err error) error {
	words := cmd.Flags().Args()
	if bad := cmd.ValidateArgs(words); bad == nil || bad.Error() != err.Error() {
		return err // of a flag, or of a command that cobra has a word for
	}
	if !cmd.HasSubCommands() {
		return fmt.Errorf("%s given; write '%s'", count(len(words), "word", "words"), strings.TrimSuffix(cmd.UseLine(), " [flags]"))
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	if near := meant.Nearest(words[0], names); near != "" {
		return fmt.Errorf("%w; did you mean %s?", err, near)
	}
	return err
}

// usageError is a mistake in the words of the command line.
type usageError struct {
	command string
	error
}

func (e *usageError) Unwrap() error { return e.error }

// usage marks err, found by a command, as a mistake in the command line.
func usage(cmd *cobra.Command, err error) error { return &usageError{cmd.CommandPath(), err} }

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "kliping",
		Short: "News feeds in, stories out: copies, soiled copies and translations are one story",
		Long: `Kliping reads news feeds, strips what is not the article, recognises the copies
of a story (cut, edited, soiled, translated) and keeps them together.

Start with 'kliping demo', which needs nothing, or with:

  kliping feeds add https://news.example/rss
  kliping refresh
  kliping digest`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.started = true
			return a.configure(cmd)
		},
	}
	flags := root.PersistentFlags()
	flags.StringVarP(&a.configFile, "config", "c", "", "configuration `file` (default kliping.yaml, if it is there)")
	flags.StringArrayVar(&a.settings, "set", nil, "set a configuration `key=value`, over file and environment")
	flags.String("data", "", "`directory` of the embedded store and the index")
	root.AddGroup(
		&cobra.Group{ID: "run", Title: "Run:"},
		&cobra.Group{ID: "read", Title: "Read:"},
		&cobra.Group{ID: "keep", Title: "Maintain:"},
	)
	in := func(group string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	in("run", newServe(a), newDemo(a), newRefresh(a), newFeeds(a), newWatch(a))
	in("read", newDigest(a), newSearch(a), newStory(a), newArticle(a), newDiff(a), newOutlets(a))
	in("keep", newResidue(a), newReindex(a), newReprocess(a), newOutbox(a), newEval(a), newConfig(a), newVersion(a))
	return root
}
