package main

import (
	"github.com/spf13/cobra"

	"accueil/app"
)

func exportFAQCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "faq DIR",
		Short: "Write what the hospital answers for everybody: pages, JSON, letters",
		Long: `Writes the articles that anybody may be told, with the facts of today, into DIR: a page of questions
and answers in each language (faq.fr.html), the same as JSON (faq.json), the address and numbers as a
small page to embed (contact.fr.html), and letters to print (letters/). The pages load nothing and
run no script. DIR is made, or must be one that this command has written: it replaces its files.`,
		Example: "  accueil export faq --site /etc/accueil/site.yaml /var/www/accueil",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			return app.ExportFAQ(path, a[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	siteFlag(cmd, &path)
	return cmd
}
