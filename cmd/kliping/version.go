package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// version is the release, set when a release is built (-ldflags -X main.version=…).
var version = "0.1.0-dev"

func newVersion(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  kliping version --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := struct {
				Version  string `json:"version"`
				Revision string `json:"revision,omitempty"`
				Go       string `json:"go"`
			}{Version: version}
			if info, ok := debug.ReadBuildInfo(); ok {
				v.Go = info.GoVersion
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						v.Revision = s.Value
					}
				}
			}
			if asJSON {
				return printJSON(a.stdout, v)
			}
			_, err := fmt.Fprintln(a.stdout, strings.TrimSpace(fmt.Sprintf("kliping %s %s %s", v.Version, v.Go, v.Revision)))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// userAgent puts the version into the configured User-Agent.
func userAgent(configured string) string { return strings.ReplaceAll(configured, "VERSION", version) }
