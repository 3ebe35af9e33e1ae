package main

import (
	"github.com/spf13/cobra"

	"accueil/app"
)

func exportLogCommand() *cobra.Command {
	o := app.ExportLogOptions{Program: version}
	cmd := &cobra.Command{
		Use:   "log",
		Short: "Write the log of the last two days, so that it can be replayed",
		Long: `Writes the log as JSON lines: the versions of the routing rules, an image of everything as it was
before, then every entry in order. The file needs nothing else to be replayed or explained. It holds
ids, codes and times, as the log does: nothing in it tells who called. It begins at the last image
before --from; a node keeps one every hour.`,
		Example: `  accueil export log --site /etc/accueil/site.yaml > day.jsonl
  accueil export log --from 2026-12-24 --to 2026-12-25 > day.jsonl`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return app.ExportLog(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	siteFlag(cmd, &o.Site)
	cmd.Flags().StringVar(&o.From, "from", "", `date or time of the site ("2026-12-24 08:00"); as early as possible when absent`)
	cmd.Flags().StringVar(&o.To, "to", "", "the same, not included; now when absent")
	return cmd
}

func replayCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "Make every decision of an exported log again, and compare",
		Long: `Runs an exported log through the routing engine: each decision is made again from what was known
then, under the rules of then, and compared in all it says. Prints how many were made again and how
many are equal, and the first one that is not, with what the log and the engine say. Exit code 0 when
all are equal, 1 when one is not, 3 when the file cannot be used.`,
		Example: "  accueil export log --site /etc/accueil/site.yaml > day.jsonl\n  accueil replay day.jsonl\n  accueil replay --json day.jsonl",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			return app.Replay(cmd.Context(), a[0], asJSON, cmd.OutOrStdout(), newProgress(cmd.ErrOrStderr()).show)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}
