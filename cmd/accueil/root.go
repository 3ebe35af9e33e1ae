package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"accueil/app"
)

// Exit codes (CONTRACT, Commands).
const (
	exitOK         = 0
	exitFailure    = 1
	exitUsage      = 2
	exitConfig     = 3
	exitDependency = 4
	exitRefused    = 5
)

// usageError is a mistake in the words of the command.
type usageError struct{ error }

// run carries out one command line and returns its exit code: data on out, talk on talk.
func run(ctx context.Context, args []string, in io.Reader, out, talk io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(talk)
	root.InitDefaultCompletionCmd() // after SetOut: it keeps where to write
	for _, c := range root.Commands() {
		if c.HasSubCommands() {
			c.Args, c.RunE = cobra.ArbitraryArgs, needsSubcommand
		}
	}
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	var coded app.ExitError
	if !errors.As(err, &coded) || coded.Err != nil {
		lang, _ := findingsLanguage(cmd, os.Getenv) // English when it is the language that is wrong
		fmt.Fprintln(talk, "accueil:", app.Tell(err, lang))
	}
	var usage usageError
	if errors.As(err, &usage) || !cmd.HasParent() && !coded.HasCode() {
		fmt.Fprintf(talk, "Run '%s --help' for usage.\n", cmd.CommandPath())
		return exitUsage
	}
	return app.ExitCode(err)
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "accueil",
		Short: "The contact centre of a hospital",
		Long: `Accueil is the contact centre of a hospital: voice menus, queues, agents and figures,
one binary beside an Asterisk and a Redis.

Start with a look:            accueil demo
Make a site of your own:      accueil init my-hospital
Check a site file:            accueil check /etc/accueil/site.yaml
Write Asterisk's side of it:  accueil asterisk-config --site /etc/accueil/site.yaml /etc/asterisk
Run it:                       accueil serve --site /etc/accueil/site.yaml
Put a changed menu live:      accueil reload --site /etc/accueil/site.yaml`,
		Version:       version,
		SilenceErrors: true, SilenceUsage: true,
	}
	root.PersistentFlags().String("lang", "", "fr or en: in which what is wrong is told (from LANG)")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(initCommand(), serveCommand(), checkCommand(), tryCommand(), graphCommand(), asteriskConfigCommand(), doctorCommand(), reloadCommand(), drainCommand(), exportCommand(), importCommand(), explainCommand(), replayCommand(), migrateCommand(), verifyCommand(), demoCommand(), versionCommand(), staffCommand(), simulateCommand())
	return root
}

// needsSubcommand answers a group of commands that was given alone, or with a word that is none of
// them: the framework alone would show help and call that a success.
func needsSubcommand(cmd *cobra.Command, a []string) error {
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	if len(a) == 0 {
		return usageError{fmt.Errorf("%s needs one of: %s", cmd.CommandPath(), strings.Join(names, ", "))}
	}
	return usageError{fmt.Errorf("unknown command %q for %q, possible: %s", a[0], cmd.CommandPath(), strings.Join(names, ", "))}
}

// args makes a wrong number of arguments a usage error.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, a []string) error {
		if err := check(cmd, a); err != nil {
			return usageError{err}
		}
		return nil
	}
}
