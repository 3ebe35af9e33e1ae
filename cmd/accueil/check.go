package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"accueil/app"
)

func checkCommand() *cobra.Command {
	var asJSON, tests, facts bool
	cmd := &cobra.Command{
		Use:   "check SITE",
		Short: "Check a site file and everything it names",
		Long: `Checks the site file, its scenarios, secrets, directory and recordings, and prints every finding
with file, line, column, excerpt and suggestion, in French or English as --lang or LANG says. Exit
code 3 when one of them forbids its use.

With --tests it also plays the calls of tests/*.yaml beside the site file, and tells of each that goes
another way than expected; exit code 1 when one does.

With --facts it lists instead every place where an answer, a menu or an announcement says a fact of the site file (address,
numbers, hours), with the words that it says there today: what a change will change.`,
		Example: "  accueil check /etc/accueil/site.yaml\n  accueil check --tests deploy/demo/site.yaml\n  accueil check --lang fr deploy/demo/site.yaml\n  accueil check --json deploy/demo/site.yaml\n  accueil check --facts deploy/demo/site.yaml",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			if facts {
				return app.ListFacts(a[0], asJSON, cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			lang, err := findingsLanguage(cmd, os.Getenv)
			if err != nil {
				return err
			}
			in := app.Language(lang)
			findings, ok := app.Check(a[0])
			failed, ran := false, -1
			if ok && tests {
				more, n, err := app.CheckTests(a[0])
				if err != nil {
					return err
				}
				findings, failed, ran = append(findings, more...), more.Failed(), n
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				enc.SetEscapeHTML(false)
				if err := enc.Encode(findings.Told(in)); err != nil {
					return err
				}
			} else {
				for _, line := range findings.Lines(in) {
					fmt.Fprintln(cmd.OutOrStdout(), line)
				}
				fmt.Fprintln(cmd.ErrOrStderr(), app.CheckWords(a[0], findings, ran).In(in)+".")
			}
			switch {
			case !ok:
				return app.ExitError{Code: exitConfig}
			case failed:
				return app.ExitError{Code: app.ExitFailure}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	cmd.Flags().BoolVar(&tests, "tests", false, "play the calls of tests/*.yaml too")
	cmd.Flags().BoolVar(&facts, "facts", false, "list where each fact of the site file is said")
	return cmd
}
