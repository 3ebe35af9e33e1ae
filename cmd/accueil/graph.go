package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"accueil/app"
)

func graphCommand() *cobra.Command {
	var o app.GraphOptions
	var file string
	cmd := &cobra.Command{
		Use:   "graph SITE [ENTRY|SCENARIO]",
		Short: "Draw a menu",
		Long: `Draws the scenario of an entry, or one by its name, as a picture (SVG, opens in any browser) or as a
Mermaid flowchart for a document. Labels and texts are in French or English, as --lang or LANG says.`,
		Example: `  accueil graph deploy/demo/site.yaml 3000 -o menu.svg
  accueil graph site.yaml principal --format mermaid --lang en`,
		Args: args(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, a []string) error {
			o.Site = a[0]
			if len(a) == 2 {
				o.Of = a[1]
			}
			if o.Format != app.GraphSVG && o.Format != app.GraphMermaid {
				return usageError{fmt.Errorf("a drawing is svg or mermaid, not %q", o.Format)}
			}
			var err error
			if o.Lang, err = readersLanguage(o.Lang, os.Getenv); err != nil {
				return usageError{err}
			}
			if file == "" {
				return app.Graph(o, cmd.OutOrStdout())
			}
			var drawing bytes.Buffer // whole before an earlier file goes
			if err := app.Graph(o, &drawing); err != nil {
				return err
			}
			return os.WriteFile(file, drawing.Bytes(), 0o644)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Format, "format", app.GraphSVG, "svg or mermaid")
	f.StringVar(&o.Lang, "lang", "", "fr or en (from LANG)")
	f.StringVarP(&file, "output", "o", "", "write to this file")
	return cmd
}
