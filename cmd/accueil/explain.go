package main

import (
	"cmp"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"accueil/app"
)

func explainCommand() *cobra.Command {
	var o app.ExplainOptions
	cmd := &cobra.Command{
		Use:   "explain [CONTACT]",
		Short: "Say why a call went where it went, or what would happen to one",
		Long: `With a contact's id: tells, for each time it was offered, why this contact, why this agent, who was
passed over and why, and for one that still waits what it waits for. Asks the running node (--url and
--token-file), or reads an exported log (--log) or the log in Redis (--site).

With --reason: tells from the site file what would happen to a call with that reason: hours, queue,
steps and when each opens, who could take it and in which order, limits and fallback. --ready names who
is there; without it everyone is.

Speaks French or English, as --words or LANG says; for a contact --lang does the same. The log is kept
for 48 hours.`,
		Example: `  accueil explain 01a20424-b7cf-7350-a64e-ff904abacef1
  accueil explain 01a20424-b7cf-7350-a64e-ff904abacef1 --url https://accueil.example --token-file supervisor.token
  accueil explain 01a20424-b7cf-7350-a64e-ff904abacef1 --log day.jsonl --lang en
  accueil explain 01a20424-b7cf-7350-a64e-ff904abacef1 --site /etc/accueil/site.yaml
  accueil explain --site site.yaml --reason rdv.imagerie --lang en --at '2026-12-24 10:00' --ready a01,a02`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			if len(a) == 1 {
				o.Contact = a[0]
			}
			given := cmd.Flags().Changed
			switch {
			case (len(a) == 1) == (o.Reason != ""):
				return usageError{errors.New("name a contact, or a reason with --reason")}
			case o.Log != "" && (o.Site != "" || o.Reason != ""):
				return usageError{errors.New("--log explains a contact, without --site and --reason")}
			case o.Reason == "" && (given("at") || given("ready")):
				return usageError{errors.New("--at and --ready belong to --reason")}
			}
			if err := lacksToken(cmd, o.Node); err != nil {
				return err
			}
			if o.Reason != "" {
				o.Site = cmp.Or(o.Site, defaultSite)
			} else {
				o.Words = cmp.Or(o.Words, o.Lang)
			}
			var err error
			if o.Words, err = readersLanguage(o.Words, os.Getenv); err != nil {
				return usageError{err}
			}
			o.Node.Site, o.Node.Lang = defaultSite, o.Words
			return app.Explain(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Log, "log", "", "read this exported log (accueil export log)")
	f.StringVar(&o.Site, "site", "", "read the log in the Redis of this site file; with --reason the site to ask about")
	nodeFlags(f, &o.Node, "a supervisor's, administrator's or auditor's token")
	f.StringVar(&o.Reason, "reason", "", "what would happen to a call with this reason")
	f.StringVar(&o.Lang, "lang", "", "the caller's language with --reason (the site's first); else fr or en to read")
	f.StringVar(&o.At, "at", "", `when the call comes, in the site's time: "2026-12-24 10:00" (now)`)
	f.StringSliceVar(&o.Ready, "ready", nil, "agents who are there and free (everyone)")
	f.StringVar(&o.Words, "words", "", "fr or en: the language to explain in (from LANG)")
	f.BoolVar(&o.JSON, "json", false, "print JSON")
	return cmd
}
