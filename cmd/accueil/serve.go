package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"accueil/app"
)

const defaultSite = "/etc/accueil/site.yaml"

func siteFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "site", defaultSite, "the site file")
}

func serveCommand() *cobra.Command {
	var path string
	var debug bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the contact centre",
		Long: `Runs one node of the contact centre until SIGTERM, which ends it at once: calls live on in
Asterisk for the next process. SIGHUP reads the site file again; a file with an error leaves the
running version in force. A site that fails 'accueil check' is refused (exit code 3).`,
		Example: "  accueil serve --site /etc/accueil/site.yaml",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			level := zapcore.InfoLevel
			if debug {
				level = zapcore.DebugLevel
			}
			log := newLogger(cmd.ErrOrStderr(), level)
			defer func() { _ = log.Sync() }()
			hup := make(chan os.Signal, 1)
			signal.Notify(hup, syscall.SIGHUP)
			defer signal.Stop(hup)
			reload := make(chan struct{}, 1)
			go func() {
				for range hup {
					select {
					case reload <- struct{}{}:
					default:
					}
				}
			}()
			defer close(hup)
			return app.Serve(cmd.Context(), app.ServeOptions{Path: path, Version: version, Log: log, Reload: reload, Progress: newProgress(cmd.ErrOrStderr()).show})
		},
	}
	siteFlag(cmd, &path)
	cmd.Flags().BoolVar(&debug, "debug", false, "log more")
	return cmd
}
