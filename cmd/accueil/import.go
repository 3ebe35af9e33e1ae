package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"accueil/app"
)

func importCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "import", Short: "Take over files of other systems"}
	cmd.AddCommand(
		importFile("directory FILE", "Replace the directory of services, people and rooms",
			`Reads a CSV file (docs/knowledge.md) and replaces the site's directory by it, all of it or, when a
line has a mistake, nothing. Prints what changes, a line for each entry. With --dry-run nothing is
written. When more than half of the entries would go, --yes is needed. The file before is kept.`,
			"  accueil import directory annuaire.csv --dry-run --site /etc/accueil/site.yaml\n  accueil import directory annuaire.csv --site /etc/accueil/site.yaml", app.ImportDirectory),
		importFile("on-call FILE", "Replace the rota of who is on call",
			`Reads a rota, CSV or iCalendar (docs/knowledge.md), and replaces the site's by it, all of it or,
when an event has a mistake, nothing. Prints what changes. With --dry-run nothing is written.`,
			"  accueil import on-call gardes.ics --dry-run --site /etc/accueil/site.yaml", app.ImportOnCall))
	return cmd
}

func importFile(use, short, long, example string, run func(app.ImportOptions, io.Writer, io.Writer) error) *cobra.Command {
	var o app.ImportOptions
	cmd := &cobra.Command{Use: use, Short: short, Long: long, Example: example, Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			o.File = a[0]
			var err error
			if o.Lang, err = findingsLanguage(cmd, os.Getenv); err != nil {
				return err
			}
			return run(o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		}}
	siteFlag(cmd, &o.Site)
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "show what would change and write nothing")
	cmd.Flags().BoolVar(&o.Yes, "yes", false, "replace the file even when more than half of it goes")
	return cmd
}
