package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"

	"accueil/app"
)

func initCommand() *cobra.Command {
	var o app.InitOptions
	cmd := &cobra.Command{
		Use:   "init DIR",
		Short: "Make a site for a hospital: ten questions, or a table of services",
		Long: `Asks ten questions and writes a site into DIR: site file, menu, waiting scenario, secrets, tests of the
menu, and a page that says what comes next. The site is checked, and its tests are played, before
anything is put into place: it passes check, or nothing is written.

With --from the services, numbers and hours come from a CSV table, with --answers everything comes from
a YAML file (docs/init.md); what they leave out is the usual answer, and nothing is asked.

Passwords, PINs and tokens are random. They are printed once, to be handed over. A folder that is not
empty is refused (exit code 5); with --yes the files that are replaced are kept in a folder beside.
Speaks French or English, as --lang or LANG says.`,
		Example: `  accueil init mon-hopital
  accueil init mon-hopital --from services.csv
  accueil init my-hospital --answers answers.yaml --lang en --json`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			var err error
			if o.Lang, err = readersLanguage(o.Lang, os.Getenv); err != nil {
				return usageError{err}
			}
			o.Dir, o.Now = a[0], time.Now()
			return app.Init(cmd.Context(), o, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Answers, "answers", "", "read the answers from this YAML file")
	f.StringVar(&o.Table, "from", "", "read services, numbers and hours from this CSV file")
	f.StringVar(&o.Lang, "lang", "", "fr or en: to ask in, and of the comments in the files (from LANG)")
	f.BoolVar(&o.Overwrite, "yes", false, "write into a folder that is not empty; what is replaced is kept")
	f.BoolVar(&o.Overwrite, "force", false, "the same as --yes")
	f.BoolVar(&o.JSON, "json", false, "print what was written as JSON")
	return cmd
}
