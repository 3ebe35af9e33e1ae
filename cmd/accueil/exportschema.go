package main

import (
	"github.com/spf13/cobra"

	"accueil/app"
)

func exportSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema DIR",
		Short: "Write the JSON Schemas of site files, articles and tests, for editors",
		Long: `Writes the JSON Schemas of this version into DIR: site.schema.json, article.schema.json and
tests.schema.json. An editor that knows YAML completes and checks a file whose first line names its schema:

  # yaml-language-server: $schema=schema/site.schema.json

accueil init does both; run this again after an upgrade.`,
		Example: "  accueil export schema /etc/accueil/schema",
		Args:    args(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, a []string) error { return app.ExportSchemas(a[0], cmd.OutOrStdout()) },
	}
}
