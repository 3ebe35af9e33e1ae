package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"accueil/app"
	"accueil/app/demo"
)

func asteriskConfigCommand() *cobra.Command {
	var path string
	var o app.AsteriskConfigOptions
	cmd := &cobra.Command{
		Use:   "asterisk-config DIR",
		Short: "Write the Asterisk side of a site",
		Long: `Writes Asterisk's configuration for the site into DIR: ARI on loopback, trunks and phones, the
dialplan with its safety net, no number in any log. An existing file with other content is not
overwritten without --yes. For an Asterisk with a configuration of its own, --includes writes only
accueil_*.conf and prints the #include lines to add. Made for Asterisk 22.10.1 and later; an older
one needs --no-broadcast, and then notices a controller that hangs minutes later instead of at once.`,
		Example: "  accueil asterisk-config --site /etc/accueil/site.yaml /etc/asterisk\n  accueil asterisk-config --includes /etc/asterisk",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			o.Dir, o.Progress = a[0], newProgress(cmd.ErrOrStderr()).show
			return app.AsteriskConfig(cmd.Context(), path, o, cmd.OutOrStdout())
		},
	}
	siteFlag(cmd, &path)
	cmd.Flags().BoolVar(&o.IncludesOnly, "includes", false, "write accueil_*.conf only and print the #include lines")
	cmd.Flags().BoolVar(&o.NoBroadcast, "no-broadcast", false, "for an Asterisk without StasisBroadcast (before 22.10)")
	cmd.Flags().BoolVar(&o.Overwrite, "yes", false, "overwrite files that have changed")
	return cmd
}

func doctorCommand() *cobra.Command {
	var path string
	var asJSON, noCall bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at everything a node needs, one line each, with its remedy",
		Long: `Checks Asterisk (release, modules, sounds, phones, trunks), Redis (release, persistence, eviction),
clock, disk, certificate and the site file, and places a test call through the dialplan.
Exit code 4 when something that calls depend on is down, 3 when the site file cannot be used.`,
		Example: "  accueil doctor --site /etc/accueil/site.yaml\n  accueil doctor --json --no-call",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			checks := app.Doctor(cmd.Context(), path, !noCall)
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				if err := enc.Encode(checks); err != nil {
					return err
				}
			} else {
				for _, c := range checks {
					fmt.Fprintln(cmd.OutOrStdout(), c)
				}
			}
			for _, c := range checks {
				switch {
				case c.Status != app.CheckFailed:
				case c.Name == app.CheckSiteFile:
					return app.ExitError{Code: exitConfig}
				default:
					return app.ExitError{Code: exitDependency}
				}
			}
			return nil
		},
	}
	siteFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the checks as JSON")
	cmd.Flags().BoolVar(&noCall, "no-call", false, "do not place the test call")
	return cmd
}

func exportCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "export", Short: "Write lists for people and programs"}
	var path string
	var asJSON bool
	prompts := &cobra.Command{
		Use:   "prompts",
		Short: "List every text that is spoken, to be recorded",
		Long: `Lists every text that callers and agents hear: id, language, seconds, text. A recording put as
<lang>/<id>.wav into the folder named by prompts.dir replaces the synthesised voice.`,
		Example: "  accueil export prompts --site deploy/demo/site.yaml > to-record.csv",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return app.ExportPrompts(cmd.Context(), path, asJSON, cmd.OutOrStdout(), newProgress(cmd.ErrOrStderr()).show)
		},
	}
	siteFlag(prompts, &path)
	prompts.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of CSV")
	cmd.AddCommand(prompts, exportFAQCommand(), exportLogCommand(), exportSchemaCommand())
	return cmd
}

func demoCommand() *cobra.Command {
	o := demo.Options{Version: version}
	var noPeople bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show a whole hospital: Asterisk, Redis, patients and agents",
		Long: `Starts an Asterisk and a Redis of its own, the contact centre on the demonstration site, and
simulated patients and agents who place real calls. Ctrl-C stops everything. For a look and for
development only.`,
		Example: "  accueil demo\n  accueil demo --site deploy/demo/site.yaml --no-people\n  accueil demo --listen 192.168.1.10",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.People, o.Out, o.Progress = !noPeople, cmd.OutOrStdout(), newProgress(cmd.ErrOrStderr()).show
			file, err := demo.OpenLog(o.Dir)
			if err != nil {
				return err
			}
			defer file.Close()
			o.Log = newLogger(file, zapcore.InfoLevel)
			return demo.Run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.SitePath, "site", filepath.Join("deploy", "demo", "site.yaml"), "the site file")
	cmd.Flags().BoolVar(&noPeople, "no-people", false, "no simulated patients, agents and services")
	cmd.Flags().StringVar(&o.Listen, "listen", "", "IP address for phones and browsers of other machines")
	cmd.Flags().StringVar(&o.Dir, "dir", filepath.Join(".local", "demo"), "where the demonstration keeps its files")
	cmd.Flags().Float64Var(&o.CallsPerDay, "calls", 6000, "calls in a day; they begin as at eight on a Monday")
	cmd.Flags().Float64Var(&o.Pace, "pace", 0.3, "length of conversations, 1 for real ones")
	return cmd
}

func versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "version", Short: "Print the version", Example: "  accueil version\n  accueil version --json", Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]string{
					"version": version, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
				})
			}
			fmt.Fprintf(cmd.OutOrStdout(), "accueil %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
