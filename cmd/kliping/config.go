package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"kliping/config"
)

func newConfig(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "Check or print the configuration",
		Example: "  kliping config check\n  kliping config print",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:     "check",
		Short:   "Check the configuration and name every mistake in it",
		Example: "  kliping config check --config /etc/kliping.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { // to get here it was read and found right
			_, err := fmt.Fprintln(a.stdout, "The configuration is right.")
			return err
		},
	})
	var defaults bool
	show := &cobra.Command{
		Use:     "print",
		Short:   "Print the configuration in force, secrets left out",
		Example: "  kliping config print\n  kliping config print --defaults > kliping.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if defaults {
				_, err := a.stdout.Write(config.Documented())
				return err
			}
			return a.cfg.Print(a.stdout)
		},
	}
	show.Flags().BoolVar(&defaults, "defaults", false, "print every key with its default and what it is for")
	cmd.AddCommand(show)
	return cmd
}
