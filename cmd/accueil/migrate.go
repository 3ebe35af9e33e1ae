package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"accueil/app"
)

func migrateCommand() *cobra.Command {
	var path string
	var o app.MigrateOptions
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database of a site up to date, as a start does",
		Long: `Brings the database that history.url names to this version's schema, in one go from any older one,
and prints each step taken. serve does the same at its start; this is for who wants to see it first
(--dry-run changes nothing) or do it beforehand. A backup is to be made before an upgrade: a database
that a later version has changed is refused by this one, with exit code 5. Exit code 4 when it cannot
be reached.

With --reseal it encrypts anew, with the first key of each key file, what older keys have encrypted:
names, numbers and texts in the database, and recordings. It may run beside serve, be interrupted and
be run again. serve must have been started with the new key before (exit code 5 otherwise): it could
not open the rest. docs/operation.md says how a key is changed.`,
		Example: "  accueil migrate --dry-run --site /etc/accueil/site.yaml\n  accueil migrate --site /etc/accueil/site.yaml\n  accueil migrate --reseal --site /etc/accueil/site.yaml",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Log = newLogger(cmd.ErrOrStderr(), zapcore.WarnLevel)
			if o.Reseal {
				o.Progress = newProgress(cmd.ErrOrStderr()).show
			}
			if err := app.Migrate(cmd.Context(), path, o, cmd.OutOrStdout()); err != nil {
				return err
			}
			said := "The database is up to date."
			switch {
			case o.DryRun:
				said = "Nothing was changed."
			case o.Reseal:
				said = "Old keys are needed no more."
			}
			fmt.Fprintln(cmd.ErrOrStderr(), said)
			return nil
		},
	}
	siteFlag(cmd, &path)
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "list the steps and take none")
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print the steps as JSON")
	cmd.Flags().BoolVar(&o.Reseal, "reseal", false, "encrypt anew what older keys have encrypted")
	cmd.Flags().BoolVar(&o.Yes, "yes", false, "also when serve was not started with the new key yet")
	return cmd
}
