package main

import (
	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"accueil/app"
)

func verifyCommand() *cobra.Command {
	var path string
	var o app.VerifyOptions
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove that nobody has changed the audit of who heard what callers said",
		Long: `Recomputes the audit in the database: each entry carries the hash of the one before. Prints how far it
goes and the number and hash of the last entry. Keep that line elsewhere, or take it from the program's
log (audit, of "a recording was opened"), and give it as --mark at the next look: then also who wrote
all of it anew, or cut its end off, is found out. Exit code 1 names the first entry that was changed,
removed or put in, 4 says that the database cannot be read. It changes nothing and needs no key.`,
		Example: "  accueil verify --site /etc/accueil/site.yaml\n  accueil verify --list --site /etc/accueil/site.yaml\n  accueil verify --mark 41:9c78b0…24f087da --site /etc/accueil/site.yaml",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Log = newLogger(cmd.ErrOrStderr(), zapcore.WarnLevel)
			return app.Verify(cmd.Context(), path, o, cmd.OutOrStdout())
		},
	}
	siteFlag(cmd, &path)
	cmd.Flags().StringArrayVar(&o.Marks, "mark", nil, "an entry that must be there, number:hash; may be repeated")
	cmd.Flags().BoolVar(&o.List, "list", false, "print every entry")
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print JSON, one value a line")
	return cmd
}
