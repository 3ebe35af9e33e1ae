package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"accueil/app"
)

// nodeFlags let a command ask a node elsewhere; without them it asks that of this machine, which needs
// no token of who may open its control socket (root and the node's own user).
func nodeFlags(f *pflag.FlagSet, o *app.NodeOptions, token string) {
	f.StringVar(&o.URL, "url", "http://127.0.0.1:8080", "with --token-file: where the node serves HTTP")
	f.StringVar(&o.TokenFile, "token-file", "", "file with "+token+"; without it the node of this machine is asked")
}

// lacksToken refuses an address without a token: the node of this machine would be asked instead.
func lacksToken(cmd *cobra.Command, o app.NodeOptions) error {
	if cmd.Flags().Changed("url") && o.TokenFile == "" {
		return usageError{errors.New("--url needs --token-file")}
	}
	return nil
}

func reloadCommand() *cobra.Command {
	var o app.ReloadOptions
	cmd := &cobra.Command{
		Use:   "reload",
		Short: "Put the changed files of a site live, without dropping a call",
		Long: `Asks the running node to read its site file, scenarios, articles and recordings again, and tells what
it answers. The node checks all of it and speaks what is new before anything changes. With a mistake
nothing changes (exit code 3); calls in progress keep the menu they began with.

Run it as root or as the node's own user; with --token-file it asks a node elsewhere.`,
		Example: `  sudo -u accueil accueil reload --site /etc/accueil/site.yaml
  accueil reload --url https://accueil.example --token-file admin.token --lang en`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := lacksToken(cmd, o.Node)
			if err != nil {
				return err
			}
			if o.Node.Lang, err = readersLanguage(o.Node.Lang, os.Getenv); err != nil {
				return usageError{err}
			}
			return app.AskReload(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	siteFlag(cmd, &o.Node.Site)
	nodeFlags(cmd.Flags(), &o.Node, "an administrator's token")
	cmd.Flags().StringVar(&o.Node.Lang, "lang", "", "fr or en (from LANG)")
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print the answer as JSON")
	return cmd
}

func drainCommand() *cobra.Command {
	var o app.NodeOptions
	cmd := &cobra.Command{
		Use:   "drain",
		Short: "Let a running node take no new calls, and wait for those in progress",
		Long: `Asks the running node to take no new calls (they reach the dialplan's safety net, or another
node) and waits until the present ones have ended. The node goes on running; stop it then.

Run it as root or as the node's own user; with --token-file it asks a node elsewhere.`,
		Example: `  sudo -u accueil accueil drain --site /etc/accueil/site.yaml
  accueil drain --url https://accueil.example --token-file admin.token`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := lacksToken(cmd, o); err != nil {
				return err
			}
			return app.AskDrain(cmd.Context(), o, cmd.ErrOrStderr())
		},
	}
	siteFlag(cmd, &o.Site)
	nodeFlags(cmd.Flags(), &o, "an administrator's token")
	return cmd
}
